//! Batches: whether a recall of one batch reaches another.
//!
//! Differences of width, case, labels, white space and kinds of dash do not count. Two batches are near each other
//! where they differ in zeros in front, letters that look alike, separators, or something before or behind, and so is
//! an unreadable or unknown one. Goods of a near batch are held back until a person looked.

use serde::Serialize;

use super::{
    TEXT,
    plain::{is_han, plain, spaces},
};
use crate::text::lookalike;

/// How two batches stand to each other.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Nearness {
    /// One batch: a recall of one takes the other.
    Equal,
    /// Perhaps one: held back until a person looked at the package.
    Near,
    /// Two batches: a recall of one leaves the other.
    Different,
}

/// Words in front of a batch, in small letters without spaces.
const LABELS: [&str; 22] = [
    "产品批号",
    "生产批号",
    "產品批號",
    "生產批號",
    "批号",
    "批號",
    "批次号",
    "批次",
    "生产批次",
    "lotnumber",
    "lotno.",
    "lotno",
    "no.",
    "lot.",
    "lot",
    "batchnumber",
    "batchno.",
    "batchno",
    "batch",
    "b.n.",
    "b/n",
    "charge",
];
/// Words for: it is not known.
const UNKNOWN: [&str; 5] = ["unknown", "none", "n/a", "na", "nil"];
/// Fewest characters that a batch shares with one that is longer before they are near.
const SHARED: usize = 5;

/// A batch as it is compared: without label, marks, white space and full stops at its end; in capitals.
pub fn key(text: &str) -> String {
    let mut rest = plain(text).to_lowercase();
    while let Some(behind) = unlabelled(&rest) {
        rest = behind;
    }
    let bare: String = rest.chars().filter(|c| !c.is_whitespace() && *c != '\'' && *c != '"').collect();
    let rest = bare.trim_start_matches([':', '#', '.', '-']).trim_end_matches(['。', '.', ',', ';', ':']);
    rest.to_uppercase()
}

/// What stands behind a label, whose letters may be spaced. `lot` may be how a batch begins: a label ends where no letter
/// follows at once.
fn unlabelled(text: &str) -> Option<String> {
    let text: Vec<char> = text.trim_start_matches(['(', ')', ':', '#', '.', '\'', ' ']).chars().collect();
    let behind = |label: &str| {
        let mut at = 0;
        for c in label.chars() {
            at += spaces(&text[at..]);
            at += text.get(at).filter(|other| **other == c).map(|_| 1)?;
        }
        Some(at)
    };
    let fits = LABELS.iter().filter_map(|label| Some((label.is_ascii(), behind(label)?)));
    let (ascii, at) = fits.max_by_key(|(_, at)| *at)?;
    let word = |c: &char| if ascii { c.is_ascii_alphabetic() } else { is_han(*c) };
    let rest: String = text[at..].iter().collect();
    let label = LABELS.iter().any(|label| rest.starts_with(label));
    (label || !text.get(at).is_some_and(word)).then_some(rest)
}

/// Whether a recall of one batch reaches the other. What is longer than [`TEXT`] is near to all.
pub fn compare(one: &str, other: &str) -> Nearness {
    if one.len() > TEXT || other.len() > TEXT {
        return Nearness::Near;
    }
    let (one, other) = (key(one), key(other));
    if is_unknown(&one) || is_unknown(&other) {
        return Nearness::Near;
    }
    let doubtful = is_doubtful(&one) || is_doubtful(&other);
    if one == other && !doubtful {
        return Nearness::Equal;
    }
    // Words around it, such as 第 and 批, are no part of it.
    let bare = |key: &str| key.chars().filter(|c| !is_han(*c)).collect::<String>();
    let worded = bare(&one) != one || bare(&other) != other;
    let near = (worded && alike(&bare(&one), &bare(&other)))
        || masked(&one, &other)
        || listed(&one, &other)
        || alike(&one, &other)
        || longer(&one, &other)
        || longer(&other, &one);
    if near { Nearness::Near } else { Nearness::Different }
}

fn is_unknown(key: &str) -> bool {
    let small = key.to_lowercase();
    // A batch has a digit or a letter.
    !small.chars().any(|c| c.is_ascii_alphanumeric()) || UNKNOWN.contains(&small.as_str())
}

/// Whether the writer says that some of it could not be read.
fn is_doubtful(key: &str) -> bool {
    key.contains(['?', '*', '…', '□', '等', '_']) || key.contains("...")
}

/// Letters and digits that are taken for each other, as one of them; without signs, and without zeros in front of numbers.
fn shape(key: &str) -> String {
    // Of other alphabets a letter may look like a Latin one.
    let latin = |c: char| if c.is_ascii() { c } else { c.to_lowercase().map(lookalike).next().unwrap_or(c) };
    let latin = |c: char| latin(c).to_ascii_uppercase();
    let turned = key.chars().filter(|c| c.is_alphanumeric()).map(|c| match latin(c) {
        'O' | 'Q' | 'D' => '0',
        'I' | 'L' | '|' => '1',
        'S' => '5',
        'B' => '8',
        'Z' => '2',
        'G' => '6',
        c => c,
    });
    turned.collect()
}

