//! What a box leaves for screens, and what a person should look at.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Fact, Goods, NOTE, PLACE, Room, State,
    households::{Excess, excesses},
    ledger::LedgerEntry,
    lineage::Lineages,
    stock::Flow,
};
use crate::{
    aggregate::{Cell, Review, Row, Subject, Table},
    id::Reference,
    label,
    qty::Qty,
    vocabulary::Says,
};

/// One row per box. `lots` to `unknown` count lots (those with stock, and those that need a look), `asked` open wishes
/// for more, `low` products that run low. `compared` is the building's label as it is compared.
pub const BOX: Table = Table {
    name: "box",
    columns: &[
        "building",
        "compared",
        "place",
        "note",
        "open",
        "closed_why",
        "closed_into",
        "lots",
        "uncertain",
        "shortfall",
        "unknown",
        "asked",
        "low",
    ],
    indexes: &[&["compared"], &["open"]],
};

/// One row per lot. `qty` is in `unit`, negative is a shortfall; `expiry` is `yyyymmdd`.
pub const BOX_LOT: Table = Table {
    name: "box_lot",
    columns: &[
        "lot",
        "product",
        "batch",
        "expiry",
        "unit",
        "qty",
        "uncertain",
        "shortfall",
        "quarantined",
        "unknown",
        "parent",
        "origin",
        "source",
        "made_wall",
    ],
    indexes: &[&["lot"], &["product"], &["parent"], &["expiry"]],
};

/// One row per line of the ledger, and per receipt that does not count (`received_again`, `received_elsewhere`).
///
/// `qty` is the signed effect on the lot; `counted` is what a count or receipt found. `counterpart` is the other
/// box, `transfer` the `sent`, `sent_qty` what was sent. `event` and `kind` of a sent row are the transfer's name.
pub const BOX_MOVE: Table = Table {
    name: "box_move",
    columns: &[
        "lot",
        "event",
        "kind",
        "qty",
        "counted",
        "contained",
        "by_time",
        "product",
        "batch",
        "expiry",
        "unit",
        "room_building",
        "room_unit",
        "room",
        "for_order",
        "wall",
        "on_paper",
        "counterpart",
        "counterpart_lot",
        "transfer",
        "sent_qty",
        "reason",
        "author",
    ],
    indexes: &[&["lot"], &["event"], &["kind"], &["transfer"], &["for_order"], &["room_building", "room"]],
};

/// The kind of such a line of a parcel that was received before.
pub(super) const RECEIVED_AGAIN: &str = "received_again";

/// One row per open wish for more.
pub const BOX_ASK: Table =
    Table { name: "box_ask", columns: &["event", "product", "qty", "unit", "note"], indexes: &[&["product"]] };

/// One row per product that should not run low. `stock` leaves out what is set aside and what is short.
pub const BOX_RESTOCK: Table =
    Table { name: "box_restock", columns: &["product", "unit", "below", "stock", "low"], indexes: &[&["low"]] };

/// One row per limit; `product` NULL is for all others.
pub const BOX_LIMIT: Table =
    Table { name: "box_limit", columns: &["product", "qty", "days"], indexes: &[&["product"]] };

pub(super) fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
    let lineages = Lineages::of(subject.state);
    let goods: BTreeMap<Reference, Option<Goods>> =
        subject.state.lots().map(|(name, _)| (name, lineages.of_lot(name).goods())).collect();
    let restock = restock(subject.state, &lineages, &goods);
    let low = restock.iter().filter(|row| BOX_RESTOCK.cell_of(&row.cells, "low").int() == Some(1)).count();
    let mut rows = vec![the_box(subject, low)];
    rows.extend(lots(subject.state, &lineages, &goods));
    rows.extend(moves(subject, &goods));
    rows.extend(uncounted_receipts(subject));
    rows.extend(subject.state.asks().map(|(event, ask)| Row {
        table: BOX_ASK.name,
        cells: vec![
            event.into(),
            ask.product.into(),
            ask.qty.into(),
            ask.unit.as_str().into(),
            ask.note.as_str().into(),
        ],
    }));
    rows.extend(restock);
    rows.extend(subject.state.limits().filter_map(|(product, limit)| {
        let cells = vec![product.into(), limit.qty?.into(), i64::from(limit.days).into()];
        Some(Row { table: BOX_LIMIT.name, cells })
    }));
    rows
}

