//! A conversation, as the owner of its pipe drives it: bytes in, bytes out, the time, and figures for screens.
//!
//! The protocol, what its owner adds to it, and the transports that carry it all have this one shape. It refuses to
//! know what is said, and over which pipe.

use std::{error::Error, sync::Arc};

use tokio::sync::Notify;

use crate::{
    id::DeviceId,
    sync::{FrameError, Progress, Reason, SessionError},
    time::Mono,
};

/// One conversation, as bytes.
///
/// Call [`receive`](Self::receive) with what comes out of the pipe in pieces of any size, [`send`](Self::send) for what goes
/// into it while it takes bytes, and [`tick`](Self::tick) at the [`deadline`](Self::deadline) and when [`wake`](Self::wake)
/// says so. After an error or a break it is dropped, and another one compares again.
pub trait Conversation {
    /// Why it is over.
    type Error;

    /// Takes what came out of the pipe, in pieces of any size.
    ///
    /// # Errors
    /// Why the conversation is over: close the pipe.
    fn receive(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Hands out what goes into the pipe: at most `most` bytes, none when there is nothing for now.
    ///
    /// # Errors
    /// Why the conversation is over.
    fn send(&mut self, most: usize) -> Result<Vec<u8>, Self::Error>;

    /// Lets time pass, and news in.
    ///
    /// # Errors
    /// Why the conversation is over.
    fn tick(&mut self) -> Result<(), Self::Error>;

    /// Asks the peer for a sign of life: whatever it says afterwards is one.
    ///
    /// # Errors
    /// Why the conversation is over.
    fn ping(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Says goodbye where the pipe has a word for it: drain [`send`](Self::send) once more, then close the pipe.
    fn close(&mut self) {}

    /// Is notified whenever there is news, and so perhaps something to send. It may change: ask again after each call.
    fn wake(&self) -> Arc<Notify>;

    /// What can be told of it now.
    fn state(&self) -> ConversationState;

    /// When to call [`tick`](Self::tick), at the latest.
    fn deadline(&self) -> Option<Mono> {
        self.state().deadline
    }

    /// Bytes, about, that wait to be sent: while they are many, read no more.
    fn unsent(&self) -> usize {
        self.state().unsent
    }

    /// Whether the peer has said hello: before that, nothing but its key is known of it.
    fn is_met(&self) -> bool {
        self.state().met
    }

    /// Whether all that differed at the start is exchanged.
    fn is_in_step(&self) -> bool {
        self.state().in_step
    }

    /// Why it ended, if it ended in peace.
    fn closed(&self) -> Option<Reason> {
        self.state().closed
    }

    /// Where the peer, a relay, said that the community is kept, if that is why it ended.
    fn elsewhere(&self) -> Option<String> {
        self.state().elsewhere
    }

    /// How far it is.
    fn progress(&self) -> Progress {
        self.state().progress
    }
}

/// What can be told of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationState {
    /// The peer has said hello.
    pub met: bool,
    /// All that differed at the start is exchanged.
    pub in_step: bool,
    /// Why it ended, if it ended in peace.
    pub closed: Option<Reason>,
    /// Where the peer, a relay, said that the community is kept, if that is why it ended.
    pub elsewhere: Option<String>,
    /// When [`Conversation::tick`] is to be called at the latest.
    pub deadline: Option<Mono>,
    /// Bytes, about, that wait to be sent.
    pub unsent: usize,
    /// How far it is.
    pub progress: Progress,
}

/// A conversation as a transport is given it.
pub type AnyConversation = Box<dyn Conversation<Error = ConversationError> + Send>;

/// Why a conversation is over.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConversationError {
    /// The peer was withdrawn.
    #[error("the peer was withdrawn")]
    Withdrawn,
    /// The peer said to be another device than its key proved.
    #[error("the peer says it is {said:?}, its key proved {proved:?}")]
    Impostor {
        /// Who it said it is.
        said: DeviceId,
        /// Who it is.
        proved: DeviceId,
    },
    /// No invitation is open, or as many ask as may.
    #[error("nobody is invited")]
    NotInvited,
    /// Asking to be admitted failed.
    #[error("not admitted: {0}")]
    TurnedAway(Arc<dyn Error + Send + Sync>),
    /// The peer broke the protocol, or belongs elsewhere.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The bytes are no frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// This side cannot go on, which is no fault of the peer.
    #[error("this side cannot go on: {0}")]
    Ours(Arc<dyn Error + Send + Sync>),
}

/// A conversation of any kind as transports carry it: with an error that they can tell a peer's fault by.
#[derive(Debug)]
pub struct Carried<C>(pub C);

impl<C: Conversation> Conversation for Carried<C>
where
    ConversationError: From<C::Error>,
{
    type Error = ConversationError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), ConversationError> {
        Ok(self.0.receive(bytes)?)
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, ConversationError> {
        Ok(self.0.send(most)?)
    }

    fn tick(&mut self) -> Result<(), ConversationError> {
        Ok(self.0.tick()?)
    }

    fn ping(&mut self) -> Result<(), ConversationError> {
        Ok(self.0.ping()?)
    }

    fn close(&mut self) {
        self.0.close();
    }

    fn wake(&self) -> Arc<Notify> {
        self.0.wake()
    }

    fn state(&self) -> ConversationState {
        self.0.state()
    }
}

impl<C: Conversation + ?Sized> Conversation for Box<C> {
    type Error = C::Error;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), C::Error> {
        (**self).receive(bytes)
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, C::Error> {
        (**self).send(most)
    }

    fn tick(&mut self) -> Result<(), C::Error> {
        (**self).tick()
    }

    fn ping(&mut self) -> Result<(), C::Error> {
        (**self).ping()
    }

    fn close(&mut self) {
        (**self).close();
    }

    fn wake(&self) -> Arc<Notify> {
        (**self).wake()
    }

    fn state(&self) -> ConversationState {
        (**self).state()
    }
}
