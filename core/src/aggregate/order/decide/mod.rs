//! Commands become events, or are refused.
//!
//! The rights of the author are not checked here: the framework holds every draft against the role table.

mod acts;
mod edits;
mod facts;
mod post;

use crate::{
    aggregate::{DecisionContext, Draft, Subject},
    qty::Qty,
};

use super::{
    Order,
    command::Command,
    fact::MAX_QTY,
    outcome::{Outcome, outcome},
    refusal::Refusal,
    state::State,
};

type Decision = Result<Vec<Draft>, Refusal>;

/// Everything a decision about an existing order looks at.
struct Case<'a> {
    subject: &'a Subject<'a, State>,
    outcome: Outcome,
    context: &'a DecisionContext<'a>,
}

pub(super) fn decide(
    subject: Option<&Subject<'_, State>>,
    command: Command,
    context: &DecisionContext<'_>,
) -> Decision {
    let subject = match (subject, command) {
        (None, Command::Post(order)) => return post::post(*order, context.world),
        (None, _) | (Some(_), Command::Post(_)) => return Err(Refusal::Target),
        (Some(subject), command) => (subject, command),
    };
    let (subject, command) = subject;
    let case = Case { subject, outcome: outcome(subject.state, subject.history), context };
    match command {
        Command::Post(_) => Err(Refusal::Target),
        Command::Edit { changes } => case.edit(changes),
        Command::Choose { field, item, value } => case.choose(&field, item, value),
        Command::ChooseItem { item, keep } => case.choose_item(item, keep),
        Command::Claim => case.claim(),
        Command::Release { why } => case.release(why),
        Command::TakeOver { anyway } => case.take_over(anyway),
        Command::Assign { member } => case.assign(member),
        Command::OfferHandOver { to } => case.offer(to),
        Command::AcceptHandOver { offer } => case.accept(offer),
        Command::Cancel { why } => case.cancel(why),
        Command::Reopen { why } => case.reopen(why),
        Command::StillNeeded => case.still_needed(),
        Command::DuplicateOf { order } => case.duplicate_of(order),
        Command::Comment { text } => case.comment(text),
        Command::Move { building, unit, room } => case.move_to(building, unit, room),
        Command::Resolve { to } => case.resolve(to),
        Command::Correct { event, value, why } => case.correct(event, value, why),
        Command::Confirm => case.confirm(),
        fact @ (Command::Purchase { .. }
        | Command::Entrust { .. }
        | Command::PassOn { .. }
        | Command::Return { .. }
        | Command::Attempt { .. }
        | Command::Deliver { .. }
        | Command::Reimburse { .. }) => case.fact(fact),
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

/// More than nothing, within the limit.
fn some(got: Qty) -> Result<(), Refusal> {
    let limit = MAX_QTY;
    if (Qty::LEAST..=limit).contains(&got) { Ok(()) } else { Err(Refusal::Quantity { got, limit }) }
}

/// A number from 1 to a limit.
fn positive(field: &'static str, got: i64, limit: i64) -> Result<(), Refusal> {
    if (1..=limit).contains(&got) { Ok(()) } else { Err(Refusal::OutOfBounds { field, got, limit }) }
}
