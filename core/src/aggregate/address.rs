//! Addresses inside a compound: building, unit, room, as people write them and as lists sort them.
//!
//! [`Address`] reads `3-2-1804`, `3号楼2单元1804室`, `三号楼二单元`, `3#2-1804`, `Room 1804, Unit 2, Bldg 3` and prints
//! `3-2-1804`. What it cannot read it refuses with a reason; it never guesses at a word and never drops one.
//! It refuses to know which buildings exist: that is the building register's.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Bytes of a building, unit or room label.
pub const LABEL: usize = 32;
/// Bytes of a text that is read as an address.
pub const TEXT: usize = 256;
/// Digits from which a lone second number is a room and not a unit: `3-1804`, but `3-2`.
const ROOM_DIGITS: usize = 3;

/// A part of an address, from the greatest to the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 号楼, 栋, 幢, 座.
    Building,
    /// 单元, 门.
    Unit,
    /// 室, 房, 户.
    Room,
}

impl Part {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Part::Building => "building",
            Part::Unit => "unit",
            Part::Room => "room",
        }
    }
}

/// Why a text is not an address or a label. Words and parts are those of the text, for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
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
        /// Which part.
        part: Part,
    },
    /// More numbers than building, unit and room.
    #[error("more numbers than building, unit and room")]
    TooManyParts,
}

/// The language of [`Address::in_words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
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

    /// The building.
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

    /// A text that sorts as the address does: for read-model columns.
    pub fn sort_key(&self) -> String {
        let key = |part: &Option<String>| part.as_deref().map(sort_key).unwrap_or_default();
        format!("{}-{}-{}", sort_key(&self.building), key(&self.unit), key(&self.room))
    }
}

/// `3`, `3-2`, `3-1804`, `3-2-1804`; with the dashes of what is left out where it could be read otherwise.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.building)?;
        match (self.unit(), self.room()) {
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

/// A code, with the part its words name.
#[derive(Debug)]
struct Slot {
    part: Option<Part>,
    code: String,
}

/// What a word before a number says.
enum Word {
    Names(Part),
    Neutral,
}

fn word(text: &str) -> Option<Word> {
    Some(match text {
        "BUILDING" | "BLDG" | "BLD" | "BLOCK" | "BLK" | "TOWER" => Word::Names(Part::Building),
        "UNIT" => Word::Names(Part::Unit),
        "ROOM" | "RM" | "APARTMENT" | "APT" | "FLAT" => Word::Names(Part::Room),
        "NO" | "NR" | "NUMBER" => Word::Neutral,
        _ => return None,
    })
}

/// The part named by the mark a text starts with, and the mark's bytes.
fn mark(text: &str) -> Option<(Part, usize)> {
    const MARKS: [(Part, &[&str]); 3] = [
        (Part::Building, &["楼", "樓", "栋", "棟", "幢", "座"]),
        (Part::Unit, &["单元", "單元", "门", "門"]),
        (Part::Room, &["室", "房", "户", "戶"]),
    ];
    MARKS
        .iter()
        .find_map(|(part, marks)| marks.iter().find(|mark| text.starts_with(**mark)).map(|mark| (*part, mark.len())))
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

/// Replaces Chinese numerals by digits. One that touches a digit cannot be read: 3十 is neither 30 nor 310.
fn in_digits(text: &str) -> Result<String, AddressError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let numeral = leading(rest, |c| numeral(c).is_some());
        if numeral.is_empty() {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        rest = &rest[numeral.len()..];
        let touches = out.ends_with(|c: char| c.is_ascii_digit()) || rest.starts_with(|c: char| c.is_ascii_digit());
        match number(numeral) {
            Some(number) if !touches => out.push_str(&number),
            _ => return Err(AddressError::Unreadable { text: shortened(numeral) }),
        }
    }
    Ok(out)
}

/// What a numeral character says: a digit below 10, or a power of ten.
fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        _ => return None,
    })
}

