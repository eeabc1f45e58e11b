//! Files of spreadsheets.

use std::path::Path;

use linli_core::written::{
    lists::{Around, Draft, Fault, Field, Kind, Outcome, Preview, preview},
    phone::Phone,
    table::Broken,
};
use serde_json::{Value, json};

use crate::{
    addresses::{as_written, register},
    case::{Case, Verdict, bare},
    quantities::same_item,
    times,
};

pub(crate) fn judge(case: &Case, set: &Path, registers: &Value) -> Verdict {
    let file = case.beside["file"].as_str().expect("a file");
    let bytes = std::fs::read(set.join("csv").join(file)).expect("a file can be read");
    let kind: Kind = case.beside["kind"].as_str().and_then(|kind| kind.parse().ok()).expect("a kind");
    let register = case.told("register").map(|name| register(&registers[name]));
    let around = Around {
        register: register.as_ref(),
        area: case.told("area"),
        today: case.told("today").and_then(times::day).expect("a day"),
        now: case.told("now").map(|_| times::now(case)),
    };
    let came = preview(&bytes, kind, around);
    let mut found = head(case, &came);
    let mut values = Vec::new();
    for (wrong, told) in rows(&case.want, &came) {
        if wrong { values.push(told) } else { found.push(told) }
    }
    match (values.is_empty(), found.is_empty()) {
        (true, true) => Verdict::Right,
        (true, false) => Verdict::Wrong(found.join("; ")),
        (false, _) => Verdict::WrongValue([values, found].concat().join("; ")),
    }
}

/// What is wrong with how the file was read as a whole.
fn head(case: &Case, came: &Preview) -> Vec<String> {
    let want = &case.want;
    let mut found = Vec::new();
    let mut hold = |holds: bool, told: String| {
        if !holds {
            found.push(told)
        }
    };
    let readable = case.beside["encoding"] != json!("none") && want["file"]["refuse"]["reason"] != json!("empty");
    if readable {
        hold(json!(came.encoding) == case.beside["encoding"], format!("encoding {:?}", came.encoding));
        hold(json!(came.delimiter) == case.beside["delimiter"], format!("delimiter {:?}", came.delimiter));
    }
    if want["header_line"].is_u64() {
        hold(json!(came.header_line) == want["header_line"], format!("headings on {:?}", came.header_line));
    }
    if let Some(columns) = want["columns"].as_object() {
        for (heading, field) in columns {
            let read = came.columns.iter().find(|column| bare(&column.heading) == bare(heading));
            let code = read.map(|column| code(column.field));
            hold(code == field.as_str(), format!("column {heading}: {code:?}, wanted {field}"));
        }
        hold(came.columns.len() == columns.len(), format!("{} columns", came.columns.len()));
        let unknown = |texts: Vec<&str>| texts.into_iter().map(bare).collect::<Vec<_>>();
        let wanted =
            unknown(want["unknown_columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect());
        let read = unknown(came.unknown_columns.iter().map(String::as_str).collect());
        hold(read == wanted, format!("unknown columns {read:?}"));
    }
    let fault = came.fault.map(fault).unwrap_or_default();
    let asked = want["file"]["ask"]["about"] == fault["about"] && fault["about"].is_string();
    let refuse = &want["file"]["refuse"];
    let fits = ["reason", "line", "column"].iter().all(|key| refuse[*key].is_null() || refuse[*key] == fault[*key]);
    hold(
        if want["file"].is_null() { fault.is_null() } else { asked || (refuse.is_object() && fits) },
        format!("the file: {fault}, wanted {}", want["file"]),
    );
    found
}

/// A field in the words of the cases.
fn code(field: Field) -> &'static str {
    match field {
        Field::Fails => "expiry",
        Field::Measure => "unit",
        Field::Prescription => "class",
        field => field.into(),
    }
}

fn fault(fault: Fault) -> Value {
    match fault {
        Fault::NoHeader => json!({"about": "header"}),
        Fault::MissingColumn { field } => json!({"reason": "missing_column", "column": code(field)}),
        Fault::Broken(Broken::Empty) => json!({"reason": "empty"}),
        Fault::Broken(Broken::NotText) => json!({"reason": "not_text"}),
        Fault::Broken(Broken::Encoding { line }) => json!({"reason": "encoding", "line": line}),
        Fault::Broken(Broken::UnterminatedQuote { line }) => json!({"reason": "unterminated_quote", "line": line}),
        Fault::Broken(broken) => json!({"reason": broken.to_string()}),
    }
}

/// Rows that are not as they should be, and whether a value is wrong there.
fn rows(want: &Value, came: &Preview) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let wanted: Vec<&Value> = want["rows"].as_array().into_iter().flatten().collect();
    for row in &wanted {
        let outcome = came.rows.iter().find(|came| json!(came.line) == row["line"]).map(|came| &came.outcome);
        let told = || format!("line {}: {}, wanted {row}", row["line"], outcome.map_or(json!(null), |one| json!(one)));
        let asking_passes = row["or"].as_array().is_some_and(|or| or.contains(&json!("ask")));
        let right = match outcome {
            Some(Outcome::Read(draft)) => row["ok"].is_object() && says(&row["ok"], draft),
            Some(Outcome::SameAs(line)) => row["same_as"] == json!(line),
            Some(Outcome::Refuse(_)) => asking_passes || row["refuse"].is_object() || row["ask"].is_object(),
            Some(Outcome::Ask(question)) => {
                asking_passes || row["refuse"].is_object() || row["ask"]["about"] == json!(question.about)
            }
            None => false,
        };
        let value = matches!(outcome, Some(Outcome::Read(_) | Outcome::SameAs(_)));
        if !right {
            found.push((value, told()));
        }
    }
    let blank = |line: usize| !wanted.iter().any(|row| row["line"] == json!(line));
    for row in came.rows.iter().filter(|row| blank(row.line)) {
        found.push((
            matches!(row.outcome, Outcome::Read(_)),
            format!("line {}: {}, wanted none", row.line, json!(row.outcome)),
        ));
    }
    found
}

