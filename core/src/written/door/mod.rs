//! Doors as people write them, against the register of a compound: `3号楼2单元1804`, `12弄5号302`, `Flat A, 18/F, Block 8`.
//!
//! The register decides. A part that it lacks is refused, never corrected; the building is never inferred from a unit or a
//! room, unless there is one only; the unit is inferred where exactly one has the room. What is ambiguous is asked.

mod place;
mod register;
mod slots;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::{
    About, Because, Reading, Refusal,
    plain::{is_turning, plain},
};
use crate::text::lookalike;
pub use register::{Building, Register, Rooms, Unit};

/// Bytes of a text that is read as a door.
pub const TEXT: usize = 256;

/// A building, a unit or a room of it, by the labels of the register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Door {
    /// The building. Empty only in what is known already.
    pub building: String,
    /// The unit (单元), if one is named.
    pub unit: Option<String>,
    /// The room, if one is named.
    pub room: Option<String>,
}

/// The part whose field a text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The field of the building.
    Building,
    /// The field of the unit.
    Unit,
    /// The field of the room.
    Room,
}

/// What is known beside the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The register, where there is one.
    pub register: Option<&'a Register>,
    /// Parts that are known already.
    pub given: Option<&'a Door>,
    /// The part whose field it is.
    pub field: Option<Field>,
}

/// Words for another door than the one that is named.
pub(super) const RELATIONS: [&str; 12] =
    ["隔壁", "对门", "对面", "楼上", "楼下", "旁边", "附近", "不是", "next to", "opposite", "above", "below"];
/// Words between two doors.
pub(super) const SEVERAL: [&str; 6] = ["转", "改", "现", "或", "和", "&"];
/// Words in front that say nothing.
const LABELS: [&str; 7] = ["地址", "住址", "address", "本小区", "我们小区", "本村", "我住"];

/// Reads a door.
pub fn door(text: &str, around: Around<'_>) -> Reading<Door> {
    if text.len() > TEXT {
        return Reading::Refuse(Refusal::TooLong);
    }
    if text.chars().any(is_turning) {
        return Reading::Refuse(Refusal::HiddenCharacters);
    }
    let mut plain = plain(text);
    if plain.is_empty() {
        return Reading::Refuse(Refusal::Empty);
    }
    if let Some(asked) = doubtful(&plain, around) {
        return asked;
    }
    for label in LABELS {
        let rest =
            plain.get(..label.len()).filter(|front| front.eq_ignore_ascii_case(label)).map(|_| &plain[label.len()..]);
        if let Some(rest) = rest {
            plain = rest.trim_start_matches([':', ' ', ',']).to_owned();
        }
    }
    place::read(&slots::folded(&plain), around)
}

/// The label of a building or unit as it is compared: `3` for `３号楼` and `三栋`, `A` for `a座`, `甲3` for `甲3幢`.
pub fn label(text: &str) -> String {
    let folded = slots::folded(&plain(text));
    match slots::slots(&folded).as_deref() {
        Ok([slot]) => slot.value.clone(),
        _ => {
            let bare: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
            let stem = ["号楼", "单元", "栋", "幢", "座"].iter().find_map(|word| bare.strip_suffix(word));
            stem.filter(|stem| !stem.is_empty()).unwrap_or(&bare).to_owned()
        }
    }
}

/// A label with its word behind it (`号楼`), where it ends in a letter or digit and so has none of its own.
#[cfg(feature = "lists")]
pub(super) fn worded(label: &str, word: &str) -> String {
    if label.ends_with(|c: char| c.is_ascii_alphanumeric()) { format!("{label}{word}") } else { label.to_owned() }
}

/// What must be asked whatever else stands there.
fn doubtful(plain: &str, around: Around<'_>) -> Option<Reading<Door>> {
    let small = unnamed(plain, around).to_lowercase();
    let turned: String = plain.chars().map(latin).collect();
    if turned != plain {
        let meant = door(&turned, around);
        let first = plain.chars().take_while(|c| !matches!(c, '-' | '栋' | '座' | '号' | '楼')).any(|c| latin(c) != c);
        let about = if first { About::Building } else { About::Room };
        return Some(Reading::meaning(about, Because::LookAlike, meant));
    }
    if RELATIONS.iter().any(|word| small.contains(word)) {
        return Some(Reading::ask(About::Address, Because::Relation));
    }
    if small.contains('*') {
        return Some(Reading::ask(About::Building, Because::Masked));
    }
    if small.contains('?') {
        let about = if small.contains("?单元") { About::Unit } else { About::Address };
        let because = if about == About::Unit { Because::Missing } else { Because::Unreadable };
        return Some(Reading::ask(about, because));
    }
    if SEVERAL.iter().any(|word| small.contains(word)) {
        return Some(Reading::ask(About::Address, Because::Several));
    }
    None
}

/// The Latin letter or the zero that a letter of another script is taken for; any other stays.
fn latin(c: char) -> char {
    let small = c.to_lowercase().next().unwrap_or(c);
    match lookalike(small) {
        _ if c.is_ascii() => c,
        like if like == small => c,
        'o' => '0',
        like => like.to_ascii_uppercase(),
    }
}

/// The text without names of the compound and its buildings, in which any word may stand: 祥和苑.
fn unnamed(plain: &str, around: Around<'_>) -> String {
    let Some(register) = around.register else { return plain.to_owned() };
    let buildings = register.buildings.iter().flat_map(|building| building.name.iter().chain([&building.label]));
    let worded = |name: &&String| name.chars().count() > 1 && name.chars().any(|c| !c.is_ascii_alphanumeric());
    let names = register.names.iter().chain(&register.addresses).chain(buildings).filter(worded);
    names.fold(plain.to_owned(), |rest, name| rest.replace(name.as_str(), " "))
}
