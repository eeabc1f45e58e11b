//! A right: what grants give and removals end, one building, one box or the care register at a time.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use minicbor::Encode;
use serde::Serialize;

use super::{
    Cut, CutHead, Grant, GrantRemoved, Granted,
    cut::{Act, Chains, Heads, Shared, add_heads, cuts, ends_of, within},
    together::{ActName, Ends, Kept, Together},
};
use crate::{
    count::{self, Work},
    event::LogHeader,
    id::{DeviceId, Incarnation, LogId, Reference},
    label, limits,
};

/// One right of one device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Right {
    /// 楼长: leads a building.
    #[n(0)]
    Leader {
        /// The label of the building, as it is compared.
        #[n(0)]
        building: String,
    },
    /// Keeps a medicine box.
    #[n(1)]
    Keeper {
        /// The event that opened the box.
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
            Grant::Leader { buildings } => buildings.iter().map(|building| Right::leader(building)).collect(),
            Grant::Keeper { boxes } => boxes.iter().map(|kept| Right::Keeper { medicine_box: *kept }).collect(),
            Grant::Care => vec![Right::Care],
        }
    }
}

impl Right {
    /// The right to lead a building, however its label is written.
    pub fn leader(building: &str) -> Self {
        Right::Leader { building: label::building(building) }
    }

    /// The grant that gives this right alone.
    pub fn grant(&self) -> Grant {
        match self {
            Right::Leader { building } => Grant::Leader { buildings: vec![building.clone()] },
            Right::Keeper { medicine_box } => Grant::Keeper { boxes: vec![*medicine_box] },
            Right::Care => Grant::Care,
        }
    }
}

/// What one act takes.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub(super) struct Removal {
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
}

/// What one act gives: the right, after these removals again.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct Given {
    #[n(0)]
    after: BTreeSet<Reference>,
    #[cbor(skip)]
    turn: Turn,
}

/// Whose an act is, and as which event about its device it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) by: DeviceId,
    pub(super) nth: usize,
}

impl Removal {
    /// What one event takes, whichever rights it names: they all refer to it.
    pub(super) fn of(reference: Reference, turn: Turn, removed: &GrantRemoved) -> Self {
        let (heads, incarnations, events) = (Heads::new(), BTreeSet::new(), BTreeSet::new());
        let mut removal = Self { heads, incarnations, events, turn, name: ActName::default() };
        removal.say(reference, removed);
        removal
    }

    fn say(&mut self, reference: Reference, removed: &GrantRemoved) {
        self.events.insert(reference);
        self.incarnations.extend(&removed.incarnations);
        self.name = self.name.with(reference);
        add_heads(&mut self.heads, &removed.heads);
    }

    /// Whether it was read by such a turn.
    pub(super) fn is_of(&self, turn: Turn) -> bool {
        self.turn == turn
    }

    pub(super) fn name(&self) -> ActName {
        self.name
    }

    /// The logs that it names.
    pub(super) fn logs(&self) -> impl Iterator<Item = LogId> {
        self.heads.keys().copied()
    }

    /// What it names of a log, if anything.
    pub(super) fn ends_in(&self, log: LogId) -> Option<Ends<'_>> {
        ends_of(&self.heads, self.name, log)
    }

    /// The act and a later one of the same author as one. Of a log the lower heads stand, so that a later act gives nothing
    /// back that an earlier one took.
    fn join(&mut self, later: &Self) {
        for (log, heads) in &later.heads {
            match self.heads.entry(*log) {
                Entry::Occupied(mut known) if heads.last() < known.get().last() => drop(known.insert(heads.clone())),
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => drop(place.insert(heads.clone())),
            }
        }
        self.incarnations.extend(&later.incarnations);
        for event in &later.events {
            self.name = self.name.with(*event);
            self.events.insert(*event);
        }
    }
}

/// All counted grants and removals of one right of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Tenure {
    #[n(0)]
    grants: BTreeMap<Act, Given>,
    #[n(1)]
    removals: BTreeMap<Act, Shared<Removal>>,
    /// The removals of which each grant names all events.
    #[cbor(skip)]
    answering: BTreeMap<Act, BTreeSet<Act>>,
    /// Whether one grant does of all of these: most events are ended by the same ones.
    #[cbor(skip)]
    asked: Kept<Vec<Act>, bool>,
    /// What all removals name of a log, if each names some of it.
    #[cbor(skip)]
    ends: Kept<LogId, Option<Together>>,
}

