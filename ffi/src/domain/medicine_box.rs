//! Medicine boxes (共享药箱): ledgers of lots that neighbours give, take, split, count and pass on.

use linli_core::{
    aggregate::medicine_box::{
        Ask, Command as BoxCommand, Day, MedicineBox, Offer as BoxOffer, Totals as TransferTotals,
    },
    id::Reference,
    qty::Qty,
    replica::{self, BoxDetail, BoxLine},
};

use crate::{
    LinliError, Phone,
    domain::plain::{Count, submits},
};

/// What is asked of a box.
#[derive(Clone, Debug, uniffi::Record)]
pub struct BoxAskFor {
    /// Of which product.
    pub product: Reference,
    /// How much is wanted, in `unit`.
    pub qty: Qty,
    /// In which unit; none is the unit of the lot that goes first.
    #[uniffi(default)]
    pub unit: Option<String>,
    /// A keeper takes it upon them: unknown batch and missing class keep nothing back.
    #[uniffi(default)]
    pub overridden: bool,
}

submits!(submit_box, MedicineBox, BoxCommand);

#[uniffi::export]
impl Phone {
    /// Boxes, of one building or all, those in use first.
    #[uniffi::method(default(building = None))]
    pub async fn boxes(&self, building: Option<String>) -> Result<Vec<BoxLine>, LinliError> {
        self.call(move |replica| replica.boxes(building.as_deref())).await
    }

    /// A box in full: every lot with its ledger, parcels on the way, what does not match.
    pub async fn box_detail(&self, medicine_box: Reference) -> Result<BoxDetail, LinliError> {
        self.call(move |replica| replica.box_detail(medicine_box)).await
    }

    /// What a box offers of a product: lots that expire first go first; what is kept back, and why.
    pub async fn offer(&self, medicine_box: Reference, ask: BoxAskFor) -> Result<BoxOffer, LinliError> {
        self.call(move |replica| {
            let BoxAskFor { product, qty, unit, overridden } = ask;
            replica.offer(medicine_box, &Ask { product, qty, unit: unit.as_deref(), overridden })
        })
        .await
    }

    /// Whether what the boxes say adds up: ledgers to stocks, and what was sent to what arrived.
    pub async fn ledger_totals(&self) -> Result<LedgerTotals, LinliError> {
        self.call(move |replica| replica.ledger_totals().map(LedgerTotals::from)).await
    }

    /// The local day, by this device's clock and the community's settings.
    pub async fn today(&self) -> Result<Day, LinliError> {
        self.call(move |replica| replica.today()).await
    }
}

/// A lot, and the box it is in.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LotPlace {
    /// The box it is in.
    pub medicine_box: Reference,
    /// The lot, by the event that put it in.
    pub lot: Reference,
}

/// The sums over all boxes that must agree.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LedgerTotals {
    /// Boxes looked at.
    pub boxes: Count,
    /// Lots looked at.
    pub lots: Count,
    /// Lots whose ledger does not come to their stock. Empty, unless the engine is at fault.
    pub broken: Vec<LotPlace>,
    /// Between boxes: sent = received + in transit + difference shown.
    pub transfers: TransferTotals,
    /// Receipts that match no parcel here.
    pub unmatched: Count,
    /// Whether ledger = stock and sent = received + in transit + difference, everywhere.
    pub holds: bool,
}

impl From<replica::LedgerTotals> for LedgerTotals {
    fn from(totals: replica::LedgerTotals) -> Self {
        let holds = totals.holds();
        let replica::LedgerTotals { boxes, lots, broken, transfers, unmatched } = totals;
        let broken = broken.into_iter().map(|(medicine_box, lot)| LotPlace { medicine_box, lot }).collect();
        Self { boxes, lots, broken, transfers, unmatched, holds }
    }
}
