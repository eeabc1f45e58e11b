//! Links: one conversation with one peer, fed with bytes and drained of bytes by whoever owns the pipe.
//!
//! What a replica adds to any keeper's conversation: who was met when, who has what, and how far it is, for screens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rand::RngExt;
use tokio::sync::Notify;

use super::{Replica, update::Update};
use crate::{
    event::Entry,
    id::{DeviceId, EventId, LogId, TopicTag},
    keep::{Answer, Checked, Holder, Inbox, Rules, Shared, SyncConversation},
    limits,
    net::{Conversation, ConversationState},
    store::{Heard, Reader, StoreError, few_lacks, lacks_any},
    sync::{Kept, frame::NONCE},
    time::Mono,
};

pub use crate::keep::LinkError;

/// Milliseconds of a conversation after which its end is kept as a contact of its own.
const CONTACT_MS: u64 = 60_000;

impl Holder for Replica {
    fn device(&self) -> DeviceId {
        Self::device(self)
    }

    fn now(&self) -> Mono {
        self.inner.clock.mono()
    }

    fn nonce(&self) -> [u8; NONCE] {
        self.inner.nonces.lock().random()
    }

    fn with_rules<T>(&self, ask: impl FnOnce(&Rules) -> T) -> Option<T> {
        Some(ask(&self.snapshot()?.rules))
    }

    fn read<T>(&self, ask: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        Self::read(self, ask)
    }

    fn take_in(
        &self,
        topic: TopicTag,
        checked: Vec<Checked>,
        led: BTreeSet<EventId>,
        from: &Arc<Inbox>,
    ) -> Result<Vec<Answer>, StoreError> {
        self.store_checked(topic, checked, &led, from)
    }

    fn goes_on(&self) -> bool {
        self.goes_on_idly()
    }

    fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}

/// A conversation with one peer over a byte pipe of the caller's.
///
/// It is driven as every [`Conversation`]; news come with each [`Update`], too. There is no state to carry over: after a
/// break, drop it and make a new one. Dropping takes in what came of a frame that broke off.
///
/// ```
/// # use std::sync::Arc;
/// # use linli_core::{id::CommandId, key::MemorySecrets, net::Conversation, replica::{Options, Replica}, roster::Role};
/// # let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
/// # let open = |nth: usize| Replica::open(Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())));
/// # let (lan, wu) = (open(0)?, open(1)?);
/// # lan.found(Some("Lan".into()))?;
/// # lan.admit(CommandId::from_bytes([1; 16]), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
/// # wu.join(&lan.welcome()?)?;
/// // The pipe has proved to each who is at its other end.
/// let (mut here, mut there) = (lan.link(wu.device())?, wu.link(lan.device())?);
/// while !(here.is_in_step() && there.is_in_step()) {
///     there.receive(&here.send(1024)?)?; // between the two lies the pipe
///     here.receive(&there.send(1024)?)?;
/// }
/// assert!(wu.member().is_some()); // its admission came over
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Link {
    replica: Replica,
    conversation: SyncConversation<Replica>,
    /// When the peer last said something; nothing before its hello.
    heard: Option<Heard>,
    /// What of that is kept.
    noted: Option<Heard>,
    /// When a screen was last told how far this is.
    told: Option<Mono>,
    /// The peer was met, and the store does not know yet.
    unnoted: bool,
    /// Whether it is kept what bodies the peer said to lack.
    lacks_noted: bool,
    /// Until when nothing is tried again of what there was no room for.
    rests: Option<Mono>,
}

impl Replica {
    /// Begins a conversation with a device that the transport has proved.
    ///
    /// # Errors
    /// [`LinkError::NotAMember`] before founding or joining, [`LinkError::Withdrawn`] for a withdrawn peer.
    pub fn link(&self, peer: DeviceId) -> Result<Link, LinkError> {
        let conversation = SyncConversation::begin(self.clone(), peer)?;
        self.inner.meetings.begin(peer);
        Ok(Link {
            replica: self.clone(),
            conversation,
            heard: None,
            noted: None,
            told: None,
            unnoted: false,
            lacks_noted: false,
            rests: None,
        })
    }
}

impl Link {
    /// The device it is with.
    pub fn peer(&self) -> DeviceId {
        self.conversation.peer()
    }

    /// What is kept of what the peer said or asked for; every part of it has a bound.
    pub fn held(&self) -> Kept {
        self.conversation.held()
    }

    /// Tells the rest of the replica how far this conversation is, and now and then whoever looks at a screen.
    fn report(&mut self) {
        let Some(heard) = self.heard else { return };
        let (progress, in_step) = (self.conversation.progress(), self.conversation.is_in_step());
        self.replica.inner.meetings.note(self.peer(), heard, progress, in_step);
        let now = self.replica.inner.clock.mono();
        if self.told.is_none_or(|told| !in_step && now.since(told) >= limits::PROGRESS_MS) {
            self.told = Some(now);
            self.replica.announce(Vec::new(), vec![Update::Peer { device: self.peer() }]);
        }
    }

