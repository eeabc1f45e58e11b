//! Declarations: what an app says of an aggregate of its own, as data, and whether it can be had.
//!
//! It knows names, numbers and rights. What events of such an aggregate do stands in [`state`](super::state).

use std::{collections::BTreeSet, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{aggregate::RegistryError, event::Scalar, roster::Need};

/// An aggregate as data: its fields, lists, events, who may write them, and which status follows which.
///
/// As JSON, members with a default may be left out. Two phones understand each other's if their declarations say the same:
/// [`hash`](Self::hash) stands in every creating event, and a phone that has another declaration, or none, holds the aggregate
/// as *newer* and passes it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Its name, such as `tool`; unique in the registry, 1 to 32 of `a-z` and `_`, the first a letter, as are all names here.
    pub name: String,
    /// What of it people edit together; at most 64. A text `room`, beside which a text `unit` may stand, says for which room
    /// of its building it is: with the room it is handed out and erased. So nothing else is called `room`.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Lists of items of it that people edit together; at most 16.
    #[serde(default)]
    pub lists: Vec<List>,
    /// Its events; at most 64, one of which creates.
    pub kinds: Vec<Kind>,
    /// Its statuses; at most 32, the first is that of a new one.
    pub statuses: Vec<String>,
    /// Which event leads from which status to which. An event that is in no row changes no status; one that is in some, and
    /// comes in another status, changes none either and is to be looked at, until somebody who saw it leads on. Where that is
    /// no matter, a row leads from that status to itself. In a status from which no row leads, whatever is in no row answers:
    /// there is such a kind then.
    #[serde(default)]
    pub transitions: Vec<Transition>,
}

/// What values a field or a parameter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A text of at most [`limits::FIELD`](crate::limits::FIELD) bytes.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
}

impl Type {
    /// Whether a value is of this type. Nothing is of every type.
    pub fn has(self, value: &Scalar) -> bool {
        matches!(
            (self, value),
            (_, Scalar::Null)
                | (Type::Text, Scalar::Text(_))
                | (Type::Number, Scalar::Int(_))
                | (Type::Flag, Scalar::Bool(_))
        )
    }
}

/// What stands where several people put a field and none of them knew of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// All values, side by side, until somebody who saw them chooses; it is to be looked at until then.
    #[default]
    Choose,
    /// The last in the order of events. Nobody is asked.
    Last,
    /// The greatest. Nobody is asked.
    Greatest,
    /// The least. Nobody is asked.
    Least,
}

/// A field of the document, or of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its number on the wire, unique beside its neighbours.
    pub field: u16,
    /// Its name, unique beside its neighbours.
    pub name: String,
    /// What values it has.
    pub r#type: Type,
    /// What stands after edits that did not know of each other.
    #[serde(default)]
    pub merge: Merge,
}

/// A list of items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Its number on the wire, unique beside its neighbours.
    pub list: u16,
    /// Its name, unique beside its neighbours.
    pub name: String,
    /// What an item holds; at most 64.
    pub fields: Vec<Field>,
}

/// A right, any one of which lets somebody write an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Any member who stands.
    Member,
    /// Whoever wrote the creating event.
    Author,
    /// A leader of its building, which is what the creating event says as `building`.
    Leader,
    /// A leader of any building.
    AnyLeader,
    /// Whom a coordinator made the keeper of this one, as of a box.
    Keeper,
    /// A holder of the `care` grant.
    Care,
    /// A coordinator who stands.
    Coordinator,
}

/// A kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its number on the wire, unique in the registry, 0x8000 or above.
    pub kind: u16,
    /// Its code, such as `lent`: apps translate it.
    pub code: String,
    /// Who may write it; any member if left out.
    #[serde(default = "members")]
    pub need: Vec<Right>,
    /// Whether it makes one. Exactly one kind does.
    #[serde(default)]
    pub creates: bool,
    /// What it says beside what it edits; at most 64. A text `building` of the creating one fixes its building.
    #[serde(default)]
    pub says: Vec<Parameter>,
}

/// Something that an event says. Nobody edits it afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name, by which commands give it.
    pub name: String,
    /// What values it has.
    pub r#type: Type,
}

/// A row of the table of statuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The status before.
    pub from: String,
    /// The code of the event.
    pub kind: String,
    /// The status after.
    pub to: String,
}

