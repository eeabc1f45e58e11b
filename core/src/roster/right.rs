//! Rights: what grants give and removals end, one building, one box or the care register at a time.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use minicbor::Encode;
use serde::Serialize;

use super::{
    Cut, CutHead, Grant, GrantRemoved, Granted,
    cut::{Act, ActName, Chains, Ends, Heads, add_heads, cuts, ends_of, within},
};
use crate::{
    count::{self, Work},
    event::LogHeader,
    id::{DeviceId, Incarnation, LogId, Reference},
};

/// One right of one device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Right {
    /// 楼长: leads a building.
    #[n(0)]
    Leader {
        /// Which.
        #[n(0)]
        building: String,
    },
    /// Keeps a medicine box.
    #[n(1)]
    Keeper {
        /// Which.
        #[n(0)]
        medicine_box: Reference,
    },
    /// Reads and writes the care register.
    #[n(2)]
    Care,
}

impl Grant {
    /// The single rights it is made of.
    pub fn rights(&self) -> Vec<Right> {
        match self {
            Grant::Leader { buildings } => {
                buildings.iter().map(|building| Right::Leader { building: building.clone() }).collect()
            }
            Grant::Keeper { boxes } => boxes.iter().map(|kept| Right::Keeper { medicine_box: *kept }).collect(),
            Grant::Care => vec![Right::Care],
        }
    }
}

impl Right {
    /// The grant that gives this right alone.
    pub fn grant(&self) -> Grant {
        match self {
            Right::Leader { building } => Grant::Leader { buildings: vec![building.clone()] },
            Right::Keeper { medicine_box } => Grant::Keeper { boxes: vec![*medicine_box] },
            Right::Care => Grant::Care,
        }
    }
}

/// Acts of one author about one right of one device that stand beside each other: the last that give it, and the first that
/// take it, of which the last is one with all that come behind it.
pub(super) const ACTS: usize = 16;

/// What one act takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
struct Removal {
    #[n(0)]
    heads: Heads,
    #[n(1)]
    incarnations: BTreeSet<Incarnation>,
    /// The events that say so.
    #[n(2)]
    events: BTreeSet<Reference>,
    #[cbor(skip)]
    turn: Turn,
    #[cbor(skip)]
    name: ActName,
    /// The grants that name all of these events.
    #[cbor(skip)]
    answered: BTreeSet<Act>,
}

/// What one act gives: the right, after these removals again.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct Given {
    #[n(0)]
    after: BTreeSet<Reference>,
    #[cbor(skip)]
    turn: Turn,
}

/// Whose an act is, and how many were read before it.
type Turn = (Option<DeviceId>, usize);

impl Removal {
    /// The act and a later one of the same author as one. Of a log the lower heads stand, so that a later act gives nothing
    /// back that an earlier one took.
    fn join(&mut self, later: Self) {
        for (log, heads) in later.heads {
            match self.heads.entry(log) {
                Entry::Occupied(mut known) if heads.last() < known.get().last() => drop(known.insert(heads)),
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => drop(place.insert(heads)),
            }
        }
        self.incarnations.extend(later.incarnations);
        for event in later.events {
            self.name = self.name.with(event);
            self.events.insert(event);
        }
    }
}

/// All counted grants and removals of one right of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Tenure {
    #[n(0)]
    grants: BTreeMap<Act, Given>,
    #[n(1)]
    removals: BTreeMap<Act, Removal>,
}

impl Tenure {
    pub(super) fn grant(&mut self, reference: Reference, by: DeviceId, granted: &Granted) {
        let turn = (Some(by), self.grants.len());
        let given = self.grants.entry(Act::of(reference, by, granted.act));
        given.or_insert_with(|| Given { after: BTreeSet::new(), turn }).after.extend(&granted.after);
    }

    pub(super) fn remove(&mut self, reference: Reference, by: DeviceId, removed: &GrantRemoved) {
        let turn = (Some(by), self.removals.len());
        let removal = self.removals.entry(Act::of(reference, by, removed.act));
        let removal = removal.or_insert_with(|| Removal { turn, ..Removal::default() });
        removal.events.insert(reference);
        removal.incarnations.extend(&removed.incarnations);
        removal.name = removal.name.with(reference);
        add_heads(&mut removal.heads, &removed.heads);
    }

