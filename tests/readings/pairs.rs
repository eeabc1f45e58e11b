//! Contact fields, and pairs: one number, one batch, one product?

use linli_core::written::{
    batch,
    phone::{phones, same},
    product::{Likeness, Record, likeness},
};
use serde_json::{Value, json};

use crate::case::{Came, Case, Verdict, bare, held};

/// Holds what a pair is to what is wanted. `grave` is what, wrongly said, is worse than anything else.
fn paired(case: &Case, is: &str, grave: bool) -> Verdict {
    let want = &case.want;
    let passes = want["is"] == json!(is) || want["or"].as_array().is_some_and(|or| or.contains(&json!(is)));
    match (passes, grave) {
        (true, _) => Verdict::Right,
        (false, true) => Verdict::WrongValue(is.to_owned()),
        (false, false) => Verdict::Wrong(is.to_owned()),
    }
}

fn pair(case: &Case) -> Option<(&Value, &Value)> {
    let pair = case.input.as_array()?;
    Some((pair.first()?, pair.get(1)?))
}

pub(crate) fn judge_batches(case: &Case) -> Verdict {
    let (one, other) = pair(case).expect("a pair");
    let found = batch::compare(one.as_str().unwrap_or_default(), other.as_str().unwrap_or_default());
    paired(case, found.into(), found != batch::Nearness::Near)
}

pub(crate) fn judge_products(case: &Case) -> Verdict {
    let (one, other) = pair(case).expect("a pair");
    let record = |value: &Value| serde_json::from_value::<Record>(value.clone()).expect("a record");
    let found = likeness(&record(one), &record(other), &aliases(&case.context["aliases"]));
    paired(case, found.into(), found != Likeness::Ask)
}

/// What the catalogue knows: names under names, or lists of names that are one.
fn aliases(known: &Value) -> Vec<(String, String)> {
    let texts = |value: &Value| match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    };
    let all = |names: Vec<String>| {
        let pairs = names.iter().flat_map(|one| names.iter().map(move |other| (one.clone(), other.clone())));
        pairs.filter(|(one, other)| one != other).collect::<Vec<_>>()
    };
    match known {
        Value::Object(names) => {
            names.iter().flat_map(|(name, others)| all([vec![name.clone()], texts(others)].concat())).collect()
        }
        Value::Array(lists) if lists.iter().all(Value::is_array) => {
            lists.iter().flat_map(|list| all(texts(list))).collect()
        }
        known => all(texts(known)),
    }
}

pub(crate) fn judge_phones(case: &Case) -> Verdict {
    let area = case.told("area");
    if let Some((one, other)) = pair(case) {
        let found = same(one.as_str().unwrap_or_default(), other.as_str().unwrap_or_default(), area);
        return paired(case, found.into(), false);
    }
    held(case, Came::of(&phones(case.text(), area), |phones| json!({"numbers": phones})), same_numbers)
}

/// Whether the numbers are the same, and whose they are is not lost.
fn same_numbers(want: &Value, came: &Value) -> bool {
    let list = |value: &Value| value["numbers"].as_array().cloned().unwrap_or_default();
    let (want, came) = (list(want), list(came));
    let text = |of: &Value, key: &str| bare(of[key].as_str().unwrap_or_default());
    let one = |want: &Value, came: &Value| {
        ["kind", "e164", "ext"].iter().all(|key| text(want, key) == text(came, key))
            && text(came, "who").contains(&text(want, "who"))
    };
    want.len() == came.len() && want.iter().zip(&came).all(|(want, came)| one(want, came))
}
