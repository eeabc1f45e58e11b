//! Disks that are full or read-only when a phone is opened: it is read, refuses what would write, and heals by itself
//! (T8).

use std::{fs, path::Path, process::Command, sync::Arc, time::Duration};

use linli_core::{
    aggregate::{
        Registry,
        declared::{Declaration, Deed},
        order::Order,
    },
    event::{Entry, Topic},
    id::{CommandId, Reference, ShortId},
    limits,
    replica::{DeclaredFilter, MembersError, OpenError, Options, OrderFilter, Replica, Restored, SubmitError},
    roster::Role,
    store::{DirSecrets, Store, StoreError},
    time::{ManualClock, WallMs},
};
use linli_tests::{
    Break, Ended, World,
    disk::Disk,
    meet,
    people::{MEI, WU},
    say_to_hold,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use crate::say::{self, Answer};

#[test]
fn a_home_on_a_full_disk_is_read_and_heals_without_being_closed_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let home = disk.at().join("home");
    let (phone, order) = founded(&home);
    drop(phone);
    disk.fill();

    let phone = open(&home).unwrap();

    reads_alone(&phone, order);
    disk.make_room();
    heals(phone, &home, order);
}

#[test]
fn a_home_killed_on_a_disk_that_was_filled_then_is_read_and_heals_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let (running, killed) = (disk.at().join("running"), disk.at().join("killed"));
    let (phone, order) = founded(&running);
    // What a kill leaves is what lies there now.
    assert!(Command::new("cp").arg("-r").args([&running, &killed]).status().unwrap().success());
    drop(phone);
    disk.fill();

    let phone = open(&killed).unwrap();

    reads_alone(&phone, order);
    disk.make_room();
    heals(phone, &killed, order);
}

/// A life that began when there was room again is none that somebody can have copied before: nobody who claims to hold more
/// of it is believed, as nobody is of one that began when a phone was opened (R7).
#[test]
fn what_is_made_up_of_the_life_in_which_a_home_heals_does_not_end_it_t4() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let mut world = World::community(810, 2);
    let killed = disk.at().join("killed");
    // What a kill leaves is what lies there now.
    assert!(Command::new("cp").arg("-r").args([world.home(WU), &killed]).status().unwrap().success());
    disk.fill();
    let options = Options { home: killed, ..world.options(WU) };
    world.close(WU);
    world.put(WU, Replica::open(options).unwrap());
    assert!(world.at(WU).reads_alone());
    disk.make_room();
    let first = say::post(&mut world, WU);
    assert!(!world.at(WU).reads_alone());

    let lie = Entry { log: first.log, seq: first.seq + 50, short: ShortId::from_bytes([7; 16]) };
    say_to_hold(&world, WU, world.device(MEI), world.tag(WU, Topic::Common), &[lie]).unwrap();

    assert_eq!(say::post(&mut world, WU).log, first.log);
}

#[test]
fn a_home_on_a_read_only_disk_is_read_and_heals_without_being_closed_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let home = disk.at().join("home");
    let (phone, order) = founded(&home);
    drop(phone);
    disk.remount("ro");

    let phone = open(&home).unwrap();

    reads_alone(&phone, order);
    assert_eq!(open(&home).err(), Some(OpenError::Store(StoreError::InUse)), "one at a time, here too");
    disk.remount("rw");
    heals(phone, &home, order);
}

#[test]
fn a_phone_on_a_full_disk_hands_out_what_it_has_and_says_what_it_did_not_take_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let mut dice = ChaCha20Rng::seed_from_u64(8);
    let home = disk.at().join("home");
    let (phone, order) = founded(&home);
    let other = neighbour(&phone, &dir.path().join("other"));
    assert_eq!(meet(&phone, &other, &mut dice, Break::Never).ended, Ended::InStep);
    let unheard = try_post(&phone).unwrap().aggregate;
    let theirs: Vec<Reference> = (0..3).map(|_| try_post(&other).unwrap().aggregate).collect();
    drop(phone);
    disk.fill();
    let clock = ManualClock::at(WallMs(0));
    let phone = open_at(&home, &clock);

    let meeting = meet(&phone, &other, &mut dice, Break::Never);

    assert_eq!(meeting.ended, Ended::InStep);
    assert!(other.order(order).is_ok() && other.order(unheard).is_ok(), "what it had came over");
    let peers = other.sync_state().unwrap().peers;
    assert_eq!(peers.iter().map(|peer| peer.not_taken.full).collect::<Vec<_>>(), [3], "{peers:?}");
    assert!(theirs.iter().all(|order| phone.order(*order).is_err()));
    disk.make_room();
    clock.advance(Duration::from_millis(limits::HEAL_MS));
    assert_eq!(meet(&phone, &other, &mut dice, Break::Never).ended, Ended::InStep);
    assert!(!phone.reads_alone(), "it heals by what a peer brings, too");
    assert!(theirs.iter().all(|order| phone.order(*order).is_ok()));
    assert_eq!(phone.state_hash(), other.state_hash());
}

