//! What an event's bytes are, to the bit, and what becomes of bytes that are none.
//!
//! The bytes stand in `core/FORMAT.md`, annotated: this file makes them again and compares.

mod encoding;

use std::sync::Arc;

use minicbor::Encoder;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::{
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, Reference, ShortId},
    key::{DeviceKeys, EpochKey, KeyError, OpenError, Signature, TopicKey, Wrap, WrapError, unwrap, wrap},
    limits,
    qty::Qty,
    time::WallMs,
    varint,
};

#[test]
fn every_byte_of_an_event_is_as_documented() {
    let run = written();
    let (first, second) = (&run.events()[0], &run.events()[1]);
    let header = Header { log: *run.header(), seq: 1, epoch: epoch().id() };
    let head = Head { seq: first.seq, id: first.id };

    same_as_documented("topic tag", log(Topic::Common).topic.as_bytes());
    same_as_documented("epoch id", epoch().id().as_bytes());
    same_as_documented("log id", run.header().id().as_bytes());
    same_as_documented("header", &header.to_bytes());
    same_as_documented("creating body", &creating().to_bytes(run.header().id()).expect("within all limits"));
    let following = following(head, run.header().id()).to_bytes(run.header().id());
    same_as_documented("following body", &following.expect("within all limits"));
    same_as_documented("sealed body 0", &bytes(first));
    same_as_documented("sealed body 1", &bytes(second));
    same_as_documented("body hash 0", &first.content.hash());
    same_as_documented("event id 0", first.id.as_bytes());
    same_as_documented("event id 1", second.id.as_bytes());
    same_as_documented("signature 0", first.signature.expect("a multiple of 32 is signed").as_bytes());
    same_as_documented("signature 1", second.signature.expect("the last is signed").as_bytes());
}

#[test]
fn what_a_device_shows_and_is_given_is_as_documented() {
    let (keys, mut dice) = (keys(), ChaCha20Rng::seed_from_u64(1));
    let record = keys.record();
    let sealed = wrap(&mut dice, record.device, &record.sealing, b"example", epoch().as_secret());
    let sealed = sealed.expect("the key is sound");

    same_as_documented("device record", &minicbor::to_vec(record).expect("a vector takes any length"));
    same_as_documented("wrap", &minicbor::to_vec(&sealed).expect("a vector takes any length"));
    let read: Wrap = minicbor::decode(&documented("wrap")).expect("it is a wrap");
    assert_eq!(unwrap(&keys, b"example", &read).as_deref(), Ok(&epoch().as_secret().to_vec()));
    assert_eq!(unwrap(&keys, b"another purpose", &read), Err(WrapError::Closed));
}

#[test]
fn what_an_author_writes_a_receiver_verifies_and_reads() {
    let run = written();
    let (log, head) = (*run.header(), Head { seq: 0, id: run.events()[0].id });

    let received = receive(run.to_runs(), log);

    assert_eq!(received, run.events());
    assert_eq!(received[0].open(&log, Some(&epoch())), Ok(creating()));
    assert_eq!(received[1].open(&log, Some(&epoch())), Ok(following(head, log.id())));
}

#[test]
fn a_clear_body_stands_in_the_chain_as_it_is() {
    let (keys, log) = (keys(), log(Topic::Erasure));
    let mut writer = Writer::new(&keys, log, None);
    writer.append(&creating(), None).expect("within all limits");
    let run = writer.finish().expect("one event");

    assert_eq!(run.events()[0].epoch, EpochId::ZERO);
    assert_eq!(bytes(&run.events()[0]).to_vec(), creating().to_bytes(OWN).expect("within all limits"));
    assert_eq!(run.events()[0].open(&log, None), Ok(creating()));
}

