//! Bundles: what phones hold, carried on a memory card, whole or broken, in any order, any number of times.

use std::io::{self, ErrorKind, Write};

use linli_core::{
    aggregate::alert::{Alert, AlertCommand},
    count::{self, Work},
    event::{Body, Content, Run, Topic},
    id::{DeviceId, EpochId},
    replica::{Ending, ExportError, ImportError, ImportReport, OrderFilter, Replica, What},
    roster::Role,
    sync::{BundleError, BundleWriter},
};
use linli_tests::{
    Break, Forger, MORNING, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};
use rand::RngExt;

use crate::say::{self, Command};

#[test]
fn a_bundle_brings_everything_to_a_phone_that_was_never_met() {
    let world = scene(1);
    let mut file = Vec::new();
    let mut steps = Vec::new();

    let written = world.at(LAN).export_bundle(What::All, &mut file, |step| steps.push(step)).unwrap();
    let taken = import(world.at(ZHAO), &file);

    assert_eq!(written.events, world.at(LAN).stats().unwrap().events);
    assert!(steps.is_sorted_by_key(|step| (step.events, step.bytes)) && !steps.is_empty());
    let all = ImportReport { new: written.events, bytes: written.bytes, ..ImportReport::default() };
    assert_eq!(taken, all);
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
    assert_eq!(world.at(ZHAO).verify().unwrap().faults, []);
}

#[test]
fn a_second_time_changes_nothing() {
    let world = scene(2);
    let file = export(world.at(LAN), What::All);
    let first = import(world.at(ZHAO), &file);
    let before = world.at(ZHAO).state_hash().unwrap();

    let again = import(world.at(ZHAO), &file);

    assert_eq!((again.new, again.known, again.ending), (0, first.new, Ending::Whole));
    assert_eq!(world.at(ZHAO).state_hash().unwrap(), before);
    assert_eq!(export(world.at(ZHAO), What::All).len(), file.len(), "the same runs, perhaps in another order");
}

#[test]
fn bundles_come_in_any_order() {
    let mut world = scene(3);
    for phone in 0..3 {
        comment(&mut world, phone, "on my way");
    }
    let files: Vec<_> = (0..3).map(|phone| export(world.at(phone), What::All)).collect();
    let newcomers = [3, world.join(LAN, Role::Volunteer), world.join(LAN, Role::Volunteer)];
    // Admitted after the files were written: until they hear of it they keep what they cannot read.
    let roster = export(world.at(LAN), What::Urgent);

    for (phone, order) in newcomers.into_iter().zip([[0, 1, 2], [2, 0, 1], [1, 2, 0]]) {
        for file in order {
            assert_eq!(import(world.at(phone), &files[file]).ending, Ending::Whole);
        }
        import(world.at(phone), &roster);
    }

    world.settle();
    for phone in newcomers {
        assert!(is_equal(world.at(LAN), world.at(phone)), "phone {phone}");
    }
}

#[test]
fn a_bundle_for_a_peer_holds_what_it_is_not_known_to_have() {
    let mut world = scene(4);
    comment(&mut world, LAN, "one");
    comment(&mut world, LAN, "two");
    let peer = world.device(WU);
    let roster: u64 = runs(&world, LAN, Topic::Roster).iter().map(|run| run.links.len() as u64).sum();

    let mut file = Vec::new();
    let written = world.at(LAN).export_bundle(What::LackedBy { device: peer }, &mut file, |_| {}).unwrap();
    let taken = import(world.at(WU), &file);

    assert_eq!(written.events, roster + 2, "the roster, and what is new");
    assert_eq!((taken.new, taken.known), (2, roster));
    assert!(is_equal(world.at(LAN), world.at(WU)));
    let nobody = DeviceId::from_bytes([9; 32]);
    let unknown = world.at(LAN).export_bundle(What::LackedBy { device: nobody }, io::sink(), |_| {});
    assert_eq!(unknown, Err(ExportError::UnknownDevice { device: nobody }));
}

#[test]
fn what_begins_beyond_what_is_held_waits_for_the_bundle_before_it() {
    let mut world = scene(5);
    comment(&mut world, LAN, "one");
    let for_another = export(world.at(LAN), What::LackedBy { device: world.device(WU) });

    let early = import(world.at(ZHAO), &for_another);
    let whole = import(world.at(ZHAO), &export(world.at(LAN), What::All));

    assert_eq!(early.refused.gap, 1, "{early:?}");
    assert_eq!(early.ending, Ending::Whole);
    assert_eq!((whole.known, whole.refused), (early.new, Default::default()));
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
}

