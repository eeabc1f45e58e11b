//! Inboxes: what a conversation hears from others who use the same logs, and what waits of runs that broke off.
//!
//! Each has a bound.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    event::{Entry, Tail, Topic, VerifiedRun},
    id::{DeviceId, LogId, TopicTag},
    limits,
    sync::Bound,
    time::Mono,
};

/// What a conversation hears.
#[derive(Clone, Debug)]
pub enum Note {
    /// This device wrote.
    Appended(Vec<(Topic, VerifiedRun)>),
    /// Others' events came by another conversation.
    Stored {
        /// The topic of the logs.
        topic: TopicTag,
        /// All heads of each log concerned.
        heads: Vec<Entry>,
    },
    /// Bodies of these logs came back that had been missing.
    Refilled {
        /// The topic of the logs.
        topic: TopicTag,
        /// The logs whose bodies came.
        logs: BTreeSet<LogId>,
    },
    /// The roster changed.
    Roster,
    /// Erasures came, or others are heard: what was refused for a body that none named may be taken now.
    Erased,
    /// Events wait for parts of these logs: what was refused of them may be taken now.
    Awaited(BTreeSet<LogId>),
    /// More happened than the inbox holds.
    Lost,
}

/// Where a conversation's notes lie until it is driven.
#[derive(Default)]
pub struct Inbox {
    notes: Mutex<Notes>,
    wake: Arc<Notify>,
}

/// What happened, with what is overtaken left out: so that others who write much do not fill it.
#[derive(Default)]
struct Notes {
    /// In the order in which it happened.
    news: Vec<News>,
    /// Own runs among it.
    own: usize,
    /// Heads among it.
    heads: usize,
    roster: bool,
    erased: bool,
    awaited: BTreeSet<LogId>,
    refilled: BTreeMap<TopicTag, BTreeSet<LogId>>,
    lost: bool,
}

enum News {
    Own(Vec<(Topic, VerifiedRun)>),
    /// Of each log its heads as they were last.
    Others(BTreeMap<(TopicTag, LogId), Vec<Entry>>),
}

impl Notes {
    fn put(&mut self, note: &Note) {
        if self.lost {
            return;
        }
        match note {
            Note::Appended(runs) => {
                self.own += runs.len();
                match self.news.last_mut() {
                    Some(News::Own(own)) => own.extend(runs.iter().cloned()),
                    Some(News::Others(_)) | None => self.news.push(News::Own(runs.clone())),
                }
            }
            Note::Stored { topic, heads } => self.stored(*topic, heads),
            // Whoever looks at the roster sees it as it is then: once is enough.
            Note::Roster => self.roster = true,
            Note::Erased => self.erased = true,
            // What is forgotten comes with another session.
            Note::Awaited(logs) => {
                let room = limits::NAMED.saturating_sub(self.awaited.len());
                self.awaited.extend(logs.iter().take(room));
            }
            Note::Refilled { topic, logs } => {
                let known: usize = self.refilled.values().map(BTreeSet::len).sum();
                let room = limits::NAMED.saturating_sub(known);
                self.refilled.entry(*topic).or_default().extend(logs.iter().take(room));
            }
            Note::Lost => self.lost = true,
        }
        // A conversation that nobody drives must not gather news for ever.
        if self.own > limits::OWN_UNHEARD || self.heads > limits::NAMED {
            *self = Self { lost: true, ..Self::default() };
        }
    }

    /// How much is kept.
    fn bounds(&self) -> [Bound; 5] {
        let Self { news, own, heads, roster: _, erased: _, awaited, refilled, lost: _ } = self;
        let bound = |what, kept, limit| Bound { what, kept, limit, ours: 0 };
        let refilled = refilled.values().map(BTreeSet::len).sum();
        [
            bound("pieces of news", news.len(), 2 * limits::OWN_UNHEARD + 1),
            bound("own runs that are news", *own, limits::OWN_UNHEARD),
            bound("heads that are news", *heads, limits::NAMED),
            bound("logs that are awaited", awaited.len(), limits::NAMED),
            bound("logs of which bodies came back", refilled, limits::NAMED),
        ]
    }

    fn stored(&mut self, topic: TopicTag, heads: &[Entry]) {
        if !matches!(self.news.last(), Some(News::Others(_))) {
            self.news.push(News::Others(BTreeMap::new()));
        }
        let Some(News::Others(logs)) = self.news.last_mut() else { return };
        for of_log in heads.chunk_by(|one, other| one.log == other.log) {
            let Some(first) = of_log.first() else { continue };
            let before = logs.insert((topic, first.log), of_log.to_vec());
            self.heads = (self.heads + of_log.len()).saturating_sub(before.map_or(0, |before| before.len()));
        }
    }