fn members() -> Vec<Right> {
    vec![Right::Member]
}

/// Why an aggregate cannot be declared so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationError {
    /// It is not what a declaration looks like.
    #[error("this is no declaration: {0}")]
    Json(String),
    /// A name is no name.
    #[error("{0:?} is no name: 1 to 32 of a-z and _")]
    Name(String),
    /// Something has the name or number of its neighbour.
    #[error("{0} is there twice")]
    Twice(String),
    /// A kind's number is not an app's.
    #[error("kind {0:#06x} is below 0x8000, where the numbers of apps begin")]
    Number(u16),
    /// A transition names what is not declared.
    #[error("a transition names {0:?}, which is not declared")]
    Unknown(String),
    /// Not exactly one kind creates.
    #[error("one kind creates, and here {0} do")]
    Creating(usize),
    /// A kind that nobody may write, or a creating one whose author is asked for before there is one.
    #[error("nobody may write {0}")]
    Nobody(String),
    /// It would name a room by which it is not found: a room and its unit are texts of the document, and the creating event
    /// says its building as one.
    #[error(
        "{0:?} names a room nowhere: room and unit are text fields of the document, the creating event says a text building"
    )]
    Nowhere(&'static str),
    /// What comes out of turn in a status could not be answered: no row leads from it, and every kind is in a row.
    #[error(
        "nothing answers what comes out of turn in the status {0:?}: no row leads from it, and no kind is in no row"
    )]
    Unanswered(String),
    /// There is no status, or there is more of something than fits.
    #[error("{0}: none, or too many")]
    Many(&'static str),
    /// The registry has something like it already.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl FromStr for Declaration {
    type Err = DeclarationError;

    fn from_str(json: &str) -> Result<Self, DeclarationError> {
        serde_json::from_str(json).map_err(|error| DeclarationError::Json(error.to_string()))
    }
}

const FIELDS: usize = 64;
const LISTS: usize = 16;
const KINDS: usize = 64;
const STATUSES: usize = 32;
const TRANSITIONS: usize = 1024;
const NAME: usize = 32;
/// What the creating event says of the building it belongs to.
pub(super) const BUILDING: &str = "building";
/// The fields of the document that say for which room it is.
pub(super) const UNIT: &str = "unit";
pub(super) const ROOM: &str = "room";
/// Numbers of kinds that apps may give.
const FIRST: u16 = 0x8000;
const HASH_CONTEXT: &str = "linli 2026 declared aggregate v2";

