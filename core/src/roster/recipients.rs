//! Recipients: who holds a key without being entitled to it.
//!
//! A key opens those it replaced, so whoever holds it holds its parents too. It refuses to know whether a key really
//! opens anything: an epoch that only claims to seal another costs a rotation, no more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Device, Epoch, Role, Roster, cut::Shared};
use crate::{
    count::{self, Work},
    event::Compartment,
    id::{DeviceId, EpochId},
    limits,
};

/// Parents looked up in the time that a question takes: they are known by number.
const PARENTS: usize = 16;

type Name = (Compartment, EpochId);

impl Roster {
    /// Works out who holds which key without being entitled to it.
    pub(super) fn note_withdrawn_recipients(&mut self) {
        // Whether one in a role that is not known here should hold it, others know.
        let later = |device: &Device| device.role == Role::Later && !device.withdrawn;
        let entitled = |id: &DeviceId, compartment| {
            self.device(*id).is_some_and(|it| self.is_entitled(it, compartment) || later(it))
        };
        let limited = |id: &DeviceId| self.is_limited(*id);
        let mut linked = Linked::of(&self.epochs);
        let (mut of, mut changed) = (BTreeMap::<(bool, DeviceId), Vec<usize>>::new(), Vec::new());
        for (at, (name, epoch)) in self.epochs.iter().enumerate() {
            let told = || epoch.0.recipients.union(&epoch.0.told).filter(|id| !entitled(id, epoch.0.compartment));
            // Of those that nobody doubts as many are told as there is room for.
            let lost =
                told().filter(|id| !limited(id)).chain(told().filter(|id| limited(id))).take(limits::WRONG_HOLDERS);
            if linked.has(at) {
                lost.for_each(|id| of.entry((limited(id), *id)).or_default().push(at));
                continue;
            }
            let known = &epoch.0.withdrawn;
            if lost.clone().count() != known.len() || !lost.clone().all(|id| known.contains(id)) {
                changed.push((*name, lost.copied().collect::<BTreeSet<DeviceId>>()));
            }
        }
        // In the order of their ids, so that everybody tells of the same ones.
        of.into_iter().for_each(|((_, id), epochs)| linked.tell(id, epochs));
        let known = self.epochs.keys().copied().zip(std::mem::take(&mut linked.withdrawn)).enumerate();
        changed.extend(known.filter(|(at, _)| linked.has(*at)).map(|(_, known)| known));
        // Those that are as they were stay shared with the roster before.
        for (name, withdrawn) in changed {
            if let Some(epoch) = self.epochs.get_mut(&name).filter(|epoch| epoch.0.withdrawn != withdrawn) {
                Arc::make_mut(&mut epoch.0).withdrawn = withdrawn;
            }
        }
    }
}

/// Which epochs replace which, by number: the place of each in their order. Most replace none and are not said to be replaced:
/// of them alone it hangs who lost them.
struct Linked {
    /// Of each, those that it replaces.
    parents: Vec<Vec<usize>>,
    /// Of each, whether it replaces others, or others are said to replace it.
    is_linked: Vec<bool>,
    /// Of each that does, who holds it and should not.
    withdrawn: Vec<BTreeSet<DeviceId>>,
}

impl Linked {
    fn of(epochs: &BTreeMap<Name, Shared<Epoch>>) -> Self {
        let names: Vec<&Name> = epochs.keys().collect();
        let (mut parents, mut is_linked) = (vec![Vec::new(); names.len()], vec![false; names.len()]);
        for (at, ((compartment, _), epoch)) in epochs.iter().enumerate() {
            let number = |parent| names.binary_search(&&(*compartment, parent)).ok();
            let replaced: Vec<usize> = epoch.0.parents().filter_map(number).collect();
            let replaces = epoch.0.parents().next().is_some();
            for linked in replaced.iter().copied().chain(replaces.then_some(at)) {
                if let Some(linked) = is_linked.get_mut(linked) {
                    *linked = true;
                }
            }
            count::note(Work::Asked, replaced.len() as u64);
            if let Some(parents) = parents.get_mut(at) {
                *parents = replaced;
            }
        }
        Self { withdrawn: vec![BTreeSet::new(); names.len()], parents, is_linked }
    }

    fn has(&self, epoch: usize) -> bool {
        self.is_linked.get(epoch).copied().unwrap_or_default()
    }

    /// One device holds these and all that they replaced. What is full of others is full in its parents.
    fn tell(&mut self, id: DeviceId, mut open: Vec<usize>) {
        while let Some(epoch) = open.pop() {
            let Some(known) = self.withdrawn.get_mut(epoch).filter(|known| known.len() < limits::WRONG_HOLDERS) else {
                continue;
            };
            if known.insert(id) {
                let parents = self.parents.get(epoch).map(Vec::as_slice).unwrap_or_default();
                count::note(Work::Asked, 1 + (parents.len() / PARENTS) as u64);
                open.extend(parents);
            }
        }
    }
}
