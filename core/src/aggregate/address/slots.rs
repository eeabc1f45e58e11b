//! Reading what is no bare `3-2-1804`: codes, and the words and marks that name them.

use super::{Address, AddressError, Part, certain, code, is_room_like, leading, shortened};

/// A code, with the part its words name.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) part: Option<Part>,
    pub(super) code: String,
    /// 楼 without 号 stands behind it: a building, or a floor.
    storey: bool,
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

/// Whether letters announce a number.
pub(super) fn is_word(letters: &str) -> bool {
    word(letters).is_some()
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

/// Reads codes and the words and marks around them.
pub(super) fn read_slots(text: &str) -> Result<Vec<Slot>, AddressError> {
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
    /// Whether 号 or `#` stands behind it.
    numbered: bool,
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
            self.slots.push(Slot { part, code: code(run)?, storey: false });
            self.numbered = false;
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
            Some(slot) if open && slot.part.is_none_or(|named| named == part) => {
                slot.storey = slot.part.is_none() && rest.starts_with(['楼', '樓']) && !self.numbered;
                slot.part = Some(part);
            }
            _ => return Err(unknown(rest)),
        }
        Ok(())
    }

    /// What stands between codes: `#` and 号 leave open what the number is, punctuation ends it.
    fn between(&mut self, c: char, rest: &str) -> Result<(), AddressError> {
        match c {
            '#' | '号' | '號' => {
                self.numbered = true;
                Ok(())
            }
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
pub(super) fn assign(mut slots: Vec<Slot>) -> Result<Address, AddressError> {
    without_floor(&mut slots)?;
    if slots.len() > 3 {
        return Err(AddressError::TooManyParts);
    }
    let mut found: [Option<String>; 3] = [None, None, None];
    let mut before = None;
    let last = slots.len().saturating_sub(1);
    let is_said = slots.iter().any(|slot| matches!(slot.part, Some(Part::Unit | Part::Room)));
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
    let address = Address { building: building.ok_or(AddressError::NoBuilding)?, unit, room };
    if is_said { Ok(address) } else { certain(address) }
}

/// `18楼1804`, and 18楼 behind a unit, is a floor: it says nothing of the building, and nothing that the room does not say.
fn without_floor(slots: &mut Vec<Slot>) -> Result<(), AddressError> {
    let Some(at) = slots.iter().position(|slot| slot.storey) else { return Ok(()) };
    let floor = &slots[at].code;
    let is_on_it = |slot: &Slot| slot.code.strip_prefix(floor.as_str()).is_some_and(|door| door.len() == 2);
    let holds_room = slots.last().is_some_and(is_on_it);
    let is_named = slots.iter().enumerate().any(|(nth, slot)| nth != at && slot.part == Some(Part::Building));
    // `3-2单元18楼1804`: the first number is the building, whatever stands behind it.
    let goes_before = slots[..at].first().is_some_and(|slot| slot.part.is_none());
    match holds_room {
        true if is_named || goes_before => {
            slots.remove(at);
            Ok(())
        }
        true => Err(AddressError::NoBuilding),
        false if at > 0 && !is_named => Err(AddressError::NoBuilding),
        false => Ok(()),
    }
}

fn unknown(rest: &str) -> AddressError {
    let word = leading(rest, char::is_alphabetic);
    AddressError::UnknownWord { word: shortened(if word.is_empty() { rest } else { word }) }
}
