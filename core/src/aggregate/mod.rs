//! Aggregates: what a volunteer would name. Each is folded from its own events and the roster, nothing else.
//!
//! An [`Aggregate`] says which events it has and who may write them ([`KindSpec`]), what of it people edit
//! together ([`Schema`]), how events fold into a state, what the state leaves for screens, and how a command becomes
//! events. The fold is pure and total. What joins aggregates is a query, never a fold.
//!
//! Adding one touches its own file and one line of the [`Registry`]; an integrator registers theirs from outside, or
//! [declares](declared) it as data.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

pub mod address;
pub mod alert;
mod any;
pub mod building;
mod cells;
mod choice;
mod content;
pub mod declared;
mod document;
mod filed;
mod fold;
mod history;
pub mod household;
mod knowledge;
pub mod medicine_box;
pub mod order;
pub mod product;
pub mod recall;
mod registry;
mod room;
pub mod settings;
#[cfg(test)]
mod tests;
mod unanswered;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    event::{Edit, Topic},
    id::{DeviceId, MemberId, Reference},
    roster::{Need, Standing},
    time::WallMs,
};

pub use crate::{
    event::Held,
    row::{Cell, Found, Match, Position, Row, Select, Table},
    vocabulary::{CodeLine, Coded, Family, Param, Refuse, Says, Terms},
};
pub use address::RoomName;
pub use any::RegistryError;
pub use content::{CONFLICT, Content, FieldSpec, Item, ListSpec, RoomFields, Schema, Value};
pub use document::Document;
pub use filed::Filed;
pub use fold::{DEPS_OF_ONE, Folded, Judge, Placed, Told, Waiting};
pub use history::{Act, Birth, History};
pub use registry::{REVIEW, ROOM_USED, Registry, is_of_all};
pub use unanswered::Unanswered;

/// One kind of event of an aggregate: a row of the role × command table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindSpec {
    /// The number on the wire, unique in the registry; 0x8000 and above are integrators'.
    pub kind: u16,
    /// The newest version this build understands; all from 1 up to it are understood.
    pub version: u16,
    /// A stable code, such as `claimed`: apps translate it.
    pub code: &'static str,
    /// What its author needs.
    pub need: Need,
    /// Whether this event makes an aggregate.
    pub creates: bool,
}

impl KindSpec {
    /// A kind in its first version, which makes no aggregate.
    pub const fn new(kind: u16, code: &'static str, need: Need) -> Self {
        Self { kind, version: 1, code, need, creates: false }
    }

    /// The same, which makes one.
    #[must_use]
    pub const fn creating(self) -> Self {
        Self { creates: true, ..self }
    }
}

/// Why a payload is not what its kind says. The event is held as malformed, or as newer if it is [`Malformed::NEWER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed payload: {0}")]
pub struct Malformed(pub &'static str);

impl Malformed {
    /// It says what only a later build reads: a choice that is not known.
    pub const NEWER: Malformed = Malformed("of a later version");
}

/// Why an aggregate is not erased that [is not to be](Aggregate::erasable): a code of the family `refusal.erasure`.
pub const KEPT: &str = "kept";

/// Something of an aggregate that a person should look at. Apps translate the code and fill in the parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Review {
    /// A stable code, such as `delivered_twice`.
    pub code: &'static str,
    /// What the sentence needs.
    pub params: serde_json::Value,
}

impl Review {
    /// A code with what its sentence needs.
    pub fn of(code: impl Into<&'static str>, params: serde_json::Value) -> Self {
        Self { code: code.into(), params }
    }

    /// What an aggregate finds, of which its sentence may name all.
    pub(crate) fn found<F: Coded + Serialize>(finding: &F) -> Self {
        // Plain enums with text keys always have a JSON form.
        let mut params = serde_json::to_value(finding).unwrap_or_default();
        if let Some(params) = params.as_object_mut() {
            params.remove("code");
        }
        Self { code: finding.code(), params }
    }
}

/// An event to be written, as a decision leaves it.
pub struct Draft {
    /// The aggregate type's [`Aggregate::NAME`].
    pub aggregate: &'static str,
    /// The aggregate it belongs to; `None` makes one, or belongs to what [`behind`](Self::behind) names.
    pub target: Option<Reference>,
    /// The place, among the drafts decided with it, of the one that makes the aggregate it belongs to.
    pub behind: Option<usize>,
    /// Its kind, written in the kind's newest version.
    pub kind: u16,
    /// What it says, beside its edits.
    pub payload: Payload,
    /// What it writes into the document.
    pub edits: Vec<Edit>,
}

