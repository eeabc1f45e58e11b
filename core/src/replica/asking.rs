//! Asking: a new phone was shown an invitation, shows its digits, and waits for the inviting person.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::{MembersError, Replica, Welcome};
use crate::{
    id::{CommunityId, DeviceId},
    key::{TlsKey, TopicKey},
    limits,
    net::{
        AnyConversation, Conversation, ConversationError, ConversationState, Expected, Host, JoinConnection, NetError,
        Node, NodeError, NodeOptions, PipeSession,
    },
    roster::invite::{Digits, Ear, Garbled, Invitation, Said, Turned, first_words},
    sync::Reason,
    time::Mono,
};

/// What the asking person's screen shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The inviting phone has not answered.
    Reaching,
    /// These must stand on the inviting phone's screen too.
    Comparing(Digits),
    /// This device was admitted and belongs to the community now. An ordinary sync brings the rest.
    Joined(CommunityId),
    /// It came to nothing.
    Failed(AskError),
}

/// Why a device that asked was not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The inviting phone said no.
    #[error(transparent)]
    Turned(#[from] Turned),
    /// What the inviting phone said makes no sense.
    #[error(transparent)]
    Garbled(#[from] Garbled),
    /// It welcomes to another community than the invitation named.
    #[error("this is the welcome to another community")]
    OtherCommunity,
    /// Nobody confirmed in time.
    #[error("nobody confirmed in time")]
    TimedOut,
    /// The connection broke before there was an answer. If this device was admitted all the same, the next
    /// invitation brings the welcome.
    #[error("the connection broke before there was an answer")]
    Broken,
    /// The welcome could not be kept.
    #[error(transparent)]
    Members(#[from] MembersError),
}

/// A device that asks by an invitation. Clones are handles to the same.
#[derive(Clone)]
pub struct Asking(Arc<Inner>);

struct Inner {
    replica: Replica,
    tls: TlsKey,
    invitation: Invitation,
    asked: watch::Sender<Asked>,
    /// A connection at a time: a second one would end the invitation.
    busy: Mutex<bool>,
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asking").field(&*self.0.asked.borrow()).finish()
    }
}

impl Replica {
    /// Prepares to ask by an invitation. Nothing is sent yet.
    ///
    /// # Errors
    /// [`MembersError::AlreadyAMember`].
    pub fn ask(&self, invitation: Invitation) -> Result<Asking, MembersError> {
        if self.community().is_some() {
            return Err(MembersError::AlreadyAMember);
        }
        let (replica, tls) = (self.clone(), self.inner.tls.clone());
        let (asked, busy) = (watch::Sender::new(Asked::Reaching), Mutex::new(false));
        Ok(Asking(Arc::new(Inner { replica, tls, invitation, asked, busy })))
    }
}

impl Asking {
    /// Asks over a pipe of the app's own. The pipe is done with when the session [is closed](crate::net::Conversation::closed);
    /// the first sync takes another.
    ///
    /// # Errors
    /// [`NetError::Tls`] if TLS cannot be set up.
    pub fn pipe(&self) -> Result<PipeSession, NetError> {
        PipeSession::dial(self.host(), self.inviter())
    }

    /// Asks over the network, at the addresses of the invitation and these, until the inviting phone has answered.
    /// Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn start_node(&self, more: &[SocketAddr]) -> Result<Node, NodeError> {
        let options = NodeOptions { listen: None, nearby: false, ..NodeOptions::default() };
        let node = Node::start(self.host(), options)?;
        let addresses: Vec<SocketAddr> = self.0.invitation.addresses.iter().chain(more).copied().collect();
        node.dial(&addresses, self.inviter())?;
        Ok(node)
    }

    /// How it stands.
    pub fn state(&self) -> Asked {
        self.0.asked.borrow().clone()
    }

    /// Changes whenever that does.
    pub fn changes(&self) -> watch::Receiver<Asked> {
        self.0.asked.subscribe()
    }

    /// Whom to dial for the first sync.
    pub fn peer(&self) -> Expected {
        Expected::Unlisted(self.0.invitation.device)
    }

    fn host(&self) -> Arc<dyn Host> {
        Arc::new(AskingHost(self.0.clone()))
    }

    fn inviter(&self) -> Expected {
        Expected::Inviter(self.0.invitation.device)
    }
}

