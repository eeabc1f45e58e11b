//! Inviting: a coordinator's phone shows an invitation, hears out who asks, and admits whom its person confirms.
//!
//! The invitation lives in memory, and so only this phone redeems it. Admission is an ordinary command; the sync that
//! brings the newcomer everything is an ordinary conversation, over a connection of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{MembersError, Replica, update::Update};
use crate::{
    id::{CommandId, DeviceId},
    limits,
    net::{AnyConversation, Conversation, ConversationError, ConversationState, JoinConnection},
    roster::{
        Role, RosterRefusal, TABLE,
        invite::{
            Ask, Caller, Confirmed, Digits, Ear, Ended, Garbled, Invitation, InviteSecret, Inviter, Inviting, Offer,
            Said, Verdict,
        },
    },
    sync::Reason,
    time::Mono,
};

/// Why nobody was invited or confirmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// Nobody asks, or whoever does shows other digits.
    #[error("nobody asks with these digits")]
    NobodyAsks,
    /// The invitation is over.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// The roster was not changed.
    #[error(transparent)]
    Members(#[from] MembersError),
}

/// The inviting side, and whom to wake when something on it changes.
#[derive(Default)]
pub(super) struct Invites {
    inviter: Mutex<Inviter>,
    /// In the order in which they came.
    askers: Mutex<Vec<Weak<Asker>>>,
}

/// Somebody who asks, as the inviting side sees it.
#[derive(Default)]
struct Asker {
    wake: Arc<Notify>,
    /// It has shown the secret.
    proved: AtomicBool,
    /// It made room for another one.
    left: AtomicBool,
}

impl Replica {
    /// Lays out an invitation that is good for ten minutes and one device; one that lay there is over. Coordinators
    /// only. `addresses` say where this phone can be reached, if it can.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use linli_core::{key::MemorySecrets, net::Conversation, replica::{Asked, Options, Replica}};
    /// # use linli_core::roster::{Role, invite::{Invitation, Inviting, Offer}};
    /// # let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
    /// # let open = |nth: usize| Replica::open(Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())));
    /// # let (lan, wu) = (open(0)?, open(1)?);
    /// # lan.found(Some("Lan".into()))?;
    /// let invitation = lan.invite(Offer { role: Role::Volunteer, member: None, name: Some("Wu".into()) }, vec![])?;
    /// let scanned: Invitation = invitation.to_string().parse()?; // from one screen to the other phone
    /// let asking = wu.ask(scanned)?;
    /// let (mut asks, mut waits) = (asking.pipe()?, lan.accept_pipe()?);
    /// while asks.closed().is_none() {
    ///     waits.receive(&asks.send(1024)?)?; // between the two lies a pipe
    ///     asks.receive(&waits.send(1024)?)?;
    ///     if let Inviting::Comparing { digits, .. } = lan.inviting() {
    ///         lan.confirm(digits)?; // once a person has seen the same digits on both screens
    ///     }
    ///     waits.tick()?;
    /// }
    /// assert!(matches!(asking.state(), Asked::Joined(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Why not.
    pub fn invite(&self, offer: Offer, addresses: Vec<SocketAddr>) -> Result<Invitation, MembersError> {
        self.may_invite(&offer)?;
        let community = self.community().ok_or(MembersError::NotAMember)?;
        let invitation = Invitation {
            community,
            device: self.device(),
            secret: self.with_engine(|engine| InviteSecret::generate(&mut engine.dice)),
            role: offer.role,
            addresses: addresses.into_iter().take(limits::ADDRESSES).collect(),
        };
        let now = self.inner.clock.mono();
        self.at_inviter(|inviter| inviter.lay_out(invitation.clone(), offer, now));
        Ok(invitation)
    }

