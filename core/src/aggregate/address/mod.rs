//! Addresses inside a compound: building, unit, room, as people write them and as lists sort them.
//!
//! [`Address`] reads `3-2-1804`, `3号楼2单元1804室`, `三号楼二单元`, `3#2-1804`, `Room 1804, Unit 2, Bldg 3` and prints
//! `3-2-1804`. What it cannot read it refuses with a reason; it never guesses at a word and never drops one.
//! It refuses to know which buildings exist: that is the building register's.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

mod numeral;
mod slots;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::vocabulary::Says;

use numeral::in_digits;
use slots::{assign, is_word, read_slots};

/// Bytes of a building, unit or room label.
pub const LABEL: usize = 32;
/// Bytes of a text that is read as an address.
pub const TEXT: usize = 256;
/// Digits from which a lone second number is a room and not a unit: `3-1804`, but `3-2`.
const ROOM_DIGITS: usize = 3;

/// A part of an address, from the greatest to the smallest.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Part {
    /// 号楼, 栋, 幢, 座.
    Building,
    /// 单元, 门: a staircase.
    Unit,
    /// 室, 房, 户.
    Room,
}

impl Part {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// Why a text is not an address or a label. Words and parts are those of the text, for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AddressError {
    /// Nothing is written.
    #[error("nothing is written")]
    Empty,
    /// Longer than a label or an address may be.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// Bytes it may have.
        limit: usize,
    },
    /// A place without a number, such as a gate.
    #[error("no number is in it")]
    NoNumber,
    /// A word that is no part of an address.
    #[error("{word} is no part of an address")]
    UnknownWord {
        /// The word, shortened.
        word: String,
    },
    /// A number, or a word that announces one, that cannot be read.
    #[error("{text} cannot be read")]
    Unreadable {
        /// What cannot be read, shortened.
        text: String,
    },
    /// Unit or room, but no building.
    #[error("the building is missing")]
    NoBuilding,
    /// One part is there twice.
    #[error("the {} is there twice", part.code())]
    Twice {
        /// The part that two numbers are said to be.
        part: Part,
    },
    /// More numbers than building, unit and room.
    #[error("more numbers than building, unit and room")]
    TooManyParts,
    /// More than one door may be meant.
    #[error("it may be {}", candidates.join(", "))]
    Ambiguous {
        /// Those that may be.
        candidates: Vec<String>,
    },
    /// The register has no such building.
    #[error("no building is called {building}; there are {}", known.join(", "))]
    NoSuchBuilding {
        /// What was asked for.
        building: String,
        /// What there is, as far as it is few.
        known: Vec<String>,
    },
    /// The building has no such unit.
    #[error("building {building} has no unit {unit}; it has {}", known.join(", "))]
    NoSuchUnit {
        /// The building's label, as the register has it.
        building: String,
        /// What was asked for.
        unit: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The building, or this unit of it, has no such room.
    #[error("there is no room {room} in building {building}")]
    NoSuchRoom {
        /// The building's label, as the register has it.
        building: String,
        /// What was asked for.
        room: String,
    },
}

/// The language of [`Address::in_words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "AddressLanguage"))]
pub enum Language {
    /// In Chinese: `3号楼2单元1804室`.
    Zh,
    /// In English: `Building 3, Unit 2, Room 1804`.
    En,
}

/// A building, a unit or a room of it.
///
/// Each part is a code: ASCII letters and digits with at least one digit, or one letter; upper case, without leading
/// zeros, at most [`LABEL`] bytes. So `parse(display(x)) == x`. Ordered as somebody walks: buildings, then units,
/// then rooms, all numeric-aware and ascending (`2` before `10`); a building stands before its units, a unit before
/// its rooms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    building: String,
    unit: Option<String>,
    room: Option<String>,
}

impl Address {
    /// An address from its parts.
    ///
    /// # Errors
    /// When a part is not a code.
    pub fn new(building: &str, unit: Option<&str>, room: Option<&str>) -> Result<Self, AddressError> {
        let part = |text: Option<&str>| text.map(|text| code(&normal(text)?)).transpose();
        Ok(Self { building: code(&normal(building)?)?, unit: part(unit)?, room: part(room)? })
    }

    /// The building's code, which is always there.
    pub fn building(&self) -> &str {
        &self.building
    }