/// A peer that keeps sending has what is owed tried once a minute, and not with each piece; a person has it tried at once.
#[test]
fn a_peer_has_it_tried_once_a_minute_whether_there_is_room_and_a_person_at_once_t4() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let mut dice = ChaCha20Rng::seed_from_u64(9);
    let home = disk.at().join("home");
    let (phone, _) = founded(&home);
    let other = neighbour(&phone, &dir.path().join("other"));
    assert_eq!(meet(&phone, &other, &mut dice, Break::Never).ended, Ended::InStep);
    drop(phone);
    disk.fill();
    let clock = ManualClock::at(WallMs(0));
    let phone = open_at(&home, &clock);
    let mut brought = |phone: &Replica| {
        let order = try_post(&other).unwrap().aggregate;
        assert_eq!(meet(phone, &other, &mut dice, Break::Never).ended, Ended::InStep);
        phone.order(order).is_ok()
    };
    assert!(!brought(&phone), "it was tried, and there was none");
    disk.make_room();

    assert!(!brought(&phone), "it is not tried again so soon");
    clock.advance(Duration::from_millis(limits::HEAL_MS - 1));
    assert!(!brought(&phone) && phone.reads_alone());
    try_post(&phone).unwrap();

    assert!(!phone.reads_alone());
    assert!(brought(&phone));
    assert_eq!(phone.state_hash(), other.state_hash());
}

#[test]
fn a_new_phone_on_a_full_disk_says_so_and_begins_later() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let home = disk.at().join("home");
    fs::create_dir_all(home.join("secrets")).unwrap();
    disk.fill();

    let error = open(&home).err();

    assert_eq!(error, Some(OpenError::Store(StoreError::Full)));
    disk.make_room();
    founded(&home);
}

/// Killed when the new database was begun and nothing was in it yet; then somebody films on. What belongs somewhere
/// belongs there still, whatever was finished.
#[test]
fn a_recovery_that_a_full_disk_interrupts_belongs_where_it_did_and_is_finished_when_there_is_room_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "8m") else { return };
    let home = disk.at().join("home");
    let (phone, order) = founded(&home);
    let (community, device) = (phone.community(), phone.device());
    drop(phone);
    Store::begin_recovery(&home).unwrap();
    let secrets = DirSecrets::open(&home.join("secrets")).unwrap();
    let mut store = Store::open(&home, &secrets, &Registry::default().tables()).unwrap();
    let mut write = store.write().unwrap();
    write.set_meta("device", device.as_bytes()).unwrap();
    write.set_meta("incarnation", &[7; 8]).unwrap();
    write.finish_read_model().unwrap();
    write.commit().unwrap();
    drop((store, secrets));
    disk.fill();

    let phone = open(&home).unwrap();

    assert!(phone.reads_alone());
    assert_eq!(phone.community(), community, "it belongs where it did");
    assert!(try_post(&phone).is_err());
    disk.make_room();
    let elsewhere = open(&dir.path().join("elsewhere")).unwrap();
    elsewhere.found(None).unwrap();
    assert_eq!(phone.found(None), Err(MembersError::AlreadyAMember));
    assert_eq!(phone.join(&elsewhere.welcome().unwrap()), Err(MembersError::AlreadyAMember));
    let new = try_post(&phone).unwrap().aggregate;

    assert!(!phone.reads_alone());
    assert_eq!(phone.verify().unwrap().faults, []);
    drop(phone);
    let phone = open(&home).unwrap();
    assert!([order, new].into_iter().all(|order| phone.order(order).is_ok()));
    assert!(!Store::is_recovering(&home).unwrap());
    for log in phone.look(|reader| reader.logs()).unwrap() {
        assert_eq!(phone.look(|reader| reader.heads(log.id())).unwrap().len(), 1, "no place is written twice");
    }
}

