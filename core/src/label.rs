//! Labels of buildings, units and rooms as they are compared: `3`, `3号楼`, ` 3 `, `三栋` and `３` are one building.
//!
//! What members wrote stays as it is, byte for byte; rights, lists and limits compare what this module makes of it. It has
//! tables of its own: what is one building on one phone is one on every other, whatever their libraries know of letters.

use std::borrow::Cow;

use crate::limits;

/// Words in front of a number that say nothing, whatever it is the number of.
const FRONT: [&str; 7] = ["第", "#", ".", ":", "NUMBER", "NO", "NR"];
/// The same behind it.
const BEHIND: [char; 2] = ['号', '#'];
/// Forms of one character.
const SAME: [(char, char); 8] =
    [('號', '号'), ('樓', '楼'), ('棟', '栋'), ('單', '单'), ('門', '门'), ('戶', '户'), ('兩', '两'), ('~', '-')];

/// The words of one part of an address.
struct Words {
    front: &'static [&'static str],
    behind: &'static [&'static str],
    /// What a label may end in, beside a letter or a digit, so that a word behind it says nothing more.
    ends: &'static str,
}

const BUILDING: Words = Words {
    front: &["BUILDING", "BLDG", "BLD", "BLOCK", "BLK", "TOWER"],
    behind: &["楼", "栋", "幢", "座"],
    ends: "甲乙丙丁",
};
const UNIT: Words = Words { front: &["UNIT", "STAIRCASE"], behind: &["单元", "门"], ends: "甲乙丙丁" };
const ROOM: Words = Words {
    front: &["ROOM", "RM", "APARTMENT", "APT", "FLAT"],
    behind: &["室", "房", "户"],
    ends: "甲乙丙丁东西南北中",
};

/// A building as it is compared.
///
/// ```
/// use linli_core::label::building;
/// assert!(["3号楼", " 3 ", "三栋", "３", "Bldg 03", "第三幢"].iter().all(|label| building(label) == "3"));
/// assert_eq!(building("兰苑"), "兰苑");
/// ```
pub fn building(label: &str) -> String {
    compared(label, &BUILDING)
}

/// A unit as it is compared.
pub fn unit(label: &str) -> String {
    compared(label, &UNIT)
}

/// A room as it is compared.
pub fn room(label: &str) -> String {
    compared(label, &ROOM)
}

/// A door as it is compared, in one text. A part that is not named is empty.
pub fn door(at: Option<&str>, within: Option<&str>, door: Option<&str>) -> String {
    [at.map(building), within.map(unit), door.map(room)].map(Option::unwrap_or_default).join("\u{1f}")
}

fn compared(label: &str, words: &Words) -> String {
    // Nearly always it is a number as it stands.
    if label.bytes().all(|byte| byte.is_ascii_digit()) && !label.starts_with('0') {
        return label.to_owned();
    }
    let plain: String = label.chars().filter_map(plain).collect();
    if plain.len() > limits::BUILDING_ID {
        return plain;
    }
    let numbered = in_digits(&plain);
    let ends = |text: &&str| {
        let bare = text.trim_end_matches(BEHIND);
        bare.ends_with(|c: char| c.is_ascii_alphanumeric() || words.ends.contains(c))
    };
    let mut rest: &str = &numbered;
    while let Some(less) = rest.strip_suffix(BEHIND).or_else(|| words.behind(rest)).filter(ends) {
        rest = less;
    }
    while let Some(less) = words.front(rest).or_else(|| without_front(rest)).filter(|less| is_bare(less)) {
        rest = less;
    }
    while let Some(less) = rest.strip_prefix('0').filter(|less| less.starts_with(|c: char| c.is_ascii_digit())) {
        rest = less;
    }
    if rest.len() > limits::BUILDING_ID { plain } else { rest.to_owned() }
}

impl Words {
    fn behind<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.behind.iter().find_map(|word| text.strip_suffix(word))
    }

    fn front<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.front.iter().find_map(|word| text.strip_prefix(word))
    }
}

fn without_front(text: &str) -> Option<&str> {
    FRONT.iter().find_map(|word| text.strip_prefix(word))
}

