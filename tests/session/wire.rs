//! Simulated pipes: a latency, a rate, a clock that only the test moves, and counters of all that went through.

use std::{collections::BTreeMap, collections::VecDeque, time::Duration};

use linli_core::{
    net::Conversation,
    replica::LinkError,
    sync::Framer,
    time::{Clock, ManualClock},
};

/// Kinds of frames that tests speak of: the first byte of each.
pub(crate) const RUNS: [u8; 3] = [4, 5, 6];
pub(crate) const ANNOUNCE: u8 = 8;
pub(crate) const PULL: u8 = 9;

/// One end of a pipe: a replica's link, or a session over a keeper of logs.
pub(crate) type End = dyn Conversation<Error = LinkError>;

/// What a pipe can do, the same both ways.
#[derive(Clone, Copy)]
pub(crate) struct Pipe {
    /// Milliseconds from one end to the other.
    pub(crate) latency: u64,
    /// Bytes a second, if there is a limit.
    pub(crate) rate: Option<u64>,
}

pub(crate) const FAST: Pipe = Pipe { latency: 10, rate: None };

/// One direction of a pipe.
#[derive(Default)]
pub(crate) struct Way {
    on_the_way: VecDeque<(u64, Vec<u8>)>,
    free_at: u64,
    framer: Framer,
    /// Bytes that went in, lengths of frames included.
    pub(crate) bytes: usize,
    /// Frames that went in whole, by their first byte.
    pub(crate) frames: BTreeMap<u8, usize>,
    /// When the first runs went in.
    pub(crate) first_runs: Option<u64>,
    /// All that went in.
    pub(crate) said: Vec<u8>,
}

impl Way {
    fn note(&mut self, piece: &[u8], now: u64) {
        self.bytes += piece.len();
        self.said.extend_from_slice(piece);
        self.framer.push(piece);
        while let Some(frame) = self.framer.next_frame().expect("honest ends send frames") {
            *self.frames.entry(frame[0]).or_default() += 1;
            if RUNS.contains(&frame[0]) {
                self.first_runs.get_or_insert(now);
            }
        }
    }
}

/// Two ends and what is between them.
pub(crate) struct Wire {
    pub(crate) ends: [Box<End>; 2],
    /// From the first end, and from the second.
    pub(crate) ways: [Way; 2],
    pipe: Pipe,
}

impl Wire {
    pub(crate) fn new(
        one: impl Conversation<Error = LinkError> + 'static,
        other: impl Conversation<Error = LinkError> + 'static,
        pipe: Pipe,
    ) -> Self {
        Self { ends: [Box::new(one), Box::new(other)], ways: [Way::default(), Way::default()], pipe }
    }

    /// Bytes of both ways.
    pub(crate) fn bytes(&self) -> usize {
        self.ways.iter().map(|way| way.bytes).sum()
    }

    /// Frames of both ways, of these kinds.
    pub(crate) fn frames_of(&self, kinds: &[u8]) -> usize {
        kinds.iter().flat_map(|kind| self.ways.iter().filter_map(|way| way.frames.get(kind))).sum()
    }

    /// Frames of both ways.
    pub(crate) fn frames(&self) -> usize {
        self.ways.iter().flat_map(|way| way.frames.values()).sum()
    }

    /// What arrives now, what is due now, and what goes in now. Says whether there was anything.
    fn step(&mut self, now: u64) -> Result<bool, LinkError> {
        let mut busy = false;
        for side in [0, 1] {
            while self.ways[side].on_the_way.front().is_some_and(|(due, _)| *due <= now) {
                let (_, piece) = self.ways[side].on_the_way.pop_front().expect("just seen");
                self.ends[1 - side].receive(&piece)?;
                busy = true;
            }
        }
        for side in [0, 1] {
            if self.ends[side].deadline().is_some_and(|due| due.0 <= now) {
                self.ends[side].tick()?;
            }
            busy |= self.fill(side, now)?;
        }
        Ok(busy || self.ways.iter().any(|way| !way.on_the_way.is_empty()))
    }

    fn fill(&mut self, side: usize, now: u64) -> Result<bool, LinkError> {
        let (piece, mut busy) = (if self.pipe.rate.is_some() { 500 } else { 64 * 1024 }, false);
        while self.ways[side].free_at <= now {
            let piece = self.ends[side].send(piece)?;
            if piece.is_empty() {
                break;
            }
            busy = true;
            let way = &mut self.ways[side];
            if let Some(rate) = self.pipe.rate {
                way.free_at = way.free_at.max(now.saturating_sub(STEP)) + piece.len() as u64 * 1000 / rate;
            }
            way.note(&piece, now);
            way.on_the_way.push_back((way.free_at.max(now) + self.pipe.latency, piece));
        }
        Ok(busy)
    }
}

/// Milliseconds of one step.
pub(crate) const STEP: u64 = 10;

/// Lets time pass over wires while `go_on` says so, at most ten minutes.
///
/// # Panics
/// When an end gives up.
pub(crate) fn pass(clock: &ManualClock, wires: &mut [Wire], mut go_on: impl FnMut(&[Wire], bool) -> bool) {
    for _ in 0..60_000 {
        let (now, mut busy) = (clock.mono().0, false);
        for wire in wires.iter_mut() {
            busy |= wire.step(now).expect("honest ends agree");
        }
        if !go_on(wires, busy) {
            return;
        }
        clock.advance(Duration::from_millis(STEP));
    }
    panic!("not done after ten minutes");
}

/// Lets time pass until nothing was said for a second.
pub(crate) fn settle(clock: &ManualClock, wires: &mut [Wire]) {
    let mut quiet = 0;
    pass(clock, wires, |_, busy| {
        quiet = if busy { 0 } else { quiet + 1 };
        quiet < 1000 / STEP
    });
}
