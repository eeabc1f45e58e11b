//! A town in which somebody lies: who it is, and how the honest get rid of them.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use linli_core::{
    aggregate::household::{Household, HouseholdCommand, NewHousehold, NewPerson},
    event::{Compartment, Topic},
    id::{CommandId, DeviceId, EpochId, EventId, LogId},
    keep::Holder,
    key::{DeviceKeys, KitWords},
    replica::{LinkError, MembersError, StateHash},
    roster::{Cut, Grant, Keyring, Revocation, Role, RosterCommand, RosterRefusal, Who, Withdrawal},
};
use linli_tests::{Break, Ended, Meeting, people::LAN};
use rand::{
    RngExt,
    seq::{IndexedRandom, SliceRandom},
};

use super::{
    heap::Bound,
    invariant::{self, known},
    liar::Liar,
    lie::keys_of,
    office::{Office, Visited, has, post, try_to_post},
    step::{No, Step, answer},
    town::{Mark, Town},
};

mod care;
mod unbroken;

use care::Care;

/// Meetings with one of them after which all honest phones agree.
const MEETINGS: u64 = 2;

/// How often a liar has no more than a copy of somebody's keys, and how often the kit's words.
const COPIES: f64 = 0.2;
const KITS: f64 = 0.12;

/// How often those who are cut off go on, and how much each tells then beside a heap.
const GO_ON: f64 = 0.2;
const LAST: usize = 3;

/// How often a lie is a heap that passes a bound.
const HEAPS: f64 = 0.08;

/// Whoever lies, and what the honest have against them.
#[derive(Default)]
pub(crate) struct Siege {
    pub(crate) liars: Vec<Liar>,
    /// A relay; it neither reads nor lies.
    pub(crate) relay: Option<usize>,
    /// A relay that is more than another phone: the real one.
    pub(crate) office: Option<Office>,
    kit: Option<KitWords>,
    /// Whether a liar found the kit's words: it stands above all, and nothing ends it.
    kit_is_found: bool,
    /// Where the founder's logs end, if it is the founder's phone that was stolen.
    founder: Option<Vec<Cut>>,
    /// Who may read the care register, and who was given its keys.
    care: Care,
    /// Who met in this step, and came to be in step.
    pub(crate) met: Option<[usize; 2]>,
    /// What each phone was last seen to hold.
    held: RefCell<BTreeMap<usize, Rc<Holding>>>,
}

/// What a phone holds.
struct Holding {
    mark: Mark,
    /// Where each log ends.
    logs: BTreeMap<LogId, BTreeSet<EventId>>,
    /// Epochs whose keys it has.
    keys: BTreeSet<EpochId>,
    /// Its state hash, once somebody asks.
    hash: OnceCell<StateHash>,
}

impl Town {
    /// A small community with a kit in which some begin to lie: volunteers, coordinators, or whoever took the
    /// founder's phone.
    pub(crate) fn besieged(seed: u64, aloud: bool) -> Self {
        let mut town = Self::unfounded(seed, aloud, 3..=5);
        let (_, words) = town.world.at(LAN).found_with_kit(None).expect("nothing stands against founding");
        town.siege.kit = Some(words);
        town
    }

    /// One or two of those who are there begin to lie.
    pub(crate) fn besiege(&mut self) {
        if self.world.dice.random_bool(0.3) {
            let relay = self.world.join(LAN, Role::Relay);
            self.siege.relay = Some(relay);
            self.meet_all(LAN);
        }
        if self.world.dice.random_bool(0.3) {
            let office = Office::open(&mut self.world);
            self.siege.office = Some(office);
            self.take(Step::Visit { phone: LAN });
        }
        self.look_after_somebody();
        let all: Vec<usize> = self.joined.iter().copied().filter(|phone| *phone != 0).collect();
        let count = self.world.dice.random_range(1..=2).min(all.len().saturating_sub(1));
        let mut liars: Vec<usize> = all.sample(&mut self.world.dice, count).copied().collect();
        // Somebody has to be there to see it.
        if self.world.dice.random_bool(0.15) && !all.is_empty() {
            liars = vec![LAN];
        }
        let copies = liars != [LAN] && self.world.dice.random_bool(COPIES);
        self.siege.kit_is_found = liars != [LAN] && self.world.dice.random_bool(KITS);
        for phone in liars {
            if phone == 0 {
                let witness = *all.last().expect("somebody joined");
                let cut = self.world.at(witness).cut_at(self.world.device(LAN), &[]).expect("the store answers");
                self.siege.founder = Some(cut.0);
            }
            let mut liar = Liar::with_keys_of(&mut self.world, phone);
            liar.beside = copies && self.siege.liars.is_empty();
            if let Some(kit) = self.siege.kit.as_ref().filter(|_| self.siege.kit_is_found) {
                liar.finds(kit);
            }
            self.siege.liars.push(liar);
        }
    }

