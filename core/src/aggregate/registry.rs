//! The registry: which aggregates there are. The one place that names them all.

use std::{any::Any, collections::BTreeMap, marker::PhantomData};

use super::{
    Aggregate, Birth, Content, History, KindSpec, Malformed, Review, Row, Schema, Subject, Table, alert::Alert,
    building::Building, medicine_box::MedicineBox, order::Order, product::Product, recall::Recall, settings::Settings,
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
    pub(super) params: serde_json::Value,
}

/// An aggregate type behind one shape, so that the fold can hold any.
pub(super) trait AnyAggregate: Send + Sync {
    fn name(&self) -> &'static str;
    fn topic(&self) -> Topic;
    fn schema(&self) -> &'static Schema;
    fn tables(&self) -> &'static [Table];
    fn read(&self, kind: u16, version: u16, payload: &[u8]) -> Result<ReadFact, Malformed>;
    fn fresh(&self) -> Box<dyn AnyState>;
}

/// A state behind one shape.
pub(super) trait AnyState: Send + Sync {
    fn apply(&mut self, fact: (u16, u16, &[u8]), at: usize, history: &History, birth: &Birth);
    fn rows(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Row>;
    fn review(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Review>;
    fn search(&self, birth: &Birth, content: &Content, history: &History) -> Option<String>;
    fn state(&self) -> &dyn Any;
}

struct Typed<A>(PhantomData<fn() -> A>);

struct StateOf<A: Aggregate>(A::State);

impl<A: Aggregate> AnyAggregate for Typed<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn topic(&self) -> Topic {
        A::TOPIC
    }

    fn schema(&self) -> &'static Schema {
        &const { A::CONTENT }
    }

    fn tables(&self) -> &'static [Table] {
        A::TABLES
    }

    fn read(&self, kind: u16, version: u16, payload: &[u8]) -> Result<ReadFact, Malformed> {
        let fact = A::read(kind, version, payload)?;
        let params = serde_json::to_value(&fact).map_err(|_| Malformed("parameters"))?;
        Ok(ReadFact { target: A::target(&fact), building: A::building(&fact), params })
    }

    fn fresh(&self) -> Box<dyn AnyState> {
        Box::new(StateOf::<A>(A::State::default()))
    }
}

impl<A: Aggregate> StateOf<A> {
    fn subject<'a>(&'a self, birth: &'a Birth, content: &'a Content, history: &'a History) -> Subject<'a, A::State> {
        Subject { birth, state: &self.0, content, history }
    }
}

impl<A: Aggregate> AnyState for StateOf<A> {
    fn apply(&mut self, (kind, version, payload): (u16, u16, &[u8]), at: usize, history: &History, birth: &Birth) {
        // What does not read was held as malformed and never comes here.
        if let Ok(fact) = A::read(kind, version, payload) {
            A::apply(&mut self.0, &fact, at, history, birth);
        }
    }

    fn rows(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Row> {
        A::rows(&self.subject(birth, content, history))
    }

    fn review(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Review> {
        A::review(&self.subject(birth, content, history))
    }

    fn search(&self, birth: &Birth, content: &Content, history: &History) -> Option<String> {
        A::search(&self.subject(birth, content, history))
    }

    fn state(&self) -> &dyn Any {
        &self.0
    }
}

/// The aggregates that a replica knows. Events of others are kept and forwarded, and shown as *update needed*.
pub struct Registry {
    kinds: BTreeMap<u16, (KindSpec, usize)>,
    types: Vec<Box<dyn AnyAggregate>>,
}

impl Default for Registry {
    /// Linli's own aggregates.
    fn default() -> Self {
        let own = Self::empty()
            .with::<Order>()
            .and_then(Self::with::<Product>)
            .and_then(Self::with::<MedicineBox>)
            .and_then(Self::with::<Recall>)
            .and_then(Self::with::<Alert>)
            .and_then(Self::with::<Building>)
            .and_then(Self::with::<Settings>);
        // They do not clash: a test says so.
        own.unwrap_or_else(|_| Self::empty())
    }
}

impl Registry {
    /// No aggregates at all.
    pub fn empty() -> Self {
        Self { kinds: BTreeMap::new(), types: Vec::new() }
    }

    /// Adds one. An integrator's kinds are 0x8000 and above.
    ///
    /// # Errors
    /// When its name, a kind or a table is taken.
    pub fn with<A: Aggregate>(mut self) -> Result<Self, RegistryError> {
        if self.types.iter().any(|kept| kept.name() == A::NAME) {
            return Err(RegistryError::Name(A::NAME));
        }
        for table in A::TABLES {
            if table.name == REVIEW.name
                || self.types.iter().any(|kept| kept.tables().iter().any(|t| t.name == table.name))
            {
                return Err(RegistryError::Table(table.name));
            }
        }
        for spec in A::KINDS {
            if spec.kind < FIRST_KIND {
                return Err(RegistryError::Reserved(spec.kind));
            }
            if self.kinds.insert(spec.kind, (*spec, self.types.len())).is_some() {
                return Err(RegistryError::Kind(spec.kind));
            }
        }
        self.types.push(Box::new(Typed::<A>(PhantomData)));
        Ok(self)
    }

    /// Every kind of event with the aggregate it belongs to: the role × command table.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &KindSpec)> {
        self.kinds.values().map(|(spec, nth)| (self.types[*nth].name(), spec))
    }

    /// What is known of a kind.
    pub fn kind(&self, kind: u16) -> Option<&KindSpec> {
        self.kinds.get(&kind).map(|(spec, _)| spec)
    }

    /// The name of the aggregate that a kind belongs to.
    pub fn owner(&self, kind: u16) -> Option<&'static str> {
        self.kinds.get(&kind).map(|(_, nth)| self.types[*nth].name())
    }

    /// The topic of an aggregate.
    pub fn topic(&self, name: &str) -> Option<Topic> {
        self.named(name).map(AnyAggregate::topic)
    }

    /// Every read-model table, the review queue's among them.
    pub fn tables(&self) -> Vec<Table> {
        std::iter::once(REVIEW).chain(self.types.iter().flat_map(|kept| kept.tables()).copied()).collect()
    }

    pub(super) fn named(&self, name: &str) -> Option<&dyn AnyAggregate> {
        self.types.iter().find(|kept| kept.name() == name).map(AsRef::as_ref)
    }
}

/// Kinds below this are the roster's and the erasures'.
const FIRST_KIND: u16 = 0x0100;

/// What a person should look at, of all aggregates.
pub const REVIEW: Table =
    Table { name: "review", columns: &["code", "params", "building", "type"], indexes: &[&["building", "code"]] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_aggregates_do_not_clash() {
        assert_eq!(Registry::default().types.len(), 7);
    }
}
