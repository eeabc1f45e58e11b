//! Verdicts, parking, commands, peers.

use std::collections::BTreeSet;

use super::*;
use crate::{
    event::{Entry, Hole},
    id::{CommandId, DeviceId, EpochId, LogId, Reference, ShortId},
    limits,
};

#[test]
fn verdicts_find_an_aggregates_events_and_those_held() {
    let mut home = home();
    let mut pen = pen(1);
    let run = pen.write(&["posted"]);
    let more = pen.write(&["claimed", "malformed"]);
    home.append(&run).expect("follows");
    home.append(&more).expect("follows");

    let mut write = home.store.write().expect("begin");
    let order = write.create_aggregate(reference(&run), "order", Pos(1)).expect("held");
    assert_eq!(write.create_aggregate(reference(&more), "order", Pos(1)), Err(StoreError::NotHeld(reference(&more))));
    let of_order = Judgement { judged: Judged::Counts, aggregate: Some(order), lamport: 1 };
    write.judge(Pos(1), of_order).expect("judge");
    write.judge(Pos(2), Judgement { lamport: 2, ..of_order }).expect("judge");
    write
        .judge(Pos(3), Judgement { judged: Judged::Held(Held::Malformed), aggregate: None, lamport: 0 })
        .expect("judge");
    assert_eq!(write.judge(Pos(4), of_order), Err(StoreError::NoSuchPlace));
    write.commit().expect("commit");

    let store = &home.store;
    let lamports: Vec<_> =
        store.events_of(order).expect("read").iter().map(|event| (event.pos, event.lamport)).collect();
    assert_eq!(lamports, [(Pos(1), 1), (Pos(2), 2)]);
    assert_eq!(store.aggregate(reference(&run)), Ok(Some((order, "order".to_owned()))));
    assert_eq!(store.aggregate(reference(&more)), Ok(None));
    assert_eq!(store.reference(Pos(order.0)), Ok(Some(reference(&run))));
    let held = |reasons: &[Held]| {
        store.held(reasons, Pos(0), 9).expect("read").iter().map(|event| event.pos).collect::<Vec<_>>()
    };
    assert_eq!(
        (held(&Held::ALL), held(&[Held::Malformed]), held(&[Held::Unentitled])),
        (vec![Pos(3)], vec![Pos(3)], vec![])
    );
    assert_eq!(store.aggregates(Some("order"), None, 9), Ok(vec![order]));
    assert_eq!(store.aggregates(None, Some(order), 9), Ok(vec![]));
    assert_eq!(store.aggregates(Some("box"), None, 9), Ok(vec![]));
}

#[test]
fn cleared_verdicts_leave_the_log() {
    let mut home = home();
    let made = aggregates(&mut home, 3);

    let mut write = home.store.write().expect("begin");
    write
        .judge(Pos(2), Judgement { judged: Judged::Held(Held::Newer), aggregate: Some(made[0]), lamport: 9 })
        .expect("judge");
    write.park(Pos(2), &[absent(LogId::ZERO, 5, 1)]).expect("park");
    write.clear_judgements().expect("clear");
    write.commit().expect("commit");

    let event = home.store.event_at(Pos(2)).expect("read").expect("held");
    assert_eq!((event.judged, event.aggregate, event.lamport), (Judged::NotYet, None, 0));
    assert_eq!(home.store.aggregates(None, None, 9), Ok(vec![]));
    assert_eq!(home.store.events_of_topic(COMMON, Pos(1), 1).expect("read"), [event]);
}

/// What is held of an aggregate, as noted and as the events say.
fn heaped(write: &mut Write<'_>) -> u64 {
    write.note_heaped().expect("note");
    let noted = write.heaped().expect("read");
    assert_eq!(noted, write.heaped_by_events().expect("read"));
    noted.into_values().sum()
}

