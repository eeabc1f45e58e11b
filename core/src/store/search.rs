//! Search: text as overlapping pairs of characters, so that any substring of a word is found in any script.
//!
//! A *word* is a run of letters and digits after NFKC and lower case. The index holds each word's pairs and, last,
//! its final character alone, which also keeps neighbouring words apart. A pattern of two or more characters is a
//! phrase of its pairs; one of a single character is a prefix of pairs.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::label;

/// Words of a pattern that are looked at; more would only cost.
const PATTERN_WORDS: usize = 16;

/// The full-text table and the folded text it was made from, which deleting from it takes.
pub(super) const CREATE: &str = "
    CREATE TABLE search_text (agg INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE VIRTUAL TABLE search USING fts5 (terms, content = '', tokenize = 'ascii', prefix = '1', columnsize = 0);";
/// Empties the one, and the other.
pub(super) const EMPTY: &str = "INSERT INTO search (search) VALUES ('delete-all')";
pub(super) const EMPTY_TEXT: &str = "DELETE FROM search_text";
/// Drops both tables.
pub(super) const DROP: &str = "DROP TABLE IF EXISTS search; DROP TABLE IF EXISTS search_text;";

/// The text as it is compared: its words, separated by single spaces.
pub(super) fn fold(text: &str) -> String {
    let lower: String = nfkc(text).chars().flat_map(char::to_lowercase).collect();
    words(&nfkc(&lower)).collect::<Vec<_>>().join(" ")
}

/// Most texts are in this form already, and to see that costs far less than to make it.
fn nfkc(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfkc().collect()),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// What the index holds for a text.
pub fn terms(text: &str) -> String {
    terms_of_folded(&fold(text))
}

pub(super) fn terms_of_folded(folded: &str) -> String {
    let mut terms = String::with_capacity(folded.len().saturating_mul(3));
    for word in words(folded) {
        pairs(word, &mut terms);
        terms.extend(word.chars().next_back());
        terms.push(' ');
    }
    terms
}

/// Appends the overlapping pairs of a word, each with a space behind it.
fn pairs(word: &str, out: &mut String) {
    for (one, other) in word.chars().zip(word.chars().skip(1)) {
        out.extend([one, other, ' ']);
    }
}

/// What a person looks for, folded; `None` if there is not one letter or digit in it.
pub(super) struct Pattern {
    /// Of all these one each must be in the folded text.
    pub(super) words: Vec<Vec<String>>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Option<Self> {
        let words: Vec<_> = words(&fold(text)).take(PATTERN_WORDS).map(spellings).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// The FTS5 expression. Words hold letters and digits only, so nothing needs escaping.
    pub(super) fn expression(&self) -> String {
        let one = |word: &String| {
            let mut phrase = String::from("\"");
            pairs(word, &mut phrase);
            if phrase.len() == 1 { format!("\"{word}\" *") } else { phrase + "\"" }
        };
        let any = |spellings: &Vec<String>| match &spellings[..] {
            [only] => one(only),
            several => format!("({})", several.iter().map(one).collect::<Vec<_>>().join(" OR ")),
        };
        self.words.iter().map(any).collect::<Vec<_>>().join(" AND ")
    }
}

/// A word as it is written, and as the index has it where it is a part of an address: 三栋 is found under 3号楼 too.
fn spellings(word: &str) -> Vec<String> {
    let ends = |ends: &[&str]| ends.iter().any(|end| word.ends_with(end));
    let part = if ends(&["楼", "栋", "幢", "座"]) {
        Some((label::building(word), "号楼"))
    } else if ends(&["单元", "门"]) {
        Some((label::unit(word), "单元"))
    } else {
        ends(&["室", "房", "户"]).then(|| (label::room(word), ""))
    };
    let bare = part.filter(|(label, _)| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric()));
    let other = bare.map(|(label, behind)| format!("{}{behind}", label.to_lowercase()));
    std::iter::once(word.to_owned()).chain(other.filter(|other| other != word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_pairs_and_a_last_character() {
        assert_eq!(terms("布洛芬"), "布洛 洛芬 芬 ");
        assert_eq!(terms("３号-A"), "3号 号 a ");
        assert_eq!(terms(" \"*' "), "");
    }

    #[test]
    fn a_pattern_is_phrases_that_must_all_match() {
        let expression = |text| Pattern::new(text).map(|pattern| pattern.expression());

        assert_eq!(expression("洛芬缓 3"), Some("\"洛芬 芬缓 \" AND \"3\" *".to_owned()));
        assert_eq!(expression("\" OR *"), Some("\"or \"".to_owned()));
        assert_eq!(expression("…"), None);
        assert_eq!(expression("三栋"), Some("(\"三栋 \" OR \"3号 号楼 \")".to_owned()));
        assert_eq!(
            (expression("3号楼"), expression("客房")),
            (Some("\"3号 号楼 \"".to_owned()), Some("\"客房 \"".to_owned()))
        );
    }
}
