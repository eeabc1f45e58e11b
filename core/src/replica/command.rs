//! Commands: each is decided, written as events in one transaction, durable before it is seen (R6).

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use rand::CryptoRng;
use serde::Serialize;

use super::{Engine, Replica, community::NoKey, held::HeldFor, place::Placing, update::News};
use crate::{
    aggregate::{
        Aggregate, DecisionContext, Draft, Folded, Found, Held, Payload, Registry, Select, World, WorldError,
        declared::{self, Deed, Shape},
    },
    event::{Body, EventError, Head, LogHeader, Topic, VerifiedRun, Writer},
    id::{CommandId, Reference},
    key::DeviceKeys,
    roster::{About, Need, Role},
    store::{StoreError, Write},
    time::WallMs,
};

/// What a command left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Receipt {
    /// The aggregate it was about: the first one it made, else the one it named.
    pub aggregate: Reference,
    /// The events it wrote, in order; none if nothing was left to do.
    pub events: Vec<Reference>,
}

/// Why a command wrote nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError<R: std::error::Error + 'static> {
    /// The aggregate refuses, with a reason of its own.
    #[error(transparent)]
    Refused(R),
    /// The roster does not let this device do it, or lets it in a role that only a later build knows.
    #[error("{code} needs: {}", need.names().collect::<Vec<_>>().join(" or "))]
    NotEntitled {
        /// The event that would have been written.
        code: &'static str,
        /// Any of these rights would do.
        need: Need,
    },
    /// No such aggregate is known here, or it does not count.
    #[error("there is no {kind} of this name here")]
    Unknown {
        /// The aggregate's type.
        kind: &'static str,
    },
    /// The registry has no aggregate of this name that was declared.
    #[error("no aggregate of this name is declared")]
    Undeclared,
    /// The command id was used before, for something else.
    #[error("this command id was used for another command")]
    Reused,
    /// Something passes a limit.
    #[error(transparent)]
    Limit(#[from] EventError),
    /// Not a member yet: the admission or the key has not arrived.
    #[error("this device is not a member yet, or has no key to write with")]
    NotAMember,
    /// This device was withdrawn.
    #[error("this device was withdrawn")]
    Withdrawn,
    /// The aggregate's type is not registered, or an event of it did not count where it was written: a fault in it.
    #[error("the aggregate {kind} is at fault: {what}")]
    Faulty {
        /// The aggregate's type.
        kind: &'static str,
        /// What went wrong.
        what: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The read model as decisions see it, and for how long what is in it is held.
struct Screen<'a, 'w> {
    write: &'a Write<'w>,
    held: &'a HeldFor,
}

impl World for Screen<'_, '_> {
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError> {
        self.write.select(select).map_err(|error| WorldError(error.to_string()))
    }

    fn exists(&self, aggregate: &'static str, reference: Reference) -> Result<bool, WorldError> {
        let known = self.write.aggregate(reference).map_err(|error| WorldError(error.to_string()))?;
        Ok(known.is_some_and(|(_, kind)| kind == aggregate))
    }

    fn held_for(&self, event: Reference) -> Result<u64, WorldError> {
        Ok(self.held.since(self.write.pos_of(event).map_err(|error| WorldError(error.to_string()))?))
    }
}

/// When a command is carried out: what the wall clock says, and for how long everything is held.
struct Hour {
    now: WallMs,
    held: HeldFor,
}

/// What somebody wants of an aggregate of one type, whatever that is.
trait Intent {
    type Refusal: std::error::Error;

    fn aggregate(&self) -> &'static str;
    fn topic(&self) -> Topic;
    /// The code of its first kind of event: what a closed register is said to be closed to.
    fn code(&self) -> &'static str;
    fn digest(&self, target: Option<Reference>) -> [u8; 32];
    /// The events it becomes. What it is about is none, or of its type.
    fn decide(self, about: Option<&Folded>, context: &DecisionContext<'_>) -> Result<Vec<Draft>, Self::Refusal>;
}

struct Commanded<A: Aggregate>(A::Command);

impl<A: Aggregate> Intent for Commanded<A> {
    type Refusal = A::Refusal;

    fn aggregate(&self) -> &'static str {
        A::NAME
    }

    fn topic(&self) -> Topic {
        A::TOPIC
    }

    fn code(&self) -> &'static str {
        A::KINDS.first().map_or(A::NAME, |spec| spec.code)
    }

    fn digest(&self, target: Option<Reference>) -> [u8; 32] {
        digest(&(A::NAME, target, &self.0))
    }

    fn decide(self, about: Option<&Folded>, context: &DecisionContext<'_>) -> Result<Vec<Draft>, A::Refusal> {
        A::decide(about.and_then(Folded::subject::<A>).as_ref(), self.0, context)
    }
}

struct Done {
    shape: &'static Shape,
    deed: Deed,
}

impl Intent for Done {
    type Refusal = declared::Refusal;

    fn aggregate(&self) -> &'static str {
        self.shape.name
    }

    fn topic(&self) -> Topic {
        Topic::Common
    }

    fn code(&self) -> &'static str {
        self.shape.name
    }

    fn digest(&self, target: Option<Reference>) -> [u8; 32] {
        digest(&(self.shape.name, target, &self.deed))
    }

    fn decide(self, about: Option<&Folded>, _: &DecisionContext<'_>) -> Result<Vec<Draft>, declared::Refusal> {
        let subject = about.and_then(|folded| Some((folded.birth(), folded.declared()?)));
        Ok(vec![self.shape.decide(subject, &self.deed)?])
    }
}

