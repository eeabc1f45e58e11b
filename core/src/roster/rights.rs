//! All rights of one device that somebody gave or took, and questions about them together.
//!
//! A liar gives and takes rights by the thousand. So each right is looked up by itself. The places at which rights end
//! are laid out by log once. And whether a device leads any building at all is known by a few of its buildings.
//!
//! It refuses to know which of the acts count.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use minicbor::Encode;

use super::{
    Grant, GrantRemoved, Granted, Right,
    right::{Removal, Tenure, Turn},
    together::{ActName, Kept, Together},
};
use crate::{
    count::{self, Work},
    id::{DeviceId, LogId, Reference},
    limits,
};

/// The rights of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Rights {
    #[n(0)]
    tenures: BTreeMap<Right, Tenure>,
    /// How many events were read.
    #[cbor(skip)]
    turns: usize,
    /// Whether any was taken.
    #[cbor(skip)]
    taken: bool,
    /// What each event takes, by itself.
    #[cbor(skip)]
    said: BTreeMap<Reference, Arc<Removal>>,
    /// What removals name of each log, what several rights have in common once.
    #[cbor(skip)]
    named: BTreeMap<(LogId, ActName), Arc<Removal>>,
    #[cbor(skip)]
    leads: Leads,
    /// What all removals name of each log.
    #[cbor(skip)]
    ends: Kept<LogId, Together>,
}

/// By what a device leads just any building.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Leads {
    /// It was given one that nobody took.
    Always,
    /// By one of these, as far as they reach.
    By(BTreeSet<Right>),
}

impl Default for Leads {
    fn default() -> Self {
        Self::By(BTreeSet::new())
    }
}

impl Rights {
    pub(super) fn grant(&mut self, reference: Reference, by: DeviceId, granted: &Granted) {
        let turn = self.turn(by);
        for right in each(&granted.grant) {
            self.tenures.entry(right).or_default().grant(reference, turn, granted);
        }
    }

    /// `before` are the device's rights as they were folded last: what an event says is taken over from there.
    pub(super) fn remove(&mut self, reference: Reference, by: DeviceId, removed: &GrantRemoved, before: Option<&Self>) {
        let turn = self.turn(by);
        let known = before.and_then(|before| before.said.get(&reference)).filter(|known| known.is_of(turn));
        let said = known.cloned().unwrap_or_else(|| Arc::new(Removal::of(reference, turn, removed)));
        self.said.insert(reference, said.clone());
        self.taken = true;
        for right in each(&removed.grant) {
            self.tenures.entry(right).or_default().remove(reference, &said, removed);
        }
    }

    fn turn(&mut self, by: DeviceId) -> Turn {
        self.turns = self.turns.saturating_add(1);
        Turn { by, nth: self.turns }
    }

    /// All is read.
    pub(super) fn settle(&mut self) {
        self.tenures.values_mut().for_each(Tenure::settle);
        let removals = self.tenures.values().flat_map(Tenure::taken);
        let removals: BTreeMap<ActName, &Arc<Removal>> = removals.map(|removal| (removal.name(), removal)).collect();
        let named = |(name, removal): (ActName, &Arc<Removal>)| {
            let each = removal.logs().map(|log| ((log, name), removal.clone()));
            each.collect::<Vec<_>>()
        };
        self.named = removals.into_iter().flat_map(named).collect();
        self.leads = self.leads();
        self.ends.clear();
    }

    fn leads(&self) -> Leads {
        let led = || {
            let leads = self.tenures.iter().take_while(|(right, _)| matches!(right, Right::Leader { .. }));
            leads.filter(|(_, tenure)| tenure.is_given())
        };
        if led().any(|(_, tenure)| !tenure.is_taken()) {
            return Leads::Always;
        }
        let last = |(right, tenure): (&'_ Right, &Tenure)| {
            let last = tenure.last_given().into_iter();
            last.map(|(by, nth)| (by, Reverse(nth), right.clone())).collect::<Vec<_>>()
        };
        let mut last: Vec<(DeviceId, Reverse<usize>, Right)> = led().flat_map(last).collect();
        last.sort_unstable_by(|one, other| (one.0, one.1, Reverse(&one.2)).cmp(&(other.0, other.1, Reverse(&other.2))));
        let of_one = last.chunk_by(|one, other| one.0 == other.0);
        Leads::By(
            of_one.flat_map(|of_one| of_one.iter().take(limits::LEADS)).map(|(_, _, right)| right.clone()).collect(),
        )
    }

    /// One of them, if it was ever given or taken.
    pub(super) fn tenure(&self, right: &Right) -> Option<&Tenure> {
        count::note(Work::Asked, 1);
        self.tenures.get(right)
    }

    /// Each that was ever given or taken.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Right, &Tenure)> {
        self.tenures.iter()
    }

    /// Whether a right covered an event, of which the tenure is asked.
    pub(super) fn cover(&self, right: &Right, covers: impl Fn(&Tenure) -> bool) -> bool {
        self.tenure(right).is_some_and(covers)
    }

    /// Whether the author of an event led some building then; this one not.
    pub(super) fn lead_any(&self, but: Option<&Right>, covers: impl Fn(&Tenure) -> bool) -> bool {
        match &self.leads {
            Leads::Always => true,
            Leads::By(rights) => {
                let mut others = rights.iter().filter(|right| Some(*right) != but);
                others.any(|right| self.cover(right, &covers))
            }
        }
    }

    /// Whether any was taken.
    pub(super) fn are_taken(&self) -> bool {
        self.taken
    }

    /// What all removals name of a log.
    pub(super) fn ends_in(&self, log: LogId) -> Arc<Together> {
        self.ends.get_or(log, || {
            let named = self.named.range((log, ActName::default())..).take_while(|((of, _), _)| *of == log);
            Together::of(log, named.filter_map(|(_, removal)| removal.ends_in(log)))
        })
    }
}

/// The rights of a grant, each once. Each is work of its own.
fn each(grant: &Grant) -> BTreeSet<Right> {
    let rights: BTreeSet<Right> = grant.rights().into_iter().collect();
    count::note(Work::Folded, (rights.len() as u64).saturating_sub(1));
    rights
}
