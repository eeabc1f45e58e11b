//! Whoever keeps the logs of a community, as conversations about them see it: a phone's replica, or a relay that opens no body.
//!
//! Runs are verified here, beside whoever writes, and taken in by the holder. It refuses to know what is said to a peer.

use std::{collections::BTreeSet, sync::Arc};

use super::{Answer, Checked, Checker, Fills, Inbox, Inboxes, Rules, Tails, Tries, silence};
use crate::{
    event::{Run, Topic},
    id::{DeviceId, EventId, TopicTag},
    store::{Reader, StoreError},
    sync::frame::NONCE,
    time::Mono,
};

/// Whoever keeps logs, as conversations about them need it. Calls may wait for a disk.
pub trait Holder: Clone + Send + 'static {
    /// This device.
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
        let mut answers = Vec::with_capacity(runs.len());
        let (mut open, mut tries) = (runs.into_iter().peekable(), Tries::default());
        while open.peek().is_some() {
            let Some(checked) = self.with_rules(|rules| check(self, rules, topic, &mut open, &mut tries)) else {
                break;
            };
            let (checked, led) = checked?;
            answers.extend(self.take_in(topic, checked, led, from)?);
        }
        Ok(answers)
    }

    /// Does a part of what is due, where nobody waits for an answer; whether more is.
    fn goes_on(&self) -> bool;

    /// All open conversations.
    fn inboxes(&self) -> &Inboxes;

    /// What waits of broken runs.
    fn tails(&self) -> &Tails;

    /// How often whom which log was brought again for a body that they lack.
    fn fills(&self) -> &Fills;
}

/// Verifies runs while nobody is kept from writing: all of them, but in the roster one at a time, because each may say whose
/// the next is. With them what of them leads to a head that a cut names.
fn check<H: Holder>(
    holder: &H,
    rules: &Rules,
    topic: TopicTag,
    runs: &mut impl Iterator<Item = Run>,
    tries: &mut Tries,
) -> Result<(Vec<Checked>, BTreeSet<EventId>), StoreError> {
    let at_once = if rules.topic(topic) == Some(Topic::Roster) { 1 } else { usize::MAX };
    let checked = holder.read(|reader| {
        let mut checker = Checker::new(reader, rules, topic, tries);
        runs.take(at_once).map(|run| checker.check(run)).collect::<Result<Vec<_>, _>>()
    })?;
    let led = silence::led(rules, &checked);
    Ok((checked, led))
}