#[test]
fn an_erased_body_leaves_the_chain_whole_r5() {
    let run = written();
    let mut erased = run.to_runs();
    erased[0].links[0].content = Content::Erased(run.events()[0].content.hash());

    let received = receive(erased, *run.header()); // the chain commits to the hash alone

    assert_eq!(received[1].id, run.events()[1].id);
    assert_eq!(received[0].open(run.header(), Some(&epoch())), Err(OpenError.into()));
}

#[test]
fn one_signature_proves_everything_before_it_r3() {
    let run = written_up_to(limits::SIGNATURE_EVERY);

    let signed: Vec<u64> = run.events().iter().filter(|event| event.signature.is_some()).map(|e| e.seq).collect();

    assert_eq!(signed, [0, limits::SIGNATURE_EVERY]);
}

#[test]
fn equal_bodies_at_two_places_are_sealed_differently_r4() {
    let (keys, log, epoch) = (keys(), log(Topic::Common), epoch());
    let mut writer = Writer::new(&keys, log, None);
    writer.append(&creating(), Some(&epoch)).expect("within all limits");
    writer.append(&creating(), Some(&epoch)).expect("within all limits");
    let run = writer.finish().expect("two events");

    assert_ne!(bytes(&run.events()[0]), bytes(&run.events()[1]));
}

#[test]
fn a_run_with_any_bit_flipped_is_refused_whole() {
    let run = later();
    let (log, parent, good) = (*run.header(), run.parent(), travelling(&run));
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        bytes
    };

    for nth in 0..good.links.len() {
        let sealed = bytes(&run.events()[nth]);
        for at in 0..8 * sealed.len() {
            let mut bad = good.clone();
            bad.links[nth].content = Content::Here(flipped(&sealed, at).into());
            let refused = bad.verify(log, parent);
            assert_eq!(refused, Err(EventError::Key(KeyError::Signature)));
        }
        for at in 0..8 * EpochId::LEN {
            let mut bad = good.clone();
            bad.links[nth].epoch = EpochId::from_slice(&flipped(epoch().id().as_bytes(), at)).expect("16 bytes");
            assert_eq!(bad.verify(log, parent), Err(EventError::Key(KeyError::Signature)));
        }
    }
    for at in 0..8 * Signature::LEN {
        let signature = Signature::from_slice(&flipped(good.signature.as_bytes(), at)).expect("64 bytes");
        let refused = Run { signature, ..good.clone() }.verify(log, parent);
        assert_eq!(refused, Err(EventError::Key(KeyError::Signature)));
    }
}

#[test]
fn a_sealed_body_with_any_bit_flipped_does_not_open() {
    let run = written();
    let header = Header { log: *run.header(), seq: 0, epoch: epoch().id() };
    let sealed = bytes(&run.events()[0]);

    for at in 0..8 * sealed.len() {
        let mut bad = sealed.to_vec();
        bad[at / 8] ^= 1 << (at % 8);
        assert_eq!(open(&header, &bad, Some(&epoch())), Err(OpenError.into()));
    }
    for length in 0..sealed.len() {
        assert_eq!(open(&header, &sealed[..length], Some(&epoch())), Err(OpenError.into()));
    }
}

#[test]
fn a_sealed_body_opens_only_where_it_was_written_r4() {
    let run = written();
    let (sealed, here) = (bytes(&run.events()[0]), Header { log: *run.header(), seq: 0, epoch: epoch().id() });
    let elsewhere = [
        Header { seq: 1, ..here },
        Header { epoch: EpochId::ZERO, ..here },
        Header { log: log(Topic::Urgent), ..here },
        Header { log: LogHeader { community: CommunityId::ZERO, ..here.log }, ..here },
        Header { log: LogHeader { device: DeviceId::ZERO, ..here.log }, ..here },
        Header { log: LogHeader { incarnation: Incarnation::ZERO, ..here.log }, ..here },
    ];

    assert!(open(&here, &sealed, Some(&epoch())).is_ok());
    for header in elsewhere {
        assert_eq!(open(&header, &sealed, Some(&epoch())), Err(OpenError.into()));
    }
    assert_eq!(
        open(&here, &sealed, Some(&EpochKey::from_bytes([0x12; 32], here.log.community, Compartment::Community))),
        Err(OpenError.into())
    );
}

