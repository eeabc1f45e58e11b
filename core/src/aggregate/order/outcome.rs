//! How an order stands, worked out of everything said.
//!
//! A reopening ends what its author knew of; money and things stay as they are. Facts beat decisions: a delivered order
//! is delivered, even if somebody cancelled it at the same time.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    aggregate::{History, knowledge::Known},
    id::{MemberId, Reference},
    time::WallMs,
};

use super::{
    fact::{Carried, Fact, Thing},
    holder::{Hold, OpenOffer, Places, Progress, latest},
    state::{Entry, State},
};

/// How an order stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "OrderStatus"))]
pub enum Status {
    /// Nobody holds it.
    Open,
    /// Somebody holds it.
    Claimed,
    /// Somebody bought what is asked for, whether or not they still hold it.
    Purchased,
    /// It is there.
    Delivered,
    /// It is there, and somebody asked.
    Confirmed,
    /// It is not wanted any more.
    Cancelled,
    /// It goes on in another building's order.
    Moved,
    /// It is written down in another order.
    Duplicate,
}

impl Status {
    /// The code in rows.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// Whether something is left to do.
    pub const fn is_open(self) -> bool {
        matches!(self, Status::Open | Status::Claimed | Status::Purchased)
    }
}

/// Money laid out and paid back, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "OrderMoney"))]
pub struct Money {
    /// Laid out by volunteers.
    pub cost: i64,
    /// Paid back to them.
    pub reimbursed: i64,
    /// Cost less reimbursed; below 0 when more was paid back than laid out.
    pub owed: i64,
}

/// What a member has of the resident's. Below 0 when more left their hands than came into them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "OrderCustody"))]
pub struct Custody {
    /// The kind of thing.
    pub thing: Thing,
    /// Its name, where there is one.
    pub label: Option<String>,
    /// Who has it.
    pub member: MemberId,
    /// Cents of cash, else how many.
    pub amount: i64,
}

/// How an order stands. Numbers of acts are places in its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it stands.
    pub status: Status,
    /// Who holds it; when it has ended, who held it last.
    pub holder: Option<Hold>,
    /// Who else believes to hold it.
    pub contenders: Vec<Hold>,
    /// Everybody who stands anywhere, in the order of their places.
    pub standing: Vec<Hold>,
    /// Hand-overs that can still be accepted.
    pub offers: Vec<OpenOffer>,
    /// Purchases since the last reopening.
    pub purchases: Vec<usize>,
    /// Vain attempts since the last reopening.
    pub attempts: Vec<usize>,
    /// Deliveries since the last reopening.
    pub deliveries: Vec<usize>,
    /// Cancellations since the last reopening.
    pub cancels: Vec<usize>,
    /// Confirmations since the last reopening.
    pub confirmations: Vec<usize>,
    /// The order it moved to: the first move said.
    pub moved: Option<(usize, Reference)>,
    /// The order it duplicates: the first said.
    pub duplicate: Option<(usize, Reference)>,
    /// What ended it.
    pub ended: Option<usize>,
    /// Two people delivered it, or one twice.
    pub delivered_twice: bool,
    /// Concurrent assignments to different people.
    pub assigned_differently: Option<(usize, usize)>,
    /// Money, reopened or not.
    pub money: Money,
    /// What members have of the resident's, reopened or not; what adds up to nothing is left out.
    pub custody: Vec<Custody>,
    /// When it was asked for.
    pub opened: WallMs,
    /// Where it was last said to be needed; none where that was when it was asked for.
    pub refreshed: Option<usize>,
    /// The holder's last progress.
    pub progress: Option<usize>,
}

impl Outcome {
    /// Whether somebody else believes to hold what is still to be done.
    pub fn contested(&self) -> bool {
        self.status.is_open() && !self.contenders.is_empty()
    }

    /// Whether this member holds it.
    pub fn held_by(&self, member: MemberId) -> bool {
        self.holder.is_some_and(|hold| hold.member == member)
    }

    /// Whether this member stands anywhere.
    pub fn stands(&self, member: MemberId) -> bool {
        self.standing.iter().any(|hold| hold.member == member)
    }
}

/// Works out how an order stands. Pure: the same events give the same answer, however they came.
///
/// # Panics
/// If the history is not the one the state was folded from.
pub fn outcome(state: &State, history: &History) -> Outcome {
    let reopened = reopened(state, history);
    let round = Round::of(state, history, reopened.as_ref());
    let places = Places::of(state, history, reopened.as_ref());
    let holder = places.holder(&latest(&round.progress));
    let status = round.status(holder.is_some());
    let mine = round.progress.iter().filter(|progress| holder.is_some_and(|hold| hold.member == progress.by));
    let last = mine.map(|progress| progress.at).max();
    Outcome {
        status,
        holder,
        contenders: holder.map(|hold| places.contenders(&hold)).unwrap_or_default(),
        standing: places.standing().collect(),
        offers: places.offers(),
        ended: round.ended(status),
        delivered_twice: delivered_twice(state, history, &round.deliveries),
        assigned_differently: places.assigned_differently,
        money: money(state),
        custody: custody(state),
        opened: opened(state, history),
        refreshed: round.refreshed,
        progress: last,
        purchases: round.purchases,
        attempts: round.attempts,
        deliveries: round.deliveries,
        cancels: round.cancels,
        confirmations: round.confirmations,
        moved: round.moved,
        duplicate: round.duplicate,
    }
}

