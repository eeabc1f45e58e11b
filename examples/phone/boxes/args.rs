//! What can be typed about boxes.

use clap::{Args, Subcommand};
use linli_core::aggregate::medicine_box::{Day, Goods, When};
use serde_json::json;

use crate::{
    desk::Phone,
    failure::{Failure, Outcome},
};

#[derive(Subcommand)]
pub(crate) enum BoxCommand {
    /// Set up a box
    Open(Open),
    /// Say where it hangs, or a word about it
    Edit(Edit),
    /// Give goods
    Donate(Donate),
    /// Take goods: of a product, first to expire first, or from a lot
    Take(Take),
    /// Bring goods back into their lot
    Return(Return),
    /// Split part of a lot into a smaller unit
    Split(Split),
    /// Count lots
    Count(Count),
    /// Write down unfit goods: set aside at once
    Found(Find),
    /// Throw goods away
    Discard(Discard),
    /// Send goods to another box
    Send(Send),
    /// Receive a parcel, counted
    Receive(Receive),
    /// Set a lot aside
    Quarantine(LotWhy),
    /// Let a lot go again (keepers)
    Lift(LotWhy),
    /// Ask for more of a product
    Restock(Restock),
    /// Say below which stock a product is low
    Low(Low),
    /// Say how much a household may take
    Limit(Limit),
    /// Close the box, or carry what is left over into another
    Close(Close),
    /// Say what an event should have said: undo a slip
    Correct(Correct),
    /// The box: lots, balance, ledger, what is hidden and why
    Show(Show),
    /// What the box would hand out of a product, and what it keeps back and why
    Offer(OfferOf),
}

/// What is said to have happened.
#[derive(Args)]
pub(crate) struct Happened {
    /// It happened, whatever speaks against it
    #[arg(long)]
    pub(super) already_happened: bool,
    /// When, if it stood on paper first: `09:30`, `2022-04-01 09:30`
    #[arg(long, value_name = "TIME")]
    pub(super) happened_at: Option<String>,
}

impl Happened {
    pub(super) fn when(&self, phone: &Phone) -> Outcome<When> {
        let happened_at = self.happened_at.as_deref().map(|text| phone.time(text)).transpose()?;
        Ok(When { already_happened: self.already_happened, happened_at })
    }
}

#[derive(Args)]
pub(crate) struct Open {
    /// Where it hangs
    #[arg(long, default_value = "")]
    pub(super) place: String,
    /// The building it belongs to
    #[arg(long)]
    pub(super) building: Option<String>,
    /// A word about it
    #[arg(long, default_value = "")]
    pub(super) note: String,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The box
    pub(super) r#box: String,
    /// Where it hangs
    #[arg(long)]
    pub(super) place: Option<String>,
    /// A word about it
    #[arg(long)]
    pub(super) note: Option<String>,
}

/// What stands on a package.
#[derive(Args)]
pub(crate) struct Package {
    /// The product: its name, another name, barcode, or id
    pub(super) product: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// Of what: box, strip, tablet, 盒, 板, 片
    pub(super) unit: String,
    /// The batch as printed; without it, unknown
    #[arg(long)]
    pub(super) batch: Option<String>,
    /// The last day it is good: `2024-05-31`, or `2024-05`; without it, unknown
    #[arg(long, value_name = "DAY")]
    pub(super) expiry: Option<String>,
}

impl Package {
    pub(super) fn goods(&self, phone: &Phone) -> Outcome<Goods> {
        let day = |text: &String| text.parse::<Day>().map_err(|_| Failure::new("not_a_day", json!({ "text": text })));
        Ok(Goods {
            product: phone.product(&self.product)?,
            batch: self.batch.clone(),
            expiry: self.expiry.as_ref().map(day).transpose()?,
            unit: self.unit.clone(),
        })
    }
}