#[test]
fn a_run_follows_on_its_parent_or_is_refused() {
    let run = later();
    let (log, first, good) = (*run.header(), run.parent(), travelling(&run));
    let parent = Head { seq: 1, id: run.events()[0].id };
    let second = Run { first: 2, links: good.links[1..].to_vec(), ..good.clone() };

    assert!(second.clone().verify(log, Some(parent)).is_ok());

    let gap = second.clone().verify(log, first);
    assert_eq!(gap, Err(EventError::Parent { seq: 2, parent: Some(0) }));
    let rootless = good.clone().verify(log, None);
    assert_eq!(rootless, Err(EventError::Parent { seq: 1, parent: None }));
    let again = good.clone().verify(log, Some(parent));
    assert_eq!(again, Err(EventError::Parent { seq: 1, parent: Some(1) }));
    let other_parent = second.verify(log, Some(Head { id: EventId::from_bytes([9; 32]), ..parent }));
    assert_eq!(other_parent, Err(EventError::Key(KeyError::Signature)));
    let missing = Run { links: good.links[1..].to_vec(), ..good }.verify(log, first);
    assert_eq!(missing, Err(EventError::Key(KeyError::Signature)));
}

#[test]
fn a_run_of_another_log_or_device_is_refused() {
    let run = later();
    let (log, parent, good) = (*run.header(), run.parent(), travelling(&run));
    let stranger = DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(1)).device();
    let theirs = LogHeader { device: stranger, ..log };

    assert_eq!(good.clone().verify(theirs, parent), Err(EventError::Header { log: log.id() }));
    let lying = Run { header: Some(theirs), ..good.clone() };
    assert_eq!(lying.verify(log, parent), Err(EventError::Header { log: log.id() }));
    let renamed = Run { log: theirs.id(), header: Some(theirs), ..good.clone() };
    assert_eq!(renamed.verify(theirs, parent), Err(EventError::Key(KeyError::Signature)));
    let elsewhere = LogHeader { community: CommunityId::ZERO, ..log };
    let moved = Run { header: Some(elsewhere), ..good.clone() };
    assert_eq!(moved.verify(elsewhere, parent), Err(EventError::Key(KeyError::Signature)));
    let no_point = LogHeader { device: DeviceId::from_bytes([0xff; 32]), ..log };
    let nobody = Run { log: no_point.id(), header: None, ..good };
    assert!(matches!(nobody.verify(no_point, parent), Err(EventError::Key(_))));
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    let run = later();
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = LogHeader { device: DeviceId::from_bytes(identity), ..*run.header() };
    let mut signature = [0; 64];
    signature[0] = 1; // R = identity, S = 0: a plain Ed25519 check lets it pass for any message

    let forged = Run {
        log: weak.id(),
        header: None,
        signature: Signature::from_slice(&signature).expect("64 bytes"),
        ..travelling(&run)
    };

    assert_eq!(forged.verify(weak, run.parent()), Err(EventError::Key(KeyError::Signature)));
}

#[test]
fn a_run_has_one_to_thirty_two_events() {
    let (log, parent) = (log(Topic::Common), later().parent());
    let run_of =
        |count: usize| Run { links: vec![travelling(&later()).links[0].clone(); count], ..travelling(&later()) };

    let full = written_up_to(limits::SIGNATURE_EVERY).to_runs().remove(1);
    assert_eq!((full.first, full.links.len()), (1, 32));
    assert!(full.verify(log, parent).is_ok());
    assert_eq!(run_of(33).verify(log, parent), Err(EventError::Length { got: 33 }));
    assert_eq!(run_of(0).verify(log, parent), Err(EventError::Length { got: 0 }));
    assert!(Writer::new(&keys(), log, None).finish().is_none());
}