    /// What is kept of what bodies the peer says to lack, if that is otherwise than what is kept now.
    fn lacked(&self) -> Result<Option<BTreeSet<Entry>>, StoreError> {
        let said: BTreeMap<TopicTag, Vec<Entry>> = self.conversation.session().holes_of_peer().collect();
        let spoken: Vec<TopicTag> = said.keys().copied().collect();
        let is_spoken = |rules: &Rules| rules.wanted().iter().all(|(_, topic)| said.contains_key(topic));
        let of_all = self.replica.with_rules(is_spoken).unwrap_or(false);
        self.replica.read(|reader| {
            let known = reader.peer_lacks(self.peer())?;
            let mut lacks: BTreeSet<Entry> = said.values().flatten().copied().collect();
            // Of topics that are not shared with it now it said nothing.
            let unsaid =
                |log: LogId| Ok::<_, StoreError>(reader.log(log)?.is_some_and(|log| !said.contains_key(&log.topic)));
            for hole in &known {
                // What it is not known to have it is not taken to have, whatever it lacks.
                let is_unsaid = if *hole == lacks_any() {
                    !of_all && reader.has_beside(self.peer(), &spoken)?
                } else {
                    unsaid(hole.log)?
                };
                if is_unsaid {
                    lacks.insert(*hole);
                }
            }
            let lacks = few_lacks(lacks);
            Ok((lacks != known).then_some(lacks))
        })
    }

    /// Keeps when this peer was met and what it has: one transaction for many acknowledgements.
    fn note_peer(&mut self) -> Result<(), StoreError> {
        let now = self.replica.inner.clock.mono();
        let (met, said) = (self.unnoted, self.conversation.is_in_step() && !self.lacks_noted);
        let much =
            !self.conversation.acknowledged().is_empty() || self.conversation.brought().len() >= limits::ACKNOWLEDGED;
        if self.rests.is_some_and(|until| now < until) {
            few(self.conversation.acknowledged());
            few(self.conversation.brought());
            return Ok(());
        }
        if !(met || said || much) {
            return Ok(());
        }
        let mut has = std::mem::take(self.conversation.acknowledged());
        has.extend(std::mem::take(self.conversation.brought()));
        let lacks = if said { self.lacked()? } else { None };
        let has_more = self.has_more(&has)?;
        if let Some(heard) = self.heard.filter(|_| met || !has_more.is_empty() || lacks.is_some()) {
            match self.write_down(heard, &has_more, lacks.as_ref()) {
                Ok(()) => (self.noted, self.unnoted) = (Some(heard), false),
                // This meeting is not for want of it to end; it is written as soon as there is room, or learnt at the next.
                Err(error) if error.is_unwritable() => {
                    few(&mut has);
                    *self.conversation.acknowledged() = has;
                    self.rests = Some(Mono(now.0.saturating_add(limits::HEAL_MS)));
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        (self.rests, self.lacks_noted) = (None, self.lacks_noted | said);
        self.replica.announce(Vec::new(), vec![Update::Peer { device: self.peer() }]);
        Ok(())
    }

    /// What of this is not kept yet.
    fn has_more(&self, has: &BTreeSet<Entry>) -> Result<Vec<Entry>, StoreError> {
        self.replica.read(|reader| {
            // Of few each is looked for: a peer may have very much.
            let (peer, few) = (self.peer(), has.len() <= limits::ACKNOWLEDGED);
            let known = if few { BTreeSet::new() } else { reader.peer_has(peer)? };
            let mut more = Vec::new();
            for entry in has {
                let is_known = if few { reader.is_noted(peer, *entry)? } else { known.contains(entry) };
                // What it says of logs that are not held here cannot be told from idle talk.
                if !is_known && reader.log(entry.log)?.is_some() {
                    more.push(*entry);
                }
            }
            Ok(more)
        })
    }

    fn write_down(&self, heard: Heard, has: &[Entry], lacks: Option<&BTreeSet<Entry>>) -> Result<(), StoreError> {
        let (running, now) = (&self.replica.inner.running, self.replica.running());
        self.replica.with_engine_idly(|engine| {
            let mut write = engine.store.write()?;
            write.set_peer_contact(self.peer(), heard)?;
            write.note_peer_has(self.peer(), has)?;
            if let Some(lacks) = lacks {
                write.note_peer_lacks(self.peer(), lacks)?;
            }
            running.commit(write, now)
        })
    }
}

/// As many as are kept until they can be written down.
fn few(unnoted: &mut BTreeSet<Entry>) {
    while unnoted.len() > limits::UNNOTED {
        unnoted.pop_last();
    }
}

impl Conversation for Link {
    type Error = LinkError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let (met, in_step) = (self.conversation.is_met(), self.conversation.is_in_step());
        let heard = self.conversation.receive(bytes);
        if self.conversation.is_met() {
            self.unnoted |= !met;
            self.heard = Some(self.replica.moment());
        }
        heard?;
        if !in_step {
            self.replica.learn_of_own(self.conversation.session())?;
        }
        // What a peer brings is noted with what it acknowledges, or once that is much.
        if self.conversation.is_in_step() || self.conversation.acknowledged().len() >= limits::ACKNOWLEDGED {
            self.note_peer()?;
        }
        self.report();
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        let bytes = self.conversation.send(most)?;
        self.report();
        Ok(bytes)
    }

    fn tick(&mut self) -> Result<(), LinkError> {
        self.conversation.tick()
    }

    fn ping(&mut self) -> Result<(), LinkError> {
        self.conversation.ping()
    }

    fn wake(&self) -> Arc<Notify> {
        self.conversation.wake()
    }

    fn state(&self) -> ConversationState {
        self.conversation.state()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let running = |heard: Option<Heard>| heard.and_then(|heard| heard.running).unwrap_or(0);
        let later = running(self.heard).saturating_sub(running(self.noted)) >= CONTACT_MS;
        self.unnoted |= later || !self.conversation.brought().is_empty();
        self.rests = None;
        self.report();
        self.replica.inner.meetings.end(self.peer());
        // What is lost here is learnt again at the next meeting.
        let _lost = self.note_peer();
    }
}