/// What an act left that had this much room, from none to plenty: how often it was done, how often not even begun, and how
/// often it was broken off and the home is read all the same.
#[derive(Default)]
struct Left {
    done: usize,
    shut: usize,
    read: usize,
}

/// Does something with less and less room left for it. Whatever that did and left undone: a home that is opened then is
/// shut for want of room and for nothing else, or is read; and is whole when there is room again.
fn with_whatever_room(
    open: impl Fn(&Path) -> Result<Replica, OpenError>,
    prepare: impl Fn(&Path),
    act: impl Fn(&Path) -> Result<(), OpenError>,
    read: impl Fn(&Replica),
    whole: impl Fn(&Path, Option<Replica>),
) -> Option<Left> {
    let dir = linli_tests::somewhere();
    let disk = Disk::mount(dir.path().join("disk"), "12m")?;
    let (home, mut left) = (disk.at().join("home"), Left::default());
    for room in (0..1_024).step_by(24) {
        prepare(&home);
        disk.fill_but_for(room);
        match act(&home) {
            Ok(()) => left.done += 1,
            Err(error) => assert_eq!(error, OpenError::Store(StoreError::Full), "with {room} KiB left"),
        }
        disk.fill();
        let phone = match open(&home) {
            Ok(phone) => {
                read(&phone);
                left.read += 1;
                Some(phone)
            }
            Err(error) => {
                assert_eq!(error, OpenError::Store(StoreError::Full), "with {room} KiB left");
                left.shut += 1;
                None
            }
        };
        disk.make_room();
        whole(&home, phone);
        fs::remove_dir_all(&home).unwrap();
    }
    Some(left)
}

#[track_caller]
fn no_place_is_written_twice(phone: &Replica) {
    for log in phone.look(|reader| reader.logs()).unwrap() {
        assert_eq!(phone.look(|reader| reader.heads(log.id())).unwrap().len(), 1, "no place is written twice");
    }
}

#[test]
fn whatever_room_a_recovery_has_nobody_founds_over_what_it_leaves_t8() {
    let stranger = linli_tests::somewhere();
    let elsewhere = open(stranger.path()).unwrap();
    elsewhere.found(None).unwrap();
    let elsewhere = elsewhere.welcome().unwrap();
    let recover = |home: &Path| {
        let secrets = DirSecrets::open(&home.join("secrets"))?;
        Replica::recover(Options::new(home, Arc::new(secrets))).map(drop)
    };
    let belongs = |phone: &Replica| {
        assert!(phone.community().is_some(), "it belongs where it did");
        assert_eq!(phone.found(None), Err(MembersError::AlreadyAMember));
        assert_eq!(phone.join(&elsewhere), Err(MembersError::AlreadyAMember));
        assert!(phone.reads_alone() && try_post(phone).is_err());
    };

    let left = with_whatever_room(
        open,
        |home| drop(founded(home)),
        recover,
        belongs,
        |home, phone| {
            let phone = phone.unwrap_or_else(|| open(home).unwrap());
            assert_eq!(phone.found(None), Err(MembersError::AlreadyAMember));
            let new = try_post(&phone).unwrap().aggregate;
            assert!(!phone.reads_alone() && !Store::is_recovering(home).unwrap());
            assert_eq!(phone.verify().unwrap().faults, []);
            assert_eq!(phone.board(&OrderFilter::default()).unwrap().items.len(), 2, "what was written is saved");
            drop(phone);
            let phone = open(home).unwrap();
            assert!(phone.order(new).is_ok());
            no_place_is_written_twice(&phone);
        },
    );

    let Some(left) = left else { return };
    assert!(left.done > 0 && left.shut > 0 && left.read > left.done, "{} {} {}", left.done, left.shut, left.read);
}