    fn take(&mut self) -> Vec<Note> {
        let Self { news, roster, erased, awaited, refilled, lost, .. } = std::mem::take(self);
        if lost {
            return vec![Note::Lost];
        }
        let mut notes = Vec::new();
        for news in news {
            match news {
                News::Own(runs) => notes.push(Note::Appended(runs)),
                News::Others(logs) => {
                    let logs: Vec<_> = logs.into_iter().collect();
                    for of_topic in logs.chunk_by(|((one, _), _), ((other, _), _)| one == other) {
                        let Some(((topic, _), _)) = of_topic.first() else { continue };
                        let heads = of_topic.iter().flat_map(|(_, heads)| heads.iter().copied()).collect();
                        notes.push(Note::Stored { topic: *topic, heads });
                    }
                }
            }
        }
        notes.extend(refilled.into_iter().map(|(topic, logs)| Note::Refilled { topic, logs }));
        notes.extend(roster.then_some(Note::Roster));
        notes.extend(erased.then_some(Note::Erased));
        notes.extend((!awaited.is_empty()).then_some(Note::Awaited(awaited)));
        notes
    }
}

impl Inbox {
    fn put(&self, note: &Note) {
        self.notes.lock().put(note);
        self.wake.notify_one();
    }

    pub(super) fn take(&self) -> Vec<Note> {
        self.notes.lock().take()
    }

    /// How much is kept.
    pub(super) fn bounds(&self) -> [Bound; 5] {
        let Self { notes, wake: _ } = self;
        notes.lock().bounds()
    }

    pub(super) fn wake(&self) -> Arc<Notify> {
        self.wake.clone()
    }
}

/// All conversations that are open.
#[derive(Default)]
pub struct Inboxes(Mutex<Vec<Weak<Inbox>>>);

impl Inboxes {
    pub(super) fn open(&self) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::default());
        self.0.lock().push(Arc::downgrade(&inbox));
        inbox
    }

    /// Tells all conversations, but for the one that brought the news.
    pub fn tell(&self, but: Option<&Arc<Inbox>>, note: &Note) {
        let open: Vec<Arc<Inbox>> = {
            let mut inboxes = self.0.lock();
            inboxes.retain(|inbox| inbox.strong_count() > 0);
            inboxes.iter().filter_map(Weak::upgrade).collect()
        };
        for inbox in open.iter().filter(|inbox| but.is_none_or(|but| !Arc::ptr_eq(but, inbox))) {
            inbox.put(note);
        }
    }
}

/// What came of the last run before a conversation broke, of a few peers, until the rest of it comes. In memory alone. One
/// more makes the one go that waits longest.
#[derive(Default)]
pub struct Tails(Mutex<VecDeque<(DeviceId, TopicTag, Tail)>>);

impl Tails {
    pub(super) fn take(&self, peer: DeviceId) -> Option<(TopicTag, Tail)> {
        let mut tails = self.0.lock();
        let at = tails.iter().position(|(of, ..)| *of == peer)?;
        tails.remove(at).map(|(_, topic, tail)| (topic, tail))
    }

    pub(super) fn keep(&self, peer: DeviceId, topic: TopicTag, tail: Tail) {
        let mut tails = self.0.lock();
        tails.retain(|(of, ..)| *of != peer);
        tails.push_back((peer, topic, tail));
        if tails.len() > limits::TAILS {
            tails.pop_front();
        }
    }
}

/// How often which peer was brought a log again for which bodies that it said to lack, and since when. In memory alone. One more
/// than are remembered makes the oldest go of the peer of whom there are most.
#[derive(Default)]
pub struct Fills(Mutex<VecDeque<Fill>>);

struct Fill {
    peer: DeviceId,
    /// What it lacks, and in which topic.
    topic: TopicTag,
    hole: Entry,
    often: u8,
    since: Mono,
}

impl Fills {
    /// For which bodies this peer was brought a log as often as that makes sense for now: nobody here has what it lacks there,
    /// or it has no room. Once it lacks others, bodies came back here, or a day is over, it is brought them again.
    pub(super) fn resting(&self, peer: DeviceId, now: Mono) -> Vec<(TopicTag, Entry)> {
        let mut fills = self.0.lock();
        fills.retain(|fill| now.since(fill.since) < limits::FILLED_MS);
        let rests = fills.iter().filter(|fill| fill.peer == peer && fill.often >= limits::FILLS);
        rests.map(|fill| (fill.topic, fill.hole)).collect()
    }

