//! Reads: which parts of the format this build can read. It reads all of them.
//!
//! The feature `older`, for tests alone, lets a test take parts away while the program runs. So an older phone and a
//! newer one live in one process and meet.

use super::{Edit, Topic};
use crate::id::Reference;

/// What of the format is known. The default knows all.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    #[cfg(feature = "older")]
    lacks: std::sync::Arc<Lacks>,
}

/// What an older build does not know.
#[cfg(feature = "older")]
#[derive(Clone, Debug, Default)]
pub struct Lacks {
    /// Topics, as bodies name them.
    pub topics: std::collections::BTreeSet<Topic>,
    /// Kinds of events, by their numbers.
    pub kinds: std::collections::BTreeSet<u16>,
    /// Kinds that it knows, but in an earlier version than this build writes.
    pub versions: std::collections::BTreeSet<u16>,
    /// Fields of documents: the kind of the event that edits one, the list if it is an item's, and its number.
    pub fields: std::collections::BTreeSet<(u16, Option<u16>, u16)>,
    /// Roles, by their numbers.
    pub roles: std::collections::BTreeSet<u8>,
    /// Events that are written in a way it does not know, such as keys sealed by another algorithm.
    pub events: std::collections::BTreeSet<Reference>,
}

#[cfg(feature = "older")]
impl Reads {
    /// All but this.
    pub fn without(lacks: Lacks) -> Self {
        Self { lacks: std::sync::Arc::new(lacks) }
    }

    /// What is not known, as text that differs where it differs.
    pub fn lacks(&self) -> String {
        format!("{:?}", self.lacks)
    }

    /// Whether a topic is known.
    pub fn topic(&self, topic: Topic) -> bool {
        !self.lacks.topics.contains(&topic)
    }

    /// Whether a kind is known, in whichever version.
    pub fn kind(&self, kind: u16) -> bool {
        !self.lacks.kinds.contains(&kind)
    }

    /// Whether every field is known that an event of a kind edits.
    pub fn edits(&self, kind: u16, edits: &[Edit]) -> bool {
        let known = |list, field| !self.lacks.fields.contains(&(kind, list, field));
        edits.iter().all(|edit| match edit {
            Edit::Put { field, .. } => known(None, *field),
            Edit::Add { list, fields } => fields.iter().all(|(field, _)| known(Some(*list), *field)),
            Edit::PutItem { list, field, .. } => known(Some(*list), *field),
            Edit::Remove { .. } => true,
        })
    }

    /// Whether a role is known, by its number.
    pub fn role(&self, role: u8) -> bool {
        !self.lacks.roles.contains(&role)
    }

    /// The version of what an event says, or [`Body::UNREAD`](super::Body::UNREAD).
    pub fn version(&self, kind: u16, version: u16, event: Reference) -> u16 {
        let unread = !self.kind(kind) || self.lacks.versions.contains(&kind) || self.lacks.events.contains(&event);
        if unread { super::Body::UNREAD } else { version }
    }
}

#[cfg(not(feature = "older"))]
impl Reads {
    /// What is not known: nothing.
    pub fn lacks(&self) -> String {
        String::new()
    }

    /// Whether a topic is known.
    pub const fn topic(&self, _: Topic) -> bool {
        true
    }

    /// Whether a kind is known, in whichever version.
    pub const fn kind(&self, _: u16) -> bool {
        true
    }

    /// Whether every field is known that an event of a kind edits, as far as this build knows any less than all.
    pub const fn edits(&self, _: u16, _: &[Edit]) -> bool {
        true
    }

    /// Whether a role is known, by its number.
    pub const fn role(&self, _: u8) -> bool {
        true
    }

    /// The version of what an event says.
    pub const fn version(&self, _: u16, version: u16, _: Reference) -> u16 {
        version
    }
}
