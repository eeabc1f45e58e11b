//! Restored and cloned phones (R7, T9): a new incarnation, or a proved fork in which every branch counts; nobody is
//! locked out, nothing is lost, however many incarnations there come to be.

use std::{collections::BTreeSet, fs, sync::Arc};

use linli_core::{
    aggregate::{
        medicine_box::{Command as BoxCommand, Goods, MedicineBox, What, When},
        product::{self, Class, Product},
    },
    event::{Entry, LogHeader, Topic},
    id::{CommandId, LogId, Reference, ShortId},
    key::{SecretError, SecretStore},
    qty::Qty,
    replica::{Options, Replica, Restored},
    roster::{Grant, Granted, Role, RosterEvent},
    store::Judged,
};
use linli_tests::{
    Break, Ended, Forger, World, copied, hand_over, meet,
    people::{LAN, MEI, WU},
    say_to_hold,
};

use crate::say::{self, Command};

const TOKEN: &str = "incarnation-token";

#[test]
fn a_phone_restored_without_its_token_takes_a_new_incarnation_r7_t9() {
    let (mut world, order, yesterday, mut written) = scene(1);
    assert_eq!(world.at(WU).restored(), None);

    restore(&mut world, WU, &yesterday);
    world.open(WU);

    assert_eq!(world.at(WU).restored(), Some(Restored::TokenDiffers));
    written.push(comment(&mut world, WU, order));
    assert_ne!(written[4].log, written[0].log);
    assert_whole(&mut world, &written);
    // Once is enough.
    world.close(WU);
    world.open(WU);
    assert_eq!(world.at(WU).restored(), None);
    written.push(comment(&mut world, WU, order));
    assert_eq!(written[5].log, written[4].log);
    assert_whole(&mut world, &written);
}

#[test]
fn a_keystore_without_the_token_means_a_new_incarnation() {
    let (mut world, order, _, mut written) = scene(2);
    world.close(WU);
    world.secrets(WU).remove(TOKEN).unwrap();
    world.open(WU);

    assert_eq!(world.at(WU).restored(), Some(Restored::TokenMissing));
    written.push(comment(&mut world, WU, order));
    assert_ne!(written[4].log, written[0].log);
    assert_whole(&mut world, &written);
}

#[test]
fn a_phone_restored_with_its_token_imports_its_own_events_before_it_writes_t9() {
    let (mut world, order, yesterday, mut written) = scene(3);

    restore(&mut world, WU, &yesterday);
    world.secrets(WU).put(TOKEN, &yesterday.token).unwrap();
    world.open(WU);
    assert_eq!(world.at(WU).restored(), None, "nothing tells it");
    world.meet(LAN, WU, Break::Never);

    written.push(comment(&mut world, WU, order));
    assert_eq!((written[4].log, written[4].seq), (written[3].log, written[3].seq + 1), "it goes on behind them");
    assert_whole(&mut world, &written);
}

#[test]
fn wherever_the_first_contact_breaks_nothing_is_written_twice() {
    let mut heard = 0;
    for bytes in (100..2_500).step_by(150) {
        let (mut world, order, yesterday, mut written) = scene(4);
        restore(&mut world, WU, &yesterday);
        world.secrets(WU).put(TOKEN, &yesterday.token).unwrap();
        world.open(WU);

        let meeting = world.meet(LAN, WU, Break::After(bytes));
        let tag = world.tag(WU, Topic::Common);
        let lacks = !world.at(WU).look(|reader| reader.has(written[3])).unwrap();
        written.push(comment(&mut world, WU, order));

        let fresh = written[4].log != written[0].log;
        let told = fresh || !lacks;
        heard += usize::from(fresh);
        assert!(lacks || !fresh, "what it holds it goes on behind");
        world.settle();
        world.assert_equal();
        assert_eq!(world.at(MEI).forks().unwrap().is_empty(), told, "{bytes}: {meeting:?} {tag:?}");
    }
    assert!(heard > 0, "some contact breaks between hearing of own events and getting them");
}

