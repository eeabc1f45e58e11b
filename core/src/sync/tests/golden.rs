//! The examples of the format page, byte for byte, both ways.

use crate::{
    event::{Content, Entry, Hole, Link, LogHeader, Run, tests::documented},
    id::{CommunityId, DeviceId, EpochId, Incarnation, LogId, ShortId, TopicTag},
    key::Signature,
    sync::{
        FrameError, Refusal,
        bytes::Reader,
        compare::Compare,
        entries::key_of,
        frame::{Frame, VERSION, Wanted},
        runs::{Given, Learned},
    },
};

const LOG: LogId = LogId::from_bytes([0x11; LogId::LEN]);

#[test]
fn small_frames_are_as_the_format_page_says() {
    is(
        "frame hello",
        Frame::Hello {
            version: VERSION,
            community: [0xaa; 16],
            device: DeviceId::from_bytes([0x33; 32]),
            nonce: [0x66; 8],
            digest: [0x55; 16],
            topics: vec![[1, 2, 3, 4], [5, 6, 7, 8]],
        },
    );
    is("frame done", Frame::Done { topic: 2 });
    is("frame ack", Frame::Ack { runs: 3, refused: None });
    is("frame refusing ack", Frame::Ack { runs: 1, refused: Some(Refusal::Full) });
    is("frame ping", Frame::Ping);
    is("frame pong", Frame::Pong);
    is("frame elsewhere", Frame::Elsewhere { address: "b.example.org:4433" });
    is("frame announce", Frame::Announce { topic: 3, entries: vec![entry(8)] });
    is("frame pull", Frame::Pull { topic: 3, logs: vec![Wanted { log: LOG, have: vec![entry(7)] }] });
}

/// The message in the example of this name.
fn message(name: &str) -> Vec<u8> {
    let bytes = documented(name);
    let Ok(Frame::Compare { more: false, bytes }) = Frame::from_bytes(&bytes) else { panic!("`{name}` is a message") };
    bytes.to_vec()
}

#[test]
fn what_differs_is_told_as_the_format_page_says() {
    let key = key_of(&[0x66; 8], &[0x77; 8]);
    let log = |which: u8| LogId::from_bytes([which * 15; LogId::LEN]);
    let of = |which: u8, seq: u64| (0, Entry { log: log(which), ..entry(if which == 3 { seq } else { 300 }) });
    let places = [Some(0), Some(1)];
    let (mut few, mut same) = (Compare::new(key, [(1, entry(300))]), Compare::new(key, [(1, entry(300))]));
    let mut first = Compare::new(key, (0..17).map(|which| of(which, 300)));
    let mut second = Compare::new(key, (0..17).map(|which| of(which, 301)));

    assert_eq!(few.begin(), [documented("frame compare, a list")]);
    let step = same.hear(&message("frame compare, a list"), false, &places).expect("as documented");
    assert_eq!(step.frames, [documented("frame compare, an answer")]);
    let step = few.hear(&message("frame compare, an answer"), false, &places).expect("as documented");
    assert!(step.frames.is_empty() && step.theirs.is_some());
    let hole = |first, last| Entry::hole(LOG, Hole { first, last, tip: [0x33; Hole::TIP] });
    let holes = [hole(5, Some(7)), hole(300, None)];
    let mut lacking = Compare::new(key, [entry(300)].into_iter().chain(holes).map(|entry| (1, entry)));
    assert_eq!(lacking.begin(), [documented("frame compare, missing bodies")]);
    assert_eq!(
        holes.map(|entry| entry.as_hole()),
        [(5, Some(7)), (300, None)].map(|(first, last)| hole(first, last).as_hole())
    );

    assert_eq!(first.begin(), [documented("frame compare, digests")]);
    let step = second.hear(&message("frame compare, digests"), false, &places).expect("as documented");
    assert_eq!(step.frames, [documented("frame compare, a child")]);
}

#[test]
fn runs_carry_nothing_that_can_be_derived_r2() {
    let (mut given, mut first, mut second) = (Given::default(), vec![3], vec![3]);
    given.write(&mut first, &run(LOG, 7, b"abc"), CommunityId::ZERO);
    given.write(&mut second, &run(LOG, 8, b"def"), CommunityId::ZERO);

    is("frame runs", Frame::Runs { bytes: &first });
    is("frame runs again", Frame::Runs { bytes: &second });
    is("frame part", Frame::Part { bytes: &second[..2], last: false });
    is("frame last part", Frame::Part { bytes: &second[2..], last: true });

    let (mut learned, topic) = (Learned::default(), TopicTag::ZERO);
    let mut read = |bytes: &[u8]| learned.read(&mut Reader::new(&bytes[1..]), CommunityId::ZERO, topic);
    assert_eq!(read(&first), Ok(run(LOG, 7, b"abc")));
    assert_eq!(read(&second), Ok(run(LOG, 8, b"def")));
    assert_eq!(read(&[3, 2]), Err(FrameError::Number { what: "log", got: 2 }));
}

