//! What a line wants, once door, person and telephone are taken out of it.

use super::{Reason, words};
use crate::written::{
    About, Because, Question, Reading, Refusal,
    quantity::{Item, amount, item, words::is_note},
};

/// Stands for what everybody in the list wants while a line is read that says how much alone.
const SHARED: &str = "货";

/// Goods, and what else a line says.
type Said = (Vec<Item>, Option<String>);

/// The items of a line and what else it says. `goods` is what a line wants that names nothing.
pub(super) fn items(rest: &str, goods: Option<&str>) -> Result<Said, Reason> {
    let rest = apart(rest);
    if !rest.chars().any(|c| c.is_alphanumeric()) {
        return Err(if goods.is_some() { Reason::QtyMissing } else { Reason::NoItem });
    }
    let (rest, paid) = paid(&rest);
    let (items, note) = match goods {
        Some(goods) => shared(&rest, goods)?,
        None => named(item(&rest))?,
    };
    let notes: Vec<String> = note.into_iter().chain(paid).collect();
    Ok((items, (!notes.is_empty()).then(|| notes.join("; "))))
}

/// The text without words for whether it is paid and the sum behind them, and those.
fn paid(rest: &str) -> (String, Option<String>) {
    let (mut kept, mut said, mut inside) = (Vec::new(), Vec::new(), false);
    for word in rest.split(' ') {
        let sum = word.trim_matches(['¥', '元', '块', ',']);
        inside =
            words::is_paid(word) || (inside && !sum.is_empty() && sum.bytes().all(|c| c.is_ascii_digit() || c == b'.'));
        if inside { said.push(word) } else { kept.push(word) }
    }
    // A word that the whole line begins with is its goods.
    if kept.is_empty() {
        return (rest.to_owned(), None);
    }
    (kept.join(" "), (!said.is_empty()).then(|| said.join(" ")))
}

/// The text with a comma where a plus, a bar or a stroke sets goods apart; without signs around it.
fn apart(rest: &str) -> String {
    let chars: Vec<char> = rest.chars().collect();
    let mut out = String::with_capacity(rest.len());
    for (at, c) in chars.iter().enumerate() {
        let next = chars[at + 1..].iter().find(|c| **c != ' ');
        let number = next.is_some_and(char::is_ascii_digit);
        let before = chars[..at].iter().rev().find(|c| **c != ' ');
        let counted = before.is_some_and(|c| c.is_alphabetic());
        match c {
            '+' | '|' | '&' if counted && !number => out.push(','),
            '/' if counted && !number && next.is_some_and(|c| c.is_alphabetic()) && has_amount(&out) => out.push(','),
            c => out.push(*c),
        }
    }
    out.trim_matches(|c: char| c.is_whitespace() || ",:;、。-+|/".contains(c)).to_owned()
}

/// Whether the part of a text behind its last comma says an amount.
fn has_amount(text: &str) -> bool {
    let part = text.rsplit([',', ';', '、']).next().unwrap_or_default();
    matches!(item(part), Reading::Read(_))
}

/// The items, where each is sure, and what stands among them and is none.
fn named(reading: Reading<Vec<Item>>) -> Result<Said, Reason> {
    match reading {
        Reading::Read(items) => Ok((items, None)),
        Reading::Refuse(Refusal::Empty | Refusal::NoNumber) => Err(Reason::NoItem),
        Reading::Refuse(_) => Err(Reason::QtyUnclear),
        Reading::Ask(question) => {
            if let Some(said) = noted(&question) {
                return Ok(said);
            }
            let nameless = question.known.as_ref().is_some_and(|items| items.iter().any(|item| item.name.is_empty()));
            Err(match (question.about, question.because) {
                (About::Name, Because::Missing) => Reason::NoItem,
                (About::Qty, Because::Missing) if nameless => Reason::NoItem,
                (About::Qty, Because::Missing) => Reason::QtyMissing,
                (About::Qty, Because::Strange) => Reason::QtyStrange,
                _ => Reason::QtyUnclear,
            })
        }
    }
}

/// `牛奶2箱，医保卡放门口`: what says no amount, and words that are beside goods or follow such.
fn noted(question: &Question<Vec<Item>>) -> Option<Said> {
    let missing = (question.about, question.because) == (About::Qty, Because::Missing);
    let known = question.known.as_ref().filter(|_| missing)?;
    let (mut items, mut notes) = (Vec::<Item>::new(), Vec::new());
    for item in known {
        let follows = !notes.is_empty() || items.last().is_some_and(|last| last.note.is_some());
        match item.amounts.is_empty() {
            false => items.push(item.clone()),
            // Goods come first.
            true if items.is_empty() => return None,
            true if is_note(&item.name) || words::is_beside(&item.name) || follows => {
                notes.extend([Some(item.name.clone()), item.note.clone()].into_iter().flatten());
            }
            true => return None,
        }
    }
    Some((items, Some(notes.join("; "))))
}

/// Whether an amount stands in front by itself: `2份 不辣`.
fn is_led(rest: &str) -> bool {
    let front = rest.split([' ', ',', ';', '(']).next().unwrap_or_default();
    match amount(front) {
        Reading::Read(_) => true,
        Reading::Ask(question) => question.about == About::Unit,
        Reading::Refuse(_) => false,
    }
}

/// The same, where what is wanted may be said for the whole list: an amount by itself is of that.
fn shared(rest: &str, goods: &str) -> Result<Said, Reason> {
    let named_goods = item(rest);
    if let Reading::Read(items) = &named_goods
        && (!is_led(rest) || items.iter().any(|item| item.name == goods))
        && !items.iter().any(|item| is_note(&item.name) || words::is_beside(&item.name))
    {
        return named(named_goods);
    }
    let counted = rest.trim_start_matches(['x', 'X', '×', '*', '+', '要', '来', '订', '买', '共', ' ']);
    let own = |items: &[Item]| items.first().is_some_and(|item| item.name == SHARED);
    let reading = item(&format!("{SHARED} {counted}"));
    let known = match &reading {
        Reading::Read(items) => own(items),
        Reading::Ask(question) => question.known.as_ref().is_some_and(|items| own(items)),
        Reading::Refuse(_) => true,
    };
    if !known {
        // It names goods of its own; one that names none has no amount either.
        return named(named_goods).map_err(|reason| if reason == Reason::NoItem { Reason::QtyMissing } else { reason });
    }
    let (mut items, note) = named(reading)?;
    if let Some(first) = items.first_mut() {
        goods.clone_into(&mut first.name);
    }
    Ok((items, note))
}
