//! What events other than edits say of a building.

use super::BuildingFact;

/// What events other than edits say of a building.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildingState {
    pub(super) retired: bool,
}

impl BuildingState {
    pub(super) fn apply(&mut self, fact: &BuildingFact) {
        if *fact == BuildingFact::Retired {
            self.retired = true;
        }
    }
}
