//! What of an order's payloads is let through.
//!
//! Reading is strict, because what it lets through counts forever: texts within [`limits::FIELD`], quantities and
//! money positive and bounded, nothing behind the end. Wall times are claims and may be anything.

use crate::{
    aggregate::{Malformed, decode},
    limits,
    qty::Qty,
};

use super::{
    fact::{Carried, Correction, Fact, Got, MAX_CENTS, MAX_QTY, Thing},
    kind,
};

/// Reads a payload.
///
/// # Errors
/// [`Malformed`] when it is not what the kind says.
pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
    if version != 1 {
        return Err(Malformed("no such version"));
    }
    let fact = match kind {
        kind::POSTED => Fact::Posted(decode(payload)?),
        kind::EDITED => Fact::Edited(decode(payload)?),
        kind::CLAIMED => Fact::Claimed(decode(payload)?),
        kind::RELEASED => Fact::Released(decode(payload)?),
        kind::TAKEN_OVER => Fact::TakenOver(decode(payload)?),
        kind::ASSIGNED => Fact::Assigned(decode(payload)?),
        kind::HAND_OVER_OFFERED => Fact::HandOverOffered(decode(payload)?),
        kind::HAND_OVER_ACCEPTED => Fact::HandOverAccepted(decode(payload)?),
        kind::PURCHASED => Fact::Purchased(decode(payload)?),
        kind::ENTRUSTED => Fact::Entrusted(decode(payload)?),
        kind::PASSED_ON => Fact::PassedOn(decode(payload)?),
        kind::RETURNED => Fact::Returned(decode(payload)?),
        kind::ATTEMPTED => Fact::Attempted(decode(payload)?),
        kind::DELIVERED => Fact::Delivered(decode(payload)?),
        kind::CONFIRMED => Fact::Confirmed(decode(payload)?),
        kind::REIMBURSED => Fact::Reimbursed(decode(payload)?),
        kind::CANCELLED => Fact::Cancelled(decode(payload)?),
        kind::REOPENED => Fact::Reopened(decode(payload)?),
        kind::STILL_NEEDED => Fact::StillNeeded(decode(payload)?),
        kind::DUPLICATE_OF => Fact::DuplicateOf(decode(payload)?),
        kind::COMMENTED => Fact::Commented(decode(payload)?),
        kind::MOVED => Fact::Moved(decode(payload)?),
        kind::RESOLVED => Fact::Resolved(decode(payload)?),
        kind::CORRECTED => Fact::Corrected(decode(payload)?),
        _ => return Err(Malformed("no such kind")),
    };
    check(&fact)?;
    Ok(fact)
}

/// The bounds that types do not hold.
fn check(fact: &Fact) -> Result<(), Malformed> {
    match fact {
        Fact::Posted(posted) => {
            present(&posted.building)?;
            words(posted.asked_by.as_deref())
        }
        Fact::Released(reason) | Fact::Cancelled(reason) | Fact::Reopened(reason) => words(reason.why.as_deref()),
        Fact::Purchased(purchased) => purchase(purchased.cost_cents, &purchased.got),
        Fact::Entrusted(carried) => carry(carried, (false, true)),
        Fact::PassedOn(carried) => carry(carried, (true, true)),
        Fact::Returned(carried) => carry(carried, (true, false)),
        Fact::Reimbursed(reimbursed) => money(reimbursed.cents),
        Fact::Commented(commented) => present(&commented.text),
        Fact::Corrected(corrected) => {
            present(&corrected.why)?;
            correction(&corrected.value)
        }
        Fact::Edited(_)
        | Fact::Claimed(_)
        | Fact::TakenOver(_)
        | Fact::Assigned(_)
        | Fact::HandOverOffered(_)
        | Fact::HandOverAccepted(_)
        | Fact::Attempted(_)
        | Fact::Delivered(_)
        | Fact::Confirmed(_)
        | Fact::StillNeeded(_)
        | Fact::DuplicateOf(_)
        | Fact::Moved(_)
        | Fact::Resolved(_) => Ok(()),
    }
}

fn words(text: Option<&str>) -> Result<(), Malformed> {
    if text.is_some_and(|text| text.len() > limits::FIELD) { Err(Malformed("a text is too long")) } else { Ok(()) }
}

fn present(text: &str) -> Result<(), Malformed> {
    if text.is_empty() { Err(Malformed("a text is empty")) } else { words(Some(text)) }
}

fn money(cents: i64) -> Result<(), Malformed> {
    if (1..=MAX_CENTS).contains(&cents) { Ok(()) } else { Err(Malformed("a sum out of bounds")) }
}

fn purchase(cost: Option<i64>, got: &[Got]) -> Result<(), Malformed> {
    cost.map_or(Ok(()), money)?;
    if got.len() > limits::EDITS {
        return Err(Malformed("too many items"));
    }
    let fits = got.iter().all(|got| (Qty::LEAST..=MAX_QTY).contains(&got.qty));
    if fits { Ok(()) } else { Err(Malformed("a quantity out of bounds")) }
}

/// Whether the two ends are named as the kind has it, and an amount goes with cash alone.
fn carry(carried: &Carried, (from, to): (bool, bool)) -> Result<(), Malformed> {
    if (carried.from.is_some(), carried.to.is_some()) != (from, to) || (from && carried.from == carried.to) {
        return Err(Malformed("from and to are not what the kind says"));
    }
    if carried.amount_cents.is_some() != (carried.thing == Thing::Cash) {
        return Err(Malformed("cash has an amount, nothing else has"));
    }
    words(carried.label.as_deref())?;
    carried.amount_cents.map_or(Ok(()), money)
}

fn correction(value: &Correction) -> Result<(), Malformed> {
    match value {
        Correction::Purchased { cost_cents, got } => purchase(*cost_cents, got),
        Correction::Reimbursed { cents } => money(*cents),
        Correction::Carried { amount_cents } => money(*amount_cents),
        Correction::Withdrawn | Correction::AsWritten | Correction::Delivered { .. } | Correction::Attempted { .. } => {
            Ok(())
        }
    }
}
