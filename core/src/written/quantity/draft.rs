//! An item while it is put together out of pieces.

use super::{Amount, Item, Qty, Step, chain::Spec, pieces::Piece};
use crate::written::{About, Because, unit::Unit};

/// An item that is being put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) amounts: Vec<Amount>,
    pub(super) each: Vec<String>,
    pub(super) counts: Vec<(Qty, Option<Unit>)>,
    pub(super) container: Option<Unit>,
    pub(super) notes: Vec<String>,
    /// Whether the amount so far stood in brackets, so that it may still turn out to be a pack.
    pub(super) inside: bool,
    /// Whether it was said how it is taken.
    pub(super) taken: bool,
    pub(super) fault: Option<(About, Because)>,
}

impl Draft {
    pub(super) fn has_amount(&self) -> bool {
        !self.amounts.is_empty() || matches!(self.fault, Some((About::Qty, _)))
    }

    pub(super) fn ask(&mut self, about: About, because: Because) {
        self.fault.get_or_insert((about, because));
    }

    /// Takes in what another says beside a name.
    pub(super) fn take(&mut self, other: Draft) {
        self.amounts.extend(other.amounts);
        self.each.extend(other.each);
        self.counts.extend(other.counts);
        self.container = self.container.or(other.container);
        self.notes.extend(other.notes);
        self.inside |= other.inside;
        self.taken |= other.taken;
        if let Some((about, because)) = other.fault {
            self.ask(about, because);
        }
    }

    pub(super) fn put(&mut self, piece: Piece) {
        match piece {
            Piece::Name(text) => self.name.push_str(&text),
            Piece::Note(note) => self.notes.push(note),
            Piece::Taken(how) => {
                self.taken = true;
                self.notes.push(how);
            }
            Piece::Fault(about, because) => self.ask(about, because),
            Piece::Spec(spec) => self.specify(spec),
            Piece::Amount { amounts, inside: true, .. } if !self.amounts.is_empty() => match amounts[..] {
                [Amount { qty, unit: Some(unit) }] => self.counts.push((qty, Some(unit))),
                _ => self.ask(About::Qty, Because::Ambiguous),
            },
            Piece::Amount { amounts, inside, close, .. } => {
                // `布洛芬(24粒)2盒`: what stood in brackets was the pack.
                let single = matches!(self.amounts[..], [Amount { unit: Some(_), .. }]);
                let packed = !inside && single && std::mem::take(&mut self.inside);
                match (packed, self.amounts.pop()) {
                    (true, Some(Amount { qty, unit })) => self.counts.push((qty, unit)),
                    (_, Some(before)) => {
                        self.amounts.push(before);
                        self.ask(About::Qty, Because::Ambiguous);
                    }
                    (_, None) => {}
                }
                if close {
                    self.ask(About::Qty, Because::Ambiguous);
                }
                self.inside |= inside;
                self.amounts.extend(amounts);
            }
        }
    }

    fn specify(&mut self, spec: Spec) {
        self.each.extend(spec.each);
        self.counts.extend(spec.counts);
        self.container = self.container.or(spec.container);
        match spec.amount {
            Some(amount) if self.amounts.is_empty() => self.amounts.push(amount),
            Some(_) => self.ask(About::Qty, Because::Ambiguous),
            None => {}
        }
    }

    /// `30mg*7片*4盒`, where nothing else is an amount: nothing holds boxes, so that they are how much is wanted.
    pub(super) fn settle(&mut self) {
        let boxes = matches!(self.counts.last(), Some((_, Some(unit))) if unit.code() == "盒");
        if boxes && self.counts.len() > 1 && self.amounts.is_empty() && self.container.is_none() && self.fault.is_none()
        {
            self.amounts.extend(self.counts.pop().map(|(qty, unit)| Amount { qty, unit }));
        }
    }

    /// The name without signs around it.
    fn bare(&self) -> String {
        let name = self.name.replace("()", "");
        let name = name.trim().strip_prefix("of ").unwrap_or(name.trim());
        let name = unnumbered(name.strip_prefix('的').unwrap_or(name));
        let trimmed = name.trim_matches(|c: char| c.is_whitespace() || ":,;、。.*×-/=!+".contains(c));
        trimmed.trim_end_matches(" of").trim_end_matches(['要', '约']).trim().to_owned()
    }

    /// The pack, the outermost first.
    fn pack(&self) -> Vec<Step> {
        let outer = self.container.or(self.amounts.first().and_then(|amount| amount.unit));
        let mut at = outer;
        let mut steps = Vec::new();
        for (contains, of) in self.counts.iter().rev() {
            if let Some(unit) = at {
                steps.push(Step { unit, contains: *contains, of: *of });
            }
            at = *of;
        }
        steps
    }

    pub(super) fn item(&self) -> Item {
        let text =
            |parts: Vec<&String>| (!parts.is_empty()).then(|| parts.into_iter().cloned().collect::<Vec<_>>().join(" "));
        Item {
            name: self.bare(),
            amounts: self.amounts.clone(),
            each: text(self.each.iter().collect()),
            pack: self.pack(),
            note: text(self.notes.iter().collect()),
        }
    }
}

/// A name without the number that it has in a list: `1.青菜`, `(2)萝卜`.
fn unnumbered(name: &str) -> &str {
    let bare = name.trim_start_matches('(');
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let rest =
        bare[digits..].strip_prefix(['.', ')', '、', ':']).map(|rest| rest.trim_start_matches([' ', '.', ')', '、']));
    match rest {
        Some(rest) if (1..=2).contains(&digits) && rest.starts_with(|c: char| !c.is_ascii_digit()) => rest,
        _ => name,
    }
}

/// Words between two things that belong to neither.
const BETWEEN: [&str; 10] = ["以及", "还有", "再来", "再加", "外加", "另外", "和", "跟", "与", "and "];

/// A name behind an amount, without the word that joins it to what was before.
pub(super) fn joined(name: &str) -> &str {
    let bare = name.trim_start();
    // 和田枣 and 和牛 begin so.
    let own = ["和田", "和牛", "和路雪"].iter().any(|word| bare.starts_with(word));
    let rest = BETWEEN.iter().find_map(|word| bare.strip_prefix(word)).filter(|rest| !own && !rest.trim().is_empty());
    rest.map_or(name, str::trim_start)
}

/// A name in front of an amount, without the word that joins it to what comes behind.
pub(super) fn unjoined(name: &str) -> &str {
    let bare = name.trim_end();
    let rest = BETWEEN.iter().find_map(|word| bare.strip_suffix(word.trim_end()));
    rest.filter(|rest| !rest.trim().is_empty()).map_or(name, str::trim_end)
}