#[test]
fn an_urgent_bundle_is_small_and_complete() {
    let mut world = scene(6);
    let id = world.command();
    let command =
        AlertCommand::Raise { what: "fall".into(), building: None, unit: None, room: None, text: None, contact: None };
    world.at(LAN).submit::<Alert>(id, None, command).unwrap();

    import(world.at(ZHAO), &export(world.at(LAN), What::Urgent));

    assert_eq!(world.at(ZHAO).alerts(true).unwrap().len(), 1);
    assert_eq!(world.at(ZHAO).board(&OrderFilter::default()).unwrap().items, []);
    assert_eq!(runs(&world, ZHAO, Topic::Roster), runs(&world, LAN, Topic::Roster));
}

#[test]
fn of_a_file_cut_short_all_that_is_whole_counts() {
    let world = scene(7);
    let file = export(world.at(LAN), What::All);
    let mut held = 0;

    for end in (0..file.len()).step_by(97) {
        match world.at(ZHAO).import_bundle(&file[..end], |_| {}) {
            Ok(taken) => {
                assert_eq!(taken.ending, Ending::Truncated, "at {end}");
                assert_eq!((taken.known, taken.refused), (held, Default::default()), "at {end}");
                held += taken.new;
            }
            Err(error) => assert_eq!((end, error), (0, ImportError::Bundle(BundleError::Empty))),
        }
    }

    assert!(held > 0);
    assert_eq!(import(world.at(ZHAO), &file).known, held);
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
}

#[test]
fn a_damaged_file_is_told_and_does_no_harm() {
    let world = scene(8);
    let file = export(world.at(LAN), What::All);
    let (mut all, mut some) = (0, 0);

    for at in (0..file.len()).step_by(97) {
        let mut damaged = file.clone();
        damaged[at] ^= 1 << (at % 8);
        match world.at(ZHAO).import_bundle(damaged.as_slice(), |_| {}) {
            Ok(taken) => {
                assert!(matches!(taken.ending, Ending::Damaged | Ending::Truncated), "at {at}: {taken:?}");
                all += 1;
                some += usize::from(taken.new + taken.known > 0);
            }
            Err(ImportError::Bundle(error)) => assert!(at < 41, "at {at}: {error}"),
            Err(error) => panic!("at {at}: {error}"),
        }
    }

    assert!(some * 10 > all * 8, "what is whole before the damage counts: {some} of {all}");
    assert_eq!(world.at(ZHAO).verify().unwrap().faults, []);
    import(world.at(ZHAO), &file);
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
}

#[test]
fn what_is_whole_behind_a_hole_counts() {
    for seed in 14..17 {
        let mut world = scene(seed);
        for phone in [WU, LAN, WU, LAN] {
            comment(&mut world, phone, "on my way");
        }
        world.meet(LAN, WU, Break::Never);
        let file = export(world.at(LAN), What::All);
        let sent: Vec<Run> = Topic::ALL.into_iter().flat_map(|topic| runs(&world, LAN, topic)).collect();
        let begins: Vec<usize> =
            file.windows(4).enumerate().filter(|(_, at)| at == b"\x89R\r\n").map(|(at, _)| at).collect();
        assert_eq!(begins.len(), sent.len() + 1, "a record for each run, and the end");
        let roster = runs(&world, LAN, Topic::Roster).len();
        // Of the others one is hit in its head and over its names.
        let hit = roster + (seed as usize) % (sent.len() - roster);
        let mut damaged = file.clone();
        damaged[begins[hit] + 6..begins[hit] + 60].fill(0xee);

        let taken = import(world.at(ZHAO), &damaged);

        let events = |run: &Run| run.links.len() as u64;
        let behind: u64 = sent[hit + 1..].iter().filter(|run| run.log == sent[hit].log).map(events).sum();
        let all: u64 = sent.iter().map(events).sum();
        assert_eq!(taken.new, all - events(&sent[hit]) - behind, "{taken:?}");
        assert_eq!((taken.refused.gap, taken.ending), (behind, Ending::Damaged));
        assert_eq!(import(world.at(ZHAO), &file).ending, Ending::Whole);
        assert!(is_equal(world.at(LAN), world.at(ZHAO)));
    }
}