fn the_box(subject: &Subject<'_, State>, low: usize) -> Row {
    let state = subject.state;
    let closed = state.closed();
    let lots =
        |is: &dyn Fn(Reference, &super::Lot) -> bool| number(state.lots().filter(|(name, lot)| is(*name, lot)).count());
    Row {
        table: BOX.name,
        cells: vec![
            subject.birth.building.clone().into(),
            subject.birth.building.as_deref().map(label::building).into(),
            subject.content.text(PLACE).into(),
            subject.content.text(NOTE).into(),
            closed.is_none().into(),
            closed.map(|closed| closed.why.as_str()).into(),
            closed.and_then(|closed| closed.into).into(),
            lots(&|_, lot| lot.stock.qty() != Qty::ZERO),
            lots(&|_, lot| lot.stock.uncertain()),
            lots(&|_, lot| lot.stock.qty() < Qty::ZERO),
            lots(&|name, _| state.origin(name).is_none()),
            number(state.asks().count()),
            number(low),
        ],
    }
}

fn lots<'a>(
    state: &'a State,
    lineages: &'a Lineages<'a>,
    goods: &'a BTreeMap<Reference, Option<Goods>>,
) -> impl Iterator<Item = Row> + 'a {
    state.lots().map(move |(name, lot)| {
        let (goods, origin) = (goods.get(&name).and_then(Option::as_ref), state.origin(name));
        Row {
            table: BOX_LOT.name,
            cells: vec![
                name.into(),
                goods.map(|goods| goods.product).into(),
                goods.and_then(|goods| goods.batch.as_deref()).into(),
                goods.and_then(|goods| goods.expiry).map(|expiry| i64::from(expiry.number())).into(),
                goods.map(|goods| goods.unit.as_str()).into(),
                lot.stock.qty().into(),
                lot.stock.uncertain().into(),
                (lot.stock.qty() < Qty::ZERO).into(),
                lineages.of_lot(name).quarantined().into(),
                origin.is_none().into(),
                origin.as_ref().and_then(|origin| origin.parent).into(),
                origin.as_ref().map(|origin| origin.code).into(),
                origin.as_ref().and_then(|origin| origin.source).into(),
                origin.map(|origin| origin.moment.time().0).into(),
            ],
        }
    })
}

fn restock(state: &State, lineages: &Lineages<'_>, goods: &BTreeMap<Reference, Option<Goods>>) -> Vec<Row> {
    let mut stock: BTreeMap<(Reference, &str), Qty> = BTreeMap::new();
    for (name, lot) in state.lots() {
        let Some(goods) = goods.get(&name).and_then(Option::as_ref) else { continue };
        if !lineages.of_lot(name).quarantined() {
            let sum = stock.entry((goods.product, goods.unit.trim())).or_default();
            *sum = sum.saturating_add(lot.stock.qty().max(Qty::ZERO));
        }
    }
    let row = |((product, unit), below): (&(Reference, String), Qty)| {
        let there = stock.get(&(*product, unit.as_str())).copied().unwrap_or_default();
        Row {
            table: BOX_RESTOCK.name,
            cells: vec![(*product).into(), unit.as_str().into(), below.into(), there.into(), (there < below).into()],
        }
    };
    state.restock().map(row).collect()
}

/// What a move row says beside lot, event and effect.
#[derive(Default)]
struct Told {
    goods: Option<Goods>,
    room: Option<Room>,
    order: Option<Reference>,
    counterpart: Option<Reference>,
    counterpart_lot: Option<Reference>,
    transfer: Option<Reference>,
    sent_qty: Option<Qty>,
    reason: Option<String>,
}

