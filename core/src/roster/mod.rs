//! Roster.
mod need;
use crate::id::{MemberId, Reference};
pub use need::{Need, Standing};
/// About.
pub struct About<'a> {
    /// .
    pub author: Option<MemberId>,
    /// .
    pub target_author: Option<MemberId>,
    /// .
    pub building: Option<&'a str>,
    /// .
    pub aggregate: Option<Reference>,
}
