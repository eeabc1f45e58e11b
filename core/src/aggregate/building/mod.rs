//! The building register: which buildings there are, what is in them, in which order somebody walks.
//!
//! A building is named by its label, fixed when it is listed; orders and alerts carry that label. This folder knows
//! what coordinators wrote of one building. Whether two were listed under one label is a query's to see.

mod command;
mod content;
mod decide;
mod door;
mod fact;
pub mod kind;
mod refusal;
mod rows;
mod state;
#[cfg(test)]
mod tests;

use super::{
    Aggregate, Birth, DecisionContext, Draft, Found, History, KindSpec, Malformed, Row, Says, Schema, Subject, Table,
    Terms,
};
use crate::event::Topic;

pub use command::{BuildingChange, BuildingCommand};
pub use content::field;
pub(crate) use door::{Door, NoDoor, with_edits};
pub use fact::BuildingFact;
pub use refusal::BuildingRefusal;
pub use rows::{BUILDING, BuildingView, OutsideRoom, Unit};
pub use state::BuildingState;

/// The building aggregate.
pub struct Building;

impl Aggregate for Building {
    const NAME: &'static str = "building";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[BUILDING];
    const SAYS: &'static [Terms] = BuildingFact::SAYS;

    type Fact = BuildingFact;
    type State = BuildingState;
    type Command = BuildingCommand;
    type Refusal = BuildingRefusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<BuildingFact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn building(fact: &BuildingFact) -> Option<String> {
        if let BuildingFact::Listed { label } = fact { Some(label.clone()) } else { None }
    }

    fn apply(state: &mut BuildingState, fact: &BuildingFact, _at: usize, _history: &History, _birth: &Birth) {
        state.apply(fact);
    }

    fn rows(subject: &Subject<'_, BuildingState>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn search(subject: &Subject<'_, BuildingState>) -> Option<String> {
        rows::search(subject)
    }

    fn line(card: &Found) -> Vec<String> {
        BUILDING.texts(card, &["label", "name"])
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(
        subject: Option<&Subject<'_, BuildingState>>,
        command: BuildingCommand,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, BuildingRefusal> {
        decide::decide(subject, command, context)
    }
}
