//! Homes: files that are not ours, from the future, damaged, or in use; and what is saved of a damaged one.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use linli_core::{
    aggregate::order::Order,
    id::CommandId,
    key::{MemorySecrets, SecretError, SecretStore},
    replica::{LinkError, OpenError, Options, Receipt, Replica, SubmitError},
    roster::Role,
    store::{Judged, Salvaged, Store, StoreError},
};
use linli_tests::{
    Break, Ended, World,
    people::{LAN, MEI, WU},
};
use parking_lot::Mutex;

use crate::say;

#[test]
#[cfg_attr(feature = "sqlcipher", ignore = "in a home that is encrypted, what is not ours looks damaged")]
fn a_foreign_or_newer_file_is_refused_and_left_alone() {
    let mut world = World::community(1, 1);
    world.close(WU);
    let ours = fs::read(file(&world, WU)).unwrap();

    let stranger = || Options { secrets: Arc::new(MemorySecrets::default()), ..world.options(WU) };
    fs::write(file(&world, WU), b"shopping list: rice, oil").unwrap();
    assert_eq!(Replica::open(stranger()).err(), Some(OpenError::Store(StoreError::Foreign)));
    let recovered = Replica::recover(stranger()).err();
    assert_eq!(recovered, Some(OpenError::Store(StoreError::Foreign)), "nor is it set aside");
    assert_eq!(fs::read(file(&world, WU)).unwrap(), b"shopping list: rice, oil");

    // SQLite keeps the schema's number big-endian at byte 60.
    let mut newer = ours.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(file(&world, WU), newer).unwrap();
    stays_shut(&world, WU, |error| matches!(error, OpenError::Store(StoreError::Newer { theirs: 99, .. })));

    fs::write(file(&world, WU), ours).unwrap();
    world.open(WU);
    world.assert_equal();
}

#[test]
fn a_damaged_file_is_reported_and_left_alone_t8() {
    let mut world = World::community(2, 1);
    for _ in 0..20 {
        say::post(&mut world, WU);
    }
    world.close(WU);

    damage(&world, WU, 0.4, 0.7);

    stays_shut(&world, WU, |error| matches!(error, OpenError::Store(StoreError::Damaged { .. })));
}

#[test]
fn without_the_devices_keys_a_home_stays_shut() {
    let mut world = World::community(3, 1);
    world.close(WU);
    let elsewhere = || Options { secrets: Arc::new(MemorySecrets::default()), ..world.options(WU) };

    let lost = if cfg!(feature = "sqlcipher") { StoreError::KeyLost.into() } else { OpenError::KeysLost };
    assert_eq!(Replica::open(elsewhere()).err(), Some(lost));

    world.open(WU);
    world.assert_equal();
}

/// What a member's phone has, whose keystore outlived its database.
fn belongs_but(world: &mut World, phone: usize, harm: impl Fn(&PathBuf)) -> OpenError {
    world.close(phone);
    harm(&file(world, phone));
    Replica::open(world.options(phone)).err().expect("the home must not open as if it were new")
}

#[test]
fn keys_without_a_database_are_no_new_phone_t8() {
    let mut world = World::community(10, 1);
    let (device, order) = (world.device(WU), say::post(&mut world, WU));
    world.settle();
    let unsent = say::post(&mut world, WU);
    let harms: [fn(&PathBuf); 2] = [|file| fs::remove_file(file).unwrap(), |file| fs::write(file, b"").unwrap()];

    for harm in harms {
        assert_eq!(belongs_but(&mut world, WU, harm), OpenError::DatabaseLost);
        assert_eq!(Replica::open(world.options(WU)).err(), Some(OpenError::DatabaseLost), "again too");

        let (replica, recovered) = Replica::recover(world.options(WU)).unwrap();
        world.put(WU, replica);

        assert_eq!((recovered.events, recovered.new_device), (0, false));
        assert_eq!(world.device(WU), device, "the same device goes on");
        world.settle();
        assert!(world.at(WU).order(order).is_ok(), "everything comes back from others");
        let new = say::post(&mut world, WU);
        assert_ne!(new.log, unsent.log, "under a new incarnation (R7)");
        world.settle();
        world.assert_equal();
    }
}