#[test]
fn whatever_room_a_first_day_has_it_is_begun_or_begins_later_t8() {
    let left = with_whatever_room(
        open,
        |home| fs::create_dir_all(home.join("secrets")).unwrap(),
        |home| {
            let phone = open(home)?;
            let full = || OpenError::Store(StoreError::Full);
            phone.found(None).map_err(|_| full())?;
            try_post(&phone).map(drop).map_err(|_| full())
        },
        |phone| {
            assert!(phone.reads_alone() && try_post(phone).is_err());
        },
        |home, phone| {
            let phone = phone.unwrap_or_else(|| open(home).unwrap());
            let begun = phone.community().is_some();
            assert_eq!(phone.found(None).is_err(), begun, "founded once");
            try_post(&phone).unwrap();
            assert_eq!(phone.verify().unwrap().faults, []);
            drop(phone);
            let phone = open(home).unwrap();
            assert!((1..=2).contains(&phone.board(&OrderFilter::default()).unwrap().items.len()));
            no_place_is_written_twice(&phone);
        },
    );

    let Some(left) = left else { return };
    assert!(left.done > 0 && left.shut > 0 && left.read > 0, "{} {} {}", left.done, left.shut, left.read);
}

/// There may be room for a line and none for judging all anew, as an app must that reads otherwise than the one before.
#[test]
fn whatever_room_an_app_has_that_reads_otherwise_it_is_read_and_goes_on_t8() {
    let today = tools(json!([{ "from": "here", "kind": "lent", "to": "away" }]));
    let open = |home: &Path| try_open_with(home, &today);
    let left = with_whatever_room(
        open,
        |home| {
            let phone = open_with(home, &tools(json!([])));
            phone.found(None).unwrap();
            (0..40).for_each(|_| drop(try_post(&phone).unwrap()));
            drop(phone);
        },
        |home| open(home).map(drop),
        |phone| {
            assert_eq!(phone.board(&OrderFilter::default()).unwrap().items.len(), 40);
            assert!(phone.reads_alone() && try_post(phone).is_err());
        },
        |home, phone| {
            let phone = phone.unwrap_or_else(|| open(home).unwrap());
            try_post(&phone).unwrap();
            assert!(!phone.reads_alone());
            assert_eq!(phone.verify().unwrap().faults, []);
            drop(phone);
            no_place_is_written_twice(&open(home).unwrap());
        },
    );

    let Some(left) = left else { return };
    assert!(left.done > 0 && left.read > 0, "{} {} {}", left.done, left.shut, left.read);
}

/// The files of a backup are brought back on a disk that is full then: what is to be told of that is not lost with the room.
#[test]
fn a_restored_home_on_a_full_disk_says_that_it_was_restored_t9() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "6m") else { return };
    let home = disk.at().join("home");
    let (phone, order) = founded(&home);
    drop(phone);
    let backup = fs::read(home.join("linli.db")).unwrap();
    let later = try_post(&open(&home).unwrap()).unwrap().aggregate;
    fs::write(home.join("linli.db"), backup).unwrap();
    disk.fill();

    let phone = open(&home).unwrap();

    assert_eq!(phone.restored(), Some(Restored::TokenDiffers));
    reads_alone(&phone, order);
    disk.make_room();
    let new = try_post(&phone).unwrap().aggregate;
    assert_eq!(phone.restored(), Some(Restored::TokenDiffers));
    assert_ne!(new.log, later.log, "no place is written twice (R7)");
}

fn tools(transitions: serde_json::Value) -> Declaration {
    let tool = json!({
        "name": "tool",
        "fields": [{ "field": 0, "name": "name", "type": "text" }],
        "kinds": [
            { "kind": 0x8000, "code": "shelved", "creates": true },
            { "kind": 0x8001, "code": "lent" },
            { "kind": 0x8002, "code": "described" },
        ],
        "statuses": ["here", "away"],
        "transitions": transitions,
    });
    tool.to_string().parse().unwrap()
}

fn try_open_with(home: &Path, declaration: &Declaration) -> Result<Replica, OpenError> {
    let secrets = DirSecrets::open(&home.join("secrets"))?;
    let registry = Registry::default().declare(declaration).unwrap();
    Replica::open(Options { registry, ..Options::new(home, Arc::new(secrets)) })
}