    /// The founder and perhaps one more keep the care register.
    fn look_after_somebody(&mut self) {
        let others: Vec<usize> = self.joined.iter().copied().filter(|phone| *phone != 0).collect();
        let keepers = others.choose(&mut self.world.dice).copied().into_iter().chain([LAN]);
        for phone in keepers.collect::<Vec<_>>() {
            let (id, device) = (self.world.command(), self.world.device(phone));
            self.take(Step::Roster { phone: LAN, id, command: RosterCommand::Grant { device, grant: Grant::Care } });
            // Whoever lies later may lay it down before anybody looks, and keeps the key.
            self.siege.care.holders.insert(device);
        }
        self.meet_all(LAN);
        let id = self.world.command();
        self.take(Step::Register { phone: LAN, id });
        assert!(!known(self.world.at(LAN), "household").is_empty(), "somebody is looked after");
        self.meet_all(LAN);
    }

    fn meet_all(&mut self, one: usize) {
        for other in
            self.joined.iter().copied().chain(self.siege.relay).filter(|other| *other != one).collect::<Vec<_>>()
        {
            self.take(Step::Meet { one, other, end: Break::Never });
        }
    }

    /// A lie, if there is somebody to lie and somebody else to hear it; or news for the relay.
    pub(crate) fn lie(&mut self) -> Option<Step> {
        let honest: Vec<usize> = self.honest().chain(self.siege.relay).collect();
        let to = *honest.choose(&mut self.world.dice)?;
        if let Some(relay) = self.siege.relay.filter(|relay| *relay != to && self.world.dice.random_bool(0.2)) {
            return Some(Step::Meet { one: to, other: relay, end: self.some_break() });
        }
        let phones: Vec<usize> = self.honest().collect();
        if let Some(phone) = phones.choose(&mut self.world.dice).copied().filter(|_| self.siege.office.is_some())
            && self.world.dice.random_bool(0.4)
        {
            let liar = self.siege.liars.len().checked_sub(1).map(|last| self.world.dice.random_range(0..=last))?;
            let lies = self.world.dice.random_bool(0.6);
            return Some(if lies { Step::Mislead { liar, seen_on: phone } } else { Step::Visit { phone } });
        }
        if self.world.dice.random_bool(0.05) && Some(to) != self.siege.relay {
            return Some(Step::Register { phone: to, id: self.world.command() });
        }
        let liar = self.siege.liars.len().checked_sub(1).map(|last| self.world.dice.random_range(0..=last))?;
        if let Some(some_to) = phones.choose(&mut self.world.dice).copied().filter(|other| *other != to)
            && Some(to) != self.siege.relay
            && self.world.dice.random_bool(HEAPS)
        {
            return Some(Step::Heap { liar, bound: Bound::any(&mut self.world.dice), to, some_to });
        }
        Some(Step::Lie { liar, to })
    }

    /// Phones that belong, read, and are in no liar's hands.
    pub(crate) fn honest(&self) -> impl Iterator<Item = usize> {
        self.joined.iter().copied().filter(|phone| !self.lies(*phone))
    }

    /// Whether a phone is in a liar's hands.
    pub(crate) fn lies(&self, phone: usize) -> bool {
        self.siege.liars.iter().any(|liar| liar.phone == phone && !liar.beside)
    }

    /// Whether somebody else has a copy of an honest phone's keys.
    pub(crate) fn is_copied(&self, phone: usize) -> bool {
        self.siege.liars.iter().any(|liar| liar.phone == phone && liar.beside)
    }