#[test]
fn what_is_held_of_an_aggregate_is_heaped_up_by_its_name_and_what_counts_is_not() {
    let mut home = home();
    let mut pen = pen(1);
    let run = pen.write(&["posted"]);
    home.append(&run).expect("follows");
    home.append(&pen.write(&["claimed"])).expect("follows");
    let room =
        limits::EVENT_ROOM + home.store.event_at(Pos(2)).expect("read").expect("held").content.stored_len() as u64;

    let mut write = home.store.write().expect("begin");
    let judge = |write: &mut Write<'_>, judged, aggregate| {
        write.judge(Pos(2), Judgement { judged, aggregate, lamport: 0 }).expect("judge");
    };
    judge(&mut write, Judged::Held(Held::Parked), None);
    assert_eq!(heaped(&mut write), 0);
    write.park(Pos(2), &[reference(&run)]).expect("park");
    assert_eq!(heaped(&mut write), room, "it waits for what makes the order");
    let order = write.create_aggregate(reference(&run), "order", Pos(1)).expect("held");
    assert_eq!(unpark(&mut write, reference(&run)), [Pos(2)]);
    for reason in [Held::Newer, Held::Crowded, Held::Cut] {
        judge(&mut write, Judged::Held(reason), Some(order));
        assert_eq!(heaped(&mut write), room, "{reason:?}");
    }
    write.erase(Pos(2)).expect("erase");
    assert_eq!(heaped(&mut write), limits::EVENT_ROOM + 32);
    judge(&mut write, Judged::Held(Held::Erased), Some(order));
    assert_eq!(heaped(&mut write), 0, "nobody reads it");
    judge(&mut write, Judged::Held(Held::Malformed), Some(order));
    judge(&mut write, Judged::Counts, Some(order));
    assert_eq!(heaped(&mut write), 0);
    judge(&mut write, Judged::Held(Held::Malformed), Some(order));
    write.clear_judgements().expect("clear");
    assert_eq!(heaped(&mut write), 0);
}

/// An event that nobody holds.
fn absent(log: LogId, seq: u64, check: u8) -> Reference {
    Reference { log, seq, check: ShortId::from_bytes([check; ShortId::LEN]) }
}

/// All that rest on an event, taken off it: those that rest on nothing else.
fn unpark(write: &mut Write<'_>, event: Reference) -> Vec<Pos> {
    let waiting = write.waiting_on(event, Waits::default(), 9).expect("read");
    waiting.into_iter().filter(|waits| write.unpark(event, *waits).expect("unpark")).map(|waits| waits.pos).collect()
}

#[test]
fn a_parked_event_is_ready_when_the_last_absent_one_came() {
    let mut home = home();
    home.append(&pen(1).write(&["one", "two"])).expect("follows");
    let (here, there) = (LogId::from_bytes([1; LogId::LEN]), LogId::from_bytes([0xff; LogId::LEN]));
    let (five, twin, six) = (absent(here, 5, 1), absent(here, 5, 2), absent(there, 6, 1));

    let mut write = home.store.write().expect("begin");
    write.park(Pos(1), &[five, six]).expect("park");
    write.park(Pos(2), &[five, five]).expect("park");

    assert_eq!(write.awaited_between(here, 0, 9), Ok(vec![five.seq]));
    let noted = |write: &Write<'_>| write.noted().expect("read").into_values().collect::<Vec<_>>();
    assert_eq!(noted(&write), [3]);
    assert_eq!(unpark(&mut write, absent(here, 4, 1)), []);
    assert_eq!(unpark(&mut write, twin), [], "another event at that place is not what was waited for");
    assert_eq!(unpark(&mut write, five), [Pos(2)]);
    assert_eq!(noted(&write), [1]);
    assert_eq!(unpark(&mut write, six), [Pos(1)]);
    assert_eq!(unpark(&mut write, six), []);
    assert_eq!(noted(&write), [0], "what is noted no more weighs no more");
}

