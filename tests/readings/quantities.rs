//! Items, amounts and conversions.

use linli_core::{
    qty::Qty,
    written::{
        Reading,
        quantity::{Amount, Item, Step, amount, convert, item},
        unit::Unit,
    },
};
use serde_json::{Value, json};

use crate::case::{Came, Case, Verdict, bare, held};

pub(crate) fn judge(case: &Case) -> Verdict {
    let came = match case.told("read") {
        Some("item") => Came::of(&item(case.text()), |items| items_as_written(items)),
        Some("amount") => Came::of(&amount(case.text()), |amounts| json!({"amounts": amounts})),
        _ => Came::of(&converted(case), |amount| json!({"amounts": [amount]})),
    };
    held(case, came, same)
}

fn converted(case: &Case) -> Reading<Amount> {
    let to = Unit::of_word(case.told("to").unwrap_or_default()).expect("a unit to convert to");
    let tree: Vec<Step> = case.context["tree"].as_array().into_iter().flatten().map(step).collect();
    match amount(case.text()) {
        Reading::Read(amounts) => convert(&amounts, to, &tree),
        Reading::Ask(question) => Reading::Ask(Box::new(linli_core::written::Question {
            about: question.about,
            because: question.because,
            among: Vec::new(),
            known: None,
        })),
        Reading::Refuse(refusal) => Reading::Refuse(refusal),
    }
}

fn step(told: &Value) -> Step {
    let unit = |key: &str| told[key].as_str().and_then(Unit::of_word);
    let contains: Qty = told["contains"].as_str().and_then(|text| text.parse().ok()).expect("a number");
    Step { unit: unit("unit").expect("a unit"), contains, of: unit("of") }
}

fn items_as_written(items: &[Item]) -> Value {
    json!({"items": items})
}

/// Whether two lists of items or amounts say the same. What one piece has and how it is packed may stay in the name.
fn same(want: &Value, came: &Value) -> bool {
    let Some(items) = want["items"].as_array() else { return want == came };
    let read = came["items"].as_array().expect("items came");
    items.len() == read.len() && items.iter().zip(read).all(|(want, came)| same_item(want, came))
}

pub(crate) fn same_item(want: &Value, came: &Value) -> bool {
    let text = |of: &Value, key: &str| bare(of[key].as_str().unwrap_or_default());
    let named = text(want, "name") == text(came, "name");
    let noted = text(came, "note").contains(&text(want, "note")) || text(came, "name").contains(&text(want, "note"));
    let each = text(came, "each") == text(want, "each") || text(came, "each").is_empty();
    let none = Vec::new();
    let packs = |of: &Value| of["pack"].as_array().unwrap_or(&none).clone();
    let packed = packs(came) == packs(want) || packs(came).is_empty();
    named && noted && each && packed && want["amounts"] == came["amounts"]
}
