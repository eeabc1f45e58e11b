//! What can be typed about boxes.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::medicine_box::{Day, Goods},
    qty::Qty,
};
use serde_json::json;

use crate::{
    args::Happened,
    failure::{Failure, Outcome},
    home::Phone,
    quantity,
    wrong::Wrong,
};

#[derive(Subcommand)]
pub(crate) enum BoxSubcommand {
    Open {
        #[arg(long, default_value = "")]
        place: String,
        #[arg(long)]
        building: Option<String>,
        #[arg(long, default_value = "")]
        note: String,
    },
    Edit {
        r#box: String,
        #[arg(long)]
        place: Option<String>,
        #[arg(long)]
        note: Option<String>,
    },
    Donate(Donate),
    Take(Take),
    Return(Return),
    Split {
        r#box: String,
        lot: String,
        #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
        qty: Qty,
        into_unit: String,
        #[arg(long, value_name = "QTY", allow_negative_numbers = true, value_parser = quantity::read)]
        into_qty: Option<Qty>,
        #[command(flatten)]
        happened: Happened,
    },
    Count {
        r#box: String,
        #[arg(required = true, value_name = "LOT=QTY")]
        counted: Vec<String>,
        #[arg(long)]
        blind: bool,
        #[command(flatten)]
        happened: Happened,
    },
    Found(Find),
    Discard {
        r#box: String,
        lot: String,
        #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
        qty: Qty,
        #[arg(long, default_value = "")]
        why: String,
        #[command(flatten)]
        happened: Happened,
    },
    Send {
        r#box: String,
        lot: String,
        #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
        qty: Qty,
        #[arg(long, value_name = "BOX")]
        to: String,
        #[command(flatten)]
        happened: Happened,
    },
    Receive(Receive),
    Quarantine {
        r#box: String,
        lot: String,
        #[arg(long)]
        why: String,
    },
    Lift {
        r#box: String,
        lot: String,
        #[arg(long)]
        why: String,
    },
    Restock {
        r#box: String,
        product: String,
        #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
        qty: Qty,
        unit: String,
        #[arg(long, default_value = "")]
        note: String,
    },
    Low {
        r#box: String,
        product: String,
        unit: String,
        #[arg(long, value_name = "QTY", allow_negative_numbers = true, value_parser = quantity::read)]
        below: Option<Qty>,
    },
    Limit {
        r#box: String,
        #[arg(long, value_name = "QTY", allow_negative_numbers = true, value_parser = quantity::read)]
        qty: Option<Qty>,
        #[arg(long, default_value = "7")]
        days: u16,
        #[arg(long)]
        product: Option<String>,
    },
    Close {
        r#box: String,
        #[arg(long, default_value = "")]
        why: String,
        #[arg(long, conflicts_with = "into")]
        anyway: bool,
        #[arg(long, value_name = "BOX")]
        into: Option<String>,
        #[arg(value_name = "LOT=QTY", requires = "into")]
        counted: Vec<String>,
    },
    Correct(Correct),
    Show {
        r#box: String,
        #[arg(long)]
        lot: Option<String>,
    },
    Offer {
        r#box: String,
        product: String,
        #[arg(default_value = "1", allow_negative_numbers = true, value_parser = quantity::read)]
        qty: Qty,
        #[arg(long)]
        unit: Option<String>,
    },
}

/// What stands on a package.
#[derive(Args)]
pub(crate) struct Package {
    pub(super) product: String,
    #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
    pub(super) qty: Qty,
    pub(super) unit: String,
    #[arg(long)]
    pub(super) batch: Option<String>,
    #[arg(long, value_name = "DAY")]
    pub(super) expiry: Option<String>,
}

impl Package {
    pub(super) fn goods(&self, phone: &Phone) -> Outcome<Goods> {
        let day =
            |text: &String| text.parse::<Day>().map_err(|_| Failure::new(Wrong::NotADay, json!({ "text": text })));
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
    #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
    pub(super) qty: Qty,
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
    #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
    pub(super) qty: Qty,
    #[arg(long = "for", value_name = "ADDRESS")]
    pub(super) room: Option<String>,
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
pub(crate) struct Receive {
    pub(super) r#box: String,
    pub(super) sent: String,
    #[arg(allow_negative_numbers = true, value_parser = quantity::read)]
    pub(super) qty: Qty,
    #[arg(long, value_name = "BOX", requires_all = ["product", "sent_qty", "unit"])]
    pub(super) from: Option<String>,
    #[arg(long)]
    pub(super) product: Option<String>,
    #[arg(long, value_name = "QTY", allow_negative_numbers = true, value_parser = quantity::read)]
    pub(super) sent_qty: Option<Qty>,
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
pub(crate) struct Correct {
    pub(super) r#box: String,
    pub(super) event: String,
    #[arg(long)]
    pub(super) why: String,
    #[arg(long)]
    pub(super) undone: bool,
    #[arg(long, value_parser = quantity::read)]
    pub(super) qty: Option<Qty>,
    #[arg(long = "part", value_name = "LOT=QTY")]
    pub(super) parts: Vec<String>,
    #[arg(long, value_name = "QTY", value_parser = quantity::read)]
    pub(super) into_qty: Option<Qty>,
}
