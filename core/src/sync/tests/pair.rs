//! Two sessions that talk about one log of which nothing is ever sent: what each is to look up for the other.

use super::log::{COMMON, COMMUNITY, TOPICS, keys};
use crate::{
    event::Entry,
    id::{LogId, ShortId, TopicTag},
    limits,
    sync::{Config, Input, Output, Session, words::Wanted},
    time::Mono,
};

pub(super) const LOG: LogId = LogId::from_bytes([7; LogId::LEN]);

pub(super) fn head(seq: u64) -> Entry {
    Entry { log: LOG, seq, short: ShortId::from_bytes([9; ShortId::LEN]) }
}

/// Two that talk: what each holds of the log, and what each was to look up.
pub(super) struct Pair {
    pub(super) sessions: [Session; 2],
    pub(super) searched: [Vec<Wanted>; 2],
    pub(super) sent: usize,
    now: Mono,
}

impl Pair {
    pub(super) fn of(held: [&[Entry]; 2]) -> Self {
        let session = |which: usize| {
            let of_topic = |topic: TopicTag| if topic == COMMON { held[which] } else { &[] };
            let topics = TOPICS.map(|topic| (topic, of_topic(topic).iter().copied().collect())).to_vec();
            let device = keys(which as u64).device();
            Session::new(Config { community: COMMUNITY, device, topics, nonce: [which as u8; 8] }, Mono(1_000))
        };
        let mut pair = Self { sessions: [0, 1].map(session), searched: Default::default(), sent: 0, now: Mono(1_000) };
        pair.talk();
        pair
    }

    /// Until nobody says anything more. Whatever is looked up, nothing of it is there.
    fn talk(&mut self) {
        let mut quiet = 0;
        while quiet < 2 {
            quiet += 1;
            for which in [0, 1] {
                while let Some(output) = self.sessions[which].poll() {
                    quiet = 0;
                    match output {
                        Output::Send(frame) => {
                            self.sent += 1;
                            self.sessions[1 - which].handle(Input::Frame(&frame), self.now).expect("it is in turn");
                        }
                        Output::Search { logs, .. } => self.searched[which].extend(logs),
                        Output::Load { topic, .. } => {
                            let nothing = Input::Loaded { topic, runs: Vec::new(), done: true };
                            self.sessions[which].handle(nothing, self.now).expect("as asked");
                        }
                        Output::Met { .. }
                        | Output::Received { .. }
                        | Output::PeerHas { .. }
                        | Output::InStep
                        | Output::Elsewhere { .. }
                        | Output::Close(_) => {}
                    }
                }
            }
        }
    }

    /// One of them has come to hold this.
    pub(super) fn stored(&mut self, which: usize, heads: &[Entry]) {
        self.tell(which, Input::Stored { topic: COMMON, heads: heads.to_vec() });
    }

    /// One of them is told something, and both talk on for a while.
    pub(super) fn tell(&mut self, which: usize, input: Input<'_>) {
        self.sessions[which].handle(input, self.now).expect("the session is open");
        for _ in 0..3 {
            self.now = Mono(self.now.0 + 2 * limits::ANNOUNCE_MS);
            for which in [0, 1] {
                self.sessions[which].handle(Input::Tick, self.now).expect("the session is open");
            }
            self.talk();
        }
    }
}

pub(super) fn wanted(have: &[Entry]) -> Wanted {
    Wanted { log: LOG, have: have.to_vec() }
}
