//! Cells as spreadsheets leave them, and what they say.

use std::collections::BTreeMap;

use super::{Column, Field, Stop, ask, refuse, sure, table::is_garbled};
use crate::written::{
    About, Because, Reading, Refusal,
    door::{Around as Beside, Door, Register, door, worded},
    phone::{Phone, phones},
    plain::plain,
    table::Record,
    unit::Unit,
};

/// Words for: nothing is said.
const BLANK: [&str; 14] = ["-", "--", "/", "\\", "无", "暂无", "没有", "空", "null", "n/a", "na", "none", "nil", "nan"];
/// What a spreadsheet shows where it could not reckon.
const ERRORS: [&str; 8] = ["#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#n/a", "#spill!"];
/// Words in a first cell that make a row a sum of those above.
const SUMS: [&str; 8] = ["合计", "总计", "小计", "共计", "汇总", "total", "subtotal", "sum"];

/// A text as it is compared: width, case and white space say nothing.
pub(super) fn bare(text: &str) -> String {
    plain(text).to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether a cell says nothing.
pub(super) fn is_blank(cell: &str) -> bool {
    plain(cell).is_empty()
}

/// What a cell says; empty where it says that there is nothing.
fn said(raw: &str) -> Result<String, Because> {
    // A cell that garbles is seen before its letters are folded.
    if is_garbled(raw) {
        return Err(Because::Unreadable);
    }
    let text = plain(raw);
    // `="00123"` and `'00123`: text that must stay text.
    let quoted =
        text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).map(|rest| rest.replace("\"\"", "\""));
    let numeric = text.strip_prefix('=').filter(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit()));
    let text =
        quoted.or(numeric.map(str::to_owned)).unwrap_or_else(|| text.strip_prefix('\'').unwrap_or(&text).to_owned());
    let mut signs = text.chars();
    let formula = match (signs.next(), signs.next()) {
        (Some('='), Some(_)) => true,
        (Some('@' | '+' | '-'), Some(next)) => next.is_ascii_alphabetic() || next == '(' || next == '=',
        _ => false,
    };
    if formula {
        return Err(Because::Formula);
    }
    let small = text.to_lowercase();
    if ERRORS.contains(&small.as_str()) || (text.len() > 1 && text.chars().all(|c| c == '#')) {
        return Err(Because::Unreadable);
    }
    Ok(if BLANK.contains(&small.as_str()) { String::new() } else { text })
}

/// The cells of a row, by what they say.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    said: BTreeMap<Field, String>,
    columns: BTreeMap<Field, Option<Unit>>,
}

impl Cells {
    /// The cells of a record.
    pub(super) fn of(record: &Record, columns: &[Column]) -> Result<Self, Stop> {
        let mut cells = Self::default();
        for column in columns {
            cells.columns.insert(column.field, column.unit);
            let raw = record.cells.get(column.at).map_or("", String::as_str);
            match said(raw) {
                Ok(text) if text.is_empty() => {}
                Ok(text) => {
                    let before = cells.said.remove(&column.field);
                    let whole = before.map_or(text.clone(), |before| format!("{before}, {text}"));
                    cells.said.insert(column.field, whole);
                }
                Err(Because::Formula) if column.field == Field::Name => return refuse(Refusal::Formula),
                Err(because) => return ask(column.field.about(), because),
            }
        }
        Ok(cells)
    }

    /// Whether nothing stands in any column that is known.
    pub(super) fn is_blank(&self) -> bool {
        self.said.is_empty()
    }

    /// Whether the row is a sum of those above it.
    pub(super) fn sums_up(&self) -> bool {
        let sum = |text: &String| SUMS.contains(&bare(text).trim_end_matches(':'));
        self.said.values().any(sum)
    }