/// A log written at one go, from 0 to this place.
fn written_up_to(last: u64) -> VerifiedRun {
    let (keys, epoch) = (keys(), epoch());
    let mut writer = Writer::new(&keys, log(Topic::Common), None);
    for _ in 0..=last {
        writer.append(&creating(), Some(&epoch)).expect("within all limits");
    }
    writer.finish().expect("not empty")
}

#[test]
fn a_run_never_goes_on_behind_a_kept_signature_r3() {
    let whole = written_up_to(70);
    let (log, events) = (*whole.header(), whole.events());
    let places = |run: &Run| (run.first, run.first + run.links.len() as u64 - 1);
    let across = |first: usize, last: usize| {
        let links = events[first..=last].iter();
        let links = links.map(|event| Link { epoch: event.epoch, content: event.content.clone() }).collect();
        // Signed by its author as it is handed out, at its last event alone.
        let keys = keys();
        let mut writer = Writer::new(&keys, log, parent_of(events, first));
        for event in &events[first..=last] {
            writer.append(&event.open(&log, Some(&epoch())).expect("our own"), Some(&epoch())).expect("within limits");
        }
        let signature = writer.finish().and_then(|run| run.events().last()?.signature).expect("the last is signed");
        Run { log: log.id(), header: None, first: first as u64, links, signature }.verify(log, parent_of(events, first))
    };

    assert_eq!(whole.to_runs().iter().map(places).collect::<Vec<_>>(), [(0, 0), (1, 32), (33, 64), (65, 70)]);
    assert_eq!(receive(whole.to_runs(), log), events);
    assert!(across(20, 32).is_ok());
    assert_eq!(across(20, 51), Err(EventError::Across { seq: 32 }));
    assert_eq!(across(32, 33), Err(EventError::Across { seq: 32 }));
    assert_eq!(across(0, 1), Err(EventError::Across { seq: 0 }));
}

fn parent_of(events: &[Verified], first: usize) -> Option<Head> {
    let before = &events[first.checked_sub(1)?];
    Some(Head { seq: before.seq, id: before.id })
}

#[test]
fn a_log_ends_at_the_greatest_number_without_a_panic() {
    let (keys, log) = (keys(), log(Topic::Common));
    let before = Head { seq: u64::MAX - 1, id: EventId::ZERO };
    let mut writer = Writer::new(&keys, log, Some(before));

    let last = writer.append(&creating(), None).expect("one place is left");
    assert_eq!(writer.append(&creating(), None), Err(EventError::Full));
    let run = travelling(&writer.finish().expect("one event"));

    assert_eq!(last.seq, u64::MAX);
    assert!(run.clone().verify(log, Some(before)).is_ok());
    let longer = Run { links: [&run.links[..], &run.links[..]].concat(), ..run.clone() };
    assert_eq!(longer.verify(log, Some(before)), Err(EventError::Full));
    let past = Head { seq: u64::MAX, ..before };
    assert!(matches!(run.verify(log, Some(past)), Err(EventError::Parent { .. })));
}

/// The log in which bodies of tests stand.
const OWN: LogId = LogId::ZERO;

#[test]
fn every_limit_holds_at_the_limit_and_one_past_it() {
    let reference = |seq| Reference { log: LogId::ZERO, seq, check: EventId::ZERO.short() };
    let deps = |count| Body { deps: (0..count as u64).map(reference).collect(), ..body(Vec::new()) };
    let edits = |count| Body { edits: vec![Edit::put(0, false); count], ..body(Vec::new()) };
    let fields = |count: usize| {
        let fields = (0..count as u16).map(|field| (field, Scalar::Null)).collect();
        Body { edits: vec![Edit::Add { list: 0, fields }], ..body(Vec::new()) }
    };
    let text = |length| Body { edits: vec![Edit::put(0, "x".repeat(length))], ..body(Vec::new()) };

    reaches(deps, limits::DEPS, "deps");
    reaches(edits, limits::EDITS, "edits");
    reaches(fields, limits::EDITS, "edits");
    reaches(text, limits::FIELD, "bytes in a text");
}

