//! Two replicas on an in-memory pipe.

use anyhow::Result;
use linli_core::replica::{Link, Replica};

/// Bytes a pipe takes at a time.
const PIECE: usize = 64 * 1024;

/// A pipe between two replicas, and what has gone through it.
pub(crate) struct Meeting {
    links: [Link; 2],
    /// Bytes, both ways together.
    pub(crate) bytes: usize,
    /// Times the direction of talk turned round: two are a round trip.
    pub(crate) turns: usize,
}

impl Meeting {
    /// Connects two replicas and lets them talk until both are silent.
    pub(crate) fn of(one: &Replica, other: &Replica) -> Result<Self> {
        let links = [one.link(other.device())?, other.link(one.device())?];
        let mut meeting = Self { links, bytes: 0, turns: 0 };
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
            hears.receive(&piece)?;
        }
    }
}