    /// The unit, if one is named.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The room, if one is named.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// As it is said; what this returns can be parsed again.
    pub fn in_words(&self, language: Language) -> String {
        let (unit, room) = (self.unit(), self.room());
        match language {
            Language::Zh => {
                let unit = unit.map(|unit| format!("{unit}单元")).unwrap_or_default();
                let room = room.map(|room| format!("{room}室")).unwrap_or_default();
                format!("{}号楼{unit}{room}", self.building)
            }
            Language::En => {
                let unit = unit.map(|unit| format!(", Unit {unit}")).unwrap_or_default();
                let room = room.map(|room| format!(", Room {room}")).unwrap_or_default();
                format!("Building {}{unit}{room}", self.building)
            }
        }
    }

    /// Whether unit and room look like each other's: `3-1804-1`.
    fn is_turned_round(&self) -> bool {
        self.unit().is_some_and(is_room_like) && self.room().is_some_and(|room| !is_room_like(room))
    }

    /// A text that sorts as the address does: for read-model columns.
    pub fn sort_key(&self) -> String {
        let key = |part: &Option<String>| part.as_deref().map(sort_key).unwrap_or_default();
        format!("{}-{}-{}", sort_key(&self.building), key(&self.unit), key(&self.room))
    }
}

/// `3`, `3-2`, `3-1804`, `3-2-1804`; with the dashes of what is left out where it could be read otherwise, and in words where
/// that is not enough.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_turned_round() {
            return f.write_str(&self.in_words(Language::Zh));
        }
        f.write_str(&self.building)?;
        match (self.unit(), self.room()) {
            (None, None) if is_room_like(&self.building) => f.write_str("--"),
            (None, None) => Ok(()),
            (Some(unit), None) if is_room_like(unit) => write!(f, "-{unit}-"),
            (Some(unit), None) => write!(f, "-{unit}"),
            (None, Some(room)) if is_room_like(room) => write!(f, "-{room}"),
            (None, Some(room)) => write!(f, "--{room}"),
            (Some(unit), Some(room)) => write!(f, "-{unit}-{room}"),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = normal(text)?;
        if let Some(parts) = dashed(&text) {
            return from_dashed(&parts);
        }
        assign(read_slots(&text)?)
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        // Equal keys of different texts exist (`B3` and `B03`), so the texts decide last.
        let parts = |of: &Self| (of.building.clone(), of.unit.clone(), of.room.clone());
        self.sort_key().cmp(&other.sort_key()).then_with(|| parts(self).cmp(&parts(other)))
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A label as it is stored: half-width (NFKC), trimmed, single spaces.
///
/// # Errors
/// When nothing is left, it is longer than [`LABEL`] bytes, or it holds control characters.
pub fn label(text: &str) -> Result<String, AddressError> {
    if text.len() > TEXT {
        return Err(AddressError::TooLong { limit: LABEL });
    }
    let text = text.nfkc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    match text.len() {
        0 => Err(AddressError::Empty),
        length if length > LABEL => Err(AddressError::TooLong { limit: LABEL }),
        _ if !is_label(&text) => Err(AddressError::Unreadable { text: shortened(&text) }),
        _ => Ok(text),
    }
}

/// The label of one part: `3号楼`, `No. 3` and `３` are the building `3`; a name such as 幼儿园 stays a name.
///
/// # Errors
/// As [`label`], and when a building's label holds a unit or room too.
pub fn part_label(part: Part, text: &str) -> Result<String, AddressError> {
    let slots = normal(text).and_then(|text| read_slots(&text)).unwrap_or_default();
    match slots.as_slice() {
        [slot] if slot.part.is_none_or(|named| named == part) => Ok(slot.code.clone()),
        [_, _, ..] if part == Part::Building => Err(AddressError::TooManyParts),
        _ => label(text),
    }
}

/// A label as it is compared.
pub fn compared(part: Part, text: &str) -> String {
    match part {
        Part::Building => crate::label::building(text),
        Part::Unit => crate::label::unit(text),
        Part::Room => crate::label::room(text),
    }
}

/// A room as somebody named it, in labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomName {
    /// The label of the building, if one is named.
    pub building: Option<String>,
    /// The label of the unit, if one is named.
    pub unit: Option<String>,
    /// The label of the room, if one is named.
    pub room: Option<String>,
}

/// A building, a unit and a room as they are searched for, beside how they were written: `3号楼 2单元 1804`.
pub(crate) fn searched(building: Option<&str>, unit: Option<&str>, room: Option<&str>) -> String {
    let worded = |part, text: &str, word: &str| {
        let label = compared(part, text);
        let bare = label.chars().all(|c| c.is_ascii_alphanumeric()) && !label.is_empty();
        if bare { format!("{label}{word}") } else { label }
    };
    let parts = [(Part::Building, building, "号楼"), (Part::Unit, unit, "单元"), (Part::Room, room, "")];
    let words = parts.into_iter().filter_map(|(part, text, word)| Some(worded(part, text?, word)));
    words.collect::<Vec<_>>().join(" ")
}

