//! Files and frames that are none.

use linli_core::{
    event::Run,
    id::{CommunityId, TopicTag},
    limits,
    sync::{BundleWriter, frame_to_bytes},
};
use rand::Rng;

fn noise(dice: &mut impl Rng, bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    dice.fill_bytes(&mut noise);
    noise
}

/// Files of garbage behind a true beginning, with promised lengths, and with one run a thousand times.
pub(crate) fn files(dice: &mut impl Rng, community: CommunityId, topic: TopicTag, run: &Run) -> Vec<Vec<u8>> {
    let mut head = Vec::new();
    let _writer = BundleWriter::new(community, &mut head);
    let mut files = vec![noise(dice, 1 << 20), [head.clone(), noise(dice, 1 << 20)].concat()];
    // Beginnings of records, true ones too, that promise what does not come.
    let mark = b"\x89R\r\n".as_slice();
    let mut one = Vec::new();
    BundleWriter::new(community, &mut Vec::new()).run(topic, run, &mut one);
    let true_head = one.get(..13).unwrap_or_default();
    for beginning in [mark, &[mark, &[1, 0, 0x10, 0, 0, 0, 0, 0, 0]].concat(), true_head, &[0x89]] {
        files.push([head.clone(), beginning.repeat((1 << 20) / beginning.len())].concat());
    }
    let mut again = Vec::new();
    let mut writer = BundleWriter::new(community, &mut again);
    // As much as is read at once.
    let times = limits::BUNDLE_BATCH / (24 * 1024);
    (0..times).for_each(|_| writer.run(topic, run, &mut again));
    writer.finish(&mut again);
    files.push(again);
    files
}

/// Frames of every kind that promise more than they hold, and noise.
pub(crate) fn frames(dice: &mut impl Rng, community: CommunityId) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for kind in 0..=15 {
        for count in [vec![0xff; 9], vec![0xff, 0xff, 0x03], vec![0xff, 0xff, 0xff, 0xff, 0x07], vec![0x00], vec![0x7f]]
        {
            for rest in [0, 100, limits::FRAME - 60] {
                let body = [&[kind][..], &count, &noise(dice, rest)].concat();
                frames.push(frame_to_bytes(&body));
                let body = [&[kind][..], community.as_bytes(), &count, &vec![0x80; rest.min(1_000)]].concat();
                frames.push(frame_to_bytes(&body));
            }
        }
    }
    // Lengths that no frame has.
    frames.extend([vec![0xff; 16], vec![0x80; 4_096], vec![0x00; 4_096]]);
    frames
}
