//! Presence: whether the peer of a connection is still there.
//!
//! A pipe that takes bytes does not tell: the kernel of a frozen process goes on taking them. So this module is told
//! what was heard and said, and tells when to ask for a sign of life and when there is none. All connections of a
//! device ask at the same beats of its clock, so that it wakes once for all of them. It refuses to know what a sign is.

use std::time::Duration;

use crate::{limits, time::Mono};

/// Milliseconds behind something heard within which a few bytes are taken for an answer, which needs none.
const ANSWERING: u64 = 1_000;
/// Bytes of such an answer: a *pong* and a few acknowledgements, sealed. News takes more.
const ANSWER: u64 = 36;

/// What one end of a connection knows of the other.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    /// Milliseconds between two beats.
    every: u64,
    /// Milliseconds of silence behind which a sign is asked for at the next beat.
    after: u64,
    heard: Mono,
    /// When something was first said that nothing was heard since, and how many bytes since then.
    said: Option<(Mono, u64)>,
    /// Bytes said in answer to what was heard last.
    answered: u64,
    /// When a sign was asked for that did not come.
    asked: Option<Mono>,
    last_asked: Mono,
    /// When it was looked last, where signs are seen by looking alone.
    looked: Option<Mono>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing is to be done yet.
    Wait,
    /// Ask for a sign of life.
    Ask,
    /// There is none.
    Gone,
}

impl Presence {
    /// For a pipe, whose peer is asked once nothing was heard for most of two beats.
    pub(super) fn new(every: Duration, now: Mono) -> Self {
        let every = u64::try_from(every.as_millis()).unwrap_or(u64::MAX).max(1);
        let after = every.saturating_mul(7) / 4;
        Self { every, after, heard: now, said: None, answered: 0, asked: None, last_asked: now, looked: None }
    }

    /// The same for the end that waits, which asks half a beat later: of two ends one asks.
    pub(super) fn later(self) -> Self {
        Self { after: self.after.saturating_add(self.every / 2), ..self }
    }

    /// The same where a sign is not heard, and seen by looking: at the beats, so that nobody wakes for it.
    pub(super) fn by_looking(self) -> Self {
        Self { looked: Some(self.heard), ..self }
    }

    /// The same, asked at each beat, for a router on the way that would forget the connection.
    pub(super) fn at_each_beat(self) -> Self {
        Self { after: self.every / 2, ..self }
    }

    /// Something came from the peer.
    pub(super) fn hear(&mut self, now: Mono) {
        self.heard = now;
        self.live();
    }

    /// The peer lives, and still is to be asked at each beat.
    pub(super) fn live(&mut self) {
        (self.said, self.answered, self.asked) = (None, 0, None);
    }