fn open_with(home: &Path, declaration: &Declaration) -> Replica {
    try_open_with(home, declaration).unwrap()
}

/// The app was brought up to date while the disk was full: its tables are the same, what it reads is not.
#[test]
fn a_home_that_heals_under_an_app_that_reads_otherwise_judges_all_anew_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "4m") else { return };
    let home = disk.at().join("home");
    let before = tools(json!([]));
    let after = tools(json!([{ "from": "here", "kind": "lent", "to": "away" }]));
    let phone = open_with(&home, &before);
    phone.found(None).unwrap();
    let shelve: Deed = serde_json::from_value(json!({ "kind": "shelved", "fields": { "name": "drill" } })).unwrap();
    phone.submit_declared(CommandId::from_bytes([1; 16]), "tool", None, shelve).unwrap();
    drop(phone);
    disk.remount("ro");
    let phone = open_with(&home, &after);
    assert!(phone.reads_alone());
    disk.remount("rw");

    try_post(&phone).unwrap();

    assert!(!phone.reads_alone());
    assert_eq!(phone.verify().unwrap().faults, [], "as if it had been opened where there is room");
    assert_eq!(phone.declared("tool", &DeclaredFilter::default()).unwrap().items, [], "of another declaration: newer");
    assert!(!phone.needs_newer_app().unwrap().is_empty());
}

fn open(home: &Path) -> Result<Replica, OpenError> {
    let secrets = DirSecrets::open(&home.join("secrets"))?;
    Replica::open(Options::new(home, Arc::new(secrets)))
}

/// The same by a clock that the test moves.
fn open_at(home: &Path, clock: &ManualClock) -> Replica {
    let secrets = DirSecrets::open(&home.join("secrets")).unwrap();
    Replica::open(Options { clock: Arc::new(clock.clone()), ..Options::new(home, Arc::new(secrets)) }).unwrap()
}

/// Another coordinator's phone.
fn neighbour(phone: &Replica, home: &Path) -> Replica {
    let other = open(home).unwrap();
    let id = CommandId::from_bytes(rand::random());
    phone.admit(id, other.record(), Role::Coordinator, None, None).unwrap();
    other.join(&phone.welcome().unwrap()).unwrap();
    other
}

fn try_post(phone: &Replica) -> Answer {
    phone.submit::<Order>(CommandId::from_bytes(rand::random()), None, say::Command::Post(Box::new(say::order())))
}

fn founded(home: &Path) -> (Replica, Reference) {
    let phone = open(home).unwrap();
    phone.found(None).unwrap();
    let order = try_post(&phone).unwrap().aggregate;
    (phone, order)
}

/// Everything that reads, reads, and whatever would write is refused for want of room.
#[track_caller]
fn reads_alone(phone: &Replica, order: Reference) {
    assert!(phone.reads_alone());
    assert_eq!(phone.board(&OrderFilter::default()).unwrap().items.len(), 1);
    assert!(phone.order(order).is_ok() && phone.history(order).is_ok() && phone.search("布洛芬", None, 5).is_ok());
    assert_eq!(phone.verify().unwrap().faults, []);
    assert_eq!(try_post(phone), Err(SubmitError::Store(StoreError::Full)));
    assert_eq!(phone.rebuild(), Err(StoreError::Full));
    assert!(phone.reads_alone() && phone.order(order).is_ok());
}

/// As soon as there is room it writes, without having been closed, and everything is there when it is opened again.
#[track_caller]
fn heals(phone: Replica, home: &Path, order: Reference) {
    let new = try_post(&phone).unwrap().aggregate;
    assert!(!phone.reads_alone() && phone.order(order).is_ok() && phone.order(new).is_ok());
    assert_eq!(phone.verify().unwrap().faults, []);
    drop(phone);
    let phone = open(home).unwrap();
    assert!(!phone.reads_alone());
    assert!(phone.order(order).is_ok() && phone.order(new).is_ok());
    for log in phone.look(|reader| reader.logs()).unwrap() {
        assert_eq!(phone.look(|reader| reader.heads(log.id())).unwrap().len(), 1, "no place is written twice");
    }
}
