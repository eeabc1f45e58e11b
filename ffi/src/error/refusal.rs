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

/// What the sentence for a refusal needs, as it crosses: texts as they are, all else as JSON.
pub(crate) fn params(of: &impl Serialize) -> HashMap<String, String> {
    let plain = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    sentence::params(of).into_iter().map(|(name, value)| (name, plain(value))).collect()
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
