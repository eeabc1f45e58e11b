//! A visit: a conversation of the relay's, noted in the community's [`Presence`](crate::Presence), and slowed if its peer floods.

use std::{sync::Arc, time::Duration};

use linli_core::{
    id::DeviceId,
    keep::{Conversation, Holder},
    limits,
    net::{Talk, TalkError},
    sync::{Progress, Reason},
    time::Mono,
};
use tokio::sync::Notify;

use crate::community::CommunityStore;

/// A conversation with one peer about one community.
pub(crate) struct Visit {
    talk: Conversation<CommunityStore>,
    began: Mono,
    /// Its line among those who are present, since it said hello.
    line: Option<u64>,
    /// Until when nothing more is heard, and what came meanwhile.
    until: Option<Mono>,
    held: Vec<u8>,
}

impl Visit {
    /// Goes on with a conversation that has begun.
    pub(crate) fn new(talk: Conversation<CommunityStore>) -> Self {
        let began = talk.holder().now();
        let mut visit = Self { talk, began, line: None, until: None, held: Vec::new() };
        visit.note();
        visit
    }

    fn store(&self) -> &CommunityStore {
        self.talk.holder()
    }

    /// Lets the conversation hear, and counts what that was.
    fn hear(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        let before = self.talk.progress().received.events;
        let heard = self.talk.receive(bytes);
        let events = self.talk.progress().received.events.saturating_sub(before);
        let wait = self.store().pace(self.talk.peer(), events);
        self.until = wait.map(|wait| self.store().now().plus(wait));
        if let Some(wait) = wait {
            tracing::debug!(device = ?self.talk.peer(), ?wait, "a device is slowed");
        }
        self.note();
        Ok(heard?)
    }

    fn is_paused(&self) -> bool {
        self.until.is_some_and(|until| self.store().now() < until)
    }

    fn note(&mut self) {
        // A relay keeps no account of who has what, as phones do: else these lists would grow for ever.
        self.talk.acknowledged().clear();
        self.talk.brought().clear();
        let presence = self.talk.holder().presence();
        if self.line.is_none() && self.talk.is_met() {
            self.line = Some(presence.come(self.talk.peer(), self.store().wall()));
        }
        if let Some(line) = self.line {
            presence.note(line, self.talk.is_in_step(), self.talk.progress());
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let store = self.talk.holder();
        if let Some(line) = self.line {
            store.presence().go(line, store.wall());
        }
        let (device, community): (DeviceId, _) = (self.talk.peer(), store.community());
        let lasted = Duration::from_millis(store.now().since(self.began));
        let Progress { sent, received, .. } = self.talk.progress();
        let met = self.line.is_some();
        let (sent, received) = (sent.events, received.events);
        tracing::debug!(?device, ?community, met, ?lasted, sent, received, "a conversation ended");
    }
}

impl Talk for Visit {
    fn receive(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        if self.is_paused() {
            self.held.extend(bytes);
            return Ok(());
        }
        if self.held.is_empty() {
            return self.hear(bytes);
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend(bytes);
        self.hear(&held)
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, TalkError> {
        let bytes = self.talk.send(most)?;
        self.note();
        Ok(bytes)
    }

    fn tick(&mut self) -> Result<(), TalkError> {
        if !self.is_paused() && self.until.take().is_some() && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.hear(&held)?;
        }
        Ok(self.talk.tick()?)
    }

    fn deadline(&self) -> Option<Mono> {
        self.until.into_iter().chain(self.talk.deadline()).min()
    }

    fn wake(&self) -> Arc<Notify> {
        self.talk.wake()
    }

    /// While it is slowed, as if so much waited that nothing more should be read.
    fn unsent(&self) -> usize {
        let unsent = self.talk.unsent();
        if self.until.is_some() { unsent.max(limits::UNSENT) } else { unsent }
    }

    fn is_met(&self) -> bool {
        self.talk.is_met()
    }

    fn is_in_step(&self) -> bool {
        self.talk.is_in_step()
    }

    fn closed(&self) -> Option<Reason> {
        self.talk.closed()
    }

    fn ping(&mut self) -> Result<(), TalkError> {
        Ok(self.talk.ping()?)
    }

    fn progress(&self) -> Progress {
        self.talk.progress()
    }
}
