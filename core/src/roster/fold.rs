//! The fold of the roster: logs are read in the order of rank, each already cut by those above. One pass, no circles.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Admitted, Device, Epoch, Fallen, Founded, GrantRemoved, Granted, KeysSealed, Request, Revoked, Role, Roster,
    RosterEvent, Verdict, cut::Chains, moves::Moves, state::Origin,
};
use crate::{
    event::LogHeader,
    id::{CommunityId, DeviceId, EventId, LogId, MemberId, Reference},
    key::DeviceRecord,
    time::WallMs,
};

/// Incarnations followed back, one naming the other, to put a device's logs in order.
const INCARNATIONS: usize = 256;

/// One readable event of the topic `roster`, counted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterFact {
    /// Its log, as its own header says: without a community in the founding event.
    pub log: LogHeader,
    /// Its place in the log.
    pub seq: u64,
    /// Its id.
    pub id: EventId,
    /// When, by its author's clock: a claim.
    pub wall: WallMs,
    /// What it says.
    pub event: RosterEvent,
}

impl RosterFact {
    /// How other events name it.
    pub fn reference(&self) -> Reference {
        Reference { log: self.log.id(), seq: self.seq, check: self.id.short() }
    }

    /// What it founds, if it is this community's founding event: at seq 0, without a community, by the founder.
    fn founding(&self, community: CommunityId) -> Option<&Founded> {
        let RosterEvent::Founded(founded) = &self.event else { return None };
        let own = self.log.device == founded.founder.device && self.id.as_bytes() == community.as_bytes();
        (own && self.seq == 0 && self.log.community == CommunityId::ZERO).then_some(founded)
    }
}

impl Roster {
    /// Folds the set of roster events of a community: any order, duplicates welcome. Events of other communities
    /// and topics are passed over. Without the founding event nobody is known.
    pub fn fold(community: CommunityId, facts: &[RosterFact], chains: &dyn Chains) -> Roster {
        let mut roster = Roster::empty(community);
        let Some((origin, founded)) = facts.iter().find_map(|fact| Some((fact, fact.founding(community)?))) else {
            return roster;
        };
        roster.origin = Some(Origin { founder: founded.founder.device, topic: origin.log.topic, care: founded.care });
        let mut pass = Pass {
            chains,
            logs: sorted(facts, origin),
            roster,
            read: BTreeSet::new(),
            others: Vec::new(),
            lost: Vec::new(),
            lost_keys: Vec::new(),
        };
        pass.found(origin, founded);
        pass.read_all();
        pass.finish()
    }
}

type Facts<'a> = Vec<&'a RosterFact>;

/// The community's facts, each once, by device and in the order of (log, seq, id).
fn sorted<'a>(facts: &'a [RosterFact], origin: &RosterFact) -> BTreeMap<DeviceId, Facts<'a>> {
    let community = CommunityId::from_bytes(*origin.id.as_bytes());
    let ours = |fact: &&RosterFact| fact.log.community == community && fact.log.topic == origin.log.topic;
    let mut unique: BTreeMap<(DeviceId, LogId, u64, EventId), &RosterFact> = BTreeMap::new();
    for fact in facts.iter().filter(ours) {
        unique.insert((fact.log.device, fact.log.id(), fact.seq, fact.id), fact);
    }
    let mut logs: BTreeMap<DeviceId, Facts<'a>> = BTreeMap::new();
    for ((device, ..), fact) in unique {
        logs.entry(device).or_default().push(fact);
    }
    logs
}

struct Pass<'a> {
    chains: &'a dyn Chains,
    logs: BTreeMap<DeviceId, Facts<'a>>,
    roster: Roster,
    /// Devices whose logs have been read: all that are not lower in rank than who is being read.
    read: BTreeSet<DeviceId>,
    /// Admitted devices that are no coordinators, in the order of their admission: read last.
    others: Vec<DeviceId>,
    /// Devices whose admission does not count.
    lost: Vec<DeviceId>,
    /// Keys in events that do not count.
    lost_keys: Vec<(DeviceId, &'a KeysSealed)>,
}

impl<'a> Pass<'a> {
    /// The founding event always counts.
    fn found(&mut self, fact: &RosterFact, founded: &Founded) {
        let member = MemberId::first_device(founded.founder.device);
        let device = |record: DeviceRecord| Device {
            record,
            member: Some(member),
            role: Role::Coordinator,
            kit: false,
            rank: u32::MAX,
            admitted_by: None,
            admitted: fact.reference(),
            wall: fact.wall,
            addresses: Vec::new(),
            label: None,
            withdrawn: false,
            left: false,
        };
        let founder = Device { label: founded.label.clone(), ..device(founded.founder) };
        self.roster.devices.insert(founder.record.device, founder);
        if let Some(kit) = founded.kit {
            self.roster.devices.insert(kit.device, Device { kit: true, ..device(kit) });
        }
    }

