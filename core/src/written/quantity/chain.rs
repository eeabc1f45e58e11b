//! A chain of numbers and units: `2盒`, `一斤二两`, `0.3g*24粒/盒`, `3-4个`.

use super::{Amount, Qty};
use crate::written::{
    Because,
    numeral::{self, EACH, Number},
    plain::{self, is_han},
    unit::{self, Sort, Unit},
};

/// Measures that goods have and nobody orders by.
const STRENGTHS: [&str; 8] = ["毫克", "微克", "mcg", "mg", "μg", "ug", "万单位", "国际单位"];
/// What makes a number a sum of money.
const MONEY: [&str; 7] = ["块钱", "元", "圆", "毛钱", "rmb", "yuan", "角钱"];

/// How a link hangs on the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    First,
    Times,
    Per,
    Colon,
    Dash,
    And,
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Measure {
    Unit(Unit),
    Strength,
}

#[derive(Clone, Debug)]
struct Link {
    joint: Joint,
    number: Option<Number>,
    measure: Option<Measure>,
    /// As it is written.
    text: String,
}

/// Links that belong together.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    links: Vec<Link>,
    fault: Option<Because>,
    packed: bool,
}

/// What one piece has, and how it is packed.
#[derive(Clone, Debug, Default)]
pub(super) struct Spec {
    /// As it is written.
    pub(super) each: Option<String>,
    /// How many are packed, the innermost first.
    pub(super) counts: Vec<(Qty, Option<Unit>)>,
    /// What they are packed in, where that is said.
    pub(super) container: Option<Unit>,
    /// How much is wanted, where the chain says that too.
    pub(super) amount: Option<Amount>,
}

/// What a chain says.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// How much. `close` where two counts touch, which may be a pack as well.
    Amounts { amounts: Vec<Amount>, close: bool },
    /// What one piece has, and how it is packed.
    Spec(Spec),
    /// Something that must be asked.
    Fault(Because),
}

fn spaces(text: &[char], at: usize) -> usize {
    at + text.get(at..).map_or(0, plain::spaces)
}

fn is_times(c: char) -> bool {
    matches!(c, '*' | '×')
}

/// Whether a sign of multiplication stands here, in front of a number.
fn times(text: &[char], at: usize) -> Option<usize> {
    let c = *text.get(at)?;
    let letter =
        matches!(c, 'x' | 'X') && !(at > 0 && text[at - 1].is_ascii_alphabetic() && letters_before(text, at) > 2);
    let next = spaces(text, at + 1);
    let number = text.get(next).is_some_and(char::is_ascii_digit);
    let counted = numeral::chinese(text.get(next..)?).is_some();
    ((is_times(c) && (number || counted)) || (letter && number)).then_some(next)
}

/// Letters in a row before a place, an `x` behind a unit such as `mg` does not belong to a word.
fn letters_before(text: &[char], at: usize) -> usize {
    text[..at].iter().rev().take_while(|c| c.is_ascii_alphabetic()).count()
}

/// Reads the longest chain that begins here, and where it ends.
pub(super) fn chain(text: &[char], from: usize) -> Option<(Chain, usize)> {
    let start = times(text, from).unwrap_or(from);
    let (first, mut at) = link(text, start, Joint::First)?;
    let mut chain = Chain { links: vec![first], fault: None, packed: false };
    if let Some(end) = money(text, at) {
        chain.fault = Some(Because::Money);
        return Some((chain, end));
    }
    while let Some((joint, next)) = joint(text, at, &chain) {
        let Some((link, end)) = (if joint == Joint::Per { per(text, next) } else { link(text, next, joint) }) else {
            break;
        };
        chain.links.push(link);
        at = end;
    }
    at = close(text, at, &mut chain);
    let bare = chain.links.iter().all(|link| link.measure.is_none());
    (!bare || start > from || ends_here(text, at) || chain.links.len() > 1 || chain.fault.is_some())
        .then_some((chain, at))
}