    /// So many bytes went out.
    pub(super) fn say(&mut self, bytes: usize, now: Mono) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        if let Some((_, before)) = &mut self.said {
            *before = before.saturating_add(bytes);
            return;
        }
        let answering = now.since(self.heard) < ANSWERING;
        self.answered = self.answered.saturating_add(bytes);
        if !answering || self.answered > ANSWER {
            self.said = Some((now, self.answered.max(bytes)));
        }
    }

    /// Looks at the clock.
    pub(super) fn look(&mut self, now: Mono) -> Look {
        let due = self.due();
        self.looked = self.looked.map(|_| now);
        match self.asked {
            _ if now < due => Look::Wait,
            Some(asked) if now < self.wait(asked, limits::ANSWER_MS) => Look::Wait,
            Some(_) => Look::Gone,
            None => {
                (self.asked, self.last_asked) = (Some(now), now);
                Look::Ask
            }
        }
    }

    /// When to [`look`](Self::look), at the latest.
    pub(super) fn due(&self) -> Mono {
        match (self.asked, self.said, self.looked) {
            (Some(_), None, Some(looked)) => self.beat_behind(looked.0.saturating_add(1)),
            (Some(asked), ..) => self.wait(asked, limits::ANSWER_MS),
            (None, Some((said, _)), _) => self.wait(said, limits::ASK_MS).min(self.beat()),
            (None, None, _) => self.beat(),
        }
    }

    fn wait(&self, from: Mono, ms: u64) -> Mono {
        // A sign of life may stand behind all that was said.
        let slow = self.said.map_or(0, |(_, bytes)| bytes / limits::SLOWEST_PIPE);
        Mono(from.0.saturating_add(ms).saturating_add(slow))
    }

    /// The first beat behind enough silence.
    fn beat(&self) -> Mono {
        self.beat_behind(self.heard.max(self.last_asked).0.saturating_add(self.after))
    }

    fn beat_behind(&self, at: u64) -> Mono {
        Mono(at.div_ceil(self.every).saturating_mul(self.every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    const EVERY: Duration = Duration::from_millis(limits::KEEP_ALIVE_MS);

    /// Looks whenever it is due, until then; what was done, and when.
    fn looks(presence: &mut Presence, end: u64, answers: bool) -> Vec<(u64, Look)> {
        let mut done = Vec::new();
        while presence.due().0 <= end {
            let now = presence.due();
            let look = presence.look(now);
            done.push((now.0, look));
            match look {
                Look::Gone => break,
                Look::Ask if answers => presence.hear(now),
                Look::Ask | Look::Wait => {}
            }
        }
        done
    }

    /// Both ends of a pipe and both of QUIC, with the most that each may take to miss a peer when nothing is said.
    fn ends(now: u64) -> [(Presence, u64); 4] {
        let new = || Presence::new(EVERY, Mono(now));
        [
            (new(), 135_000),
            (new().later(), 155_000),
            (new().by_looking().at_each_beat(), 100_000),
            (new().by_looking(), 150_000),
        ]
    }

    /// The most that each of the four takes to miss a peer, wherever between two beats that begins, and whenever behind
    /// it something is said.
    fn longest(says: Option<u64>) -> [u64; 4] {
        let mut longest = [0; 4];
        for begin in (0..HOUR).step_by(777) {
            for (end, (mut presence, _)) in ends(begin).into_iter().enumerate() {
                let said = begin + says.unwrap_or(0);
                if says.is_some() {
                    looks(&mut presence, said, false);
                    presence.say(500, Mono(said));
                }
                let last = looks(&mut presence, 2 * HOUR, false).pop().expect("it looks");
                assert_eq!(last.1, Look::Gone);
                longest[end] = longest[end].max(last.0.saturating_sub(said));
            }
        }
        longest
    }

    #[test]
    fn an_idle_peer_that_is_frozen_is_noticed_within_three_minutes() {
        let longest = longest(None);

        let most = ends(0).map(|(_, most)| most);
        assert!(longest.iter().zip(most).all(|(longest, most)| *longest <= most), "{longest:?} of {most:?} ms");
        assert!(most.iter().all(|most| *most <= 3 * MINUTE));
    }

    #[test]
    fn while_there_is_something_to_say_it_is_noticed_within_a_minute() {
        for waits in [1, ANSWERING, 5_000, 30_000, 39_999, 55_000] {
            let longest = longest(Some(waits));

            assert!(longest.iter().all(|longest| *longest <= 46_000), "{longest:?} ms, said after {waits}");
        }
    }

    #[test]
    fn an_idle_connection_wakes_nobody_more_often_than_once_in_forty_seconds() {
        let (mut pipe, mut quic) = (Presence::new(EVERY, Mono(7)), Presence::new(EVERY, Mono(9)).at_each_beat());

        let (pipe, quic) = (looks(&mut pipe, HOUR, true), looks(&mut quic, HOUR, true));

        assert!((pipe.len(), quic.len()) <= (45, 90), "{} {}", pipe.len(), quic.len());
        let both = pipe.iter().chain(&quic).map(|(at, _)| *at).collect::<std::collections::BTreeSet<_>>();
        assert!(both.len() <= 90, "one beat for both");
        assert!(both.iter().all(|at| at % limits::KEEP_ALIVE_MS == 0));
    }

    #[test]
    fn of_two_ends_one_asks_at_a_time() {
        let mut ends = [Presence::new(EVERY, Mono(0)), Presence::new(EVERY, Mono(0))];
        let mut asked = 0;
        // Their clocks do not run together: one is half a beat ahead.
        let offset = [0, limits::KEEP_ALIVE_MS / 2];
        for now in (0..HOUR).step_by(1_000) {
            for end in 0..2 {
                if ends[end].look(Mono(now + offset[end])) == Look::Ask {
                    asked += 1;
                    ends[1 - end].hear(Mono(now + offset[1 - end]));
                    ends[end].hear(Mono(now + offset[end]));
                }
            }
        }

        assert!(asked <= 60, "{asked} questions in an hour, of at most four packets each");
    }

    #[test]
    fn an_answer_needs_no_answer_and_a_slow_pipe_gets_its_time() {
        let mut presence = Presence::new(EVERY, Mono(0));
        presence.hear(Mono(10_000));

        presence.say(26, Mono(10_500));
        assert_eq!(presence.said, None);

        presence.say(1 << 20, Mono(20_000));
        assert_eq!(presence.look(Mono(60_000)), Look::Wait, "a mebibyte takes four minutes");
    }

    #[test]
    fn who_slept_asks_before_it_despairs() {
        let mut presence = Presence::new(EVERY, Mono(0));
        presence.say(100, Mono(5_000));

        assert_eq!(presence.look(Mono(8 * HOUR)), Look::Ask);
    }
}
