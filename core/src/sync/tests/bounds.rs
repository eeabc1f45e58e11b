//! A peer that fills whatever it can and reads nothing: each thing that is kept of it has an end.

use super::{
    hostile::{hello, made_up, peer},
    log::{COMMON, COMMUNITY, keys},
};
use crate::{
    event::{Content, Entry, Link, LogHeader, Run},
    id::{EpochId, Incarnation, LogId, ShortId},
    key::Signature,
    limits,
    sync::{
        Config, Input, Outgoing, Output, Refusal, Session, SessionError, Vector,
        compare::Compare,
        entries::digest_of,
        frame::{Frame, NEWER, Wanted, put_entry},
        runs::Given,
    },
    time::Mono,
};

/// Entries of made-up logs that the victim holds itself.
const OWN: u64 = 3_000;
/// All bytes that came and have no answer: the window, a run in parts, a message, and what stands for numbers.
const BYTES: usize = limits::UNANSWERED
    + limits::RUN
    + limits::COMPARED
    + limits::NAMED * (size_of::<Entry>() + 8)
    + limits::NUMBERS * (LogId::LEN + EpochId::LEN);

#[test]
fn news_without_end_are_forgotten_and_the_same_news_take_no_room() {
    let (why, most) = fill(victim(own(), true), 100, |time| announce(OWN + time * 1500));
    assert_eq!(why, None, "whoever says so much may be honest");
    assert!((limits::NAMED - 2..=limits::NAMED).contains(&most), "{most}");

    let (why, most) = fill(victim(own(), true), 200, |_| announce(OWN));
    assert_eq!(why, None, "an honest peer may say a thing again");
    assert!(most < 2 * 1500 + 100, "{most}");
}

#[test]
fn what_is_asked_for_and_not_fetched_is_kept_once() {
    let pull = |heads: u64| {
        move |time: u64| {
            let from = time * 100 % OWN;
            let have = |log| (0..heads).map(|seq| Entry { seq: time + seq, ..made_up(log) }).collect();
            let logs = (from..from + 100).map(|log| Wanted { log: made_up(log).log, have: have(log) }).collect();
            Frame::Pull { topic: 0, logs }.to_bytes()
        }
    };
    let (why, most) = fill(victim(own(), true), 300, pull(1));
    assert_eq!(why, None);
    assert!(most < 4 * OWN as usize, "{most}");

    let (why, _) = fill(victim(own(), true), 300, pull(limits::BRANCHES as u64));
    assert_eq!(why, None);
}

#[test]
fn a_list_that_never_ends_is_cut_off_and_of_one_that_is_too_long_the_rest_is_forgotten() {
    let mut which = 0;
    let endless = |time: u64| {
        let mut bytes = if time == 0 { vec![1] } else { Vec::new() };
        if time == 0 {
            crate::sync::bytes::put_varint(&mut bytes, u64::MAX);
        }
        while bytes.len() + 64 < limits::CHUNK {
            bytes.push(0);
            put_entry(&mut bytes, &made_up(OWN + which));
            which += 1;
        }
        Frame::Compare { more: true, bytes: &bytes }.to_bytes()
    };
    let (why, _) = fill(victim(own(), false), 1_000, endless);
    assert_eq!(why, too_many("bytes of a part of a message", limits::COMPARED));

    let mut list = vec![1];
    crate::sync::bytes::put_varint(&mut list, limits::NAMED as u64 + 1);
    for which in 0..=limits::NAMED as u64 {
        list.push(0);
        put_entry(&mut list, &made_up(OWN + which));
    }
    let pieces: Vec<&[u8]> = list.chunks(limits::CHUNK).collect();
    let frame = |time: u64| {
        let more = (time as usize) + 1 < pieces.len();
        Frame::Compare { more, bytes: pieces[time as usize] }.to_bytes()
    };
    let (why, _) = fill(victim(own(), false), pieces.len() as u64, frame);
    assert_eq!(why, None);
}

