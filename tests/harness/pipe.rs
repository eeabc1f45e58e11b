//! In-memory pipes between two replicas: pieces of any size, breaks anywhere.

use linli_core::{
    net::{Conversation, NetError, PipeSession},
    replica::{Link, LinkError, Replica},
    sync::Framer,
};
use rand::{Rng, RngExt};

/// When a pipe breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Not at all: it is closed when both are in step and silent.
    Never,
    /// After so many bytes, both ways together, wherever in a frame that is.
    After(usize),
}

/// How a meeting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Both had said everything.
    InStep,
    /// The pipe broke.
    Cut {
        /// Whether a part of a frame had come through.
        mid_frame: bool,
    },
    /// One side gave up.
    Failed(LinkError),
}

/// What happened at a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// How it ended.
    pub ended: Ended,
    /// Bytes delivered, both ways together.
    pub bytes: usize,
    /// Times the direction of talk turned round: two are a round trip.
    pub turns: usize,
    /// Events that one side sent and the other turned away, both ways together.
    pub not_taken: u64,
}

/// Lets two replicas sync over a pipe that delivers pieces of random size.
pub fn meet(one: &Replica, other: &Replica, dice: &mut impl Rng, end: Break) -> Meeting {
    let mut meeting = Meeting { ended: Ended::InStep, bytes: 0, turns: 0, not_taken: 0 };
    if let Err(error) = talk(one, other, dice, end, &mut meeting) {
        meeting.ended = Ended::Failed(error);
    }
    meeting
}

fn talk(
    one: &Replica,
    other: &Replica,
    dice: &mut impl Rng,
    end: Break,
    meeting: &mut Meeting,
) -> Result<(), LinkError> {
    let mut links = [one.link(other.device())?, other.link(one.device())?];
    let mut framers = [Framer::new(), Framer::new()];
    let mut silent = 0;
    let mut speaker = 0;
    while silent < 2 {
        let said = say(&mut links, &mut framers[speaker], speaker, dice, end, meeting)?;
        if matches!(meeting.ended, Ended::Cut { .. }) {
            return Ok(());
        }
        meeting.turns += usize::from(said);
        silent = if said { 0 } else { silent + 1 };
        speaker = 1 - speaker;
    }
    meeting.not_taken = links.iter().map(|link| link.progress().not_taken.all()).sum();
    Ok(())
}

/// One side says all it has; whether it had anything.
fn say(
    links: &mut [Link; 2],
    framer: &mut Framer,
    speaker: usize,
    dice: &mut impl Rng,
    end: Break,
    meeting: &mut Meeting,
) -> Result<bool, LinkError> {
    let mut said = false;
    loop {
        let mut piece = links[speaker].send(dice.random_range(1..6_000))?;
        if piece.is_empty() {
            return Ok(said);
        }
        said = true;
        if let Break::After(limit) = end
            && meeting.bytes + piece.len() > limit
        {
            piece.truncate(limit - meeting.bytes);
            meeting.ended = Ended::Cut { mid_frame: false };
        }
        if matches!(end, Break::After(_)) {
            framer.push(&piece);
            while framer.next_frame()?.is_some() {}
        }
        if let Ended::Cut { mid_frame } = &mut meeting.ended {
            *mid_frame = !framer.is_empty();
        }
        meeting.bytes += piece.len();
        links[1 - speaker].receive(&piece)?;
        if meeting.ended != Ended::InStep {
            return Ok(true);
        }
    }
}

/// What happens to bytes on their way: which end sends them, and the bytes.
pub type Tamper<'a> = &'a mut dyn FnMut(usize, Vec<u8>) -> Vec<u8>;

/// Carries pieces between two ends until both are silent, or one gives up.
///
/// # Errors
/// Why, and which end.
pub fn carry(ends: &mut [PipeSession; 2], piece: usize, tamper: Tamper<'_>) -> Result<(), (usize, NetError)> {
    let mut silent = 0;
    while silent < 2 {
        for from in [0, 1] {
            let sent = ends[from].send(piece).map_err(|why| (from, why))?;
            silent = if sent.is_empty() { silent + 1 } else { 0 };
            let come = tamper(from, sent);
            ends[1 - from].receive(&come).map_err(|why| (1 - from, why))?;
        }
    }
    Ok(())
}
