//! What a peer lacks, and that it verifies there.

use rand::RngExt;

use super::*;
use crate::{
    event::{Entry, Hole},
    store::{Lacked, Lacking, Stretch},
};

#[test]
fn a_second_store_gets_everything_and_then_nothing() {
    let (mut one, mut other) = (home(), home());
    let (mut asha, mut ben) = (pen(1), pen(2));
    for (from_asha, from_ben) in asha.write_many(100, "asha").iter().zip(ben.write_many(100, "ben")) {
        one.append(from_asha).expect("follows");
        one.append(&from_ben).expect("follows");
    }

    assert_eq!(pull(&mut other, &one), 200);
    assert_eq!(pull(&mut other, &one), 0);
    assert!(equal(&one, &other));

    one.append(&asha.write(&["one more"])).expect("follows");
    let have = other.store.entries(COMMON).expect("read");
    let missing = one.store.missing(COMMON, &have).expect("read");
    let expected = Span { log: asha.log(), first: 100, last: 100, last_pos: Pos(201), known_log: true };
    assert_eq!(missing, [expected]);
    assert_eq!(one.store.missing(ROSTER, &have), Ok(vec![]));
}

#[test]
fn runs_end_at_kept_signatures_and_come_in_the_order_of_storing() {
    let mut home = home();
    let (mut asha, mut ben) = (pen(1), pen(2));
    for run in asha.write_many(33, "asha") {
        home.append(&run).expect("follows");
    }
    home.append(&ben.write(&["ben"])).expect("follows");
    for run in asha.write_many(7, "later") {
        home.append(&run).expect("follows");
    }

    let missing = home.store.missing(COMMON, &[]).expect("read");

    let spans: Vec<_> = missing.iter().map(|span| (span.first, span.last, span.last_pos.0, span.known_log)).collect();
    assert_eq!(spans, [(0, 0, 1, false), (1, 32, 33, false), (0, 0, 34, false), (33, 39, 41, false)]);
}

#[test]
fn a_run_goes_on_to_the_next_signature_when_the_log_has_grown() {
    let mut home = home();
    let mut pen = pen(1);
    let first = pen.write(&["zero", "one"]);
    home.append(&first).expect("follows");
    let span = home.store.missing(COMMON, &[]).expect("read")[1];
    for run in pen.write_many(3, "more") {
        home.append(&run).expect("follows");
    }

    let run = home.store.load(&span).expect("still there");

    assert_eq!((span.first, span.last, run.first, run.links.len()), (1, 1, 1, 4));
    let parent = Head { seq: 0, id: first.events()[0].id };
    assert!(run.verify(pen.header, Some(parent)).is_ok());
    assert_eq!(home.store.load(&Span { log: LogId::ZERO, ..span }), Err(StoreError::NoSuchPlace));
    assert_eq!(home.store.load(&Span { last_pos: Pos(77), ..span }), Err(StoreError::NoSuchPlace));
}

#[test]
fn a_fork_travels_whole_even_when_the_branch_came_first() {
    let (mut one, mut other) = (home(), home());
    let mut pen = pen(1);
    let shared = pen.write_many(10, "shared");
    let mut clone = pen.cloned_at(Some(end(&shared[4])));
    for run in &shared[..6] {
        one.append(run).expect("follows");
    }
    one.append(&clone.write(&["theirs"])).expect("a branch");
    for run in &shared[6..] {
        one.append(run).expect("follows");
    }

    pull(&mut other, &one);

    assert!(equal(&one, &other));
    assert_eq!(other.store.heads(pen.log()).expect("read").len(), 2);
}

