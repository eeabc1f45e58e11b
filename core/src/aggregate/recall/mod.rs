//! Recalls: a product, or batches of it, that must not be handed out.
//!
//! A recall knows the product and batches it names and whether it stands; reason and issuer are edited together.
//! It knows no box: what it touches is a query ([`touched`](super::medicine_box::touched)). Where people disagree the careful
//! answer holds: concurrent scopes add up, and a withdrawal ends only what its author knew of.

mod command;
mod content;
mod decide;
mod fact;
mod kind;
mod refusal;
mod rows;
mod state;
#[cfg(test)]
mod tests;

use super::{
    Aggregate, Birth, DecisionContext, Draft, Family, Found, History, KindSpec, Malformed, Review, Row, Says, Schema,
    Subject, Table, Terms,
};
use crate::event::Topic;

pub use command::Command;
pub use content::{ISSUER, REASON};
pub use fact::{BATCHES, Edited, Fact, Raised, Scope, Withdrawn, batch_key};
pub use kind::{EDITED, NUMBERS, RAISED, WITHDRAWN};
pub use refusal::Refusal;
pub use rows::RECALL;
pub use state::State;

/// A recall of a product or of batches of it.
#[derive(Clone, Copy, Debug)]
pub struct Recall;

impl Aggregate for Recall {
    const NAME: &'static str = "recall";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[RECALL];
    const SAYS: &'static [Terms] = Fact::SAYS;

    const REVIEWS: Family = Family::saying::<rows::Finding>("review");

    type Fact = Fact;
    type State = State;
    type Command = Command;
    type Refusal = Refusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn apply(state: &mut State, fact: &Fact, at: usize, history: &History, _: &Birth) {
        state.apply(fact, at, history);
    }

    fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn review(subject: &Subject<'_, State>) -> Vec<Review> {
        rows::review(subject)
    }

    fn search(subject: &Subject<'_, State>) -> Option<String> {
        rows::search(subject)
    }

    fn line(card: &Found) -> Vec<String> {
        RECALL.texts(card, &["batch", "reason", "issuer"])
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(
        subject: Option<&Subject<'_, State>>,
        command: Command,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, Refusal> {
        decide::decide(subject, command, context)
    }
}
