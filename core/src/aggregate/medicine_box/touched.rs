//! What a recall touches, in every box.
//!
//! The read model is asked each time that somebody looks, so goods that are donated later are found too.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeSet;

use serde::Serialize;

use super::{BOX_LOT, BOX_MOVE, Flow, Room, rows::RECEIVED_AGAIN};
use crate::{
    aggregate::{
        Cell, Found, Match, Select, World, WorldError,
        product::every,
        recall::{RECALL, Scope, batch_key},
    },
    id::Reference,
    qty::Qty,
    time::WallMs,
};

/// References asked for in one question.
const AMONG: usize = 200;

/// A lot that holds, or held, recalled goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TouchedLot {
    /// The box it is in.
    pub medicine_box: Reference,
    /// The lot that is touched.
    pub lot: Reference,
    /// The lot it comes from, if it was split off or sent.
    pub parent: Option<Reference>,
    /// Its batch; `None` is unknown, and therefore touched.
    pub batch: Option<String>,
    /// What is left of it, in its own unit.
    pub qty: Qty,
    /// The unit it is counted in, where that is known.
    pub unit: Option<String>,
    /// It came in after the recall was raised, by the clocks of those who wrote it down.
    pub later: bool,
}

/// Something that was done with recalled goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TouchedMove {
    /// The box it was done in.
    pub medicine_box: Reference,
    /// The lot it was done with.
    pub lot: Reference,
    /// The event that says so.
    pub event: Reference,
    /// How much, positive, in the lot's unit.
    pub qty: Qty,
    /// When, as claimed.
    pub wall: WallMs,
    /// The room it went to, where known.
    pub room: Option<Room>,
    /// The order it was for.
    pub order: Option<Reference>,
    /// The box it was sent to.
    pub sent_to: Option<Reference>,
}

/// All that a recall touches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Touched {
    /// Every box in which something was touched.
    pub boxes: BTreeSet<Reference>,
    /// Every lot, descendants and later donations too.
    pub lots: Vec<TouchedLot>,
    /// Every take for a household.
    pub takes: Vec<TouchedMove>,
    /// Everything sent from box to box.
    pub transfers: Vec<TouchedMove>,
    /// Every order something was taken for.
    pub orders: BTreeSet<Reference>,
}

/// Asks what a recall touches. A recall that is not here touches nothing.
///
/// # Errors
/// When the store cannot answer.
pub fn touched(world: &dyn World, recall: Reference) -> Result<Touched, WorldError> {
    let rows = every(world, Select::from(RECALL.name).of(recall))?;
    let Some(first) = rows.first() else { return Ok(Touched::default()) };
    let at = |row, column| RECALL.cell(row, column);
    let Some(product) = at(first, "product").reference() else { return Ok(Touched::default()) };
    let raised = WallMs(at(first, "raised_wall").int().unwrap_or(0));
    let scope = if rows.iter().any(|row| at(row, "all_batches").int() == Some(1)) {
        Scope::All
    } else {
        Scope::Batches(rows.iter().filter_map(|row| at(row, "batch_key").text()).map(str::to_owned).collect())
    };
    let lots = lots(world, product, &scope)?;
    let mut touched = Touched { lots: lots.iter().filter_map(|row| lot(row, raised)).collect(), ..Touched::default() };
    let names: BTreeSet<Reference> = touched.lots.iter().map(|lot| lot.lot).collect();
    for row in among(world, &BOX_MOVE, "lot", &names)? {
        let Some(movement) = movement(&row) else { continue };
        touched.boxes.insert(row.aggregate);
        touched.orders.extend(movement.order);
        match BOX_MOVE.cell(&row, "kind").text() {
            Some("taken") => touched.takes.push(movement),
            Some("sent") => touched.transfers.push(movement),
            _ => {}
        }
    }
    touched.boxes.extend(touched.lots.iter().map(|lot| lot.medicine_box));
    Ok(touched)
}

