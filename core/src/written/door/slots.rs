//! An address as numbers with the words beside them.

use crate::written::{
    numeral::{self, Number},
    plain::{is_han, spaces, starts},
};

/// What a word makes of the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 号楼, 栋, 幢, 座.
    Building,
    /// 单元, 门: a staircase.
    Unit,
    /// 楼, 层: a floor, or the building where nothing else is.
    Storey,
    /// 层, F: a floor.
    Floor,
    /// 室, 房, 户.
    Room,
    /// 号, #: the building or the room, by its place.
    Number,
    /// 弄, 院: the compound.
    Compound,
}

/// A number or letter, with its word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// In digits and capitals, without zeros in front.
    pub(super) value: String,
    pub(super) kind: Option<Kind>,
}

/// Why an address cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// A word that is no part of an address.
    Word(String),
    /// A numeral that has no one value.
    Numeral,
}

const BEHIND: [(&str, Kind); 21] = [
    ("号楼", Kind::Building),
    ("#楼", Kind::Building),
    ("栋", Kind::Building),
    ("幢", Kind::Building),
    ("座", Kind::Building),
    ("单元", Kind::Unit),
    ("门", Kind::Unit),
    ("楼", Kind::Storey),
    ("层", Kind::Floor),
    ("/F", Kind::Floor),
    ("F", Kind::Floor),
    ("室", Kind::Room),
    ("房", Kind::Room),
    ("户", Kind::Room),
    ("号院", Kind::Compound),
    ("院", Kind::Compound),
    ("弄", Kind::Compound),
    ("号", Kind::Number),
    ("#", Kind::Number),
    ("组", Kind::Building),
    ("村", Kind::Compound),
];
const BEFORE: [(&str, Kind); 13] = [
    ("BUILDING", Kind::Building),
    ("BLDG", Kind::Building),
    ("BLOCK", Kind::Building),
    ("TOWER", Kind::Building),
    ("UNIT", Kind::Unit),
    ("ROOM", Kind::Room),
    ("RM", Kind::Room),
    ("FLAT", Kind::Room),
    ("APARTMENT", Kind::Room),
    ("APT", Kind::Room),
    ("FLOOR", Kind::Floor),
    ("STAIRCASE", Kind::Unit),
    ("NO", Kind::Number),
];
const TRADITIONAL: [(char, char); 7] =
    [('號', '号'), ('樓', '楼'), ('單', '单'), ('門', '门'), ('層', '层'), ('組', '组'), ('棟', '栋')];

/// The plain script in capitals.
pub(super) fn folded(plain: &str) -> String {
    let turned = |c: char| TRADITIONAL.iter().find(|(one, _)| *one == c).map_or(c, |(_, other)| *other);
    plain.chars().map(turned).flat_map(char::to_uppercase).map(digit).collect()
}

/// Digits of other scripts.
fn digit(c: char) -> char {
    let of = |first: char| char::from_digit((u32::from(c)).wrapping_sub(u32::from(first)), 10);
    match c {
        '\u{660}'..='\u{669}' => of('\u{660}').unwrap_or(c),
        '\u{6f0}'..='\u{6f9}' => of('\u{6f0}').unwrap_or(c),
        c => c,
    }
}

fn longest(text: &[char], words: &[(&str, Kind)]) -> Option<(Kind, usize)> {
    let fits = words.iter().filter(|(word, _)| starts(text, word)).map(|(word, kind)| (*kind, word.chars().count()));
    fits.max_by_key(|(_, len)| *len)
}

/// Takes a folded text apart.
pub(super) fn slots(text: &str) -> Result<Vec<Slot>, Odd> {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut found, mut announced) = (0, Vec::new(), None);
    while at < text.len() {
        let rest = &text[at..];
        if matches!(rest[0], ' ' | '-' | '.' | '_' | '·' | '~' | ',' | '、' | '/' | ':' | '第' | '(' | ')' | '。') {
            at += 1;
            continue;
        }
        // `12号附1`: a house of its own beside 12.
        if let (true, Some(last)) = (rest[0] == '附', found.last_mut()) {
            let (more, len) = value(&rest[1..])?;
            let Slot { value, kind }: &mut Slot = last;
            value.push('附');
            value.push_str(&more);
            *kind = Some(Kind::Room);
            at += 1 + len;
            continue;
        }
        let letters = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        if let Some((kind, len)) = longest(rest, &BEFORE).filter(|(_, len)| *len == letters) {
            announced = if kind == Kind::Number { announced.or(Some(kind)) } else { Some(kind) };
            at += len;
            continue;
        }
        let (value, len) = value(rest)?;
        at += len;
        let near = at + spaces(&text[at..]);
        // A sign between two numbers parts them: `3#-2`.
        let kind = match longest(&text[near..], &BEHIND) {
            Some((kind, len)) if announced.is_none() || announced == Some(Kind::Number) => {
                at = near + len;
                Some(kind)
            }
            _ => announced.take(),
        };
        announced = None;
        found.push(Slot { value, kind });
    }
    Ok(found)
}

/// A number, a letter, a stem of heaven; and its characters.
fn value(text: &[char]) -> Result<(String, usize), Odd> {
    if text.is_empty() {
        return Err(Odd::Numeral);
    }
    let run = text.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    if run > 0 {
        // `18F1804`: a floor and what is on it.
        let floor = numeral::digits(text);
        let split =
            floor > 0 && floor < run && text[floor] == 'F' && text[floor + 1..run].iter().all(char::is_ascii_digit);
        let len = if split { floor } else { run };
        let label: String = text[..len].iter().collect();
        // `5东`: a door by the side on which it lies.
        let sided = matches!(text.get(len), Some('东' | '西' | '南' | '北' | '中'));
        if sided && matches!(text.get(len + 1), None | Some(' ' | '户' | '室')) {
            return Ok((format!("{}{}", bare(&label), text[len]), len + 1));
        }
        let mixed = text.get(run).is_some_and(|c| numeral::digit(*c).is_some());
        return if mixed { Err(Odd::Numeral) } else { Ok((bare(&label), len)) };
    }
    let side = |at: usize| matches!(text.get(at), Some('东' | '西' | '南' | '北' | '中'));
    if side(0) && text.get(1) == Some(&'户') {
        return Ok((text[0].to_string(), 1));
    }
    if matches!(text[0], '甲' | '乙' | '丙' | '丁') {
        return Ok((text[0].to_string(), 1));
    }
    let numerals = text.iter().take_while(|c| numeral::digit(**c).is_some() || matches!(c, '十' | '百' | '千')).count();
    if numerals == 0 {
        return Err(Odd::Word(text.iter().take_while(|c| is_han(**c) || c.is_alphabetic()).collect()));
    }
    let text = &text[..numerals];
    let placed = text.iter().any(|c| numeral::digit(*c).is_none());
    if !placed {
        return Ok((
            bare(&text.iter().filter_map(|c| numeral::digit(*c)).map(|d| d.to_string()).collect::<String>()),
            numerals,
        ));
    }
    match numeral::chinese(text).map(|found| found.number) {
        Some(Number::Exact(value)) => Ok(((value / numeral::EACH).to_string(), numerals)),
        _ => Err(Odd::Numeral),
    }
}

/// Without zeros in front.
fn bare(label: &str) -> String {
    let bare = label.trim_start_matches('0');
    if bare.starts_with(|c: char| c.is_ascii_digit()) {
        bare.to_owned()
    } else {
        format!("{}{bare}", &label[..usize::from(label.starts_with('0'))])
    }
}
