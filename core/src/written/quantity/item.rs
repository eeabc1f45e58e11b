//! Items out of pieces: which amount belongs to which name.

use super::{
    Amount, Item, Qty,
    chain::Spec,
    draft::{Draft, joined, unjoined},
    odd::{Odd, odd},
    pieces::{Piece, pieces},
    share, words,
};
use crate::written::{About, Because, Reading, Refusal, plain::is_han, unit::Sort};

/// Reads items out of a plain text.
pub(super) fn read(plain: &str) -> Reading<Vec<Item>> {
    let drafts = match share::shared(plain) {
        Some((before, shared, after)) => [parts(&before), shared, parts(&after)].concat(),
        None => parts(plain),
    };
    finished(drafts)
}

/// Parts that commas, semicolons and lines set apart, each read by itself; an amount by itself belongs to the name before.
fn parts(plain: &str) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let depends = words::depends(plain);
    for part in split(plain) {
        if let (Some(last), true) =
            (drafts.last_mut(), words::is_note(&part) && !part.contains(|c: char| c.is_ascii_digit()))
        {
            last.notes.push(part.trim().to_owned());
            continue;
        }
        let text: Vec<char> = words::wanted(&part).chars().collect();
        for draft in assemble(pieces(&text)) {
            match drafts.last_mut() {
                Some(last) if draft.name.is_empty() && last.amounts.is_empty() && last.fault.is_none() => {
                    last.take(draft)
                }
                Some(last) if draft.name.is_empty() && draft.amounts.is_empty() => last.take(draft),
                Some(last) if draft.name.is_empty() && !depends => last.ask(About::Qty, Because::Ambiguous),
                Some(last) if depends => last.notes.push(draft.name),
                _ => drafts.push(draft),
            }
        }
    }
    if let (true, Some(first)) = (depends, drafts.first_mut()) {
        first.fault = Some((About::Qty, Because::Conditional));
    }
    drafts
}

/// Where one thing ends and the next begins. A comma between digits stays.
fn split(plain: &str) -> Vec<String> {
    let chars: Vec<char> = plain.chars().collect();
    let (mut parts, mut depth) = (vec![String::new()], 0_usize);
    for (at, c) in chars.iter().enumerate() {
        let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        let between = digit(at.checked_sub(1)) && digit(Some(at + 1));
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = match c {
            ',' | '。' => !between,
            '、' | ';' | '\n' => true,
            _ => false,
        };
        let number =
            |part: &String| (1..=2).contains(&part.trim().len()) && part.trim().bytes().all(|c| c.is_ascii_digit());
        if *c == '、' && parts.last().is_some_and(number) {
            // `1、青菜`: the number of a line.
            parts.pop();
            parts.push(String::new());
            continue;
        }
        match (ends && depth == 0, parts.last_mut()) {
            (true, _) => parts.push(String::new()),
            (false, Some(part)) => part.push(*c),
            (false, None) => {}
        }
    }
    parts.retain(|part| part.chars().any(|c| !c.is_whitespace()));
    parts
}

/// Items out of the pieces of one part: amounts stand behind their names, or in front of all of them.
fn assemble(pieces: Vec<Piece>) -> Vec<Draft> {
    let pieces = noted(sized(numbered(pieces)));
    let order: Vec<bool> = pieces.iter().filter_map(Piece::is_name).collect();
    let first = order.first() == Some(&false) && order.last() == Some(&true);
    // `一盒鸡蛋30枚`: an amount on either side of one name.
    let around = order.first() == Some(&false) && order.last() == Some(&false) && order.contains(&true);
    let mut drafts: Vec<Draft> = Vec::new();
    for piece in pieces {
        let last = drafts.last();
        let begins = match &piece {
            Piece::Name(_) if first => {
                last.is_some_and(|last| last.amounts.is_empty() && !last.name.is_empty() && last.fault.is_none())
            }
            Piece::Name(_) => last.is_some_and(Draft::has_amount),
            piece if first && piece.is_name() == Some(false) => last.is_some_and(|last| !last.name.is_empty()),
            _ => false,
        };
        let begins = begins && !around;
        let piece = match piece {
            Piece::Name(name) if begins && !first => Piece::Name(joined(&name).to_owned()),
            piece => piece,
        };
        if let (true, Some(last)) = (begins && first, drafts.last_mut()) {
            last.name = unjoined(&last.name).to_owned();
        }
        if drafts.is_empty() || begins {
            drafts.push(Draft::default());
        }
        if let Some(last) = drafts.last_mut() {
            last.put(piece);
        }
    }
    if let (true, [only]) = (around, &mut drafts[..]) {
        only.ask(About::Qty, Because::Ambiguous);
    }
    drafts
}

