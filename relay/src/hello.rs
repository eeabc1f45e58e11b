//! Visitors who belong to several communities of this relay: their hello says which one a conversation is about.
//!
//! It refuses to know what is said after that.

use std::sync::Arc;

use linli_core::{
    id::DeviceId,
    keep::{Holder, LinkError, SyncConversation},
    limits,
    net::{Conversation, ConversationState},
    sync::{Framer, is_for},
    time::Mono,
};
use tokio::sync::Notify;

use crate::{community::CommunityStore, visit::Visit};

/// Waits for the hello of somebody whose key several communities know, and goes on with the one it names. No
/// coordinator can so keep a device of another community away from its own.
pub(crate) struct Hello {
    stores: Vec<CommunityStore>,
    peer: DeviceId,
    framer: Framer,
    heard: Vec<u8>,
    until: Mono,
    wake: Arc<Notify>,
    /// The conversation, once the hello has named its community.
    named: Option<Visit>,
}

impl Hello {
    pub(crate) fn new(stores: Vec<CommunityStore>, peer: DeviceId, now: Mono) -> Self {
        let until = now.plus(std::time::Duration::from_millis(limits::HELLO_MS));
        Self { stores, peer, framer: Framer::for_hello(), heard: Vec::new(), until, wake: Arc::default(), named: None }
    }

    /// Begins the one conversation that the hello is for, once that is whole.
    fn listen(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.heard.extend(bytes);
        self.framer.push(bytes);
        let Some(hello) = self.framer.next_frame()? else { return Ok(()) };
        for store in &self.stores {
            if is_for(&hello, store.community())? {
                let mut conversation = SyncConversation::begin(store.clone(), self.peer)?;
                conversation.receive(&std::mem::take(&mut self.heard))?;
                self.named = Some(Visit::new(conversation));
                return Ok(());
            }
        }
        Err(LinkError::NotAMember)
    }
}

impl Conversation for Hello {
    type Error = LinkError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        match &mut self.named {
            Some(visit) => visit.receive(bytes),
            None => self.listen(bytes),
        }
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        self.named.as_mut().map_or(Ok(Vec::new()), |visit| visit.send(most))
    }

    fn tick(&mut self) -> Result<(), LinkError> {
        match &mut self.named {
            Some(visit) => visit.tick(),
            None if self.stores.first().is_none_or(|store| store.now() >= self.until) => Err(LinkError::NotAMember),
            None => Ok(()),
        }
    }

    fn ping(&mut self) -> Result<(), LinkError> {
        self.named.as_mut().map_or(Ok(()), Visit::ping)
    }

    fn wake(&self) -> Arc<Notify> {
        self.named.as_ref().map_or_else(|| self.wake.clone(), Visit::wake)
    }

    fn state(&self) -> ConversationState {
        let unnamed = || ConversationState { deadline: Some(self.until), ..ConversationState::default() };
        self.named.as_ref().map_or_else(unnamed, Visit::state)
    }
}
