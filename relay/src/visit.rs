//! A visit: a conversation of the relay's, noted in the community's [`Presence`](crate::Presence), and slowed if its peer floods.

use std::{sync::Arc, time::Duration};

use linli_core::{
    id::DeviceId,
    keep::{Holder, LinkError, SyncConversation},
    limits,
    net::{Conversation, ConversationState},
    sync::Progress,
    time::Mono,
};
use tokio::sync::Notify;

use crate::community::CommunityStore;

/// A conversation with one peer about one community.
pub(crate) struct Visit {
    conversation: SyncConversation<CommunityStore>,
    began: Mono,
    /// Its line among those who are present, since it said hello.
    line: Option<u64>,
    /// Until when nothing more is heard, and what came meanwhile.
    until: Option<Mono>,
    held: Vec<u8>,
}

impl Visit {
    /// Goes on with a conversation that has begun.
    pub(crate) fn new(conversation: SyncConversation<CommunityStore>) -> Self {
        let began = conversation.holder().now();
        let mut visit = Self { conversation, began, line: None, until: None, held: Vec::new() };
        visit.note();
        visit
    }

    fn store(&self) -> &CommunityStore {
        self.conversation.holder()
    }

    /// Lets the conversation hear, and counts what that was.
    fn hear(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let before = self.conversation.progress().received.events;
        let heard = self.conversation.receive(bytes);
        let events = self.conversation.progress().received.events.saturating_sub(before);
        let wait = self.store().pace(self.conversation.peer(), events);
        self.until = wait.map(|wait| self.store().now().plus(wait));
        if let Some(wait) = wait {
            tracing::debug!(device = ?self.conversation.peer(), ?wait, "a device is slowed");
        }
        self.note();
        heard
    }

    fn is_paused(&self) -> bool {
        self.until.is_some_and(|until| self.store().now() < until)
    }

    fn note(&mut self) {
        // A relay keeps no account of who has what, as phones do: else these lists would grow for ever.
        self.conversation.acknowledged().clear();
        self.conversation.brought().clear();
        let presence = self.conversation.holder().presence();
        if self.line.is_none() && self.conversation.is_met() {
            self.line = Some(presence.come(self.conversation.peer(), self.store().heard()));
        }
        if let Some(line) = self.line {
            presence.note(line, self.conversation.is_in_step(), self.conversation.progress());
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let store = self.conversation.holder();
        if let Some(line) = self.line {
            store.presence().go(line, store.heard());
        }
        let (device, community): (DeviceId, _) = (self.conversation.peer(), store.community());
        let lasted = Duration::from_millis(store.now().since(self.began));
        let Progress { sent, received, .. } = self.conversation.progress();
        let met = self.line.is_some();
        let (sent, received) = (sent.events, received.events);
        tracing::debug!(?device, ?community, met, ?lasted, sent, received, "a conversation ended");
    }
}

impl Conversation for Visit {
    type Error = LinkError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
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

    fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        let bytes = self.conversation.send(most)?;
        self.note();
        Ok(bytes)
    }

    fn tick(&mut self) -> Result<(), LinkError> {
        if !self.is_paused() && self.until.take().is_some() && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.hear(&held)?;
        }
        self.conversation.tick()
    }

    fn wake(&self) -> Arc<Notify> {
        self.conversation.wake()
    }

    fn ping(&mut self) -> Result<(), LinkError> {
        self.conversation.ping()
    }

    /// While it is slowed, as if so much waited that nothing more should be read.
    fn state(&self) -> ConversationState {
        let state = self.conversation.state();
        let unsent = if self.until.is_some() { state.unsent.max(limits::UNSENT) } else { state.unsent };
        let deadline = self.until.into_iter().chain(state.deadline).min();
        ConversationState { unsent, deadline, ..state }
    }
}
