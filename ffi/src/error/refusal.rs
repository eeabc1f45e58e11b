//! Refusals with codes of their own: which part says them, and which only warn.

use std::collections::HashMap;

use linli_core::{replica::SubmitError, vocabulary::Refuse};
use serde_json::Value;

use super::LinliError;

impl LinliError {
    /// A refusal as an app reads it.
    pub(crate) fn refused<R: Refuse>(refusal: &R) -> Self {
        let mut params = match serde_json::to_value(refusal) {
            Ok(Value::Object(params)) => params,
            _ => serde_json::Map::new(),
        };
        params.remove("code");
        let params = params.into_iter().map(|(name, value)| (name, plain(value))).collect::<HashMap<_, _>>();
        Self::Refused {
            by: R::BY.to_owned(),
            code: refusal.code().to_owned(),
            params,
            warning: refusal.is_warning(),
            reason: refusal.to_string(),
        }
    }
}

/// Texts as they are, all else as JSON.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
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