/// T3: a member lies about a log in which the phone never writes, before an honest one tells of what is lacking.
#[test]
fn what_is_made_up_about_one_log_pushes_out_nothing_true_of_another_r7() {
    let (mut world, order, yesterday, mut written) = scene(6);
    restore(&mut world, WU, &yesterday);
    world.secrets(WU).put(TOKEN, &yesterday.token).unwrap();
    world.open(WU);
    let common = world.at(WU).look(|reader| reader.event(written[0])).unwrap().unwrap().log;
    for topic in [Topic::Roster, Topic::Urgent, Topic::Erasure] {
        let log = LogHeader { topic: world.tag(WU, topic), ..common }.id();
        let made_up = |nth: u8| Entry { log, seq: nth.into(), short: ShortId::from_bytes([nth; 16]) };
        let lies: Vec<Entry> = (0..20).map(made_up).collect();
        for _ in 0..2 {
            say_to_hold(&world, WU, world.device(MEI), world.tag(WU, topic), &lies).unwrap();
        }
    }
    let last = written[3];
    let truth = Entry { log: last.log, seq: last.seq, short: last.check };
    say_to_hold(&world, WU, world.device(LAN), world.tag(WU, Topic::Common), &[truth]).unwrap();

    written.push(comment(&mut world, WU, order));

    assert_ne!(written[4].log, last.log, "what others hold of that log was heard");
    assert_whole(&mut world, &written);
}

#[test]
fn two_clones_each_take_two_tablets_and_four_are_gone_r7_t9() {
    let mut world = World::community(5, 2);
    let id = world.command();
    let details = product::Details { name: "布洛芬".into(), ..product::Details::default() };
    let listed = product::Command::List { details, class: Class::OverTheCounter };
    let product = world.at(LAN).submit::<Product>(id, None, listed).unwrap().aggregate;
    let in_box = |replica: &Replica, id: CommandId, of: Option<Reference>, command: BoxCommand| {
        replica.submit::<MedicineBox>(id, of, command).unwrap()
    };
    let open = BoxCommand::Open { building: Some("3".into()), place: "大厅".into(), note: String::new() };
    let id = world.command();
    let medicine_box = in_box(world.at(LAN), id, None, open).aggregate;
    let donate = BoxCommand::Donate {
        goods: Goods { product, batch: Some("a".into()), expiry: None, unit: "tablet".into() },
        qty: 10.into(),
        origin: None,
        opened: false,
        blister_intact: true,
        when: When::default(),
    };
    let id = world.command();
    in_box(world.at(LAN), id, Some(medicine_box), donate);
    world.settle();
    let order = say::post(&mut world, WU);
    world.settle();
    comment(&mut world, WU, order);
    // The whole phone is cloned, keystore and all.
    world.close(WU);
    let elsewhere = linli_tests::somewhere();
    fs::copy(world.home(WU).join("linli.db"), elsewhere.path().join("linli.db")).unwrap();
    let secrets = Arc::new(copied(world.secrets(WU)));
    world.open(WU);
    let clone = Options { home: elsewhere.path().to_owned(), seed: Some(99), secrets, ..world.options(WU) };
    let clone = Replica::open(clone).unwrap();

    let take = || BoxCommand::Take {
        what: What::Product { product, qty: 2.into(), unit: None },
        room: None,
        order: None,
        override_reason: None,
        when: When { already_happened: true, happened_at: None },
    };
    let ids = [world.command(), world.command()];
    let here = in_box(world.at(WU), ids[0], Some(medicine_box), take()).events[0];
    world.pass(1);
    let there = in_box(&clone, ids[1], Some(medicine_box), take()).events[0];

    assert_eq!((here.log, here.seq), (there.log, there.seq), "both write at one place");
    let mut dice = world.dice.clone();
    for _ in 0..2 {
        assert_eq!(meet(&clone, world.at(LAN), &mut dice, Break::Never).ended, Ended::InStep);
        world.settle();
    }
    world.assert_equal();
    assert_eq!(clone.state_hash().unwrap(), world.at(LAN).state_hash().unwrap());
    for replica in [world.at(LAN), world.at(WU), world.at(MEI), &clone] {
        let left: Vec<Qty> = replica.box_detail(medicine_box).unwrap().lots.iter().map(|lot| lot.qty).collect();
        assert_eq!(left, [6], "4 are gone");
        let forks = replica.forks().unwrap();
        assert_eq!(forks.len(), 1, "the proof is held and shown");
        assert_eq!((forks[0].log, forks[0].since, forks[0].device), (here.log, here.seq, world.device(WU)));
        let mut heads = forks[0].heads.clone();
        heads.sort();
        let mut both = vec![here, there];
        both.sort();
        assert_eq!(heads, both);
    }
    // Nobody is locked out, and the fork does not grow.
    let later = comment(&mut world, WU, order);
    assert_ne!(later.log, here.log);
    world.settle();
    world.assert_equal();
    assert_eq!(world.at(MEI).forks().unwrap().len(), 1);
}

