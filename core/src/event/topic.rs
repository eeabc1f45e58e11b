//! Topics: the parts of a community's events that one phone may ask another for separately.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use crate::key::Compartment;

/// What an event is about, as far as sync cares. The order is the order in which topics are synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Topic {
    /// Who belongs, and keys. In the clear, so that a relay can follow it.
    Roster,
    /// Alerts: synced before everything else.
    Urgent,
    /// What must be forgotten. In the clear, so that a relay obeys it.
    Erasure,
    /// Orders, boxes and all else that every member may read.
    Common,
    /// Households and visits, for holders of the `care` grant.
    Care,
}

impl Topic {
    /// All topics, in the order of sync.
    pub const ALL: [Topic; 5] = [Topic::Roster, Topic::Urgent, Topic::Erasure, Topic::Common, Topic::Care];

    /// The name the tag is derived from.
    pub const fn name(self) -> &'static str {
        match self {
            Topic::Roster => "roster",
            Topic::Urgent => "urgent",
            Topic::Erasure => "erasure",
            Topic::Common => "common",
            Topic::Care => "care",
        }
    }

    /// Whose key seals its bodies; `None` where bodies stand in the clear.
    pub const fn compartment(self) -> Option<Compartment> {
        match self {
            Topic::Roster | Topic::Erasure => None,
            Topic::Urgent | Topic::Common => Some(Compartment::Community),
            Topic::Care => Some(Compartment::Care),
        }
    }
}
