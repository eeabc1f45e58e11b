//! What a person can wish of recalls, and the events it becomes.

use serde::{Deserialize, Serialize};

use super::{
    BATCHES, EDITED, Edited, ISSUER, RAISED, REASON, Raised, Recall, Scope, State, WITHDRAWN, Withdrawn, batch_key,
};
use crate::{
    aggregate::{Aggregate, Desk, Draft, Subject, WorldError, product::Product},
    event::Edit,
    id::Reference,
    limits,
    vocabulary::Refuse,
};

/// What a person can wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Recalls a product or batches of it.
    Raise {
        /// The product.
        product: Reference,
        /// What of it.
        scope: Scope,
        /// Why; may be empty.
        #[serde(default)]
        reason: String,
        /// The authority or maker who recalls; may be empty.
        #[serde(default)]
        issuer: String,
    },
    /// Changes it; what is `None` stays.
    Edit {
        /// What is recalled.
        #[serde(default)]
        scope: Option<Scope>,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
        /// Who recalls.
        #[serde(default)]
        issuer: Option<String>,
    },
    /// Ends it.
    Withdraw {
        /// Why; may be empty.
        #[serde(default)]
        why: String,
    },
}

/// Why a wish is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// Raising makes a recall, all else needs one.
    #[error("raising makes a recall, other wishes need one")]
    Target,
    /// The product is not in the catalogue here.
    #[error("the product {product} is not in the catalogue")]
    UnknownProduct {
        /// Which.
        product: Reference,
    },
    /// No batches, an empty one, or more than fit.
    #[error("a recall names 1 to {limit} batches, or all")]
    Batches {
        /// How many at most.
        limit: usize,
    },
    /// A text beyond the limit.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// Nothing would change.
    #[error("nothing would change")]
    Nothing,
    /// It has been withdrawn.
    #[error("the recall was withdrawn")]
    Withdrawn,
    /// The store could not answer.
    #[error("{reason}")]
    Store {
        /// What it said.
        reason: String,
    },
}

impl Refuse for Refusal {
    const BY: &'static str = super::Recall::NAME;
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        Refusal::Store { reason: error.0 }
    }
}

pub(super) fn decide(subject: Option<&Subject<'_, State>>, wish: Wish, desk: &Desk<'_>) -> Result<Vec<Draft>, Refusal> {
    match (subject, wish) {
        (None, Wish::Raise { product, scope, reason, issuer }) => {
            if !desk.world.exists(Product::NAME, product)? {
                return Err(Refusal::UnknownProduct { product });
            }
            let edits = edits(Some(reason).filter(|text| !text.is_empty()), Some(issuer).filter(|t| !t.is_empty()))?;
            let raised = Raised { product, scope: checked(scope)? };
            Ok(vec![Draft::new::<Recall>(RAISED, &raised).edits(edits)])
        }
        (Some(subject), Wish::Edit { scope, reason, issuer }) => {
            standing(subject.state)?;
            let scope = scope.map(checked).transpose()?;
            let edits = edits(reason, issuer)?;
            if scope.is_none() && edits.is_empty() {
                return Err(Refusal::Nothing);
            }
            Ok(vec![Draft::on::<Recall>(subject.birth.aggregate, EDITED, &Edited { scope }).edits(edits)])
        }
        (Some(subject), Wish::Withdraw { why }) => {
            standing(subject.state)?;
            let why = short("why", why)?;
            Ok(vec![Draft::on::<Recall>(subject.birth.aggregate, WITHDRAWN, &Withdrawn { why })])
        }
        (None, Wish::Edit { .. } | Wish::Withdraw { .. }) | (Some(_), Wish::Raise { .. }) => Err(Refusal::Target),
    }
}

fn standing(state: &State) -> Result<(), Refusal> {
    if state.stands() { Ok(()) } else { Err(Refusal::Withdrawn) }
}

fn checked(scope: Scope) -> Result<Scope, Refusal> {
    let Scope::Batches(batches) = scope else { return Ok(scope) };
    let trimmed: Vec<String> = batches.iter().map(|batch| batch.trim().to_owned()).collect();
    if trimmed.is_empty() || trimmed.len() > BATCHES || trimmed.iter().any(|batch| batch_key(batch).is_empty()) {
        return Err(Refusal::Batches { limit: BATCHES });
    }
    let trimmed = trimmed.into_iter().map(|batch| short("batch", batch)).collect::<Result<_, _>>()?;
    Ok(Scope::Batches(trimmed))
}

fn edits(reason: Option<String>, issuer: Option<String>) -> Result<Vec<Edit>, Refusal> {
    let mut edits = Vec::new();
    if let Some(reason) = reason {
        edits.push(Edit::put(REASON, short("reason", reason)?));
    }
    if let Some(issuer) = issuer {
        edits.push(Edit::put(ISSUER, short("issuer", issuer)?));
    }
    Ok(edits)
}

fn short(field: &'static str, text: String) -> Result<String, Refusal> {
    if text.len() > limits::FIELD { Err(Refusal::TooLong { field, limit: limits::FIELD }) } else { Ok(text) }
}
