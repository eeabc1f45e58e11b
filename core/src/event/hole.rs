//! Holes: which bodies of a log somebody lacks, as lines of a version vector say it beside the heads (R5).
//!
//! A hole names events and stands for none. It refuses to know why their bodies are gone.

use super::Entry;
use crate::id::{LogId, ShortId};

/// Holes stand at places where no event does.
const HOLE: u64 = 1 << 63;
/// How many events follow on the first where the last is not told.
const OPEN: u32 = u32::MAX;

/// Events of one chain, each following on the one before, whose bodies somebody lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hole {
    /// The place of the first; below 2^63.
    pub first: u64,
    /// The place of the last. `None` where there are more such events than are told apart: this is all of them from the first
    /// on, on whatever branch.
    pub last: Option<u64>,
    /// The beginning of the last one's id. Where that is not told, a mark that is the same for those who lack the same.
    pub tip: [u8; Hole::TIP],
}

impl Hole {
    /// Bytes of a tip.
    pub const TIP: usize = 12;

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
    /// What a vector says beside the heads of a log of which bodies are missing (R5). What is longer than 2^32 events is left open.
    pub fn hole(log: LogId, hole: Hole) -> Self {
        let more = hole.last.and_then(|last| u32::try_from(last.saturating_sub(hole.first)).ok()).unwrap_or(OPEN);
        let mut short = [0; ShortId::LEN];
        let told = hole.tip.into_iter().chain(more.to_be_bytes());
        short.iter_mut().zip(told).for_each(|(to, from)| *to = from);
        Self { log, seq: hole.first | HOLE, short: ShortId::from_bytes(short) }
    }

    /// What it says to be missing, if it says that.
    pub fn as_hole(&self) -> Option<Hole> {
        let (tip, more) = self.short.as_bytes().split_first_chunk()?;
        let more = u32::from_be_bytes(more.try_into().ok()?);
        let first = self.seq & !HOLE;
        let last = (more != OPEN).then(|| first.saturating_add(more.into()));
        self.is_hole().then_some(Hole { first, last, tip: *tip })
    }

    /// Whether it says that bodies are missing.
    pub fn is_hole(&self) -> bool {
        self.seq & HOLE != 0
    }
}
