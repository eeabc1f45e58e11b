//! Units of goods, and the words for them: `盒`, `box` and `盒子` are one.

use std::{fmt, sync::OnceLock};

use serde::{Serialize, Serializer};

/// The table that apps may show: one line per unit.
const TABLE: &str = include_str!("units.tsv");

/// A unit of goods, by the word that stands for it: `盒`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(&'static str);

/// What a unit is a unit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Something that holds others: 盒, 箱.
    Pack,
    /// A single thing: 片, 个.
    Piece,
    /// A weight: 克, 斤.
    Mass,
    /// A volume: 毫升, 升.
    Volume,
    /// A number of pieces: 打.
    Count,
    /// What insulin is measured in: 单位.
    Dose,
    /// As much as a hand holds: 把. No count of tablets.
    Loose,
}

struct Known {
    unit: Unit,
    sort: Sort,
    of: Option<i64>,
    most: i64,
    cut: bool,
    words: Vec<&'static str>,
}

impl Unit {
    /// The unit that a word stands for, whatever its case and width.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = super::plain::plain(word).to_lowercase();
        table().iter().find(|known| known.words.contains(&word.as_str())).map(|known| known.unit)
    }

    /// Every unit, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        table().iter().map(|known| known.unit)
    }

    /// The word that stands for it.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// What it is a unit of.
    pub fn sort(self) -> Sort {
        self.known().map_or(Sort::Piece, |known| known.sort)
    }

    /// Whether half of one is said: a tablet is cut, a capsule is not.
    pub fn is_cut(self) -> bool {
        self.known().is_none_or(|known| known.cut)
    }

    /// Whole units beyond which an amount is strange for a household.
    pub fn most(self) -> i64 {
        self.known().map_or(0, |known| known.most)
    }

    /// By law: what one is, in a measure that all of its sort share.
    pub(super) fn by_law(self) -> Option<(Sort, i64)> {
        match self.code() {
            "个" => Some((Sort::Count, 1)),
            _ => self.known().and_then(|known| Some((known.sort, known.of?))),
        }
    }

    fn known(self) -> Option<&'static Known> {
        table().iter().find(|known| known.unit == self)
    }
}

/// The longest word for a unit at the beginning, and its characters. A word in letters ends where they end.
pub(super) fn longest(text: &[char]) -> Option<(Unit, usize)> {
    let fits = |word: &str| {
        let len = word.chars().count();
        let same = text.len() >= len && word.chars().zip(text).all(|(one, other)| one == other.to_ascii_lowercase());
        let ends = !word.is_ascii() || !text.get(len).is_some_and(char::is_ascii_alphanumeric);
        (same && ends).then_some(len)
    };
    let found = table().iter().flat_map(|known| known.words.iter().filter_map(|word| Some((known.unit, fits(word)?))));
    found.max_by_key(|(_, len)| *len)
}

fn table() -> &'static [Known] {
    static READ: OnceLock<Vec<Known>> = OnceLock::new();
    READ.get_or_init(|| TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(known).collect())
}

fn known(line: &'static str) -> Option<Known> {
    let mut cells = line.split('\t');
    let unit = Unit(cells.next()?);
    let sort = match cells.next()? {
        "pack" => Sort::Pack,
        "piece" => Sort::Piece,
        "mass" => Sort::Mass,
        "volume" => Sort::Volume,
        "count" => Sort::Count,
        "dose" => Sort::Dose,
        "loose" => Sort::Loose,
        _ => return None,
    };
    let (of, most) = (cells.next()?.parse().ok(), cells.next()?.parse().ok()?);
    Some(Known { unit, sort, of, most, cut: cells.next()? == "yes", words: cells.next()?.split(' ').collect() })
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{TABLE, Unit, longest, table};

    #[test]
    fn every_line_of_the_table_is_a_unit_and_every_word_stands_for_one() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let words: Vec<&str> = table().iter().flat_map(|known| known.words.iter().copied()).collect();

        assert_eq!(table().len(), lines);
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
        assert!(table().iter().all(|known| known.words.first() == Some(&known.unit.code())));
    }

    #[test]
    fn words_of_one_unit_are_one() {
        assert_eq!(Unit::of_word("Bottles"), Unit::of_word("瓶子"));
        assert_eq!(Unit::of_word("ＭＬ").map(Unit::code), Some("毫升"));
        assert_eq!(Unit::of_word("栋"), None);
    }

    #[test]
    fn the_longest_word_is_taken_and_letters_end_where_they_end() {
        let at = |text: &str| longest(&text.chars().collect::<Vec<_>>()).map(|(unit, len)| (unit.code(), len));

        assert_eq!(at("公斤白糖"), Some(("公斤", 2)));
        assert_eq!(at("kg糖"), Some(("公斤", 2)));
        assert_eq!(at("glue"), None);
    }
}
