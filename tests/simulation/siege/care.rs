//! The care register in a besieged town (T5): who opens it, and who gave them its key.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{
    event::{self, Compartment, Content, Topic},
    id::{CommunityId, DeviceId, EpochId, Reference},
    key::{DeviceKeys, EpochKey, Wrap, unwrap},
    roster::{Keyring, KeysSealed, Right, Roster, RosterEvent},
    store::{Pos, Stored},
};

use crate::{decree::purpose, lie::keys_of, town::Town};

/// Events that are read at a time.
const PAGE: usize = 200;

/// Who may read the care register, and who was given its keys.
#[derive(Default)]
pub(super) struct Care {
    /// Devices that some honest phone held for holders of the grant at some time.
    pub(super) holders: BTreeSet<DeviceId>,
    /// Up to where each phone's roster was read.
    read: BTreeMap<usize, Pos>,
    /// Every giving of a key that some honest phone heard of, and by whom.
    given: BTreeMap<Reference, (DeviceId, KeysSealed)>,
}

impl Town {
    /// Nobody without the right opens what stands in the care register, but to whom a liar who held its key gave that:
    /// whoever reads can have others read. No honest device gives it to anybody else.
    pub(super) fn keeps_care(&mut self, phone: usize) {
        // The kit holds the key, and gives it to whom it likes.
        if self.siege.kit_is_found {
            return;
        }
        self.note_holders(phone);
        self.read_givings(phone);
        let roster = self.world.at(phone).roster();
        let (tag, lies) = (self.world.tag(phone, Topic::Care), self.devices_of_liars());
        let events = self.world.at(phone).look(|reader| reader.events_of_topic(tag, Pos::default(), PAGE));
        let honest = events.expect("the store answers").into_iter().filter(|event| !lies.contains(&event.log.device));
        let epochs: BTreeSet<EpochId> = honest.map(|event| event.epoch).collect();
        for keys in self.all_keys().into_iter().filter(|keys| !self.may_read(&roster, keys.device())) {
            let ring = Keyring::open(&keys, &roster);
            let opened: Vec<EpochId> = epochs.iter().copied().filter(|epoch| ring.held().contains(epoch)).collect();
            if !opened.is_empty() {
                let passed_on = self.passed_on(roster.community());
                let is_passed_on = |epoch: &EpochId| passed_on.contains(&(keys.device(), *epoch));
                assert!(opened.iter().all(is_passed_on), "{:?} opens care", keys.device());
            }
        }
    }

    /// What a coordinator who holds the grant writes into the register from now on, whoever was given an earlier key does
    /// not read.
    pub(super) fn writes_care_for_holders_alone(&self, phone: usize) {
        let roster = self.world.at(phone).roster();
        let holds = |device| roster.may_connect(device) && roster.rights_of(device).any(|right| *right == Right::Care);
        let ring = Keyring::open(&keys_of(&self.world, phone), &roster);
        let epoch = roster.writing_epoch(Compartment::Care, &ring).filter(|_| holds(self.world.device(phone)));
        for (keys, epoch) in self.all_keys().into_iter().flat_map(|keys| epoch.map(|epoch| (keys, epoch))) {
            let opens = Keyring::open(&keys, &roster).held().contains(&epoch);
            assert!(holds(keys.device()) || !opens, "{:?} reads care on", keys.device());
        }
    }

    /// Notes whom a phone holds for holders of the grant.
    pub(super) fn note_holders(&mut self, phone: usize) {
        let roster = self.world.at(phone).roster();
        let holds = |device: &DeviceId| roster.rights_of(*device).any(|right| *right == Right::Care);
        self.siege.care.holders.extend(roster.devices().map(|device| device.record.device).filter(holds));
    }

    /// Whether a device held the grant at some time, or is the kit.
    fn may_read(&self, roster: &Roster, device: DeviceId) -> bool {
        self.siege.care.holders.contains(&device) || roster.device(device).is_some_and(|device| device.kit)
    }

    /// Reads who gave keys of the register to whom, as far as a phone has heard since it was asked last. Of the honest
    /// nobody gives one to whoever may not read.
    fn read_givings(&mut self, phone: usize) {
        let (tag, lies) = (self.world.tag(phone, Topic::Roster), self.devices_of_liars());
        let roster = self.world.at(phone).roster();
        loop {
            let after = self.siege.care.read.get(&phone).copied().unwrap_or_default();
            let events = self.world.at(phone).look(|reader| reader.events_of_topic(tag, after, PAGE));
            let events = events.expect("the store answers");
            let Some(last) = events.last() else { return };
            self.siege.care.read.insert(phone, last.pos);
            for (stored, sealed) in events.iter().filter_map(|stored| Some((stored, giving(stored)?))) {
                let (by, to) = (stored.log.device, sealed.wraps.iter().map(|wrap| wrap.device));
                for device in to.filter(|_| !lies.contains(&by)) {
                    assert!(self.may_read(&roster, device), "{by:?} gives {device:?} the key of care");
                }
                self.siege.care.given.insert(stored.reference(), (by, sealed));
            }
        }
    }

    /// Who was given which key of the register by liars who had it, and what that opens in turn.
    fn passed_on(&self, community: CommunityId) -> BTreeSet<(DeviceId, EpochId)> {
        let keys: BTreeMap<DeviceId, DeviceKeys> =
            self.all_keys().into_iter().map(|keys| (keys.device(), keys)).collect();
        let (lies, care) = (self.devices_of_liars(), &self.siege.care);
        let mut passed_on = BTreeSet::new();
        loop {
            let before = passed_on.len();
            for (by, sealed) in care.given.values() {
                let epoch = sealed.epoch;
                if !lies.contains(by) {
                    // An honest key opens those it replaces.
                    let with = keys.keys().filter(|device| passed_on.contains(&(**device, epoch)));
                    let with: Vec<DeviceId> = with.copied().collect();
                    let parents = || sealed.parents.iter().map(|parent| parent.epoch);
                    passed_on.extend(with.into_iter().flat_map(|device| parents().map(move |epoch| (device, epoch))));
                } else if care.holders.contains(by) || passed_on.contains(&(*by, epoch)) {
                    let opens =
                        |wrap: &&Wrap| keys.get(&wrap.device).is_some_and(|to| opens(to, community, epoch, wrap));
                    passed_on.extend(sealed.wraps.iter().filter(opens).map(|wrap| (wrap.device, epoch)));
                }
            }
            if passed_on.len() == before {
                return passed_on;
            }
        }
    }
}

/// What an event gives of the keys to the register, if it is such a one.
fn giving(stored: &Stored) -> Option<KeysSealed> {
    let Content::Here(bytes) = &stored.content else { return None };
    let body = event::open(&stored.header(), bytes, None).ok()?;
    match RosterEvent::read(body.kind, body.version, &body.payload).ok()? {
        RosterEvent::KeysSealed(sealed) if sealed.compartment == Compartment::Care => Some(sealed),
        _ => None,
    }
}

/// Whether a wrap opens, to the key of this name.
fn opens(keys: &DeviceKeys, community: CommunityId, epoch: EpochId, wrap: &Wrap) -> bool {
    let secret = unwrap(keys, &purpose(community, Compartment::Care, epoch), wrap).ok();
    let secret = secret.and_then(|secret| secret.as_slice().try_into().ok());
    secret.is_some_and(|secret| EpochKey::from_bytes(secret, community, Compartment::Care).id() == epoch)
}