    /// Rank: recovery kit with what it admitted, founder, pre-order of the tree of coordinators, then all others.
    fn read_all(&mut self) {
        let kits = self.roster.devices.values().filter(|device| device.kit);
        let mut open: Vec<DeviceId> =
            self.roster.founder().into_iter().chain(kits.map(|kit| kit.record.device)).collect();
        while let Some(device) = open.pop() {
            let admitted = self.read(device);
            open.extend(admitted.into_iter().rev());
        }
        for device in std::mem::take(&mut self.others) {
            self.read(device);
        }
    }

    /// Reads the logs of one device and returns the coordinators it admitted, in order. All cuts by those above are
    /// in place.
    fn read(&mut self, device: DeviceId) -> Vec<DeviceId> {
        let rank = u32::try_from(self.read.len()).unwrap_or(u32::MAX);
        self.read.insert(device);
        if let Some(device) = self.roster.devices.get_mut(&device) {
            device.rank = rank;
        }
        let facts = self.logs.get(&device).cloned().unwrap_or_default();
        let (mut standing, mut beyond): (Facts<'_>, Facts<'_>) = facts.into_iter().partition(|fact| self.counts(fact));
        // A device's cuts of itself are read before all else it says and are not cut by each other: so there is no
        // circle here either.
        for fact in &standing {
            if let RosterEvent::Revoked(revoked) = &fact.event
                && revoked.device == device
                && self.roster.may_write(device, &fact.event)
            {
                self.roster.cuts.entry(device).or_default().add(fact.reference(), rank, revoked);
            }
        }
        in_order_of_incarnations(&mut standing);
        let (counted, cut): (Facts<'_>, Facts<'_>) = standing.into_iter().partition(|fact| self.counts(fact));
        beyond.extend(cut);
        for fact in beyond {
            self.fall(fact);
        }
        counted.into_iter().filter_map(|fact| self.apply(fact, rank)).collect()
    }

    fn counts(&self, fact: &RosterFact) -> bool {
        self.roster.verdict(&fact.log, fact.seq, fact.id, self.chains) == Verdict::Counts
    }

    /// Applies one counted event, if its author may write it. Returns the coordinator it admits.
    fn apply(&mut self, fact: &'a RosterFact, rank: u32) -> Option<DeviceId> {
        let by = fact.log.device;
        if !self.roster.may_write(by, &fact.event) {
            return None;
        }
        match &fact.event {
            RosterEvent::Admitted(admitted) => return self.admit(fact, admitted),
            RosterEvent::Granted(granted) => self.grant(granted),
            RosterEvent::GrantRemoved(removed) => self.remove_grant(fact, removed),
            RosterEvent::Revoked(revoked) => self.revoke(fact, revoked, rank),
            RosterEvent::KeysSealed(sealed) => self.seal(by, sealed, true),
            RosterEvent::Left => {
                if let Some(device) = self.roster.devices.get_mut(&by) {
                    device.left = true;
                }
            }
            RosterEvent::RelayMoved(moved) => {
                self.roster.moves.entry(moved.device).or_default().add(fact.reference(), moved);
            }
            RosterEvent::KeyRotated(rotated) => {
                if let Some(device) = self.roster.devices.get_mut(&by) {
                    device.record = rotated.record;
                }
            }
            RosterEvent::Founded(_) | RosterEvent::Resumed(_) => {}
        }
        None
    }

    /// The first admission of a key stands; what comes later in the order of ranks changes nothing.
    fn admit(&mut self, fact: &RosterFact, admitted: &Admitted) -> Option<DeviceId> {
        let id = admitted.record.device;
        if self.roster.devices.contains_key(&id) {
            return None;
        }
        let device = Device {
            record: admitted.record,
            member: admitted.member,
            role: admitted.role,
            kit: false,
            rank: u32::MAX,
            admitted_by: Some(fact.log.device),
            admitted: fact.reference(),
            wall: fact.wall,
            addresses: admitted.addresses.clone(),
            label: admitted.label.clone(),
            withdrawn: false,
            left: false,
        };
        self.roster.devices.insert(id, device);
        if admitted.role == Role::Coordinator {
            return Some(id);
        }
        self.others.push(id);
        None
    }

