//! What screens show of one order, and how a card ages.
//!
//! Whether a lease has lapsed or a need is stale depends on the hour, so it is asked of a card with the hour at hand and
//! is no part of it.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    aggregate::{Content, Subject, settings::SettingsView},
    event::{ItemId, Scalar},
    id::{MemberId, Reference},
    limits,
    qty::Qty,
    roster::{Need, Standing},
    time::WallMs,
};

use super::{
    card::{CardEvents, OrderCard, card_of, mask},
    content::{FIELDS, ITEM_FIELDS, ITEMS, Urgency, field},
    fact::{AttemptOutcome, Correction, Fact, Got, How, Posted, Way},
    outcome::{Custody, Money, Outcome, outcome},
    state::State,
};

/// One item with all values that stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ItemView {
    /// Its name among items.
    pub id: ItemId,
    /// Field to its values; the last is shown, more than one is a conflict.
    pub fields: BTreeMap<&'static str, Vec<Scalar>>,
    /// Somebody removed it while somebody else changed it.
    pub removal_contested: bool,
    /// How much was bought since the last reopening, as far as was said.
    pub bought: Qty,
}

/// A purchase since the last reopening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PurchaseView {
    /// The event that says so.
    pub event: Reference,
    /// The member who bought.
    pub by: MemberId,
    /// When: as said, else when it was written down.
    pub when: WallMs,
    /// What it cost.
    pub cost_cents: Option<i64>,
    /// What was got.
    pub got: Vec<Got>,
    /// What it was corrected to.
    pub corrected: Option<Correction>,
}

/// A vain attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AttemptView {
    /// The event that says so.
    pub event: Reference,
    /// The member who went.
    pub by: MemberId,
    /// When: as said, else when it was written down.
    pub when: WallMs,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// A delivery that somebody wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DeliveryView {
    /// The event that says so.
    pub event: Reference,
    /// The member who delivered.
    pub by: MemberId,
    /// When: as said, else when it was written down.
    pub when: WallMs,
    /// Into somebody's hands, or left at the door.
    pub how: How,
}

/// A cancellation or another end of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EndView {
    /// The event that ended it.
    pub event: Reference,
    /// The member who decided.
    pub by: MemberId,
    /// The time at which it was written down, by its author's clock.
    pub when: WallMs,
    /// The reason, in words, if one was given.
    pub why: Option<String>,
}

/// A hand-over that can still be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OfferView {
    /// The event: what accepting names.
    pub event: Reference,
    /// The holder who offers it.
    pub from: MemberId,
    /// Who may accept it.
    pub to: MemberId,
}

/// Part of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CommentView {
    /// The member who said it.
    pub by: MemberId,
    /// The time at which it was said, by its author's clock.
    pub when: WallMs,
    /// The words as they were written.
    pub text: String,
}

/// An order in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OrderView {
    /// What lists show of it.
    pub card: OrderCard,
    /// Who asked, if not the author.
    pub asked_by: Option<String>,
    /// By which way.
    pub way: Way,
    /// Who wrote it down.
    pub written_by: MemberId,
    /// When it was written down.
    pub written: WallMs,
    /// The order in the wrong building that it goes on from.
    pub moved_from: Option<Reference>,
    /// The order in which it goes on.
    pub moved_to: Option<Reference>,
    /// The order that says the same.
    pub duplicate_of: Option<Reference>,
    /// Field to its values; the last is shown, more than one is a conflict. The contact is masked unless asked for.
    pub fields: BTreeMap<&'static str, Vec<Scalar>>,
    /// What is asked for, one by one.
    pub items: Vec<ItemView>,
    /// Purchases since the last reopening.
    pub purchases: Vec<PurchaseView>,
    /// Vain attempts since the last reopening.
    pub attempts: Vec<AttemptView>,
    /// Deliveries since the last reopening.
    pub deliveries: Vec<DeliveryView>,
    /// Two of them.
    pub delivered_twice: bool,
    /// Cancellations since the last reopening.
    pub cancels: Vec<EndView>,
    /// Hand-overs that can still be accepted.
    pub offers: Vec<OfferView>,
    /// What members have of the resident's.
    pub custody: Vec<Custody>,
    /// Sums in cents: what was laid out, paid back and is owed.
    pub money: Money,
    /// The conversation, in order.
    pub comments: Vec<CommentView>,
}

/// How long a claim without progress stands before it is shown as lapsed, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leases {
    /// Of what is urgent or an emergency.
    pub urgent: i64,
    /// Of all else.
    pub normal: i64,
}

impl From<&SettingsView> for Leases {
    fn from(settings: &SettingsView) -> Self {
        let ms = |minutes: i64| minutes.saturating_mul(limits::MINUTE_MS);
        Self { urgent: ms(settings.lease_urgent_minutes), normal: ms(settings.lease_normal_minutes) }
    }
}