#[test]
fn a_home_whose_directory_is_gone_says_so_and_is_not_made_anew() {
    let mut world = World::community(11, 1);
    world.close(WU);
    fs::remove_dir_all(world.home(WU)).unwrap();

    assert_eq!(Replica::open(world.options(WU)).err(), Some(OpenError::DatabaseLost));
    assert!(!world.home(WU).exists());

    world.put(WU, Replica::recover(world.options(WU)).unwrap().0);
    world.settle();
    world.assert_equal();
}

#[test]
fn a_database_that_does_not_even_begin_as_one_is_damage_where_keys_say_whose_it_is_t8() {
    let mut world = World::community(12, 1);
    let order = say::post(&mut world, WU);
    world.settle();
    let first_page_lost = |file: &PathBuf| {
        let mut bytes = fs::read(file).unwrap();
        bytes[..4096].fill(0);
        fs::write(file, bytes).unwrap();
    };

    let error = belongs_but(&mut world, WU, first_page_lost);
    assert!(matches!(error, OpenError::Store(StoreError::Damaged { .. })), "{error:?}");
    let damaged = fs::read(file(&world, WU)).unwrap();
    let (replica, recovered) = Replica::recover(world.options(WU)).unwrap();
    world.put(WU, replica);

    assert_eq!(fs::read(recovered.set_aside.unwrap()).unwrap(), damaged, "it may be the only copy");
    world.settle();
    assert!(world.at(WU).order(order).is_ok());
    world.assert_equal();
}

#[test]
fn a_log_without_its_database_is_not_taken_for_another_databases() {
    let mut world = World::community(13, 1);
    world.close(WU);
    let log = world.home(WU).join("linli.db-wal");
    fs::write(&log, b"what is left of a database").unwrap();
    fs::remove_file(file(&world, WU)).unwrap();

    assert_eq!(Replica::open(world.options(WU)).err(), Some(OpenError::DatabaseLost));
    world.put(WU, Replica::recover(world.options(WU)).unwrap().0);

    let aside = world.home(WU).join("linli.damaged-1.db-wal");
    assert_eq!(fs::read(aside).unwrap(), b"what is left of a database");
    world.settle();
    world.assert_equal();
}

#[test]
fn a_restored_database_without_its_keys_begins_as_a_new_device_and_keeps_what_was_unsent_t9() {
    let mut world = World::community(14, 1);
    let old = world.device(WU);
    let unsent = say::post(&mut world, WU);
    world.close(WU);
    let secrets = Arc::new(MemorySecrets::default());
    let options = || Options { secrets: secrets.clone(), ..world.options(WU) };
    assert!(Replica::open(options()).is_err(), "it is not opened as anybody's");

    let (replica, recovered) = Replica::recover(options()).unwrap();

    assert!(recovered.new_device && replica.community().is_none());
    assert_ne!(replica.device(), old);
    let id = world.command();
    world.at(LAN).admit(id, replica.record(), linli_core::roster::Role::Volunteer, None, None).unwrap();
    replica.join(&world.at(LAN).welcome().unwrap()).unwrap();
    let mut dice = world.dice.clone();
    linli_tests::meet(&replica, world.at(LAN), &mut dice, Break::Never);
    let saved = replica.salvage().unwrap();
    if cfg!(not(feature = "sqlcipher")) {
        assert_eq!(saved, 1);
        linli_tests::meet(&replica, world.at(LAN), &mut dice, Break::Never);
        assert!(world.at(LAN).order(unsent).is_ok(), "what the old device had not sent");
    }
}