    fn grant(&mut self, granted: &Granted) {
        let rights = self.roster.rights.entry(granted.device).or_default();
        for right in granted.grant.rights() {
            rights.entry(right).or_default().grant(&granted.after);
        }
    }

    fn remove_grant(&mut self, fact: &RosterFact, removed: &GrantRemoved) {
        if self.above(fact.log.device, removed.device) {
            return self.request(fact, removed.device);
        }
        let rights = self.roster.rights.entry(removed.device).or_default();
        for right in removed.grant.rights() {
            rights.entry(right).or_default().remove(fact.reference(), removed);
        }
    }

    fn revoke(&mut self, fact: &RosterFact, revoked: &Revoked, rank: u32) {
        if self.above(fact.log.device, revoked.device) {
            return self.request(fact, revoked.device);
        }
        self.roster.cuts.entry(revoked.device).or_default().add(fact.reference(), rank, revoked);
    }

    /// Whether `device` is higher in rank than `by`, who is being read: then it has been read already.
    fn above(&self, by: DeviceId, device: DeviceId) -> bool {
        device != by && self.read.contains(&device)
    }

    fn request(&mut self, fact: &RosterFact, device: DeviceId) {
        let (event, kind) = (fact.reference(), fact.event.kind());
        self.roster.requests.insert(Request { event, kind, by: fact.log.device, device, wall: fact.wall });
    }

    /// The first event that carries an epoch, in the order of ranks, says which generation it is.
    fn seal(&mut self, by: DeviceId, sealed: &KeysSealed, counts: bool) {
        let epoch =
            self.roster.epochs.entry((sealed.compartment, sealed.epoch)).or_insert_with(|| Epoch::new(sealed, counts));
        epoch.add(by, sealed, counts);
    }

    /// Notes what an event that does not count takes with it. Of a lost device the role is not known for sure; it is
    /// followed only where a coordinator was to be admitted.
    fn fall(&mut self, fact: &'a RosterFact) {
        if self.roster.device(fact.log.device).is_some() && !self.roster.may_write(fact.log.device, &fact.event) {
            return;
        }
        let (event, kind) = (fact.reference(), fact.event.kind());
        match &fact.event {
            RosterEvent::Admitted(admitted) if admitted.role == Role::Coordinator => {
                self.lost.push(admitted.record.device);
            }
            RosterEvent::KeysSealed(sealed) => self.lost_keys.push((fact.log.device, sealed)),
            RosterEvent::Revoked(Revoked { device, .. }) | RosterEvent::GrantRemoved(GrantRemoved { device, .. }) => {
                let device = *device;
                self.roster.fallen.insert(Fallen { event, kind, by: fact.log.device, device, wall: fact.wall });
            }
            _ => {}
        }
    }

    /// Follows lost admissions to what rested on them, and closes the books.
    fn finish(mut self) -> Roster {
        while let Some(device) = self.lost.pop() {
            if self.read.insert(device) {
                for fact in self.logs.get(&device).cloned().unwrap_or_default() {
                    self.fall(fact);
                }
            }
        }
        // After all that count: a key that nobody standing vouches for opens, and is never written under.
        let mut keys = std::mem::take(&mut self.lost_keys);
        keys.sort_by_key(|(device, sealed)| (*device, sealed.epoch, sealed.compartment, sealed.generation));
        for (device, sealed) in keys {
            self.seal(device, sealed, false);
        }
        for device in self.roster.devices.values_mut() {
            let moved = self.roster.moves.get(&device.record.device).filter(|_| device.role == Role::Relay);
            if let Some(addresses) = moved.map(Moves::addresses).filter(|addresses| !addresses.is_empty()) {
                device.addresses = addresses;
            }
            device.withdrawn = device.left || self.roster.cuts.contains_key(&device.record.device);
        }
        self.roster.note_withdrawn_recipients();
        self.roster
    }
}

/// A later incarnation names the one before it and comes after it; those that name none come by id.
fn in_order_of_incarnations(facts: &mut Facts<'_>) {
    let mut before: BTreeMap<LogId, LogId> = BTreeMap::new();
    for fact in facts.iter() {
        if let RosterEvent::Resumed(resumed) = &fact.event {
            before.entry(fact.log.id()).or_insert(resumed.after);
        }
    }
    let place = |log: LogId| {
        let earlier = std::iter::successors(before.get(&log), |log| before.get(*log));
        earlier.take(INCARNATIONS).count()
    };
    // Stable: within a log the order of (seq, id) stays.
    facts.sort_by_cached_key(|fact| {
        let log = fact.log.id();
        (place(log), log)
    });
}