/// A device has a note made for each event on which one of its own rests. Behind a bound no more is noted of what it waits
/// for through others: what those rest on is counted for themselves.
#[test]
fn of_a_device_that_waits_for_very_much_no_more_is_noted_that_it_waits_for_through_others_t4() {
    for (rests_on, noted) in [(limits::WAITS_BEHIND - 1, true), (limits::WAITS_BEHIND, false)] {
        let mut home = home();
        let (one, other) = (pen(1).write(&["waits for very much"]), pen(2).write(&["it waits itself"]));
        home.append(&one).expect("follows");
        home.append(&other).expect("follows");
        let (behind, far) = (reference(&other), LogId::from_bytes([9; LogId::LEN]));
        let mut much: Vec<Reference> = (1..rests_on).map(|seq| absent(LogId::ZERO, seq, 1)).collect();
        much.push(behind);

        let mut write = home.store.write().expect("begin");
        write.park(Pos(1), &much).expect("park");
        let authors = [1, 2].map(|pos| write.event_at(Pos(pos)).expect("read").expect("held").log.device);
        write.park(Pos(2), &[absent(far, 3, 1)]).expect("park");

        let waiting = write.waiting_in(far, 0).expect("read");
        assert!(waiting.contains(&authors[1]), "whoever waits itself");
        assert_eq!(waiting.contains(&authors[0]), noted, "{rests_on}");
        assert_eq!(write.noted_of(authors[0]), Ok(limits::WAITS_BEHIND), "no more than that is noted");
    }
}

#[test]
fn what_rests_on_one_event_is_given_out_by_aggregate_and_what_is_left_is_due() {
    let mut home = home();
    let made = aggregates(&mut home, 2);
    let more = pen(9).write(&["a", "b", "c", "d"]);
    home.append(&more).expect("follows");
    let first = made.len() as i64 + 1;
    let (five, six) = (absent(LogId::ZERO, 5, 1), absent(LogId::ZERO, 6, 1));

    let mut write = home.store.write().expect("begin");
    for (nth, pos) in (first..first + 4).enumerate() {
        let aggregate = Some(made[1 - nth % 2]);
        write.judge(Pos(pos), Judgement { judged: Judged::Counts, aggregate, lamport: 2 }).expect("judge");
        write.park(Pos(pos), &[five]).expect("park");
    }
    let waiting = write.waiting_on(five, Waits::default(), 9).expect("read");
    let places: Vec<i64> = waiting.iter().map(|waits| waits.pos.0 - first).collect();
    assert_eq!(places, [1, 3, 0, 2], "those of one aggregate beside each other");
    assert_eq!(write.waiting_on(five, waiting[1], 1), Ok(vec![waiting[2]]));

    write.put_due(five, waiting[1], Round::Next).expect("note");
    write.put_due(six, Waits::default(), Round::Next).expect("note");
    write.put_due(five, waiting[2], Round::Next).expect("note");
    write.commit().expect("commit");

    let mut write = home.store.write().expect("begin");
    assert_eq!((write.take_due(), write.begin_round()), (Ok(None), Ok(true)));
    assert_eq!(write.take_due(), Ok(Some((five, waiting[2]))), "it changed once more and keeps its turn");
    assert_eq!(write.take_due(), Ok(Some((six, Waits::default()))));
    assert_eq!((write.take_due(), write.is_due()), (Ok(None), Ok(false)));
}

#[test]
fn what_is_to_be_looked_at_again_is_one_row_for_a_log_and_comes_before_what_is_made_again() {
    let mut home = home();
    let made = aggregates(&mut home, 1);
    let (log, epoch) = (LogId::ZERO, EpochId::ZERO);
    let erasures = |first, last| Which::Erasures.between(log, first, last);
    let after = Awaited { seq: 4, check: ShortId::from_bytes([7; ShortId::LEN]), aggregate: Pos(2) };
    let awaited = Look::Awaited { log, after, last: 9 };
    let sealed = Look::Sealed { epoch, reason: 1, after: Pos(3) };

    let mut write = home.store.write().expect("begin");
    write.make_again(Pos(made[0].0), Round::Next).expect("note");
    let turned = Which::Turned.between(log, 1, 4);
    for look in [sealed, awaited, Look::Erased { log, first: 0, last: 3 }, turned, erasures(5, 6), erasures(2, 3)] {
        write.look_again(look, Round::Next).expect("note");
    }
    write.commit().expect("commit");

    let mut write = home.store.write().expect("begin");
    assert_eq!((write.is_due(), write.take_look(), write.take_remake()), (Ok(true), Ok(None), Ok(None)));
    assert_eq!(write.begin_round(), Ok(true));
    let mut taken = || write.take_look().expect("read");
    let first = [(); 6].map(|()| taken());
    let all = [erasures(2, 6), turned, Look::Erased { log, first: 0, last: 3 }, awaited, sealed];
    assert_eq!(first, [Some(all[0]), Some(all[1]), Some(all[2]), Some(all[3]), Some(all[4]), None]);
    write.look_again(awaited, Round::This).expect("note");
    write.look_again(Look::Awaited { log, after: Awaited::from(4), last: 5 }, Round::This).expect("note");
    let again = Look::Awaited { log, after: Awaited::from(4), last: 9 };
    assert_eq!(write.take_look(), Ok(Some(again)), "whoever comes anew is not passed over");
    assert_eq!((write.take_remake(), write.take_remake()), (Ok(Some(Pos(made[0].0))), Ok(None)));
    assert_eq!((write.is_due(), write.begin_round()), (Ok(false), Ok(false)));
}