    /// Bodies of these logs came back: who lacks any is brought them as if it had not been before.
    pub fn begin_anew(&self, logs: &BTreeSet<LogId>) {
        self.0.lock().retain(|fill| !logs.contains(&fill.hole.log));
    }

    pub(super) fn note(&self, peer: DeviceId, holes: &BTreeSet<(TopicTag, Entry)>, now: Mono) {
        let mut fills = self.0.lock();
        let mut new = holes.clone();
        for fill in fills.iter_mut().filter(|fill| fill.peer == peer) {
            if new.remove(&(fill.topic, fill.hole)) {
                fill.often = fill.often.saturating_add(1);
            }
        }
        fills.extend(new.into_iter().map(|(topic, hole)| Fill { peer, topic, hole, often: 1, since: now }));
        let mut surplus = fills.len().saturating_sub(limits::FILLED);
        while surplus > 0 {
            let mut of = BTreeMap::<DeviceId, usize>::new();
            fills.iter().for_each(|fill| *of.entry(fill.peer).or_default() += 1);
            let Some((most, _)) = of.into_iter().max_by_key(|(_, of)| *of) else { break };
            let mut go = std::mem::take(&mut surplus);
            fills.retain(|fill| {
                let goes = go > 0 && fill.peer == most;
                go = go.saturating_sub(usize::from(goes));
                !goes
            });
            surplus = go;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Hole;

    const DAY: Mono = Mono(limits::FILLED_MS);

    fn hole(log: u8, first: u64) -> (TopicTag, Entry) {
        let hole = Hole { first, last: Some(first), tip: [1; Hole::TIP] };
        (TopicTag::ZERO, Entry::hole(LogId::from_bytes([log; LogId::LEN]), hole))
    }

    #[test]
    fn what_was_brought_in_vain_rests_for_a_day_or_until_bodies_come_back_r5() {
        let [peer, other] = [1, 2].map(|byte| DeviceId::from_bytes([byte; DeviceId::LEN]));
        let fills = Fills::default();
        let tried = [hole(1, 5), hole(2, 5)];

        (0..limits::FILLS).for_each(|_| fills.note(peer, &tried.into(), Mono(1)));
        fills.note(peer, &[hole(1, 9)].into(), Mono(1));

        assert_eq!(fills.resting(peer, Mono(2)), tried, "what lies behind does not");
        assert_eq!(fills.resting(other, Mono(2)), []);
        fills.begin_anew(&[tried[0].1.log].into());
        assert_eq!(fills.resting(peer, Mono(2)), tried[1..]);
        assert_eq!(fills.resting(peer, Mono(DAY.0 + 1)), []);
    }

    /// A liar who lacks much keeps no room from who lacks little (T4).
    #[test]
    fn who_lacks_most_makes_room_for_whoever_lacks_a_little_t4() {
        let [peer, liar] = [1, 2].map(|byte| DeviceId::from_bytes([byte; DeviceId::LEN]));
        let fills = Fills::default();
        let invented: BTreeSet<(TopicTag, Entry)> = (0..2 * limits::FILLED as u64).map(|nth| hole(3, nth)).collect();

        for _ in 0..limits::FILLS {
            fills.note(peer, &[hole(1, 5)].into(), Mono(1));
            fills.note(liar, &invented, Mono(1));
        }

        assert_eq!(fills.resting(peer, Mono(1)), [hole(1, 5)]);
        assert!(fills.0.lock().len() <= limits::FILLED);
    }

    fn tail() -> Tail {
        Tail { log: LogId::from_bytes([0; LogId::LEN]), first: 0, links: Vec::new() }
    }

    #[test]
    fn the_tail_that_waits_longest_makes_room_whoever_it_is_of() {
        let peer = |nth: usize| DeviceId::from_bytes([u8::try_from(200 - nth).expect("few"); DeviceId::LEN]);
        let tails = Tails::default();

        for nth in 0..limits::TAILS {
            tails.keep(peer(nth), TopicTag::ZERO, tail());
        }
        tails.keep(peer(0), TopicTag::ZERO, tail());
        tails.keep(peer(limits::TAILS), TopicTag::ZERO, tail());

        let left: Vec<usize> = (0..=limits::TAILS).filter(|nth| tails.take(peer(*nth)).is_some()).collect();
        assert_eq!(left, [&[0][..], &(2..=limits::TAILS).collect::<Vec<_>>()].concat(), "the second waited longest");
    }
}
