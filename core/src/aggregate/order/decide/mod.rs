//! Wishes become events, or are refused.
//!
//! The rights of the author are not checked here: the framework holds every draft against the role table.

mod acts;
mod edits;
mod facts;
mod post;

use crate::aggregate::{DecisionContext, Draft, Subject};

use super::{
    Order,
    outcome::{Outcome, outcome},
    refusal::Refusal,
    state::State,
    wish::Wish,
};

type Decision = Result<Vec<Draft>, Refusal>;

/// Everything a decision about an existing order looks at.
struct Case<'a> {
    subject: &'a Subject<'a, State>,
    outcome: Outcome,
    context: &'a DecisionContext<'a>,
}

pub(super) fn decide(subject: Option<&Subject<'_, State>>, wish: Wish, context: &DecisionContext<'_>) -> Decision {
    let subject = match (subject, wish) {
        (None, Wish::Post(order)) => return post::post(*order, context.world),
        (None, _) | (Some(_), Wish::Post(_)) => return Err(Refusal::Target),
        (Some(subject), wish) => (subject, wish),
    };
    let (subject, wish) = subject;
    let case = Case { subject, outcome: outcome(subject.state, subject.history), context };
    match wish {
        Wish::Post(_) => Err(Refusal::Target),
        Wish::Edit { changes } => case.edit(changes),
        Wish::Choose { field, item, value } => case.choose(&field, item, value),
        Wish::ChooseItem { item, keep } => case.choose_item(item, keep),
        Wish::Claim => case.claim(),
        Wish::Release { why } => case.release(why),
        Wish::TakeOver { anyway } => case.take_over(anyway),
        Wish::Assign { member } => case.assign(member),
        Wish::OfferHandOver { to } => case.offer(to),
        Wish::AcceptHandOver { offer } => case.accept(offer),
        Wish::Cancel { why } => case.cancel(why),
        Wish::Reopen { why } => case.reopen(why),
        Wish::StillNeeded => case.still_needed(),
        Wish::DuplicateOf { order } => case.duplicate_of(order),
        Wish::Comment { text } => case.comment(text),
        Wish::Move { building, unit, room } => case.move_to(building, unit, room),
        Wish::Resolve { to } => case.resolve(to),
        Wish::Correct { event, value, why } => case.correct(event, value, why),
        Wish::Confirm => case.confirm(),
        fact @ (Wish::Purchase { .. }
        | Wish::Entrust { .. }
        | Wish::PassOn { .. }
        | Wish::Return { .. }
        | Wish::Attempt { .. }
        | Wish::Deliver { .. }
        | Wish::Reimburse { .. }) => case.fact(fact),
    }
}

impl Case<'_> {
    fn one(&self, kind: u16, payload: &impl minicbor::Encode<()>) -> Decision {
        Ok(vec![Draft::on::<Order>(self.subject.birth.aggregate, kind, payload)])
    }

    /// Refuses when nothing is left to do.
    fn still_open(&self) -> Result<(), Refusal> {
        match (self.outcome.moved, self.outcome.status) {
            (_, status) if status.is_open() => Ok(()),
            (Some((_, to)), super::Status::Moved) => Err(Refusal::GoesOn { to }),
            (_, status) => Err(Refusal::Ended { status }),
        }
    }
}

/// A text within the limit.
fn within(field: &str, text: &str) -> Result<(), Refusal> {
    let (got, limit) = (text.len(), crate::limits::FIELD);
    if got > limit { Err(Refusal::TooLong { field: field.to_owned(), got, limit }) } else { Ok(()) }
}

/// A text that is there and within the limit.
fn needed(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::Missing { field }) } else { within(field, text) }
}

/// An optional text within the limit; an empty one is none.
fn optional(field: &str, text: Option<String>) -> Result<Option<String>, Refusal> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.as_deref().map_or(Ok(()), |text| within(field, text))?;
    Ok(text)
}

/// A number from 1 to a limit.
fn positive(field: &'static str, got: i64, limit: i64) -> Result<(), Refusal> {
    if (1..=limit).contains(&got) { Ok(()) } else { Err(Refusal::OutOfBounds { field, got, limit }) }
}
