//! `青菜、土豆各一斤`: one amount for each of several names.

use super::{
    Amount, Qty,
    chain::{self, Meaning},
    draft::Draft,
    pieces::{Piece, pieces},
    words,
};
use crate::written::{
    About, Because,
    numeral::{self, Number},
};

/// What sets names apart in front of `各`.
const APART: [char; 6] = ['、', ',', ';', ' ', '和', '与'];

/// Words before `各` that make it one of each time: `早晚各一片`.
const TAKEN: [&str; 9] = ["早晚", "早中晚", "每日", "每天", "每次", "饭前", "饭后", "睡前", "一天"];

/// What stands before the names that share an amount, an item for each of them, and what stands behind the amount.
pub(super) fn shared(plain: &str) -> Option<(String, Vec<Draft>, String)> {
    let chars: Vec<char> = plain.chars().collect();
    let each_time = |at: usize| TAKEN.iter().any(|word| chars[..at].iter().collect::<String>().ends_with(word));
    let shares = (0..chars.len()).filter(|at| chars[*at] == '各' && !each_time(*at));
    let (at, given, end) = shares.into_iter().find_map(|at| {
        let (given, end) = amount(&chars, at + 1)?;
        Some((at, given, end))
    })?;
    let mut from = at;
    let mut names: Vec<String> = Vec::new();
    while from > 0 {
        let start = chars[..from].iter().rposition(|c| APART.contains(c)).map_or(0, |at| at + 1);
        let name: String = chars[start..from].iter().collect();
        let only = matches!(pieces(&chars[start..from])[..], [Piece::Name(_)]);
        if !name.is_empty() && !only {
            break;
        }
        if !name.is_empty() {
            names.insert(0, name);
        }
        from = start.saturating_sub(1);
    }
    let fault = match given {
        Ok(_) if names.len() > 1 => None,
        Ok(_) => Some((About::Name, Because::Ambiguous)),
        Err(because) => Some((About::Qty, because)),
    };
    let draft = |name: &String| Draft {
        name: words::wanted(name).to_owned(),
        amounts: given.clone().unwrap_or_default(),
        fault,
        ..Draft::default()
    };
    let before = chars[..from].iter().collect();
    Some((before, names.iter().map(draft).collect(), chars[end..].iter().collect()))
}

/// The amount behind `各`, and where it ends; `各一` has no unit.
fn amount(text: &[char], at: usize) -> Option<(Result<Vec<Amount>, Because>, usize)> {
    let at = at + text[at..].iter().take_while(|c| matches!(c, ' ' | '要' | '来' | '买')).count();
    if let Some((chain, end)) = chain::chain(text, at) {
        return match chain::meaning(&chain) {
            Meaning::Amounts { amounts, .. } => Some((Ok(amounts), end)),
            Meaning::Fault(because) => Some((Err(because), end)),
            Meaning::Spec(_) => None,
        };
    }
    let found = numeral::chinese(text.get(at..)?)?;
    let Number::Exact(value) = found.number else { return None };
    let end = at + found.len;
    chain::ends_here(text, end).then(|| (Ok(vec![Amount { qty: Qty::of_thousandths(value), unit: None }]), end))
}
