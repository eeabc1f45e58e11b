//! The fold of the roster: one pass over all logs in the order of rank.
//!
//! Each log is read after those of everybody above its author have cut it, so there are no circles. Of what a device
//! says, and no cut leaves out, as much counts as it has room for, the first in the order of reading.
//!
//! A key opens what was sealed under it even if the event that gave it does not count: others may have written under
//! it.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use super::{
    Admitted, ClearFact, Device, Epoch, Fallen, Founded, Gist, GrantRemoved, Granted, KeysSealed, Later, LogFacts,
    Request, Revoked, Role, RoomGiven, Roster, RosterEvent, RosterFact, Said, Unread, Verdict,
    cut::{Chains, Cuts, Shared},
    in_order,
    moves::Moves,
    reading::{Log, Order, Told, ahead},
    said::{Ahead, Budget, Crowded},
    state::Origin,
};
use crate::{
    count::{self, Work},
    event::Held,
    id::{CommunityId, DeviceId, LogId, MemberId, Reference},
    key::DeviceRecord,
    limits,
    sabotage::Rule,
};

impl Roster {
    /// Folds the set of roster events of a community: any order, duplicates welcome. Events of other communities
    /// and topics are passed over. Without the founding event nobody is known.
    pub fn fold(community: CommunityId, facts: &[impl Borrow<RosterFact>], chains: &dyn Chains) -> Roster {
        let mut said = Said::default();
        for fact in facts {
            said.add(Arc::new(fact.borrow().clone()));
        }
        Self::fold_without(community, &said, &BTreeSet::new(), chains, &Roster::empty(community))
    }

    /// The same, where logs are silent: nothing of them counts but what a cut that stands names. What single events say is
    /// taken over from the roster before; it makes no difference but that nothing is copied. Of what a device heaped up
    /// beyond its room nothing is looked at.
    pub fn fold_without(
        community: CommunityId,
        said: &Said<RosterFact>,
        silent: &BTreeSet<LogId>,
        chains: &dyn Chains,
        before: &Roster,
    ) -> Roster {
        let mut roster = Roster::empty(community);
        let logs = said.devices().flat_map(|device| said.logs_of(device));
        let mut firsts = logs.flat_map(|(_, facts)| facts.iter().take_while(|fact| fact.seq == 0));
        let founding = firsts.find_map(|fact| Some((fact, fact.founding(community)?)));
        let Some((origin, founded)) = founding else {
            return roster;
        };
        roster.origin = Some(Origin { founder: founded.founder.device, topic: origin.log.topic, care: founded.care });
        let mut pass = Pass {
            chains,
            silent,
            before,
            said,
            roster,
            idle: BTreeMap::new(),
            crowded: Crowded::default(),
            own_cuts: BTreeSet::new(),
            used: BTreeMap::new(),
            unread: BTreeSet::new(),
            barred: BTreeSet::new(),
            read: BTreeSet::new(),
            others: Vec::new(),
            lost: Vec::new(),
        };
        pass.found(origin, founded);
        pass.read_all();
        pass.finish()
    }

