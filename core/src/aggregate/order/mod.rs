//! Orders: what a resident asks for, from the first call to the closed door.
//!
//! People edit an order's content together; who holds it, what was bought, carried and handed over are facts and
//! decisions, folded by the rules here. Claims never overwrite each other: everything said is kept, and who holds
//! the order now is worked out of all of it, purely ([`Outcome`]). What is said to have happened is never refused.
//! This module knows no clock and no other aggregate: lapsed leases and stale needs are asked of a card with the
//! hour at hand, duplicates are a query over its rows.

mod card;
mod command;
mod content;
mod decide;
mod fact;
mod holder;
pub mod kind;
mod outcome;
mod read;
mod refusal;
mod review;
mod rows;
mod state;
#[cfg(test)]
mod tests;
mod view;

use super::{
    Aggregate, Birth, DecisionContext, Draft, Family, Found, History, KindSpec, Malformed, Review, RoomFields,
    RoomName, Row, Says, Schema, Subject, Table, Terms, address, settings::is_ordinary_kind,
};
use crate::{event::Topic, id::Reference};

pub use card::{CardEvents, ORDER_CARD, OrderCard, card, mask};
pub use command::{Change, Command};
pub use content::{Escort, ITEMS, NewItem, NewOrder, Urgency, field, item_field};
pub use fact::{
    Assigned, AttemptOutcome, Attempted, Carried, Commented, Confirmation, Corrected, Correction, Delivered,
    DuplicateOf, Fact, Got, HandOverAccepted, HandOverOffered, How, MAX_CENTS, MAX_QTY, Moved, Posted, Purchased,
    Reason, Reimbursed, Resolved, TakenOver, Thing, Way,
};
pub use holder::{Hold, OpenOffer};
pub use outcome::{Custody, Money, Outcome, Status, outcome};
pub use refusal::Refusal;
pub use review::Finding;
pub use rows::{ORDER_ITEM, ORDER_PARTY, room_key};
pub use state::{Correcting, Entry, State};
pub use view::{
    Ages, AttemptView, CommentView, DeliveryView, EndView, ItemView, Leases, OfferView, OrderView, PurchaseView,
    may_see_contact, view,
};

/// The type of aggregate: an order.
#[derive(Clone, Copy, Debug)]
pub struct Order;

impl Aggregate for Order {
    const NAME: &'static str = "order";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[ORDER_CARD, ORDER_ITEM, ORDER_PARTY];
    const SAYS: &'static [Terms] = Fact::SAYS;

    const REVIEWS: Family = Family::saying::<Finding>("review");
    const FAMILIES: &'static [Family] = &[Family::of::<Status>("status.order"), Family::of::<Urgency>("urgency")];

    const ROOMS: Option<Table> = Some(ORDER_CARD);
    const ROOM_FIELDS: Option<RoomFields> = Some(RoomFields { unit: Some(field::UNIT), room: field::ROOM });

    type Fact = Fact;
    type State = State;
    type Command = Command;
    type Refusal = Refusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
        read::read(kind, version, payload)
    }

    fn target(fact: &Fact) -> Option<Reference> {
        if let Fact::Corrected(corrected) = fact { Some(corrected.event) } else { None }
    }

    fn building(fact: &Fact) -> Option<String> {
        if let Fact::Posted(posted) = fact { Some(posted.building.clone()) } else { None }
    }

    fn apply(state: &mut State, fact: &Fact, at: usize, history: &History, _birth: &Birth) {
        state::apply(state, fact, at, history);
    }

    fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn review(subject: &Subject<'_, State>) -> Vec<Review> {
        let outcome = outcome(subject.state, subject.history);
        review::review(subject.state, subject.history, &outcome)
    }

    fn search(subject: &Subject<'_, State>) -> Option<String> {
        rows::search(subject)
    }

    fn line(card: &Found) -> Vec<String> {
        let Some(card) = OrderCard::from_row(card) else { return Vec::new() };
        let what = if card.items.is_empty() { card.kind } else { card.items.join(", ") };
        vec![address::short([Some(card.building), card.unit, card.room]), what]
    }

    fn room(card: &Found) -> RoomName {
        let [building, unit, room] =
            ["building", "unit", "room"].map(|part| ORDER_CARD.cell(card, part).text().map(str::to_owned));
        RoomName { building, unit, room }
    }

    fn counted_as(card: &Found) -> Vec<String> {
        // A count outlives what was erased: of what people typed nothing may stand in it.
        let kind =
            ORDER_CARD.cell(card, "kind").text().filter(|kind| is_ordinary_kind(kind)).unwrap_or("other").to_owned();
        [kind].into_iter().chain(ORDER_CARD.texts(card, &["status"])).collect()
    }

    fn decide(
        subject: Option<&Subject<'_, State>>,
        command: Command,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, Refusal> {
        decide::decide(subject, command, context)
    }
}
