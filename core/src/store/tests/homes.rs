//! Homes: locks, files that are not ours, damage, full disks, readers.

use std::{fs, path::Path};

use super::*;

#[test]
fn a_second_store_on_one_home_is_refused() {
    let home = home();

    refuses(home.dir.path(), |error| *error == StoreError::InUse);
    assert_eq!(Store::begin_recovery(home.dir.path()), Err(StoreError::InUse));

    home.reopen(&[]);
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("linli.db"), b"shopping list: rice, oil").expect("write");
    refuses(dir.path(), |error| *error == StoreError::Foreign);

    fs::remove_file(dir.path().join("linli.db")).expect("remove");
    let other = Connection::open(dir.path().join("linli.db")).expect("another program's database");
    other.execute_batch("CREATE TABLE notes (text)").expect("create");
    drop(other);
    refuses(dir.path(), |error| *error == StoreError::Foreign);
}

#[test]
fn a_newer_database_is_refused_even_when_only_its_log_says_so() {
    let dir = closed_home();
    let newer = raw(&dir.path().join("linli.db"));
    newer.pragma_update(None, "user_version", 8).expect("write");
    refuses(dir.path(), |error| *error == StoreError::Newer { theirs: 8, ours: schema::newest() });

    drop(newer);
    refuses(dir.path(), |error| *error == StoreError::Newer { theirs: 8, ours: schema::newest() });
}

#[test]
fn a_damaged_file_is_set_aside_and_salvaged() {
    let dir = closed_home();
    let path = dir.path().join("linli.db");
    let mut bytes = fs::read(&path).expect("read");
    // Far into the file, a page of events becomes noise.
    let page = bytes.len() / 4096 - 3;
    bytes[page * 4096..][..4096].fill(0x5a);
    fs::write(&path, &bytes).expect("write");
    refuses(dir.path(), |error| matches!(error, StoreError::Damaged { .. }));

    let aside = Store::begin_recovery(dir.path()).expect("nobody has it open").expect("a database");
    let salvaged = Store::salvage(&aside, &secrets(), pen(1).keys.device()).expect("a file");

    assert_eq!(fs::read(&aside).expect("kept"), bytes);
    let mut fresh = open(dir.path(), &[]).expect("a new file takes its place");
    let mut write = fresh.write().expect("begin");
    let mut parent = None;
    for run in salvaged.runs {
        let header = run.header.expect("given");
        let Ok(run) = run.verify(header, parent) else { break };
        parent = Some(end(&run));
        write.append(&run).expect("follows");
    }
    assert!(parent.is_some(), "the first event at least");
}

#[test]
fn a_truncated_file_is_damaged_not_foreign() {
    let dir = closed_home();
    let path = dir.path().join("linli.db");
    let bytes = fs::read(&path).expect("read");
    fs::write(&path, &bytes[..bytes.len() / 2]).expect("write");

    refuses(dir.path(), |error| matches!(error, StoreError::Damaged { .. }));
}

#[test]
fn an_intact_file_gives_every_run_and_command_to_salvage() {
    let mut home = home();
    let mut pen = pen(1);
    let first = pen.write(&["one"]);
    let mut clone = pen.cloned_at(Some(end(&first)));
    home.append(&first).expect("follows");
    home.append(&pen.write(&["ours"])).expect("follows");
    home.append(&clone.write(&["theirs"])).expect("follows");
    let mut write = home.store.write().expect("begin");
    write.remember_command(crate::id::CommandId::from_bytes([1; 16]), &[2; 32], "done").expect("remember");
    write.commit().expect("commit");
    let dir = home.dir;
    drop(home.store);

    let aside = Store::begin_recovery(dir.path()).expect("closed").expect("a database");
    let salvaged = Store::salvage(&aside, &secrets(), pen.keys.device()).expect("a file");

    assert_eq!((salvaged.runs.len(), salvaged.commands.len()), (3, 1));
    assert_eq!(Store::salvage(&aside, &secrets(), crate::id::DeviceId::ZERO).map(|salvaged| salvaged.runs), Ok(vec![]));
}

#[test]
fn files_set_aside_never_replace_each_other() {
    let dir = tempfile::tempdir().expect("a directory");
    let aside = [(); 2].map(|()| {
        drop(open(dir.path(), &[]).expect("open"));
        Store::begin_recovery(dir.path()).expect("closed").expect("a database")
    });

    assert_ne!(aside[0], aside[1]);
    assert!(aside.iter().all(|path| path.exists()));
    assert_eq!(Store::begin_recovery(dir.path()), Ok(None), "nothing is left to set aside");
}

