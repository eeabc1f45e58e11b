//! A stolen phone that comes back by every way there is, in any order: through peers that have not heard, a relay, a
//! file, and directly. In the end all honest phones hold the same, and nothing beyond the cut is in it (R8, T3).

use std::collections::BTreeSet;

use linli_core::{
    aggregate::Held,
    event::{Body, Compartment, Content, Topic, open},
    id::{DeviceId, Reference},
    key::{DeviceKeys, EpochKey, KitLanguage, KitWords, SecretStore},
    replica::What,
    roster::{Cut, Keyring, Revocation, Revoked, Role, RosterEvent, Who},
    store::Pos,
    sync::{BundleWriter, Outgoing},
    time::WallMs,
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over,
    people::{CHEN, LAN, MEI, WU, ZHAO},
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

use crate::say::{self, Command, claim, comment, verdict};

/// Orders of arrival that are tried.
const ORDERS: u64 = 20;

#[test]
fn a_stolen_volunteers_phone_comes_back_by_every_way_in_vain_t3() {
    for order in 0..ORDERS {
        withstand(Role::Volunteer, order);
    }
}

#[test]
fn a_stolen_coordinators_phone_comes_back_by_every_way_in_vain_t3() {
    for order in 0..ORDERS {
        withstand(Role::Coordinator, order);
    }
}

/// A founder with a kit and three volunteers; the founder's phone is stolen and withdraws everybody.
fn stolen_founder(seed: u64) -> (World, String, Reference) {
    let mut world = World::seeded(seed);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    for _ in 0..3 {
        world.join(founder, Role::Volunteer);
    }
    world.settle();
    let order = say::post(&mut world, LAN);
    world.settle();
    say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    world.settle();
    for phone in [WU, MEI, ZHAO] {
        let (id, device) = (world.command(), world.device(phone));
        world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    }
    (world, kit.words(KitLanguage::English).join(" "), order)
}

/// The thief of the founder's phone tells a phone what it did.
fn tell(world: &World, phone: usize) {
    let tag = world.tag(LAN, Topic::Roster);
    hand_over(world, phone, world.device(LAN), tag, &world.own_runs(LAN, Topic::Roster)).unwrap();
}

/// The kit makes a new coordinator of phone 4, who heard what phone `informer` knows, and withdraws the founder's phone in
/// the same use.
fn restore(world: &mut World, words: &str, informer: usize, heads: Option<Vec<Cut>>) {
    let new = world.phone();
    let words: KitWords = words.parse().unwrap();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(informer).welcome().unwrap()).unwrap();
    let mut news = Vec::new();
    world.at(informer).export_bundle(What::All, &mut news, |_| {}).unwrap();
    recovery.kit().import_bundle(news.as_slice(), |_| {}).unwrap();
    assert_eq!(recovery.founder_above().unwrap(), Some(world.device(LAN)));
    recovery.withdraw_founder(heads).unwrap();
    assert_eq!(recovery.founder_above().unwrap(), None);
    recovery.finish(None, None).unwrap();
}

/// The honest phones hold the same, all of them belong, and the order stands.
fn assert_restored(world: &mut World, order: Reference) {
    for _ in 0..2 {
        for phone in 1..4 {
            assert_eq!(world.meet(CHEN, phone, Break::Never).ended, Ended::InStep, "phone {phone}");
        }
    }
    let (hash, thief) = (world.at(CHEN).state_hash().unwrap(), world.device(LAN));
    for phone in 1..5 {
        let replica = world.at(phone);
        assert_eq!(replica.state_hash().unwrap(), hash, "phone {phone}");
        assert_eq!(replica.verify().unwrap().faults, []);
        assert!((1..5).all(|one| replica.roster().may_connect(world.device(one))), "phone {phone}");
        assert!(!replica.roster().may_connect(thief));
        assert_eq!(replica.order(order).unwrap().view.card.holder, Some(world.member(MEI)));
    }
    say::submit(world, ZHAO, Some(order), Command::Comment { text: "还在".into() }).unwrap();
    world.meet(ZHAO, CHEN, Break::Never);
    let keyring = Keyring::open(&keys_of(world, LAN), &world.at(CHEN).roster());
    let own = Keyring::open(&keys_of(world, ZHAO), &world.at(CHEN).roster());
    let epoch = world.at(CHEN).roster().writing_epoch(Compartment::Community, &own).unwrap();
    assert!(keyring.key(epoch).is_none(), "the thief opens nothing new");
}