    /// Takes in readable events that can have no effect, whatever else is held, as a fold with them would. Whether that is so
    /// of all of them; if not, nothing is taken in, and all is to be folded again. Some logs are silent.
    pub(crate) fn take_idle(&mut self, facts: &[Arc<RosterFact>], silent: &BTreeSet<LogId>) -> bool {
        let idle = |fact: &Arc<RosterFact>| {
            let (log, by) = (&fact.log, fact.log.device);
            let ours = log.community == self.community && self.origin.is_some_and(|origin| origin.topic == log.topic);
            // Who is cut or on the way out is judged event by event; of a lost coordinator all that fell is shown. And keys of
            // somebody who was ever let in as one open.
            // What is said in a role that is not known may have an effect.
            let idles = |device: &Device| matches!(device.role, Role::Volunteer | Role::Relay);
            ours && self.device(by).is_some_and(idles)
                && !self.cuts.contains_key(&by)
                && !self.givers.contains_key(&by)
                && !self.may_write(by, &fact.event)
                && (silent.is_empty() || !silent.contains(&log.id()))
        };
        let mut used = BTreeMap::<DeviceId, u64>::new();
        for fact in facts {
            let used = used.entry(fact.log.device).or_default();
            *used = used.saturating_add(fact.weight());
        }
        // Where there is room for all of them it makes no difference which is read first.
        let has_room = |(by, used): (&DeviceId, &u64)| *used <= self.room_left(*by);
        let all = facts.iter().all(idle) && used.iter().all(has_room);
        if all && !facts.is_empty() {
            let room = Arc::make_mut(&mut self.used);
            for (by, used) in used {
                let room = room.entry(by).or_default();
                *room = room.saturating_add(used);
            }
            let held: Vec<_> = facts.iter().map(|fact| (fact.reference(), self.lack(fact))).collect();
            Arc::make_mut(&mut self.idle).extend(held);
            let unread = facts.iter().filter_map(|fact| Some(self.unread_of(fact, &self.gist_of(fact)?)));
            let unread: Vec<Unread> = unread.collect();
            if !unread.is_empty() {
                Arc::make_mut(&mut self.unread).extend(unread);
            }
        }
        all
    }
}

