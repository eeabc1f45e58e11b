//! Rights: what grants give and removals end, one building, one box or the care register at a time.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Encode;
use serde::Serialize;

use super::{
    Cut, CutHead, Grant, GrantRemoved, Granted,
    cut::{Act, Chains, Heads, add_heads, cuts, within},
};
use crate::{
    count::{self, Work},
    event::LogHeader,
    id::{DeviceId, Incarnation, LogId, Reference},
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

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
struct Removal {
    #[n(0)]
    heads: Heads,
    #[n(1)]
    incarnations: BTreeSet<Incarnation>,
    /// The events that say so.
    #[n(2)]
    events: BTreeSet<Reference>,
}

/// All counted grants and removals of one right of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Tenure {
    /// Each grant, as the set of removals after which it gives the right again.
    #[n(0)]
    grants: BTreeMap<Act, BTreeSet<Reference>>,
    #[n(1)]
    removals: BTreeMap<Act, Removal>,
}

impl Tenure {
    pub(super) fn grant(&mut self, reference: Reference, by: DeviceId, granted: &Granted) {
        self.grants.entry(Act::of(reference, by, granted.act)).or_default().extend(&granted.after);
    }

    pub(super) fn remove(&mut self, reference: Reference, by: DeviceId, removed: &GrantRemoved) {
        let removal = self.removals.entry(Act::of(reference, by, removed.act)).or_default();
        removal.events.insert(reference);
        removal.incarnations.extend(&removed.incarnations);
        add_heads(&mut removal.heads, &removed.heads);
    }

    /// The removals a new grant has to name to give the right again.
    pub(super) fn removals(&self) -> impl Iterator<Item = Reference> {
        self.removals.values().flat_map(|removal| removal.events.iter().copied())
    }

    /// A removal as an event says it, but for whose and of which right; that of several events is named by its first.
    pub(super) fn removal(&self, reference: Reference) -> Option<(Vec<Cut>, Vec<Incarnation>)> {
        let removal = self.removals.values().find(|removal| removal.events.first() == Some(&reference))?;
        Some((cuts(&removal.heads), removal.incarnations.iter().copied().collect()))
    }

    /// Whether a removal names this event as a head.
    pub(super) fn ends_at(&self, log: LogId, at: CutHead) -> bool {
        self.removals.values().any(|removal| removal.heads.get(&log).is_some_and(|heads| heads.contains(&at)))
    }

    /// The logs that removals name.
    pub(super) fn named(&self) -> impl Iterator<Item = LogId> {
        self.removals.values().flat_map(|removal| removal.heads.keys().copied())
    }

    /// Whether some removal names the event or what follows on it: it leads to a named head.
    pub(super) fn leads(&self, log: LogId, at: CutHead, chains: &dyn Chains) -> bool {
        self.removals.values().any(|removal| within(&removal.heads, log, at, chains))
    }

    /// Whether the right stands now, for an incarnation that no removal names.
    pub(super) fn stands(&self) -> bool {
        self.is_given_after(self.removals().count(), || self.removals())
    }

    /// Whether a grant names all of so many removals. One that names fewer is not looked at: else whoever gives and takes
    /// the same right a thousand times would have a million pairs of both compared.
    fn is_given_after<I: Iterator<Item = Reference>>(&self, count: usize, removals: impl Fn() -> I) -> bool {
        let mut enough = self.grants.values().filter(|after| after.len() >= count);
        enough.any(|after| removals().inspect(|_| count::note(Work::Asked, 1)).all(|removal| after.contains(&removal)))
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
        count::note(Work::Asked, self.removals.len() as u64);
        let ended: Vec<_> = self.removals.values().filter(|removal| !within(&removal.heads, log, at, chains)).collect();
        let named = || ended.iter().flat_map(|removal| removal.events.iter().copied());
        ended.is_empty()
            || ended.iter().all(|removal| !removal.incarnations.contains(&header.incarnation))
                && self.is_given_after(named().count(), named)
    }
}
