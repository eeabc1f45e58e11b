//! Medicine boxes (共享药箱): ledgers of lots that neighbours give, take, split, count and pass on.
//!
//! A box knows its lots and what happened to them. Stock is never stored as a total: it is a lot's newest count and
//! the movements that count does not contain ([`containment`]); concurrent takes all count, and what does not add up
//! is shown, never clamped. It does not know the catalogue, recalls or other boxes: what joins them is a query
//! ([`transfers`], [`product_facts`]).
//!
//! ```
//! # use std::sync::Arc;
//! # use linli_core::aggregate::{medicine_box::{Goods, MedicineBox, What, When, Command}, product::{self, Class, Details, Product}};
//! # use linli_core::{id::CommandId, key::MemorySecrets, replica::{Options, Replica}};
//! # let home = tempfile::tempdir()?;
//! # let phone = Replica::open(Options::new(home.path(), Arc::new(MemorySecrets::default())))?;
//! # phone.found(None)?;
//! # let id = |nth| CommandId::from_bytes([nth; 16]);
//! let details = Details { name: "ibuprofen".into(), ..Details::default() };
//! let listed = product::Command::List { details, class: Class::OverTheCounter };
//! let product = phone.submit::<Product>(id(1), None, listed)?.aggregate;
//! let open = Command::Open { building: Some("3".into()), place: "lobby".into(), note: String::new() };
//! let shelf = phone.submit::<MedicineBox>(id(2), None, open)?.aggregate;
//! let goods = Goods { product, batch: Some("230501".into()), expiry: Some("2999-12".parse()?), unit: "box".into() };
//! let given = Command::Donate { goods, qty: 3.into(), origin: None, opened: false, blister_intact: false, when: When::default() };
//! phone.submit::<MedicineBox>(id(3), Some(shelf), given)?;
//! let what = What::Product { product, qty: 2.into(), unit: None }; // first to expire first
//! let taken = Command::Take { what, room: None, order: None, override_reason: None, when: When::default() };
//! phone.submit::<MedicineBox>(id(4), Some(shelf), taken)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod command;
mod content;
mod decide;
mod fact;
mod goods;
mod hidden;
mod households;
pub mod kind;
mod ledger;
mod lineage;
mod offer;
mod product_facts;
mod query;
mod read;
mod refusal;
mod rows;
mod state;
mod stock;
#[cfg(test)]
pub(crate) mod tests;
mod touched;

use crate::{
    aggregate::{
        Aggregate, Birth, DecisionContext, Draft, Family, History, KindSpec, Malformed, Review, RoomName, Row, Says,
        Schema, Subject, Table, Terms, address,
    },
    event::Topic,
    id::Reference,
    row,
};

pub use command::{Command, Parcel, Portion, Unfit, What, When};
pub use content::{NOTE, PLACE};
pub use fact::{
    CarriedOver, Closed, Corrected, Correction, Counted, Discarded, Donated, Edited, Fact, Found, LimitSet, Opened,
    PARTS, PERIOD_DAYS, QTY, Quarantine, Received, RestockAsked, RestockSet, Returned, Sent, Split, Taken,
};
pub use goods::{Day, Goods, NoDay, Part, Room, UTC_OFFSET_MINUTES};
pub use hidden::Hidden;
pub use ledger::{Balance, LedgerEntry, LedgerLine, balance, balance_of, ledger};
pub use offer::{Ask, HiddenLot, Offer, offer, unfit};
pub use product_facts::{ProductFacts, product_facts, today};
pub use query::{Mismatch, Totals, Transfer, Transfers, Unmatched, transfers};
pub use refusal::Refusal;
pub use rows::{BOX, BOX_ASK, BOX_LIMIT, BOX_LOT, BOX_MOVE, BOX_RESTOCK, Finding};
pub use state::{Closing, Entry, Limit, Lot, OpenAsk, Origin, State};
pub use stock::{Containment, Count, Flow, Knowledge, Moment, Move, Stock, containment};
pub use touched::{Touched, TouchedLot, TouchedMove, touched};

/// A medicine box.
#[derive(Clone, Copy, Debug)]
pub struct MedicineBox;

impl Aggregate for MedicineBox {
    const NAME: &'static str = "box";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[BOX, BOX_LOT, BOX_MOVE, BOX_ASK, BOX_RESTOCK, BOX_LIMIT];
    const SAYS: &'static [Terms] = Fact::SAYS;

    const REVIEWS: Family = Family::saying::<Finding>("review");
    const FAMILIES: &'static [Family] = &[Family::saying::<Hidden>("hidden")];

    const ROOMS: Option<Table> = Some(BOX_MOVE);

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
        if let Fact::Opened(opened) = fact { opened.building.clone() } else { None }
    }

    fn apply(state: &mut State, fact: &Fact, at: usize, history: &History, birth: &Birth) {
        state.apply(fact, at, history, birth);
    }

    fn settle(state: &mut State, history: &History) {
        state.settle(history);
    }

    fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn review(subject: &Subject<'_, State>) -> Vec<Review> {
        rows::review(subject)
    }

    fn search(subject: &Subject<'_, State>) -> Option<String> {
        let texts = [PLACE, NOTE].into_iter().filter_map(|field| subject.content.text(field));
        let building = subject.birth.building.as_deref();
        let searched = address::searched(building, None, None);
        Some(texts.chain(building).chain([searched.as_str()]).collect::<Vec<_>>().join(" "))
    }

    fn line(card: &row::Found) -> Vec<String> {
        BOX.texts(card, &["building", "place"])
    }

    fn room(moved: &row::Found) -> RoomName {
        let [building, unit, room] =
            ["room_building", "room_unit", "room"].map(|part| BOX_MOVE.cell(moved, part).text().map(str::to_owned));
        RoomName { building, unit, room }
    }

    /// An open one is closed first, and what is in it carried over.
    fn erasable(card: Option<&row::Found>) -> bool {
        card.is_none_or(|card| BOX.cell(card, "open").int() != Some(1))
    }

    fn decide(
        subject: Option<&Subject<'_, State>>,
        command: Command,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, Refusal> {
        decide::decide(subject, command, context)
    }
}
