//! Appending: which events of a run go into the log, and what the peer that brought them is told.

use std::collections::BTreeSet;

use super::{
    Answer, Quota, Rules,
    quota::{self, Fit},
    silence::{self, Leads},
};
use crate::{
    event::{Entry, Head, VerifiedRun},
    id::{DeviceId, EventId},
    store::{Pos, StoreError, Write},
    sync::Refusal,
};

/// What of a run was stored.
pub struct Appended {
    /// The positions of what was not held yet, in order.
    pub stored: Vec<Pos>,
    /// On whose account it stands, if not in its author's room.
    pub lender: Option<DeviceId>,
}

/// Stores those events of a run that are not held yet; or tells why none is stored.
/// `own` is the device that keeps; `led` are events that are known to lead to what a cut names ([`silence::led`]).
///
/// # Errors
/// When the store fails.
pub fn append(
    write: &mut Write<'_>,
    rules: &Rules,
    quota: &Quota,
    own: DeviceId,
    run: &VerifiedRun,
    led: &BTreeSet<EventId>,
) -> Result<Result<Appended, Refusal>, StoreError> {
    let leads = Leads::of(write, rules, run, led)?;
    if silence::is_too_far(write, rules, run, leads)? {
        let silenced = rules.is_silenced(run.header());
        return Ok(Err(if silenced { Refusal::Silenced } else { Refusal::Beyond }));
    }
    let fit = quota::fit(write, rules, quota, own, run, leads)?;
    if fit == Fit::Full {
        return Ok(Err(Refusal::Full));
    }
    match write.append(run) {
        Ok(stored) => {
            let header = run.header();
            rules.kept.note(rules.roster.fell_under(header.device).filter(|_| rules.is_clear(header.topic)), &stored);
            let mut lender = None;
            if let Fit::Lent(of, room) = fit {
                write.lend(of, run.header().device, room)?;
                lender = Some(of);
            }
            Ok(Ok(Appended { stored, lender }))
        }
        Err(StoreError::Gap { .. }) => Ok(Err(Refusal::Gap)),
        Err(StoreError::Community { .. } | StoreError::Unsigned { .. } | StoreError::Collision { .. }) => {
            Ok(Err(Refusal::Invalid { author: Some(run.header().device) }))
        }
        Err(error) => Err(error),
    }
}

/// What to say of a run that is stored, once it is durable; `heads` are all those of its log, and it may have `refilled` some.
pub fn committed(rules: &Rules, run: &VerifiedRun, heads: &[Head], refilled: bool) -> Answer {
    let log = run.header().id();
    let Some(last) = run.events().last() else {
        return Answer::Refused { log, why: Refusal::Invalid { author: Some(run.header().device) } };
    };
    let silenced = rules.is_silenced(run.header());
    let heads = if silenced { vec![Entry::silenced(log)] } else { heads.iter().map(|head| head.entry(log)).collect() };
    Answer::Committed { last: Head { seq: last.seq, id: last.id }.entry(log), heads, refilled }
}