    /// What is to be refused at the end is refused at the beginning.
    fn may_invite(&self, offer: &Offer) -> Result<(), RosterRefusal> {
        let (roster, device) = (self.roster(), self.device());
        let own = roster.device(device).filter(|own| !own.withdrawn);
        let own = own.ok_or(RosterRefusal::NotAdmitted { device })?;
        if own.role != Role::Coordinator {
            let admitted = TABLE.iter().find(|spec| spec.code == "admitted");
            let needs = admitted.map(|spec| spec.need.names().collect()).unwrap_or_default();
            return Err(RosterRefusal::NotAllowed { event: "admitted", needs });
        }
        if offer.role == Role::Relay {
            return Err(RosterRefusal::Role { role: offer.role });
        }
        match offer.member {
            Some(member) if !roster.devices().any(|device| device.member == Some(member)) => {
                Err(RosterRefusal::UnknownMember { member })
            }
            _ => Ok(()),
        }
    }

    /// How the invitation stands.
    pub fn inviting(&self) -> Inviting {
        let now = self.inner.clock.mono();
        self.inner.invites.inviter.lock().inviting(now)
    }

    /// The person has compared: both screens show these digits. Admits the device that asks and sends it the welcome.
    ///
    /// # Errors
    /// [`InviteError::NobodyAsks`] if the digits are not those of whoever asks: nothing is changed then. Else why the
    /// device was not admitted: the invitation is over.
    pub fn confirm(&self, digits: Digits) -> Result<DeviceId, InviteError> {
        let now = self.inner.clock.mono();
        let confirmed = self.inner.invites.inviter.lock().confirm(digits, now);
        let Confirmed { record, offer } =
            confirmed.map_err(|ended| ended.map_or(InviteError::NobodyAsks, Into::into))?;
        let roster = self.roster();
        // Who was admitted when the connection broke comes again, and lacks the welcome alone.
        let again = roster.device(record.device).is_some_and(|known| known.record == record && !known.withdrawn);
        let admitted = if again {
            Ok(())
        } else {
            let mut id = [0; CommandId::LEN];
            self.with_engine(|engine| rand::Rng::fill_bytes(&mut engine.dice, &mut id));
            self.admit(CommandId::from_bytes(id), record, offer.role, offer.member, offer.name)
        };
        self.at_inviter(|inviter| inviter.admitted(admitted.is_ok()));
        admitted?;
        Ok(record.device)
    }

    /// The person says no to whoever asks: the invitation is over.
    pub fn refuse_invited(&self) {
        self.at_inviter(Inviter::refuse);
    }

    /// Takes the invitation back, if nobody was confirmed.
    pub fn cancel_invitation(&self) {
        self.at_inviter(Inviter::cancel);
    }

    /// Changes the inviting side, and wakes whoever waits for that.
    fn at_inviter<T>(&self, change: impl FnOnce(&mut Inviter) -> T) -> T {
        let changed = change(&mut self.inner.invites.inviter.lock());
        for asker in self.inner.invites.askers.lock().iter().filter_map(Weak::upgrade) {
            asker.wake.notify_one();
        }
        // Nobody listening is no fault.
        let _unheard = self.inner.updates.send(Update::Invitation);
        changed
    }

    pub(super) fn invites(&self) -> bool {
        self.inner.invites.inviter.lock().is_open(self.inner.clock.mono())
    }

    /// Hears out somebody who may ask. Of those who have not shown the secret, the first makes room for one too many:
    /// whoever is invited shows it with the first word.
    pub(super) fn greet(&self, at: JoinConnection) -> Result<AnyConversation, ConversationError> {
        if !self.invites() {
            return Err(ConversationError::NotInvited);
        }
        let asker = Arc::new(Asker::default());
        let mut askers = self.inner.invites.askers.lock();
        askers.retain(|asker| asker.upgrade().is_some_and(|asker| !asker.left.load(Ordering::Relaxed)));
        let unproved = askers.iter().filter_map(Weak::upgrade).filter(|asker| !asker.proved.load(Ordering::Relaxed));
        let unproved: Vec<Arc<Asker>> = unproved.collect();
        if let Some(first) = unproved.first().filter(|_| unproved.len() >= limits::ASKERS) {
            first.left.store(true, Ordering::Relaxed);
            first.wake.notify_one();
        }
        askers.push(Arc::downgrade(&asker));
        drop(askers);
        let caller = self.inner.invites.inviter.lock().caller();
        let (ear, out) = (Ear::default(), Vec::new());
        Ok(Box::new(Greeting { replica: self.clone(), at, caller, asker, ear, out, state: State::Hearing }))
    }
}