/// Asserts that a body comes back at the limit, and that one past it author and receiver refuse it alike.
#[track_caller]
fn reaches(body: impl Fn(usize) -> Body, limit: usize, what: &'static str) {
    let (fits, past) = (body(limit), body(limit + 1));
    let too_many = BodyError::TooMany { what, got: limit + 1, limit };

    let bytes = fits.to_bytes(OWN).expect("the limit itself is allowed");
    assert_eq!(Body::from_bytes(&bytes, OWN), Ok(fits));
    assert_eq!(past.to_bytes(OWN), Err(too_many));
    let unchecked = past.packed(OWN).expect("a vector takes any length");
    assert_eq!(Body::from_bytes(&unchecked, OWN), Err(too_many), "a receiver refuses what an author may not write");
}

#[test]
fn limits_of_payloads_hold_at_the_limit_and_one_past_it() {
    let event = Reference { log: LogId::ZERO, seq: 0, check: EventId::ZERO.short() };
    let whole = |times: usize| minicbor::to_vec(event).expect("a vector takes any length").repeat(times);
    let named = |times: usize| (whole(times), [0xc6, 0x00].repeat(times), "names");
    let text = |length| (cbor(0x79, length), cbor(0x79, length), "bytes in a text");
    let field = |length| (cbor(0x59, length), cbor(0x59, length), "bytes in a field");

    for (at, past, limit) in [
        (named(limits::NAMES), named(limits::NAMES + 1), limits::NAMES),
        (text(limits::FIELD), text(limits::FIELD + 1), limits::FIELD),
        (field(limits::FIELD), field(limits::FIELD + 1), limits::FIELD),
    ] {
        let too_many = BodyError::TooMany { what: past.2, got: limit + 1, limit };
        let bytes = body(at.0.clone()).to_bytes(OWN).expect("the limit itself is allowed");
        assert_eq!(Body::from_bytes(&bytes, OWN), Ok(body(at.0)));
        assert_eq!(body(past.0).to_bytes(OWN), Err(too_many));
        assert_eq!(Body::from_bytes(&packed(1, &past.1), OWN), Err(too_many));
    }
}

/// The bytes of a body with this payload as it travels, which names that many events of its own log.
fn packed(events: usize, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![if events > 0 { 0x09 } else { 0x08 }, 1];
    varint::put(&mut bytes, varint::fold(body(Vec::new()).wall.0));
    if events > 0 {
        bytes.extend([0, events as u8]);
        (0..events).for_each(|seq| bytes.extend([&[0, seq as u8][..], &[0; 16]].concat()));
        bytes.push(0);
    }
    varint::put(&mut bytes, payload.len() as u64);
    [&bytes, payload].concat()
}

/// A string with a 2-byte length, filled with `x`.
fn cbor(first: u8, length: usize) -> Vec<u8> {
    let length16 = u16::try_from(length).expect("short");
    assert!(length16 > 0xff, "a shorter one has a shorter form");
    [&[first][..], &length16.to_be_bytes(), &vec![b'x'; length]].concat()
}

#[test]
fn a_payload_may_be_longer_than_a_field() {
    let long = body([cbor(0x59, limits::FIELD), cbor(0x59, limits::FIELD)].concat());

    let bytes = long.to_bytes(OWN).expect("each field is within its limit");

    assert_eq!(Body::from_bytes(&bytes, OWN), Ok(long));
}

