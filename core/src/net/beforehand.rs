//! Devices that said hello before, in the order in which they first did.
//!
//! Earlier ones have room before later ones. It refuses to know who is connected, and how much room there is.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    id::{CommunityId, DeviceId},
    limits,
};

/// Devices that said hello, as many as are remembered.
#[derive(Debug)]
pub(super) struct MetBefore {
    most: usize,
    next: u64,
    devices: BTreeMap<DeviceId, Device>,
}

#[derive(Clone, Copy, Debug)]
struct Device {
    community: Option<CommunityId>,
    first: u64,
    last: u64,
}

impl Default for MetBefore {
    fn default() -> Self {
        Self { most: limits::MET_DEVICES, next: 1, devices: BTreeMap::new() }
    }
}

impl MetBefore {
    /// These said hello before this side was started, the first of them first.
    pub(super) fn of(devices: Vec<(DeviceId, Option<CommunityId>)>) -> Self {
        let (mut met, nobody) = (Self::default(), BTreeSet::new());
        for (device, community) in devices.into_iter().take(limits::MET_DEVICES) {
            met.note(device, community, &nobody);
        }
        met
    }

    /// A device said hello. Where that is more than are remembered, one goes that is not here: of the community that has
    /// most of them, the one that said hello longest ago.
    pub(super) fn note(&mut self, device: DeviceId, community: Option<CommunityId>, here: &BTreeSet<DeviceId>) {
        let now = self.next;
        self.next = now.wrapping_add(1);
        let known = self.devices.entry(device).or_insert(Device { community, first: now, last: now });
        (known.community, known.last) = (community, now);
        if self.devices.len() > self.most {
            self.forget(here);
        }
    }

    /// The less, the earlier it was met.
    pub(super) fn rank(&self, device: &DeviceId) -> u64 {
        self.devices.get(device).map_or(u64::MAX, |device| device.first)
    }

    fn forget(&mut self, here: &BTreeSet<DeviceId>) {
        let gone = || self.devices.iter().filter(|(device, _)| !here.contains(*device));
        let mut counts = BTreeMap::<Option<CommunityId>, usize>::new();
        for (_, device) in gone() {
            *counts.entry(device.community).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(community, _)| community);
        let of_most = gone().filter(|(_, device)| Some(device.community) == most);
        if let Some(oldest) = of_most.min_by_key(|(_, device)| device.last).map(|(device, _)| *device) {
            self.devices.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(nth: u8) -> DeviceId {
        DeviceId::from_bytes([nth; 32])
    }

    fn known(met: &MetBefore) -> Vec<u8> {
        met.devices.keys().map(|device| device.as_bytes()[0]).collect()
    }

    #[test]
    fn who_was_here_longest_ago_is_forgotten_whatever_its_id_and_not_who_is_here() {
        let (mut met, here) = (MetBefore { most: 3, ..MetBefore::default() }, BTreeSet::from([device(7)]));

        for nth in [7, 1, 9, 1, 2] {
            met.note(device(nth), None, &here);
        }

        assert_eq!(known(&met), [1, 2, 7]);
        assert!(met.rank(&device(7)) < met.rank(&device(1)) && met.rank(&device(9)) == u64::MAX);
    }

    #[test]
    fn a_community_that_shows_device_after_device_has_its_own_forgotten() {
        let [few, many] = [[1; 32], [2; 32]].map(|id| Some(CommunityId::from_bytes(id)));
        let mut met = MetBefore { most: 8, ..MetBefore::default() };

        met.note(device(1), few, &BTreeSet::new());
        (10..200).for_each(|nth| met.note(device(nth), many, &BTreeSet::new()));

        assert_eq!(known(&met), [1, 193, 194, 195, 196, 197, 198, 199]);
    }
}