#[test]
fn headers_erased_bodies_and_the_founding_log_come_back() {
    let community = CommunityId::from_bytes([8; 32]);
    for of in [community, CommunityId::ZERO] {
        let header = LogHeader {
            community: of,
            topic: TopicTag::from_bytes([6; 16]),
            device: DeviceId::from_bytes([3; 32]),
            incarnation: Incarnation::from_bytes([4; 8]),
        };
        let mut sent = run(header.id(), 0, b"");
        sent.header = Some(header);
        sent.links.push(Link { epoch: EpochId::ZERO, content: Content::Erased([9; 32]) });

        let mut bytes = Vec::new();
        Given::default().write(&mut bytes, &sent, community);
        let mut reader = Reader::new(&bytes);

        assert_eq!(Learned::default().read(&mut reader, community, header.topic), Ok(sent));
        assert!(reader.is_empty());
        let other = TopicTag::from_bytes([7; 16]);
        let wrong = Learned::default().read(&mut Reader::new(&bytes), community, other);
        assert_eq!(wrong, Err(FrameError::Header { log: header.id() }));
    }
}

#[test]
fn what_does_not_fit_the_layout_says_why() {
    let read = |text: &str| Frame::from_bytes(&hex::decode(text).expect("hexadecimal")).map(|_| ());
    assert_eq!(read(""), Err(FrameError::Empty));
    assert_eq!(read("0d"), Err(FrameError::Kind { kind: 13 }));
    assert_eq!(read("3f"), Err(FrameError::Kind { kind: 63 }));
    assert_eq!(read("40"), Ok(()), "a newer version's");
    assert_eq!(read("ff00"), Ok(()), "a newer version's");
    assert_eq!(read("0a00"), Err(FrameError::Trailing { bytes: 1 }));
    assert_eq!(read("0c"), Err(FrameError::Short));
    assert_eq!(read("0cff"), Err(FrameError::Value { what: "a byte of an address", got: 255 }));
    let long = FrameError::TooMany { what: "bytes of an address", got: 257, limit: 256 };
    assert_eq!(read(&format!("0c{}", "61".repeat(257))), Err(long));
    assert_eq!(read("0001ff"), Err(FrameError::Version { ours: 2, theirs: 1 }));
    assert_eq!(read("030000"), Err(FrameError::Trailing { bytes: 1 }));
    assert_eq!(read("070000"), Err(FrameError::Value { what: "the number of runs", got: 0 }));
    assert_eq!(read("0102"), Err(FrameError::Value { what: "more", got: 2 }));
    assert_eq!(read("0200"), Err(FrameError::Kind { kind: 2 }));
    assert_eq!(read("0800"), Err(FrameError::Short));
    let twice = format!("{}08{}", "11".repeat(LogId::LEN), "22".repeat(ShortId::LEN)).repeat(2);
    assert_eq!(read(&format!("0800{twice}")), Err(FrameError::Order));
    let many = FrameError::TooMany { what: "heads", got: 17, limit: 16 };
    assert_eq!(read(&format!("0900{}11", "11".repeat(LogId::LEN))), Err(many));
}

fn entry(seq: u64) -> Entry {
    Entry { log: LOG, seq, short: ShortId::from_bytes([0x22; ShortId::LEN]) }
}

fn run(log: LogId, first: u64, body: &[u8]) -> Run {
    let link = Link { epoch: EpochId::from_bytes([0x44; 16]), content: Content::Here(body.into()) };
    let signature = Signature::from_slice(&[0x55; 64]).expect("64 bytes");
    Run { log, header: None, first, links: vec![link], signature }
}

/// Holds a frame to the example of this name in `core/FORMAT.md`, both ways.
#[track_caller]
fn is(name: &str, frame: Frame<'_>) {
    let bytes = documented(name);
    assert_eq!(hex::encode(frame.to_bytes()), hex::encode(&bytes), "example `{name}` (made, documented)");
    assert_eq!(Frame::from_bytes(&bytes), Ok(frame));
    for end in 0..bytes.len() {
        let _ = Frame::from_bytes(&bytes[..end]);
    }
}