/// Whoever notes more and more keeps nothing from its end that was noted before.
#[test]
fn what_is_noted_while_a_round_goes_on_waits_for_the_next() {
    let mut home = home();
    let made = aggregates(&mut home, 2);
    let judged = |first| Which::Judged.between(LogId::ZERO, first, 9);
    let after = Behind { branch: BranchKey::default(), seq: 5 };
    let rest = Look::Places { which: Which::Judged, log: LogId::ZERO, first: 3, last: 9, after };

    let mut write = home.store.write().expect("begin");
    write.look_again(judged(3), Round::Next).expect("note");
    assert_eq!((write.begin_round(), write.take_look()), (Ok(true), Ok(Some(judged(3)))));
    write.look_again(rest, Round::This).expect("note");
    write.make_again(Pos(made[1].0), Round::This).expect("note");
    write.look_again(judged(0), Round::Next).expect("note");
    write.make_again(Pos(made[0].0), Round::Next).expect("note");
    write.make_again(Pos(made[1].0), Round::Next).expect("note");
    let [five, six] = [5, 6].map(|seq| absent(LogId::ZERO, seq, 1));
    for (event, round) in [(six, Round::Next), (five, Round::This), (five, Round::Next)] {
        write.put_due(event, Waits::default(), round).expect("note");
    }

    assert_eq!((write.take_look(), write.take_look()), (Ok(Some(rest)), Ok(None)), "it goes on where it was");
    assert_eq!((write.take_remake(), write.take_remake()), (Ok(Some(Pos(made[1].0))), Ok(None)));
    assert_eq!((write.take_due(), write.take_due()), (Ok(Some((five, Waits::default()))), Ok(None)));
    assert_eq!((write.begin_round(), write.take_look()), (Ok(true), Ok(Some(judged(0)))));
    assert_eq!(write.take_remake(), Ok(Some(Pos(made[0].0))));
    assert_eq!((write.take_due(), write.take_due()), (Ok(Some((six, Waits::default()))), Ok(None)));
    assert_eq!(write.begin_round(), Ok(false));
}

#[test]
fn a_command_keeps_its_first_answer() {
    let mut home = home();
    let id = CommandId::from_bytes([5; 16]);

    let mut write = home.store.write().expect("begin");
    write.remember_command(id, &[1; 32], "first").expect("remember");
    write.remember_command(id, &[2; 32], "second").expect("no error");
    write.commit().expect("commit");

    let home = home.reopen(&[]);
    assert_eq!(home.store.command(id), Ok(Some(([1; 32], "first".to_owned()))));
    assert_eq!(home.store.command(CommandId::ZERO), Ok(None));
}

/// A log that begins with one run and goes on in two.
fn forked(home: &mut Home) -> (Pen, [VerifiedRun; 3]) {
    let mut pen = pen(1);
    let shared = pen.write(&["shared"]);
    let mut clone = pen.cloned_at(Some(end(&shared)));
    let runs = [shared, pen.write(&["ours", "more"]), clone.write(&["theirs"])];
    for run in &runs {
        home.append(run).expect("follows");
    }
    (pen, runs)
}