/// The phone's process is killed, and it is switched on again.
fn kill(world: &mut World, phone: usize) {
    let files = ["linli.db", "linli.db-wal"].map(|name| world.home(phone).join(name));
    let kept = files.each_ref().map(|file| fs::read(file).ok());
    world.close(phone);
    for (file, kept) in files.iter().zip(kept) {
        kept.into_iter().for_each(|kept| fs::write(file, kept).unwrap());
    }
    world.open(phone);
}

/// The founder makes a volunteer leader of one more building.
fn grant(world: &mut World, building: usize) {
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).grant(id, device, leader(building)).unwrap();
}

fn leader(building: usize) -> Grant {
    Grant::Leader { buildings: vec![building.to_string()] }
}

/// The roster logs of a phone.
fn lives(world: &World, of: usize) -> BTreeSet<LogId> {
    let (device, tag) = (world.device(of), world.tag(LAN, Topic::Roster));
    let logs = world.at(LAN).look(|reader| reader.logs()).unwrap();
    logs.into_iter().filter(|log| log.device == device && log.topic == tag).map(|log| log.id()).collect()
}

/// Everybody counts all that the founder said, a newcomer too.
#[track_caller]
fn assert_believed(world: &mut World) {
    let newcomer = world.join(LAN, Role::Volunteer);
    world.settle();
    world.assert_equal();
    for phone in 0..world.len() {
        let roster = world.at(phone).roster();
        assert_eq!(world.held(phone), [], "phone {phone}");
        assert!((0..=newcomer).all(|other| roster.may_connect(world.device(other))), "phone {phone}");
        world.assert_one_truth(phone);
    }
}

#[test]
fn a_coordinator_whose_phone_was_killed_however_often_is_believed_by_all_r7_t9() {
    let mut world = World::community(7, 2);
    world.settle();
    for building in 0..130 {
        kill(&mut world, LAN);
        grant(&mut world, building);
    }
    assert!(lives(&world, LAN).len() > 130, "each time it began another life");

    assert_believed(&mut world);
}

/// T3: a member says to hold what a coordinator never wrote, in each log that it comes to write in.
#[test]
fn what_is_made_up_about_a_coordinators_logs_begins_one_life_an_open_and_silences_nothing_r7_t9() {
    let mut world = World::community(8, 2);
    world.settle();
    let tag = world.tag(LAN, Topic::Roster);
    let mut known = lives(&world, LAN);
    let mut last = *known.first().unwrap();
    for open in 0..33 {
        world.close(LAN);
        world.open(LAN);
        let before = known.len();
        for act in 0..4 {
            let lie = Entry { log: last, seq: 999, short: ShortId::from_bytes([open as u8; 16]) };
            say_to_hold(&world, LAN, world.device(MEI), tag, &[lie]).unwrap();
            grant(&mut world, 4 * open + act);
            let now = lives(&world, LAN);
            last = now.difference(&known).next().copied().unwrap_or(last);
            known = now;
        }
        assert!(known.len() - before <= 1, "{} lives in the {open}. session", known.len() - before);
    }
    assert!(known.len() > 30, "a claim that may be true is believed");

    assert_believed(&mut world);
}

#[test]
fn phones_that_know_a_hundred_and_twenty_eight_lives_of_a_device_and_one_more_agree_r7() {
    let mut world = World::seeded(9);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    let (coordinator, volunteer) = (world.join(founder, Role::Coordinator), world.join(founder, Role::Volunteer));
    world.settle();
    let (device, tag) = (world.device(volunteer), world.tag(founder, Topic::Roster));
    let mut runs = Vec::new();
    for building in 0..129 {
        let mut life = Forger::with_keys_of(&mut world, coordinator).in_topic(&world, coordinator, Topic::Roster);
        let granted = Granted { device, grant: leader(building), after: Vec::new(), act: None };
        life.roster(&RosterEvent::Granted(granted));
        runs.extend(life.runs());
    }
    hand_over(&world, founder, world.device(coordinator), tag, &runs[..128]).unwrap();
    hand_over(&world, volunteer, world.device(coordinator), tag, &runs).unwrap();

    world.meet(founder, volunteer, Break::Never);

    assert_eq!(world.at(founder).roster().digest(), world.at(volunteer).roster().digest());
    let held = [founder, volunteer].map(|phone| world.held(phone));
    assert_eq!(held, [vec![], vec![]]);
    let again = world.meet(founder, volunteer, Break::Never);
    assert!(again.turns <= 2 && again.bytes < 600, "{again:?}");
}

