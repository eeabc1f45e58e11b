//! Joining: this phone was shown an invitation, shows its digits, and waits for the inviting person.

use std::sync::{Arc, Weak};

use linli_core::{
    id::CommunityId,
    replica::{AskError, Asked, Asking},
    roster::invite::{Invitation, Turned},
};
use parking_lot::Mutex;
use tokio::{select, sync::watch};

use crate::{
    LinliError, Phone,
    home::bundle::{Work, unless},
    life::{Life, Part},
    net::{
        node::{Node, addresses},
        peer::Peer,
        pipe::Pipe,
    },
};

/// What the asking person's screen shows.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum JoiningState {
    /// The inviting phone has not answered.
    Reaching,
    /// These six digits must stand on the inviting phone's screen too.
    Comparing {
        /// The six digits, as a text.
        digits: String,
    },
    /// This device was admitted and belongs to the community now. An ordinary sync with `peer` brings the rest.
    Joined {
        /// The community it belongs to now.
        community: CommunityId,
    },
    /// It came to nothing.
    Failed {
        /// Why: `not_open`, `wrong_proof`, `shown_to_two`, `refused`, `not_admitted`, `garbled`, `other_community`,
        /// `timed_out`, `broken`, `failed`.
        code: String,
        /// The same in English.
        reason: String,
    },
}

impl From<Asked> for JoiningState {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Reaching => Self::Reaching,
            Asked::Comparing(digits) => Self::Comparing { digits: digits.to_string() },
            Asked::Joined(community) => Self::Joined { community },
            Asked::Failed(error) => Self::Failed { code: code(&error).to_owned(), reason: error.to_string() },
        }
    }
}

fn code(error: &AskError) -> &'static str {
    match error {
        AskError::Turned(Turned::NotOpen) => "not_open",
        AskError::Turned(Turned::WrongProof) => "wrong_proof",
        AskError::Turned(Turned::ShownToTwo) => "shown_to_two",
        AskError::Turned(Turned::Refused) => "refused",
        AskError::Turned(Turned::NotAdmitted) => "not_admitted",
        AskError::Garbled(_) => "garbled",
        AskError::OtherCommunity => "other_community",
        AskError::TimedOut => "timed_out",
        AskError::Broken => "broken",
        AskError::Members(_) => "failed",
    }
}

/// This phone as it asks to be admitted.
#[derive(uniffi::Object)]
pub struct Joining {
    life: Arc<Life>,
    asking: Mutex<Result<Asking, LinliError>>,
    peer: Peer,
    changed: watch::Sender<u64>,
}

impl Part for Joining {
    fn let_go(&self, why: LinliError) {
        let before = std::mem::replace(&mut *self.asking.lock(), Err(why));
        drop(before);
        self.changed.send_modify(|count| *count += 1);
    }
}

impl Joining {
    fn asking(&self) -> Result<Asking, LinliError> {
        self.asking.lock().clone()
    }

    async fn otherwise(&self, shown: JoiningState) -> Result<JoiningState, LinliError> {
        let mut gone = self.changed.subscribe();
        let mut changes = self.asking()?.changes();
        loop {
            let now = JoiningState::from(changes.borrow_and_update().clone());
            self.asking()?;
            if now != shown {
                return Ok(now);
            }
            select! {
                _gone = gone.changed() => {}
                changed = changes.changed() => if changed.is_err() { return Err(self.asking().err().unwrap_or(LinliError::Closed)) },
            }
        }
    }
}

#[uniffi::export]
impl Phone {
    /// Prepares to ask by an invitation. Nothing is sent yet: go on with `pipe` or `start_node`.
    pub async fn ask(&self, invitation: String) -> Result<Arc<Joining>, LinliError> {
        let asking = self.call(move |replica| {
            let invitation: Invitation = invitation.trim().parse()?;
            Ok::<_, LinliError>(replica.ask(invitation)?)
        });
        let asking = asking.await?;
        let (peer, changed) = (asking.peer().into(), watch::Sender::new(0));
        let joining = Arc::new(Joining { life: self.life.clone(), asking: Mutex::new(Ok(asking)), peer, changed });
        let part: Weak<Joining> = Arc::downgrade(&joining);
        self.life.keep(part)?;
        Ok(joining)
    }
}

#[uniffi::export]
impl Joining {
    /// Asks over a pipe of the app's own. The pipe is done with when it is closed; the first sync takes another:
    /// `dial_pipe` with `peer`.
    pub async fn pipe(&self) -> Result<Arc<Pipe>, LinliError> {
        let asking = self.asking()?;
        Pipe::begin(&self.life, move |_| Ok(asking.pipe()?)).await
    }

    /// Asks over the network, at the addresses of the invitation and these, until the inviting phone has answered. Stop
    /// the node then, and start an ordinary one for the first sync.
    pub async fn start_node(&self, addresses: Vec<String>) -> Result<Arc<Node>, LinliError> {
        let (asking, more) = (self.asking()?, self::addresses(&addresses)?);
        Node::begin(&self.life, move |_| Ok(asking.start_node(&more)?)).await
    }

    /// How it stands.
    pub fn state(&self) -> Result<JoiningState, LinliError> {
        Ok(self.asking()?.state().into())
    }

    /// Waits until it stands otherwise than in `shown`. Cancelling the wait changes nothing; cancelling `work` ends it.
    #[uniffi::method(default(work = None))]
    pub async fn next_state(&self, shown: JoiningState, work: Option<Arc<Work>>) -> Result<JoiningState, LinliError> {
        unless(work, self.otherwise(shown)).await
    }

    /// Whom to dial for the first sync.
    pub fn peer(&self) -> Result<Peer, LinliError> {
        Ok(self.peer.clone())
    }

    /// Asks no more.
    pub fn close(&self) -> Result<(), LinliError> {
        self.let_go(LinliError::Closed);
        Ok(())
    }
}