#[test]
fn containers_nest_sixteen_deep() {
    let nested = |depth: usize| [vec![0x81; depth], vec![0x00]].concat();
    let tagged = |depth: usize| [vec![0xc1; depth], vec![0x00]].concat();
    let too_deep = Err(BodyError::TooDeep { limit: limits::NESTING });

    assert!(body(nested(limits::NESTING)).to_bytes(OWN).is_ok());
    assert_eq!(body(nested(limits::NESTING + 1)).to_bytes(OWN), too_deep);
    assert!(body(tagged(limits::NESTING)).to_bytes(OWN).is_ok());
    assert_eq!(body(tagged(limits::NESTING + 1)).to_bytes(OWN), too_deep);
    assert_eq!(body(nested(20_000)).to_bytes(OWN), too_deep);
}

#[test]
fn a_sealed_body_has_thirty_two_kib_with_its_tag() {
    let (keys, log, epoch) = (keys(), log(Topic::Common), epoch());
    let sized = |length: usize| {
        let head = body(filled(0x4000)).to_bytes(OWN).expect("within all limits").len() - 0x4000;
        body(filled(length - head))
    };
    let append = |length: usize, key: Option<&EpochKey>| {
        Writer::new(&keys, log, None).append(&sized(length), key).map(|head| head.seq)
    };
    let past = |got| Err(EventError::Body(BodyError::TooLarge { got, limit: limits::SEALED_BODY }));

    assert_eq!(append(limits::SEALED_BODY - 16, Some(&epoch)), Ok(0));
    assert_eq!(append(limits::SEALED_BODY - 15, Some(&epoch)), past(limits::SEALED_BODY + 1));
    assert_eq!(append(limits::SEALED_BODY, None), Ok(0));
    assert_eq!(append(limits::SEALED_BODY + 1, None), past(limits::SEALED_BODY + 1));
}

/// Exactly so many bytes of CBOR, in fields within the limit.
fn filled(length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    while length - bytes.len() > limits::FIELD {
        bytes.extend(cbor(0x59, 4096));
    }
    let rest = length - bytes.len() - 3;
    [bytes, cbor(0x59, rest)].concat()
}

#[test]
fn a_receiver_refuses_a_body_beyond_the_limit_before_it_checks_the_signature() {
    let run = later();
    let mut large = travelling(&run);
    large.links[0].content = Content::Here(vec![0; limits::SEALED_BODY + 1].into());

    let too_large = BodyError::TooLarge { got: limits::SEALED_BODY + 1, limit: limits::SEALED_BODY };
    assert_eq!(large.verify(*run.header(), run.parent()), Err(too_large.into()));
}

#[test]
fn a_version_is_at_least_one() {
    let zero = Body { version: 0, ..creating() };

    assert_eq!(zero.to_bytes(OWN), Err(BodyError::Garbled("version")));
    let bytes = zero.packed(OWN).expect("a vector takes any length");
    assert_eq!(Body::from_bytes(&bytes, OWN), Err(BodyError::Garbled("version")));
}

/// The example of this name in `core/FORMAT.md`: a block fenced as `hex NAME`, comments and spaces taken out.
pub(crate) fn documented(name: &str) -> Vec<u8> {
    let format = include_str!("../../FORMAT.md");
    let fence = format!("```hex {name}\n");
    let (_, block) = format.split_once(&fence).unwrap_or_else(|| panic!("FORMAT.md has no example `{name}`"));
    let (block, _) = block.split_once("```").expect("a fence that opens closes");
    let digits: String = block.lines().filter_map(|line| line.split('#').next()).collect();
    hex::decode(digits.split_whitespace().collect::<String>()).expect("an example is hexadecimal")
}

#[track_caller]
fn same_as_documented(name: &str, made: &[u8]) {
    assert_eq!(hex::encode(made), hex::encode(documented(name)), "example `{name}` (made, documented)");
}

fn keys() -> DeviceKeys {
    let bytes: Vec<u8> = (0..64).collect();
    DeviceKeys::from_slice(&bytes).expect("64 bytes")
}

fn epoch() -> EpochKey {
    EpochKey::from_bytes([0x11; 32], CommunityId::from_bytes([0x33; 32]), Compartment::Community)
}