/// T4: whoever made the file changes the topic with each run.
#[test]
fn a_file_whose_topics_take_turns_costs_as_many_transactions_as_its_size_asks_for() {
    let mut world = scene(18);
    let id = world.command();
    let raise =
        AlertCommand::Raise { what: "fall".into(), building: None, unit: None, room: None, text: None, contact: None };
    world.at(LAN).submit::<Alert>(id, None, raise).unwrap();
    let (common, urgent) = (runs(&world, LAN, Topic::Common), runs(&world, LAN, Topic::Urgent));
    let (mut file, community) = (Vec::new(), world.at(LAN).community().unwrap());
    let mut writer = BundleWriter::new(community, &mut file);
    let turns = 400;
    for _ in 0..turns {
        writer.run(world.tag(LAN, Topic::Common), &common[0], &mut file);
        writer.run(world.tag(LAN, Topic::Urgent), &urgent[0], &mut file);
    }
    writer.finish(&mut file);
    let before = count::done_here(Work::Commit);

    let taken = import(world.at(LAN), &file);

    assert_eq!((taken.new, taken.ending), (0, Ending::Whole));
    let commits = count::done_here(Work::Commit) - before;
    assert!(commits <= 20, "{commits} for {turns} turns");
}

#[test]
fn what_is_no_bundle_of_ours_is_not_begun() {
    let (world, other) = (scene(9), World::community(10, 0));
    let file = export(world.at(LAN), What::All);
    let mut newer = file.clone();
    newer[8] = 3;
    let mut longer = file.clone();
    longer.push(0);
    let before = world.at(ZHAO).stats().unwrap();
    let told = |file: &[u8]| match world.at(ZHAO).import_bundle(file, |_| {}) {
        Err(ImportError::Bundle(why)) => why,
        otherwise => panic!("{otherwise:?}"),
    };

    assert_eq!(told(b""), BundleError::Empty);
    assert_eq!(told(b"name,brand,form\n"), BundleError::NotABundle);
    assert_eq!(told(&newer), BundleError::Version { ours: 2, theirs: 3 });
    assert_eq!(told(&export(other.at(0), What::All)), BundleError::Community);

    assert_eq!(world.at(ZHAO).stats().unwrap(), before);
    assert_eq!(import(world.at(ZHAO), &longer).ending, Ending::Damaged, "bytes behind the end are not ours");
}

#[test]
fn a_forged_signature_where_a_log_begins_is_told_as_what_it_is() {
    let mut world = scene(12);
    let order = world.at(LAN).board(&OrderFilter::default()).unwrap().items[0].order;
    let mut forger = Forger::with_keys_of(&mut world, WU);
    forger.write(&say::comment(order));
    let (right, mut stranger) = (forger.runs().remove(0).run, Forger::stranger(&mut world, LAN));
    stranger.write(&say::comment(order));
    let wrong = Run { signature: stranger.runs().remove(0).run.signature, ..right };
    let mut file = Vec::new();
    let mut writer = BundleWriter::new(world.at(LAN).community().unwrap(), &mut file);
    writer.run(world.tag(LAN, Topic::Common), &wrong, &mut file);
    writer.finish(&mut file);

    let taken = import(world.at(LAN), &file);

    assert_eq!((taken.refused.invalid, taken.refused.gap), (1, 0), "no earlier file would help: {taken:?}");
    assert_eq!(taken.refused.invalid_of, Some(forger.device()), "and it says whose it claims to be");
}

/// T4: of a log without forks, and of one with a branch beside the one that goes on.
#[test]
fn what_is_forged_in_a_file_keeps_nothing_away_that_stands_behind_or_between_t4() {
    let mut world = scene(19);
    let common = world.tag(LAN, Topic::Common);
    let mut writers = [WU, MEI].map(|phone| Forger::with_keys_of(&mut world, phone));
    let mut said = |writer: &mut Forger| {
        writer.raw(EpochId::ZERO, vec![7; 20]);
        writer.runs().remove(0)
    };
    let begun = writers.each_mut().map(&mut said);
    let mut fork = writers[1].twin();
    let older = said(&mut writers[1]);
    fork.raw(EpochId::ZERO, vec![8; 20]);
    let held = [&begun[..], &[older], &fork.runs()].concat();
    hand_over(&world, LAN, world.device(WU), common, &held).unwrap();
    let mut file = Vec::new();
    let mut bundle = BundleWriter::new(world.at(LAN).community().unwrap(), &mut file);
    let forged = 400_u64;
    for half in 0..2 {
        let honest = writers.each_mut().map(&mut said);
        for nth in 0..forged {
            for outgoing in &honest {
                let mut run = outgoing.run.clone();
                run.links[0].content = Content::Here((nth << 1 | half).to_be_bytes().repeat(3).into());
                bundle.run(common, &run, &mut file);
            }
        }
        honest.iter().for_each(|outgoing| bundle.run(common, &outgoing.run, &mut file));
    }
    bundle.finish(&mut file);

    let taken = import(world.at(LAN), &file);

    assert_eq!((taken.new, taken.refused.gap, taken.ending), (4, 4 * forged, Ending::Whole), "{taken:?}");
}

