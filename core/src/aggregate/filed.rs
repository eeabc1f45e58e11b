//! A readable event as it is filed: what it says, and where it stands. It knows nothing of what comes of it.

use crate::{
    event::{Body, LogHeader},
    id::{EventId, Reference},
};

/// A readable event, as filed in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// How other events name it.
    pub reference: Reference,
    /// Its id: the chain hash.
    pub id: EventId,
    /// The log it stands in.
    pub log: LogHeader,
    /// What it says.
    pub body: Body,
    /// Bytes of its body as it is stored.
    pub size: u64,
}