#[test]
fn runs_of_which_nobody_reads_the_answers_are_cut_off() {
    let mut given = Given::default();
    let mut which = 0;
    let frame = |_| {
        let mut bytes = vec![0];
        for _ in 0..300 {
            which += 1;
            given.write(&mut bytes, &run(which), COMMUNITY);
        }
        Frame::Runs { bytes: &bytes }.to_bytes()
    };
    let (why, _) = fill(victim(own(), true), 1_000, frame);
    assert_eq!(why, too_many("unheard answers", limits::UNHEARD_ANSWERS));
}

#[test]
fn parts_newer_frames_and_signs_of_life_have_an_end_or_no_weight() {
    let part = vec![7; limits::CHUNK];
    let (why, _) = fill(victim(own(), true), 100, |_| Frame::Part { bytes: &part, last: false }.to_bytes());
    assert!(matches!(why, Some(SessionError::Window { .. })), "{why:?}");

    let (why, _) = fill(victim(own(), true), 10_000, |_| Frame::Newer { kind: NEWER, bytes: 1_000 }.to_bytes());
    assert_eq!(why, too_many("bytes of newer frames", limits::SKIPPED));

    let (why, most) = fill(victim(own(), true), 10_000, |_| Frame::Ping.to_bytes());
    assert_eq!((why, most), (None, 0));
    let (why, most) = fill(victim(own(), true), 1_000, |_| Frame::Pong.to_bytes());
    assert_eq!((why, most), (None, 0));
}

#[test]
fn a_log_of_which_a_peer_invents_heads_is_searched_with_few_of_them() {
    let mut session = victim(own(), true);
    let invent = |time: u64| {
        let entries = (0..1500).map(|seq| Entry { seq: 1 + time * 1500 + seq, ..made_up(5) }).collect();
        Frame::Announce { topic: 0, entries }.to_bytes()
    };
    for time in 0..40 {
        session.handle(Input::Frame(&invent(time)), Mono(0)).expect("forgotten at once");
    }
    assert!(session.held().named <= limits::NAMED_HEADS + 1, "{:?}", session.held());

    let pull = Frame::Pull { topic: 0, logs: vec![Wanted { log: made_up(7).log, have: Vec::new() }] }.to_bytes();
    session.handle(Input::Frame(&pull), Mono(0)).expect("a pull");
    let searched = std::iter::from_fn(|| session.poll_work())
        .find_map(|output| if let Output::Search { logs, .. } = output { Some(logs) } else { None });
    assert_eq!(searched, Some(vec![Wanted { log: made_up(7).log, have: Vec::new() }]), "what was asked for, no more");
}

/// A run of one event of a log that goes on.
fn next_of(log: u64, seq: u64) -> Outgoing {
    let link = Link { epoch: EpochId::ZERO, content: Content::Here((*b"x").into()) };
    let signature = Signature::from_slice(&[0x55; 64]).expect("64 bytes");
    let run = Run { log: made_up(log).log, header: None, first: seq, links: vec![link], signature };
    Outgoing { run, last: ShortId::from_bytes(std::array::from_fn(|_| seq as u8)) }
}

#[test]
fn of_a_peer_that_says_to_be_on_two_branches_no_end_is_kept_for_each_run_that_it_is_sent_t4() {
    let mut session = victim(own(), true);
    let heads = vec![Entry { seq: 1_000, ..made_up(7) }];
    session.handle(Input::Stored { topic: COMMON, heads }, Mono(0)).expect("it grew");
    let have = (1..=2).map(|seq| Entry { seq, ..made_up(7) }).collect();
    let pull = Frame::Pull { topic: 0, logs: vec![Wanted { log: made_up(7).log, have }] }.to_bytes();
    session.handle(Input::Frame(&pull), Mono(0)).expect("a pull");

    for seq in 3..203 {
        let asks = std::iter::from_fn(|| session.poll()).any(|output| matches!(output, Output::Load { .. }));
        assert!(asks, "there is more to be sent: {seq}");
        let loaded = Input::Loaded { topic: COMMON, runs: vec![next_of(7, seq)], done: false };
        session.handle(loaded, Mono(0)).expect("what was asked for");
    }

    assert!(session.held().named <= limits::NAMED_HEADS + 1, "{:?}", session.held());
    assert_eq!(session.held().passed, None);
}