/// A device that asks, as its transports see it: it knows nobody and syncs with nobody.
struct AskingHost(Arc<Inner>);

impl Host for AskingHost {
    fn device(&self) -> DeviceId {
        self.0.replica.device()
    }

    fn tls(&self) -> &TlsKey {
        &self.0.tls
    }

    fn welcomes(&self, _: DeviceId) -> bool {
        false
    }

    fn converse(&self, _: DeviceId) -> Result<AnyConversation, ConversationError> {
        Err(ConversationError::Ours(Arc::new(MembersError::NotAMember)))
    }

    fn now(&self) -> Mono {
        self.0.replica.inner.clock.mono()
    }

    fn greet(&self, at: JoinConnection) -> Result<AnyConversation, ConversationError> {
        let mut busy = self.0.busy.lock();
        if *busy || matches!(*self.0.asked.borrow(), Asked::Joined(_)) {
            return Err(ConversationError::NotInvited);
        }
        *busy = true;
        drop(busy);
        let (asking, record) = (self.0.clone(), self.0.replica.record());
        asking.asked.send_replace(Asked::Reaching);
        let out = first_words(&asking.invitation, record, &at.connection).to_bytes().to_vec();
        let by = self.now().plus(Duration::from_millis(limits::INVITATION_MS));
        let digits = Digits::of(&at.connection, &record);
        Ok(Box::new(Arrival { asking, digits, by, wake: Arc::default(), ear: Ear::default(), out, heard: false }))
    }
}

/// The asking side of one connection.
struct Arrival {
    asking: Arc<Inner>,
    digits: Digits,
    /// When to give up.
    by: Mono,
    wake: Arc<Notify>,
    ear: Ear,
    out: Vec<u8>,
    /// Whether the inviting phone has answered.
    heard: bool,
}

impl Arrival {
    fn hear(&mut self, said: Said) -> Result<(), ConversationError> {
        let state = self.asking.asked.borrow().clone();
        match (said, state) {
            (Said::Compare, Asked::Reaching) => {
                self.asking.asked.send_replace(Asked::Comparing(self.digits));
                Ok(())
            }
            (Said::Welcome { community, topic_key }, Asked::Comparing(_)) => {
                if community != self.asking.invitation.community {
                    return Err(self.fail(AskError::OtherCommunity));
                }
                let welcome = Welcome { community, topic_key: TopicKey::from_bytes(*topic_key) };
                self.asking.replica.join(&welcome).map_err(|error| self.fail(error.into()))?;
                self.asking.asked.send_replace(Asked::Joined(community));
                Ok(())
            }
            (Said::No(turned), _) => Err(self.fail(turned.into())),
            _ => Err(self.fail(Garbled.into())),
        }
    }

    fn fail(&self, error: AskError) -> ConversationError {
        self.asking.asked.send_replace(Asked::Failed(error.clone()));
        ConversationError::TurnedAway(Arc::new(error))
    }
}

impl Conversation for Arrival {
    type Error = ConversationError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), ConversationError> {
        for said in self.ear.hear(bytes).map_err(|garbled| self.fail(garbled.into()))? {
            self.heard = true;
            self.hear(said)?;
        }
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, ConversationError> {
        let count = most.min(self.out.len());
        Ok(self.out.drain(..count).collect())
    }

    fn tick(&mut self) -> Result<(), ConversationError> {
        if self.asking.replica.inner.clock.mono() >= self.by {
            return Err(self.fail(AskError::TimedOut));
        }
        Ok(())
    }

    fn wake(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    fn state(&self) -> ConversationState {
        let joined = matches!(*self.asking.asked.borrow(), Asked::Joined(_));
        ConversationState {
            met: self.heard,
            closed: joined.then_some(Reason::Asked),
            deadline: Some(self.by),
            unsent: self.out.len(),
            ..ConversationState::default()
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        // Reaching goes on, as long as there is somebody to try; people who compared must begin anew.
        if matches!(*self.asking.asked.borrow(), Asked::Comparing(_)) {
            self.asking.asked.send_replace(Asked::Failed(AskError::Broken));
        }
        *self.asking.busy.lock() = false;
    }
}
