//! An aggregate of whatever type behind one shape, so that registry and fold can hold any.

use std::any::Any;

use super::{
    Birth, CodeLine, Content, Found, History, Malformed, Review, RoomFields, RoomName, Row, Schema, Table, Terms,
};
use crate::{event::Topic, id::Reference};

/// Why an aggregate cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The name is taken.
    #[error("an aggregate named {0} is registered already")]
    Name(&'static str),
    /// The kind number is taken.
    #[error("kind {0:#06x} is registered already")]
    Kind(u16),
    /// The kind number is kept for the roster.
    #[error("kind {0:#06x} belongs to the roster")]
    Reserved(u16),
    /// The table's name is taken.
    #[error("a table named {0} is registered already")]
    Table(&'static str),
}

/// What is fixed by reading a fact, whatever its type.
pub(super) struct ReadFact {
    pub(super) target: Option<Reference>,
    pub(super) building: Option<String>,
}

/// An aggregate type behind one shape, so that the fold can hold any.
pub(super) trait AnyAggregate: Send + Sync {
    fn name(&self) -> &'static str;
    fn topic(&self) -> Topic;
    fn schema(&self) -> &'static Schema;
    fn tables(&self) -> &'static [Table];
    fn codes(&self) -> Vec<CodeLine>;
    /// What is said with the codes of its events.
    fn says(&self) -> &'static [Terms] {
        &[]
    }
    fn line(&self, card: &Found) -> Vec<String>;
    fn rooms(&self) -> Option<Table>;
    fn room_fields(&self) -> Option<RoomFields>;
    /// The default where rows do not say it and the document does.
    fn room(&self, row: &Found) -> RoomName;
    fn erasable(&self, card: Option<&Found>) -> bool;
    fn counted_as(&self, card: &Found) -> Vec<String>;
    fn read(&self, kind: u16, version: u16, payload: &[u8]) -> Result<ReadFact, Malformed>;
    /// What history shows of a fact; null if it cannot be read.
    fn params(&self, kind: u16, version: u16, payload: &[u8]) -> serde_json::Value;
    fn fresh(&self) -> Box<dyn AnyState>;
    /// What tells apart two that have the same kinds and fields, and read differently.
    fn mark(&self) -> Option<[u8; 32]> {
        None
    }
    /// Whether a payload is that of an event by which another declaration of it creates.
    fn is_declared_otherwise(&self, _payload: &[u8]) -> bool {
        false
    }
    /// Its shape, if it was declared.
    fn shape(&self) -> Option<&'static dyn Any> {
        None
    }
}

/// A state behind one shape.
pub(super) trait AnyState: Send + Sync {
    fn apply(&mut self, fact: (u16, u16, &[u8]), at: usize, history: &History, birth: &Birth);
    fn settle(&mut self, history: &History);
    fn rows(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Row>;
    fn review(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Review>;
    fn search(&self, birth: &Birth, content: &Content, history: &History) -> Option<String>;
    fn state(&self) -> &dyn Any;
    /// Whether nobody is asked to choose among values of a field, of the document or of the items of a list.
    fn settles(&self, _list: Option<u16>, _field: u16) -> bool {
        false
    }
}
