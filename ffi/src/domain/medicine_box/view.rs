//! What screens show of boxes: lots, ledgers, parcels on the way, and the sums that must agree.

use linli_core::{
    aggregate::{
        Review, Told,
        medicine_box::{
            self, Balance as BoxBalance, Containment, Day, Flow as LotFlow, Goods, Hidden as LotHidden, Limit,
            Line as LedgerLine, LineEntry as LedgerEntry, Mismatch as ReceiptMismatch, OpenAsk, Part as LotPart,
            Totals as TransferTotals, Transfer as BoxTransfer, Unmatched as UnmatchedReceipt,
        },
    },
    id::Reference,
    replica::{self, BoxLine, LotDetail},
};

use crate::domain::plain::{Code, Count, Names};

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

/// Why a lot is not offered.
#[uniffi::remote(Enum)]
pub enum LotHidden {
    /// Nothing is left of it.
    Empty,
    /// It is set aside.
    Quarantined,
    /// It was good until then.
    Expired {
        /// The last day it was good.
        expiry: Day,
    },
    /// Its batch, or the whole product, is recalled.
    Recalled {
        /// The recall.
        recall: Reference,
    },
    /// Batches of the product are recalled, and this one's batch is unknown.
    UnknownBatch {
        /// The recall.
        recall: Reference,
    },
    /// The product has no class yet, or is not in the catalogue here: it waits for the keeper.
    NoClass,
    /// The product needs a prescription.
    Prescription,
    /// Nobody here knows what it is.
    UnknownLot,
    /// It is counted in another unit than asked for.
    OtherUnit {
        /// Its unit.
        unit: String,
    },
}

/// Why a quantity changes.
#[uniffi::remote(Enum)]
pub enum LotFlow {
    /// Given.
    Donated,
    /// Arrived from another box.
    Received,
    /// Discovered, written down by nobody before.
    Found,
    /// Came back from a household.
    Returned,
    /// Made by a split, or set aside out of another lot.
    SplitIn,
    /// Went on from a closed box.
    CarriedIn,
    /// Taken.
    Taken,
    /// Thrown away.
    Discarded,
    /// Left for another box.
    Sent,
    /// Became another lot.
    SplitOut,
    /// Went on in another box when this one closed.
    CarriedOut,
}

/// Whether a count already contains a movement, and whether a clock had to say so.
#[uniffi::remote(Record)]
pub struct Containment {
    /// The count was made of what the movement had left.
    pub contained: bool,
    /// Time alone said so: what the authors knew did not, or said otherwise. Count again.
    pub by_time: bool,
}

/// One line of a lot's ledger, in the order of the history.
#[uniffi::remote(Record)]
pub struct LedgerLine {
    /// The event.
    pub event: Reference,
    /// Its place in the history.
    pub at: Count,
    /// What it is.
    pub entry: LedgerEntry,
    /// By how much it changes the sum; a count by what it found beside what it contains.
    pub effect: i64,
    /// The sum so far. On the last line it is the stock.
    pub running: i64,
}

/// What a line is.
#[uniffi::remote(Enum)]
pub enum LedgerEntry {
    /// A movement, and whether the newest count contains it.
    Move {
        /// Why.
        flow: LotFlow,
        /// Whether the newest count contains it.
        containment: Containment,
    },
    /// A count.
    Count {
        /// How much was there.
        counted: i64,
        /// Whether it is the one that stands.
        stands: bool,
        /// Whether it is dated before one it had seen.
        history_only: bool,
    },
}

/// What flowed in and out, in the lots' own units, and what is there.
#[uniffi::remote(Record)]
pub struct BoxBalance {
    /// Given.
    pub donated: i64,
    /// Arrived from other boxes.
    pub received: i64,
    /// Discovered, written down by nobody before.
    pub found: i64,
    /// Came back from households.
    pub returned: i64,
    /// Made by splits, or set aside out of other lots.
    pub split_in: i64,
    /// Went on from closed boxes.
    pub carried_in: i64,
    /// Taken.
    pub taken: i64,
    /// Thrown away.
    pub discarded: i64,
    /// Left for other boxes.
    pub sent: i64,
    /// Became other lots.
    pub split_out: i64,
    /// Went on in another box when this one closed.
    pub carried_out: i64,
    /// What counts found beside what they contain; negative if it was lost.
    pub adjusted: i64,
    /// What is there.
    pub stock: i64,
}

/// A parcel from box to box.
#[uniffi::remote(Record)]
pub struct BoxTransfer {
    /// The `sent`.
    pub sent: Reference,
    /// The box it left.
    pub from: Reference,
    /// The box it is for.
    pub to: Reference,
    /// The lot it came from.
    pub lot: Reference,
    /// What was in it.
    pub qty: i64,
    /// What was counted on arrival; `None` is in transit.
    pub received: Option<i64>,
    /// Whether the receipt names the same goods and quantity sent.
    pub agrees: bool,
}

/// A receipt that belongs to no `sent` here.
#[uniffi::remote(Record)]
pub struct UnmatchedReceipt {
    /// The receipt.
    pub receipt: Reference,
    /// The box that wrote it.
    pub medicine_box: Reference,
    /// The `sent` it names.
    pub sent: Reference,
    /// What was counted.
    pub qty: i64,
    /// Why it does not match.
    pub why: ReceiptMismatch,
}

/// Why a receipt matches no `sent`.
#[uniffi::remote(Enum)]
pub enum ReceiptMismatch {
    /// The `sent` is not here, or did not happen.
    NoSent,
    /// The `sent` names another box.
    OtherBox,
    /// Another receipt came first.
    Again,
}

/// The sums over all boxes. Invariant: sent = received + in transit + difference shown.
#[uniffi::remote(Record)]
pub struct TransferTotals {
    /// Left boxes.
    pub sent: i64,
    /// Arrived where it was sent.
    pub received: i64,
    /// On the way.
    pub in_transit: i64,
    /// Missing on arrival; negative if more arrived.
    pub difference: i64,
}

/// A box in a list.
#[uniffi::remote(Record)]
pub struct BoxLine {
    /// The box.
    pub medicine_box: Reference,
    /// Its building, if it belongs to one.
    pub building: Option<String>,
    /// Where it stands.
    pub place: Option<String>,
    /// A word about it.
    pub note: Option<String>,
    /// Whether it is in use.
    pub open: bool,
    /// Lots that are not used up.
    pub lots: i64,
    /// Lots to be counted again.
    pub uncertain: i64,
    /// Lots of which more left than came.
    pub shortfall: i64,
    /// Lots nobody here knows what they are.
    pub unknown: i64,
    /// Open wishes for more.
    pub asked: i64,
    /// Products that run low.
    pub low: i64,
}

/// A lot of a box, with how it came to its stock.
#[uniffi::remote(Record)]
pub struct LotDetail {
    /// The lot.
    pub lot: Reference,
    /// What stands on the package; `None` where nobody here knows.
    pub goods: Option<Goods>,
    /// The product's name, where the catalogue has one.
    pub product: Option<String>,
    /// How much there is, in its own unit; negative is a shortfall.
    pub qty: i64,
    /// It is to be counted again.
    pub uncertain: bool,
    /// Why it is not offered, if it is not.
    pub hidden: Option<LotHidden>,
    /// How it came to be: a code, such as `donated`.
    pub origin: Option<Code>,
    /// The lot it was split off or set aside from.
    pub parent: Option<Reference>,
    /// Line by line; the last line's running sum is the stock.
    pub ledger: Vec<LedgerLine>,
    /// The sums. Invariant: ledger = stock.
    pub balance: BoxBalance,
}