fn told(fact: &Fact, event: Reference) -> Told {
    let base = Told::default();
    match fact {
        Fact::Taken(taken) => {
            Told { room: taken.room.clone(), order: taken.order, reason: taken.override_reason.clone(), ..base }
        }
        Fact::Returned(returned) => Told { room: returned.room.clone(), ..base },
        Fact::Found(found) => Told { counterpart_lot: found.lot, reason: Some(found.why.clone()), ..base },
        Fact::Discarded(discarded) => Told { reason: Some(discarded.why.clone()), ..base },
        Fact::Split(split) => Told { counterpart_lot: Some(split.lot), ..base },
        Fact::Sent(sent) => Told {
            goods: Some(sent.goods.clone()),
            counterpart: Some(sent.to),
            transfer: Some(event),
            sent_qty: Some(sent.qty),
            ..base
        },
        Fact::Received(received) => Told {
            goods: Some(received.goods.clone()),
            counterpart: Some(received.from),
            counterpart_lot: received.lot,
            transfer: Some(received.sent),
            sent_qty: Some(received.sent_qty),
            ..base
        },
        Fact::Closed(closed) => Told { counterpart: closed.into, reason: Some(closed.why.clone()), ..base },
        Fact::CarriedOver(carried) => {
            Told { counterpart: Some(carried.from), counterpart_lot: Some(carried.lot), ..base }
        }
        _ => base,
    }
}

struct MoveLine {
    lot: Reference,
    event: Reference,
    kind: &'static str,
    qty: Qty,
    counted: Option<Qty>,
    contained: Option<bool>,
    by_time: bool,
}

fn moves(subject: &Subject<'_, State>, goods: &BTreeMap<Reference, Option<Goods>>) -> Vec<Row> {
    let state = subject.state;
    let mut told: BTreeMap<Reference, Told> = BTreeMap::new();
    let mut rows = Vec::new();
    for (name, lot) in state.lots() {
        let counted = lot.stock.newest().is_some();
        for line in super::ledger(state, name) {
            let event = line.event;
            let (kind, found, contained, by_time) = match line.entry {
                LedgerEntry::Move { flow, containment } => {
                    let received = (flow == Flow::Received).then_some(line.effect);
                    (flow.code(), received, counted.then_some(containment.contained), containment.by_time)
                }
                LedgerEntry::Count { counted, history_only: false, .. } => ("counted", Some(counted), None, false),
                LedgerEntry::Count { counted, history_only: true, .. } => {
                    ("counted_earlier", Some(counted), None, false)
                }
            };
            let line = MoveLine { lot: name, event, kind, qty: line.effect, counted: found, contained, by_time };
            let told = told
                .entry(event)
                .or_insert_with(|| state.stands(event).map_or_else(Told::default, |fact| self::told(&fact, event)));
            rows.push(move_row(subject, &line, told, goods.get(&name).and_then(Option::as_ref)));
        }
    }
    rows
}

/// Receipts of what was received before, or sent elsewhere: shown, of no effect.
fn uncounted_receipts(subject: &Subject<'_, State>) -> Vec<Row> {
    let state = subject.state;
    let row = |(event, entry): (Reference, &super::Entry)| {
        let Fact::Received(_) = &entry.fact else { return None };
        let Fact::Received(received) = state.said(event)? else { return None };
        let kind = match state.receipt(received.sent) {
            Some(first) if first == event => return None,
            _ if state.received_here(received.sent, event) => RECEIVED_AGAIN,
            _ => "received_elsewhere",
        };
        let counted = Some(received.qty);
        let line =
            MoveLine { lot: state.name(event), event, kind, qty: Qty::ZERO, counted, contained: None, by_time: false };
        Some(move_row(subject, &line, &told(&Fact::Received(received), event), None))
    };
    state.entries().filter_map(row).collect()
}