/// 一八零四 is 1804 digit by digit; 一百零三 is 103, powers descending, at most one digit before each.
fn number(text: &str) -> Option<String> {
    let values: Vec<u32> = text.chars().filter_map(numeral).collect();
    if values.iter().all(|value| *value < 10) {
        return Some(values.iter().map(u32::to_string).collect());
    }
    let (mut sum, mut digit, mut power) = (0, None, 10_000);
    for value in values {
        match (value, digit) {
            (0, None) => {}
            (1..=9, None) => digit = Some(value),
            (10.., _) if value < power => {
                sum += digit.take().unwrap_or(1) * value;
                power = value;
            }
            _ => return None,
        }
    }
    Some((sum + digit.unwrap_or(0)).to_string())
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
    let starts_with_word = word(leading(text, |c| c.is_ascii_alphabetic())).is_some();
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
        [building] => (building, None, None),
        [building, other] if is_room_like(other) => (building, None, named(other)),
        [building, unit] => (building, named(unit), None),
        [building, unit, room] => (building, named(unit), named(room)),
        _ => return Err(AddressError::TooManyParts),
    };
    match named(building) {
        Some(building) => Ok(Address { building, unit, room }),
        None if unit.is_none() && room.is_none() => Err(AddressError::NoNumber),
        None => Err(AddressError::NoBuilding),
    }
}

/// Reads codes and the words and marks around them.
fn read_slots(text: &str) -> Result<Vec<Slot>, AddressError> {
    let is_letter = |run: &str| run.len() == 1 && run.chars().all(|c| c.is_ascii_alphabetic());
    if !text.contains(|c: char| c.is_ascii_digit()) && !text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_letter)
    {
        return Err(AddressError::NoNumber);
    }
    let mut slots = Slots::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = leading(rest, |c| c.is_ascii_alphanumeric());
        let taken = if !run.is_empty() {
            slots.run(run)?;
            run.len()
        } else if let Some((part, length)) = mark(rest) {
            slots.mark(part, rest)?;
            length
        } else {
            slots.between(first, rest)?;
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    match slots.announced {
        Some((_, word)) => Err(AddressError::Unreadable { text: word }),
        None => Ok(slots.slots),
    }
}

/// Slots as they are read, from left to right.
#[derive(Default)]
struct Slots {
    slots: Vec<Slot>,
    /// A word such as `Unit` that waits for its number.
    announced: Option<(Option<Part>, String)>,
    /// Whether a mark may still name the last slot.
    open: bool,
}

impl Slots {
    /// A run of ASCII letters and digits: a word, a code, or both in one (`Bldg3`).
    fn run(&mut self, run: &str) -> Result<(), AddressError> {
        let letters = leading(run, |c| c.is_ascii_alphabetic());
        let Some(named) = word(letters) else {
            if letters.len() == run.len() && letters.len() > 1 {
                return Err(AddressError::UnknownWord { word: shortened(run) });
            }
            let part = self.announced.take().and_then(|(part, _)| part);
            self.slots.push(Slot { part, code: code(run)? });
            self.open = true;
            return Ok(());
        };
        let part = match (named, &self.announced) {
            (Word::Names(part), None) => Some(part),
            (Word::Neutral, None) => None,
            // `Unit No. 2` is the unit still.
            (Word::Neutral, Some((part, _))) => *part,
            (Word::Names(_), Some(_)) => return Err(AddressError::Unreadable { text: shortened(run) }),
        };
        self.announced = Some((part, shortened(letters)));
        if letters.len() < run.len() { self.run(&run[letters.len()..]) } else { Ok(()) }
    }

    /// A mark names the number before it.
    fn mark(&mut self, part: Part, rest: &str) -> Result<(), AddressError> {
        let open = std::mem::take(&mut self.open);
        match self.slots.last_mut() {
            Some(slot) if open && slot.part.is_none_or(|named| named == part) => slot.part = Some(part),
            _ => return Err(unknown(rest)),
        }
        Ok(())
    }

    /// What stands between codes: `#` and 号 leave open what the number is, punctuation ends it.
    fn between(&mut self, c: char, rest: &str) -> Result<(), AddressError> {
        match c {
            '#' | '号' | '號' => Ok(()),
            c if c.is_whitespace() => Ok(()),
            '-' | ',' | '.' | ':' | ';' | '、' | '。' | '(' | ')' => {
                self.open = false;
                Ok(())
            }
            _ => Err(unknown(rest)),
        }
    }
}