#[test]
fn who_has_an_event_is_known_from_what_peers_said() {
    let mut home = home();
    let (pen, [shared, ours, theirs]) = forked(&mut home);
    let entry = |run: &VerifiedRun| Entry { log: pen.log(), seq: end(run).seq, short: end(run).id.short() };
    let [asha, ben] = [1, 2].map(|byte| DeviceId::from_bytes([byte; 32]));

    let mut write = home.store.write().expect("begin");
    write.note_peer_has(asha, &[entry(&shared)]).expect("note");
    write.note_peer_has(asha, &[entry(&theirs)]).expect("note");
    write.note_peer_has(asha, &[entry(&ours)]).expect("note");
    write.note_peer_has(ben, &[entry(&shared)]).expect("note");
    write.set_peer_contact(ben, Heard { wall: WallMs(77), running: Some(7) }).expect("note");
    write.commit().expect("commit");

    let store = &home.store;
    assert_eq!(store.who_has(pen.log(), 0), Ok(vec![asha, ben]));
    assert_eq!(store.who_has(pen.log(), 2), Ok(vec![asha]));
    assert_eq!(store.who_has(pen.log(), 3), Ok(vec![]));
    let kept: i64 = store.view.db.query_row("SELECT count(*) FROM peer_has", [], |row| row.get(0)).expect("count");
    assert_eq!(kept, 3, "both branches of one peer, the head of the other");
    let contacts: Vec<_> = store.peers().expect("read").iter().map(|peer| (peer.device, peer.contact)).collect();
    let heard = Heard { wall: WallMs(77), running: Some(7) };
    assert_eq!(contacts, [(asha, None), (ben, Some(heard))]);
    assert_eq!(store.met(9), Ok(vec![ben]));
    let apart: Vec<_> = store.peers().expect("read").iter().map(|peer| (peer.behind, peer.ahead)).collect();
    assert_eq!(apart, [(0, 0), (2, 0)], "Ben said to have the first of three");
    assert_eq!(store.peer_has(ben), Ok([entry(&shared)].into()));
    let noted = [(ben, &shared), (ben, &ours), (asha, &ours)];
    assert_eq!(noted.map(|(peer, run)| store.is_noted(peer, entry(run))), [Ok(true), Ok(false), Ok(true)]);
    let beside = |peer: DeviceId, topics: &[TopicTag]| store.has_beside(peer, topics);
    assert_eq!(beside(asha, &[]), Ok(true));
    assert_eq!(beside(asha, &[ROSTER]), Ok(true));
    assert_eq!(beside(asha, &[ROSTER, COMMON]), Ok(false));
    assert_eq!(beside(DeviceId::from_bytes([3; 32]), &[]), Ok(false));
    let much: Vec<_> =
        (0..300).map(|seq| Entry { log: LogId::from_bytes([8; LogId::LEN]), seq, ..entry(&theirs) }).collect();
    let mut write = home.store.write().expect("begin");
    write.note_peer_has(asha, &much).expect("note");
    write.commit().expect("commit");
    assert_eq!(home.store.has_beside(asha, &[ROSTER, COMMON]), Ok(false), "however much it has of what is not held");
}

#[test]
fn who_lacks_a_body_is_known_from_what_peers_said_r5() {
    let mut home = home();
    let (pen, [shared, ours, theirs]) = forked(&mut home);
    let hole = |first: u64, last: Option<u64>, tip: [u8; Hole::TIP]| Entry::hole(pen.log(), Hole { first, last, tip });
    let tip = |run: &VerifiedRun| Hole::tip_of(end(run).id.as_bytes());
    let [asha, ben, chen] = [1, 2, 3].map(|byte| DeviceId::from_bytes([byte; 32]));
    let of_chen = [hole(0, Some(0), tip(&shared)), hole(2, None, [7; Hole::TIP])];

    let mut write = home.store.write().expect("begin");
    write.note_peer_lacks(asha, &[hole(1, Some(1), tip(&theirs))].into()).expect("note");
    let of_ben = [hole(1, Some(2), tip(&ours)), hole(9, Some(9), [3; Hole::TIP])];
    write.note_peer_lacks(ben, &of_ben.into()).expect("note");
    write.note_peer_lacks(chen, &of_chen.into()).expect("note");
    write.commit().expect("commit");

    let lacks = |event: Reference| home.store.who_lacks(event).expect("read").into_iter().collect::<Vec<_>>();
    assert_eq!(lacks(reference(&theirs)), [asha]);
    assert_eq!(lacks(Reference { seq: 1, check: ours.events()[0].id.short(), log: pen.log() }), [ben]);
    assert_eq!(lacks(reference(&ours)), [ben, chen], "what is open may be any");
    assert_eq!(home.store.peer_lacks(chen), Ok(of_chen.into()));
    let mut write = home.store.write().expect("begin");
    write.note_peer_lacks(chen, &[of_chen[0]].into()).expect("note");
    write.commit().expect("commit");
    assert_eq!(home.store.peer_lacks(chen), Ok([of_chen[0]].into()), "what it lacks no more is forgotten");
}