impl Replica {
    /// Carries out a command on an aggregate, or makes one where `target` is none. When this returns `Ok` everything
    /// written is durable. The same `id` again, even after a restart, returns the first receipt and writes nothing; a
    /// refusal wrote nothing and leaves the id free.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use linli_core::{id::CommandId, key::MemorySecrets};
    /// # use linli_core::replica::{Options, Replica, SubmitError};
    /// # use linli_core::aggregate::order::{How, NewOrder, Order, Refusal, Command};
    /// # let home = tempfile::tempdir()?;
    /// # let phone = Replica::open(Options::new(home.path(), Arc::new(MemorySecrets::default())))?;
    /// # phone.found(None)?;
    /// # let id = |nth| CommandId::from_bytes([nth; 16]);
    /// # let milk = NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("milk".into()), ..NewOrder::default() };
    /// let posted = phone.submit::<Order>(id(1), None, Command::Post(Box::new(milk.clone())))?;
    /// assert_eq!(phone.submit::<Order>(id(1), None, Command::Post(Box::new(milk)))?, posted); // the same: nothing is written
    /// phone.submit::<Order>(id(2), Some(posted.aggregate), Command::Claim)?;
    /// phone.submit::<Order>(id(3), Some(posted.aggregate), Command::Cancel { why: None })?;
    /// let delivered = |already_happened| Command::Deliver { how: How::LeftAtDoor, already_happened, happened_at: None };
    /// let refused = phone.submit::<Order>(id(4), Some(posted.aggregate), delivered(false));
    /// assert!(matches!(refused, Err(SubmitError::Refused(Refusal::WarnEnded { .. })))); // a warning: the person is asked …
    /// phone.submit::<Order>(id(4), Some(posted.aggregate), delivered(true))?; // … and says that it happened all the same
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Why nothing was written.
    pub fn submit<A: Aggregate>(
        &self,
        id: CommandId,
        target: Option<Reference>,
        command: A::Command,
    ) -> Result<Receipt, SubmitError<A::Refusal>> {
        self.intend(id, target, Commanded::<A>(command))
    }

    /// The same for an aggregate that the registry has by a [declaration](crate::aggregate::declared).
    ///
    /// # Errors
    /// Why nothing was written; [`SubmitError::Undeclared`] where no aggregate of this name was declared.
    pub fn submit_declared(
        &self,
        id: CommandId,
        aggregate: &str,
        target: Option<Reference>,
        deed: Deed,
    ) -> Result<Receipt, SubmitError<declared::Refusal>> {
        let shape = self.registry().shape(aggregate).ok_or(SubmitError::Undeclared)?;
        self.intend(id, target, Done { shape, deed })
    }

    fn intend<I: Intent>(
        &self,
        id: CommandId,
        target: Option<Reference>,
        intent: I,
    ) -> Result<Receipt, SubmitError<I::Refusal>> {
        let digest = intent.digest(target);
        let hour = Hour { now: self.inner.clock.wall(), held: self.holding() };
        let (receipt, runs, news) = self.with_engine(|engine| {
            if let Some((known, result)) = engine.store.command(id)? {
                return first_result(&known, &digest, &result).map(|receipt| (receipt, Vec::new(), News::default()));
            }
            if engine.leave_fork(intent.topic())? {
                self.publish(engine);
            }
            let done = engine.carry_out(&self.inner.registry, id, digest, target, intent, &hour);
            // A refusal comes before anything is written; after other errors what was folded meanwhile is dropped.
            if !matches!(done, Ok(_) | Err(SubmitError::Refused(_) | SubmitError::Unknown { .. })) {
                engine.cache.clear();
            }
            done
        })?;
        self.announce(runs, news);
        Ok(receipt)
    }
}

