//! Whoever belongs to several communities of this relay: which one a conversation is about, its hello says.
//!
//! It refuses to know what is said after that.

use std::sync::Arc;

use linli_core::{
    id::DeviceId,
    keep::{Conversation, Holder, LinkError},
    net::{Talk, TalkError},
    sync::{Framer, Progress, Reason, is_for},
    time::Mono,
};
use tokio::sync::Notify;

use crate::{community::CommunityStore, visit::Visit};

/// Bytes that are heard of a hello until it is whole.
const HELLO_BYTES: usize = 4 * 1024;
/// What somebody who belongs to several communities gets to say which one this is about.
const PATIENCE_MS: u64 = 20_000;

/// Waits for the hello of somebody whose key several communities know, and goes on with the one it names. No
/// coordinator can so keep a device of another community away from its own.
pub(crate) struct Hello {
    stores: Vec<CommunityStore>,
    peer: DeviceId,
    framer: Framer,
    heard: Vec<u8>,
    until: Mono,
    wake: Arc<Notify>,
    talk: Option<Visit>,
}

impl Hello {
    pub(crate) fn new(stores: Vec<CommunityStore>, peer: DeviceId, now: Mono) -> Self {
        let until = now.plus(std::time::Duration::from_millis(PATIENCE_MS));
        Self { stores, peer, framer: Framer::new(), heard: Vec::new(), until, wake: Arc::default(), talk: None }
    }

    /// Begins the one conversation that the hello is for, once that is whole.
    fn listen(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        self.heard.extend(bytes);
        self.framer.push(bytes);
        let Some(hello) = self.framer.next_frame()? else {
            let more = self.heard.len() <= HELLO_BYTES;
            return if more { Ok(()) } else { Err(LinkError::NotAMember.into()) };
        };
        for store in &self.stores {
            if is_for(&hello, store.community())? {
                let mut talk = Conversation::begin(store.clone(), self.peer)?;
                talk.receive(&std::mem::take(&mut self.heard))?;
                self.talk = Some(Visit::new(talk));
                return Ok(());
            }
        }
        Err(LinkError::NotAMember.into())
    }
}

impl Talk for Hello {
    fn receive(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        if let Some(talk) = &mut self.talk {
            return talk.receive(bytes);
        }
        self.listen(bytes)
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, TalkError> {
        self.talk.as_mut().map_or(Ok(Vec::new()), |talk| talk.send(most))
    }

    fn tick(&mut self) -> Result<(), TalkError> {
        match &mut self.talk {
            Some(talk) => talk.tick(),
            None if self.stores.first().is_none_or(|store| store.now() >= self.until) => {
                Err(LinkError::NotAMember.into())
            }
            None => Ok(()),
        }
    }

    fn deadline(&self) -> Option<Mono> {
        self.talk.as_ref().map_or(Some(self.until), Visit::deadline)
    }

    fn wake(&self) -> Arc<Notify> {
        self.talk.as_ref().map_or_else(|| self.wake.clone(), Visit::wake)
    }

    fn unsent(&self) -> usize {
        self.talk.as_ref().map_or(0, Visit::unsent)
    }

    fn is_met(&self) -> bool {
        self.talk.is_some()
    }

    fn is_in_step(&self) -> bool {
        self.talk.as_ref().is_some_and(Visit::is_in_step)
    }

    fn closed(&self) -> Option<Reason> {
        self.talk.as_ref().and_then(Visit::closed)
    }

    fn ping(&mut self) -> Result<(), TalkError> {
        self.talk.as_mut().map_or(Ok(()), Talk::ping)
    }

    fn progress(&self) -> Progress {
        self.talk.as_ref().map_or_else(Progress::default, Visit::progress)
    }
}
