//! What somebody who calls for help says, as a code: its name in Chinese or English, or words of their own.
//!
//! Nobody in need is asked for a code. What is understood decides which picture and which word a screen shows; the words
//! themselves are kept, so that nothing is lost where they are understood wrongly or not at all.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;

use super::WHATS;

const TABLE: &str = include_str!("words.tsv");
/// What nothing else fits.
pub(super) const OTHER: &str = "other";
/// What turns around the words behind it.
const NOT: [&str; 10] = ["没有", "沒有", "没", "沒", "不是", "并非", "not ", "no ", "without ", "isn't "];

/// What a call for help is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meant {
    /// A code of [`WHATS`].
    pub what: &'static str,
    /// Whether the text says more than the code: then it is to be kept.
    pub says_more: bool,
}

/// What a text means: a code, its name, words in which it is said, else `other`. `None` for a text that says nothing.
pub fn meant(text: &str) -> Option<Meant> {
    let plain = plain(text);
    let code = plain.replace(' ', "_");
    let named = |line: &&Line| line.names.contains(&plain.as_str());
    let known = WHATS.iter().copied().find(|what| *what == code);
    let known = known.or_else(|| table().iter().find(named).map(|line| line.code));
    if let Some(what) = known {
        return Some(Meant { what, says_more: false });
    }
    let said = |line: &&Line| line.words.iter().any(|word| is_said(&plain, word));
    let what = table().iter().find(said).map_or(OTHER, |line| line.code);
    (!plain.is_empty()).then_some(Meant { what, says_more: true })
}

/// The words that are understood as a code, for whoever teaches them.
pub fn words_of(what: &str) -> impl Iterator<Item = &'static str> {
    let line = table().iter().find(|line| line.code == what);
    line.into_iter().flat_map(|line| line.words.iter().filter(|word| !word.contains('+')).copied())
}

struct Line {
    code: &'static str,
    names: Vec<&'static str>,
    words: Vec<&'static str>,
}

fn table() -> &'static [Line] {
    static READ: OnceLock<Vec<Line>> = OnceLock::new();
    READ.get_or_init(|| TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(line).collect())
}

fn line(line: &'static str) -> Option<Line> {
    let mut cells = line.split('\t');
    let first = cells.next()?;
    let code = WHATS.iter().copied().find(|what| *what == first)?;
    let mut listed = || cells.next().unwrap_or_default().split(';').filter(|one| !one.is_empty()).collect();
    Some(Line { code, names: listed(), words: listed() })
}

/// Half-width, in lower case, each stretch of white space as one space and none beside Chinese, without what stands
/// around the words.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase) {
        match c {
            '’' => out.push('\''),
            c if c.is_whitespace() || matches!(c, '_' | '-') => {
                let beside = out.chars().next_back();
                if beside.is_some_and(|c| c.is_ascii() && c != ' ') {
                    out.push(' ');
                }
            }
            c => {
                if !c.is_ascii() && out.ends_with(' ') {
                    out.pop();
                }
                out.push(c);
            }
        }
    }
    out.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// Whether words stand in a text, one part behind the other, and nothing turns the first around.
fn is_said(text: &str, word: &str) -> bool {
    let mut from = 0;
    let Some(first) = word.split('+').next() else { return false };
    while let Some(at) = found(text, first, from) {
        from = at + first.len();
        let before = text.get(..at).unwrap_or_default();
        let mut behind = from;
        let rest = word.split('+').skip(1).all(|part| match found(text, part, behind) {
            Some(at) => {
                behind = at + part.len();
                true
            }
            None => false,
        });
        if rest && !NOT.iter().any(|not| before.ends_with(not)) {
            return true;
        }
    }
    false
}

/// Where a word stands, from some place on. A word in letters is whole: `gas` is not in `gasp`.
fn found(text: &str, word: &str, from: usize) -> Option<usize> {
    let mut after = from;
    loop {
        let at = after + text.get(after..)?.find(word)?;
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        let (before, behind) = (text.get(..at)?, text.get(at + word.len()..)?);
        let whole = !letter(before.chars().next_back()) && !letter(behind.chars().next());
        if !word.is_ascii() || whole {
            return Some(at);
        }
        after = at + word.len();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn what(text: &str) -> &'static str {
        meant(text).expect("it says something").what
    }

    #[test]
    fn every_code_has_a_line_and_no_word_stands_twice() {
        let lines: Vec<&str> = table().iter().map(|line| line.code).collect();
        let words: Vec<&str> = table().iter().flat_map(|line| line.words.iter().copied()).collect();
        let names: Vec<&str> = table().iter().flat_map(|line| line.names.iter().copied()).collect();

        assert_eq!(lines.iter().collect::<BTreeSet<_>>(), WHATS.iter().collect::<BTreeSet<_>>());
        assert_eq!(lines.len(), TABLE.lines().filter(|line| !line.starts_with('#')).count());
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(words.iter().chain(&names).all(|word| plain(word) == **word));
    }

    #[test]
    fn codes_names_and_free_words_are_understood() {
        for text in ["chest_pain", "Chest-Pain", "chest pain", "胸痛", " 胸 痛！", "ＣＨＥＳＴ　ＰＡＩＮ"]
        {
            assert_eq!(meant(text), Some(Meant { what: "chest_pain", says_more: false }), "{text}");
        }
        let more = [
            ("我爸胸口痛得厉害", "chest_pain"),
            ("her chest hurts badly", "chest_pain"),
            ("奶奶摔了一跤，起不来", "fall"),
            ("老人摔倒昏迷了", "unconscious"),
            ("没有呼吸了", "unconscious"),
            ("喘不上气", "breathing"),
            ("三岁孩子发高烧40度", "child_fever"),
            ("厨房着火了！！", "fire"),
            ("楼道里有煤气味", "gas"),
            ("降压药昨天就吃完了", "medicine_out"),
            ("整栋楼停电了", "power_or_water"),
            ("my mother FELL in the bath", "fall"),
        ];
        for (text, code) in more {
            assert_eq!(meant(text), Some(Meant { what: code, says_more: true }), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_something_else_and_kept() {
        for text in
            ["手被门夹住了", "gasping fish", "买了火锅", "chest_pian", "没有摔倒，只是头晕", "no fire, only a bang"]
        {
            assert_eq!(meant(text), Some(Meant { what: OTHER, says_more: true }), "{text}");
        }
        assert_eq!(what("没有摔倒，是胸口疼"), "chest_pain");
        assert_eq!((meant(""), meant(" ！ ")), (None, None));
    }
}