/// Makes a payload from the references of the drafts before it, in order.
pub type Late = Box<dyn FnOnce(&[Reference]) -> Vec<u8> + Send>;

/// A payload, or how to make it once the events drafted before it have their references.
pub enum Payload {
    /// A payload that is known now.
    Ready(Vec<u8>),
    /// Made from the references of the drafts before it, in order.
    After(Late),
}

impl Draft {
    /// An event of an aggregate that exists.
    pub fn on<A: Aggregate>(target: Reference, kind: u16, payload: &impl minicbor::Encode<()>) -> Self {
        Self {
            aggregate: A::NAME,
            target: Some(target),
            behind: None,
            kind,
            payload: Payload::Ready(encode(payload)),
            edits: Vec::new(),
        }
    }

    /// An event that makes an aggregate.
    pub fn new<A: Aggregate>(kind: u16, payload: &impl minicbor::Encode<()>) -> Self {
        Self { target: None, ..Self::on::<A>(NOWHERE, kind, payload) }
    }

    /// An event of the aggregate that the draft at a place among those decided with it makes, before this one.
    pub fn behind<A: Aggregate>(nth: usize, kind: u16, payload: &impl minicbor::Encode<()>) -> Self {
        Self { target: None, behind: Some(nth), ..Self::on::<A>(NOWHERE, kind, payload) }
    }

    /// With these edits.
    pub fn edits(mut self, edits: Vec<Edit>) -> Self {
        self.edits = edits;
        self
    }
}

const NOWHERE: Reference = Reference { log: crate::id::LogId::ZERO, seq: 0, check: crate::id::ShortId::ZERO };

/// A payload as CBOR. Writing to a vector cannot fail for the derived encodings used here.
pub fn encode(payload: &impl minicbor::Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A `Vec` takes any length, so the only errors left are ones a hand-written encoding would make.
    let _infallible = minicbor::encode(payload, &mut bytes);
    bytes
}

/// A payload out of CBOR, as a whole: nothing may follow it.
///
/// # Errors
/// [`Malformed`] when it is not what its kind says; [`Malformed::NEWER`] when it makes a choice that is not known here.
pub fn decode<'b, T: minicbor::Decode<'b, ()>>(payload: &'b [u8]) -> Result<T, Malformed> {
    let mut from = minicbor::Decoder::new(payload);
    let value = from.decode().map_err(|error| {
        if choice::is_later(&error) { Malformed::NEWER } else { Malformed("not what the kind says") }
    })?;
    if from.position() == payload.len() { Ok(value) } else { Err(Malformed("bytes after the end")) }
}

/// Read-only answers about other aggregates, for decisions: catalogue, recalls, settings.
pub trait World {
    /// Rows of the read model.
    ///
    /// # Errors
    /// When the store cannot answer.
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError>;
    /// Whether an aggregate of this type exists here and counts.
    ///
    /// # Errors
    /// When the store cannot answer.
    fn exists(&self, aggregate: &'static str, reference: Reference) -> Result<bool, WorldError>;
    /// Milliseconds of running time for which an event is held here; 0 where that is not known. A claim that no wall clock
    /// can be trusted with ages by it: [`WallMs::age`].
    ///
    /// # Errors
    /// When the store cannot answer.
    fn held_for(&self, _event: Reference) -> Result<u64, WorldError> {
        Ok(0)
    }
}

/// The store could not answer a question. The command fails with what the store said, whatever refusal this is turned
/// into, and nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store could not answer: {0}")]
pub struct WorldError(pub String);

/// Who asks, when and where: all a decision knows beside the aggregate itself.
pub struct DecisionContext<'a> {
    /// The member who commands.
    pub by: MemberId,
    /// On which device.
    pub device: DeviceId,
    /// What the roster lets them do with the aggregate in question.
    pub standing: Standing,
    /// What this device's clock says.
    pub now: WallMs,
    /// Aggregates beside this one, to ask about.
    pub world: &'a dyn World,
}

/// An aggregate with all that a fold and a decision know of it.
pub struct Subject<'a, S> {
    /// What its creating event fixed.
    pub birth: &'a Birth,
    /// The folded state.
    pub state: &'a S,
    /// The document: fields and items as edited.
    pub content: &'a Content,
    /// The counted events.
    pub history: &'a History,
}