#[test]
fn two_clones_that_never_met_exchange_their_branches() {
    let (mut one, mut other) = (home(), home());
    let mut pen = pen(1);
    let shared = pen.write_many(40, "shared");
    let mut clone = pen.cloned_at(Some(end(&shared[36])));
    let theirs = clone.write_many(50, "theirs");
    for run in &shared {
        one.append(run).expect("follows");
    }
    for run in shared[..37].iter().chain(&theirs) {
        other.append(run).expect("follows");
    }

    // To the shorter branch the longer looks like a continuation, until it has arrived.
    pull(&mut one, &other);
    pull(&mut other, &one);
    pull(&mut one, &other);

    assert!(equal(&one, &other));
    assert_eq!(one.store.heads(pen.log()).expect("read").len(), 2);
    assert_eq!(one.store.verify_chain(pen.log()), Ok(()));
}

#[test]
fn an_entry_beyond_the_only_head_asks_for_nothing() {
    let mut home = home();
    let mut pen = pen(1);
    home.append(&pen.write(&["one"])).expect("follows");
    let ahead = pen.write(&["two"]);
    let entry = Entry { log: pen.log(), seq: end(&ahead).seq, short: end(&ahead).id.short() };

    assert_eq!(home.store.missing(COMMON, &[entry]), Ok(vec![]));

    let forked = Entry { seq: 0, ..entry };
    let spans = home.store.missing(COMMON, &[forked]).expect("read");
    assert_eq!(spans.iter().map(|span| (span.first, span.known_log)).collect::<Vec<_>>(), [(0, true)]);
    let absurd = Entry { seq: u64::MAX >> 1, ..entry };
    assert_eq!(home.store.missing(COMMON, &[absurd, absurd]), Ok(vec![]));
}