/// Lots of the product in scope or of unknown batch, and all that descends from them.
fn lots(world: &dyn World, product: Reference, scope: &Scope) -> Result<Vec<Found>, WorldError> {
    let inside = |row: &Found| match (scope, BOX_LOT.cell(row, "batch").text()) {
        (Scope::All, _) | (_, None) => true,
        (Scope::Batches(batches), Some(batch)) => batches.contains(&batch_key(batch)),
    };
    let mut all: Vec<Found> =
        every(world, Select::from(BOX_LOT.name).is("product", product))?.into_iter().filter(inside).collect();
    let name = |row: &Found| BOX_LOT.cell(row, "lot").reference();
    let mut seen: BTreeSet<(Reference, Reference)> =
        all.iter().filter_map(|row| name(row).map(|lot| (row.aggregate, lot))).collect();
    let mut open: BTreeSet<Reference> = all.iter().filter_map(name).collect();
    while !open.is_empty() {
        let mut next = BTreeSet::new();
        open.extend(receipts(world, &open)?);
        for row in among(world, &BOX_LOT, "parent", &open)? {
            let Some(lot) = name(&row) else { continue };
            if seen.insert((row.aggregate, lot)) {
                next.insert(lot);
                all.push(row);
            }
        }
        open = next;
    }
    all.sort_by_key(|row| (row.aggregate, row.nth));
    Ok(all)
}

/// The receipts that made some lots: whoever split or sent a lot before they knew of the first receipt of its parcel named it
/// by the one they knew.
fn receipts(world: &dyn World, lots: &BTreeSet<Reference>) -> Result<Vec<Reference>, WorldError> {
    let lots: Vec<Cell> = lots.iter().map(|lot| Cell::from(*lot)).collect();
    let received = [Flow::Received.code(), RECEIVED_AGAIN].map(Cell::from).to_vec();
    let mut receipts = Vec::new();
    for some in lots.chunks(AMONG) {
        let select = Select::from(BOX_MOVE.name).and("kind", Match::Among(received.clone()));
        let rows = every(world, select.and("lot", Match::Among(some.to_vec())))?;
        receipts.extend(rows.iter().filter_map(|row| BOX_MOVE.cell(row, "event").reference()));
    }
    Ok(receipts)
}

fn among(
    world: &dyn World,
    table: &crate::aggregate::Table,
    column: &'static str,
    names: &BTreeSet<Reference>,
) -> Result<Vec<Found>, WorldError> {
    let names: Vec<Cell> = names.iter().map(|name| Cell::from(*name)).collect();
    let mut all = Vec::new();
    for some in names.chunks(AMONG) {
        all.extend(every(world, Select::from(table.name).and(column, Match::Among(some.to_vec())))?);
    }
    Ok(all)
}

fn lot(row: &Found, raised: WallMs) -> Option<TouchedLot> {
    let at = |column| BOX_LOT.cell(row, column);
    Some(TouchedLot {
        medicine_box: row.aggregate,
        lot: at("lot").reference()?,
        parent: at("parent").reference(),
        batch: at("batch").text().map(str::to_owned),
        qty: at("qty").qty().unwrap_or_default(),
        unit: at("unit").text().map(str::to_owned),
        later: at("made_wall").int().is_some_and(|wall| wall >= raised.0),
    })
}

fn movement(row: &Found) -> Option<TouchedMove> {
    let at = |column| BOX_MOVE.cell(row, column);
    let text = |column| at(column).text().map(str::to_owned);
    let room = text("room_building").zip(text("room_unit")).zip(text("room"));
    Some(TouchedMove {
        medicine_box: row.aggregate,
        lot: at("lot").reference()?,
        event: at("event").reference()?,
        qty: at("qty").qty().unwrap_or_default().saturating_abs(),
        wall: WallMs(at("wall").int().unwrap_or(0)),
        room: room.map(|((building, unit), room)| Room { building, unit, room }),
        order: at("for_order").reference(),
        sent_to: if at("kind").text() == Some("sent") { at("counterpart").reference() } else { None },
    })
}