/// What a word in front may announce: something that begins with a digit, or a letter by itself. Of `NOVA` none is stripped.
fn is_bare(mut rest: &str) -> bool {
    while let Some(less) = without_front(rest) {
        rest = less;
    }
    rest.starts_with(|c: char| c.is_ascii_digit())
        || (rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// A character in half width and upper case; none for white space and marks that nobody sees.
fn plain(c: char) -> Option<char> {
    match c {
        '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200f}' | '\u{2028}' | '\u{2029}' => {
            None
        }
        '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{feff}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{ff01}'..='\u{ff5e}' => {
            let half = u8::try_from(u32::from(c).saturating_sub(0xfee0)).map_or(c, char::from);
            plain(half)
        }
        c => Some(SAME.iter().find(|(one, _)| *one == c).map_or(c.to_ascii_uppercase(), |(_, other)| *other)),
    }
}

/// Chinese numerals as digits, each run that is one number and touches no digit.
fn in_digits(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| numeral(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| numeral(c).is_none()).unwrap_or(rest.len());
        if end == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, behind) = rest.split_at(end);
        rest = behind;
        let is_digit = |c: char| c.is_ascii_digit();
        let touches = out.ends_with(is_digit) || rest.starts_with(is_digit);
        match number(run).filter(|_| !touches) {
            Some(number) => out.push_str(&number),
            None => out.push_str(run),
        }
    }
    Cow::Owned(out)
}

/// What a numeral says: a digit below 10, or a power of ten.
fn numeral(c: char) -> Option<u32> {
    let digits = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];
    match c {
        '零' | '〇' => Some(0),
        '两' => Some(2),
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        c => (1..).zip(digits).find(|(_, digit)| *digit == c).map(|(value, _)| value),
    }
}

/// 一八零四 is 1804 digit by digit; 一百零三 is 103, powers descending, at most one digit before each.
fn number(run: &str) -> Option<String> {
    let values: Vec<u32> = run.chars().filter_map(numeral).collect();
    if values.iter().all(|value| *value < 10) {
        return Some(values.iter().map(u32::to_string).collect());
    }
    let (mut sum, mut digit, mut power) = (0_u32, None, 10_000);
    for value in values {
        match (value, digit) {
            (0, None) => {}
            (1..=9, None) => digit = Some(value),
            (10.., _) if value < power => {
                sum = sum.saturating_add(digit.take().unwrap_or(1) * value);
                power = value;
            }
            _ => return None,
        }
    }
    Some(sum.saturating_add(digit.unwrap_or(0)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_building_is_one_however_it_is_written() {
        let three = [
            "3",
            "３",
            " 3 ",
            "03",
            "3号楼",
            "３号楼",
            "3 号 楼",
            "三栋",
            "三号楼",
            "第三幢",
            "3座",
            "3#",
            "3#楼",
            "#3",
            "No. 3",
            "Bldg. 3",
            "building no. 3",
            "3號樓",
            "3\u{200b}",
            "3\u{3000}号",
        ];
        assert_eq!(three.map(building), [const { "3" }; 20]);
        assert_eq!(["A座", "a", "Ａ栋", "Tower A"].map(building), [const { "A" }; 4]);
        assert_eq!(["甲3幢", "甲3", "甲三栋"].map(building), [const { "甲3" }; 3]);
        assert_eq!(["十二号楼", "12栋", "一二幢"].map(building), [const { "12" }; 3]);
        assert_eq!(["东区3号楼", "东区三栋"].map(building), [const { "东区3" }; 2]);
    }

    #[test]
    fn what_is_another_stays_another() {
        let others =
            ["3", "3A", "13", "30", "B3", "甲3", "兰苑", "三元楼", "三元", "3单元", "3-2", "3楼东", "3十", "30十", ""];
        let compared: std::collections::BTreeSet<String> = others.iter().map(|label| building(label)).collect();

        assert_eq!(compared.len(), others.len());
        assert_eq!((unit("二单元"), unit("2门"), unit("2室")), ("2".into(), "2".into(), "2室".into()));
        assert_eq!((room("１８０４室"), room("一八零四"), room("18a")), ("1804".into(), "1804".into(), "18A".into()));
        assert_eq!(
            (room("5东户"), room("东户"), room("NOVA"), room("0")),
            ("5东".into(), "东".into(), "NOVA".into(), "0".into())
        );
    }

    #[test]
    fn compared_again_it_is_the_same() {
        for text in
            ["NOA号", "第三号楼", "#03", "3##号号楼", "零零三", "千A千", "NO.NO.3", "No 12A座", "楼", "号楼", "00三"]
        {
            let once = building(text);
            assert_eq!(building(&once), once, "{text}");
        }
        let long = "千a".repeat(85);
        assert_eq!(building(&long), long.to_uppercase(), "it is left as it is");
        assert_eq!(building(&"#".repeat(limits::BUILDING_ID)).len(), limits::BUILDING_ID);
    }
}