/// What may follow the last link: a half, a number that lacks its unit, a word for a pack, a sign of doubt.
fn close(text: &[char], mut at: usize, chain: &mut Chain) -> usize {
    let unit = chain.links.last().is_some_and(|link| matches!(link.measure, Some(Measure::Unit(_))));
    if unit && text.get(at) == Some(&'半') {
        if let Some(Link { number: Some(Number::Exact(value)), .. }) = chain.links.last_mut() {
            *value = value.saturating_add(EACH / 2);
        }
        at += 1;
    } else if unit
        && let Some(found) = numeral::chinese(text.get(at..).unwrap_or_default())
        && ends_here(text, at + found.len)
        && !matches!(found.number, Number::Vague)
    {
        chain.fault = Some(Because::Ambiguous);
        at += found.len;
    }
    if unit && text.get(at) == Some(&'装') {
        chain.packed = true;
        at += 1;
    }
    if text.get(at) == Some(&'?') {
        chain.fault = Some(Because::Unreadable);
        at += 1;
    }
    at
}

/// Whether nothing that could belong to a number follows.
pub(super) fn ends_here(text: &[char], at: usize) -> bool {
    match text.get(at) {
        None => true,
        Some(' ') => spaces(text, at) == text.len(),
        Some(c) => matches!(c, ')' | ',' | ';' | '。' | '、' | '!' | '\n'),
    }
}

fn money(text: &[char], at: usize) -> Option<usize> {
    let at = spaces(text, at);
    let word = MONEY.into_iter().find(|word| super::words::starts(text.get(at..).unwrap_or_default(), word));
    match word {
        Some(word) => Some(at + word.chars().count()),
        // `3块` was read as a unit already: `3块钱`, `三块五`.
        None => (at > 0 && text[at - 1] == '块' && text.get(at) == Some(&'钱')).then_some(at + 1),
    }
}

/// A number and its unit. One without a unit is a link where it is written in digits, begins a range or stands by itself.
fn link(text: &[char], at: usize, joint: Joint) -> Option<(Link, usize)> {
    let found = numeral(text, at)?;
    let behind = at + found.len;
    let near = spaces(text, behind);
    let measure = measure(&text[near..]);
    if let Number::Unreadable = found.number {
        // Whatever is meant, its unit goes with it.
        let end = measure.as_ref().map_or(behind, |(_, len)| near + len);
        return Some((made(text, joint, Some(Number::Unreadable), None, at, end), end));
    }
    if let Some((measure, len)) = measure {
        // A Chinese numeral touches its unit, or stands by itself before it.
        let fits = found.arabic || near == behind || at == 0 || text[at - 1] == ' ';
        if fits {
            return Some((made(text, joint, Some(found.number), Some(measure), at, near + len), near + len));
        }
    }
    // `两到三斤`, and `鸡蛋 三十`, where a numeral stands by itself.
    let ranges = matches!(text.get(behind), Some('到' | '至' | '-' | '~')) && numeral(text, behind + 1).is_some();
    let alone = at > 0 && text[at - 1] == ' ' && ends_here(text, behind) && matches!(found.number, Number::Exact(_));
    let sensible = found.arabic || ranges || alone;
    let doubtful = text.get(behind) == Some(&'?') && measure_behind(text, behind + 1);
    if doubtful {
        let end = spaces(text, behind + 1) + unit::longest(&text[spaces(text, behind + 1)..]).map_or(0, |(_, len)| len);
        return Some((made(text, joint, Some(Number::Unreadable), None, at, end), end));
    }
    let wordlike = text.get(behind).is_some_and(|c| c.is_ascii_alphabetic()) && times(text, behind).is_none();
    (sensible && !wordlike).then(|| (made(text, joint, Some(found.number), None, at, behind), behind))
}

fn measure_behind(text: &[char], at: usize) -> bool {
    text.get(spaces(text, at)..).is_some_and(|rest| unit::longest(rest).is_some())
}

fn made(text: &[char], joint: Joint, number: Option<Number>, measure: Option<Measure>, from: usize, to: usize) -> Link {
    let text = text[from..to].iter().filter(|c| **c != ' ').collect();
    Link { joint, number, measure, text }
}

