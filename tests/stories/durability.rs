//! Kills and full disks: what was acknowledged is there, what was not is not half there (R6, T8).

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use linli_core::{
    aggregate::{
        Select,
        order::{ORDER_CARD, Order},
    },
    id::{CommandId, Reference},
    replica::{Options, Receipt, Replica, SubmitError},
    store::{DirSecrets, StoreError},
};
use linli_tests::{
    Break, Ended, World, meet,
    people::{LAN, WU},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::say;

/// What the child does: it is this very program, told by the environment to write until it is killed, and says of
/// each command that it was acknowledged.
#[test]
fn a_phone_that_writes_until_it_is_killed() {
    let Some(home) = std::env::var_os("LINLI_WRITE_HOME") else { return };
    let from = std::env::var("LINLI_WRITE_FROM").unwrap().parse().unwrap();
    let replica = open(Path::new(&home));
    for nth in from.. {
        let receipt = post(&replica, nth);
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {nth} {}", receipt.aggregate).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_acknowledged_outlives_a_kill_r6() {
    let home = linli_tests::somewhere();
    open(home.path()).found(None).unwrap();
    let mut known: Vec<(u64, Reference)> = Vec::new();

    for round in 0..4 {
        known.extend(killed_after(home.path(), known.len() as u64, 5 + 7 * round));

        let replica = open(home.path());
        for (nth, order) in &known {
            assert_eq!(post(&replica, *nth).aggregate, *order, "the same id, the first receipt");
            assert!(replica.order(*order).is_ok());
        }
        assert_eq!(replica.verify().unwrap().faults, []);
        let logs = replica.look(|reader| reader.logs()).unwrap();
        for log in logs {
            assert_eq!(replica.look(|reader| reader.heads(log.id())).unwrap().len(), 1, "no place is written twice");
        }
        // What was durable when the kill came, though not yet acknowledged, is known by its id too.
        let next = known.len() as u64;
        known.push((next, post(&replica, next).aggregate));
    }
}

/// Lets a child write and kills it once it has acknowledged so many commands; what it acknowledged.
fn killed_after(home: &Path, from: u64, count: usize) -> Vec<(u64, Reference)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::a_phone_that_writes_until_it_is_killed", "--nocapture"])
        .env("LINLI_WRITE_HOME", home)
        .env("LINLI_WRITE_FROM", from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let read = |line: String| {
        let mut words = line.strip_prefix("acknowledged ")?.split(' ');
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    let mut known: Vec<_> = lines.by_ref().filter_map(read).take(count).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    known.extend(lines.filter_map(read));
    known
}

#[test]
fn a_full_disk_refuses_writes_and_goes_on_reading_t8() {
    let mut world = World::community(1, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    world.at(WU).limit_pages(1).unwrap();
    let id = world.command();
    let large = say::Command::Comment { text: "x".repeat(4_000) };

    // Free pages take a few events yet.
    let full = (0..200).find_map(|_| say::submit(&mut world, WU, Some(order), large.clone()).err());
    assert_eq!(full, Some(SubmitError::Store(StoreError::Full)));
    let filled = world.at(WU).state_hash().unwrap();
    let refused = world.at(WU).submit::<Order>(id, Some(order), large.clone());
    assert_eq!(refused, Err(SubmitError::Store(StoreError::Full)));
    for _ in 0..40 {
        say::submit(&mut world, LAN, Some(order), large.clone()).unwrap();
    }
    let meeting = world.meet(WU, LAN, Break::Never);
    assert_eq!(meeting.ended, Ended::InStep);
    let peers = world.at(LAN).sync_state().unwrap().peers;
    assert!(peers.iter().any(|peer| peer.not_taken.full >= 40), "whoever brought them is told: {peers:?}");
    assert!(world.at(WU).order(order).is_ok(), "reads go on");
    assert_eq!(world.at(WU).state_hash().unwrap(), filled);
    assert_eq!(world.at(WU).verify().unwrap().faults, [], "nothing is half applied");

    // Somebody deleted films; the replica was never closed.
    world.at(WU).limit_pages(u32::MAX - 1).unwrap();
    world.at(WU).submit::<Order>(id, Some(order), large).unwrap();
    world.settle();
    world.assert_equal();
}

#[test]
fn reads_go_on_while_the_read_model_is_made_anew() {
    let mut world = World::community(2, 1);
    for _ in 0..40 {
        say::post(&mut world, LAN);
    }
    world.settle();
    let replica = world.at(WU).clone();

    let shown = read_beside(&replica, || {
        for _ in 0..5 {
            replica.rebuild().unwrap();
        }
    });

    assert!(shown.len() > 5, "{} reads while writing", shown.len());
    assert!(shown.iter().all(|orders| *orders == 40), "a screen never shows a half-made state: {shown:?}");
    world.assert_equal();
}

#[test]
fn reads_and_writes_go_on_while_a_sync_runs() {
    let mut world = World::community(3, 1);
    for _ in 0..800 {
        say::post(&mut world, LAN);
    }
    let [full, empty] = [LAN, WU].map(|phone| world.at(phone).clone());
    let mut dice = ChaCha20Rng::seed_from_u64(3);
    let command = || say::Command::Post(Box::new(say::order()));

    let shown = std::thread::scope(|scope| {
        scope.spawn(|| empty.submit::<Order>(CommandId::from_bytes([7; 16]), None, command()).unwrap());
        read_beside(&empty, || assert_eq!(meet(&full, &empty, &mut dice, Break::Never).ended, Ended::InStep))
    });

    assert!(shown.is_sorted(), "nothing that was shown goes away: {shown:?}");
    let within = shown.iter().filter(|orders| (2..800).contains(*orders)).count();
    assert!(within > 0, "screens fill while the sync runs: {shown:?}");
    world.settle();
    assert_eq!(orders(world.at(LAN)), 801);
    world.assert_equal();
}

fn orders(replica: &Replica) -> u64 {
    replica.count(&Select::from(ORDER_CARD.name)).unwrap()
}

/// Counts the orders over and over on one thread while another is busy.
fn read_beside(replica: &Replica, busy: impl FnOnce() + Send) -> Vec<u64> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            busy();
            done.store(true, Ordering::Release);
        });
        let mut shown = Vec::new();
        while !done.load(Ordering::Acquire) {
            shown.push(orders(replica));
        }
        shown
    })
}

fn open(home: &Path) -> Replica {
    let secrets = DirSecrets::open(&home.join("secrets")).unwrap();
    Replica::open(Options::new(home, Arc::new(secrets))).unwrap()
}

fn command(nth: u64) -> CommandId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&nth.to_be_bytes());
    CommandId::from_bytes(id)
}

fn post(replica: &Replica, nth: u64) -> Receipt {
    replica.submit::<Order>(command(nth), None, say::Command::Post(Box::new(say::order()))).unwrap()
}