fn digest(all: &impl Serialize) -> [u8; 32] {
    blake3::derive_key("linli 2026 command digest v1", &serde_json::to_vec(all).unwrap_or_default())
}

fn first_result<R: std::error::Error>(
    known: &[u8; 32],
    digest: &[u8; 32],
    result: &str,
) -> Result<Receipt, SubmitError<R>> {
    if known != digest {
        return Err(SubmitError::Reused);
    }
    serde_json::from_str(result).map_err(|_| StoreError::Damaged { detail: "a kept command result".into() }.into())
}

/// The events that a remembered command wrote, whichever kind of command it was; none of an answer that does not read.
pub(super) fn written(result: &str) -> Option<Vec<Reference>> {
    let events = serde_json::from_str(result).ok();
    events.or_else(|| serde_json::from_str::<Receipt>(result).ok().map(|receipt| receipt.events))
}

/// What a carried-out command leaves: its receipt, the runs for peers, the news for screens.
type Outcome<R> = Result<(Receipt, Vec<(Topic, VerifiedRun)>, News), SubmitError<R>>;

impl Engine {
    fn carry_out<I: Intent>(
        &mut self,
        registry: &Registry,
        id: CommandId,
        digest: [u8; 32],
        target: Option<Reference>,
        intent: I,
        hour: &Hour,
    ) -> Outcome<I::Refusal> {
        let kind = intent.aggregate();
        let community = self.community.as_mut().ok_or(SubmitError::NotAMember)?;
        if community.roster.device(community.me).is_some_and(|device| device.withdrawn) {
            return Err(SubmitError::Withdrawn);
        }
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        let drafts = decide(&mut placing, target, intent, hour);
        // Also where the aggregate calls it a refusal that it was not told what it asked.
        placing.write.answered()?;
        let drafts = drafts?;
        let (placing_ref, keys, dice) = (&mut placing, &self.keys, &mut self.dice);
        let now = hour.now;
        let mut scribe = Scribe { placing: placing_ref, keys, dice, now, runs: Vec::new(), written: Vec::new() };
        let mut made = None;
        for draft in drafts {
            let creates = draft.target.is_none() && draft.behind.is_none();
            let reference = scribe.write(registry, draft)?;
            made = made.or(creates.then_some(reference));
        }
        let Scribe { runs, written: events, .. } = scribe;
        let aggregate = made.or(target).ok_or(SubmitError::Unknown { kind })?;
        let receipt = Receipt { aggregate, events };
        let result = serde_json::to_string(&receipt).unwrap_or_default();
        placing.write.remember_command(id, &digest, &result)?;
        let news = placing.commit()?;
        Ok((receipt, runs, news))
    }
}

fn decide<I: Intent>(
    placing: &mut Placing<'_>,
    target: Option<Reference>,
    intent: I,
    hour: &Hour,
) -> Result<Vec<Draft>, SubmitError<I::Refusal>> {
    let (kind, topic) = (intent.aggregate(), intent.topic());
    let by = placing.community.member().ok_or(SubmitError::NotAMember)?;
    let device = placing.community.me;
    // Before anything is looked at: a refusal says nothing of the care register to whom it is closed.
    if topic == Topic::Care && !placing.own_standing(topic, &About::default())?.may(Need::CARE) {
        return Err(SubmitError::NotEntitled { code: intent.code(), need: Need::CARE });
    }
    if let Some(target) = target {
        placing.look(target)?.filter(|folded| folded.kind() == kind).ok_or(SubmitError::Unknown { kind })?;
    }
    let folded = target.and_then(|target| placing.peek(target));
    let birth = folded.map(Folded::birth);
    let about = About {
        author: birth.map(|birth| birth.author),
        building: birth.and_then(|birth| birth.building.as_deref()),
        aggregate: target,
        target_author: None,
    };
    let standing = placing.own_standing(topic, &about)?;
    let world = Screen { write: &placing.write, held: &hour.held };
    let context = DecisionContext { by, device, standing, now: hour.now, world: &world };
    intent.decide(folded, &context).map_err(SubmitError::Refused)
}