#[test]
fn the_kit_cuts_a_stolen_founder_before_all_have_heard_the_thief_t3() {
    let (mut world, words, order) = stolen_founder(7);
    // Phone 1 has heard the thief, and believes that it is out; phone 2 has not.
    tell(&world, WU);
    assert!(!world.at(WU).roster().may_connect(world.device(WU)));

    restore(&mut world, &words, MEI, None);

    assert_restored(&mut world, order);
    let fallen: BTreeSet<DeviceId> = world.at(WU).roster().fallen().map(|fallen| fallen.device).collect();
    assert!(fallen.contains(&world.device(WU)), "it is shown whom the thief had withdrawn");
}

#[test]
fn the_kit_cuts_a_stolen_founder_low_when_the_thief_was_faster_t3() {
    let (mut world, words, order) = stolen_founder(8);
    let thief = world.device(LAN);
    let (heads, _) = world.at(MEI).cut_at(thief, &[]).unwrap();
    for phone in [WU, MEI, ZHAO] {
        tell(&world, phone);
        assert!(!world.at(phone).roster().may_connect(world.device(phone)), "phone {phone} believes the thief");
    }

    // All that is left tells of the theft too: the cut names what stood before it.
    restore(&mut world, &words, WU, Some(heads));

    assert_restored(&mut world, order);
}

/// Two events in a log of its own, for each of so many lives of the thief's phone.
fn lives(world: &mut World, order: Reference, count: usize) -> (Vec<Reference>, Vec<Outgoing>) {
    let (mut events, mut runs) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let mut life = Forger::with_keys_of(world, WU);
        events.extend([life.write(&comment(order)), life.write(&comment(order))]);
        runs.extend(life.runs());
    }
    (events, runs)
}