    /// All is read: however often one author gave and took the right, what is asked for each event has a bound from here on.
    pub(super) fn settle(&mut self) {
        self.join_removals();
        self.leave_grants();
        for removal in self.removals.values_mut() {
            // A grant that names fewer is not looked at.
            let enough = self.grants.iter().filter(|(_, given)| given.after.len() >= removal.events.len());
            let names = |given: &Given| {
                let mut events = removal.events.iter().inspect(|_| count::note(Work::Asked, 1));
                events.all(|event| given.after.contains(event))
            };
            removal.answered = enough.filter(|(_, given)| names(given)).map(|(act, _)| *act).collect();
        }
    }

    fn join_removals(&mut self) {
        if self.removals.len() <= ACTS {
            return;
        }
        let mut acts: Vec<(Act, Removal)> = std::mem::take(&mut self.removals).into_iter().collect();
        acts.sort_unstable_by_key(|(_, removal)| removal.turn);
        for acts in acts.chunk_by_mut(|(_, one), (_, other)| one.turn.0 == other.turn.0) {
            let (first, rest) = acts.split_at_mut(acts.len().min(ACTS));
            if let Some((_, last)) = first.last_mut() {
                rest.iter_mut().for_each(|(_, later)| last.join(std::mem::take(later)));
            }
            self.removals.extend(first.iter_mut().map(|(act, removal)| (*act, std::mem::take(removal))));
        }
    }

    fn leave_grants(&mut self) {
        if self.grants.len() <= ACTS {
            return;
        }
        let mut acts: Vec<(Turn, Act)> = self.grants.iter().map(|(act, given)| (given.turn, *act)).collect();
        acts.sort_unstable();
        for acts in acts.chunk_by(|(one, _), (other, _)| one.0 == other.0) {
            for (_, act) in acts.iter().rev().skip(ACTS) {
                self.grants.remove(act);
            }
        }
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

    /// What each removal names of a log, if anything.
    pub(super) fn ends_in(&self, log: LogId) -> impl Iterator<Item = Ends<'_>> {
        self.removals.values().filter_map(move |removal| ends_of(&removal.heads, removal.name, log))
    }

    /// Whether the right stands now, for an incarnation that no removal names.
    pub(super) fn stands(&self) -> bool {
        self.is_given_after(&self.removals.values().collect::<Vec<_>>())
    }

    /// Whether it stands, and the grant by which it does names these events too.
    pub(super) fn stands_after(&self, events: &BTreeSet<Reference>) -> bool {
        let enough = self.grants.iter().filter(|(_, given)| given.after.len() >= events.len());
        let names = |given: &Given| {
            let mut asked = events.iter().inspect(|_| count::note(Work::Asked, 1));
            asked.all(|event| given.after.contains(event))
        };
        enough
            .filter(|(_, given)| names(given))
            .any(|(grant, _)| self.removals.values().all(|removal| removal.answered.contains(grant)))
    }

    /// Whether one grant names all that these removals are made of.
    fn is_given_after(&self, removals: &[&Removal]) -> bool {
        let after = |removal: &&Removal, grant: &Act| {
            count::note(Work::Asked, 1);
            removal.answered.contains(grant)
        };
        self.grants.keys().any(|grant| removals.iter().all(|removal| after(removal, grant)))
    }

    /// Whether the right covered this event: granted, and outlived every removal.
    pub(super) fn covers(
        &self,
        header: &LogHeader,
        at: CutHead,
        chains: &dyn Chains,
        is_doubtful: &dyn Fn() -> bool,
    ) -> bool {
        !self.grants.is_empty() && self.outlived(header, at, chains, is_doubtful)
    }

    /// Whether the event stands outside what a removal leaves.
    pub(super) fn lost(
        &self,
        header: &LogHeader,
        at: CutHead,
        chains: &dyn Chains,
        is_doubtful: &dyn Fn() -> bool,
    ) -> bool {
        !self.outlived(header, at, chains, is_doubtful)
    }

    /// A removal lets stand what is in the chains it names, or may be, unless the log is doubtful; a later grant outlives it in
    /// new incarnations only.
    fn outlived(&self, header: &LogHeader, at: CutHead, chains: &dyn Chains, is_doubtful: &dyn Fn() -> bool) -> bool {
        if self.removals.is_empty() {
            return true; // nearly always, and it spares the log's hash
        }
        let log = header.id();
        let leaves = |removal: &&Removal| {
            within(&removal.heads, removal.name, log, at, chains).unwrap_or_else(|| !is_doubtful())
        };
        let ended: Vec<_> = self.removals.values().filter(|removal| !leaves(removal)).collect();
        ended.is_empty()
            || ended.iter().all(|removal| !removal.incarnations.contains(&header.incarnation))
                && self.is_given_after(&ended)
    }
}