#[test]
fn what_one_writes_while_a_peer_reads_nothing_is_kept_once_and_comes_all_the_same() {
    let mut session = victim(own(), true);
    let first = made_up(7).seq + 1;
    let many = 3 * limits::PUSHED as u64;

    for seq in first..first + many {
        session.handle(Input::Appended { topic: COMMON, runs: vec![next_of(7, seq)] }, Mono(0)).expect("own events");
        assert_eq!(session.held().passed, None);
    }

    let mut sent = 0;
    while let Some(output) = session.poll() {
        let Output::Search { logs, .. } = output else {
            sent += u64::from(matches!(output, Output::Send(_)));
            continue;
        };
        let pushed = Entry { seq: first + limits::PUSHED as u64 - 1, ..made_up(7) };
        assert_eq!(logs[0].have.last().map(|entry| entry.seq), Some(pushed.seq), "the store is searched behind these");
        return assert!(sent > 0);
    }
    panic!("nothing more is searched for");
}

#[test]
fn a_peer_that_lists_without_end_what_nobody_holds_is_cut_off() {
    let mut compare = Compare::new([7; 32], (0..17).map(spread));
    compare.answered = limits::COMPARED;
    let mut list = vec![1];
    crate::sync::bytes::put_varint(&mut list, 1);
    list.push(0);
    put_entry(&mut list, &spread(20).1);

    let heard = compare.hear(&list, false, &[Some(0)]).map(|_| ());

    assert_eq!(heard.err(), too_many("bytes that answer lists", limits::COMPARED));
}

/// One speaks first, until both know what the other holds; what each has learned.
fn compared(mut one: Compare, mut other: Compare) -> Result<[(Vector, bool); 2], SessionError> {
    let (mut said, mut learned) = (one.begin(), [None, None]);
    for turn in 0.. {
        let hears = if turn % 2 == 0 { &mut other } else { &mut one };
        let mut answer = Vec::new();
        for frame in std::mem::take(&mut said) {
            let Ok(Frame::Compare { more, bytes }) = Frame::from_bytes(&frame) else { panic!("nothing else is said") };
            let step = hears.hear(bytes, more, &[Some(0)])?;
            answer.extend(step.frames);
            if let Some(mut theirs) = step.theirs {
                learned[(turn + 1) % 2] = Some(theirs.remove(0));
            }
        }
        said = answer;
        if said.is_empty() {
            break;
        }
    }
    Ok(learned.map(|learned| learned.expect("both come to an end")))
}

