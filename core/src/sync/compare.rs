//! Comparing one topic: both sides say at once what they hold, by buckets first where that is long.

use std::collections::BTreeSet;

use super::{
    Digest, SessionError, Vector,
    entries::{BUCKETS, bucket},
    frame::{ENTRIES, Frame},
};
use crate::{event::Entry, limits};

/// Entries of one topic that are kept of one peer.
pub(super) const KEPT: usize = 65_536;

/// One topic whose digests differ, until the peer's vector is known.
#[derive(Debug)]
pub(super) struct Compare {
    /// Our vector when the hello was said: comparing speaks of this, whatever is appended meanwhile.
    ours: Vector,
    /// Whether all our entries were sent, not buckets.
    sent_all: bool,
    /// The buckets that differ, once both sides' are known.
    differing: Option<BTreeSet<usize>>,
    /// What the peer has listed so far.
    listed: Vec<Entry>,
}

/// What a step of comparing leads to.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Frames to send, in order.
    pub(super) frames: Vec<Vec<u8>>,
    /// What the peer holds, once that is known. Then comparing is over.
    pub(super) theirs: Option<Vector>,
}

impl Compare {
    /// Says what we hold. `number` is ours for the topic.
    pub(super) fn begin(number: u8, ours: Vector) -> (Self, Vec<Vec<u8>>) {
        let sent_all = ours.logs().len() <= limits::ENTRIES_WITHOUT_BUCKETS;
        let frames = if sent_all {
            list(number, &ours.iter().collect::<Vec<_>>())
        } else {
            vec![Frame::Buckets { topic: number, digests: ours.buckets() }.to_bytes()]
        };
        (Self { ours, sent_all, differing: None, listed: Vec::new() }, frames)
    }

    /// The peer's buckets: its entries of those that differ will follow.
    pub(super) fn buckets(&mut self, number: u8, theirs: &[Digest]) -> Result<Step, SessionError> {
        if self.differing.is_some() || !self.listed.is_empty() {
            return Err(SessionError::OutOfTurn { got: "buckets", state: "entries are listed" });
        }
        let differing = self.differing_from(theirs);
        let frames = if self.sent_all { Vec::new() } else { self.list_of(number, &differing) };
        self.differing = Some(differing);
        Ok(Step { frames, theirs: None })
    }

    /// The peer's entries, or some of them.
    pub(super) fn entries(&mut self, number: u8, entries: &[Entry], more: bool) -> Result<Step, SessionError> {
        let first = entries.first();
        if first.is_some_and(|first| self.listed.last().is_some_and(|last| last >= first)) || (more && first.is_none())
        {
            return Err(super::FrameError::Order.into());
        }
        if let Some(differing) = &self.differing
            && entries.iter().any(|entry| !differing.contains(&bucket(entry.log)))
        {
            return Err(SessionError::OutOfTurn { got: "an entry", state: "its bucket is equal" });
        }
        self.listed.extend(entries);
        if self.listed.len() > KEPT {
            return Err(SessionError::TooMany { what: "entries", limit: KEPT });
        }
        if more { Ok(Step::default()) } else { Ok(self.finish(number)) }
    }

    fn finish(&mut self, number: u8) -> Step {
        let mut theirs: Vector = std::mem::take(&mut self.listed).into_iter().collect();
        if let Some(differing) = &self.differing {
            self.ours
                .iter()
                .filter(|entry| !differing.contains(&bucket(entry.log)))
                .for_each(|same| theirs.insert(same));
            return Step { frames: Vec::new(), theirs: Some(theirs) };
        }
        let frames =
            if self.sent_all { Vec::new() } else { self.list_of(number, &self.differing_from(&theirs.buckets())) };
        Step { frames, theirs: Some(theirs) }
    }

    fn differing_from(&self, theirs: &[Digest]) -> BTreeSet<usize> {
        let ours = self.ours.buckets();
        (0..BUCKETS).filter(|which| ours.get(*which) != theirs.get(*which)).collect()
    }

    fn list_of(&self, number: u8, buckets: &BTreeSet<usize>) -> Vec<Vec<u8>> {
        list(number, &self.ours.iter().filter(|entry| buckets.contains(&bucket(entry.log))).collect::<Vec<_>>())
    }
}

/// As many frames as the list needs; one if it is empty.
fn list(topic: u8, entries: &[Entry]) -> Vec<Vec<u8>> {
    let last = entries.len().div_ceil(ENTRIES).saturating_sub(1);
    (0..=last)
        .map(|which| {
            let part = entries.iter().skip(which * ENTRIES).take(ENTRIES).copied().collect();
            Frame::Entries { topic, more: which < last, entries: part }.to_bytes()
        })
        .collect()
}