#[test]
fn a_database_beside_another_devices_keys_is_told_apart() {
    let mut world = World::community(15, 2);
    world.close(WU);
    world.close(MEI);
    fs::copy(file(&world, WU), file(&world, MEI)).unwrap();
    if cfg!(feature = "sqlcipher") {
        // Of encrypted pages alone nobody can tell damage from another key.
        fs::copy(world.home(WU).join("linli.sealed"), world.home(MEI).join("linli.sealed")).unwrap();
    }

    let error = Replica::open(world.options(MEI)).err();

    let other = if cfg!(feature = "sqlcipher") { StoreError::KeyWrong.into() } else { OpenError::OtherDevice };
    assert_eq!(error, Some(other));
    world.put(MEI, Replica::recover(world.options(MEI)).unwrap().0);
    world.open(WU);
    world.settle();
    world.assert_equal();
}

/// Who may do what with a file or directory.
#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn a_home_is_its_owners_alone_and_one_that_was_not_is_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = World::community(16, 1);
    say::post(&mut world, WU);
    let files = |world: &World| -> Vec<PathBuf> {
        fs::read_dir(world.home(WU)).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let closed = |world: &World| {
        assert_eq!(mode(world.home(WU)), 0o700);
        let found = files(world);
        assert!(found.iter().any(|file| file.ends_with("linli.db-wal")) || world.home(WU).join("linli.clean").exists());
        for file in found {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    };

    closed(&world);
    world.close(WU);
    closed(&world);
    let open_to = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for file in files(&world) {
        open_to(&file, 0o644);
    }
    open_to(world.home(WU), 0o755);
    world.open(WU);

    closed(&world);
    say::post(&mut world, WU);
    world.close(WU);
    closed(&world);
}

#[test]
fn a_home_removed_under_a_running_phone_acknowledges_nothing_more_r6() {
    for only_the_log in [false, true] {
        let mut world = World::community(17, 1);
        say::post(&mut world, WU);
        if only_the_log {
            fs::remove_file(world.home(WU).join("linli.db-wal")).unwrap();
        } else {
            fs::remove_dir_all(world.home(WU)).unwrap();
        }

        let posted = say::submit(&mut world, WU, None, say::Command::Post(Box::new(say::order())));

        assert_eq!(posted, Err(SubmitError::Store(StoreError::Gone)));
        let order = say::post(&mut world, LAN);
        let meeting = world.meet(LAN, WU, Break::Never);
        assert_eq!(meeting.ended, Ended::Failed(LinkError::Store(StoreError::Gone)), "nor does it take in {order}");
    }
}

/// What the second process does: it is this very program, told by the environment to try a home.
#[test]
fn a_second_process() {
    let Some(home) = std::env::var_os("LINLI_TRY_HOME") else { return };
    let answer = Replica::open(Options::new(home, Arc::new(MemorySecrets::default())));
    println!("answer: {:?}", answer.err());
}

#[test]
fn a_second_process_is_turned_away_from_a_home_in_use() {
    let mut world = World::community(4, 1);
    let before = world.at(WU).state_hash().unwrap();
    let again = Replica::open(world.options(WU)).err();

    let program = std::env::current_exe().unwrap();
    let child = Command::new(program)
        .args(["--exact", "homes::a_second_process", "--nocapture"])
        .env("LINLI_TRY_HOME", world.home(WU))
        .stderr(Stdio::null())
        .output();
    let said = String::from_utf8(child.unwrap().stdout).unwrap();

    assert_eq!(again, Some(OpenError::Store(StoreError::InUse)));
    assert!(said.contains("answer: Some(Store(InUse))"), "{said}");
    assert_eq!(world.at(WU).state_hash().unwrap(), before);
    say::post(&mut world, WU);
}

#[test]
fn own_unsent_orders_outlive_a_damaged_file_t8() {
    let mut world = World::community(5, 2);
    for _ in 0..30 {
        say::post(&mut world, LAN);
    }
    world.settle();
    let unsent = say::post(&mut world, WU);
    let (id, command) = (world.command(), say::Command::Comment { text: "三楼".into() });
    let receipt = world.at(WU).submit::<Order>(id, Some(unsent), command.clone()).unwrap();
    world.close(WU);
    let damaged = spoil_others(&world, WU);

    let (replica, recovered) = Replica::recover(world.options(WU)).unwrap();
    world.put(WU, replica);

    assert_eq!(fs::read(recovered.set_aside.unwrap()).unwrap(), damaged, "it may be the only copy");
    assert_eq!(recovered.events, 2);
    world.settle();
    assert!(world.at(LAN).order(unsent).is_ok());
    let again = world.at(WU).submit::<Order>(id, Some(unsent), command);
    assert_eq!(again, Ok(receipt), "command ids are kept");
    let new = say::submit(&mut world, WU, Some(unsent), say::Command::Claim).unwrap();
    assert_ne!(new.events[0].log, unsent.log, "no place is written twice: a new incarnation (R7)");
    world.settle();
    world.assert_equal();
    assert_eq!(world.at(LAN).look(|reader| reader.heads(unsent.log)).unwrap().len(), 1);
}

/// Damages a page that a phone can spare: one whose loss makes the check fail, while its own log still reads.
fn spoil_others(world: &World, phone: usize) -> Vec<u8> {
    let whole = fs::read(file(world, phone)).unwrap();
    let device = Replica::open(world.options(phone)).unwrap().device();
    let whole_log = Store::salvage(&file(world, phone), world.secrets(phone).as_ref(), device).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0x5a);
        fs::write(file(world, phone), &bytes).unwrap();
        let shut =
            matches!(Replica::open(world.options(phone)).err(), Some(OpenError::Store(StoreError::Damaged { .. })));
        if shut && Store::salvage(&file(world, phone), world.secrets(phone).as_ref(), device).as_ref() == Ok(&whole_log)
        {
            return bytes;
        }
    }
    panic!("some page can be spared");
}

