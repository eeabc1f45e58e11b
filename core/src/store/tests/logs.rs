//! Appending, forks, durability.

use super::*;

#[test]
fn what_was_committed_is_there_after_opening_again() {
    let mut home = home();
    let mut pen = pen(1);
    let key = EpochKey::from_bytes([3; 32], COMMUNITY, Compartment::Community);
    let run = pen.write_under(&["one", "two"], Some(&key));

    let stored = home.append(&run).expect("follows on nothing");
    let home = home.reopen(&[]);

    assert_eq!(stored, [Pos(1), Pos(2)]);
    let event = home.store.event_at(Pos(2)).expect("read").expect("held");
    let written = &run.events()[1];
    assert_eq!((event.id, &event.content, event.epoch), (written.id, &written.content, key.id()));
    assert_eq!((event.log, event.seq, event.signature), (pen.header, 1, written.signature));
    assert_eq!((event.judged, event.aggregate, event.lamport), (Judged::NotYet, None, 0));
    assert_eq!(home.store.event(event.reference()), Ok(Some(event)));
    assert_eq!(home.store.log(pen.log()), Ok(Some(pen.header)));
    assert_eq!(home.store.logs(), Ok(vec![pen.header]));
}

#[test]
fn a_run_whose_parent_is_absent_is_a_gap() {
    let mut home = home();
    let mut pen = pen(1);
    let _lost = pen.write(&["lost"]);
    let run = pen.write(&["found"]);

    assert_eq!(home.append(&run), Err(StoreError::Gap { log: pen.log(), seq: 0 }));

    assert_eq!(home.store.logs(), Ok(vec![]));
}

#[test]
fn the_same_events_again_are_skipped() {
    let mut home = home();
    let mut pen = pen(1);
    let first = pen.write(&["one", "two"]);
    let mut clone = pen.cloned_at(None);
    home.append(&first).expect("follows");

    assert_eq!(home.append(&first), Ok(vec![]));

    // The same beginning with more behind it, as another peer sends it.
    let more = clone.write(&["one", "two", "three"]);
    assert_eq!(home.append(&more), Ok(vec![Pos(3)]));
    assert_eq!(home.store.heads(pen.log()), Ok(vec![end(&more)]));
    assert_eq!(home.store.verify_chain(pen.log()), Ok(()));
}

#[test]
fn only_the_head_and_every_thirty_second_event_keep_a_signature() {
    let mut home = home();
    let mut pen = pen(1);
    for run in pen.write_many(70, "event") {
        home.append(&run).expect("follows");
    }

    let events = home.store.events_between(pen.log(), 0, 99).expect("read");

    let signed: Vec<_> = events.iter().filter(|event| event.signature.is_some()).map(|event| event.seq).collect();
    assert_eq!(signed, [0, 32, 64, 69]);
    assert_eq!(home.store.verify_chain(pen.log()), Ok(()));
}

#[test]
fn both_branches_of_a_fork_are_kept_and_go_on() {
    let mut home = home();
    let mut pen = pen(1);
    let shared = pen.write(&["shared"]);
    let mut clone = pen.cloned_at(Some(end(&shared)));
    let ours = pen.write(&["ours", "ours again"]);
    let theirs = clone.write(&["theirs"]);
    let later = clone.write(&["theirs, later"]);
    for run in [&shared, &ours, &theirs, &later] {
        home.append(run).expect("follows");
    }

    let log = pen.log();
    assert_eq!(home.store.heads(log), Ok(vec![end(&ours), end(&later)]));
    let entry = |head: Head| head.entry(log);
    let mut entries = vec![entry(end(&ours)), entry(end(&later))];
    entries.sort_unstable();
    assert_eq!(home.store.entries(COMMON), Ok(entries));
    assert_eq!(home.store.entries(ROSTER), Ok(vec![]));
    assert_eq!(home.store.parents_at(log, 1).expect("read").len(), 2);
    assert_eq!(home.store.verify_chain(log), Ok(()));
    let page = |first, after| {
        let (page, rest) = home.store.events_behind(log, (first, 9), after, false, 2).expect("read");
        (page.iter().map(|event| event.seq).collect::<Vec<_>>(), rest)
    };
    let (one, rest) = page(0, Behind::default());
    let (two, more) = page(0, rest.expect("there is more"));
    assert_eq!((one, two), (vec![0, 1], vec![2, 1]), "branch by branch");
    assert_eq!(page(0, more.expect("there is more")), (vec![2], None));
    assert_eq!(page(2, Behind::default()).0, [2, 2]);
}