fn log(topic: Topic) -> LogHeader {
    LogHeader {
        community: CommunityId::from_bytes([0x33; 32]),
        topic: TopicKey::from_bytes([0x22; 32]).tag(topic.name()),
        device: keys().device(),
        incarnation: Incarnation::from_bytes([0x44; 8]),
    }
}

fn body(payload: Vec<u8>) -> Body {
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: WallMs(1_650_000_000_000),
        kind: 1,
        version: 1,
        payload,
        edits: Vec::new(),
        salt: None,
    }
}

/// A creating event: no aggregate, no deps.
fn creating() -> Body {
    let milk = vec![(0, Scalar::from("milk")), (1, Scalar::from(2))];
    Body {
        edits: vec![Edit::put(1, "3-702"), Edit::put(2, true), Edit::Add { list: 0, fields: milk }],
        ..body(vec![0xa1, 0x00, 0x01])
    }
}

/// An event of the aggregate that `first` made, with every field there is.
fn following(first: Head, log: LogId) -> Body {
    let aggregate = Reference { log, seq: first.seq, check: first.id.short() };
    let milk = ItemId::new(first.id, 2);
    let other = Reference { log: LogId::from_bytes([0x66; 16]), seq: 300, check: ShortId::from_bytes([0x77; 16]) };
    Body {
        aggregate: Some(aggregate),
        deps: vec![other],
        kind: 0x8001,
        version: 2,
        edits: vec![
            Edit::PutItem { list: 0, item: milk, field: 1, value: Scalar::Int(-3) },
            Edit::put(1, Scalar::Null),
            Edit::Remove { list: 0, item: ItemId::new(EventId::from_bytes([0x88; 32]), 7) },
        ],
        salt: Some([0x55; 16]),
        ..body(naming(aggregate, milk, other.log))
    }
}

/// A payload of one name of each sort: an event, an item, a log.
fn naming(event: Reference, item: ItemId, log: LogId) -> Vec<u8> {
    let mut payload = Encoder::new(Vec::new());
    payload.map(3).and_then(|out| out.u8(0)?.encode(event)?.u8(1)?.encode(item)?.u8(2)?.encode(log)).expect("fits");
    payload.into_writer()
}

/// The two documented events, as their author writes them.
fn written() -> VerifiedRun {
    let (keys, log, epoch) = (keys(), log(Topic::Common), epoch());
    let mut writer = Writer::new(&keys, log, None);
    let first = writer.append(&creating(), Some(&epoch)).expect("within all limits");
    writer.append(&following(first, log.id()), Some(&epoch)).expect("within all limits");
    writer.finish().expect("two events")
}

/// Two more events behind the first documented one: a run of two.
fn later() -> VerifiedRun {
    let (keys, epoch, first) = (keys(), epoch(), written().events()[0].clone());
    let mut writer = Writer::new(&keys, log(Topic::Common), Some(Head { seq: first.seq, id: first.id }));
    writer.append(&creating(), Some(&epoch)).expect("within all limits");
    writer.append(&creating(), Some(&epoch)).expect("within all limits");
    writer.finish().expect("two events")
}

/// The only run as which these events travel: what their author wrote, without what can be derived.
fn travelling(run: &VerifiedRun) -> Run {
    let mut runs = run.to_runs();
    assert_eq!(runs.len(), 1);
    runs.remove(0)
}

/// Verifies runs one on top of the other.
fn receive(runs: Vec<Run>, log: LogHeader) -> Vec<Verified> {
    let mut events: Vec<Verified> = Vec::new();
    for run in runs {
        let parent = events.last().map(|last| Head { seq: last.seq, id: last.id });
        events.extend_from_slice(run.verify(log, parent).expect("it follows and nothing was changed").events());
    }
    events
}

fn bytes(event: &Verified) -> Arc<[u8]> {
    let Content::Here(bytes) = &event.content else { panic!("nothing was erased") };
    bytes.clone()
}