#[test]
fn any_mix_of_forks_and_partial_exchanges_ends_equal() {
    for seed in 0..20 {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let mut homes = [home(), home(), home()];
        let mut pens = [pen(1), pen(2)];
        let mut heads: [Vec<Option<Head>>; 2] = [vec![None], vec![None]];
        for _ in 0..40 {
            let at = dice.random_range(0..3);
            let who = dice.random_range(0..2_usize);
            // Writes on any head this home holds: often the newest, sometimes an old one, which forks.
            let held: Vec<_> = heads[who]
                .iter()
                .copied()
                .filter(|head| {
                    head.is_none_or(|head| {
                        homes[at].store.locate(pens[who].log(), head.seq, head.id).expect("read").is_some()
                    })
                })
                .collect();
            let back = if dice.random_bool(0.1) { dice.random_range(0..held.len()) } else { 0 };
            pens[who].head = held[held.len() - 1 - back];
            let texts: Vec<_> = (0..dice.random_range(1..20)).map(|_| dice.random::<u64>().to_string()).collect();
            let run = pens[who].write(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            homes[at].append(&run).expect("follows on what is held");
            heads[who].extend(run.events().iter().map(|event| Some(Head { seq: event.seq, id: event.id })));
            if dice.random_bool(0.3) {
                let [one, other, _] = &mut homes;
                pull(one, other);
            }
        }
        for _ in 0..4 {
            let [one, other, third] = &mut homes;
            pull(one, other);
            pull(third, one);
            pull(other, third);
            pull(one, other);
        }

        assert!(equal(&homes[0], &homes[1]) && equal(&homes[1], &homes[2]), "seed {seed}");
        for log in homes[0].store.logs().expect("read") {
            assert_eq!(homes[2].store.verify_chain(log.id()), Ok(()), "seed {seed}");
        }
    }
}

#[test]
fn a_search_finds_span_by_span_what_is_lacking_of_the_logs_it_names() {
    let mut home = home();
    let (mut asha, mut ben) = (pen(1), pen(2));
    let shared = asha.write_many(80, "shared");
    let mut clone = asha.cloned_at(Some(end(&shared[70])));
    for run in &shared {
        home.append(run).expect("follows");
    }
    home.append(&clone.write(&["theirs"])).expect("a branch");
    for run in ben.write_many(40, "ben") {
        home.append(&run).expect("follows");
    }
    let drain = |mut missing: Missing| {
        let mut spans = Vec::new();
        while let Some(span) = missing.peek().copied() {
            spans.push(span);
            missing.advance(&home.store).expect("read");
        }
        spans
    };
    let of = |log: LogId| {
        let mut all = home.store.missing(COMMON, &[]).expect("read");
        all.retain(|span| span.log == log);
        all
    };

    for log in [asha.log(), ben.log()] {
        let missing = home.store.search([(log, &[][..])]).expect("read");
        assert!(missing.width() <= 2, "one place for each branch");
        assert_eq!(drain(missing), of(log));
    }
    let known = Entry { log: asha.log(), seq: 64, short: shared[64].events()[0].id.short() };
    let spans = drain(home.store.search([(asha.log(), &[known][..])]).expect("read"));
    assert_eq!(spans.iter().map(|span| (span.first, span.last)).collect::<Vec<_>>(), [(65, 79), (71, 71)]);
    assert!(drain(home.store.search([(LogId::ZERO, &[][..])]).expect("read")).is_empty());
}

/// Forgets the bodies of these, as under an erasure that counts no longer.
fn lose(home: &mut Home, events: impl IntoIterator<Item = Reference>) {
    let mut write = home.store.write().expect("begin");
    for event in events {
        let pos = write.pos_of(event).expect("read").expect("held");
        write.erase(pos).expect("there");
        let judged = Judged::Held(Held::Missing);
        write.judge(pos, Judgement { judged, aggregate: None, lamport: 0 }).expect("there");
    }
    write.commit().expect("commit");
}

fn all(runs: &[&VerifiedRun]) -> Vec<Reference> {
    let of = |run: &VerifiedRun| {
        let log = run.header().id();
        let name = move |event: &crate::event::Verified| Reference { log, seq: event.seq, check: event.id.short() };
        run.events().iter().map(name).collect::<Vec<_>>()
    };
    runs.iter().flat_map(|run| of(run)).collect()
}

#[test]
fn what_is_missing_is_the_same_in_whatever_order_branches_came_r5() {
    let mut pen = pen(1);
    let shared = pen.write(&["one", "two", "three"]);
    let mut clone = pen.cloned_at(Some(end(&shared)));
    let (ours, theirs) = (pen.write(&["ours", "more", "yet more"]), clone.write(&["theirs"]));
    let (mut one, mut other) = (home(), home());
    for (home, order) in [(&mut one, [&shared, &ours, &theirs]), (&mut other, [&shared, &theirs, &ours])] {
        order.iter().for_each(|run| _ = home.append(run).expect("follows"));
        lose(home, all(&order).into_iter().filter(|event| event.seq != 4 && event.seq != 0));
    }

    let lacked = one.store.lacked_of(pen.log(), 100).expect("read");

    let lacking = Lacking { log: pen.log(), first: 1 };
    assert_eq!(one.store.lacking_logs(), Ok(vec![lacking]));
    assert_eq!(one.store.lacking_log(pen.log()), Ok(Some(lacking)));
    assert_eq!(one.store.lacking_log(LogId::ZERO), Ok(None));
    let places: Vec<_> = stretches(&lacked).iter().map(|of| (of.first, of.last.seq)).collect();
    assert_eq!(places, [(1, 2), (3, 3), (3, 3), (5, 5)], "none goes over a fork");
    assert_eq!((lacked.rest, lacked.looked), (None, 5));
    let there = other.store.lacked_of(pen.log(), 100).expect("read");
    assert_eq!((stretches(&there), there.rest, there.looked), (stretches(&lacked), None, 5));
    for (most, rest) in [(4, 5), (3, 3), (1, 1), (0, 1)] {
        let few = one.store.lacked_of(pen.log(), most).expect("read");
        assert!(few.looked <= most + 1 && few.rest.is_some_and(|from| from <= rest), "{most}: {few:?}");
        assert!(stretches(&few).iter().all(|of| of.first <= 5));
    }
}

/// By places, of whatever branch.
fn stretches(lacked: &Lacked) -> Vec<Stretch> {
    let mut all = lacked.branches.concat();
    all.sort_unstable_by_key(|of| (of.first, of.last.seq, of.last.id));
    all
}

/// However much of what a peer lacks is missing here too.
#[test]
fn a_long_branch_is_brought_from_the_first_body_on_that_is_here_r5() {
    let mut home = home();
    let mut pen = pen(1);
    let texts: Vec<String> = (0..300).map(|nth| nth.to_string()).collect();
    let all_texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let runs: Vec<VerifiedRun> = all_texts.iter().map(|text| pen.write(&[text])).collect();
    runs.iter().for_each(|run| _ = home.append(run).expect("follows"));
    let events = all(&runs.iter().collect::<Vec<_>>());
    lose(&mut home, events.iter().copied().filter(|event| event.seq < 200));
    let heads = home.store.entries(COMMON).expect("read");
    let last = Hole::tip_of(end(&runs[299]).id.as_bytes());
    let hole = Entry::hole(pen.log(), Hole { first: 3, last: Some(299), tip: last });

    let have: Vec<Entry> = heads.into_iter().chain([hole]).collect();

    assert_eq!(home.store.missing(COMMON, &have).expect("read")[0].first, 200);
}

/// What a peer lacks is brought from the first on that is here, on its own branch.
#[test]
fn a_branch_is_brought_from_the_first_body_on_that_a_peer_lacks_and_is_here_r5() {
    let mut home = home();
    let mut pen = pen(1);
    let shared = pen.write(&["one", "two", "three"]);
    let mut clone = pen.cloned_at(Some(end(&shared)));
    let (ours, theirs) = (pen.write(&["ours", "more", "yet more"]), clone.write(&["theirs", "more"]));
    [&shared, &ours, &theirs].iter().for_each(|run| _ = home.append(run).expect("follows"));
    lose(&mut home, all(&[&shared, &theirs]).into_iter().filter(|event| event.seq != 0));
    let heads = home.store.entries(COMMON).expect("read");
    let sent = |first: u64, last: u64, tip: &VerifiedRun| {
        let hole = Entry::hole(pen.log(), Hole { first, last: Some(last), tip: Hole::tip_of(end(tip).id.as_bytes()) });
        let have: Vec<Entry> = heads.iter().copied().chain([hole]).collect();
        let spans = home.store.missing(COMMON, &have).expect("read");
        spans.iter().map(|span| (span.first, span.last)).collect::<Vec<_>>()
    };

    assert_eq!(sent(1, 5, &ours), [(3, 5)], "the shared part is missing here too");
    assert_eq!(sent(0, 5, &ours)[0].0, 0);
    assert_eq!(sent(1, 4, &theirs), [], "nothing of it is here");
    assert_eq!(sent(1, 2, &shared), []);
    let more = pen.cloned_at(None).write(&["another log's beginning"]);
    assert_eq!(sent(1, 9, &more), [(3, 5)], "a chain that is not held may be any");
    let open = Entry::hole(pen.log(), Hole { first: 4, last: None, tip: [1; Hole::TIP] });
    let have: Vec<Entry> = heads.iter().copied().chain([open]).collect();
    let spans = home.store.missing(COMMON, &have).expect("read");
    assert_eq!(spans.iter().map(|span| (span.first, span.last)).collect::<Vec<_>>(), [(4, 5)]);
}

/// Lets `to` take everything it lacks from `from`, as a session does; gives the events that were sent.
fn pull(to: &mut Home, from: &Home) -> usize {
    let have = to.store.entries(COMMON).expect("read");
    let mut sent = 0;
    for span in from.store.missing(COMMON, &have).expect("read") {
        let run = from.store.load(&span).expect("just named");
        sent += run.links.len();
        let log = run.header.expect("given");
        let parents = match run.first.checked_sub(1) {
            Some(seq) => to.store.parents_at(run.log, seq).expect("read").into_iter().map(Some).collect(),
            None => vec![None],
        };
        let verified = parents.into_iter().find_map(|parent| run.clone().verify(log, parent).ok());
        to.append(&verified.expect("follows on what was sent before")).expect("append");
    }
    sent
}

fn equal(one: &Home, other: &Home) -> bool {
    one.store.entries(COMMON) == other.store.entries(COMMON)
}
