//! What joins boxes: transfers, and whether everything sent is accounted for.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{BOX_MOVE, Day, Goods, Parcel};
use crate::{
    aggregate::{Found, Match, Select, World, WorldError, product::every},
    id::Reference,
    qty::Qty,
};

/// A parcel from box to box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BoxTransfer"))]
pub struct Transfer {
    /// The event that sent it.
    pub sent: Reference,
    /// The box it left.
    pub from: Reference,
    /// The box it is for.
    pub to: Reference,
    /// The lot it came from.
    pub lot: Reference,
    /// What was in it.
    pub qty: Qty,
    /// What was counted on arrival; `None` is in transit.
    pub received: Option<Qty>,
    /// Whether the receipt names the same goods and quantity sent.
    pub agrees: bool,
}

/// A receipt that belongs to no `sent` here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "UnmatchedReceipt"))]
pub struct Unmatched {
    /// The event of the receipt.
    pub receipt: Reference,
    /// The box that wrote it.
    pub medicine_box: Reference,
    /// The `sent` it names.
    pub sent: Reference,
    /// What was counted.
    pub qty: Qty,
    /// Why it does not match.
    pub why: Mismatch,
}

/// Why a receipt matches no `sent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "ReceiptMismatch"))]
pub enum Mismatch {
    /// The `sent` is not here, or did not happen.
    NoSent,
    /// The `sent` names another box.
    OtherBox,
    /// Another receipt came first.
    Again,
}

/// Every transfer and what is left over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transfers {
    /// All that was sent, arrived or not.
    pub transfers: Vec<Transfer>,
    /// Receipts that belong to nothing sent here.
    pub unmatched: Vec<Unmatched>,
}

/// The sums over all boxes. Invariant: sent = received + in transit + difference shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "TransferTotals"))]
pub struct Totals {
    /// All that left a box.
    pub sent: Qty,
    /// Arrived where it was sent.
    pub received: Qty,
    /// On the way.
    pub in_transit: Qty,
    /// Missing on arrival; negative if more arrived.
    pub difference: Qty,
}

impl Totals {
    /// Whether sent = received + in transit + difference.
    pub fn holds(&self) -> bool {
        self.sent == self.received.saturating_add(self.in_transit).saturating_add(self.difference)
    }
}

impl Transfers {
    /// The sums over all of them.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for transfer in &self.transfers {
            totals.sent = totals.sent.saturating_add(transfer.qty);
            match transfer.received {
                Some(received) => {
                    totals.received = totals.received.saturating_add(received);
                    totals.difference = totals.difference.saturating_add(transfer.qty.saturating_sub(received));
                }
                None => totals.in_transit = totals.in_transit.saturating_add(transfer.qty),
            }
        }
        totals
    }
}

/// Matches what boxes sent with what boxes received.
///
/// # Errors
/// When the store cannot answer.
pub fn transfers(world: &dyn World) -> Result<Transfers, WorldError> {
    let mut all = Transfers::default();
    let mut parcels: BTreeMap<Reference, Parcel> = BTreeMap::new();
    let mut places: BTreeMap<Reference, usize> = BTreeMap::new();
    for row in every(world, Select::from(BOX_MOVE.name).is("kind", "sent"))? {
        let (Some(sent), Some(parcel)) = (BOX_MOVE.cell(&row, "event").reference(), carried(&row)) else { continue };
        let Some(lot) = parcel.lot else { continue };
        places.insert(sent, all.transfers.len());
        let (from, to, qty) = (parcel.from, parcel.to, parcel.qty);
        all.transfers.push(Transfer { sent, from, to, lot, qty, received: None, agrees: true });
        parcels.insert(sent, parcel);
    }
    let kinds = ["received", "received_again", "received_elsewhere"].map(Into::into).to_vec();
    for row in every(world, Select::from(BOX_MOVE.name).and("kind", Match::Among(kinds)))? {
        let at = |column| BOX_MOVE.cell(&row, column);
        let (Some(receipt), Some(sent)) = (at("event").reference(), at("transfer").reference()) else { continue };
        let (medicine_box, qty) = (row.aggregate, at("counted").qty().unwrap_or_default());
        let transfer = places.get(&sent).and_then(|place| all.transfers.get_mut(*place));
        let why = match transfer {
            None => Mismatch::NoSent,
            Some(transfer) if transfer.to != medicine_box => Mismatch::OtherBox,
            Some(transfer) if at("kind").text() == Some("received") && transfer.received.is_none() => {
                transfer.received = Some(qty);
                let same_goods = parcels.get(&sent).map(|parcel| &parcel.goods) == goods(&row).as_ref();
                transfer.agrees = same_goods && at("sent_qty").qty() == Some(transfer.qty);
                continue;
            }
            Some(_) => Mismatch::Again,
        };
        all.unmatched.push(Unmatched { receipt, medicine_box, sent, qty, why });
    }
    Ok(all)
}

/// What a `sent` row says is in its parcel.
pub(super) fn carried(row: &Found) -> Option<Parcel> {
    let at = |column| BOX_MOVE.cell(row, column);
    Some(Parcel {
        from: row.aggregate,
        to: at("counterpart").reference()?,
        lot: at("lot").reference(),
        goods: goods(row)?,
        qty: at("sent_qty").qty()?,
    })
}

fn goods(row: &Found) -> Option<Goods> {
    let at = |column| BOX_MOVE.cell(row, column);
    Some(Goods {
        product: at("product").reference()?,
        batch: at("batch").text().map(str::to_owned),
        expiry: at("expiry").int().and_then(|number| u32::try_from(number).ok()).and_then(Day::from_number),
        unit: at("unit").text()?.to_owned(),
    })
}