#[test]
fn a_flood_from_before_the_cut_is_kept_where_it_is_and_makes_no_difference_t3_r8() {
    // 2 took the whole flood in before it heard of the cut and built on it; 3 and 4 hear of the cut first.
    let mut world = World::community(9, 4);
    let order = say::post(&mut world, LAN);
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let (thief, tag) = (world.device(WU), world.tag(LAN, Topic::Common));
    forger.write(&comment(order));
    hand_over(&world, LAN, thief, tag, &forger.runs()).unwrap();
    world.settle();
    let long: Vec<Reference> = (0..400).map(|_| forger.write(&comment(order))).collect();
    let (scattered, lives) = lives(&mut world, order, 200);
    hand_over(&world, MEI, thief, tag, &[forger.runs(), lives].concat()).unwrap();
    let built = say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];
    let id = world.command();
    world.at(LAN).revoke(id, Revocation::of(Who::Device(thief))).unwrap();
    world.meet(LAN, ZHAO, Break::Never);
    world.meet(LAN, CHEN, Break::Never);

    for _ in 0..3 {
        for (one, other) in [(ZHAO, MEI), (ZHAO, CHEN), (LAN, CHEN)] {
            assert_eq!(world.meet(one, other, Break::Never).ended, Ended::InStep);
        }
    }

    let kept = |world: &World, phone: usize, events: &[Reference]| {
        events.iter().filter(|event| verdict(world, phone, **event).is_some()).count()
    };
    assert_eq!([kept(&world, MEI, &long), kept(&world, MEI, &scattered)], [400, 400], "what was there stays");
    let hash = world.at(MEI).state_hash().unwrap();
    for phone in [LAN, ZHAO, CHEN] {
        assert_eq!(world.at(phone).state_hash().unwrap(), hash, "phone {phone}");
        assert!(kept(&world, phone, &long) <= 256, "phone {phone}");
        // Of the rest no more than somebody built on.
        assert!(kept(&world, phone, &scattered) <= 256 + 64, "phone {phone}");
        assert_eq!(verdict(&world, phone, built), Some(None), "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
    assert_eq!(world.at(CHEN).order(order).unwrap().view.card.holder, Some(world.member(MEI)));
    world.at(CHEN).rebuild().unwrap();
    assert_eq!(world.at(CHEN).state_hash().unwrap(), hash);
}

/// What a thief has written and how it could be brought: runs of one topic.
struct Loot {
    topic: Topic,
    runs: Vec<Outgoing>,
}

/// A community whose phone 1 is stolen. 0 founded it, `honest` are all others that read, `relay` keeps and forwards.
struct Siege {
    world: World,
    honest: Vec<usize>,
    relay: usize,
    thief: DeviceId,
    /// What of the thief's logs the honest know from before the theft.
    heads: Vec<Cut>,
    order: Reference,
    loot: Vec<Loot>,
    /// Written by the thief after the theft.
    beyond: Vec<Reference>,
}

/// One thing that happens after the theft; in which order, is left to chance.
#[derive(Clone, Copy, Debug)]
enum Happens {
    /// The founder withdraws the phone.
    Cut,
    /// The thief's own phone meets somebody.
    Direct { phone: usize },
    /// Somebody hands over a part of what the thief made up: the thief, the relay or an honest peer.
    Part { loot: usize, to: usize, from: usize },
    /// A file with everything comes to somebody.
    Bundle { to: usize },
    /// Two phones meet.
    Meet { one: usize, other: usize },
    /// An honest phone writes, not knowing better.
    Act { phone: usize },
}

impl Siege {
    /// Phones, and a theft by a volunteer or a coordinator who has admitted one of the honest.
    fn laid(seed: u64, role: Role) -> Self {
        let mut world = World::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).unwrap();
        world.join(LAN, role);
        let relay = world.join(LAN, Role::Relay);
        world.join(LAN, Role::Volunteer);
        world.settle();
        let admitter = if role == Role::Coordinator { 1 } else { 0 };
        world.join(admitter, Role::Volunteer);
        world.meet(LAN, WU, Break::Never);
        world.settle();
        let order = say::post(&mut world, WU);
        world.settle();
        say::submit(&mut world, ZHAO, Some(order), Command::Comment { text: "尽快".into() }).unwrap();
        world.settle();
        let thief = world.device(WU);
        let (heads, unheld) = world.at(LAN).cut_at(thief, &[]).unwrap();
        assert_eq!(unheld, []);
        let (honest, loot, beyond) = (vec![0, 3, 4], Vec::new(), Vec::new());
        let mut siege = Self { world, honest, relay, thief, heads, order, loot, beyond };
        siege.steal();
        if role == Role::Coordinator {
            siege.revoke_everybody();
        }
        siege.carry_off();
        siege
    }

    /// The thief writes at once, dates back in another life, and forks its own log below what all know.
    fn steal(&mut self) {
        let (world, order) = (&mut self.world, self.order);
        let mut fork = Forger::behind(world, WU, LAN, Topic::Common, 0);
        let mut fresh = Forger::with_keys_of(world, WU);
        let at_once = say::submit(world, WU, Some(order), Command::Claim).unwrap().events[0];
        let posted = say::post(world, WU);
        self.beyond.extend([at_once, posted]);
        self.beyond.push(fresh.write(&Body { wall: WallMs(0), ..claim(order) }));
        self.beyond.push(fresh.write(&Body { wall: WallMs(0), ..comment(posted) }));
        self.beyond.push(fork.write(&claim(order)));
        self.beyond.push(fork.write(&comment(order)));
        for mut forger in [fresh, fork] {
            self.loot.push(Loot { topic: Topic::Common, runs: forger.runs() });
        }
    }

    /// The thief withdraws whoever it can, and says so of those above it too; below the cut as well.
    fn revoke_everybody(&mut self) {
        let above = self.world.device(LAN);
        for phone in [ZHAO, CHEN] {
            let (id, device) = (self.world.command(), self.world.device(phone));
            self.world.at(WU).revoke(id, Revocation::of(Who::Device(device))).unwrap();
        }
        let revoked =
            |device| RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None });
        let fresh = Forger::with_keys_of(&mut self.world, WU).in_topic(&self.world, WU, Topic::Roster);
        let fork = Forger::behind(&mut self.world, WU, LAN, Topic::Roster, 0);
        for mut forger in [fresh, fork] {
            for device in [above, self.world.device(ZHAO), self.world.device(CHEN)] {
                forger.roster(&revoked(device));
            }
            self.loot.push(Loot { topic: Topic::Roster, runs: forger.runs() });
        }
    }

    /// What the stolen phone itself wrote can be brought by others too.
    fn carry_off(&mut self) {
        for topic in [Topic::Roster, Topic::Common] {
            self.loot.push(Loot { topic, runs: self.world.own_runs(WU, topic) });
        }
        self.loot.retain(|loot| !loot.runs.is_empty());
    }

    /// Everything that happens, in an order drawn from the dice.
    fn drawn(&self, dice: &mut ChaCha20Rng) -> Vec<Happens> {
        let others = [3, 4, self.relay];
        let mut script = vec![Happens::Cut, Happens::Bundle { to: 3 }, Happens::Bundle { to: 4 }];
        script.extend(others.map(|phone| Happens::Direct { phone }));
        for loot in 0..self.loot.len() {
            for to in others {
                let from = [1, 0, self.relay][dice.random_range(0..3)];
                script.push(Happens::Part { loot, to, from });
            }
        }
        for (one, other) in
            [(ZHAO, CHEN), (self.relay, ZHAO), (self.relay, CHEN), (LAN, ZHAO), (CHEN, LAN), (self.relay, LAN)]
        {
            script.push(Happens::Meet { one, other });
        }
        script.extend([ZHAO, CHEN].map(|phone| Happens::Act { phone }));
        script.shuffle(dice);
        script
    }

    fn happen(&mut self, what: Happens) {
        let world = &mut self.world;
        match what {
            Happens::Cut => {
                let id = world.command();
                let heads = Some(self.heads.clone());
                world.at(LAN).revoke(id, Revocation { heads, ..Revocation::of(Who::Device(self.thief)) }).unwrap();
            }
            // Whoever has heard does not talk to it, or believes it and thinks that they are out themselves.
            Happens::Direct { phone } => drop(world.meet(WU, phone, Break::Never)),
            Happens::Meet { one, other } => drop(world.meet(one, other, Break::Never)),
            Happens::Part { loot, to, from } => {
                let Loot { topic, runs } = &self.loot[loot];
                let from = world.device(if from == to { 1 } else { from });
                let _withdrawn = hand_over(world, to, from, world.tag(to, *topic), runs);
            }
            Happens::Bundle { to } => {
                let bundle = self.bundle();
                self.world.at(to).import_bundle(bundle.as_slice(), |_| {}).unwrap();
            }
            // Who believes that they were withdrawn cannot.
            Happens::Act { phone } => {
                let _refused = say::submit(world, phone, Some(self.order), Command::StillNeeded);
            }
        }
    }

    /// A file with all that the thief has, its own phone's and what it made up.
    fn bundle(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer = BundleWriter::new(self.world.at(WU).community().unwrap(), &mut file);
        for loot in &self.loot {
            for outgoing in &loot.runs {
                writer.run(self.world.tag(WU, loot.topic), &outgoing.run, &mut file);
            }
        }
        writer.finish(&mut file);
        file
    }

    /// The honest phones and the relay meet until all have heard everything.
    fn gather(&mut self) {
        let others: Vec<usize> = self.honest[1..].iter().copied().chain([self.relay]).collect();
        for _ in 0..3 {
            for phone in &others {
                assert_eq!(self.world.meet(LAN, *phone, Break::Never).ended, Ended::InStep, "phone {phone}");
            }
        }
    }

    fn assert_out(&mut self, order: &str) {
        let (world, first) = (&self.world, self.honest[0]);
        let hash = world.at(first).state_hash().unwrap();
        for phone in &self.honest {
            let replica = world.at(*phone);
            assert_eq!(replica.state_hash().unwrap(), hash, "phone {phone}, {order}");
            assert_eq!(replica.verify().unwrap().faults, [], "phone {phone}, {order}");
            let roster = replica.roster();
            assert!(self.honest.iter().all(|one| roster.may_connect(world.device(*one))), "phone {phone}, {order}");
            assert!(!roster.may_connect(self.thief));
            assert_eq!(verdict(world, *phone, self.order), Some(None), "what it did before stands");
            for event in &self.beyond {
                let verdict = verdict(world, *phone, *event);
                assert!(matches!(verdict, None | Some(Some(Held::Cut))), "phone {phone}, {order}: {verdict:?}");
            }
            let card = replica.order(self.order).unwrap().view.card;
            assert_eq!(card.holder, None, "phone {phone}, {order}");
            assert!(replica.link(self.thief).is_err(), "no connection");
        }
        let shown: BTreeSet<Reference> = world.at(first).beyond_cuts().unwrap().iter().map(|line| line.event).collect();
        assert!(self.beyond.iter().all(|event| shown.contains(event)), "{order}: coordinators see what it wrote");
        assert_eq!(world.at(self.relay).roster().digest(), world.at(first).roster().digest(), "{order}");
    }

    /// Everything that the thief's keys open, and it has heard all that the founder knows.
    fn stolen_keys(&self) -> Vec<EpochKey> {
        let roster = self.world.at(LAN).roster();
        let keyring = Keyring::open(&keys_of(&self.world, WU), &roster);
        keyring.held().iter().map(|epoch| keyring.key(*epoch).unwrap().clone()).collect()
    }

    /// How many of the bodies stored at the founder's behind a place any of these keys opens.
    fn opened(&self, keys: &[EpochKey], after: Pos) -> (usize, usize) {
        let (mut opened, mut all) = (0, 0);
        for topic in Topic::ALL.into_iter().filter(|topic| topic.compartment().is_some()) {
            let tag = self.world.tag(LAN, topic);
            for stored in self.world.at(LAN).look(|reader| reader.events_of_topic(tag, after, 500)).unwrap() {
                let Content::Here(bytes) = &stored.content else { continue };
                all += 1;
                opened += usize::from(keys.iter().any(|key| open(&stored.header(), bytes, Some(key)).is_ok()));
            }
        }
        (opened, all)
    }
}