/// T4: who lacks more than is kept is never taken to have what it lacks.
#[test]
fn of_what_bodies_peers_say_to_lack_few_stretches_are_kept_r5_t4() {
    let mut home = home();
    let (pen, [_, ours, _]) = forked(&mut home);
    let hole = |log: LogId, first: u64| Entry::hole(log, Hole { first, last: Some(first), tip: [1; Hole::TIP] });
    let other = |nth: u64| LogId::from_bytes((u128::from(nth) + 1).to_be_bytes());
    let lacks = |home: &Home| home.store.who_lacks(reference(&ours)).expect("read");

    let of_two = (0..limits::LACKED as u64).flat_map(|nth| [hole(pen.log(), nth), hole(other(0), nth)]).collect();
    let few = few_lacks(of_two);
    assert_eq!(few.len(), limits::LACKED);
    let open = few.iter().filter_map(Entry::as_hole).filter(|hole| hole.last.is_none());
    assert_eq!(open.map(|hole| hole.first).collect::<Vec<_>>(), [limits::LACKED as u64 / 2 - 1; 2]);
    let logs = |count: usize| (0..count as u64).map(|nth| hole(other(nth), 2)).collect();
    assert_eq!(few_lacks(logs(limits::LACKED + 1)), [lacks_any()].into());

    let peers = limits::LACKED_IN_ALL / limits::LACKED + 1;
    for nth in 0..peers {
        let mut write = home.store.write().expect("begin");
        let few = logs(limits::LACKED - peers + nth);
        write.note_peer_lacks(DeviceId::from_bytes([nth as u8; 32]), &few).expect("note");
        write.commit().expect("commit");
    }
    let most = DeviceId::from_bytes([peers as u8 - 1; 32]);
    assert_eq!(home.store.peer_lacks(most), Ok([lacks_any()].into()), "who lacks most makes room");
    assert_eq!(lacks(&home), [most].into(), "and may lack anything");
    let kept = |nth: usize| home.store.peer_lacks(DeviceId::from_bytes([nth as u8; 32])).expect("read").len();
    assert!((0..peers).map(kept).sum::<usize>() <= limits::LACKED_IN_ALL);
    let mut write = home.store.write().expect("begin");
    write.note_peer_lacks(most, &BTreeSet::new()).expect("note");
    write.commit().expect("commit");
    assert_eq!(lacks(&home), BTreeSet::new());
}

/// T4.
#[test]
fn of_the_branches_that_a_peer_says_to_have_over_many_meetings_few_are_kept() {
    let mut home = home();
    let mut pen = pen(1);
    home.append(&pen.write(&["shared"])).expect("follows");
    let peer = DeviceId::from_bytes([1; 32]);

    for meeting in 0..200_u8 {
        let mut write = home.store.write().expect("begin");
        let invented = Entry {
            log: pen.log(),
            seq: 1 + u64::from(meeting % 2),
            short: ShortId::from_bytes([meeting; ShortId::LEN]),
        };
        write.note_peer_has(peer, &[invented]).expect("note");
        write.commit().expect("commit");
    }

    let kept = home.store.peer_has(peer).expect("read");
    assert!(kept.len() <= limits::NAMED_HEADS && !kept.is_empty(), "{}", kept.len());
}