/// An address in short, of the parts that are there: `3-2-1804`.
pub(crate) fn short(parts: [Option<String>; 3]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("-")
}

/// Whether a stored label keeps the bounds. Normalisation is the author's: it may change with Unicode's tables, and
/// what is malformed must not.
pub fn is_label(text: &str) -> bool {
    !text.is_empty() && text.len() <= LABEL && !text.chars().any(char::is_control)
}

/// A text that sorts labels by their numbers: `2` before `10`, `3` before `3A`.
pub fn sort_key(label: &str) -> String {
    let mut key = String::new();
    let mut rest = label;
    while let Some(first) = rest.chars().next() {
        let digits = leading(rest, |c| c.is_ascii_digit());
        if digits.is_empty() {
            key.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            // The number of digits first: of two numbers without leading zeros the longer is the greater.
            let number = digits.trim_start_matches('0');
            key.push_str(&format!("{:02}{number}", number.len()));
            rest = &rest[digits.len()..];
        }
    }
    key
}

/// Half-width, upper case, trimmed, one kind of dash, Chinese numerals as digits.
fn normal(text: &str) -> Result<String, AddressError> {
    if text.len() > TEXT {
        return Err(AddressError::TooLong { limit: TEXT });
    }
    let text: String = text
        .nfkc()
        .map(|c| match c {
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '~' | '/' => '-',
            c => c.to_ascii_uppercase(),
        })
        .collect();
    let text = text.trim();
    if text.is_empty() { Err(AddressError::Empty) } else { in_digits(text) }
}

/// A code, upper case already: leading zeros go.
fn code(text: &str) -> Result<String, AddressError> {
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if text.len() > LABEL {
        return Err(AddressError::TooLong { limit: LABEL });
    }
    // A code that starts with a word would be read as that word and a number.
    let starts_with_word = is_word(leading(text, |c| c.is_ascii_alphabetic()));
    if !text.chars().all(|c| c.is_ascii_alphanumeric()) || starts_with_word {
        return Err(AddressError::Unreadable { text: shortened(text) });
    }
    if !has_digit && text.len() > 1 {
        return Err(AddressError::NoNumber);
    }
    let digits = leading(text, |c| c.is_ascii_digit());
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    let kept = if zeros == digits.len() { zeros.saturating_sub(1) } else { zeros };
    Ok(text[kept..].to_owned())
}

/// The parts of a text that is nothing but codes and dashes; an empty part is one left out.
fn dashed(text: &str) -> Option<Vec<String>> {
    let part = |part: &str| if part.trim().is_empty() { Some(String::new()) } else { code(part.trim()).ok() };
    text.split('-').map(part).collect()
}

fn from_dashed(parts: &[String]) -> Result<Address, AddressError> {
    let named = |part: &String| if part.is_empty() { None } else { Some(part.clone()) };
    let (building, unit, room) = match parts {
        // Nobody says that a bare `1804` is a building.
        [building] if is_room_like(building) => return Err(AddressError::NoBuilding),
        [building] => (building, None, None),
        [building, other] if is_room_like(other) => (building, None, named(other)),
        [building, unit] => (building, named(unit), None),
        [building, unit, room] => (building, named(unit), named(room)),
        _ => return Err(AddressError::TooManyParts),
    };
    match named(building) {
        Some(building) => certain(Address { building, unit, room }),
        None if unit.is_none() && room.is_none() => Err(AddressError::NoNumber),
        None => Err(AddressError::NoBuilding),
    }
}

/// What is read off numbers by their places, unless it may as well be another door.
fn certain(address: Address) -> Result<Address, AddressError> {
    if !address.is_turned_round() {
        return Ok(address);
    }
    let turned = Address { building: address.building.clone(), unit: address.room.clone(), room: address.unit.clone() };
    Err(AddressError::Ambiguous { candidates: vec![turned.to_string(), address.to_string()] })
}

/// `1804` and `18A`, but neither `2` nor `2A`.
fn is_room_like(code: &str) -> bool {
    let digits = code.chars().filter(char::is_ascii_digit).count();
    digits >= ROOM_DIGITS || (digits + 1 == ROOM_DIGITS && code.ends_with(|c: char| c.is_ascii_alphabetic()))
}

/// The longest beginning of which all characters fit.
fn leading(text: &str, fits: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !fits(c)).unwrap_or(text.len());
    &text[..end]
}

fn shortened(text: &str) -> String {
    text.chars().take(16).collect()
}