    /// Devices of liars, and those that they made.
    fn devices_of_liars(&self) -> BTreeSet<DeviceId> {
        let liars = self.siege.liars.iter();
        liars.flat_map(|liar| liar.made().chain([self.world.device(liar.phone)])).collect()
    }

    /// Whether a meeting may fail because one side holds the other for withdrawn: somebody who may withdraw them lies.
    pub(crate) fn somebody_withdraws(&self) -> bool {
        let may = |liar: &Liar| {
            let device = self.world.device(liar.phone);
            let role = |phone: usize| self.world.at(phone).roster().device(device).map(|device| device.role);
            self.honest().any(|phone| role(phone) == Some(Role::Coordinator))
        };
        self.siege.kit_is_found || self.siege.liars.iter().any(may)
    }

    pub(crate) fn register(&mut self, phone: usize, id: CommandId) {
        let people = vec![NewPerson { name: "Wu".into(), ..NewPerson::default() }];
        let household =
            NewHousehold { building: "1".into(), room: Some("101".into()), people, ..NewHousehold::default() };
        let command = HouseholdCommand::Register(Box::new(household));
        let answered = answer::<Household>(self.world.at(phone).submit::<Household>(id, None, command));
        assert!(matches!(answered, Ok(_) | Err(No::Refused | No::NotReady)));
    }

    fn all_keys(&self) -> Vec<DeviceKeys> {
        let phones = (0..self.world.len()).map(|phone| keys_of(&self.world, phone));
        phones.chain(self.siege.liars.iter().flat_map(Liar::keys)).collect()
    }

    /// Whoever may, cuts off whoever lied, at nothing; then all others meet, and must agree.
    pub(crate) fn outlast(&mut self) {
        self.cuts_in_a_copy();
        self.owners_are_heard();
        let mut coordinators: Vec<usize> = self.honest().filter(|phone| *phone != 0).collect();
        coordinators.shuffle(&mut self.world.dice);
        for phone in coordinators {
            if self.world.dice.random_bool(0.5) {
                self.cut_all(phone, false, None);
            }
        }
        if self.siege.kit_is_found {
            return self.outlive_the_kit();
        }
        let root = match self.siege.founder.take() {
            Some(heads) => self.begin_anew(heads),
            None => 0,
        };
        self.cut_all(root, true, None);
        for phone in self.honest().filter(|phone| *phone != root).collect::<Vec<_>>() {
            let (record, id) = (self.world.at(phone).record(), self.world.command());
            let command = RosterCommand::Admit { record, role: Role::Volunteer, member: None, name: None };
            self.take(Step::Roster { phone: root, id, command });
        }
        if let Some(record) = self.siege.office.as_ref().map(|office| office.record) {
            let (id, command) =
                (self.world.command(), RosterCommand::AdmitRelay { record, addresses: Vec::new(), name: None });
            self.take(Step::Roster { phone: root, id, command });
        }
        for _ in 1..MEETINGS {
            self.meet_all_honest(root);
            self.lies_go_on();
            let id = self.world.command();
            self.take(Step::Roster { phone: root, id, command: RosterCommand::WrapLacking });
        }
        self.world.at(root).tend().expect("nothing stands against an upkeep");
        self.meet_all_honest(root);
        self.agree(root);
        self.agree_over_the_relay(root);
    }

    /// In some towns those who were cut off go on, and others bring what they say (R8).
    fn lies_go_on(&mut self) {
        let phones: Vec<usize> = self.honest().collect();
        let &[one, other, ..] = phones.as_slice() else { return };
        if !self.world.dice.random_bool(GO_ON) {
            return;
        }
        self.siege.liars.iter_mut().for_each(|liar| liar.carriers = Some([one, other]));
        for liar in 0..self.siege.liars.len() {
            for _ in 0..LAST {
                let to = *phones.choose(&mut self.world.dice).expect("there are two");
                self.take(Step::Lie { liar, to });
            }
            let topic = *[Topic::Common, Topic::Roster].choose(&mut self.world.dice).expect("two");
            for (to, some_to) in [(one, other), (other, one)] {
                self.take(Step::Heap { liar, bound: Bound::Beyond(topic), to, some_to });
            }
        }
    }