#[test]
fn whatever_page_is_lost_recovery_never_fails_and_never_forks() {
    let mut world = World::community(6, 1);
    for _ in 0..8 {
        say::post(&mut world, WU);
    }
    world.settle();
    let unsent = say::post(&mut world, WU);
    world.close(WU);
    let whole = fs::read(file(&world, WU)).unwrap();
    let mut saved = 0;
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0x5a);
        let elsewhere = linli_tests::somewhere();
        fs::write(elsewhere.path().join("linli.db"), bytes).unwrap();
        let options = || Options { home: elsewhere.path().to_owned(), ..world.options(WU) };
        let replica = match Replica::open(options()) {
            // A page of what can be made again, or a free one.
            Ok(_) => continue,
            Err(OpenError::Store(StoreError::Damaged { .. })) => Replica::recover(options()).unwrap().0,
            Err(error) => panic!("page {page}: {error:?}"),
        };
        let mut dice = world.dice.clone();
        linli_tests::meet(&replica, world.at(LAN), &mut dice, Break::Never);
        replica.salvage().unwrap();
        saved += usize::from(replica.order(unsent).is_ok());
        for log in world.at(LAN).look(|reader| reader.logs()).unwrap() {
            assert!(world.at(LAN).look(|reader| reader.heads(log.id())).unwrap().len() <= 1, "page {page}");
        }
        assert_eq!(replica.verify().unwrap().faults, [], "page {page}");
    }
    assert!(saved > 0, "the unsent order outlives the loss of some pages");
}

