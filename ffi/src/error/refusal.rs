//! Refusals with codes of their own: which part says them, and which only warn.

use std::{collections::HashMap, error::Error};

use linli_core::{
    aggregate::{alert, building, household, medicine_box, order, product, recall, settings},
    replica::SubmitError,
    roster::RosterRefusal,
};
use serde::Serialize;
use serde_json::Value;

use super::LinliError;

/// A refusal that apps tell apart by its code.
pub trait Said: Error + Serialize + 'static {
    /// The part that says it.
    const BY: &'static str;

    /// Whether the same wish goes through where the person insists.
    fn warns(&self) -> bool {
        false
    }
}

impl Said for order::Refusal {
    const BY: &'static str = "order";
    fn warns(&self) -> bool {
        self.is_warning()
    }
}

impl Said for medicine_box::Refusal {
    const BY: &'static str = "box";
    fn warns(&self) -> bool {
        self.is_warning() || matches!(self, Self::StillStocked { .. })
    }
}

impl Said for household::HouseholdRefusal {
    const BY: &'static str = "household";
    fn warns(&self) -> bool {
        self.is_warning()
    }
}

impl Said for alert::AlertRefusal {
    const BY: &'static str = "alert";
    fn warns(&self) -> bool {
        matches!(self, Self::Contradicts { .. })
    }
}

impl Said for product::Refusal {
    const BY: &'static str = "product";
}

impl Said for recall::Refusal {
    const BY: &'static str = "recall";
}

impl Said for building::BuildingRefusal {
    const BY: &'static str = "building";
}

impl Said for settings::SettingsRefusal {
    const BY: &'static str = "settings";
}

impl Said for RosterRefusal {
    const BY: &'static str = "roster";
}

impl LinliError {
    /// A refusal as an app reads it.
    pub(crate) fn refused<R: Said>(refusal: &R) -> Self {
        let mut params = match serde_json::to_value(refusal) {
            Ok(Value::Object(params)) => params,
            _ => serde_json::Map::new(),
        };
        let code = params.remove("code").map(plain).unwrap_or_default();
        let params = params.into_iter().map(|(name, value)| (name, plain(value))).collect::<HashMap<_, _>>();
        Self::Refused { by: R::BY.to_owned(), code, params, warning: refusal.warns(), reason: refusal.to_string() }
    }
}

/// Texts as they are, all else as JSON.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

impl<R: Said> From<SubmitError<R>> for LinliError {
    fn from(error: SubmitError<R>) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::refused(&refusal),
            SubmitError::NotEntitled { code, need } => {
                Self::NotAllowed { code: code.to_owned(), needs: need.names().map(str::to_owned).collect() }
            }
            SubmitError::Unknown { kind } => Self::NotFound { kind: kind.to_owned(), name: String::new() },
            SubmitError::Reused => Self::CommandIdReused,
            SubmitError::Limit(error) => error.into(),
            SubmitError::NotAMember => Self::NotAMember,
            SubmitError::Withdrawn => Self::Withdrawn,
            SubmitError::Faulty { kind, what } => Self::Internal { detail: format!("{kind}: {what}") },
            SubmitError::Store(error) => error.into(),
        }
    }
}