/// How old what a card says is at one moment, in milliseconds: each the greater of what the wall clocks say and of the
/// running time for which it is held here (R9). So a claim lapses and a need gets stale under any clock, its author's or
/// ours. What depends on it is shown, or asked about once more; nothing ends by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    now: WallMs,
    /// Since the holder took it or last got on with it, whichever is younger.
    worked: Option<u64>,
    /// Since it was last said to be needed.
    refreshed: u64,
    /// For how long it is held.
    held: u64,
}

impl Ages {
    /// The ages of a card. `held_for` says for how many milliseconds of running time an event is held.
    ///
    /// # Errors
    /// Those of `held_for`.
    pub fn of<E>(
        card: &OrderCard,
        events: &CardEvents,
        now: WallMs,
        mut held_for: impl FnMut(Reference) -> Result<u64, E>,
    ) -> Result<Self, E> {
        let mut age = |claimed: Option<WallMs>, event: Option<Reference>| {
            let both = claimed.zip(event);
            both.map(|(claimed, event)| Ok(claimed.age(now, held_for(event)?))).transpose()
        };
        let claimed = age(card.claimed, events.claimed)?;
        let progress = age(card.progress, events.progress)?;
        let refreshed = age(Some(card.refreshed), Some(events.refreshed))?.unwrap_or(0);
        let worked = [claimed, progress].into_iter().flatten().min();
        Ok(Self { now, worked, refreshed, held: held_for(events.posted)? })
    }

    /// Milliseconds until the holder's lease lapses, below 0 where it has; none where nobody holds it or it has ended.
    /// Counted from when they took the order or last got on with it.
    pub fn lapses_in(&self, card: &OrderCard, leases: Leases) -> Option<i64> {
        let lease = match card.urgency {
            Urgency::Normal => leases.normal,
            Urgency::Urgent | Urgency::Emergency => leases.urgent,
        };
        let worked = self.worked.filter(|_| card.status.is_open() && card.holder.is_some())?;
        Some(lease.saturating_sub(i64::try_from(worked).unwrap_or(i64::MAX)))
    }

    /// Whether the holder's lease has lapsed. Shown only; it ends nothing.
    pub fn lapsed(&self, card: &OrderCard, leases: Leases) -> bool {
        self.lapses_in(card, leases).is_some_and(|left| left < 0)
    }

    /// Whether nobody has said for [`limits::STALE_MS`] that it is still needed.
    pub fn stale(&self, card: &OrderCard) -> bool {
        card.status.is_open() && i64::try_from(self.refreshed).unwrap_or(i64::MAX) > limits::STALE_MS
    }

    /// Milliseconds until it is overdue, below 0 where it is; none where it has ended or nobody said by when. Who asked
    /// said for how long there is time: once it is held for as long, it is overdue whatever the clock says here.
    pub fn overdue_in(&self, card: &OrderCard) -> Option<i64> {
        let by = card.needed_by.filter(|_| card.status.is_open())?;
        let by_wall = by.0.saturating_sub(self.now.0);
        let time = Some(by.since(card.opened)).filter(|time| *time > 0);
        let by_held = time.map(|time| time.saturating_sub(i64::try_from(self.held).unwrap_or(i64::MAX)));
        Some(by_held.map_or(by_wall, |left| left.min(by_wall)))
    }

    /// Whether it is still open past the time it was needed by.
    pub fn overdue(&self, card: &OrderCard) -> bool {
        self.overdue_in(card).is_some_and(|left| left < 0)
    }
}

/// Whether a member may see the full contact: who holds the order, leaders of its building, coordinators.
pub fn may_see_contact(subject: &Subject<'_, State>, member: MemberId, standing: Standing) -> bool {
    standing.may(Need::LEADER.or(Need::COORDINATOR)) || outcome(subject.state, subject.history).held_by(member)
}

/// An order in full. `full_contact` for those whom [`may_see_contact`] lets.
pub fn view(subject: &Subject<'_, State>, full_contact: bool) -> OrderView {
    let Subject { birth, state, content, history } = subject;
    let outcome = outcome(state, history);
    let posted = state.posted.as_ref();
    OrderView {
        card: card_of(subject, &outcome),
        asked_by: posted.and_then(|posted| posted.asked_by.clone()),
        way: posted.map(|posted: &Posted| posted.way).unwrap_or_default(),
        written_by: birth.author,
        written: history.acts().first().map(|act| act.wall).unwrap_or_default(),
        moved_from: posted.and_then(|posted| posted.moved_from),
        moved_to: outcome.moved.map(|(_, to)| to),
        duplicate_of: outcome.duplicate.map(|(_, of)| of),
        fields: fields(content, full_contact),
        items: items(subject, &outcome),
        purchases: collect(&outcome.purchases, |at| purchase(subject, at)),
        attempts: collect(&outcome.attempts, |at| attempt(subject, at)),
        deliveries: collect(&outcome.deliveries, |at| delivery(subject, at)),
        delivered_twice: outcome.delivered_twice,
        cancels: collect(&outcome.cancels, |at| cancel(subject, at)),
        offers: outcome.offers.iter().map(|offer| offer_view(subject, offer)).collect(),
        money: outcome.money,
        comments: comments(subject),
        custody: outcome.custody,
    }
}

