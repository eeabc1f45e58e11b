//! The examples of the format page, byte for byte, both ways.

use crate::{
    event::{Content, Entry, Link, LogHeader, Run},
    id::{CommunityId, DeviceId, EpochId, Incarnation, LogId, ShortId, TopicTag},
    key::Signature,
    sync::{
        FrameError,
        bytes::Reader,
        frame::{Frame, Offer, Wanted},
        runs::{Given, Learned},
    },
};

const LOG: LogId = LogId::from_bytes([0x11; 8]);

fn entry(seq: u64) -> Entry {
    Entry { log: LOG, seq, short: ShortId::from_bytes([0x22; 8]) }
}

fn run(log: LogId, first: u64, body: &[u8]) -> Run {
    let link = Link { epoch: EpochId::from_bytes([0x44; 16]), content: Content::Here(body.into()) };
    let signature = Signature::from_slice(&[0x55; 64]).expect("64 bytes");
    Run { log, header: None, first, links: vec![link], signature }
}

#[track_caller]
fn is(frame: Frame<'_>, expected: &str) {
    let expected = expected.replace(' ', "");
    assert_eq!(hex::encode(frame.to_bytes()), expected);
    let bytes = hex::decode(&expected).expect("hexadecimal");
    assert_eq!(Frame::from_bytes(&bytes), Ok(frame));
    for end in 0..bytes.len() {
        let _ = Frame::from_bytes(&bytes[..end]);
    }
}

#[test]
fn small_frames_are_as_the_format_page_says() {
    is(
        Frame::Hello {
            community: [0xaa, 0xbb, 0xcc, 0xdd],
            device: DeviceId::from_bytes([0x33; 32]),
            topics: vec![Offer { tag: [1, 2, 3, 4], digest: [0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc] }],
        },
        &format!("00 01 aabbccdd {} 01020304 5566778899aabbcc", "33".repeat(32)),
    );
    is(Frame::Buckets { topic: 0, digests: vec![[0; 8]; 256] }, &format!("01 00 {}", "00".repeat(2048)));
    is(
        Frame::Entries { topic: 0, more: false, entries: vec![entry(300)] },
        "02 00 00 1111111111111111 ac02 2222222222222222",
    );
    is(Frame::Done { topic: 2 }, "03 02");
    is(Frame::Ack { runs: 3, refused: false }, "07 06");
    is(Frame::Ack { runs: 1, refused: true }, "07 03");
    is(Frame::Announce { topic: 3, entries: vec![entry(8)] }, "08 03 1111111111111111 08 2222222222222222");
    is(
        Frame::Pull { topic: 3, logs: vec![Wanted { log: LOG, have: vec![entry(7)] }] },
        "09 03 1111111111111111 01 07 2222222222222222",
    );
}

#[test]
fn runs_are_as_the_format_page_says() {
    let (mut given, mut first, mut second) = (Given::default(), vec![3], vec![3]);
    given.write(&mut first, &run(LOG, 7, b"abc"), CommunityId::ZERO);
    given.write(&mut second, &run(LOG, 8, b"def"), CommunityId::ZERO);

    let (epoch, signature) = ("44".repeat(16), "55".repeat(64));
    is(Frame::Runs { bytes: &first }, &format!("04 03 00 1111111111111111 07 04 00 {epoch} 06 616263 {signature}"));
    is(Frame::Runs { bytes: &second }, &format!("04 03 01 08 04 02 06 646566 {signature}"));
    is(Frame::Part { bytes: &second[..2], last: false }, "05 0301");
    is(Frame::Part { bytes: &second[2..], last: true }, &format!("06 08 04 02 06 646566 {signature}"));

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
    assert_eq!(read("0a"), Err(FrameError::Kind { kind: 10 }));
    assert_eq!(read("0002ff"), Err(FrameError::Version { ours: 1, theirs: 2 }));
    assert_eq!(read("030000"), Err(FrameError::Trailing { bytes: 1 }));
    assert_eq!(read("0701"), Err(FrameError::Value { what: "the number of runs", got: 0 }));
    assert_eq!(read("020002"), Err(FrameError::Value { what: "more", got: 2 }));
    assert_eq!(read("0800"), Err(FrameError::Short));
    let twice = "1111111111111111082222222222222222".repeat(2);
    assert_eq!(read(&format!("0800{twice}")), Err(FrameError::Order));
    let many = FrameError::TooMany { what: "heads", got: 17, limit: 16 };
    assert_eq!(read("0900111111111111111111"), Err(many));
}
