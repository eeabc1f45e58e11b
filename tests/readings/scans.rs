//! What scanners give.

use linli_core::written::gs1::{Scan, scan};
use serde_json::{Map, Value, json};

use crate::{
    case::{Came, Case, Verdict, held},
    times::day,
};

pub(crate) fn judge(case: &Case) -> Verdict {
    let today = case.told("today").and_then(day).expect("a day");
    held(case, Came::of(&scan(case.text(), today), as_written), same)
}

fn as_written(scan: &Scan) -> Value {
    let other: Map<String, Value> = scan.other.iter().map(|(ai, value)| (ai.clone(), json!(value))).collect();
    let mut value = json!({"gtin": scan.gtin, "batch": scan.batch, "expiry": scan.expiry, "serial": scan.serial, "produced": scan.produced});
    let parts = value.as_object_mut().expect("an object");
    parts.retain(|_, part| !part.is_null());
    parts.insert("other".to_owned(), Value::Object(other));
    value
}

/// Other elements may be left out.
fn same(want: &Value, came: &Value) -> bool {
    let without = |value: &Value| {
        let mut parts = value.as_object().cloned().unwrap_or_default();
        parts.remove("other");
        parts
    };
    let other = &came["other"];
    let kept = other.as_object().is_none_or(Map::is_empty) || want["other"].is_null() || *other == want["other"];
    without(want) == without(came) && kept
}