/// T8: SQLite says of all of these that it cannot open a file.
#[test]
fn what_cannot_be_opened_is_told_as_what_it_is_and_not_as_a_full_disk_t8() {
    let (dir, beside) = (closed_home(), "linli.db-wal");
    fs::create_dir(dir.path().join(beside)).expect("a directory");

    let error = open(dir.path(), &[]).err();

    assert_eq!(error, Some(StoreError::Io(std::io::ErrorKind::IsADirectory)));
    fs::remove_dir(dir.path().join(beside)).expect("it is empty");
    assert!(open(dir.path(), &[]).is_ok());
    let home = home();
    let readers = home.store.readers();
    fs::remove_file(home.dir.path().join("linli.db")).expect("it is there");
    assert_eq!(readers.open().err(), Some(StoreError::Gone));
}

#[test]
fn an_empty_file_left_by_a_power_cut_becomes_a_home() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("linli.db"), b"").expect("write");

    assert!(open(dir.path(), &[]).is_ok());
}

#[test]
fn a_full_disk_applies_nothing_and_passes() {
    let mut home = home();
    let mut pen = pen(1);
    let first = pen.write(&["small"]);
    home.append(&first).expect("follows");
    home.store.limit_pages(1).expect("no more pages");

    let large = "x".repeat(8000);
    let run = pen.write(&[&large, &large, &large]);
    let mut write = home.store.write().expect("begin");
    write.set_meta("half", b"applied").expect("fits");
    assert_eq!(write.append(&run), Err(StoreError::Full));
    assert_eq!(write.commit(), Err(StoreError::RolledBack));

    assert_eq!(home.store.meta("half"), Ok(None));
    assert_eq!(home.store.heads(pen.log()), Ok(vec![end(&first)]));
    home.store.limit_pages(10_000).expect("somebody deleted films");
    assert_eq!(home.append(&run).map(|stored| stored.len()), Ok(3));
    assert_eq!(home.store.verify_chain(pen.log()), Ok(()));
}

#[test]
fn a_busy_reader_never_makes_the_writer_wait() {
    let mut home = home();
    let mut pen = pen(1);
    home.append(&pen.write(&["before"])).expect("follows");
    let reader = home.store.reader().expect("open");
    reader.db.execute_batch("BEGIN; SELECT * FROM event;").expect("a snapshot");

    for run in pen.write_many(400, "while reading") {
        let mut write = home.store.write().expect("begin");
        write.append(&run).expect("append");
        write.commit().expect("commit");
    }

    assert_eq!(reader.events_between(pen.log(), 0, 9000).expect("read").len(), 1, "its snapshot stands still");
    reader.db.execute_batch("COMMIT").expect("end");
    assert_eq!(reader.stats().expect("read").events, 401);
    assert!(reader.db.execute("DELETE FROM meta", []).is_err());
}

#[test]
fn a_reader_can_move_to_another_thread() {
    let mut home = home();
    let run = pen(1).write(&["one"]);
    home.append(&run).expect("follows");
    let reader = home.store.reader().expect("open");

    let there = std::thread::spawn(move || reader.has(reference(&run)).expect("read")).join();

    assert!(there.expect("no panic"));
}

#[test]
fn bytes_on_disk_stay_close_to_bytes_of_bodies() {
    let mut home = home();
    // What a home takes before anything is in it does not grow with it.
    let empty = home.store.stats().expect("read").file_bytes;
    let mut pen = pen(1);
    let key = EpochKey::from_bytes([3; 32], COMMUNITY, Compartment::Community);
    let mut write = home.store.write().expect("begin");
    for nth in 0..5000_i64 {
        let run = pen.write_under(&[&"y".repeat(150)], Some(&key));
        let pos = write.append(&run).expect("follows")[0];
        if nth % 5 == 0 {
            write.create_aggregate(reference(&run), "order", pos).expect("held");
        }
        let aggregate = Some(AggregateId(nth - nth % 5 + 1));
        write.judge(pos, Judgement { judged: Judged::Counts, aggregate, lamport: 5 }).expect("judge");
    }
    write.commit().expect("commit");
    home.store.scrub().expect("nobody reads");

    let stats = home.store.stats().expect("read");
    let overhead = (stats.file_bytes - empty - stats.body_bytes) / stats.events;
    println!("{overhead} bytes beside each body of {}, {empty} in the empty home", stats.body_bytes / stats.events);
    // Each encrypted page ends with what authenticates it: 80 bytes.
    let most = if cfg!(feature = "sqlcipher") { 110 } else { 98 };
    assert!(overhead < most, "{overhead} bytes beside each body");
}

/// Opening fails as expected and changes not one byte of the file.
fn refuses(dir: &Path, expected: impl Fn(&StoreError) -> bool) {
    let path = dir.join("linli.db");
    let before = fs::read(&path).expect("there");

    let error = open(dir, &[]).err().expect("must not open");

    assert!(expected(&error), "{error:?}");
    assert_eq!(fs::read(&path).expect("still there"), before);
}

/// A home with some events, closed.
fn closed_home() -> TempDir {
    let mut home = home();
    for run in pen(1).write_many(100, &"a long text ".repeat(20)) {
        home.append(&run).expect("follows");
    }
    home.dir
}