#[derive(Args)]
pub(crate) struct Donate {
    /// The box
    pub(super) r#box: String,
    #[command(flatten)]
    pub(super) package: Package,
    /// Where it comes from
    #[arg(long)]
    pub(super) origin: Option<String>,
    /// The package was opened
    #[arg(long)]
    pub(super) opened: bool,
    /// Its blister is intact
    #[arg(long)]
    pub(super) blister_intact: bool,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Take {
    /// The box
    pub(super) r#box: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// Of which product, first to expire first
    #[arg(required_unless_present = "lot", conflicts_with = "lot")]
    pub(super) product: Option<String>,
    /// From which lot
    #[arg(long)]
    pub(super) lot: Option<String>,
    /// In which unit
    #[arg(long)]
    pub(super) unit: Option<String>,
    /// For which room: 3-2-1804; never a name
    #[arg(long = "for", value_name = "ADDRESS")]
    pub(super) room: Option<String>,
    /// For which order
    #[arg(long)]
    pub(super) order: Option<String>,
    /// A keeper's reason to pass over a limit or a missing class
    #[arg(long, value_name = "REASON")]
    pub(super) r#override: Option<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Return {
    /// The box
    pub(super) r#box: String,
    /// The lot
    pub(super) lot: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// From which room
    #[arg(long = "for", value_name = "ADDRESS")]
    pub(super) room: Option<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Split {
    /// The box
    pub(super) r#box: String,
    /// The lot
    pub(super) lot: String,
    /// How much of it
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// Into which unit
    pub(super) into_unit: String,
    /// How much that is; without it the product's units say
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) into_qty: Option<i64>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Count {
    /// The box
    pub(super) r#box: String,
    /// Lots and what was there: `a1b2=12`; 0 is a count too
    #[arg(required = true, value_name = "LOT=QTY")]
    pub(super) counted: Vec<String>,
    /// The counter was not shown what should be there
    #[arg(long)]
    pub(super) blind: bool,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Find {
    /// The box
    pub(super) r#box: String,
    #[command(flatten)]
    pub(super) package: Package,
    /// They are part of this lot; the product is then only named to be sure
    #[arg(long)]
    pub(super) lot: Option<String>,
    /// What is wrong with them
    #[arg(long, default_value = "")]
    pub(super) why: String,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Discard {
    /// The box
    pub(super) r#box: String,
    /// The lot
    pub(super) lot: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// Why
    #[arg(long, default_value = "")]
    pub(super) why: String,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Send {
    /// The box
    pub(super) r#box: String,
    /// The lot
    pub(super) lot: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// To which box
    #[arg(long, value_name = "BOX")]
    pub(super) to: String,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Receive {
    /// The box
    pub(super) r#box: String,
    /// The parcel: the event that sent it
    pub(super) sent: String,
    /// How much was counted
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// Not known here yet: from which box, as the parcel says
    #[arg(long, value_name = "BOX", requires_all = ["product", "sent_qty", "unit"])]
    pub(super) from: Option<String>,
    /// The product on the parcel
    #[arg(long)]
    pub(super) product: Option<String>,
    /// How much the parcel says
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) sent_qty: Option<i64>,
    /// The unit on the parcel
    #[arg(long)]
    pub(super) unit: Option<String>,
    /// The batch on the parcel
    #[arg(long)]
    pub(super) batch: Option<String>,
    /// The expiry on the parcel
    #[arg(long, value_name = "DAY")]
    pub(super) expiry: Option<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct LotWhy {
    /// The box
    pub(super) r#box: String,
    /// The lot
    pub(super) lot: String,
    /// Why
    #[arg(long)]
    pub(super) why: String,
}

#[derive(Args)]
pub(crate) struct Restock {
    /// The box
    pub(super) r#box: String,
    /// Of which product
    pub(super) product: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// Of what
    pub(super) unit: String,
    /// A word on why
    #[arg(long, default_value = "")]
    pub(super) note: String,
}

#[derive(Args)]
pub(crate) struct Low {
    /// The box
    pub(super) r#box: String,
    /// Which product
    pub(super) product: String,
    /// In which unit
    pub(super) unit: String,
    /// Less than this is low; without it, no more said
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) below: Option<i64>,
}

#[derive(Args)]
pub(crate) struct Limit {
    /// The box
    pub(super) r#box: String,
    /// How much a household may take in so many days; without it, no limit
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) qty: Option<i64>,
    /// The period
    #[arg(long, default_value = "7")]
    pub(super) days: u16,
    /// Of which product; without it, of each that has no limit of its own
    #[arg(long)]
    pub(super) product: Option<String>,
}

#[derive(Args)]
pub(crate) struct Close {
    /// The box
    pub(super) r#box: String,
    /// Why
    #[arg(long, default_value = "")]
    pub(super) why: String,
    /// Although something is left in it
    #[arg(long, conflicts_with = "into")]
    pub(super) anyway: bool,
    /// Carry what is left over into this box
    #[arg(long, value_name = "BOX")]
    pub(super) into: Option<String>,
    /// Carried over: lots and what was there, `a1b2=12`
    #[arg(value_name = "LOT=QTY", requires = "into")]
    pub(super) counted: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Correct {
    /// The box
    pub(super) r#box: String,
    /// The event, as the ledger shows it
    pub(super) event: String,
    /// Why
    #[arg(long)]
    pub(super) why: String,
    /// It did not happen
    #[arg(long)]
    pub(super) undone: bool,
    /// The quantity
    #[arg(long)]
    pub(super) qty: Option<u32>,
    /// The lots and their quantities: `a1b2=12`, again for more
    #[arg(long = "part", value_name = "LOT=QTY")]
    pub(super) parts: Vec<String>,
    /// A split's quantity in the new unit
    #[arg(long, value_name = "QTY")]
    pub(super) into_qty: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The box
    pub(super) r#box: String,
    /// Only this lot
    #[arg(long)]
    pub(super) lot: Option<String>,
}

#[derive(Args)]
pub(crate) struct OfferOf {
    /// The box
    pub(super) r#box: String,
    /// The product
    pub(super) product: String,
    /// How much is wanted
    #[arg(default_value = "1", allow_negative_numbers = true)]
    pub(super) qty: i64,
    /// In which unit
    #[arg(long)]
    pub(super) unit: Option<String>,
}