fn move_row(subject: &Subject<'_, State>, line: &MoveLine, told: &Told, goods: Option<&Goods>) -> Row {
    // A transfer keeps what stands on the parcel, whatever the lot is corrected to.
    let goods = told.goods.as_ref().or(goods);
    let moment = subject.state.entry(line.event).map(|entry| (entry.at, entry.moment));
    let author = moment.and_then(|(at, _)| subject.history.acts().get(at)).map(|act| act.by);
    let room = told.room.as_ref();
    Row {
        table: BOX_MOVE.name,
        cells: vec![
            line.lot.into(),
            line.event.into(),
            line.kind.into(),
            line.qty.into(),
            line.counted.into(),
            line.contained.into(),
            line.by_time.into(),
            goods.map(|goods| goods.product).into(),
            goods.and_then(|goods| goods.batch.as_deref()).into(),
            goods.and_then(|goods| goods.expiry).map(|expiry| i64::from(expiry.number())).into(),
            goods.map(|goods| goods.unit.as_str()).into(),
            room.map(|room| room.building.as_str()).into(),
            room.map(|room| room.unit.as_str()).into(),
            room.map(|room| room.room.as_str()).into(),
            told.order.into(),
            moment.map(|(_, moment)| moment.time().0).into(),
            moment.is_some_and(|(_, moment)| moment.happened_at.is_some()).into(),
            told.counterpart.into(),
            told.counterpart_lot.into(),
            told.transfer.into(),
            told.sent_qty.into(),
            told.reason.as_deref().filter(|reason| !reason.is_empty()).into(),
            author.map_or(Cell::Null, |by| Cell::Bytes(by.as_bytes().to_vec())),
        ],
    }
}

fn number(count: usize) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// What of a box a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what the sentence names")]
pub enum Finding {
    /// A household took more than a limit allows.
    LimitExceeded { event: Reference, product: Reference, limit: Qty, days: u16, taken: Qty },
    /// A lot was moved whose donation is not here.
    UnknownLot { lot: Reference, qty: Qty },
    /// A count and a move of a lot did not know of each other.
    UncertainLot { lot: Reference, qty: Qty },
    /// More was moved out of a lot than was in it.
    Shortfall { lot: Reference, missing: Qty },
    /// Something was moved after the box was closed.
    MovedAfterClosing { lot: Reference, event: Reference, qty: Qty },
    /// A parcel was received more than once.
    ReceivedTwice { sent: Reference, receipts: Vec<Reference> },
    /// Less or more was received than was sent.
    TransferDifference { sent: Reference, sent_qty: Qty, received_qty: Qty },
    /// A parcel was received in a box it was not for.
    ReceivedElsewhere { sent: Reference, receipt: Reference, to: Reference },
}

pub(super) fn review(subject: &Subject<'_, State>) -> Vec<Review> {
    let mut all = review_lots(subject.state);
    all.extend(review_parcels(subject.state));
    all.extend(excesses(subject.state).into_iter().map(|Excess { event, product, limit, days, taken }| {
        Finding::LimitExceeded { event, product, limit, days, taken }
    }));
    all.iter().map(Review::found).collect()
}

fn review_lots(state: &State) -> Vec<Finding> {
    let mut all = Vec::new();
    for (name, lot) in state.lots() {
        let qty = lot.stock.qty();
        if state.origin(name).is_none() {
            all.push(Finding::UnknownLot { lot: name, qty });
        }
        if lot.stock.uncertain() {
            all.push(Finding::UncertainLot { lot: name, qty });
        }
        if qty < Qty::ZERO {
            all.push(Finding::Shortfall { lot: name, missing: qty.saturating_neg() });
        }
        if let Some(closed) = state.closed() {
            let late = lot.stock.moves().iter().filter(|movement| movement.at > closed.at);
            for movement in late {
                all.push(Finding::MovedAfterClosing { lot: name, event: movement.event, qty: movement.qty });
            }
        }
    }
    all
}

fn review_parcels(state: &State) -> Vec<Finding> {
    let mut all = Vec::new();
    for (sent, receipts) in state.parcels() {
        let happened: Vec<Reference> =
            receipts.iter().copied().filter(|event| state.stands(*event).is_some()).collect();
        if happened.len() > 1 {
            all.push(Finding::ReceivedTwice { sent, receipts: happened });
        }
        let Some(Fact::Received(received)) = state.receipt(sent).and_then(|event| state.said(event)) else { continue };
        if received.qty != received.sent_qty {
            let (sent_qty, received_qty) = (received.sent_qty, received.qty);
            all.push(Finding::TransferDifference { sent, sent_qty, received_qty });
        }
    }
    for (event, entry) in state.entries() {
        if let Fact::Received(received) = &entry.fact
            && !state.received_here(received.sent, event)
            && state.stands(event).is_some()
        {
            all.push(Finding::ReceivedElsewhere { sent: received.sent, receipt: event, to: received.to });
        }
    }
    all
}