impl Declaration {
    /// What it says in 32 bytes, however its JSON is laid out.
    pub fn hash(&self) -> [u8; 32] {
        // Its members are written in the order of this source, and nothing in it can fail to be written.
        blake3::derive_key(HASH_CONTEXT, &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Whether it makes sense by itself.
    ///
    /// # Errors
    /// Why it does not.
    pub fn check(&self) -> Result<(), DeclarationError> {
        few("fields", &self.fields, FIELDS)?;
        few("lists", &self.lists, LISTS)?;
        few("kinds", &self.kinds, KINDS)?;
        few("statuses", &self.statuses, STATUSES)?;
        few("transitions", &self.transitions, TRANSITIONS)?;
        named([&self.name])?;
        named(&self.statuses)?;
        if self.statuses.is_empty() {
            return Err(DeclarationError::Many("statuses"));
        }
        // Both stand at the root of one document.
        named(self.fields.iter().map(|field| &field.name).chain(self.lists.iter().map(|list| &list.name)))?;
        numbered(self.lists.iter().map(|list| list.list))?;
        for fields in std::iter::once(&self.fields).chain(self.lists.iter().map(|list| &list.fields)) {
            few("fields", fields, FIELDS)?;
            named(fields.iter().map(|field| &field.name))?;
            numbered(fields.iter().map(|field| field.field))?;
        }
        self.check_kinds()?;
        self.check_room()?;
        self.check_transitions()
    }

    /// Whoever asks what is held about a room must find all of it.
    fn check_room(&self) -> Result<(), DeclarationError> {
        let mut aside = self.lists.iter().flat_map(|list| &list.fields).map(|field| &field.name);
        let mut said = self.kinds.iter().flat_map(|kind| &kind.says).map(|said| &said.name);
        if aside.any(|name| name == ROOM) || said.any(|name| name == ROOM) {
            return Err(DeclarationError::Nowhere(ROOM));
        }
        if self.fields.iter().all(|field| field.name != ROOM) {
            return Ok(());
        }
        let of_room = |field: &&Field| field.name == ROOM || field.name == UNIT;
        if let Some(field) = self.fields.iter().filter(of_room).find(|field| field.r#type != Type::Text) {
            return Err(DeclarationError::Nowhere(if field.name == ROOM { ROOM } else { UNIT }));
        }
        let mut says = self.kinds.iter().filter(|kind| kind.creates).flat_map(|kind| &kind.says);
        let building = says.any(|said| said.name == BUILDING && said.r#type == Type::Text);
        if building { Ok(()) } else { Err(DeclarationError::Nowhere(BUILDING)) }
    }

    fn check_kinds(&self) -> Result<(), DeclarationError> {
        named(self.kinds.iter().map(|kind| &kind.code))?;
        numbered(self.kinds.iter().map(|kind| kind.kind))?;
        for kind in &self.kinds {
            if kind.kind < FIRST {
                return Err(DeclarationError::Number(kind.kind));
            }
            few("parameters", &kind.says, FIELDS)?;
            named(kind.says.iter().map(|said| &said.name))?;
            // What is not there yet has neither.
            let none_yet = |right: &Right| matches!(right, Right::Author | Right::Keeper);
            if kind.need.iter().all(|right| kind.creates && none_yet(right)) {
                return Err(DeclarationError::Nobody(kind.code.clone()));
            }
        }
        let creating = self.kinds.iter().filter(|kind| kind.creates).count();
        if creating == 1 { Ok(()) } else { Err(DeclarationError::Creating(creating)) }
    }

    fn check_transitions(&self) -> Result<(), DeclarationError> {
        let mut rows = BTreeSet::new();
        for Transition { from, kind, to } in &self.transitions {
            for status in [from, to] {
                if !self.statuses.contains(status) {
                    return Err(DeclarationError::Unknown(status.clone()));
                }
            }
            if !self.kinds.iter().any(|known| known.code == *kind && !known.creates) {
                return Err(DeclarationError::Unknown(kind.clone()));
            }
            if !rows.insert((from, kind)) {
                return Err(DeclarationError::Twice(format!("{kind} from {from}")));
            }
        }
        let is_free = |kind: &Kind| !kind.creates && self.transitions.iter().all(|row| row.kind != kind.code);
        if self.transitions.is_empty() || self.kinds.iter().any(is_free) {
            return Ok(());
        }
        let ends = |status: &&String| self.transitions.iter().all(|row| row.from != **status);
        self.statuses.iter().find(ends).map_or(Ok(()), |status| Err(DeclarationError::Unanswered(status.clone())))
    }
}

impl Right {
    pub(super) fn need(self) -> Need {
        match self {
            Right::Member => Need::MEMBER,
            Right::Author => Need::AUTHOR,
            Right::Leader => Need::LEADER,
            Right::AnyLeader => Need::ANY_LEADER,
            Right::Keeper => Need::KEEPER,
            Right::Care => Need::CARE,
            Right::Coordinator => Need::COORDINATOR,
        }
    }
}

fn few<T>(what: &'static str, some: &[T], most: usize) -> Result<(), DeclarationError> {
    if some.len() > most { Err(DeclarationError::Many(what)) } else { Ok(()) }
}

/// Each a name, and no two alike.
fn named<'a>(names: impl IntoIterator<Item = &'a String>) -> Result<(), DeclarationError> {
    let mut seen = BTreeSet::new();
    for name in names {
        // What begins so is the document's own.
        let own = name.starts_with('_');
        if own
            || name.is_empty()
            || name.len() > NAME
            || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            return Err(DeclarationError::Name(name.clone()));
        }
        if !seen.insert(name) {
            return Err(DeclarationError::Twice(name.clone()));
        }
    }
    Ok(())
}

fn numbered(numbers: impl IntoIterator<Item = u16>) -> Result<(), DeclarationError> {
    let mut seen = BTreeSet::new();
    let twice = numbers.into_iter().find(|number| !seen.insert(*number));
    twice.map_or(Ok(()), |number| Err(DeclarationError::Twice(format!("number {number}"))))
}
