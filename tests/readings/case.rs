//! The cases, and how one is judged.

use std::{fs, path::Path};

use linli_core::written::Reading;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

/// What somebody wrote, and what is right.
#[derive(Deserialize)]
pub(crate) struct Case {
    /// Stable over all sets.
    pub(crate) id: String,
    /// A text, or a pair.
    #[serde(default)]
    pub(crate) input: Value,
    /// What is known beside it.
    #[serde(default)]
    pub(crate) context: Value,
    /// What lies in a file of its own.
    #[serde(flatten)]
    pub(crate) beside: Map<String, Value>,
    /// The right outcome.
    pub(crate) want: Value,
}

impl Case {
    /// The text that is read.
    pub(crate) fn text(&self) -> &str {
        self.input.as_str().unwrap_or_default()
    }

    /// A text of the context, if it is there.
    pub(crate) fn told(&self, key: &str) -> Option<&str> {
        self.context[key].as_str()
    }
}

/// What came of a case.
pub(crate) enum Verdict {
    /// What is wanted.
    Right,
    /// A question or a refusal where a value is wanted, or a question about something else.
    Wrong(String),
    /// A value that is not the right one.
    WrongValue(String),
}

/// All cases of a file, in its order; of `csv` one for each of its files.
pub(crate) fn all(set: &Path, file: &str) -> Vec<Case> {
    if file == "csv" {
        let folder = fs::read_dir(set.join("csv")).expect("the set has a folder of csv files");
        let names = folder.map(|entry| entry.expect("an entry can be read").path());
        let mut wants: Vec<_> = names.filter(|path| path.to_string_lossy().ends_with(".want.json")).collect();
        wants.sort();
        return wants.iter().map(|path| case(&read(path))).collect();
    }
    read(&set.join(format!("{file}.jsonl"))).lines().map(case).collect()
}

/// The registers of a set, by their names.
pub(crate) fn registers(set: &Path) -> Value {
    serde_json::from_str(&read(&set.join("registers.json"))).expect("the registers are an object of JSON")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of cases can be read")
}

fn case(text: &str) -> Case {
    serde_json::from_str(text).expect("a case is an object of JSON")
}

/// What a reader said, in the words of the cases.
pub(crate) enum Came {
    /// A value that it read.
    Value(Value),
    /// A question about this part.
    Ask(&'static str, String),
    /// A refusal, with its reason.
    Refuse(String),
}

impl Came {
    /// A reading, its value written as the cases write it.
    pub(crate) fn of<T>(reading: &Reading<T>, write: impl Fn(&T) -> Value) -> Self {
        match reading {
            Reading::Read(value) => Self::Value(write(value)),
            Reading::Ask(question) => {
                let known = question.known.as_ref().map(&write);
                let among: Vec<Value> = question.among.iter().map(&write).collect();
                let told = json!({"because": question.because, "among": among, "known": known});
                Self::Ask(question.about.into(), told.to_string())
            }
            Reading::Refuse(refusal) => Self::Refuse(refusal.to_string()),
        }
    }
}

/// Holds what came to what is wanted. A refusal is as good as a question, and a question as a refusal; a value is neither.
pub(crate) fn held(case: &Case, came: Came, same: impl Fn(&Value, &Value) -> bool) -> Verdict {
    let want = &case.want;
    let asking_passes = want["or"].as_array().is_some_and(|or| or.contains(&json!("ask")));
    match came {
        Came::Value(value) if want["ok"].is_object() && same(&want["ok"], &value) => Verdict::Right,
        Came::Value(value) => Verdict::WrongValue(value.to_string()),
        Came::Ask(about, _) if want["ask"]["about"] == json!(about) => Verdict::Right,
        Came::Ask(..) | Came::Refuse(_) if asking_passes || want["refuse"].is_object() => Verdict::Right,
        Came::Refuse(_) if want["ask"].is_object() => Verdict::Right,
        Came::Ask(about, told) => Verdict::Wrong(format!("a question about {about}: {told}, wanted {want}")),
        Came::Refuse(reason) => Verdict::Wrong(format!("a refusal: {reason}")),
    }
}

/// A text as the cases compare it: width, case and white space say nothing.
pub(crate) fn bare(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
