//! Medicine boxes (共享药箱): ledgers of lots that neighbours give, take, split, count and pass on.

use linli_core::{
    aggregate::{
        Review, Told,
        medicine_box::{
            self, Ask, Balance as BoxBalance, Day, Hidden as LotHidden, Limit, MedicineBox, OpenAsk, Part as LotPart,
            Totals as TransferTotals, Transfer as BoxTransfer, Unmatched as UnmatchedReceipt, Wish as BoxWish,
        },
    },
    id::{CommandId, Reference},
    replica::{self, BoxLine, LotDetail, Receipt},
};

use crate::{
    LinliError, Phone,
    domain::plain::{Count, Names},
};

/// What is asked of a box.
#[derive(Clone, Debug, uniffi::Record)]
pub struct BoxAskFor {
    /// Of which product.
    pub product: Reference,
    /// How much.
    pub qty: u32,
    /// In which unit; none is the unit of the lot that goes first.
    #[uniffi(default)]
    pub unit: Option<String>,
    /// A keeper takes it upon them: unknown batch and missing class keep nothing back.
    #[uniffi(default)]
    pub overridden: bool,
}

#[uniffi::export]
impl Phone {
    /// Carries out a wish: `on` names the box, and is left out for the wish that makes one. Durable when it returns.
    /// The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same wish said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_box(&self, id: CommandId, wish: BoxWish, on: Option<Reference>) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<MedicineBox>(id, on, wish)).await
    }

    /// Boxes, of one building or all, those in use first.
    #[uniffi::method(default(building = None))]
    pub async fn boxes(&self, building: Option<String>) -> Result<Vec<BoxLine>, LinliError> {
        self.call(move |replica| replica.boxes(building.as_deref())).await
    }

    /// A box in full: every lot with its ledger, parcels on the way, what does not match.
    pub async fn box_detail(&self, medicine_box: Reference) -> Result<BoxDetail, LinliError> {
        self.call(move |replica| replica.box_detail(medicine_box).map(BoxDetail::from)).await
    }

    /// What a box offers of a product: lots that expire first go first; what is kept back, and why.
    pub async fn offer(&self, medicine_box: Reference, ask: BoxAskFor) -> Result<BoxOffer, LinliError> {
        self.call(move |replica| {
            let BoxAskFor { product, qty, unit, overridden } = ask;
            replica.offer(medicine_box, &Ask { product, qty, unit: unit.as_deref(), overridden }).map(BoxOffer::from)
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

/// A wish for more that is open.
#[derive(Clone, Debug, uniffi::Record)]
pub struct BoxAsk {
    /// The event that says so.
    pub event: Reference,
    /// Of what.
    pub product: Reference,
    /// How much.
    pub qty: u32,
    /// In which unit.
    pub unit: String,
    /// A word on why.
    pub note: String,
}

/// How much one household may take.
#[derive(Clone, Debug, uniffi::Record)]
pub struct BoxLimit {
    /// Of which product; without one, of all others.
    pub product: Option<Reference>,
    /// How much, in the lots' own units; none is no limit.
    pub qty: Option<u32>,
    /// In how many days.
    pub days: u16,
}

/// A box in full.
#[derive(Clone, Debug, uniffi::Record)]
pub struct BoxDetail {
    /// What lists show of it.
    pub line: BoxLine,
    /// Every lot it ever had, in the order of their names.
    pub lots: Vec<LotDetail>,
    /// The sums over all lots. Invariant: ledger = stock.
    pub balance: BoxBalance,
    /// Wishes for more that are open.
    pub asks: Vec<BoxAsk>,
    /// Limits per household.
    pub limits: Vec<BoxLimit>,
    /// Parcels it sent, and those sent to it. Not received: in transit.
    pub transfers: Vec<BoxTransfer>,
    /// Receipts of its own, or of what it sent, that match no parcel.
    pub unmatched: Vec<UnmatchedReceipt>,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members, where they have one and the key that seals it is held.
    pub names: Names,
}

impl From<replica::BoxDetail> for BoxDetail {
    fn from(detail: replica::BoxDetail) -> Self {
        let ask = |(event, ask): (Reference, OpenAsk)| {
            let OpenAsk { product, qty, unit, note, .. } = ask;
            BoxAsk { event, product, qty, unit, note }
        };
        let limit =
            |(product, limit): (Option<Reference>, Limit)| BoxLimit { product, qty: limit.qty, days: limit.days };
        Self {
            line: detail.line,
            lots: detail.lots,
            balance: detail.balance,
            asks: detail.asks.into_iter().map(ask).collect(),
            limits: detail.limits.into_iter().map(limit).collect(),
            transfers: detail.transfers,
            unmatched: detail.unmatched,
            history: detail.history,
            review: detail.review,
            names: detail.names,
        }
    }
}

/// A lot that is kept back.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HiddenLot {
    /// The lot.
    pub lot: Reference,
    /// Why.
    pub why: LotHidden,
}

/// What a box offers of a product.
#[derive(Clone, Debug, uniffi::Record)]
pub struct BoxOffer {
    /// From which lots, first to expire first; of unknown expiry last.
    pub picks: Vec<LotPart>,
    /// Lots of the product that are kept back, and why.
    pub hidden: Vec<HiddenLot>,
    /// How much is missing.
    pub missing: i64,
}

impl From<medicine_box::Offer> for BoxOffer {
    fn from(offer: medicine_box::Offer) -> Self {
        let hidden = offer.hidden.into_iter().map(|(lot, why)| HiddenLot { lot, why }).collect();
        Self { picks: offer.picks, hidden, missing: offer.missing }
    }
}

/// A lot, and the box it is in.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LotPlace {
    /// The box.
    pub medicine_box: Reference,
    /// The lot.
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
