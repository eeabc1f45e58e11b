//! What becomes of a command: one event, or a refusal.

use super::{
    BATCHES, Command, EDITED, Edited, ISSUER, RAISED, REASON, Raised, Recall, Refusal, Scope, State, WITHDRAWN,
    Withdrawn, batch_key,
};
use crate::{
    aggregate::{Aggregate, DecisionContext, Draft, Subject, product::Product},
    event::Edit,
    limits,
};

pub(super) fn decide(
    subject: Option<&Subject<'_, State>>,
    command: Command,
    context: &DecisionContext<'_>,
) -> Result<Vec<Draft>, Refusal> {
    match (subject, command) {
        (None, Command::Raise { product, scope, reason, issuer }) => {
            if !context.world.exists(Product::NAME, product)? {
                return Err(Refusal::UnknownProduct { product });
            }
            let edits = edits(Some(reason).filter(|text| !text.is_empty()), Some(issuer).filter(|t| !t.is_empty()))?;
            let raised = Raised { product, scope: checked(scope)? };
            Ok(vec![Draft::new::<Recall>(RAISED, &raised).edits(edits)])
        }
        (Some(subject), Command::Edit { scope, reason, issuer }) => {
            standing(subject.state)?;
            let scope = scope.map(checked).transpose()?;
            let edits = edits(reason, issuer)?;
            if scope.is_none() && edits.is_empty() {
                return Err(Refusal::Nothing);
            }
            Ok(vec![Draft::on::<Recall>(subject.birth.aggregate, EDITED, &Edited { scope }).edits(edits)])
        }
        (Some(subject), Command::Withdraw { why }) => {
            standing(subject.state)?;
            let why = short("why", why)?;
            Ok(vec![Draft::on::<Recall>(subject.birth.aggregate, WITHDRAWN, &Withdrawn { why })])
        }
        (None, Command::Edit { .. } | Command::Withdraw { .. }) | (Some(_), Command::Raise { .. }) => {
            Err(Refusal::Target)
        }
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
