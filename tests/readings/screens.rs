//! Texts of others on one line of a screen.

use linli_core::text;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::case::{Case, Verdict};

pub(crate) fn judge(case: &Case) -> Verdict {
    let columns = case.context["columns"].as_u64().and_then(|columns| usize::try_from(columns).ok());
    let shown = columns.map_or_else(|| text::line(case.text()), |columns| text::line_within(case.text(), columns));
    let want = &case.want["show"];
    let faults: Vec<&str> = CHECKS
        .iter()
        .filter(|(key, _)| !want[*key].is_null())
        .filter(|(_, holds)| !holds(&shown, want))
        .map(|(key, _)| *key)
        .collect();
    if faults.is_empty() { Verdict::Right } else { Verdict::Wrong(format!("{shown:?} against {faults:?}")) }
}

type Holds = fn(&str, &Value) -> bool;

/// What a line may be held to, by the words of the cases.
const CHECKS: [(&str, Holds); 12] = [
    ("lines", |shown, _| !shown.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'])),
    ("never", |shown, want| texts(want, "never").iter().all(|code| !shown.contains(point(code)))),
    ("keep", |shown, want| {
        let mut rest = shown;
        texts(want, "keep").iter().all(|kept| rest.split_once(kept).map(|(_, behind)| rest = behind).is_some())
    }),
    ("unchanged", |shown, want| texts(want, "keep").iter().all(|kept| shown.trim_matches(is_isolate) == *kept)),
    ("blank", |shown, _| shown.chars().any(|c| !c.is_whitespace() && !is_isolate(c) && c != '\u{2800}')),
    ("differs_from", |shown, want| Some(shown) != want["differs_from"].as_str()),
    ("bidi_closed", |shown, _| {
        let (opened, closed) = (shown.matches(['\u{2066}', '\u{2067}', '\u{2068}']), shown.matches('\u{2069}'));
        opened.count() == closed.count() && !shown.contains(['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}'])
    }),
    ("max_columns", |shown, want| columns(shown) <= want["max_columns"].as_u64()),
    ("width", |shown, want| columns(shown) == want["width"].as_u64()),
    ("max_marks", |shown, want| most_marks(shown) <= want["max_marks"].as_u64().unwrap_or_default()),
    ("first_not_mark", |shown, _| !shown.trim_start_matches(is_isolate).starts_with(is_mark)),
    ("last_not_joiner", |shown, _| !shown.trim_end_matches(is_isolate).ends_with('\u{200d}')),
];

fn columns(shown: &str) -> Option<u64> {
    u64::try_from(shown.width()).ok()
}

fn texts<'a>(want: &'a Value, key: &str) -> Vec<&'a str> {
    want[key].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

fn point(code: &str) -> char {
    let number = u32::from_str_radix(code.trim_start_matches("U+"), 16).expect("a code point in hex");
    char::from_u32(number).expect("a code point")
}

fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2069}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{20d0}'..='\u{20ff}')
}

fn most_marks(shown: &str) -> u64 {
    let mut most = (0, 0);
    for c in shown.chars() {
        most.0 = if is_mark(c) { most.0 + 1 } else { 0 };
        most.1 = most.1.max(most.0);
    }
    most.1
}