/// One type of aggregate.
pub trait Aggregate: Send + Sync + 'static {
    /// Its name in the registry and in exports, such as `order`.
    const NAME: &'static str;
    /// Where its events live, all of them, for life.
    const TOPIC: Topic;
    /// Every event it has.
    const KINDS: &'static [KindSpec];
    /// What people edit together.
    const CONTENT: Schema;
    /// Its read-model tables. The first has a row for each that stands, or several: the first of them is its *card*.
    const TABLES: &'static [Table];
    /// What is said with the codes of its events: what the [`Fact`](Self::Fact) says, where it derives [`Says`].
    const SAYS: &'static [Terms] = &[];
    /// What of it a person should look at: each [`Review::code`] that [`review`](Self::review) gives, and its parameters.
    const REVIEWS: Family = Family::plain("review", &[]);
    /// The other codes that it says: statuses, reasons why something is hidden, choices in commands.
    const FAMILIES: &'static [Family] = &[];

    /// The table whose rows name rooms; none where it is about nobody's.
    const ROOMS: Option<Table> = None;
    /// The fields of the document that say for which unit and which room it is.
    const ROOM_FIELDS: Option<RoomFields> = None;

    /// What an event of it says, payload decoded. Serialized, it is what history shows as parameters.
    type Fact: Serialize;
    /// What events fold into.
    type State: Default + Clone + Send + Sync + 'static;
    /// What a person can do.
    type Command: Serialize + DeserializeOwned;
    /// Why a command is refused. Serialized with a `code`, it is what an app translates.
    type Refusal: Refuse + Send + Sync + From<WorldError>;

    /// Reads a payload; strict, because what it lets through counts forever. Never panics.
    ///
    /// # Errors
    /// [`Malformed`] when the payload is not what the kind in this version says.
    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Self::Fact, Malformed>;

    /// The event that a fact is about and whose author has rights over it: what a correction corrects.
    fn target(_fact: &Self::Fact) -> Option<Reference> {
        None
    }

    /// The building fixed by a creating fact.
    fn building(_fact: &Self::Fact) -> Option<String> {
        None
    }

    /// Folds one more event, the one at `at` in the history, which is the newest in (lamport, id) so far.
    /// Total: the past cannot fail. Nothing later in the history exists yet.
    fn apply(state: &mut Self::State, fact: &Self::Fact, at: usize, history: &History, birth: &Birth);

    /// Concludes what is cheaper to conclude once of many events than with each. Comes after the last of those that were
    /// folded, and before anybody looks at the state.
    fn settle(_state: &mut Self::State, _history: &History) {}

    /// The read-model rows. Two equal sets of events give equal rows in equal order. No clock: what depends on the
    /// hour is computed when a screen asks.
    fn rows(subject: &Subject<'_, Self::State>) -> Vec<Row>;

    /// What a person should look at, beside conflicting edits, which the framework finds by itself.
    fn review(_subject: &Subject<'_, Self::State>) -> Vec<Review> {
        Vec::new()
    }

    /// The text under which it can be found.
    fn search(_subject: &Subject<'_, Self::State>) -> Option<String> {
        None
    }

    /// What it is in a few words of the people who wrote it, without contacts: the line of a list, of what is found and of a
    /// log.
    fn line(_card: &Found) -> Vec<String> {
        Vec::new()
    }

    /// The room that a row of [`ROOMS`](Self::ROOMS) names: whoever asks what is held about a room is told of it, and with
    /// the room it is erased.
    fn room(_row: &Found) -> RoomName {
        RoomName::default()
    }

    /// Whether it may be erased. What others rest on is kept.
    fn erasable(_card: Option<&Found>) -> bool {
        true
    }

    /// What a count of erased ones tells apart beside the type, such as its kind and how it ended.
    fn counted_as(_card: &Found) -> Vec<String> {
        Vec::new()
    }

    /// Turns a command into events, or refuses. `subject` is `None` when the command makes an aggregate.
    /// Whether the roster entitles the author has been checked against [`KindSpec::need`] for every draft after
    /// this returns, so only what needs a friendlier reason is checked here.
    ///
    /// # Errors
    /// The refusal; nothing is written then.
    fn decide(
        subject: Option<&Subject<'_, Self::State>>,
        command: Self::Command,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, Self::Refusal>;
}