/// A name that begins with pieces in Chinese numerals, in front of a pack that says how much: `十滴水2盒`.
fn numbered(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let [Piece::Amount { amounts, said, .. }, Piece::Name(name), rest @ ..] = &pieces[..] else { return pieces };
    let packs = |amounts: &[Amount]| matches!(amounts, [Amount { unit: Some(unit), .. }] if unit.sort() == Sort::Pack);
    let packed = matches!(rest.last(), Some(Piece::Amount { amounts, inside: false, .. }) if packs(amounts));
    let counted = matches!(amounts[..], [Amount { unit: Some(unit), .. }] if unit.sort() == Sort::Piece);
    let glued = said.chars().all(is_han) && name.starts_with(is_han);
    if counted && packed && glued && !rest.iter().any(|piece| matches!(piece, Piece::Name(_))) {
        let whole = format!("{said}{name}");
        pieces.splice(..2, [Piece::Name(whole)]);
    }
    pieces
}

/// A measure beside a count is what one piece has: `奶粉900g 2罐`. So is one by itself that nobody orders by: `0.25g`.
fn sized(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let counted = |piece: &Piece| match piece {
        Piece::Amount { amounts, inside: false, .. } => amounts.iter().any(|amount| !is_measured(amount)),
        Piece::Spec(spec) => spec.amount.is_some(),
        _ => false,
    };
    let counts = pieces.iter().filter(|piece| counted(piece)).count();
    let names = pieces.iter().filter(|piece| matches!(piece, Piece::Name(_))).count();
    for (at, piece) in pieces.iter_mut().enumerate() {
        if let Piece::Amount { amounts, said, .. } = piece
            && let [amount] = amounts[..]
        {
            let small = amount.unit.is_some_and(|unit| match unit.sort() {
                Sort::Volume => unit.code() == "毫升" || at > 0,
                Sort::Dose => true,
                Sort::Mass => unit.code() == "克" && amount.qty < Qty::whole(10),
                _ => false,
            });
            if is_measured(&amount) && (small || (counts == 1 && names <= 1)) {
                *piece = Piece::Spec(Spec { each: Some(said.clone()), ..Spec::default() });
            }
        }
    }
    pieces
}

fn is_measured(amount: &Amount) -> bool {
    amount.unit.is_some_and(|unit| matches!(unit.sort(), Sort::Mass | Sort::Volume | Sort::Dose))
}

/// Words behind the last amount that say something beside it are a note.
fn noted(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let amount =
        pieces.iter().any(|piece| matches!(piece, Piece::Amount { .. } | Piece::Spec(Spec { amount: Some(_), .. })));
    if let Some(Piece::Name(text)) = pieces.last()
        && amount
        && pieces.len() > 2
        && words::is_note(text)
    {
        let note = Piece::Note(text.trim().to_owned());
        pieces.pop();
        pieces.push(note);
    }
    pieces
}

impl Piece {
    /// Whether it is a name or an amount; neither otherwise.
    fn is_name(&self) -> Option<bool> {
        match self {
            Piece::Name(_) => Some(true),
            Piece::Amount { inside: false, .. } | Piece::Spec(Spec { amount: Some(_), .. }) => Some(false),
            Piece::Fault(About::Qty, _) => Some(false),
            _ => None,
        }
    }
}

/// The items, or the first thing that must be asked about one.
fn finished(drafts: Vec<Draft>) -> Reading<Vec<Item>> {
    let mut asked = None;
    let mut items = Vec::new();
    for mut draft in drafts {
        draft.settle();
        let mut item = draft.item();
        let odd = draft
            .fault
            .map(|(about, because)| Odd::Ask(about, because))
            .or_else(|| missing(&item, draft.taken))
            .or_else(|| odd(&item.amounts));
        match odd {
            Some(Odd::Zero) => return Reading::Refuse(Refusal::Zero),
            Some(Odd::Ask(about, because)) => {
                if about == About::Qty {
                    item.amounts.clear();
                }
                asked = asked.or(Some((about, because)));
            }
            None => {}
        }
        items.push(item);
    }
    match asked {
        _ if items.is_empty() => Reading::ask(About::Name, Because::Unreadable),
        Some((about, because)) => Reading::knowing(about, because, items),
        None => Reading::Read(items),
    }
}

fn missing(item: &Item, taken: bool) -> Option<Odd> {
    if item.amounts.is_empty() {
        return Some(Odd::Ask(About::Qty, if taken { Because::Dosage } else { Because::Missing }));
    }
    item.name.is_empty().then_some(Odd::Ask(About::Name, Because::Missing))
}