    /// Whoever has a copy of somebody's keys takes nobody's word from them: once the owner has met all others, what the owner
    /// writes goes to all of them, as long as they let the owner in, and each shows where the keys ran twice (R7). Then the
    /// owner hears of it, and gives the phone up.
    fn owners_are_heard(&mut self) {
        let owners: Vec<usize> = self.honest().filter(|phone| self.is_copied(*phone)).collect();
        for owner in owners {
            let device = self.world.device(owner);
            let others: Vec<usize> = self.honest().filter(|other| *other != owner).collect();
            for other in &others {
                self.meets(owner, *other);
            }
            let said = self.world.at(owner).roster().may_connect(device).then(|| try_to_post(&mut self.world, owner));
            for other in said.flatten().into_iter().flat_map(|said| others.iter().map(move |other| (said, *other))) {
                let (said, other) = other;
                let meeting = self.meets(owner, other);
                let passes = meeting.ended != Ended::InStep || has(&self.world, other, said);
                assert!(passes, "phone {other} hears what the owner of {owner} says: {meeting:?}");
                self.shows_forks(other, device);
            }
        }
        self.siege.liars.iter_mut().for_each(|liar| liar.beside = false);
    }

    /// Two meet, unless one holds the other for withdrawn.
    fn meets(&mut self, one: usize, other: usize) -> Meeting {
        let meeting = self.world.meet(one, other, Break::Never);
        let withdrawn = meeting.ended == Ended::Failed(LinkError::Withdrawn);
        assert!(meeting.ended == Ended::InStep || withdrawn, "phones {one} and {other} meet: {:?}", meeting.ended);
        meeting
    }

    /// Where a device's keys ran twice is shown, each branch of it.
    fn shows_forks(&self, phone: usize, device: DeviceId) {
        let replica = self.world.at(phone);
        let shown: BTreeMap<LogId, usize> =
            replica.forks().expect("a member asks").into_iter().map(|fork| (fork.log, fork.heads.len())).collect();
        let logs = replica.look(|reader| reader.logs_of(device)).expect("the store answers");
        for (log, heads) in logs.iter().filter_map(|log| Some((log.id(), self.holds(phone).logs.get(&log.id())?.len())))
        {
            assert_eq!(shown.get(&log).copied().unwrap_or(1), heads, "phone {phone} shows where {device:?} forked");
        }
    }

    /// Nothing ends what the kit does. Whoever is let in by whom meets, and goes on in one truth with all whom it meets.
    fn outlive_the_kit(&mut self) {
        let phones: Vec<usize> = self.honest().chain(self.siege.relay).collect();
        for _ in 0..MEETINGS {
            for (nth, one) in phones.iter().enumerate() {
                for other in &phones[nth + 1..] {
                    self.take(Step::Meet { one: *one, other: *other, end: Break::Never });
                }
            }
        }
        for phone in self.honest() {
            invariant::orders(self.world.at(phone));
            invariant::boxes(self.world.at(phone));
            self.world.assert_one_truth(phone);
        }
        if let Some(mut office) = self.siege.office.take() {
            office.serves_next_door();
            office.assert_well();
        }
    }

    /// All honest phones visit the relay, twice; then it has what they have, and what one of them says reaches the
    /// others over it.
    fn agree_over_the_relay(&mut self, root: usize) {
        let Some(mut office) = self.siege.office.take() else { return };
        let honest: Vec<usize> = [root].into_iter().chain(self.honest().filter(|phone| *phone != root)).collect();
        for round in 0..2 {
            for phone in &honest {
                let visited = office.visit(&self.world, *phone);
                let fine = matches!((&visited, round), (Visited::InStep, _) | (Visited::Withdrawn, 0));
                assert!(fine, "phone {phone} visits the relay: {visited:?}");
            }
        }
        let devices: BTreeSet<DeviceId> = honest.iter().map(|phone| self.world.device(*phone)).collect();
        let store = office.store(&self.world);
        let kept = store.read(|reader| {
            let logs = reader.logs()?.into_iter().filter(|log| devices.contains(&log.device));
            logs.map(|log| Ok((log.id(), reader.heads(log.id())?.iter().map(|head| head.id).collect()))).collect()
        });
        let kept: BTreeMap<LogId, BTreeSet<EventId>> = kept.expect("the store answers");
        let logs = self.world.at(root).look(|reader| reader.logs()).expect("the store answers");
        let theirs = logs.iter().filter(|log| devices.contains(&log.device)).map(|log| log.id());
        let held = self.holds(root);
        for log in theirs.collect::<BTreeSet<LogId>>() {
            assert_eq!(kept.get(&log), held.logs.get(&log), "the relay has what the honest wrote");
        }
        let (one, other) = (honest[0], honest[honest.len() - 1]);
        let news = post(&mut self.world, other);
        for phone in [other, one] {
            let visited = office.visit(&self.world, phone);
            assert!(matches!(visited, Visited::InStep), "phone {phone} visits the relay: {visited:?}");
        }
        assert!(has(&self.world, one, news), "what is new comes over the relay");
        office.serves_next_door();
        office.assert_well();
    }

