//! Holes: entries of a version vector that say which bodies of a log somebody lacks (R5).
//!
//! A hole stands beside the heads, names events and stands for none. It refuses to know why their bodies are gone.

use super::Entry;
use crate::id::{LogId, ShortId};

/// Holes stand at places where no event does: 1 bit, the place of the first event in 40, how many follow on it in 23.
const HOLE: u64 = 1 << 63;
const FOLLOW_BITS: u32 = 23;
/// How many events follow on the first where the last is not told.
const OPEN: u64 = (1 << FOLLOW_BITS) - 1;
/// The last place that can be told; no log is so long.
const LAST: u64 = (1 << (63 - FOLLOW_BITS)) - 1;

/// Events of one chain, each following on the one before, whose bodies somebody lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hole {
    /// The place of the first; below 2^40.
    pub first: u64,
    /// The place of the last. `None` where there are more such events than are told apart: this is all of them from the first
    /// on, on whatever branch.
    pub last: Option<u64>,
    /// The beginning of the last one's id. Where that is not told, a mark that is the same for those who lack the same.
    pub tip: [u8; Hole::TIP],
}

impl Hole {
    /// Bytes of a tip.
    pub const TIP: usize = ShortId::LEN;

    /// The beginning of an id, or of another mark.
    pub fn tip_of(bytes: &[u8; 32]) -> [u8; Self::TIP] {
        let mut tip = [0; Self::TIP];
        tip.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        tip
    }

    /// Whether events from one place up to another may be among those whose bodies are lacking.
    pub fn meets(&self, first: u64, last: u64) -> bool {
        self.first <= last && self.last.is_none_or(|end| first <= end)
    }
}

impl Entry {
    /// What a vector says beside the heads of a log of which bodies are missing (R5). What is as long as 2^23 events is left open.
    pub fn hole(log: LogId, hole: Hole) -> Self {
        let follow = hole.last.map(|last| last.saturating_sub(hole.first)).filter(|follow| *follow < OPEN);
        let seq = HOLE | (hole.first.min(LAST) << FOLLOW_BITS) | follow.unwrap_or(OPEN);
        Self { log, seq, short: ShortId::from_bytes(hole.tip) }
    }

    /// What it says to be missing, if it says that.
    pub fn as_hole(&self) -> Option<Hole> {
        let (first, follow) = ((self.seq & !HOLE) >> FOLLOW_BITS, self.seq & OPEN);
        let last = (follow != OPEN).then(|| first.saturating_add(follow));
        self.is_hole().then_some(Hole { first, last, tip: *self.short.as_bytes() })
    }

    /// Whether it says that bodies are missing.
    pub fn is_hole(&self) -> bool {
        self.seq & HOLE != 0
    }
}
