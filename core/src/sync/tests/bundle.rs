//! The example of a bundle on the format page, byte for byte, and files of every fault.

use crate::{
    event::{Content, Link, LogHeader, Run, tests::documented},
    id::{CommunityId, DeviceId, EpochId, Incarnation, TopicTag},
    key::Signature,
    sync::{BundleError, BundleReader, BundleWriter, FrameError},
};

const COMMUNITY: CommunityId = CommunityId::from_bytes([0x33; 32]);
const TAG: TopicTag = TopicTag::from_bytes([0x66; 16]);

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
    let mut newer = file();
    newer[8] = 3;
    let mut elsewhere = file();
    elsewhere[9] = 0;
    let mut longer = file();
    longer.extend(b"..");
    let mut unmarked = file();
    unmarked[41] = 0;
    let mut unchecked = file();
    unchecked[45] = 9;
    let mut other = file();
    *other.last_mut().expect("a digest") ^= 1;

    assert_eq!(told(b"\x89PNG\r\n\x1a\n"), BundleError::NotABundle);
    assert_eq!(told(&newer), BundleError::Version { ours: 2, theirs: 3 });
    assert_eq!(told(&elsewhere), BundleError::Community);
    assert_eq!(told(&longer), BundleError::Trailing { bytes: 2 });
    assert_eq!(told(&other), BundleError::Digest);
    let value = |what, got| BundleError::Damaged(FrameError::Value { what, got });
    assert_eq!(told(&unmarked), value("a mark", 0));
    assert_eq!(told(&unchecked), value("a record's check", 9));
}

/// A bundle of as many runs, and where each record begins.
fn many(runs: u64) -> (Vec<u8>, Vec<usize>) {
    let (mut file, mut begins) = (Vec::new(), Vec::new());
    let mut writer = BundleWriter::new(COMMUNITY, &mut file);
    for nth in 1..=runs {
        begins.push(file.len());
        writer.run(TAG, &run(COMMUNITY, nth, &vec![7; 40 * nth as usize]), &mut file);
    }
    begins.push(file.len());
    writer.finish(&mut file);
    (file, begins)
}

#[test]
fn what_is_whole_behind_a_hole_is_found() {
    let (file, begins) = many(12);
    let firsts = |file: &[u8], piece| {
        let (runs, end) = read(file, piece);
        assert!(matches!(end, Err(BundleError::Damaged(_) | BundleError::Digest)), "{end:?}");
        runs.into_iter().map(|run| run.first).collect::<Vec<u64>>()
    };
    for piece in [1, 64, 100_000] {
        for (nth, from) in (1..=12).zip(&begins) {
            let others: Vec<u64> = (1..=12).filter(|run| *run != nth).collect();
            // Bytes changed, in its head and so far into it that it is none any more.
            for at in [0, 4, 7, 10, 13 + 16, 13 + 16 + 17 + 1] {
                let mut changed = file.clone();
                changed[from + at] ^= 0x40;
                let found = firsts(&changed, piece);
                assert!(others.iter().all(|run| found.contains(run)), "run {nth}, byte {at}: {found:?}");
            }
            // Bytes lost and bytes put in: what follows is no part of it, whatever its length says.
            for bytes in [1, 3, 30] {
                for at in [14, 20, 31] {
                    let without = [&file[..from + at], &file[from + at + bytes..]].concat();
                    let with = [&file[..from + at], &vec![0x89; bytes], &file[from + at..]].concat();
                    for changed in [without, with] {
                        let found = firsts(&changed, piece);
                        assert!(others.iter().all(|run| found.contains(run)), "run {nth}, byte {at}: {found:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_file_of_beginnings_costs_no_more_than_its_length() {
    let (file, begins) = many(1);
    let head = &file[begins[0]..begins[0] + 13];
    let mut endless = head.to_vec();
    endless[5..9].copy_from_slice(&1_000_000_u32.to_be_bytes());

    // Records within records, each as long as may be.
    let whole = &file[begins[0]..begins[1]];
    let mut nested = Vec::new();
    for _ in 0..2_000 {
        super::super::bundle::put_head(&mut nested, 1, 60_000);
    }
    nested.extend([0; 60_000]);
    nested.extend(whole);
    for garbage in
        [b"\x89R\r\n".repeat(50_000), head.repeat(20_000), endless.repeat(20_000), vec![0x89; 300_000], nested]
    {
        let (runs, end) = read(&[&file[..begins[0]], &garbage, &file[begins[0]..]].concat(), 65_536);
        assert!(runs.len() <= 2 && end.is_err(), "{end:?}");
    }
}

#[test]
fn a_record_of_a_later_version_is_passed_over() {
    let (file, begins) = many(2);
    let mut writer = BundleWriter::new(COMMUNITY, &mut Vec::new());
    let mut later = Vec::new();
    super::super::bundle::put_head(&mut later, 9, 4);
    later.extend(b"late");
    let body = [&file[begins[0]..begins[1]], &later, &file[begins[1]..begins[2]]].concat();
    writer.hash_in(&body);
    let mut end = Vec::new();
    writer.finish(&mut end);

    let (runs, told) = read(&[&file[..begins[0]], &body, &end].concat(), 50);

    assert_eq!((runs.len(), told), (2, Ok(())));
}

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
    both().iter().for_each(|run| writer.run(TAG, run, &mut file));
    writer.finish(&mut file);
    file
}

/// All runs of a file that comes in pieces of this size, and what is wrong with it.
fn read(file: &[u8], piece: usize) -> (Vec<Run>, Result<(), BundleError>) {
    let (mut reader, mut runs) = (BundleReader::new(COMMUNITY), Vec::new());
    for piece in file.chunks(piece).map(Some).chain([None]) {
        match piece {
            Some(piece) => reader.push(piece),
            None => reader.close(),
        }
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