/// Writes drafts at the end of this device's logs, one after the other, each placed at once.
pub(super) struct Scribe<'a, 'p> {
    pub(super) placing: &'p mut Placing<'a>,
    pub(super) keys: &'p DeviceKeys,
    pub(super) dice: &'p mut dyn CryptoRng,
    pub(super) now: WallMs,
    pub(super) runs: Vec<(Topic, VerifiedRun)>,
    pub(super) written: Vec<Reference>,
}

impl Scribe<'_, '_> {
    fn write<R: std::error::Error>(&mut self, registry: &Registry, draft: Draft) -> Result<Reference, SubmitError<R>> {
        let faulty = |what| SubmitError::Faulty { kind: draft.aggregate, what };
        let spec = *registry.kind(draft.kind).ok_or_else(|| faulty("an unregistered kind"))?;
        let topic = registry.topic(draft.aggregate).ok_or_else(|| faulty("an unregistered aggregate"))?;
        let target = match draft.behind {
            Some(nth) => Some(self.written.get(nth).copied().ok_or_else(|| faulty("a draft behind none"))?),
            None => draft.target,
        };
        if registry.owner(spec.kind) != Some(draft.aggregate) || spec.creates != target.is_none() {
            return Err(faulty("a kind of another aggregate"));
        }
        let payload = match draft.payload {
            Payload::Ready(bytes) => bytes,
            Payload::After(late) => late(&self.written),
        };
        let log = self.placing.community.own_log(topic);
        let deps = match target {
            Some(target) => self.deps(target, &log)?,
            None => Vec::new(),
        };
        let body = Body {
            aggregate: target,
            deps,
            wall: self.now,
            kind: spec.kind,
            version: spec.version,
            payload,
            edits: draft.edits,
            salt: (topic == Topic::Care).then(|| self.salt()),
        };
        let reference = self.append(topic, &body).map_err(AppendError::into_submit)?;
        match self.placing.held(reference, target.unwrap_or(reference))? {
            None => Ok(reference),
            Some(Held::Crowded) => Err(EventError::Crowded.into()),
            // What it may in a role of a later build is for that build to say.
            Some(held) if held == Held::Unentitled || self.is_later() => {
                Err(SubmitError::NotEntitled { code: spec.code, need: spec.need })
            }
            Some(_) => Err(faulty("an event that does not count where it was written")),
        }
    }

    /// Whether this build does not know this device's own role.
    fn is_later(&self) -> bool {
        let community = &self.placing.community;
        community.roster.device(community.me).is_some_and(|own| own.role == Role::Later)
    }

    /// The heads of what this replica has folded, without those that every receiver implies.
    fn deps(&mut self, target: Reference, log: &LogHeader) -> Result<Vec<Reference>, StoreError> {
        let Some(folded) = self.placing.look(target)? else { return Ok(Vec::new()) };
        let own = folded.last_of(log.id());
        Ok(folded.heads().into_iter().filter(|head| *head != target && Some(*head) != own).collect())
    }

    fn salt(&mut self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.dice.fill_bytes(&mut salt);
        salt
    }

    /// Seals, chains, signs, stores and places one event.
    pub(super) fn append(&mut self, topic: Topic, body: &Body) -> Result<Reference, AppendError> {
        let community = &self.placing.community;
        let header = community.own_log(topic);
        let key = community.writing_key(topic).map_err(|NoKey| AppendError::NoKey)?;
        let head = self.placing.write.heads(header.id())?.into_iter().max_by_key(|head| head.seq);
        let mut writer = Writer::new(self.keys, header, head);
        let Head { seq, id } = writer.append(body, key)?;
        if let Some(run) = writer.finish() {
            let stored = self.placing.write.append(&run)?;
            self.placing.place_run(&run, &stored)?;
            self.runs.push((topic, run));
        }
        let reference = Reference { log: header.id(), seq, check: id.short() };
        self.written.push(reference);
        Ok(reference)
    }
}

/// Why an event was not written.
#[derive(Debug)]
pub(super) enum AppendError {
    NoKey,
    Limit(EventError),
    Store(StoreError),
}

impl From<EventError> for AppendError {
    fn from(error: EventError) -> Self {
        Self::Limit(error)
    }
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl AppendError {
    pub(super) fn into_submit<R: std::error::Error>(self) -> SubmitError<R> {
        match self {
            Self::NoKey => SubmitError::NotAMember,
            Self::Limit(error) => error.into(),
            Self::Store(error) => error.into(),
        }
    }
}