/// T8: whichever of what was acknowledged is lost, the app that tries again what it has no answer to is not told that it
/// is done; and of what was saved nothing is done twice.
#[test]
fn what_could_not_be_saved_may_be_done_again_under_its_id_t8() {
    let mut world = World::community(16, 1);
    world.settle();
    let newcomers: Vec<usize> = (0..2).map(|_| world.phone()).collect();
    let admissions: Vec<(CommandId, usize)> = newcomers.into_iter().map(|phone| (world.command(), phone)).collect();
    let admit = |world: &World, founder: &Replica, (id, phone): (CommandId, usize)| {
        founder.admit(id, world.at(phone).record(), Role::Volunteer, None, None)
    };
    admissions.iter().for_each(|one| admit(&world, world.at(LAN), *one).unwrap());
    let command = || say::Command::Post(Box::new(say::order()));
    let posts: Vec<(CommandId, Receipt)> = (0..40)
        .map(|_| {
            let id = world.command();
            (id, world.at(LAN).submit::<Order>(id, None, command()).unwrap())
        })
        .collect();
    let device = world.device(LAN);
    world.close(LAN);
    let whole = fs::read(file(&world, LAN)).unwrap();
    let read = |file: &PathBuf| Store::salvage(file, world.secrets(LAN).as_ref(), device).unwrap_or_default();
    let events = |salvaged: &Salvaged| salvaged.runs.iter().map(|run| run.links.len()).sum::<usize>();
    let all = events(&read(&file(&world, LAN)));
    let (mut redone, mut admitted_again) = (0, 0);
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0x5a);
        let elsewhere = linli_tests::somewhere();
        let damaged = elsewhere.path().join("linli.db");
        fs::write(&damaged, bytes).unwrap();
        let salvaged = read(&damaged);
        let remembered = |id: CommandId| salvaged.commands.iter().any(|command| command.id == id);
        if events(&salvaged) == all || !remembered(posts[0].0) || !remembered(admissions[1].0) {
            continue; // nothing of the logs is lost, or the commands are
        }
        let options = Options { home: elsewhere.path().to_owned(), ..world.options(LAN) };
        let replica = Replica::recover(options).unwrap().0;
        let mut dice = world.dice.clone();
        linli_tests::meet(&replica, world.at(WU), &mut dice, Break::Never);
        replica.salvage().unwrap();
        if !replica.is_ready() {
            continue; // the community's beginning is lost
        }

        for one in &admissions {
            let known = replica.roster().device(world.device(one.1)).is_some();
            let again = admit(&world, &replica, *one);
            assert!(known || again == Ok(()), "page {page}: {again:?}");
            assert!(replica.roster().device(world.device(one.1)).is_some(), "page {page}");
            admitted_again += usize::from(!known);
        }
        for (id, receipt) in &posts {
            let saved = replica.order(receipt.aggregate).is_ok();
            let again = replica.submit::<Order>(*id, None, command()).unwrap();
            assert!(replica.order(again.aggregate).is_ok(), "page {page}: what is acknowledged is here");
            assert_eq!(again == *receipt, saved, "page {page}: nothing is done twice");
            redone += usize::from(!saved);
        }
        assert_eq!(replica.verify().unwrap().faults, [], "page {page}");
    }
    assert!(redone > 0 && admitted_again > 0, "{redone} {admitted_again}");
}

#[test]
fn a_recovery_that_was_interrupted_is_finished_by_opening() {
    let mut world = World::community(7, 1);
    let unsent = say::post(&mut world, WU);
    world.close(WU);
    // The power went after the file was set aside.
    Store::begin_recovery(world.home(WU)).unwrap();

    world.open(WU);

    world.settle();
    assert!(world.at(LAN).order(unsent).is_ok());
    world.assert_equal();
}

#[test]
fn a_founder_recovers_the_whole_community() {
    let mut world = World::community(8, 1);
    let order = say::post(&mut world, LAN);
    world.close(LAN);

    let (replica, recovered) = Replica::recover(world.options(LAN)).unwrap();
    world.put(LAN, replica);

    assert!(recovered.events > 3);
    assert!(world.at(LAN).is_ready() && world.at(LAN).order(order).is_ok());
    let newcomer = world.join(LAN, Role::Volunteer);
    world.settle();
    assert!(world.at(newcomer).is_ready());
    world.assert_equal();
}

