//! Moves: where relays are reached, as far as it changed since they were admitted.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Encode;

use super::RelayMoved;
use crate::{id::Reference, limits};

/// All counted moves of one relay. Any coordinator moves any relay, so there are no ranks here: a wrong address keeps
/// nobody's news, it only cannot be reached, and another move puts it right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Moves {
    #[n(0)]
    moves: BTreeMap<Reference, Vec<String>>,
    #[n(1)]
    replaced: BTreeSet<Reference>,
}

impl Moves {
    pub(super) fn add(&mut self, reference: Reference, moved: &RelayMoved) {
        self.moves.insert(reference, moved.addresses.clone());
        self.replaced.extend(moved.replaces.iter().filter(|replaced| **replaced != reference));
    }

    /// The moves that no other replaces: two, where two coordinators did not hear each other.
    pub(super) fn references(&self) -> impl Iterator<Item = Reference> {
        self.standing().map(|(reference, _)| *reference)
    }

    /// The addresses that all standing moves name, each once and as many as are allowed; none where none stands.
    pub(super) fn addresses(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for address in self.standing().flat_map(|(_, addresses)| addresses) {
            if all.len() < limits::RELAY_ADDRESSES && !all.contains(address) {
                all.push(address.clone());
            }
        }
        all
    }

    fn standing(&self) -> impl Iterator<Item = (&Reference, &Vec<String>)> {
        self.moves.iter().filter(|(reference, _)| !self.replaced.contains(reference))
    }
}
