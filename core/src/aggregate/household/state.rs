//! What was said of one household.

use std::collections::BTreeMap;

use super::HouseholdFact;

/// What was said of one household, by place in its history. What it comes to is an [`Outcome`](super::Outcome).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseholdState {
    pub(super) said: BTreeMap<usize, HouseholdFact>,
}

impl HouseholdState {
    /// Who knew of what is asked when the outcome is worked out, because a correction may undo what others rest on.
    pub(super) fn apply(&mut self, fact: &HouseholdFact, at: usize) {
        self.said.insert(at, fact.clone());
    }
}