/// Gives each slot that no word named the part that its place says, and makes the address.
fn assign(slots: Vec<Slot>) -> Result<Address, AddressError> {
    if slots.len() > 3 {
        return Err(AddressError::TooManyParts);
    }
    let mut found: [Option<String>; 3] = [None, None, None];
    let mut before = None;
    let last = slots.len().saturating_sub(1);
    for (nth, slot) in slots.into_iter().enumerate() {
        let part = match (slot.part, before) {
            (Some(part), _) => part,
            (None, None) => Part::Building,
            (None, Some(Part::Building)) if nth == last && is_room_like(&slot.code) => Part::Room,
            (None, Some(Part::Building)) => Part::Unit,
            (None, Some(Part::Unit)) => Part::Room,
            (None, Some(Part::Room)) => return Err(AddressError::TooManyParts),
        };
        match &mut found[part as usize] {
            Some(_) => return Err(AddressError::Twice { part }),
            place => *place = Some(slot.code),
        }
        before = Some(part);
    }
    let [building, unit, room] = found;
    Ok(Address { building: building.ok_or(AddressError::NoBuilding)?, unit, room })
}

fn is_room_like(code: &str) -> bool {
    code.chars().filter(char::is_ascii_digit).count() >= ROOM_DIGITS
}

/// The longest beginning of which all characters fit.
fn leading(text: &str, fits: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !fits(c)).unwrap_or(text.len());
    &text[..end]
}

fn unknown(rest: &str) -> AddressError {
    let word = leading(rest, char::is_alphabetic);
    AddressError::UnknownWord { word: shortened(if word.is_empty() { rest } else { word }) }
}