#[test]
fn a_copied_phone_forks_itself_once_and_both_branches_count_t9() {
    let mut world = World::community(9, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    say::submit(&mut world, WU, Some(order), say::Command::StillNeeded).unwrap();
    world.close(WU);
    let elsewhere = linli_tests::somewhere();
    fs::copy(file(&world, WU), elsewhere.path().join("linli.db")).unwrap();
    let secrets = std::sync::Arc::new(linli_tests::copied(world.secrets(WU)));
    world.open(WU);
    let copy = Options { home: elsewhere.path().to_owned(), seed: Some(99), secrets, ..world.options(WU) };
    let copy = Replica::open(copy).unwrap();
    let comment = |replica: &Replica, world: &mut World, text: &str| {
        let (id, command) = (world.command(), say::Command::Comment { text: text.into() });
        replica.submit::<Order>(id, Some(order), command).unwrap().events[0]
    };
    let here = say::submit(&mut world, WU, Some(order), say::Command::Claim).unwrap().events[0];
    let there = comment(&copy, &mut world, "on the copy");
    assert_eq!((here.log, here.seq), (there.log, there.seq), "the copy writes where the phone wrote");

    let mut dice = world.dice.clone();
    for _ in 0..2 {
        linli_tests::meet(&copy, world.at(LAN), &mut dice, Break::Never);
        world.settle();
    }

    for phone in 0..3 {
        for event in [here, there] {
            let stored = world.at(phone).look(|reader| reader.event(event)).unwrap().unwrap();
            assert_eq!(stored.judged, Judged::Counts, "every branch counts (R7)");
        }
    }
    let phone = world.at(WU).clone();
    let later = [comment(&phone, &mut world, "on the phone"), comment(&copy, &mut world, "on the copy")];
    linli_tests::meet(&copy, world.at(LAN), &mut dice, Break::Never);
    world.settle();
    assert!(later[0].log != here.log && later[1].log != here.log && later[0].log != later[1].log, "{later:?}");
    let heads = |log| world.at(MEI).look(|reader| reader.heads(log)).unwrap().len();
    assert_eq!([heads(here.log), heads(later[0].log), heads(later[1].log)], [2, 1, 1]);
    world.assert_equal();
}

/// A keystore that asks the replica it serves, as an app's may.
#[derive(Default)]
struct Inquisitive {
    kept: MemorySecrets,
    replica: Mutex<Option<Replica>>,
    asked: Mutex<usize>,
}

impl Inquisitive {
    fn ask(&self) {
        let Some(replica) = self.replica.lock().clone() else { return };
        assert!(replica.state_hash().is_ok() && replica.verify().is_ok());
        let _refused = replica.found(None);
        let id = linli_core::id::CommandId::from_bytes([7; 16]);
        let _refused = replica.submit::<Order>(id, None, say::Command::Post(Box::new(say::order())));
        *self.asked.lock() += 1;
    }
}

impl SecretStore for Inquisitive {
    fn get(&self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, SecretError> {
        self.ask();
        self.kept.get(name)
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.ask();
        self.kept.put(name, secret)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.kept.remove(name)
    }
}

#[test]
fn no_lock_is_held_while_the_app_keeps_secrets() {
    let home = linli_tests::somewhere();
    let secrets = Arc::new(Inquisitive::default());
    let replica = Replica::open(Options::new(home.path(), secrets.clone())).unwrap();
    *secrets.replica.lock() = Some(replica.clone());

    replica.found(None).unwrap();
    replica.welcome().unwrap();

    assert_eq!(*secrets.asked.lock(), 3);
    // The store holds the replica that holds the store.
    *secrets.replica.lock() = None;
}

/// The database of a phone that is switched off.
fn file(world: &World, phone: usize) -> PathBuf {
    world.home(phone).join("linli.db")
}

/// A phone does not open, for this reason, and its file stays as it is.
#[track_caller]
fn stays_shut(world: &World, phone: usize, expected: impl Fn(&OpenError) -> bool) {
    let before = fs::read(file(world, phone)).unwrap();
    let error = Replica::open(world.options(phone)).err().expect("the home must not open");
    assert!(expected(&error), "{error:?}");
    assert_eq!(fs::read(file(world, phone)).unwrap(), before);
}

/// Makes noise of the pages of a database between two parts of it.
fn damage(world: &World, phone: usize, from: f64, to: f64) {
    let path = file(world, phone);
    let mut bytes = fs::read(&path).unwrap();
    let page = |part: f64| ((bytes.len() / 4096) as f64 * part) as usize * 4096;
    let (from, to) = (page(from).max(4096), page(to));
    bytes[from..to].fill(0x5a);
    fs::write(&path, bytes).unwrap();
}