/// A number; `两` at the end of one is the unit: `三两`, `半两`.
fn numeral(text: &[char], at: usize) -> Option<numeral::Found> {
    let rest = text.get(at..)?;
    if rest.len() > 1
        && matches!(rest[1], '两' | '兩')
        && (numeral::digit(rest[0]).is_some() || matches!(rest[0], '半' | '十'))
    {
        // `一两个` is one or two.
        let unit = rest[2..].first() != Some(&'半') && unit::longest(&rest[2..]).is_some();
        return if unit { numeral::number(rest) } else { numeral::number(&rest[..1]) };
    }
    let found = numeral::number(rest)?;
    let last = found.len.checked_sub(1).and_then(|last| rest.get(last));
    match last {
        Some('两' | '兩') if !found.arabic && found.len > 1 => numeral::number(&rest[..found.len - 1]),
        _ => Some(found),
    }
}

fn measure(text: &[char]) -> Option<(Measure, usize)> {
    let strength = STRENGTHS.into_iter().find(|word| {
        let len = word.chars().count();
        let ends = !word.is_ascii() || !text.get(len).is_some_and(char::is_ascii_alphanumeric);
        super::words::starts(text, word) && ends
    });
    if let Some(word) = strength {
        return Some((Measure::Strength, word.chars().count()));
    }
    let (unit, len) = unit::longest(text)?;
    // `合` is a slip for 盒 only where nothing follows, unlike in 三合一; 头孢 and 包子 are no units.
    let part_of = [
        ("头", "孢"),
        ("包", "子"),
        ("包", "菜"),
        ("个", "月"),
        ("条", "码"),
        ("片", "剂"),
        ("套", "餐"),
        ("双", "黄"),
        ("板", "蓝"),
        ("片", "仔"),
        ("枝", "花"),
        ("枝", "蒿"),
        ("枝", "黄"),
        ("枝", "莲"),
    ];
    let next = text.get(len).copied();
    let other = part_of.iter().any(|(word, more)| {
        text.first().is_some_and(|c| word.starts_with(*c)) && len == 1 && next.is_some_and(|c| more.starts_with(c))
    });
    let slip = text.first() == Some(&'合') && next.is_some_and(is_han);
    let other = other || slip;
    (!other).then_some((Measure::Unit(unit), len))
}

/// `/盒`, and `/100ml` behind a strength.
fn per(text: &[char], at: usize) -> Option<(Link, usize)> {
    let at = spaces(text, at);
    if let Some((unit, len)) = unit::longest(text.get(at..)?) {
        let link = made(text, Joint::Per, None, Some(Measure::Unit(unit)), at, at + len);
        return Some((link, at + len));
    }
    link(text, at, Joint::Per)
}

/// What joins the next link, and where that begins.
fn joint(text: &[char], at: usize, chain: &Chain) -> Option<(Joint, usize)> {
    let near = spaces(text, at);
    if let Some(next) = times(text, near) {
        return Some((Joint::Times, next));
    }
    let c = *text.get(near)?;
    let measured = chain.links.last().is_some_and(|link| link.measure.is_some());
    let digit = |at: usize| text.get(spaces(text, at)).is_some_and(char::is_ascii_digit);
    let numbered = |at: usize| numeral(text, spaces(text, at)).is_some();
    match c {
        '/' => Some((Joint::Per, near + 1)),
        ':' if measured && digit(near + 1) => Some((Joint::Colon, spaces(text, near + 1))),
        '-' | '~' if digit(near + 1) => Some((Joint::Dash, spaces(text, near + 1))),
        '至' | '到' if numbered(near + 1) => Some((Joint::Dash, spaces(text, near + 1))),
        '零' | '又' | '加' | '+' if measured && numbered(near + 1) => Some((Joint::And, spaces(text, near + 1))),
        _ if measured && near == at && touches(text, at, chain) => Some((Joint::Close, at)),
        _ => None,
    }
}

/// Whether a number with its unit follows at once, of the kind that the last link has: `1盒6粒`, `一斤二两`.
fn touches(text: &[char], at: usize, chain: &Chain) -> bool {
    let found = text.get(at).filter(|c| **c != '半').and_then(|_| numeral(text, at));
    let Some((measure, _)) = found.and_then(|found| measure(&text[at + found.len..])) else { return false };
    let next = Link { joint: Joint::Close, number: None, measure: Some(measure), text: String::new() };
    chain.links.last().is_some_and(|last| last.is_measure() == next.is_measure())
}