fn keys_of(world: &World, phone: usize) -> DeviceKeys {
    DeviceKeys::from_slice(&world.secrets(phone).get("device-keys").unwrap().unwrap()).unwrap()
}

/// A whole siege, in one order of arrival.
fn withstand(role: Role, order: u64) {
    let mut siege = Siege::laid(1, role);
    let script = siege.drawn(&mut ChaCha20Rng::seed_from_u64(order));
    for what in &script {
        siege.happen(*what);
    }
    siege.gather();
    siege.assert_out(&format!("order {order}: {script:?}"));

    // What is written from now on is not for the thief, whatever it holds and hears.
    let now = siege.world.at(LAN).look(|reader| reader.newest()).unwrap();
    let keys = siege.stolen_keys();
    for phone in siege.honest.clone() {
        say::post(&mut siege.world, phone);
        say::submit(&mut siege.world, phone, Some(siege.order), Command::StillNeeded).unwrap();
    }
    siege.gather();
    let (before, _) = siege.opened(&keys, Pos::default());
    let (opened, written) = siege.opened(&keys, now);
    assert!(!keys.is_empty() && before > 0, "it opens what was written before");
    assert_eq!((opened, written), (0, 6), "order {order}");
    siege.assert_out(&format!("order {order}, later"));
}