fn shortened(text: &str) -> String {
    text.chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Address>().map_or_else(|why| format!("{text}: {why}"), |address| address.to_string())
    }

    fn refused(text: &str) -> AddressError {
        text.parse::<Address>().expect_err(text)
    }

    #[test]
    fn one_room_is_written_in_many_ways() {
        for text in [
            "3-2-1804",
            " 3 - 2 - 1804 ",
            "３－２－１８０４",
            "3—2—1804",
            "03-02-1804",
            "3/2/1804",
            "3号楼2单元1804",
            "3号楼2单元1804室",
            "3 号楼 2 单元 1804 室",
            "3栋2单元1804室",
            "3栋2单元1804号",
            "３栋２单元１８０４室",
            "三号楼二单元一八零四室",
            "三栋二单元1804",
            "3号楼2门1804",
            "3#2-1804",
            "3#楼2单元1804",
            "3 2 1804",
            "No.3 Unit 2 Room 1804",
            "no 3, unit no. 2, rm1804",
            "Bldg 3 Unit 2 1804",
            "Bldg3-Unit2-1804",
            "Room 1804, Unit 2, Building 3",
        ] {
            assert_eq!(shown(text), "3-2-1804", "{text}");
        }
    }

    #[test]
    fn a_building_may_have_no_units() {
        for text in ["3幢1804", "3-1804", "3--1804", "3#1804", "3号1804室", "Building 3 Room 1804"] {
            assert_eq!(shown(text), "3-1804", "{text}");
        }
        assert_eq!(shown("3栋5室"), "3--5");
        assert_eq!(shown("3幢0804"), "3-804");
    }

    #[test]
    fn a_building_or_a_unit_is_an_address_too() {
        assert_eq!(shown("三号楼"), "3");
        assert_eq!(shown("十二号楼"), "12");
        assert_eq!(shown("一百零三栋"), "103");
        assert_eq!(shown("二十栋"), "20");
        assert_eq!(shown("三号楼二单元"), "3-2");
        assert_eq!(shown("a座"), "A");
        assert_eq!(shown("B1栋"), "B1");
        assert_eq!(shown("3-2"), "3-2");
        assert_eq!(shown("3栋100单元"), "3-100-");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let word = |word: &str| AddressError::UnknownWord { word: word.to_owned() };
        let unreadable = |text: &str| AddressError::Unreadable { text: text.to_owned() };

        assert_eq!(refused("  "), AddressError::Empty);
        assert_eq!(refused("东门"), AddressError::NoNumber);
        assert_eq!(refused("gate"), AddressError::NoNumber);
        assert_eq!(refused("--"), AddressError::NoNumber);
        assert_eq!(refused("gate 3"), word("GATE"));
        assert_eq!(refused("阳光小区3栋"), word("阳光小区"));
        assert_eq!(refused("3号门"), AddressError::NoBuilding);
        assert_eq!(refused("2单元1804"), AddressError::NoBuilding);
        assert_eq!(refused("-2-1804"), AddressError::NoBuilding);
        assert_eq!(refused("3栋5楼"), AddressError::Twice { part: Part::Building });
        assert_eq!(refused("1-2-3-4"), AddressError::TooManyParts);
        assert_eq!(refused("3栋2单元1804 7"), AddressError::TooManyParts);
        assert_eq!(refused("3十号楼"), unreadable("十"));
        assert_eq!(refused("十百号楼"), unreadable("十百"));
        assert_eq!(refused("3 unit"), unreadable("UNIT"));
        assert_eq!(refused(&"3".repeat(33)), AddressError::TooLong { limit: LABEL });
        assert_eq!(refused(&"3".repeat(300)), AddressError::TooLong { limit: TEXT });
    }

    #[test]
    fn labels_of_one_building_are_one_label() {
        for text in ["3", "３", " 03 ", "3号楼", "三栋", "3#", "Bldg. 3", "No.3"] {
            assert_eq!(part_label(Part::Building, text).as_deref(), Ok("3"), "{text}");
        }
        assert_eq!(part_label(Part::Building, " 幼儿园 ").as_deref(), Ok("幼儿园"));
        assert_eq!(part_label(Part::Building, "3栋1804"), Err(AddressError::TooManyParts));
        assert_eq!(part_label(Part::Unit, "二单元").as_deref(), Ok("2"));
        assert_eq!(part_label(Part::Room, "１８０４室").as_deref(), Ok("1804"));
        assert_eq!(part_label(Part::Room, "门卫室").as_deref(), Ok("门卫室"));
        assert_eq!(label("  "), Err(AddressError::Empty));
        assert_eq!(label(&"园".repeat(11)), Err(AddressError::TooLong { limit: LABEL }));
        assert!(matches!(label("a\u{0}b"), Err(AddressError::Unreadable { .. })));
    }

    #[test]
    fn doors_are_sorted_as_somebody_walks() {
        let mut doors: Vec<Address> = ["10", "2-10-101", "2-2-1804", "2-2-301", "2-2", "2", "3A", "3", "A", "2--5"]
            .map(|text| text.parse().expect(text))
            .to_vec();
        doors.sort();

        let walked: Vec<String> = doors.iter().map(Address::to_string).collect();
        assert_eq!(walked, ["2", "2--5", "2-2", "2-2-301", "2-2-1804", "2-10-101", "3", "3A", "10", "A"]);
    }

    #[test]
    fn it_is_said_in_two_languages_and_understood() {
        let room: Address = "3-2-1804".parse().expect("an address");

        assert_eq!(room.in_words(Language::Zh), "3号楼2单元1804室");
        assert_eq!(room.in_words(Language::En), "Building 3, Unit 2, Room 1804");
    }

    #[test]
    fn nothing_panics_and_what_is_shown_is_read_again() {
        const PIECES: [&str; 40] = [
            "3", "0", "18", "1804", "A", "b", "-", "--", " ", "号", "楼", "栋", "单元", "单", "门", "室", "#", "十",
            "百", "零", "一", "九", "千", "Unit", "No.", "rm", "Bldg", "gate", "，", "３", "①", "㈢", "ﬃ", "\u{301}",
            "\u{0}", "😀", "东", "/", "。", "0000",
        ];
        let mut dice = ChaCha20Rng::seed_from_u64(7);
        let mut read = 0;
        for _ in 0..30_000 {
            let text: String =
                (0..dice.random_range(0..9)).map(|_| PIECES[dice.random_range(0..PIECES.len())]).collect();
            for part in [Part::Building, Part::Unit, Part::Room] {
                if let Ok(label) = part_label(part, &text) {
                    assert_eq!(part_label(part, &label), Ok(label.clone()), "{text}");
                }
            }
            let Ok(address) = text.parse::<Address>() else { continue };
            read += 1;
            assert_eq!(address.to_string().parse(), Ok(address.clone()), "{text}");
            for language in [Language::Zh, Language::En] {
                assert_eq!(address.in_words(language).parse(), Ok(address.clone()), "{text}");
            }
            let parts = Address::new(address.building(), address.unit(), address.room());
            assert_eq!(parts, Ok(address));
        }
        assert!(read > 1_000, "only {read} were read");
    }
}