struct Pass<'a> {
    chains: &'a dyn Chains,
    silent: &'a BTreeSet<LogId>,
    before: &'a Roster,
    /// What has no effect, and why.
    idle: BTreeMap<Reference, Held>,
    /// What only a later build reads whole.
    unread: BTreeSet<Unread>,
    /// Devices that are withdrawn by such an event.
    barred: BTreeSet<DeviceId>,
    said: &'a Said<RosterFact>,
    /// From where on there is no room.
    crowded: Crowded,
    /// Cuts of their own authors that have an effect.
    own_cuts: BTreeSet<Reference>,
    /// The room that what each device says takes, as far as there is any.
    used: BTreeMap<DeviceId, u64>,
    roster: Roster,
    /// Devices whose logs have been read: all that are not lower in rank than who is being read.
    read: BTreeSet<DeviceId>,
    /// Admitted devices that are no coordinators, in the order of their admission: read last.
    others: Vec<DeviceId>,
    /// Devices whose admission does not count.
    lost: Vec<DeviceId>,
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

    /// Rank: the recovery kit, those whom it admitted in a use in which it withdrew the founder, the founder, others whom
    /// the kit admitted, the founder's; each with the tree of coordinators below, in pre-order. Then all others.
    fn read_all(&mut self) {
        let founder = self.roster.founder();
        let kit = self.roster.devices.values().find(|device| device.kit).map(|kit| kit.record.device);
        let kit = kit.filter(|_| !Rule::KitRank.is_left_out());
        let by_kit = kit.map(|kit| self.read(kit)).unwrap_or_default();
        let cut_in = self.cuts_of_founder();
        let (above, mut below): (Vec<_>, Vec<_>) =
            by_kit.into_iter().partition(|device| self.is_admitted_in(*device, &cut_in));
        let mut open: Vec<DeviceId> = founder.into_iter().chain(above.into_iter().rev()).collect();
        while let Some(device) = open.pop() {
            let admitted = self.read(device);
            open.extend(admitted.into_iter().rev());
            if Some(device) == founder {
                open.extend(below.drain(..).rev());
            }
        }
        // Some of these let others in, whose logs come behind.
        let mut next = 0;
        while let Some(device) = self.others.get(next).copied() {
            self.read(device);
            next += 1;
        }
    }

    /// The uses of the kit that withdrew the founder: each is an incarnation, and so a log, of its own.
    fn cuts_of_founder(&self) -> BTreeSet<LogId> {
        let cuts = self.roster.founder().and_then(|founder| self.roster.cuts.get(&founder));
        let made = cuts.into_iter().flat_map(Cuts::made).inspect(|_| count::note(Work::Asked, 1));
        made.map(|cut| cut.log).collect()
    }

    /// Whether one of these logs admitted a device.
    fn is_admitted_in(&self, device: DeviceId, logs: &BTreeSet<LogId>) -> bool {
        count::note(Work::Asked, 1);
        self.roster.devices.get(&device).is_some_and(|device| logs.contains(&device.admitted.log))
    }

    /// Reads the logs of one device and returns the coordinators it admitted, in order. All cuts by those above are
    /// in place.
    fn read(&mut self, device: DeviceId) -> Vec<DeviceId> {
        let rank = u32::try_from(self.read.len()).unwrap_or(u32::MAX);
        self.read.insert(device);
        if let Some(device) = self.roster.devices.get_mut(&device) {
            device.rank = rank;
        }
        let mut order = self.in_order(device);
        self.read_own_rooms(device, &order);
        if self.read_own_cuts(device, rank, &order) {
            order = order.into_iter().map(|log| self.log(device, log.name, log.facts)).collect();
            self.read_own_rooms(device, &order);
        }
        self.read_in_order(device, rank, &order)
    }

    /// The logs of a device that belong here, in the order of its lives: a later incarnation names the one before it. What ends
    /// their number is the room that each takes.
    ///
    /// Those of which nothing counts as cuts by others are do not stand between them, but behind: who holds which of these is
    /// for anybody to choose who has the device's keys.
    fn in_order(&self, device: DeviceId) -> Order<'a> {
        let counted = |log: &Log<'a>| log.told_until_over().any(|told| self.counts(&told));
        let (mut logs, others): (Order<'a>, Order<'a>) = self.logs_of(device).partition(counted);
        let resumes = |log: &Log<'a>| {
            let firsts = log.told().take_while(|told| told.fact.seq == 0);
            firsts.filter(|told| self.counts(told)).find_map(|told| told.fact.event.resumes())
        };
        let lives: Vec<_> = logs.iter().map(|log| (log.name, resumes(log))).collect();
        if lives.iter().any(|(_, before)| before.is_some()) {
            logs = in_order(&lives).into_iter().filter_map(|at| logs.get(at).copied()).collect();
        }
        logs.extend(others);
        logs
    }

    fn logs_of(&self, device: DeviceId) -> impl Iterator<Item = Log<'a>> {
        let (said, origin) = (self.said, self.roster.origin);
        let ours = move |facts: &LogFacts<RosterFact>| origin.is_some_and(|it| it.topic == facts.header().topic);
        let logs = said.logs_of(device).filter(move |(_, facts)| ours(facts));
        logs.map(move |(name, facts)| self.log(device, name, facts))
    }

    /// A log, as cuts are now.
    fn log(&self, device: DeviceId, name: LogId, facts: &'a LogFacts<RosterFact>) -> Log<'a> {
        let silent = self.silent.contains(&name) && !self.roster.names_log(device, name);
        let last = self.roster.last_place(device, name);
        Log { name, facts, community: self.roster.community, silent, last }
    }

    /// The rooms that a device gives itself count wherever they stand, room or none: whoever has filled theirs, or has lost
    /// some with whoever gave them, makes room for all that they said. They are what cuts leave, as far as a device has rooms.
    fn read_own_rooms(&mut self, device: DeviceId, order: &Order<'a>) {
        self.roster.own_rooms.remove(&device);
        let mut left = limits::ROOMS.saturating_sub(self.roster.rooms_of(device));
        let mut own = BTreeMap::new();
        for told in ahead(order, Ahead::Room) {
            if left == 0 {
                break;
            }
            if let Some(rooms) = told.fact.room_of_its_own()
                && self.counts(&told)
                && self.roster.may_write(device, &told.fact.event)
            {
                own.insert(told.reference(), rooms);
                left = left.saturating_sub(rooms);
            }
        }
        if !own.is_empty() {
            self.roster.own_rooms.insert(device, own);
        }
    }

    /// A device's cuts of itself are read before all else it says and are not cut by each other: so there is no circle
    /// here either. They count wherever they stand, as many as the device has room for: nothing that it says besides undoes
    /// them, whatever of that they leave. Whether there are any.
    fn read_own_cuts(&mut self, device: DeviceId, rank: u32, order: &Order<'a>) -> bool {
        let mut room = Budget::of(self.roster.roster_room(device));
        let mut own = Vec::new();
        for told in ahead(order, Ahead::Cut) {
            if let Some(revoked) = told.fact.cut_of_itself()
                && self.counts(&told)
                && self.roster.may_write(device, &told.fact.event)
            {
                if !room.take(told.fact.weight()) {
                    break;
                }
                own.push((told.reference(), revoked));
            }
        }
        for (event, revoked) in &own {
            let before = self.before.cuts.get(&device);
            let cuts = self.roster.cuts.entry(device).or_default();
            cuts.add(*event, device, rank, revoked, before);
        }
        self.own_cuts.extend(own.iter().map(|(event, _)| *event));
        !own.is_empty()
    }

    /// Reads what a device says in its order, as far as there is room for it. Of what lies beyond a cut as much is looked
    /// at as there is room for what counts: more than that never counted.
    fn read_in_order(&mut self, device: DeviceId, rank: u32, order: &Order<'a>) -> Vec<DeviceId> {
        let mut room = Budget::of(self.roster.roster_room(device));
        let mut beyond = Budget::of(self.roster.roster_room(device));
        let mut admitted = Vec::new();
        for log in order.iter().copied() {
            for told in log.told() {
                let over = log.is_over_at(told.fact.seq);
                if over || !self.counts(&told) {
                    if beyond.take(told.fact.weight()) {
                        let why = if over && log.silent && self.counts(&told) { Held::Silenced } else { Held::Cut };
                        self.idle.insert(told.reference(), why);
                        self.fall(told);
                    } else if over {
                        break;
                    }
                    continue;
                }
                if !room.take(told.fact.weight()) {
                    self.crowded.from(log.name, told.fact.seq, told.fact.id);
                    if beyond.is_full() || !self.roster.cuts.contains_key(&device) {
                        break;
                    }
                } else if told.fact.cut_of_itself().is_some() && self.roster.may_write(device, &told.fact.event) {
                    // It was read before all else, and once: by now others that it names would leave it more to say. Or there
                    // was no room for it among them, or its log was silent without them: they stand, this one does not.
                    if !self.own_cuts.contains(&told.reference()) {
                        self.idle.insert(told.reference(), Held::Crowded);
                    }
                } else {
                    admitted.extend(self.apply(told, rank));
                }
            }
        }
        self.used.insert(device, room.used());
        admitted
    }

    fn counts(&self, told: &Told<'_>) -> bool {
        let RosterFact { log, seq, id, .. } = told.fact;
        // Nearly always, and it spares the log's name.
        let uncut = !self.roster.cuts.contains_key(&log.device) && self.roster.devices.contains_key(&log.device);
        (uncut && log.community != CommunityId::ZERO)
            || self.roster.verdict(log, *seq, *id, self.chains) == Verdict::Counts
    }

    /// Applies one counted event, if its author may write it. Returns the coordinator it admits.
    fn apply(&mut self, told: Told<'a>, rank: u32) -> Option<DeviceId> {
        let fact = told.fact;
        let by = fact.log.device;
        count::note(Work::Folded, 1);
        let later = self.roster.gist_of(fact);
        if let Some(later) = &later {
            self.unread.insert(self.roster.unread_of(fact, later));
        }
        if !self.roster.may_write(by, &fact.event) {
            self.idle.insert(told.reference(), self.roster.lack(fact));
            return later.filter(|_| self.roster.is_later(by)).and_then(|later| self.take_gist(told, &later));
        }
        match &fact.event {
            RosterEvent::Later(later) => return self.take_gist(told, later),
            RosterEvent::Admitted(admitted) => return self.admit(told, admitted),
            RosterEvent::Granted(granted) => self.grant(told, granted),
            RosterEvent::GrantRemoved(removed) => self.remove_grant(told, removed),
            RosterEvent::Revoked(revoked) => self.revoke(told, revoked, rank),
            RosterEvent::KeysSealed(sealed) => self.seal(told.reference(), by, sealed, true),
            RosterEvent::Left => {
                if let Some(device) = self.roster.devices.get_mut(&by) {
                    device.left = true;
                }
            }
            RosterEvent::RelayMoved(moved) => {
                self.roster.moves.entry(moved.device).or_default().add(told.reference(), moved);
            }
            RosterEvent::KeyRotated(rotated) => {
                if let Some(device) = self.roster.devices.get_mut(&by) {
                    device.record = rotated.record;
                }
            }
            RosterEvent::RoomGiven(given) => self.give_room(told, given),
            // A community is founded once, by the event whose id it has.
            RosterEvent::Founded(_) => drop(self.idle.insert(told.reference(), Held::Unentitled)),
            RosterEvent::Resumed(_) => {}
        }
        None
    }

    /// Takes what can be made out of an event that only a later build reads whole.
    fn take_gist(&mut self, told: Told<'_>, later: &Later) -> Option<DeviceId> {
        let by = told.fact.log.device;
        self.idle.insert(told.reference(), Held::Newer);
        match &later.gist {
            Gist::Admits(admitted) => return self.admit(told, admitted),
            Gist::Withdraws(device) => {
                let device = device.unwrap_or(by);
                if !self.stands_above(by, device) {
                    self.barred.insert(device);
                }
            }
            Gist::Limits(device) if !self.stands_above(by, *device) => {
                self.roster.limits.entry(*device).or_default().insert(told.reference());
            }
            Gist::Limits(_) | Gist::Unknown => {}
        }
        None
    }

    /// Whether `device` is above `by`, who says what can only be made out. Where one stands in a role that is not known here,
    /// nobody can tell: below all coordinators, below those in such a role who were read before, and below nobody else.
    fn stands_above(&self, by: DeviceId, device: DeviceId) -> bool {
        let ranks = |device: &Device| matches!(device.role, Role::Coordinator | Role::Later);
        self.above(by, device) && (!self.roster.is_later(by) || self.roster.device(device).is_some_and(ranks))
    }

    /// The first admission of a key stands; what comes later in the order of ranks changes nothing.
    fn admit(&mut self, told: Told<'_>, admitted: &Admitted) -> Option<DeviceId> {
        let fact = told.fact;
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
            admitted: told.reference(),
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

    fn grant(&mut self, told: Told<'_>, granted: &Granted) {
        let rights = self.roster.rights.entry(granted.device).or_default();
        Arc::make_mut(&mut rights.0).grant(told.reference(), told.fact.log.device, granted);
    }

    /// What somebody above has room for is not for those below to say: it has been read by it already. What a device gives
    /// itself has been counted before.
    fn give_room(&mut self, told: Told<'_>, given: &RoomGiven) {
        if told.fact.log.device == given.device {
            return;
        }
        if self.above(told.fact.log.device, given.device) {
            self.idle.insert(told.reference(), Held::Unentitled);
            return;
        }
        let rooms = self.roster.given.entry(given.device).or_default();
        *rooms = rooms.saturating_add(given.rooms);
    }

    fn remove_grant(&mut self, told: Told<'_>, removed: &GrantRemoved) {
        if self.above(told.fact.log.device, removed.device) {
            return self.request(told, removed.device);
        }
        let before = self.before.rights_ever(removed.device);
        let rights = self.roster.rights.entry(removed.device).or_default();
        Arc::make_mut(&mut rights.0).remove(told.reference(), told.fact.log.device, removed, before);
    }

    fn revoke(&mut self, told: Told<'_>, revoked: &Revoked, rank: u32) {
        let by = told.fact.log.device;
        if self.above(by, revoked.device) {
            return self.request(told, revoked.device);
        }
        let before = self.before.cuts.get(&revoked.device);
        let cuts = self.roster.cuts.entry(revoked.device).or_default();
        cuts.add(told.reference(), by, rank, revoked, before);
    }

    /// Whether `device` is higher in rank than `by`, who is being read: then it has been read already.
    fn above(&self, by: DeviceId, device: DeviceId) -> bool {
        device != by && self.read.contains(&device) && !Rule::Rank.is_left_out()
    }

    fn request(&mut self, told: Told<'_>, device: DeviceId) {
        let fact = told.fact;
        let (event, kind) = (told.reference(), fact.event.kind());
        self.idle.insert(event, Held::Unentitled);
        self.roster.requests.insert(Request { event, kind, by: fact.log.device, device, wall: fact.wall });
    }

    /// The first event that carries an epoch, in the order of ranks, says which generation it is.
    fn seal(&mut self, event: Reference, by: DeviceId, sealed: &KeysSealed, counts: bool) {
        let name = (sealed.compartment, sealed.epoch);
        match self.roster.epochs.entry(name) {
            Entry::Occupied(mut epoch) => Arc::make_mut(&mut epoch.get_mut().0).add(event, by, sealed, counts),
            Entry::Vacant(place) => {
                let known = self.before.epochs.get(&name).filter(|epoch| epoch.0.is_of(event, counts));
                place.insert(known.cloned().unwrap_or_else(|| {
                    let mut epoch = Epoch::new(sealed, counts);
                    epoch.add(event, by, sealed, counts);
                    Shared(Arc::new(epoch))
                }));
            }
        }
    }

    /// Notes what an event that does not count takes with it. Of a lost device the role is not known for sure; it is
    /// followed only where a coordinator was to be admitted.
    fn fall(&mut self, told: Told<'a>) {
        let (fact, by) = (told.fact, told.fact.log.device);
        let later = self.roster.gist_of(fact);
        let lacks = self.roster.device(by).is_some() && !self.roster.may_write(by, &fact.event);
        if lacks && !self.roster.is_later(by) {
            return;
        }
        let device = match (&fact.event, later.map(|later| later.gist)) {
            (_, Some(Gist::Withdraws(Some(device)))) => device,
            (_, Some(_)) => return,
            (RosterEvent::Admitted(admitted), None) if admitted.role == Role::Coordinator => {
                return self.lost.push(admitted.record.device);
            }
            (
                RosterEvent::Revoked(Revoked { device, .. }) | RosterEvent::GrantRemoved(GrantRemoved { device, .. }),
                _,
            ) => *device,
            _ => return,
        };
        let (event, kind) = (told.reference(), fact.event.kind());
        self.roster.fallen.insert(Fallen { event, kind, by, device, wall: fact.wall });
    }

    /// Takes in the keys of events that do not count, after those of all that do. Such a key opens what others sealed under
    /// it, because they cannot have known. Nobody writes under it, because nobody who belongs vouches for it. It makes no
    /// difference whether its giver was cut, found no room, or was never admitted after all.
    fn take_other_keys(&mut self) {
        let kit = self.roster.devices.values().filter(|device| device.kit).map(|kit| kit.record.device);
        let first: Vec<DeviceId> = self.roster.founder().into_iter().chain(kit).collect();
        // Whoever comes from the highest in rank first: so it is decided under whom each fell.
        let mut open: BTreeSet<_> = first.into_iter().map(|device| self.come_from(device, device)).collect();
        let (mut givers, mut keys) = (BTreeMap::new(), Vec::new());
        while let Some((_, under, device)) = open.pop_first() {
            let Entry::Vacant(giver) = givers.entry(device) else { continue };
            giver.insert(under);
            for told in self.giving(device) {
                match &told.fact.event {
                    RosterEvent::Admitted(admitted) => _ = open.insert(self.come_from(admitted.record.device, under)),
                    RosterEvent::KeysSealed(sealed) => {
                        let (event, name) = (told.reference(), (sealed.compartment, sealed.epoch));
                        if !self.roster.epochs.get(&name).is_some_and(|epoch| epoch.0.is_carried_by(event)) {
                            keys.push((event, device, sealed));
                        }
                    }
                    _ => {}
                }
            }
        }
        keys.sort_by_key(|(_, device, sealed)| (*device, sealed.epoch, sealed.compartment, sealed.generation));
        count::note(Work::Folded, keys.len() as u64);
        for (event, device, sealed) in keys {
            self.seal(event, device, sealed, false);
        }
        self.roster.givers = Arc::new(givers);
    }

    /// Whoever of those that belong a device comes from, with their rank: itself, or whoever let it in that comes from `under`.
    fn come_from(&self, device: DeviceId, under: DeviceId) -> (u32, DeviceId, DeviceId) {
        let under = if self.roster.devices.contains_key(&device) { device } else { under };
        (self.roster.devices.get(&under).map_or(u32::MAX, |under| under.rank), under, device)
    }

    /// What a device gave keys by, and whom it let in who might give some: the first that came here, as much as the device has
    /// room for. Whoever has stolen its keys writes what is read before all it had said, and as much as they like of any kind;
    /// but what others know already came before that.
    fn giving(&self, device: DeviceId) -> impl Iterator<Item = Told<'a>> + use<'a> {
        let (said, community, origin) = (self.said, self.roster.community, self.roster.origin);
        let mut room = Budget::of(self.roster.roster_room(device));
        let ours = move |fact: &RosterFact| {
            fact.log.community == community && origin.is_some_and(|origin| origin.topic == fact.log.topic)
        };
        let told = said.giving(device).map(|(log, fact)| Told { fact, log }).filter(move |told| ours(told.fact));
        told.take_while(move |told| room.take(told.fact.weight()))
    }

    /// Follows lost admissions to what rested on them, and closes the books.
    fn finish(mut self) -> Roster {
        while let Some(device) = self.lost.pop() {
            if self.read.insert(device) {
                let mut room = Budget::of(limits::ROSTER_ROOM);
                let told = self.logs_of(device).flat_map(Log::told);
                for told in told.take_while(|told| room.take(told.fact.weight())).collect::<Vec<_>>() {
                    self.fall(told);
                }
            }
        }
        self.take_other_keys();
        for device in self.roster.devices.values_mut() {
            let moved = self.roster.moves.get(&device.record.device).filter(|_| device.role == Role::Relay);
            if let Some(addresses) = moved.map(Moves::addresses).filter(|addresses| !addresses.is_empty()) {
                device.addresses = addresses;
            }
            let id = &device.record.device;
            device.withdrawn = device.left || self.roster.cuts.contains_key(id) || self.barred.contains(id);
        }
        self.roster.idle = Arc::new(self.idle);
        self.roster.crowded = Arc::new(self.crowded);
        self.roster.own_cuts = Arc::new(self.own_cuts);
        self.roster.used = Arc::new(self.used);
        self.roster.unread = Arc::new(self.unread);
        for (device, rights) in &mut self.roster.rights {
            Arc::make_mut(&mut rights.0).settle();
            // Those that are as they were stay shared with the roster before.
            if let Some(known) = self.before.rights.get(device).filter(|known| *known == rights) {
                *rights = known.clone();
            }
        }
        self.roster.limited = self.roster.note_limited();
        self.roster.note_withdrawn_recipients();
        self.roster
    }
}