    /// A member who lies speaks to the relay, and it stays well.
    pub(crate) fn mislead(&mut self, liar: usize, seen_on: usize) {
        let office = self.siege.office.take().expect("there is a relay");
        self.siege.liars[liar].tell_relay(&mut self.world, &office, seen_on);
        office.assert_well();
        self.siege.office = Some(office);
    }

    /// A phone meets the relay. One may hold the other for withdrawn, or not have heard of it.
    pub(crate) fn visits(&mut self, phone: usize) {
        let office = self.siege.office.as_ref().expect("there is a relay");
        let visited = office.visit(&self.world, phone);
        if let Visited::Failed(why) = visited {
            panic!("phone {phone} visits the relay: {why}");
        }
        office.assert_well();
    }

    /// With the kit: the founder's phone is withdrawn and another stands in its place.
    fn begin_anew(&mut self, heads: Vec<Cut>) -> usize {
        let words = self.siege.kit.take().expect("founded with a kit");
        let kit = self.world.phone_of(&words.keys());
        let root = self.world.phone();
        let witnesses: Vec<usize> = self.honest().collect();
        let welcome = self.world.at(witnesses[0]).welcome().expect("it belongs somewhere");
        self.world.at(kit).join(&welcome).expect("the kit joins");
        let mut heard = false;
        for phone in &witnesses {
            let mut meeting = self.world.meet(kit, *phone, Break::Never);
            // Some may know nothing. Of whom the thief withdrew the kit hears nothing more, until it has cut the thief.
            if !heard && self.below(kit).contains(&self.world.device(LAN)) {
                self.cut_all(kit, true, Some(heads.clone()));
                meeting = self.world.meet(kit, *phone, Break::Never);
                heard = true;
            }
            assert_eq!(meeting.ended, Ended::InStep, "the kit meets phone {phone}");
        }
        self.cut_all(kit, true, Some(heads));
        let (id, record) = (self.world.command(), self.world.at(root).record());
        self.world.at(kit).admit(id, record, Role::Coordinator, None, None).expect("the kit admits");
        self.world.at(root).join(&welcome).expect("a new phone joins");
        for (one, other) in [(kit, root), (root, witnesses[0]), (kit, root)] {
            let meeting = self.world.meet(one, other, Break::Never);
            assert_eq!(meeting.ended, Ended::InStep, "{one} and {other} meet");
        }
        if self.siege.office.is_some() {
            self.visits(kit);
        }
        self.world.close(kit);
        self.joined.insert(root);
        root
    }

    /// Devices of honest neighbours, and the office's relay, that somebody let in as what they are not. Whoever withdraws
    /// sees what would fall, with its role, and lets these fall, to let them in again as what they are.
    fn miscalled(&self, by: usize) -> Vec<DeviceId> {
        let roster = self.world.at(by).roster();
        let is = |device: &DeviceId, role| roster.device(*device).is_some_and(|device| device.role == role);
        let phones = self.honest().map(|phone| self.world.device(phone)).filter(|phone| is(phone, Role::Relay));
        let relay = self.siege.office.iter().map(|office| office.record.device);
        phones.chain(relay.filter(|relay| roster.device(*relay).is_some() && !is(relay, Role::Relay))).collect()
    }

