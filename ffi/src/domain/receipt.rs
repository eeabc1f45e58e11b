//! What a command leaves behind.

use linli_core::{id::Reference, replica::Receipt};

/// What a command left behind.
#[uniffi::remote(Record)]
pub struct Receipt {
    /// The aggregate it was about: the first one it made, else the one it named.
    pub aggregate: Reference,
    /// The events it wrote, in order; none if nothing was left to do.
    pub events: Vec<Reference>,
}