/// Of what is named and what is among these: whose each is.
fn in_both<'t>(
    taken_by: &'t BTreeMap<Reference, Act>,
    named: &'t BTreeSet<Reference>,
) -> impl Iterator<Item = Act> + 't {
    let few = named.len() <= taken_by.len();
    count::note(Work::Asked, named.len().min(taken_by.len()).saturating_add(1) as u64);
    // The smaller of both is looked up in the other.
    let (of_named, of_taken) = if few { (usize::MAX, 0) } else { (0, usize::MAX) };
    let of_named = named.iter().take(of_named).filter_map(|event| taken_by.get(event));
    let of_taken = taken_by.iter().take(of_taken).filter(|(event, _)| named.contains(event));
    of_named.chain(of_taken.map(|(_, act)| act)).copied()
}

impl Tenure {
    pub(super) fn grant(&mut self, reference: Reference, turn: Turn, granted: &Granted) {
        let given = self.grants.entry(Act::of(reference, turn.by, granted.act));
        given.or_insert_with(|| Given { after: BTreeSet::new(), turn }).after.extend(&granted.after);
    }

    /// An event takes it, which says this alone.
    pub(super) fn remove(&mut self, reference: Reference, said: &Arc<Removal>, removed: &GrantRemoved) {
        match self.removals.entry(Act::of(reference, said.turn.by, removed.act)) {
            Entry::Vacant(place) => _ = place.insert(Shared(said.clone())),
            Entry::Occupied(mut act) if !act.get().0.events.contains(&reference) => {
                Arc::make_mut(&mut act.get_mut().0).say(reference, removed);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// All is read: however often one author gave and took the right, what is asked for each event has a bound from here on.
    pub(super) fn settle(&mut self) {
        self.join_removals();
        self.leave_grants();
        self.asked.clear();
        self.ends.clear();
        let taken_by: BTreeMap<Reference, Act> = self
            .removals
            .iter()
            .flat_map(|(taken, removal)| removal.0.events.iter().map(|event| (*event, *taken)))
            .collect();
        let whole = |taken: Act, named: usize| self.removals.get(&taken).is_some_and(|of| of.0.events.len() == named);
        // Each event that a grant names is looked at once, however many removals there are.
        let answering = self.grants.iter().map(|(grant, given)| {
            let mut named = BTreeMap::<Act, usize>::new();
            for taken in in_both(&taken_by, &given.after) {
                *named.entry(taken).or_default() += 1;
            }
            let whole = named.into_iter().filter(|(taken, named)| whole(*taken, *named)).map(|(taken, _)| taken);
            (*grant, whole.collect())
        });
        self.answering = answering.collect();
    }

    fn join_removals(&mut self) {
        if self.removals.len() <= limits::RIGHT_ACTS {
            return;
        }
        let mut acts: Vec<(Act, Shared<Removal>)> = std::mem::take(&mut self.removals).into_iter().collect();
        acts.sort_unstable_by_key(|(_, removal)| removal.0.turn);
        for acts in acts.chunk_by_mut(|(_, one), (_, other)| one.0.turn.by == other.0.turn.by) {
            let (first, rest) = acts.split_at_mut(acts.len().min(limits::RIGHT_ACTS));
            if let Some((_, last)) = first.last_mut() {
                rest.iter().for_each(|(_, later)| Arc::make_mut(&mut last.0).join(&later.0));
            }
            self.removals.extend(first.iter().cloned());
        }
    }

    fn leave_grants(&mut self) {
        if self.grants.len() <= limits::RIGHT_ACTS {
            return;
        }
        let mut acts: Vec<(Turn, Act)> = self.grants.iter().map(|(act, given)| (given.turn, *act)).collect();
        acts.sort_unstable();
        for acts in acts.chunk_by(|(one, _), (other, _)| one.by == other.by) {
            for (_, act) in acts.iter().rev().skip(limits::RIGHT_ACTS) {
                self.grants.remove(act);
            }
        }
    }

    /// The removals a new grant has to name to give the right again.
    pub(super) fn removals(&self) -> impl Iterator<Item = Reference> {
        self.taken().flat_map(|removal| removal.events.iter().copied())
    }

    /// The removals of these events as they say it, but for whose and of which right; that of several events is named by its
    /// first.
    pub(super) fn taken_by(&self, events: &BTreeSet<Reference>) -> impl Iterator<Item = (Vec<Cut>, Vec<Incarnation>)> {
        let named = |removal: &&Arc<Removal>| removal.events.first().is_some_and(|first| events.contains(first));
        let said = |removal: &Arc<Removal>| (cuts(&removal.heads), removal.incarnations.iter().copied().collect());
        self.taken().filter(named).map(said)
    }

    /// What each act takes.
    pub(super) fn taken(&self) -> impl Iterator<Item = &Arc<Removal>> {
        self.removals.values().map(|removal| &removal.0)
    }

    /// Whether any takes it.
    pub(super) fn is_taken(&self) -> bool {
        !self.removals.is_empty()
    }

    /// Whether any gives it.
    pub(super) fn is_given(&self) -> bool {
        !self.grants.is_empty()
    }

    /// Who gives it, and when each began to for the last time.
    pub(super) fn last_given(&self) -> BTreeMap<DeviceId, usize> {
        let mut last = BTreeMap::new();
        for Turn { by, nth } in self.grants.values().map(|given| given.turn) {
            let last = last.entry(by).or_insert(nth);
            *last = nth.max(*last);
        }
        last
    }

    /// Whether the right stands now, for an incarnation that no removal names.
    pub(super) fn stands(&self) -> bool {
        count::note(Work::Asked, 1);
        self.answering.values().any(|taken| taken.len() == self.removals.len())
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
            .any(|(grant, _)| self.answering.get(grant).is_some_and(|taken| taken.len() == self.removals.len()))
    }

    /// Whether one grant names all that these removals are made of.
    fn is_given_after(&self, removals: Vec<Act>) -> bool {
        let enough = || self.answering.values().filter(|taken| taken.len() >= removals.len());
        let after = |taken: &BTreeSet<Act>| {
            let mut asked = removals.iter().inspect(|_| count::note(Work::Asked, 1));
            asked.all(|removal| taken.contains(removal))
        };
        *self.asked.get_or(removals.clone(), || enough().any(after))
    }

    /// Whether the right covered this event: granted, and outlived every removal.
    pub(super) fn covers(
        &self,
        header: &LogHeader,
        at: CutHead,
        chains: &dyn Chains,
        is_doubtful: &dyn Fn() -> bool,
    ) -> bool {
        self.is_given() && self.outlived(header, at, chains, is_doubtful)
    }

    /// Whether no removal takes the event away. It lets stand what is in the chains it names, or may be, unless the log is
    /// doubtful; a later grant outlives it in new incarnations only.
    pub(super) fn outlived(
        &self,
        header: &LogHeader,
        at: CutHead,
        chains: &dyn Chains,
        is_doubtful: &dyn Fn() -> bool,
    ) -> bool {
        if self.removals.is_empty() {
            return true; // nearly always, and it spares the log's hash
        }
        let log = header.id();
        // Most events are left by all alike.
        if let Some(all) =
            &*self.ends.get_or(log, || Together::if_each(log, self.taken().map(|removal| removal.ends_in(log))))
        {
            match chains.is_within_all(at, all) {
                Some(true) => return true,
                None if !is_doubtful() => return true,
                _ => {}
            }
        }
        let leaves =
            |removal: &Removal| within(&removal.heads, removal.name, log, at, chains).unwrap_or_else(|| !is_doubtful());
        let ended: Vec<_> = self.removals.iter().filter(|(_, removal)| !leaves(&removal.0)).collect();
        ended.is_empty()
            || ended.iter().all(|(_, removal)| !removal.0.incarnations.contains(&header.incarnation))
                && self.is_given_after(ended.into_iter().map(|(act, _)| *act).collect())
    }
}