fn fields(content: &Content, full_contact: bool) -> BTreeMap<&'static str, Vec<Scalar>> {
    let shown = |field: u16, value: &Scalar| match value.text() {
        Some(contact) if field == field::CONTACT && !full_contact => Scalar::Text(mask(contact)),
        _ => value.clone(),
    };
    let all = FIELDS.iter().filter_map(|spec| {
        let values = content.fields.get(&spec.field)?;
        Some((spec.name, values.iter().map(|value| shown(spec.field, &value.value)).collect()))
    });
    all.collect()
}

fn items(subject: &Subject<'_, State>, outcome: &Outcome) -> Vec<ItemView> {
    let mut bought: BTreeMap<ItemId, Qty> = BTreeMap::new();
    for &at in &outcome.purchases {
        let Some(Fact::Purchased(purchased)) = said(subject, at) else { continue };
        for got in &purchased.got {
            let sum = bought.entry(got.item).or_default();
            *sum = sum.saturating_add(got.qty);
        }
    }
    let items = subject.content.items(ITEMS).map(|(id, item)| ItemView {
        id: *id,
        fields: ITEM_FIELDS
            .iter()
            .filter_map(|spec| {
                let values = item.fields.get(&spec.field)?;
                Some((spec.name, values.iter().map(|value| value.value.clone()).collect()))
            })
            .collect(),
        removal_contested: item.removal_contested,
        bought: bought.get(id).copied().unwrap_or_default(),
    });
    items.collect()
}

fn collect<T>(acts: &[usize], view: impl Fn(usize) -> Option<T>) -> Vec<T> {
    acts.iter().filter_map(|&at| view(at)).collect()
}

fn said<'a>(subject: &Subject<'a, State>, at: usize) -> Option<&'a Fact> {
    subject.state.entry(at).and_then(|entry| entry.stands.as_ref())
}

fn purchase(subject: &Subject<'_, State>, at: usize) -> Option<PurchaseView> {
    let (entry, act) = (subject.state.entry(at)?, subject.history.act(at));
    let Fact::Purchased(purchased) = entry.stands.as_ref()? else { return None };
    Some(PurchaseView {
        event: act.reference,
        by: act.by,
        when: purchased.happened_at.unwrap_or(act.wall),
        cost_cents: purchased.cost_cents,
        got: purchased.got.clone(),
        corrected: entry.corrected.as_ref().map(|correction| correction.value.clone()),
    })
}

fn attempt(subject: &Subject<'_, State>, at: usize) -> Option<AttemptView> {
    let Fact::Attempted(attempted) = said(subject, at)? else { return None };
    let act = subject.history.act(at);
    let when = attempted.happened_at.unwrap_or(act.wall);
    Some(AttemptView { event: act.reference, by: act.by, when, outcome: attempted.outcome })
}

fn delivery(subject: &Subject<'_, State>, at: usize) -> Option<DeliveryView> {
    let Fact::Delivered(delivered) = said(subject, at)? else { return None };
    let act = subject.history.act(at);
    let when = delivered.happened_at.unwrap_or(act.wall);
    Some(DeliveryView { event: act.reference, by: act.by, when, how: delivered.how })
}

fn cancel(subject: &Subject<'_, State>, at: usize) -> Option<EndView> {
    let Fact::Cancelled(reason) = said(subject, at)? else { return None };
    let act = subject.history.act(at);
    Some(EndView { event: act.reference, by: act.by, when: act.wall, why: reason.why.clone() })
}

fn offer_view(subject: &Subject<'_, State>, offer: &super::OpenOffer) -> OfferView {
    OfferView { event: subject.history.act(offer.at).reference, from: offer.from, to: offer.to }
}

fn comments(subject: &Subject<'_, State>) -> Vec<CommentView> {
    let all = subject.state.entries.iter().filter_map(|entry| {
        let Some(Fact::Commented(commented)) = &entry.stands else { return None };
        let act = subject.history.act(entry.at);
        Some(CommentView { by: act.by, when: act.wall, text: commented.text.clone() })
    });
    all.collect()
}