/// What authors of reopenings knew.
fn reopened(state: &State, history: &History) -> Option<Known> {
    let reopenings = state.entries.iter().filter(|entry| matches!(entry.stands, Some(Fact::Reopened(_))));
    let mut reopenings = reopenings.map(|entry| entry.at).peekable();
    reopenings.peek()?;
    Some(history.known_to(reopenings))
}

/// What was said since the last reopening.
#[derive(Default)]
struct Round {
    progress: Vec<Progress>,
    purchases: Vec<usize>,
    attempts: Vec<usize>,
    deliveries: Vec<usize>,
    cancels: Vec<usize>,
    confirmations: Vec<usize>,
    moved: Option<(usize, Reference)>,
    duplicate: Option<(usize, Reference)>,
    refreshed: Option<usize>,
}

impl Round {
    fn of(state: &State, history: &History, reopened: Option<&Known>) -> Self {
        let mut round = Round::default();
        for Entry { at, stands, .. } in &state.entries {
            let at = *at;
            if let Some(Fact::StillNeeded(_) | Fact::Reopened(_)) = stands {
                round.refreshed = Some(at);
            }
            if reopened.is_some_and(|known| history.is_in(known, at)) {
                continue;
            }
            let list = match stands {
                Some(Fact::Purchased(_)) => &mut round.purchases,
                Some(Fact::Attempted(_)) => &mut round.attempts,
                Some(Fact::Delivered(_)) => &mut round.deliveries,
                Some(Fact::Cancelled(_)) => &mut round.cancels,
                Some(Fact::Confirmed(_)) => &mut round.confirmations,
                Some(Fact::Moved(moved)) => {
                    round.moved.get_or_insert((at, moved.to));
                    continue;
                }
                Some(Fact::DuplicateOf(duplicate)) => {
                    round.duplicate.get_or_insert((at, duplicate.order));
                    continue;
                }
                _ => continue,
            };
            list.push(at);
            if matches!(stands, Some(Fact::Purchased(_) | Fact::Attempted(_) | Fact::Delivered(_))) {
                round.progress.push(Progress { at, by: history.act(at).by });
            }
        }
        round
    }

    fn status(&self, held: bool) -> Status {
        match (self.deliveries.is_empty(), self.confirmations.is_empty()) {
            (false, false) => Status::Confirmed,
            (false, true) => Status::Delivered,
            (true, _) if self.moved.is_some() => Status::Moved,
            (true, _) if self.duplicate.is_some() => Status::Duplicate,
            (true, _) if !self.cancels.is_empty() => Status::Cancelled,
            (true, _) if !self.purchases.is_empty() => Status::Purchased,
            (true, _) if held => Status::Claimed,
            (true, _) => Status::Open,
        }
    }

    fn ended(&self, status: Status) -> Option<usize> {
        match status {
            Status::Open | Status::Claimed | Status::Purchased => None,
            Status::Delivered | Status::Confirmed => self.deliveries.first().copied(),
            Status::Cancelled => self.cancels.first().copied(),
            Status::Moved => self.moved.map(|(at, _)| at),
            Status::Duplicate => self.duplicate.map(|(at, _)| at),
        }
    }
}

/// Whether one delivery did not know of the one before it, or knew and is said to have happened all the same.
fn delivered_twice(state: &State, history: &History, deliveries: &[usize]) -> bool {
    deliveries.windows(2).any(|pair| {
        let [one, other] = pair else { return false };
        let said = state.entry(*other).and_then(|entry| entry.stands.as_ref());
        let insists = matches!(said, Some(Fact::Delivered(delivered)) if delivered.already_happened);
        insists || !history.knew(*other, *one)
    })
}

fn money(state: &State) -> Money {
    let (mut cost, mut reimbursed) = (0i64, 0i64);
    for entry in &state.entries {
        match &entry.stands {
            Some(Fact::Purchased(bought)) => cost = cost.saturating_add(bought.cost_cents.unwrap_or(0)),
            Some(Fact::Reimbursed(paid)) => reimbursed = reimbursed.saturating_add(paid.cents),
            _ => {}
        }
    }
    Money { cost, reimbursed, owed: cost.saturating_sub(reimbursed) }
}

fn custody(state: &State) -> Vec<Custody> {
    let mut amounts: BTreeMap<(Thing, Option<&str>, MemberId), i64> = BTreeMap::new();
    for entry in &state.entries {
        let Some(Fact::Entrusted(carried) | Fact::PassedOn(carried) | Fact::Returned(carried)) = &entry.stands else {
            continue;
        };
        let Carried { thing, label, from, to, .. } = carried;
        let amount = carried.amount_cents.unwrap_or(1);
        for (member, change) in [(from, -amount), (to, amount)] {
            if let Some(member) = member {
                let held = amounts.entry((*thing, label.as_deref(), *member)).or_default();
                *held = held.saturating_add(change);
            }
        }
    }
    let left = amounts.into_iter().filter(|(_, amount)| *amount != 0);
    left.map(|((thing, label, member), amount)| Custody { thing, label: label.map(str::to_owned), member, amount })
        .collect()
}

/// When it was asked for: on paper before it was written down.
fn opened(state: &State, history: &History) -> WallMs {
    let asked = state.posted.as_ref().and_then(|posted| posted.happened_at);
    asked.or_else(|| history.acts().first().map(|act| act.wall)).unwrap_or_default()
}
