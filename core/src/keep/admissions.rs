//! Admissions: which events of the roster let a device in, whoever wrote them.
//!
//! They are found by the device, at the same cost however much was said in the roster. The index grows by parts that
//! are never touched again once they are full, so that a copy shares nearly all of it. It refuses to know which
//! admissions count.

use std::{collections::BTreeSet, sync::Arc};

use crate::id::{DeviceId, LogId, Reference, ShortId};

/// Admissions in one part.
const PART: usize = 256;

/// Devices, and the events that let them in.
#[derive(Clone, Debug, Default)]
pub(super) struct Admissions(Vec<Arc<BTreeSet<(DeviceId, Reference)>>>);

impl Admissions {
    /// Takes note of an event that lets a device in.
    pub(super) fn add(&mut self, device: DeviceId, event: Reference) {
        match self.0.last_mut().filter(|part| part.len() < PART) {
            Some(part) => drop(Arc::make_mut(part).insert((device, event))),
            None => self.0.push(Arc::new(BTreeSet::from([(device, event)]))),
        }
    }

    /// All events that let a device in.
    pub(super) fn of(&self, device: DeviceId) -> impl Iterator<Item = Reference> {
        let first = Reference { log: LogId::ZERO, seq: 0, check: ShortId::ZERO };
        let of_device = move |(of, _): &&(DeviceId, Reference)| *of == device;
        let found = self.0.iter().flat_map(move |part| part.range((device, first)..).take_while(of_device));
        found.map(|(_, event)| *event)
    }
}