/// An entry of a log whose name may begin anyhow.
fn spread(which: u64) -> (usize, Entry) {
    let mut log = [0; LogId::LEN];
    log[..8].copy_from_slice(&which.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    (0, Entry { log: LogId::from_bytes(log), ..made_up(which) })
}

/// Whoever was away while ever so many logs began is told of them in a message of ever so many bytes: no number of logs ends
/// a session.
#[test]
fn however_many_logs_began_meanwhile_both_come_to_an_end() {
    const MANY: u64 = 200_000;
    const FEW: u64 = 90_000;
    let (full, away) =
        (|| Compare::new([7; 32], (0..MANY).map(spread)), || Compare::new([7; 32], (0..FEW).map(spread)));

    let [of_full, of_away] = compared(away(), full()).expect("no message is too long");
    let [also_of_away, also_of_full] = compared(full(), away()).expect("no message is too long");

    for (of_full, of_away) in [(of_full, of_away), (also_of_full, also_of_away)] {
        assert!(of_full.1 && of_away.1, "both know that something differs");
        assert_eq!(of_away.0.len() as u64, FEW, "what the one lacks is known to whoever sends it");
        assert_eq!(of_full.0.len(), FEW as usize + limits::NAMED, "of what it lacks it knows as much as is kept");
    }
}

/// T4: whoever has thousands of logs made shuts no newcomer out.
#[test]
fn whoever_holds_little_is_told_of_as_many_logs_as_are_kept_and_both_come_to_an_end() {
    const MANY: u64 = 125_000;
    let full = || Compare::new([7; 32], (0..MANY).map(spread));
    for few in [0, 17] {
        let newcomer = || Compare::new([7; 32], (MANY..MANY + few).map(spread));
        let [of_full, of_newcomer] = compared(newcomer(), full()).expect("no message is too long");
        let [also_of_newcomer, also_of_full] = compared(full(), newcomer()).expect("no message is too long");
        for (of_full, of_newcomer) in [(of_full, of_newcomer), (also_of_full, also_of_newcomer)] {
            assert!(of_full.1 && of_newcomer.1, "both know that something differs");
            assert_eq!(of_full.0.len(), limits::NAMED, "as much as is kept");
            assert_eq!(of_newcomer.0.len() as u64, few, "and what the newcomer lacks is known to whoever sends it");
        }
    }
}

fn own() -> Vector {
    (0..OWN).map(made_up).collect()
}

/// A session of somebody who holds these, and has heard this hello.
fn victim(mine: Vector, equal: bool) -> Session {
    let digest = if equal { digest_of([(COMMON, &mine)]) } else { [1; 16] };
    let config = Config { community: COMMUNITY, device: keys(0).device(), topics: vec![(COMMON, mine)], nonce: [0; 8] };
    let mut session = Session::new(config, Mono(0));
    while session.poll().is_some() {}
    session.handle(Input::Frame(&hello(COMMUNITY, peer(), digest)), Mono(0)).expect("a hello");
    session
}

/// Answers what came as a driver does that takes every second run: the pipe takes nothing.
fn work(session: &mut Session, taken: &mut u64) -> Result<(), SessionError> {
    while let Some(output) = session.poll_work() {
        let Output::Received { runs, .. } = output else { continue };
        for run in runs {
            *taken += 1;
            let last = Entry { log: run.log, seq: run.first, short: ShortId::ZERO };
            let input = match *taken % 2 {
                0 => Input::Refused { log: run.log, why: Refusal::Stranger },
                _ => Input::Committed { last, heads: vec![last] },
            };
            session.handle(input, Mono(0))?;
        }
    }
    Ok(())
}

/// Says frame after frame until the victim has had enough, or so often. How it ended, and the most that was held.
fn fill(mut session: Session, times: u64, mut frame: impl FnMut(u64) -> Vec<u8>) -> (Option<SessionError>, usize) {
    let (mut taken, mut most) = (0, 0);
    for time in 0..times {
        let told = session.handle(Input::Frame(&frame(time)), Mono(0)).and_then(|()| work(&mut session, &mut taken));
        if let Err(why) = told {
            assert!(session.is_over());
            return (Some(why), most);
        }
        let held = session.held();
        assert_eq!(held.passed, None);
        assert!(held.named <= limits::NAMED, "{held:?}");
        assert!(held.bytes <= BYTES, "{held:?} of {BYTES}");
        assert!(held.unsaid <= limits::UNHEARD_ANSWERS * 4 + limits::FRAME, "{held:?}");
        most = most.max(held.named + held.bytes + held.unsaid);
    }
    (None, most)
}

fn too_many(what: &'static str, limit: usize) -> Option<SessionError> {
    Some(SessionError::TooMany { what, limit })
}

fn announce(from: u64) -> Vec<u8> {
    let entries = (from..from + 1500).map(made_up).collect();
    Frame::Announce { topic: 0, entries }.to_bytes()
}

/// A run of one event in a log of its own.
fn run(which: u64) -> Run {
    let header = LogHeader {
        community: COMMUNITY,
        topic: COMMON,
        device: keys(1).device(),
        incarnation: Incarnation::from_bytes(which.to_be_bytes()),
    };
    let mut epoch = [1; EpochId::LEN];
    epoch[..8].copy_from_slice(&which.to_be_bytes());
    let link = Link { epoch: EpochId::from_bytes(epoch), content: Content::Here((*b"x").into()) };
    let signature = Signature::from_slice(&[0x55; 64]).expect("64 bytes");
    Run { log: header.id(), header: Some(header), first: 0, links: vec![link], signature }
}
