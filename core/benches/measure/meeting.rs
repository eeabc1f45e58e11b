//! Two replicas on an in-memory pipe.

use std::time::{Duration, Instant};

use anyhow::Result;
use linli_core::{
    net::Conversation,
    replica::{Link, Replica},
    sync::Framer,
};

use crate::cpu;

/// Bytes a pipe takes at a time.
const PIECE: usize = 64 * 1024;

/// A pipe between two replicas, and what has gone through it.
pub(crate) struct Meeting {
    links: [Link; 2],
    /// Bytes, both ways together.
    pub(crate) bytes: usize,
    /// Times the direction of talk turned round: two are a round trip.
    pub(crate) turns: usize,
    /// Turns before the first that carried events.
    pub(crate) turns_before_runs: Option<usize>,
    /// Time that the second replica spent on what the first said, and its processor time.
    pub(crate) spent_hearing: (Duration, Duration),
    framers: [Framer; 2],
}

impl Meeting {
    /// Connects two replicas and lets them talk until both are silent.
    pub(crate) fn of(one: &Replica, other: &Replica) -> Result<Self> {
        let links = [one.link(other.device())?, other.link(one.device())?];
        let mut meeting = Self {
            links,
            bytes: 0,
            turns: 0,
            turns_before_runs: None,
            spent_hearing: Default::default(),
            framers: Default::default(),
        };
        meeting.talk()?;
        Ok(meeting)
    }

    /// Lets them talk until both are silent.
    pub(crate) fn talk(&mut self) -> Result<()> {
        let (mut silent, mut speaker) = (0, 0);
        while silent < 2 {
            let said = self.say(speaker)?;
            self.turns += usize::from(said);
            silent = if said { 0 } else { silent + 1 };
            speaker = 1 - speaker;
        }
        Ok(())
    }

    /// One side says all it has; whether it had anything.
    fn say(&mut self, speaker: usize) -> Result<bool> {
        let [one, other] = &mut self.links;
        let (speaks, hears) = if speaker == 0 { (one, other) } else { (other, one) };
        let before = self.bytes;
        loop {
            let piece = speaks.send(PIECE)?;
            if piece.is_empty() {
                return Ok(self.bytes > before);
            }
            self.bytes += piece.len();
            let Some(framer) = self.framers.get_mut(speaker) else { continue };
            framer.push(&piece);
            while let Some(frame) = framer.next_frame()? {
                if matches!(frame.first(), Some(4..=6)) {
                    self.turns_before_runs.get_or_insert(self.turns);
                }
            }
            let (wall, user) = (Instant::now(), cpu::user()?);
            hears.receive(&piece)?;
            if speaker == 0 {
                self.spent_hearing.0 += wall.elapsed();
                self.spent_hearing.1 += cpu::user()?.saturating_sub(user);
            }
        }
    }
}