/// A keystore that remembers what it was given.
struct Remembering {
    kept: Arc<dyn SecretStore>,
    given: parking_lot::Mutex<Vec<Vec<u8>>>,
}

impl SecretStore for Remembering {
    fn get(&self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, SecretError> {
        self.kept.get(name)
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        if name == TOKEN {
            self.given.lock().push(secret.to_vec());
        }
        self.kept.put(name, secret)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.kept.remove(name)
    }
}

/// Killed when its keystore had the new token and its database had not: the copy is one still.
#[test]
fn a_copy_that_is_killed_while_it_is_opened_writes_no_place_twice_r7_t9() {
    let (mut world, order, yesterday, mut written) = scene(57);
    restore(&mut world, WU, &yesterday);
    let secrets = Arc::new(Remembering { kept: world.secrets(WU).clone(), given: parking_lot::Mutex::default() });
    drop(Replica::open(Options { secrets: secrets.clone(), seed: Some(7), ..world.options(WU) }).unwrap());
    let between = secrets.given.lock()[0].clone();
    bring_back(&world, WU, &yesterday);
    world.secrets(WU).put(TOKEN, &between).unwrap();

    world.open(WU);

    written.push(comment(&mut world, WU, order));
    assert_whole(&mut world, &written);
}

/// Database and keystore brought back together, so that nothing tells of a copy but what another phone knows.
#[test]
fn what_a_copy_heard_of_itself_it_knows_again_after_it_was_closed_r7_t9() {
    let (mut world, order, yesterday, mut written) = scene(58);
    restore(&mut world, WU, &yesterday);
    world.secrets(WU).put(TOKEN, &yesterday.token).unwrap();
    world.open(WU);
    let (tag, device) = (world.tag(WU, Topic::Common), world.device(LAN));
    let heads = world.at(LAN).look(|reader| reader.entries(tag)).unwrap();
    say_to_hold(&world, WU, device, tag, &heads).unwrap();

    world.close(WU);
    world.open(WU);

    written.push(comment(&mut world, WU, order));
    assert_whole(&mut world, &written);
}

/// Yesterday's copy of a phone: its database, and what its keystore held.
struct Copy {
    database: Vec<u8>,
    token: Vec<u8>,
}

fn copy(world: &mut World, phone: usize) -> Copy {
    world.close(phone);
    let database = fs::read(world.home(phone).join("linli.db")).unwrap();
    let token = world.secrets(phone).get(TOKEN).unwrap().unwrap().to_vec();
    world.open(phone);
    Copy { database, token }
}

fn restore(world: &mut World, phone: usize, copy: &Copy) {
    world.close(phone);
    bring_back(world, phone, copy);
}

/// The same of a phone that is closed.
fn bring_back(world: &World, phone: usize, copy: &Copy) {
    fs::write(world.home(phone).join("linli.db"), &copy.database).unwrap();
}

fn comment(world: &mut World, phone: usize, order: Reference) -> Reference {
    world.pass(1);
    say::submit(world, phone, Some(order), Command::Comment { text: "on my way".into() }).unwrap().events[0]
}

/// Three phones that know an order; phone 1 is copied, and then writes what the others hear of.
fn scene(seed: u64) -> (World, Reference, Copy, Vec<Reference>) {
    let mut world = World::community(seed, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut written = vec![comment(&mut world, WU, order)];
    let yesterday = copy(&mut world, WU);
    for _ in 0..3 {
        written.push(comment(&mut world, WU, order));
    }
    world.settle();
    (world, order, yesterday, written)
}

/// No place is written twice, and everything that was ever written counts everywhere.
#[track_caller]
fn assert_whole(world: &mut World, written: &[Reference]) {
    world.settle();
    world.assert_equal();
    for phone in 0..world.len() {
        assert_eq!(world.at(phone).forks().unwrap(), [], "phone {phone}");
        for event in written {
            let stored = world.at(phone).look(|reader| reader.event(*event)).unwrap();
            assert_eq!(stored.map(|stored| stored.judged), Some(Judged::Counts), "phone {phone}");
        }
    }
}
