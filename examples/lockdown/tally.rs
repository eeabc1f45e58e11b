//! What was seen during a replay: sums and sets, so that it does not matter in which order they are joined.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::id::Reference;

/// What one thread saw, or all of them together.
#[derive(Default)]
pub(crate) struct Tally {
    /// Meetings that ended in step.
    pub meetings: u64,
    /// Meetings whose pipe broke.
    pub cut: u64,
    /// Of these, with a part of a frame already through.
    pub cut_mid_frame: u64,
    /// Meetings that did not come about because a building was cut off.
    pub kept_apart: u64,
    /// Meetings that ended in step and brought somebody news.
    pub with_news: u64,
    /// Syncs with the relay.
    pub relayed: u64,
    /// Bytes through all pipes.
    pub bytes: u64,
    /// What was done, by its name.
    pub done: BTreeMap<&'static str, u64>,
    /// What was refused, by its name and the reason's code.
    pub refused: BTreeMap<(&'static str, String), u64>,
    /// Facts that contradicted what the phone knew and were written down all the same.
    pub insisted: u64,
    /// Orders that some phone showed as contested.
    pub contested: BTreeSet<Reference>,
    /// Of all orders, those that a leader resolved.
    pub resolved: BTreeSet<Reference>,
    /// Of all orders, those that somebody gave up.
    pub released: BTreeSet<Reference>,
    /// Aggregates that some phone showed with conflicting edits.
    pub conflicting: BTreeSet<Reference>,
    /// Conflicts in which somebody chose.
    pub chosen: u64,
    /// Lots that some phone showed as uncertain.
    pub uncertain: BTreeSet<Reference>,
    /// What must not happen: by the number of the step, so that the first can be named.
    pub failures: BTreeMap<usize, String>,
}

impl Tally {
    /// Adds what another thread saw.
    pub(crate) fn join(&mut self, other: Tally) {
        self.meetings += other.meetings;
        self.with_news += other.with_news;
        self.cut += other.cut;
        self.cut_mid_frame += other.cut_mid_frame;
        self.kept_apart += other.kept_apart;
        self.relayed += other.relayed;
        self.bytes += other.bytes;
        self.insisted += other.insisted;
        self.chosen += other.chosen;
        other.done.into_iter().for_each(|(name, count)| *self.done.entry(name).or_default() += count);
        other.refused.into_iter().for_each(|(name, count)| *self.refused.entry(name).or_default() += count);
        self.contested.extend(other.contested);
        self.resolved.extend(other.resolved);
        self.released.extend(other.released);
        self.conflicting.extend(other.conflicting);
        self.uncertain.extend(other.uncertain);
        self.failures.extend(other.failures);
    }
}