#[test]
fn a_strangers_log_is_left_out_and_the_rest_counts() {
    let mut world = scene(11);
    let order = world.at(LAN).board(&OrderFilter::default()).unwrap().items[0].order;
    let mut stranger = Forger::stranger(&mut world, LAN);
    for _ in 0..40 {
        stranger.write(&Body {
            aggregate: Some(order),
            deps: Vec::new(),
            wall: MORNING,
            kind: linli_core::aggregate::order::kind::CLAIMED,
            version: 1,
            payload: vec![0xa0],
            edits: Vec::new(),
            salt: None,
        });
    }
    let mut file = Vec::new();
    let mut writer = BundleWriter::new(world.at(LAN).community().unwrap(), &mut file);
    for topic in [Topic::Roster, Topic::Common] {
        let tag = world.tag(LAN, topic);
        if topic == Topic::Common {
            stranger.runs().into_iter().for_each(|outgoing| writer.run(tag, &outgoing.run, &mut file));
        }
        runs(&world, LAN, topic).into_iter().for_each(|run| writer.run(tag, &run, &mut file));
    }
    writer.finish(&mut file);

    let taken = import(world.at(ZHAO), &file);

    assert_eq!((taken.refused.stranger, taken.ending), (40, Ending::Whole), "{taken:?}");
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
}

#[test]
fn a_relay_that_reads_nothing_takes_bundles_in_and_hands_them_on() {
    let mut world = scene(12);
    let relay = world.join(LAN, Role::Relay);

    import(world.at(relay), &export(world.at(LAN), What::All));
    let readable = world.at(relay).board(&OrderFilter::default()).unwrap().items.len();
    let taken = import(world.at(ZHAO), &export(world.at(relay), What::All));

    assert_eq!(readable, 0);
    assert_eq!(taken.ending, Ending::Whole);
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
}

#[test]
fn both_branches_of_a_fork_travel_in_a_bundle_r7() {
    let mut world = scene(13);
    let order = world.at(LAN).board(&OrderFilter::default()).unwrap().items[0].order;
    let mut one = Forger::with_keys_of(&mut world, WU);
    let body = |text: &str| Body {
        aggregate: Some(order),
        deps: Vec::new(),
        wall: MORNING,
        kind: linli_core::aggregate::order::kind::COMMENTED,
        version: 1,
        payload: linli_core::aggregate::encode(&linli_core::aggregate::order::Commented { text: text.into() }),
        edits: Vec::new(),
        salt: None,
    };
    one.write(&body("shared"));
    let mut other = one.twin();
    one.write(&body("one"));
    other.write(&body("other"));
    let tag = world.tag(LAN, Topic::Common);
    for branch in [&mut one, &mut other] {
        hand_over(&world, LAN, branch.device(), tag, &branch.runs()).unwrap();
    }

    let file = export(world.at(LAN), What::All);
    let taken = import(world.at(ZHAO), &file);
    let again = import(world.at(ZHAO), &file);

    assert_eq!(taken.refused, Default::default());
    assert!(is_equal(world.at(LAN), world.at(ZHAO)));
    assert_eq!((again.new, again.refused), (0, Default::default()));
    assert_eq!(world.at(ZHAO).stats().unwrap().events, world.at(LAN).stats().unwrap().events);
}

