//! One part of what was written, taken into names, amounts, strengths, packs, notes and what must be asked.

use super::{
    Amount, Qty,
    chain::{self, Meaning, Spec},
    words,
};
use crate::written::{
    About, Because,
    numeral::{self, EACH, Number},
    plain::spaces,
    unit,
};

/// A piece of a part, in the order of writing.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Text of a name.
    Name(String),
    /// How much, and as it is written. `close` where two counts touch; `inside` where brackets stand around it.
    Amount { amounts: Vec<Amount>, close: bool, inside: bool, said: String },
    /// What one piece has, how it is packed.
    Spec(Spec),
    /// What else is said.
    Note(String),
    /// How it is taken.
    Taken(String),
    /// Something that must be asked.
    Fault(About, Because),
}

/// Brackets in brackets that are looked into; what is deeper is text.
const DEEPEST: usize = 4;

/// Takes a part into pieces.
pub(super) fn pieces(text: &[char]) -> Vec<Piece> {
    pieces_at(0, text)
}

fn pieces_at(depth: usize, text: &[char]) -> Vec<Piece> {
    let mut scan = Scan { text, at: 0, depth, name: String::new(), found: Vec::new() };
    scan.at += bullet(text);
    while scan.at < text.len() {
        scan.step();
    }
    scan.end_name();
    scan.found
}

/// A dash or a point in front of a line.
fn bullet(text: &[char]) -> usize {
    match text {
        ['-' | '•' | '·' | '*', ' ', ..] => 2,
        ['•' | '·', ..] => 1,
        // `(2)萝卜`: the number of a line.
        ['(', one, ')', next, ..] if one.is_ascii_digit() && next.is_alphabetic() => 3,
        ['(', one, two, ')', next, ..] if one.is_ascii_digit() && two.is_ascii_digit() && next.is_alphabetic() => 4,
        _ => 0,
    }
}

struct Scan<'a> {
    text: &'a [char],
    at: usize,
    /// How many brackets stand around it.
    depth: usize,
    name: String,
    found: Vec<Piece>,
}