/// Whether a draft says what is wanted, and nothing besides.
fn says(ok: &Value, draft: &Draft) -> bool {
    let came = as_wanted(draft);
    let keys =
        |value: &Value| value.as_object().map(|parts| parts.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    keys(ok).into_iter().chain(keys(&came)).all(|key| same(&key, &ok[&key], &came[&key]))
}

fn same(key: &str, want: &Value, came: &Value) -> bool {
    let text = |value: &Value| value.as_str().map(bare);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match key {
        "items" => {
            let (want, came) = (list(want), list(came));
            want.len() == came.len() && want.iter().zip(&came).all(|(want, came)| same_item(want, came))
        }
        "aliases" => list(want).iter().map(text).eq(list(came).iter().map(text)),
        "floors" | "rooms_per_floor" | "leads" | "address" | "asked_at" => want == came,
        _ => text(want) == text(came),
    }
}

/// A draft in the words of the cases, what says nothing left out.
fn as_wanted(draft: &Draft) -> Value {
    let phone = |phones: &[Phone]| {
        let first = phones.first();
        (phones.len(), first.map(|phone| phone.e164.clone()), first.and_then(|phone| phone.ext.clone()))
    };
    let mut value = match draft {
        Draft::Building(building) => json!(building),
        Draft::Household(household) => {
            let (_, number, ext) = phone(&household.phones);
            json!({"address": as_written(&household.address), "name": household.name, "phone": number, "ext": ext, "note": household.note})
        }
        Draft::Member(member) => {
            json!({"name": member.name, "role": member.role, "leads": member.leads, "phone": phone(&member.phones).1})
        }
        Draft::Product(product) => json!(product),
        Draft::Lot(lot) => json!({
            "name": lot.name, "strength": lot.strength, "batch": lot.batch, "expiry": lot.expiry, "qty": lot.qty.to_string(), "unit": lot.unit
        }),
        Draft::Order(order) => json!({
            "asked_at": order.asked_at.as_ref().map(times::as_written).map(|when| when.as_object().and_then(|parts| parts.values().next().cloned())),
            "address": as_written(&order.address), "who": order.who, "phone": phone(&order.phones).1, "items": order.items, "note": order.note
        }),
    };
    if let Some(parts) = value.as_object_mut() {
        parts.retain(|_, part| !part.is_null() && *part != json!([]));
    }
    value
}
