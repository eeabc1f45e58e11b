//! The review queue: what of all aggregates a person should look at.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{Page, QueryError, Replica, order::mask_params};
use crate::{
    aggregate::{Position, REVIEW, Select},
    id::Reference,
    label, limits,
};

/// What of the queue is asked for. The default is all of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ReviewFilter {
    /// Only of this building.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub building: Option<String>,
    /// Only of this type of aggregate, such as `order`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub kind: Option<String>,
    /// Only this code, such as `contested`; `conflicting_edit` is the conflict list.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub code: Option<String>,
    /// Only of this aggregate.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub aggregate: Option<Reference>,
    /// Where the last page ended.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub after: Option<Position>,
    /// As many as this; at most [`limits::PAGE`], which 0 means too.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub limit: usize,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ReviewItem {
    /// The aggregate, by its creating event.
    pub aggregate: Reference,
    /// Its type, such as `order`.
    pub kind: String,
    /// Its building, if it belongs to one.
    pub building: Option<String>,
    /// A stable code, such as `delivered_twice`.
    pub code: String,
    /// What the sentence needs. Contacts are masked.
    pub params: serde_json::Value,
}

impl Replica {
    /// A page of the review queue.
    ///
    /// # Errors
    /// [`QueryError::Position`], or when the store fails.
    pub fn review_queue(&self, filter: &ReviewFilter) -> Result<Page<ReviewItem>, QueryError> {
        let mut select = Select::from(REVIEW.name);
        select.aggregate = filter.aggregate;
        let building = filter.building.as_deref().map(label::building);
        for (column, value) in [("compared", &building), ("type", &filter.kind), ("code", &filter.code)] {
            if let Some(value) = value {
                select = select.is(column, value.as_str());
            }
        }
        select.after.clone_from(&filter.after);
        if filter.limit > 0 {
            select.limit = filter.limit.min(limits::PAGE);
        }
        let page = self.select(&select)?;
        Ok(page.map(|row| {
            let at = |column| super::text(&REVIEW, &row, column);
            let code = at("code");
            let mut params = serde_json::from_str(&at("params")).unwrap_or_default();
            mask_params(&code, &mut params);
            let building = REVIEW.cell(&row, "building").text().map(str::to_owned);
            ReviewItem { aggregate: row.aggregate, kind: at("type"), building, code, params }
        }))
    }
}