/// The inviting side of one connection.
struct Greeting {
    replica: Replica,
    at: JoinConnection,
    caller: Caller,
    asker: Arc<Asker>,
    ear: Ear,
    out: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The proof has not come.
    Hearing,
    /// The proof was right.
    Comparing,
    /// All is said: the other end may stay until then.
    Said { until: Mono },
}

impl Greeting {
    fn now(&self) -> Mono {
        self.replica.inner.clock.mono()
    }

    fn hear(&mut self, ask: &Ask) {
        let (now, JoinConnection { device, connection }) = (self.now(), self.at.clone());
        match self.replica.at_inviter(|inviter| inviter.ask(self.caller, ask, &connection, device, now)) {
            Ok(()) => {
                self.out.extend_from_slice(&Said::Compare.to_bytes());
                self.asker.proved.store(true, Ordering::Relaxed);
                self.state = State::Comparing;
            }
            Err(turned) => self.last(&Said::No(turned)),
        }
    }

    fn last(&mut self, said: &Said) {
        self.out.extend_from_slice(&said.to_bytes());
        self.state = State::Said { until: self.now().plus(Duration::from_millis(limits::LAST_WORD_MS)) };
    }

    /// Says what the person has decided meanwhile.
    fn look(&mut self) -> Result<(), ConversationError> {
        if self.asker.left.load(Ordering::Relaxed) && !self.asker.proved.load(Ordering::Relaxed) {
            return Err(ConversationError::NotInvited);
        }
        if self.state != State::Comparing {
            return Ok(());
        }
        let now = self.now();
        let verdict = self.replica.inner.invites.inviter.lock().verdict(self.caller, now);
        match verdict {
            Verdict::Wait => {}
            Verdict::No(turned) => self.last(&Said::No(turned)),
            Verdict::Welcome => {
                let welcome = self.replica.welcome().map_err(|error| ConversationError::Ours(Arc::new(error)))?;
                let topic_key = (*welcome.topic_key.as_secret()).into();
                self.last(&Said::Welcome { community: welcome.community, topic_key });
            }
        }
        Ok(())
    }
}

impl Conversation for Greeting {
    type Error = ConversationError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), ConversationError> {
        if self.state == State::Hearing {
            self.look()?;
        }
        for said in self.ear.hear(bytes).map_err(garbled)? {
            match (said, self.state) {
                (Said::Ask(ask), State::Hearing) => self.hear(&ask),
                _ => return Err(garbled(Garbled)),
            }
        }
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, ConversationError> {
        self.look()?;
        let count = most.min(self.out.len());
        Ok(self.out.drain(..count).collect())
    }

    fn tick(&mut self) -> Result<(), ConversationError> {
        self.look()
    }

    fn wake(&self) -> Arc<Notify> {
        self.asker.wake.clone()
    }

    fn state(&self) -> ConversationState {
        let deadline = match self.state {
            State::Hearing => None,
            State::Comparing => match self.replica.inviting() {
                Inviting::Comparing { until, .. } => Some(until),
                _ => Some(self.now()),
            },
            State::Said { until } => Some(until),
        };
        let over = matches!(self.state, State::Said { until } if self.now() >= until);
        ConversationState {
            // Whoever is turned away has shown nothing, and takes leave soon.
            met: self.asker.proved.load(Ordering::Relaxed),
            closed: (over && self.out.is_empty()).then_some(Reason::Asked),
            deadline,
            unsent: self.out.len(),
            ..ConversationState::default()
        }
    }
}

impl Drop for Greeting {
    fn drop(&mut self) {
        if self.state == State::Comparing {
            let caller = self.caller;
            self.replica.at_inviter(|inviter| inviter.gone(caller));
        }
    }
}

fn garbled(error: Garbled) -> ConversationError {
    ConversationError::TurnedAway(Arc::new(error))
}
