//! What screens see of recalls: a row per batch, and what to look at.

use serde::Serialize;

use super::{ISSUER, REASON, Scope, State, batch_key};
use crate::{
    aggregate::{Cell, Review, Row, Subject, Table},
    vocabulary::Says,
};

/// One row per recalled batch, or one with `all_batches` set. `batch_key` is as [`batch_key`] writes it.
pub const RECALL: Table = Table {
    name: "recall",
    columns: &["product", "batch", "batch_key", "all_batches", "reason", "issuer", "stands", "raised_wall"],
    indexes: &[&["product", "stands"]],
};

/// What of a recall a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(super) enum Finding {
    /// It was withdrawn and raised at the same time.
    WithdrawalContested { why: String },
}

pub(super) fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
    let (state, content) = (subject.state, subject.content);
    let row = |batch: Option<&str>| Row {
        table: RECALL.name,
        cells: vec![
            state.product().into(),
            batch.into(),
            batch.map(batch_key).into(),
            batch.is_none().into(),
            content.text(REASON).into(),
            content.text(ISSUER).into(),
            state.stands().into(),
            Cell::Int(state.raised().0),
        ],
    };
    match state.scope() {
        Scope::All => vec![row(None)],
        Scope::Batches(batches) => batches.iter().map(|batch| row(Some(batch))).collect(),
    }
}

pub(super) fn review(subject: &Subject<'_, State>) -> Vec<Review> {
    let state = subject.state;
    match state.withdrawn() {
        Some(why) if state.stands() => {
            vec![Review::found(&Finding::WithdrawalContested { why: why.to_owned() })]
        }
        _ => Vec::new(),
    }
}

pub(super) fn search(subject: &Subject<'_, State>) -> Option<String> {
    let mut words: Vec<String> =
        [REASON, ISSUER].into_iter().filter_map(|field| subject.content.text(field)).map(str::to_owned).collect();
    if let Scope::Batches(batches) = subject.state.scope() {
        words.extend(batches);
    }
    Some(words.join(" "))
}