    /// What a cell says; none where nothing stands in it.
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.said.get(&field).map(String::as_str)
    }

    /// The same as a text of its own.
    pub(super) fn text(&self, field: Field) -> Option<String> {
        self.said.get(&field).cloned()
    }

    /// Whether the list has such a column.
    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.contains_key(&field)
    }

    /// The unit that the heading of a column says.
    pub(super) fn unit_of(&self, field: Field) -> Option<Unit> {
        self.columns.get(&field).copied().flatten()
    }

    /// The door of a row, in one cell or in several.
    pub(super) fn address(&self, register: Option<&Register>) -> Result<Door, Stop> {
        let part = |field: Field, word: &str| {
            self.get(field).map(|text| worded(text.trim_end_matches(".0"), word)).unwrap_or_default()
        };
        let parts = [part(Field::Building, "号楼"), part(Field::Unit, "单元"), part(Field::Room, "室")].concat();
        let text = match self.get(Field::Address) {
            Some(address) => format!("{parts}{address}"),
            None => parts,
        };
        if self.get(Field::Building).is_none() && self.get(Field::Address).is_none() {
            return ask(About::Building, Because::Missing);
        }
        match door(&text, Beside { register, ..Beside::default() }) {
            Reading::Read(door) if door.room.is_none() => ask(About::Room, Because::Missing),
            reading => sure(reading),
        }
    }

    /// The telephone numbers of a row, the extension of its own column with the first.
    pub(super) fn phones(&self, area: Option<&str>) -> Result<Vec<Phone>, Stop> {
        let Some(text) = self.get(Field::Phone) else { return Ok(Vec::new()) };
        // `1.38E+10`: a spreadsheet has forgotten the digits.
        let mut found = match phones(text, area) {
            Reading::Read(found) => found,
            Reading::Ask(question) => return ask(About::Phone, question.because),
            Reading::Refuse(Refusal::Masked) => return ask(About::Phone, Because::Masked),
            Reading::Refuse(_) => return ask(About::Phone, Because::Unreadable),
        };
        let ext = self.get(Field::Ext).map(|ext| ext.trim_end_matches(".0").to_owned());
        if let (Some(first), Some(ext)) = (found.first_mut(), ext) {
            first.ext = Some(ext);
        }
        Ok(found)
    }

    /// A name of a person. A number or a door in its place means that columns were mixed up: nothing is put right unasked.
    pub(super) fn person(&self, field: Field) -> Result<Option<String>, Stop> {
        let Some(name) = self.get(field) else { return Ok(None) };
        let digits = name.chars().filter(char::is_ascii_digit).count();
        if digits >= 7 || !name.chars().any(char::is_alphabetic) {
            return ask(About::Row, Because::Columns);
        }
        Ok(Some(name.to_owned()))
    }
}

/// A whole number as spreadsheets write it: `6`, `6.0`, `6层`.
pub(super) fn whole(text: &str, words: &[&str], about: About) -> Result<u32, Stop> {
    let small = text.to_lowercase();
    let bare = words.iter().find_map(|word| small.strip_suffix(word)).unwrap_or(&small).trim();
    let bare = bare.strip_suffix(".0").unwrap_or(bare);
    let chars: Vec<char> = bare.chars().collect();
    if let Some(rest) =
        bare.strip_prefix('-').filter(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit()))
    {
        return if rest.bytes().all(|c| c == b'0') { refuse(Refusal::Zero) } else { refuse(Refusal::Negative) };
    }
    let found = crate::written::numeral::number(&chars).filter(|found| found.len == chars.len());
    let value = match found.map(|found| found.number) {
        Some(crate::written::numeral::Number::Exact(value)) => value,
        _ => return ask(about, Because::NotANumber),
    };
    if value == 0 {
        return refuse(Refusal::Zero);
    }
    match u32::try_from(value / crate::written::numeral::EACH) {
        Ok(whole) if value % crate::written::numeral::EACH == 0 => Ok(whole),
        _ => ask(about, Because::NotANumber),
    }
}
