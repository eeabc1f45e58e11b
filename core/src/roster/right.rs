//! Rights: what grants give and removals end, one building, one box or the care register at a time.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Encode;
use serde::Serialize;

use super::{
    Cut, CutHead, Grant, GrantRemoved,
    cut::{Chains, Heads, cuts, heads, within},
};
use crate::{
    event::LogHeader,
    id::{Incarnation, LogId, Reference},
};

/// One right of one device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Leads a building.
    #[n(0)]
    Leader(#[n(0)] String),
    /// Keeps a box.
    #[n(1)]
    Keeper(#[n(0)] Reference),
    /// Reads and writes the care register.
    #[n(2)]
    Care,
}

impl Grant {
    /// The single rights it is made of.
    pub fn rights(&self) -> Vec<Right> {
        match self {
            Grant::Leader { buildings } => buildings.iter().cloned().map(Right::Leader).collect(),
            Grant::Keeper { boxes } => boxes.iter().copied().map(Right::Keeper).collect(),
            Grant::Care => vec![Right::Care],
        }
    }
}

impl Right {
    /// The grant that gives this right alone.
    pub fn grant(&self) -> Grant {
        match self {
            Right::Leader(building) => Grant::Leader { buildings: vec![building.clone()] },
            Right::Keeper(kept) => Grant::Keeper { boxes: vec![*kept] },
            Right::Care => Grant::Care,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct Removal {
    #[n(0)]
    heads: Heads,
    #[n(1)]
    incarnations: BTreeSet<Incarnation>,
}

/// All counted grants and removals of one right of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Tenure {
    /// Each grant, as the set of removals after which it gives the right again.
    #[n(0)]
    grants: BTreeSet<BTreeSet<Reference>>,
    #[n(1)]
    removals: BTreeMap<Reference, Removal>,
}

impl Tenure {
    pub(super) fn grant(&mut self, after: &[Reference]) {
        self.grants.insert(after.iter().copied().collect());
    }

    pub(super) fn remove(&mut self, reference: Reference, removed: &GrantRemoved) {
        let incarnations = removed.incarnations.iter().copied().collect();
        self.removals.insert(reference, Removal { heads: heads(&removed.heads), incarnations });
    }

    /// The removals a new grant has to name to give the right again.
    pub(super) fn removals(&self) -> impl Iterator<Item = Reference> {
        self.removals.keys().copied()
    }

    /// A removal as an event says it, but for whose and of which right.
    pub(super) fn removal(&self, reference: Reference) -> Option<(Vec<Cut>, Vec<Incarnation>)> {
        let removal = self.removals.get(&reference)?;
        Some((cuts(&removal.heads), removal.incarnations.iter().copied().collect()))
    }

    /// Whether a removal names this event as a head.
    pub(super) fn ends_at(&self, log: LogId, at: CutHead) -> bool {
        self.removals.values().any(|removal| removal.heads.get(&log).is_some_and(|heads| heads.contains(&at)))
    }

    /// Whether some removal names the event or what follows on it: it leads to a named head.
    pub(super) fn leads(&self, log: LogId, at: CutHead, chains: &dyn Chains) -> bool {
        self.removals.values().any(|removal| within(&removal.heads, log, at, chains))
    }

    /// Whether the right stands now, for an incarnation that no removal names.
    pub(super) fn stands(&self) -> bool {
        self.grants.iter().any(|after| self.removals.keys().all(|removal| after.contains(removal)))
    }

    /// Whether the right covered this event: granted, and outlived every removal.
    pub(super) fn covers(&self, header: &LogHeader, at: CutHead, chains: &dyn Chains) -> bool {
        !self.grants.is_empty() && self.outlived(header, at, chains)
    }

    /// Whether the event stands outside what a removal leaves.
    pub(super) fn lost(&self, header: &LogHeader, at: CutHead, chains: &dyn Chains) -> bool {
        !self.outlived(header, at, chains)
    }

    /// A removal lets stand what is in the chains it names; a later grant outlives it in new incarnations only.
    fn outlived(&self, header: &LogHeader, at: CutHead, chains: &dyn Chains) -> bool {
        if self.removals.is_empty() {
            return true; // nearly always, and it spares the log's hash
        }
        let log = header.id();
        let ended: Vec<_> =
            self.removals.iter().filter(|(_, removal)| !within(&removal.heads, log, at, chains)).collect();
        ended.is_empty()
            || ended.iter().all(|(_, removal)| !removal.incarnations.contains(&header.incarnation))
                && self.grants.iter().any(|after| ended.iter().all(|(reference, _)| after.contains(reference)))
    }
}