    /// Cuts off every liar's device below, the founder's at these heads, all others at nothing. Nothing that any of them
    /// said can make it fail (R8). Who stands on top cuts those anew that cut themselves, as it pleased them.
    fn cut_all(&mut self, by: usize, on_top: bool, founder: Option<Vec<Cut>>) {
        let except: BTreeSet<DeviceId> = self.devices_of_liars().into_iter().chain(self.miscalled(by)).collect();
        for device in self.below(by) {
            let revoked = self.world.at(by).roster().is_revoked(device);
            if (revoked && !on_top) || !self.below(by).contains(&device) {
                continue; // perhaps it fell with another
            }
            let heads = founder.clone().filter(|_| device == self.world.device(LAN)).unwrap_or_default();
            let (except, restate, heads) = (except.clone(), BTreeSet::new(), Some(heads));
            let command = if revoked {
                Withdrawal::Recut { device, heads, except, restate }
            } else {
                Withdrawal::Revoke(Revocation { heads, except, ..Revocation::of(Who::Device(device)) })
            };
            let id = self.world.command();
            match self.world.at(by).withdraw(id, command) {
                // The kit cut it before.
                Err(MembersError::Refused(RosterRefusal::Rank { .. })) if revoked => {}
                Err(error) => panic!("phone {by} cannot withdraw {device:?}: {error}"),
                Ok(()) => self.note_holders(by),
            }
        }
    }

    fn meet_all_honest(&mut self, root: usize) {
        let others = self.honest().chain(self.siege.relay).filter(|phone| *phone != root);
        for phone in others.collect::<Vec<_>>() {
            let meeting = self.world.meet(root, phone, Break::Never);
            assert_eq!(meeting.ended, Ended::InStep, "the honest meet: phone {phone}");
        }
    }

    fn agree(&mut self, root: usize) {
        let honest: Vec<usize> = self.honest().collect();
        let roster = self.world.at(root).roster();
        let writes = roster.writing_epoch(Compartment::Community, &Keyring::open(&keys_of(&self.world, root), &roster));
        for keys in self
            .siege
            .liars
            .iter()
            .flat_map(Liar::keys)
            .chain(self.siege.liars.iter().map(|liar| keys_of(&self.world, liar.phone)))
        {
            assert!(
                !roster.may_connect(keys.device()),
                "{:?} is out, root {root}: {:?}",
                keys.device(),
                roster.device(keys.device())
            );
            let ring = Keyring::open(&keys, &roster);
            assert!(writes.is_none_or(|epoch| !ring.held().contains(&epoch)), "{:?} reads on", keys.device());
        }
        self.writes_care_for_holders_alone(root);
        for phone in honest.iter().copied().chain(self.siege.relay) {
            assert_eq!(self.world.at(phone).roster().digest(), roster.digest(), "phone {phone}");
        }
        let all: BTreeSet<usize> = honest.iter().copied().collect();
        let held = self.holds(root).logs.clone();
        for phone in honest {
            assert!(self.world.at(phone).roster().may_connect(self.world.device(phone)), "phone {phone} is in");
            let ring = Keyring::open(&keys_of(&self.world, phone), &roster);
            assert!(writes.is_none_or(|epoch| ring.held().contains(&epoch)), "phone {phone} reads on");
            self.lacks_nothing(phone, &held);
            self.is_told_the_same(phone, &all);
            invariant::orders(self.world.at(phone));
            invariant::boxes(self.world.at(phone));
            self.world.assert_one_truth(phone);
        }
    }

    /// What honest devices wrote is on every honest phone.
    fn lacks_nothing(&self, phone: usize, all: &BTreeMap<LogId, BTreeSet<EventId>>) {
        let honest: BTreeSet<DeviceId> = self.honest().map(|phone| self.world.device(phone)).collect();
        let logs = self.world.at(phone).look(|reader| reader.logs()).expect("the store answers");
        let theirs: BTreeSet<LogId> =
            logs.iter().filter(|log| honest.contains(&log.device)).map(|log| log.id()).collect();
        let held = self.holds(phone);
        for log in theirs {
            assert_eq!(held.logs.get(&log), all.get(&log), "phone {phone}");
        }
    }
}
