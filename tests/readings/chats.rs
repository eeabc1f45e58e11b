//! Lists that go round in a chat.

use linli_core::written::{
    Reading,
    chat::{Around, Draft, Known, List, chat},
    door::Door,
    quantity::{Item, item},
};
use serde_json::{Value, json};

use crate::{
    addresses::{as_written, register},
    case::{Case, Verdict, bare},
    quantities::same_item,
};

pub(crate) fn judge(case: &Case, registers: &Value) -> Verdict {
    let register = case.told("register").map(|name| register(&registers[name]));
    let already: Vec<Known> = case.context["already"].as_array().into_iter().flatten().map(known).collect();
    let around =
        Around { register: register.as_ref(), area: case.told("area"), goods: case.told("goods"), already: &already };
    let came = chat(case.text(), around);
    let values = wrong_values(&case.want, &came);
    if !values.is_empty() {
        return Verdict::WrongValue(values.join("; "));
    }
    let misses = misses(&case.want, &came);
    if misses.is_empty() { Verdict::Right } else { Verdict::Wrong(misses.join("; ")) }
}

fn known(told: &Value) -> Known {
    let part = |key: &str| told["address"][key].as_str().map(str::to_owned);
    let address = Door { building: part("building").unwrap_or_default(), unit: part("unit"), room: part("room") };
    let items = told["items"].as_array().into_iter().flatten().map(|told| {
        let name = told["name"].as_str().unwrap_or_default();
        // The amount does not matter for whether it is the same.
        let each = told["each"].as_str().unwrap_or_default();
        match item(&format!("{name} {each} 1盒")) {
            Reading::Read(items) if items.len() == 1 => Item { name: name.to_owned(), ..items[0].clone() },
            _ => Item { name: name.to_owned(), ..Item::default() },
        }
    });
    Known { address, items: items.collect() }
}

fn list<'a>(want: &'a Value, key: &str) -> Vec<&'a Value> {
    want[key].as_array().map(|all| all.iter().collect()).unwrap_or_default()
}

/// Drafts that should be none, or say something else.
fn wrong_values(want: &Value, came: &List) -> Vec<String> {
    let drafts = list(want, "drafts");
    let fits = |draft: &&Draft| !drafts.iter().any(|want| same(want, draft));
    came.drafts.iter().filter(fits).map(|draft| format!("draft {}", json!(draft))).collect()
}

fn same(want: &Value, draft: &Draft) -> bool {
    let came = json!(draft);
    let items = (list(want, "items"), list(&came, "items"));
    let itemized =
        items.0.len() == items.1.len() && items.0.iter().zip(&items.1).all(|(want, came)| same_item(want, came));
    let reached = want["phone"].is_null() || draft.phones.iter().any(|phone| want["phone"] == json!(phone.e164));
    let mut texts = String::new();
    collect(&came, &mut texts);
    let kept = ["who", "note"].iter().all(|key| texts.contains(&bare(want[*key].as_str().unwrap_or_default())));
    want["lines"] == came["lines"] && want["address"] == as_written(&draft.address) && itemized && reached && kept
}

/// All texts of a value, as they are compared.
fn collect(value: &Value, into: &mut String) {
    match value {
        Value::String(text) => into.push_str(&format!("{} ", bare(text))),
        Value::Array(all) => all.iter().for_each(|value| collect(value, into)),
        Value::Object(parts) => parts.values().for_each(|value| collect(value, into)),
        _ => {}
    }
}

/// Drafts that are wanted and did not come, and what must be shown with a reason and is not.
fn misses(want: &Value, came: &List) -> Vec<String> {
    let mut found = Vec::new();
    for draft in list(want, "drafts") {
        if !came.drafts.iter().any(|came| same(draft, came)) {
            let lines = list(draft, "lines");
            let at = came.bad.iter().filter(|bad| bad.lines.iter().any(|line| lines.contains(&&json!(line))));
            found.push(format!("no draft {lines:?}, bad there: {}", json!(at.collect::<Vec<_>>())));
        }
    }
    for bad in list(want, "bad") {
        for line in list(bad, "lines") {
            let shown = came.bad.iter().find(|came| came.lines.iter().any(|at| json!(at) == *line));
            let reason = shown.map(|shown| json!(shown.reason));
            if reason.as_ref() != Some(&bad["reason"]) {
                found.push(format!("line {line}: {reason:?}, wanted {bad}"));
            }
        }
    }
    found
}
