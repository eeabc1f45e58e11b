//! Holders: whoever keeps the logs of a community, as a conversation sees it. That is a phone's replica, or a relay
//! that opens no body.
//!
//! Runs are verified here, beside the holder's writer, and the holder takes them in. It refuses to know what is said to
//! a peer.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use super::{
    Answer, Checked, Checker, Fills, Inbox, Inboxes, Rules, Tails, Tracked, Tracks, Tries, silence, tracks::Links,
};
use crate::{
    event::{Run, Topic},
    id::{DeviceId, EventId, TopicTag},
    store::{Reader, StoreError},
    sync::frame::NONCE,
    time::Mono,
};

/// Whoever keeps logs, as conversations about them need it. Calls may wait for a disk.
pub trait Holder: Clone + Send + 'static {
    /// The device on which the logs are kept.
    fn device(&self) -> DeviceId;

    /// The time by the clock of [`Conversation::deadline`](crate::net::Conversation::deadline).
    fn now(&self) -> Mono;

    /// Random bytes, others each time: a half of what keys the digests of one conversation.
    fn nonce(&self) -> [u8; NONCE];

    /// Asks the rules as they are now; `None` before there is a community.
    fn with_rules<T>(&self, ask: impl FnOnce(&Rules) -> T) -> Option<T>;

    /// Asks the store.
    ///
    /// # Errors
    /// What the question answers.
    fn read<T>(&self, ask: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError>;

    /// Takes in what was verified, in order: each run is durable, or refused, when this returns. All conversations but
    /// `from` are told. What follows on a head that a cut names is `led`.
    ///
    /// # Errors
    /// When the store fails; what was answered before is not known then.
    fn take_in(
        &self,
        topic: TopicTag,
        checked: Vec<Checked>,
        led: BTreeSet<EventId>,
        from: &Arc<Inbox>,
    ) -> Result<Vec<Answer>, StoreError>;

    /// Verifies runs and takes them in, in order: an honest one counts whatever stands beside it.
    ///
    /// # Errors
    /// When the store fails; what was answered before is not known then.
    fn ingest(&self, topic: TopicTag, runs: Vec<Run>, from: &Arc<Inbox>) -> Result<Vec<Answer>, StoreError> {
        self.ingest_following(topic, runs, &mut Tracks::default(), from)
    }

    /// The same, where more of what is turned away may come: it is followed in `tracks`.
    ///
    /// # Errors
    /// When the store fails; what was answered before is not known then.
    fn ingest_following(
        &self,
        topic: TopicTag,
        runs: Vec<Run>,
        tracks: &mut Tracks,
        from: &Arc<Inbox>,
    ) -> Result<Vec<Answer>, StoreError> {
        let (mut answers, mut open) = (Vec::with_capacity(runs.len()), Unchecked::new(topic, runs));
        while !open.is_empty() {
            answers.extend(self.ingest_some(&mut open, tracks, from)?);
        }
        Ok(answers)
    }

    /// The same for as many of them, in order, as one go may cost: all where they hold, one at least. What is turned away is
    /// followed in `tracks`, those of whoever brings it.
    ///
    /// # Errors
    /// When the store fails; what was answered before is not known then.
    fn ingest_some(
        &self,
        open: &mut Unchecked,
        tracks: &mut Tracks,
        from: &Arc<Inbox>,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut answers = Vec::new();
        open.tries.go_on();
        while !open.is_empty() && !open.tries.is_over() {
            let Some(ready) = self.with_rules(|rules| check(self, rules, open, tracks)) else {
                open.clear();
                break;
            };
            let Ready { checked, led, links } = ready?;
            let mut taken = self.take_in(open.topic, checked, led, from)?;
            let refused = taken.iter().any(|answer| matches!(answer, Answer::Refused { .. }));
            if links.iter().any(Option::is_some) && (refused || tracks.len() > 0) {
                let note = |rules: &Rules| self.read(|reader| tracks.note(reader, rules, &links, &mut taken));
                self.with_rules(note).transpose()?;
            }
            answers.extend(taken);
        }
        Ok(answers)
    }

    /// Does a part of what is due, where nobody waits for an answer; whether more is.
    fn goes_on(&self) -> bool;

    /// What its conversations share.
    fn shared(&self) -> &Shared;
}

/// What the conversations of one holder share: news of each other, and what of one goes on in the next.
#[derive(Default)]
pub struct Shared {
    /// All open conversations.
    pub inboxes: Inboxes,
    /// What waits of broken runs.
    pub tails: Tails,
    /// What a few peers brought that was turned away, and is followed.
    pub tracked: Tracked,
    /// How often whom which log was brought again for a body that they lack.
    pub fills: Fills,
}

/// Runs of one topic that came together and are not checked yet.
pub struct Unchecked {
    topic: TopicTag,
    runs: VecDeque<Run>,
    tries: Tries,
}

impl Unchecked {
    /// Runs as they came.
    pub fn new(topic: TopicTag, runs: Vec<Run>) -> Self {
        Self { topic, runs: runs.into(), tries: Tries::default() }
    }

    /// Whether all are checked.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Lets go of those that are left.
    pub fn clear(&mut self) {
        self.runs.clear();
    }
}

/// Runs that were checked.
struct Ready {
    checked: Vec<Checked>,
    /// What of them leads to a head that a cut names.
    led: BTreeSet<EventId>,
    /// Of each what is to be known of it once it is answered.
    links: Vec<Option<Links>>,
}

/// Verifies runs while nobody is kept from writing: as many as one go may cost, but in the roster one at a time, because each may
/// say whose the next is.
fn check<H: Holder>(holder: &H, rules: &Rules, open: &mut Unchecked, tracks: &Tracks) -> Result<Ready, StoreError> {
    let Unchecked { topic, runs, tries } = open;
    let at_once = if rules.topic(*topic) == Some(Topic::Roster) { 1 } else { usize::MAX };
    let checked = holder.read(|reader| {
        let mut checker = Checker::new(reader, rules, *topic, tries, tracks);
        let mut checked = Vec::new();
        while checked.len() < at_once
            && !checker.is_over()
            && let Some(run) = runs.pop_front()
        {
            checked.push(checker.check(run)?);
        }
        Ok(checked)
    })?;
    let links: Vec<_> = checked.iter().map(|run| Links::of(rules, run.as_ref().ok()?)).collect();
    let mut led = silence::led(rules, &checked);
    tracks.lead(&links, &mut led);
    Ok(Ready { checked, led, links })
}