/// Without zeros at the beginning, and behind letters at the beginning.
fn unpadded(key: &str) -> String {
    let bare: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
    let letters = bare.chars().take_while(|c| c.is_alphabetic()).count();
    let (front, rest) = bare.split_at(bare.char_indices().nth(letters).map_or(bare.len(), |(at, _)| at));
    format!("{front}{}", rest.trim_start_matches('0'))
}

fn alike(one: &str, other: &str) -> bool {
    let unpadded = |key: &str| shape(&unpadded(key));
    shape(one) == shape(other)
        || unpadded(one) == unpadded(other)
        || shape(one).trim_start_matches('0') == shape(other).trim_start_matches('0')
}

/// Whether all that could be read of one fits the other: `23050?`, `2305**`.
fn masked(one: &str, other: &str) -> bool {
    let is_mask = |c: char| matches!(c, '?' | '*' | '_' | '□');
    let masks = |key: &str| key.contains(is_mask);
    if !masks(one) && !masks(other) {
        return (is_doubtful(one) || is_doubtful(other)) && alike(&sure(one), &sure(other));
    }
    let fits = one.chars().count() == other.chars().count()
        && one.chars().zip(other.chars()).all(|(one, other)| one == other || is_mask(one) || is_mask(other));
    let trimmed = |key: &str| key.trim_end_matches(is_mask).to_owned();
    fits || alike(&trimmed(one), &trimmed(other))
        || (trimmed(one).len() >= 3 && other.starts_with(&trimmed(one)))
        || (trimmed(other).len() >= 3 && one.starts_with(&trimmed(other)))
}

fn sure(key: &str) -> String {
    key.split(['?', '…', '等']).next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// Whether one field names several batches, of which one is the other: `230501/230502`.
fn listed(one: &str, other: &str) -> bool {
    let among = |all: &str, single: &str| {
        let parts: Vec<&str> = all.split(['/', ',', '、', ';', '+', '和', '及']).collect();
        parts.len() > 1 && parts.iter().any(|part| alike(part, single))
    };
    among(one, other) || among(other, one)
}

/// Whether one is the other with something before or behind it: a letter, a mark, the century, a date.
fn longer(long: &str, short: &str) -> bool {
    if beside(long, short) {
        return true;
    }
    let (long, short): (String, String) = (shape_free(long), shape_free(short));
    let count = short.chars().count();
    if long.len() <= short.len() {
        return false;
    }
    let around = |rest: &str, front: bool| {
        let digits = rest.bytes().all(|c| c.is_ascii_digit());
        if count < if digits { SHARED } else { SHARED - 2 } {
            return false;
        }
        // A digit more at the end counts on; letters, a date, a mark or a century do not.
        !digits || rest.len() >= 6 || (front && rest.len() == 2)
    };
    long.strip_suffix(&short).is_some_and(|rest| around(rest, true))
        || long.strip_prefix(&short).is_some_and(|rest| around(rest, false))
}

/// Whether a sign stands between one and what is before or behind it: `230501-1`.
fn beside(long: &str, short: &str) -> bool {
    let sign = |c: Option<char>| c.is_some_and(|c| !c.is_alphanumeric());
    let behind = long.strip_prefix(short).is_some_and(|rest| sign(rest.chars().next()));
    let before = long.strip_suffix(short).is_some_and(|rest| sign(rest.chars().next_back()));
    short.chars().count() >= 4 && (behind || before)
}

fn shape_free(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Nearness, compare, key};

    #[track_caller]
    fn all(nearness: Nearness, pairs: &[(&str, &str)]) {
        for (one, other) in pairs {
            assert_eq!((compare(one, other), compare(other, one)), (nearness, nearness), "{one} {other}");
        }
    }

    #[test]
    fn how_a_batch_is_written_changes_nothing() {
        all(
            Nearness::Equal,
            &[
                ("K77120", "k77120"),
                ("K77120", "Ｋ７７１２０"),
                ("K77120", "产品批号：K77120"),
                ("K77120", "Lot#K77120 "),
                ("K7-7120", "K7—7120"),
                ("lot K77120", "K77120"),
                ("77120", "batch 77120."),
            ],
        );
        assert_eq!(key("lotus7"), "LOTUS7");
    }

    #[test]
    fn what_may_be_one_batch_is_near() {
        all(
            Nearness::Near,
            &[
                ("077120", "77120"),
                ("K0077120", "K77120"),
                ("K77I20", "K77120"),
                ("\u{41a}77120", "K77120"),
                ("K7-7120", "K77120"),
                ("77120", "77120B"),
                ("第77120批", "77120"),
                ("77120", "A77120"),
                ("240315", "20240315"),
                ("77120?", "77120"),
                ("7712?", "77120"),
                ("77***", "77120"),
                ("77119、77120", "77120"),
                ("看不清楚", "77120"),
                ("", "77120"),
            ],
        );
    }

    #[test]
    fn other_characters_are_another_batch() {
        all(
            Nearness::Different,
            &[("77120", "77121"), ("77120", "77210"), ("K77120", "H77120"), ("771200", "77120"), ("K1", "K10")],
        );
    }
}
