//! Entries as forms: `姓名：王阿姨`, `备注：放门口`, and rows of a table, which are such.

use super::words;
use crate::written::{door::worded, lists::Field};

/// What the labels of an entry say, and the text without them.
pub(super) struct Labelled {
    pub(super) text: String,
    pub(super) who: Option<String>,
    pub(super) note: Option<String>,
}

/// Takes `姓名：`, `备注：` and the like out of a text.
pub(super) fn labelled(text: &str) -> Labelled {
    let mut found = Labelled { text: String::with_capacity(text.len()), who: None, note: None };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = found.text.chars().next_back();
        let fits = before.is_none_or(|c| !c.is_alphanumeric());
        if let Some(value) = label(rest, &words::WHO).filter(|_| fits && found.who.is_none()) {
            let end = value.find([' ', ',', ';', '、']).unwrap_or(value.len());
            found.who = Some(value[..end].to_owned()).filter(|who| !who.is_empty());
            found.text.push(' ');
            rest = &value[end..];
        } else if let Some(value) = label(rest, &words::NOTE).filter(|_| fits) {
            let end = next_label(value);
            found.note = Some(value[..end].trim_matches([' ', ',', ';']).to_owned());
            rest = &value[end..];
        } else if let Some(value) = label(rest, &words::FIELDS).filter(|_| fits) {
            found.text.push(' ');
            rest = value;
        } else {
            found.text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    found
}

/// What stands behind one of these words and a colon.
fn label<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let behind = |word: &&str| {
        let front = text.get(..word.len())?;
        front.eq_ignore_ascii_case(word).then(|| text[word.len()..].trim_start().strip_prefix(':')).flatten()
    };
    words.iter().find_map(behind).map(str::trim_start)
}

/// Where the next label of a text begins; its end where none does.
fn next_label(text: &str) -> usize {
    let begins = |at: &usize| is_labelled(&text[*at..]);
    text.char_indices().map(|(at, _)| at).find(begins).unwrap_or(text.len())
}

/// Whether a line begins with a word of a form and a colon.
pub(super) fn is_labelled(body: &str) -> bool {
    let all = [&words::WHO[..], &words::NOTE, &words::FIELDS, &words::PHONE];
    all.iter().any(|words| label(body, words).is_some())
}

/// The cells of a row as a form says them.
pub(super) fn filled(cells: &[(Field, &str)]) -> String {
    let (mut door, mut rest, mut notes) = (String::new(), Vec::new(), Vec::new());
    for (field, cell) in cells {
        match field {
            Field::Building => door.push_str(&worded(cell, "号楼")),
            Field::Unit => door.push_str(&worded(cell, "单元")),
            Field::Room => door.push_str(&worded(cell, "室")),
            Field::Address => door.push_str(cell),
            Field::Who => rest.push(format!("姓名:{cell}")),
            Field::Note => notes.push(format!("备注:{cell}")),
            Field::Qty | Field::Measure => match rest.last_mut() {
                Some(last) => last.push_str(cell),
                None => rest.push((*cell).to_owned()),
            },
            Field::Items | Field::Phone => rest.push((*cell).to_owned()),
            _ => {}
        }
    }
    std::iter::once(door).chain(rest).chain(notes).collect::<Vec<_>>().join(", ")
}
