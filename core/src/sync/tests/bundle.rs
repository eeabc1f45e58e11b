//! The example of a bundle on the format page, byte for byte, and files of every fault.

use crate::{
    event::{Content, Link, LogHeader, Run, tests::documented},
    id::{CommunityId, DeviceId, EpochId, Incarnation, LogId, TopicTag},
    key::Signature,
    sync::{BundleError, BundleReader, BundleWriter, FrameError},
};

const COMMUNITY: CommunityId = CommunityId::from_bytes([0x33; 32]);
const TAG: TopicTag = TopicTag::from_bytes([0x66; 16]);

fn header(community: CommunityId) -> LogHeader {
    let (device, incarnation) = (DeviceId::from_bytes([0x77; 32]), Incarnation::from_bytes([0x44; 8]));
    LogHeader { community, topic: TAG, device, incarnation }
}

fn run(community: CommunityId, first: u64, body: &[u8]) -> Run {
    let link = Link { epoch: EpochId::ZERO, content: Content::Here(body.into()) };
    let signature = Signature::from_slice(&[0x55; 64]).expect("64 bytes");
    let header = header(community);
    Run { log: header.id(), header: Some(header), first, links: vec![link], signature }
}

/// A founding event and what follows it.
fn both() -> [Run; 2] {
    [run(CommunityId::ZERO, 0, b"abc"), run(COMMUNITY, 1, b"def")]
}

fn file() -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = BundleWriter::new(COMMUNITY, &mut file);
    both().into_iter().for_each(|run| writer.run(TAG, run, &mut file));
    writer.finish(&mut file);
    file
}

/// All runs of a file that comes in pieces of this size, and what is wrong with it.
fn read(file: &[u8], piece: usize) -> (Vec<Run>, Result<(), BundleError>) {
    let (mut reader, mut runs) = (BundleReader::new(COMMUNITY), Vec::new());
    for piece in file.chunks(piece) {
        reader.push(piece);
        loop {
            match reader.next_run() {
                Ok(Some((tag, run))) => {
                    assert_eq!(tag, TAG);
                    runs.push(run);
                }
                Ok(None) => break,
                Err(error) => return (runs, Err(error)),
            }
        }
    }
    let end = reader.finish();
    (runs, end)
}

#[test]
fn a_bundle_is_as_the_format_page_says() {
    assert_eq!(hex::encode(file()), hex::encode(documented("bundle")), "made, documented");
}

#[test]
fn runs_come_back_with_their_headers_from_pieces_of_any_size() {
    for piece in [1, 2, 7, 64, 10_000] {
        assert_eq!(read(&file(), piece), (both().to_vec(), Ok(())), "pieces of {piece}");
    }
}

#[test]
fn a_file_cut_anywhere_gives_what_is_whole_and_says_so() {
    let file = file();
    assert_eq!(read(&[], 7), (Vec::new(), Err(BundleError::Empty)));
    for end in 1..file.len() {
        let (runs, fault) = read(&file[..end], 7);
        assert_eq!(fault, Err(BundleError::Truncated), "at {end}");
        assert!(both().starts_with(&runs), "at {end}");
    }
}

#[test]
fn a_changed_byte_anywhere_is_told() {
    for at in 0..file().len() {
        for bit in 0..8 {
            let mut changed = file();
            changed[at] ^= 1 << bit;
            assert_ne!(read(&changed, 50).1, Ok(()), "bit {bit} at {at}");
        }
    }
}

#[test]
fn every_fault_has_a_name() {
    let told = |file: &[u8]| read(file, 1_000).1.expect_err("a fault");
    let head = |more: &[u8]| [&file()[..41], more].concat();
    let mut newer = file();
    newer[8] = 3;
    let mut elsewhere = file();
    elsewhere[9] = 0;
    let mut longer = file();
    longer.extend(b"..");

    assert_eq!(told(b"\x89PNG\r\n\x1a\n"), BundleError::NotABundle);
    assert_eq!(told(&newer), BundleError::Version { ours: 2, theirs: 3 });
    assert_eq!(told(&elsewhere), BundleError::Community);
    assert_eq!(told(&longer), BundleError::Trailing { bytes: 2 });
    assert_eq!(told(&head(&[3])), BundleError::Damaged(FrameError::Kind { kind: 3 }));
    assert_eq!(told(&head(&[2, 1, 0])), BundleError::Damaged(FrameError::Kind { kind: 2 }), "a run of no topic");
    let endless = [[1].as_slice(), TAG.as_bytes(), &[2, 0xff, 0xff, 0xff, 0x7f]].concat();
    let (got, limit) = (0x0fff_ffff, 1_049_856);
    let many = FrameError::TooMany { what: "bytes of a run", got, limit };
    assert_eq!(told(&head(&endless)), BundleError::Damaged(many));
    let unknown = [[1].as_slice(), TAG.as_bytes(), &[2, 2, 9, 0]].concat();
    let number = FrameError::Number { what: "log", got: 9 };
    assert_eq!(told(&head(&unknown)), BundleError::Damaged(number));
}

#[test]
fn a_log_that_the_file_never_introduced_comes_without_a_header() {
    let mut file = Vec::new();
    let mut writer = BundleWriter::new(COMMUNITY, &mut file);
    let bare = Run { header: None, log: LogId::from_bytes([0x11; 16]), ..run(COMMUNITY, 5, b"x") };
    writer.run(TAG, bare.clone(), &mut file);
    writer.finish(&mut file);

    assert_eq!(read(&file, 50), (vec![bare], Ok(())));
}