impl Scan<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        if rest[0] == '(' {
            return self.bracket();
        }
        if matches!(rest[0], '¥' | '$') && rest.get(1).is_some_and(char::is_ascii_digit) {
            let len = numeral::arabic(&rest[1..]).map_or(0, |found| found.len);
            return self.put(Piece::Fault(About::Qty, Because::Money), 1 + len);
        }
        if self.is_inside_a_word() {
            return self.word();
        }
        // `.5` may be a half, or five behind a full stop.
        if rest[0] == '.' && rest.get(1).is_some_and(char::is_ascii_digit) {
            let end = chain::chain(self.text, self.at + 1).map_or(self.at + 1, |(_, end)| end);
            return self.put(Piece::Fault(About::Qty, Because::Unreadable), end - self.at);
        }
        if let Some(len) = words::supply(self.text, self.at) {
            return self.put(Piece::Fault(About::Qty, Because::NotANumber), len);
        }
        if self.named() && words::dosage(self.text, self.at) {
            let said: String = rest.iter().collect();
            return self.put(Piece::Taken(said), rest.len());
        }
        if let Some(len) = words::look_alike(self.text, self.at) {
            return self.put(Piece::Fault(About::Qty, Because::LookAlike), len + unit_behind(&rest[len..]));
        }
        if let Some((spec, len)) = in_each(rest) {
            return self.put(Piece::Spec(spec), len);
        }
        if self.signed(rest) {
            return;
        }
        if let Some((chain, end)) = chain::chain(self.text, self.at) {
            let piece = match chain::meaning(&chain) {
                Meaning::Amounts { amounts, close } => {
                    Piece::Amount { amounts, close, inside: false, said: chain.said() }
                }
                Meaning::Spec(spec) => Piece::Spec(spec),
                Meaning::Fault(because) => Piece::Fault(About::Qty, because),
            };
            return self.put(piece, end - self.at);
        }
        if let Some((len, because)) = words::vague(self.text, self.at) {
            return self.put(Piece::Fault(About::Qty, because), len);
        }
        if rest[0].is_ascii_alphabetic() {
            return self.letters();
        }
        if rest[0].is_ascii_digit() {
            return self.digits();
        }
        self.name.push(rest[0]);
        self.at += 1;
    }

    fn put(&mut self, piece: Piece, len: usize) {
        self.end_name();
        self.found.push(piece);
        self.at += len;
    }

    fn end_name(&mut self) {
        let name = std::mem::take(&mut self.name);
        if name.chars().any(char::is_alphanumeric) {
            self.found.push(Piece::Name(name));
        }
    }

    /// Whether a name stands in front.
    fn named(&self) -> bool {
        !self.found.is_empty() || self.name.chars().any(char::is_alphanumeric)
    }

    /// Whether a letter stands right in front, so that `12` of `B12` is no number.
    fn is_inside_a_word(&self) -> bool {
        let before = self.name.chars().next_back();
        self.text[self.at].is_ascii_alphanumeric() && before.is_some_and(|c| c.is_ascii_alphabetic())
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let mut len = rest.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        if rest.get(len) == Some(&'.') && rest.get(len + 1).is_some_and(char::is_ascii_digit) {
            len += 1 + numeral::digits(&rest[len + 1..]);
        }
        self.name.extend(&rest[..len]);
        self.at += len;
    }

    /// `6-pack`, and a dash in front of a number: `-3` may be three, or three less.
    fn signed(&mut self, rest: &[char]) -> bool {
        let digits = numeral::digits(rest);
        if digits > 0 && words::starts(&rest[digits..], "-pack") {
            self.put(Piece::Fault(About::Qty, Because::Ambiguous), digits + 5);
            return true;
        }
        let dashed = rest[0] == '-' && rest.get(1).is_some_and(char::is_ascii_digit) && self.named();
        // Two dashes are one long one, which sets apart.
        let dashed = dashed && !self.name.ends_with('-');
        if dashed {
            let end = chain::chain(self.text, self.at + 1).map_or(self.at + 2, |(_, end)| end);
            self.put(Piece::Fault(About::Qty, Because::Ambiguous), end - self.at);
        }
        dashed
    }

    /// An English word, or a number in one.
    fn letters(&mut self) {
        let rest = &self.text[self.at..];
        let len = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let word: String = rest[..len].iter().collect();
        if let Some((amount, end)) = numeral::english(&word).and_then(|value| counted(rest, len, value, !self.named()))
        {
            return self.put(said(amount, &rest[..end]), end);
        }
        self.name.extend(&rest[..len]);
        self.at += len;
    }

    /// A number that is part of a name, or one of which is not said what it is.
    fn digits(&mut self) {
        let rest = &self.text[self.at..];
        let found = numeral::arabic(rest);
        let len = found.map_or(1, |found| found.len);
        let point = rest[..len].iter().any(|c| !c.is_ascii_digit());
        let spaced = rest.get(len) == Some(&' ');
        let word = rest.get(len + 1).is_some_and(char::is_ascii_alphabetic);
        if let (Some(Number::Exact(value)), true, true, false) =
            (found.map(|found| found.number), spaced, word, self.named())
        {
            return self.put(said(Amount { qty: Qty::of_thousandths(value), unit: None }, &rest[..len]), len);
        }
        if (point && !rest.get(len).is_some_and(|c| c.is_alphanumeric())) || (spaced && self.named()) {
            return self.put(Piece::Fault(About::Name, Because::Ambiguous), len);
        }
        self.name.extend(&rest[..len]);
        self.at += len;
    }

    /// What stands in brackets: an amount, a pack, a part of the name, or a note.
    fn bracket(&mut self) {
        let rest = &self.text[self.at + 1..];
        let len = rest.iter().position(|c| *c == ')').unwrap_or(rest.len());
        let (inner, end) = (&rest[..len], (len + 2).min(rest.len() + 1));
        let text: String = inner.iter().collect();
        let within = if self.depth < DEEPEST {
            pieces_at(self.depth + 1, words::wanted(&text).chars().collect::<Vec<_>>().as_slice())
        } else {
            Vec::new()
        };
        let counted = !within.is_empty()
            && within.iter().all(|piece| !matches!(piece, Piece::Name(_) | Piece::Note(_) | Piece::Taken(_)));
        if counted {
            self.end_name();
            let inside = |piece| match piece {
                Piece::Amount { amounts, close, said, .. } => Piece::Amount { amounts, close, inside: true, said },
                other => other,
            };
            self.found.extend(within.into_iter().map(inside));
            self.at += end;
        } else if self.found.iter().any(|piece| matches!(piece, Piece::Amount { .. })) {
            self.put(Piece::Note(text), end);
        } else {
            self.name.push('(');
            self.name.push_str(&text);
            self.name.push(')');
            self.at += end;
        }
    }
}

/// One amount, as it is written.
fn said(amount: Amount, text: &[char]) -> Piece {
    Piece::Amount { amounts: vec![amount], close: false, inside: false, said: text.iter().collect() }
}

fn unit_behind(text: &[char]) -> usize {
    let near = spaces(text);
    unit::longest(&text[near..]).map_or(0, |(_, len)| near + len)
}

/// So much in each container: `每箱12瓶`.
fn in_each(text: &[char]) -> Option<(Spec, usize)> {
    if text.first() != Some(&'每') {
        return None;
    }
    let (container, len) = unit::longest(&text[1..])?;
    let (chain, end) = chain::chain(text, 1 + len)?;
    let Meaning::Amounts { amounts, .. } = chain::meaning(&chain) else { return None };
    let [amount] = amounts[..] else { return None };
    let counts = vec![(amount.qty, amount.unit)];
    Some((Spec { container: Some(container), counts, ..Spec::default() }, end))
}

/// `two bottles`, `half a dozen`, and at the beginning `three eggs`.
fn counted(text: &[char], len: usize, value: i64, first: bool) -> Option<(Amount, usize)> {
    let near = |at: usize| at + spaces(&text[at..]);
    if text.get(len) != Some(&' ') {
        return None;
    }
    let mut at = near(len);
    if value == EACH / 2 && words::starts(&text[at..], "a ") {
        at = near(at + 1);
    }
    if let Some((unit, len)) = unit::longest(&text[at..]) {
        return Some((Amount { qty: Qty::of_thousandths(value), unit: Some(unit) }, at + len));
    }
    let word: String = text[..len].iter().collect();
    let article = ["a", "an", "half"].contains(&word.to_ascii_lowercase().as_str());
    (first && !article && at < text.len()).then_some((Amount { qty: Qty::of_thousandths(value), unit: None }, len))
}