#[test]
fn a_card_that_is_full_or_pulled_out_says_so() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    struct Pulled<'a>(&'a [u8]);
    impl io::Read for Pulled<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(ErrorKind::NotConnected.into());
            }
            let count = into.len().min(100);
            self.0.read(&mut into[..count])
        }
    }
    let world = scene(14);
    let file = export(world.at(LAN), What::All);

    let written = world.at(LAN).export_bundle(What::All, Full(1_000), |_| {});
    let half = world.at(ZHAO).import_bundle(Pulled(&file[..file.len() / 2]), |_| {}).unwrap();
    let nothing = world.at(ZHAO).import_bundle(Pulled(b""), |_| {});

    assert_eq!(written, Err(ExportError::Write(ErrorKind::StorageFull)));
    assert_eq!(half.ending, Ending::Unreadable);
    assert!(half.new > 0);
    assert_eq!(nothing, Err(ImportError::Read(ErrorKind::NotConnected)));
}

#[test]
fn nobody_carries_bundles_of_no_community() {
    let mut world = World::seeded(15);
    let phone = world.phone();

    let written = world.at(phone).export_bundle(What::All, io::sink(), |_| {});
    assert_eq!(written, Err(ExportError::NotAMember));
    assert_eq!(world.at(phone).import_bundle(&b"x"[..], |_| {}), Err(ImportError::NotAMember));
}

/// Whatever is carried to and fro, late, twice, torn: once both have had the other's last file, they are the same.
#[test]
fn two_phones_that_only_ever_exchange_bundles_end_equal() {
    for seed in 100..106 {
        let mut world = World::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).unwrap();
        let other = world.join(founder, Role::Coordinator);
        import(world.at(other), &export(world.at(founder), What::All));
        let first = say::post(&mut world, founder);
        let mut cards: Vec<Vec<u8>> = Vec::new();
        for _ in 0..60 {
            let phone = world.dice.random_range(0..2);
            match world.dice.random_range(0..8) {
                0..3 => drop(say::post(&mut world, phone)),
                3 => drop(say::submit(&mut world, phone, Some(first), Command::Claim)),
                4 => drop(say::submit(&mut world, phone, Some(first), Command::Comment { text: "news".into() })),
                5 => {
                    let whats = [What::All, What::Urgent, What::LackedBy { device: world.device(1 - phone) }];
                    let what = whats[world.dice.random_range(0..3)];
                    cards.push(export(world.at(phone), what));
                }
                _ if cards.is_empty() => {}
                _ => {
                    let card = world.dice.random_range(0..cards.len());
                    let torn =
                        if world.dice.random_ratio(1, 4) { cards[card].len() * 2 / 3 } else { cards[card].len() };
                    import(world.at(phone), &cards[card][..torn]);
                }
            }
        }

        for (from, to) in [(LAN, WU), (WU, LAN)] {
            import(world.at(to), &export(world.at(from), What::All));
        }
        assert!(is_equal(world.at(LAN), world.at(WU)), "seed {seed}");
        for phone in [LAN, WU] {
            assert_eq!(world.at(phone).verify().unwrap().faults, [], "seed {seed}");
        }
    }
}

fn export(phone: &Replica, what: What) -> Vec<u8> {
    let mut file = Vec::new();
    let report = phone.export_bundle(what, &mut file, |_| {}).unwrap();
    assert_eq!(report.bytes, file.len() as u64);
    file
}

fn import(phone: &Replica, file: &[u8]) -> ImportReport {
    phone.import_bundle(file, |_| {}).unwrap()
}

fn is_equal(one: &Replica, other: &Replica) -> bool {
    one.state_hash().unwrap() == other.state_hash().unwrap()
}

/// A community of three with an order, claimed by phone 1, that all know; and phone 3, admitted and never met.
fn scene(seed: u64) -> World {
    let mut world = World::community(seed, 2);
    let newcomer = world.join(LAN, Role::Volunteer);
    let order = say::post(&mut world, LAN);
    world.meet(LAN, WU, Break::Never);
    say::submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    for phone in [WU, MEI] {
        world.meet(LAN, phone, Break::Never);
    }
    assert_eq!(newcomer, 3);
    world
}

fn comment(world: &mut World, phone: usize, text: &str) {
    let order = world.at(phone).board(&OrderFilter::default()).unwrap().items[0].order;
    say::submit(world, phone, Some(order), Command::Comment { text: text.into() }).unwrap();
}

/// The runs of a phone in one topic, as a peer who has nothing would get them.
fn runs(world: &World, phone: usize, topic: Topic) -> Vec<Run> {
    let tag = world.tag(phone, topic);
    let load =
        |reader: &linli_core::store::Reader| reader.missing(tag, &[])?.iter().map(|span| reader.load(span)).collect();
    world.at(phone).look(load).unwrap()
}