impl Chain {
    /// As it is written, without spaces.
    pub(super) fn said(&self) -> String {
        self.links.iter().map(|link| link.text.as_str()).collect()
    }
}

/// What a chain says, out of its links.
pub(super) fn meaning(chain: &Chain) -> Meaning {
    let fault = chain.fault.or_else(|| chain.links.iter().find_map(|link| fault(link.number.as_ref()?)));
    let range = chain.links.iter().any(|link| link.joint == Joint::Dash).then_some(Because::Range);
    if let Some(because) = range.or(fault) {
        return Meaning::Fault(because);
    }
    let plain = chain.links.iter().all(|link| matches!(link.joint, Joint::First | Joint::And | Joint::Close));
    let strength = chain.links.iter().any(|link| link.measure == Some(Measure::Strength));
    if !plain || strength || chain.packed {
        return spec(chain).map_or(Meaning::Fault(Because::Ambiguous), Meaning::Spec);
    }
    let amounts: Vec<Amount> = chain.links.iter().filter_map(Link::amount).collect();
    let weighed = amounts.iter().all(|amount| amount.unit.is_some_and(|unit| unit.by_law().is_some()));
    let close = !weighed && chain.links.iter().any(|link| link.joint == Joint::Close);
    Meaning::Amounts { amounts, close }
}

fn fault(number: &Number) -> Option<Because> {
    match number {
        Number::Exact(_) => None,
        Number::TooFine => Some(Because::TooFine),
        Number::Ambiguous => Some(Because::Ambiguous),
        Number::Range => Some(Because::Range),
        Number::Vague => Some(Because::NotANumber),
        Number::Unreadable => Some(Because::Unreadable),
    }
}

impl Link {
    fn qty(&self) -> Option<Qty> {
        match self.number {
            Some(Number::Exact(value)) => Some(Qty::of_thousandths(value)),
            _ => None,
        }
    }

    fn unit(&self) -> Option<Unit> {
        match self.measure {
            Some(Measure::Unit(unit)) => Some(unit),
            _ => None,
        }
    }

    fn amount(&self) -> Option<Amount> {
        Some(Amount { qty: self.qty()?, unit: self.unit() })
    }

    /// Whether it measures what one piece has.
    fn is_measure(&self) -> bool {
        match self.measure {
            Some(Measure::Unit(unit)) => matches!(unit.sort(), Sort::Mass | Sort::Volume | Sort::Dose),
            Some(Measure::Strength) => true,
            None => false,
        }
    }
}

/// A strength, a pack, and what is wanted of it where a chain says all of that.
fn spec(chain: &Chain) -> Option<Spec> {
    let mut spec = Spec::default();
    for (at, link) in chain.links.iter().enumerate() {
        match (link.joint, link.measure.as_ref()) {
            (Joint::Per, Some(Measure::Unit(unit))) if link.number.is_none() => {
                if spec.container.replace(*unit).is_some() {
                    return None;
                }
            }
            (Joint::Colon | Joint::Per, _) if link.is_measure() && spec.counts.is_empty() => {
                let sign = if link.joint == Joint::Colon { ':' } else { '/' };
                let each = spec.each.as_mut()?;
                each.push(sign);
                each.push_str(&link.text);
            }
            (Joint::First | Joint::Times, _) if link.is_measure() && spec.each.is_none() && at < 2 => {
                // `2*500ml`: so many, each of that.
                match spec.counts.pop() {
                    Some((qty, None)) => spec.amount = Some(Amount { qty, unit: None }),
                    Some((qty, unit)) => spec.amount = Some(Amount { qty, unit }),
                    None => {}
                }
                spec.each = Some(link.text.clone());
            }
            (Joint::First | Joint::Times, _) if spec.container.is_some() => {
                if spec.amount.replace(link.amount()?).is_some() {
                    return None;
                }
            }
            (Joint::First | Joint::Times, _) if spec.amount.is_none() => spec.counts.push((link.qty()?, link.unit())),
            _ => return None,
        }
    }
    Some(spec)
}
