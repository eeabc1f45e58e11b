//! What was said of one alert.

use std::collections::BTreeMap;

use super::AlertFact;

/// What was said of one alert, by place in its history. What it comes to is an [`Outcome`](super::Outcome).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertState {
    pub(super) said: BTreeMap<usize, AlertFact>,
}

impl AlertState {
    /// Who knew of what is asked when the outcome is worked out, because a correction may undo a `raised_again`, and with
    /// it all that it ended.
    pub(super) fn apply(&mut self, fact: &AlertFact, at: usize) {
        self.said.insert(at, fact.clone());
    }
}
