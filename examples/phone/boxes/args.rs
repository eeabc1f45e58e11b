//! What can be typed about boxes.

use clap::{Args, Subcommand};
use linli_core::aggregate::medicine_box::{Day, Goods, When};
use serde_json::json;

use crate::{
    failure::{Failure, Outcome},
    home::Phone,
};

#[derive(Subcommand)]
pub(crate) enum BoxSubcommand {
    Open(Open),
    Edit(Edit),
    Donate(Donate),
    Take(Take),
    Return(Return),
    Split(Split),
    Count(Count),
    Found(Find),
    Discard(Discard),
    Send(Send),
    Receive(Receive),
    Quarantine(LotWhy),
    Lift(LotWhy),
    Restock(Restock),
    Low(Low),
    Limit(Limit),
    Close(Close),
    Correct(Correct),
    Show(Show),
    Offer(OfferOf),
}

/// What is said to have happened.
#[derive(Args)]
pub(crate) struct Happened {
    #[arg(long)]
    pub(super) already_happened: bool,
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
    #[arg(long, default_value = "")]
    pub(super) place: String,
    #[arg(long)]
    pub(super) building: Option<String>,
    #[arg(long, default_value = "")]
    pub(super) note: String,
}

#[derive(Args)]
pub(crate) struct Edit {
    pub(super) r#box: String,
    #[arg(long)]
    pub(super) place: Option<String>,
    #[arg(long)]
    pub(super) note: Option<String>,
}

/// What stands on a package.
#[derive(Args)]
pub(crate) struct Package {
    pub(super) product: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    pub(super) unit: String,
    #[arg(long)]
    pub(super) batch: Option<String>,
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
    pub(super) r#box: String,
    #[command(flatten)]
    pub(super) package: Package,
    #[arg(long)]
    pub(super) origin: Option<String>,
    #[arg(long)]
    pub(super) opened: bool,
    #[arg(long)]
    pub(super) blister_intact: bool,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Take {
    pub(super) r#box: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    #[arg(required_unless_present = "lot", conflicts_with = "lot")]
    pub(super) product: Option<String>,
    #[arg(long)]
    pub(super) lot: Option<String>,
    #[arg(long)]
    pub(super) unit: Option<String>,
    #[arg(long = "for", value_name = "ADDRESS")]
    pub(super) room: Option<String>,
    #[arg(long)]
    pub(super) order: Option<String>,
    #[arg(long, value_name = "REASON")]
    pub(super) r#override: Option<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Return {
    pub(super) r#box: String,
    pub(super) lot: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    #[arg(long = "for", value_name = "ADDRESS")]
    pub(super) room: Option<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Split {
    pub(super) r#box: String,
    pub(super) lot: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    pub(super) into_unit: String,
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) into_qty: Option<i64>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Count {
    pub(super) r#box: String,
    #[arg(required = true, value_name = "LOT=QTY")]
    pub(super) counted: Vec<String>,
    #[arg(long)]
    pub(super) blind: bool,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Find {
    pub(super) r#box: String,
    #[command(flatten)]
    pub(super) package: Package,
    #[arg(long)]
    pub(super) lot: Option<String>,
    #[arg(long, default_value = "")]
    pub(super) why: String,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Discard {
    pub(super) r#box: String,
    pub(super) lot: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    #[arg(long, default_value = "")]
    pub(super) why: String,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Send {
    pub(super) r#box: String,
    pub(super) lot: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    #[arg(long, value_name = "BOX")]
    pub(super) to: String,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Receive {
    pub(super) r#box: String,
    pub(super) sent: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    #[arg(long, value_name = "BOX", requires_all = ["product", "sent_qty", "unit"])]
    pub(super) from: Option<String>,
    #[arg(long)]
    pub(super) product: Option<String>,
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) sent_qty: Option<i64>,
    #[arg(long)]
    pub(super) unit: Option<String>,
    #[arg(long)]
    pub(super) batch: Option<String>,
    #[arg(long, value_name = "DAY")]
    pub(super) expiry: Option<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct LotWhy {
    pub(super) r#box: String,
    pub(super) lot: String,
    #[arg(long)]
    pub(super) why: String,
}

#[derive(Args)]
pub(crate) struct Restock {
    pub(super) r#box: String,
    pub(super) product: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) qty: i64,
    pub(super) unit: String,
    #[arg(long, default_value = "")]
    pub(super) note: String,
}

#[derive(Args)]
pub(crate) struct Low {
    pub(super) r#box: String,
    pub(super) product: String,
    pub(super) unit: String,
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) below: Option<i64>,
}

#[derive(Args)]
pub(crate) struct Limit {
    pub(super) r#box: String,
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    pub(super) qty: Option<i64>,
    #[arg(long, default_value = "7")]
    pub(super) days: u16,
    #[arg(long)]
    pub(super) product: Option<String>,
}

#[derive(Args)]
pub(crate) struct Close {
    pub(super) r#box: String,
    #[arg(long, default_value = "")]
    pub(super) why: String,
    #[arg(long, conflicts_with = "into")]
    pub(super) anyway: bool,
    #[arg(long, value_name = "BOX")]
    pub(super) into: Option<String>,
    #[arg(value_name = "LOT=QTY", requires = "into")]
    pub(super) counted: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Correct {
    pub(super) r#box: String,
    pub(super) event: String,
    #[arg(long)]
    pub(super) why: String,
    #[arg(long)]
    pub(super) undone: bool,
    #[arg(long)]
    pub(super) qty: Option<u32>,
    #[arg(long = "part", value_name = "LOT=QTY")]
    pub(super) parts: Vec<String>,
    #[arg(long, value_name = "QTY")]
    pub(super) into_qty: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Show {
    pub(super) r#box: String,
    #[arg(long)]
    pub(super) lot: Option<String>,
}

#[derive(Args)]
pub(crate) struct OfferOf {
    pub(super) r#box: String,
    pub(super) product: String,
    #[arg(default_value = "1", allow_negative_numbers = true)]
    pub(super) qty: i64,
    #[arg(long)]
    pub(super) unit: Option<String>,
}
