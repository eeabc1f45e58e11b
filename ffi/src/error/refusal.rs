//! Refusals with codes of their own: which part says them, and which only warn.

use std::collections::HashMap;

use linli_core::{replica::SubmitError, sentence, vocabulary::Refuse};
use serde::Serialize;
use serde_json::Value;

use super::LinliError;

impl LinliError {
    /// A refusal as an app reads it.
    pub(crate) fn refused<R: Refuse>(refusal: &R) -> Self {
        let mut params = params(refusal);
        params.remove("code");
        Self::Refused {
            by: R::BY.to_owned(),
            code: refusal.code().to_owned(),
            params,
            warning: refusal.is_warning(),
            reason: refusal.to_string(),
        }
    }
}

/// What the sentence for a refusal needs, as it crosses.
pub(crate) fn params(of: &impl Serialize) -> HashMap<String, String> {
    sentence::params(of).into_iter().map(|(name, value)| (name, as_param(value))).collect()
}

/// A parameter as it crosses: a text as it is, but in quotes where it could be taken for JSON; all else as JSON.
pub(crate) fn as_param(value: Value) -> String {
    match value {
        Value::String(text) if !looks_like_json(&text) => text,
        value => value.to_string(),
    }
}

/// Whether a parameter that crosses as this text is JSON, and no text or number.
pub(crate) fn looks_like_json(text: &str) -> bool {
    text.starts_with(['{', '[', '"']) || ["true", "false", "null"].contains(&text)
}

impl<R: Refuse> From<SubmitError<R>> for LinliError {
    fn from(error: SubmitError<R>) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::refused(&refusal),
            SubmitError::NotEntitled { code, need } => {
                Self::NotAllowed { code: code.to_owned(), needs: need.names().map(str::to_owned).collect() }
            }
            SubmitError::Unknown { kind } => Self::NotFound { kind: kind.to_owned(), name: String::new() },
            SubmitError::Undeclared => Self::input("aggregate", error),
            SubmitError::Reused => Self::CommandIdReused,
            SubmitError::Limit(error) => error.into(),
            SubmitError::NotAMember => Self::NotAMember,
            SubmitError::Withdrawn => Self::Withdrawn,
            SubmitError::Faulty { kind, what } => Self::Internal { detail: format!("{kind}: {what}") },
            SubmitError::Store(error) => error.into(),
        }
    }
}
