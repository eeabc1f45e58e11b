//! What a command answers: one JSON document for scripts, lines for people.

use serde::Serialize;
use serde_json::{Value, json};

/// What a command answers.
pub(crate) struct Answer {
    /// The document of `--json`.
    pub(crate) json: Value,
    /// The lines, each without an end of its own.
    pub(crate) lines: Vec<String>,
    /// Whether all is well: a verification that found faults is an answer, but not a success.
    pub(crate) well: bool,
    /// Whether it cannot be asked for again, such as the words of a kit: whoever does not get it must hear of it.
    pub(crate) once: bool,
}

impl Answer {
    /// An answer that can be shown and serialized.
    pub(crate) fn new(json: impl Serialize, lines: impl IntoIterator<Item = String>) -> Self {
        let json = serde_json::to_value(json).unwrap_or_else(|error| json!({ "unserializable": error.to_string() }));
        Self { json, lines: lines.into_iter().collect(), well: true, once: false }
    }
}