#[test]
fn ancestors_are_told_apart_from_the_other_branch() {
    let mut home = home();
    let mut pen = pen(1);
    let shared = pen.write(&["shared"]);
    let mut clone = pen.cloned_at(Some(end(&shared)));
    let (ours, theirs) = (pen.write(&["ours"]), clone.write(&["theirs"]));
    let later = clone.write(&["later"]);
    for run in [&shared, &ours, &theirs, &later] {
        home.append(run).expect("follows");
    }
    let known = |event: &VerifiedRun, head: &VerifiedRun| {
        let (event, head) = (end(event), end(head));
        home.store.is_ancestor(pen.log(), event.seq, event.id, head.seq, head.id).expect("read")
    };

    assert_eq!(known(&shared, &later), Some(true));
    assert_eq!(known(&shared, &ours), Some(true));
    assert_eq!(known(&theirs, &later), Some(true));
    assert_eq!(known(&later, &later), Some(true));
    assert_eq!(known(&ours, &later), Some(false));
    assert_eq!(known(&later, &theirs), Some(false));
    assert_eq!(known(&shared, &clone.write(&["not held"])), None);
}

#[test]
fn the_founding_event_alone_is_of_no_community() {
    let mut home = home();
    let mut pen = pen(1);
    pen.header.community = CommunityId::ZERO;
    let founding = pen.write(&["founding"]);
    home.append(&founding).expect("the founding event");
    assert_eq!(home.store.log(pen.log()), Ok(Some(pen.header)));

    pen.header.community = COMMUNITY;
    let next = pen.write(&["next"]);
    home.append(&next).expect("of the community");
    pen.header.community = CommunityId::from_bytes([8; 32]);
    let foreign = pen.write(&["foreign"]);

    assert_eq!(home.append(&foreign), Err(StoreError::Community { log: pen.log(), seq: 2 }));
    let communities: Vec<_> = home.store.events_between(pen.log(), 0, 9).expect("read").iter().map(|e| e.log).collect();
    assert_eq!(communities, [*founding.header(), *next.header()]);
    assert_eq!(home.store.log(pen.log()), Ok(Some(*next.header())));
    assert_eq!(home.store.verify_chain(pen.log()), Ok(()));
}

#[test]
fn a_transaction_that_is_dropped_leaves_no_trace() {
    let mut home = home();
    let run = pen(1).write(&["one"]);

    let mut write = home.store.write().expect("begin");
    write.append(&run).expect("follows");
    write.set_meta("key", b"value").expect("set");
    drop(write);

    assert_eq!(home.store.has(reference(&run)), Ok(false));
    assert_eq!(home.store.meta("key"), Ok(None));
    assert_eq!(home.append(&run), Ok(vec![Pos(1)]));
}

#[test]
fn an_altered_body_is_found_by_hashing_again() {
    let mut home = home();
    let mut pen = pen(1);
    for run in pen.write_many(40, "event") {
        home.append(&run).expect("follows");
    }

    home.store.view.db.execute("UPDATE event SET content = x'00' WHERE seq = 35", []).expect("alter");

    let found = home.store.verify_chain(pen.log());
    assert!(matches!(found, Err(Damage::Broken { seq: 33, .. })), "{found:?}");
    assert_eq!(home.store.verify_chain(LogId::ZERO), Err(Damage::Absent(LogId::ZERO)));
}

#[test]
fn an_erased_body_leaves_its_hash_and_no_byte_on_disk() {
    let mut home = home();
    let run = pen(1).write(&["room 1204", "another"]);
    home.append(&run).expect("follows");

    let mut write = home.store.write().expect("begin");
    write.erase(Pos(1)).expect("erase");
    write.erase(Pos(1)).expect("again");
    write.commit().expect("commit");
    home.store.scrub().expect("nobody reads");

    assert_eq!(home.store.verify_chain(run.header().id()), Ok(()));
    for file in std::fs::read_dir(home.dir.path()).expect("read") {
        let bytes = std::fs::read(file.expect("entry").path()).expect("read");
        assert!(!bytes.windows(9).any(|window| window == b"room 1204"));
    }

    let crate::event::Content::Here(body) = &run.events()[0].content else { unreachable!() };
    let mut write = home.store.write().expect("begin");
    assert_eq!(write.refill(Pos(1), b"something else"), Ok(false));
    assert_eq!(write.refill(Pos(1), body), Ok(true));
    assert_eq!(write.event_at(Pos(1)).expect("read").expect("held").content, run.events()[0].content);
}
