//! What can be typed about orders.

use clap::{Args, Subcommand, builder::TypedValueParser};
use linli_core::{
    aggregate::order::{AttemptOutcome, Escort, How, NewOrder, Thing, Urgency, Way},
    vocabulary::Coded,
    written::door::Door,
};

use super::item;
use crate::{
    args::{Happened, coded},
    failure::Outcome,
    home::Phone,
};

#[derive(Subcommand)]
pub(crate) enum OrderSubcommand {
    Post(Post),
    Edit(Edit),
    Claim {
        order: String,
    },
    Release {
        order: String,
        #[arg(long)]
        why: Option<String>,
    },
    TakeOver {
        order: String,
        #[arg(long)]
        anyway: bool,
    },
    Assign {
        order: String,
        member: String,
    },
    HandOver {
        order: String,
        member: String,
    },
    Accept {
        order: String,
        #[arg(long)]
        offer: Option<String>,
    },
    Purchase {
        order: String,
        #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
        cost: Option<String>,
        #[arg(long, value_name = "N=QTY")]
        got: Vec<String>,
        #[command(flatten)]
        happened: Happened,
    },
    Entrust {
        #[command(flatten)]
        carried: Carried,
        #[arg(long, value_name = "MEMBER")]
        to: Option<String>,
    },
    PassOn {
        #[command(flatten)]
        carried: Carried,
        #[arg(long, value_name = "MEMBER")]
        to: String,
        #[arg(long, value_name = "MEMBER")]
        from: Option<String>,
        #[arg(long)]
        already_happened: bool,
    },
    Return {
        #[command(flatten)]
        carried: Carried,
        #[arg(long, value_name = "MEMBER")]
        from: Option<String>,
        #[arg(long)]
        already_happened: bool,
    },
    Attempt {
        order: String,
        #[arg(value_parser = outcome())]
        outcome: AttemptOutcome,
        #[command(flatten)]
        happened: Happened,
    },
    Deliver {
        order: String,
        #[arg(long)]
        at_door: bool,
        #[command(flatten)]
        happened: Happened,
    },
    Confirm {
        order: String,
    },
    Reimburse {
        order: String,
        #[arg(value_name = "YUAN", allow_negative_numbers = true)]
        amount: String,
        #[arg(long)]
        already_happened: bool,
    },
    Cancel {
        order: String,
        #[arg(long)]
        why: Option<String>,
    },
    Reopen {
        order: String,
        #[arg(long)]
        why: Option<String>,
    },
    StillNeeded {
        order: String,
    },
    Duplicate {
        order: String,
        of: String,
    },
    Comment {
        order: String,
        text: String,
    },
    Move {
        order: String,
        address: String,
    },
    Correct(Correct),
    Show {
        order: String,
    },
}

#[derive(Args)]
pub(crate) struct Post {
    address: String,
    #[arg(long)]
    kind: String,
    #[arg(long = "item", value_name = "ITEM")]
    items: Vec<String>,
    #[arg(long, default_value = "normal", value_parser = urgency())]
    urgency: Urgency,
    #[arg(long)]
    contact: Option<String>,
    #[arg(long)]
    note: Option<String>,
    #[arg(long, value_name = "TIME")]
    needed_by: Option<String>,
    #[arg(long, value_name = "NAME")]
    asked_by: Option<String>,
    #[arg(long, default_value = "app", value_parser = way())]
    way: Way,
    #[arg(long, value_name = "TIME")]
    happened_at: Option<String>,
    #[arg(long)]
    hospital: Option<String>,
    #[arg(long)]
    department: Option<String>,
    #[arg(long, value_name = "TIME")]
    appointment: Option<String>,
    #[arg(long)]
    mobility: Option<String>,
}

impl Post {
    /// The order as it was typed.
    pub(super) fn order(self, phone: &Phone) -> Outcome<NewOrder> {
        let Door { building, unit, room } = phone.door(&self.address)?;
        let time = |text: Option<String>| phone.time_if(text.as_deref());
        Ok(NewOrder {
            building,
            unit,
            room,
            kind: phone.order_kind(&self.kind)?,
            urgency: self.urgency,
            contact: self.contact,
            note: self.note,
            needed_by: time(self.needed_by)?,
            items: self.items.iter().map(|text| item(text)).collect(),
            escort: Escort {
                hospital: self.hospital,
                department: self.department,
                appointment: time(self.appointment)?,
                mobility: self.mobility,
            },
            asked_by: self.asked_by,
            way: self.way,
            happened_at: time(self.happened_at)?,
        })
    }
}

#[derive(Args)]
pub(crate) struct Edit {
    pub(super) order: String,
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(super) set: Vec<String>,
    #[arg(long, value_name = "ITEM")]
    pub(super) add_item: Vec<String>,
    #[arg(long, value_name = "N.FIELD=VALUE")]
    pub(super) set_item: Vec<String>,
    #[arg(long, value_name = "N")]
    pub(super) remove_item: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Carried {
    pub(super) order: String,
    #[arg(value_parser = thing())]
    pub(super) thing: Thing,
    #[arg(long)]
    pub(super) label: Option<String>,
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) amount: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(super) happened_at: Option<String>,
}

#[derive(Args)]
pub(crate) struct Correct {
    pub(super) order: String,
    pub(super) event: String,
    #[arg(long)]
    pub(super) why: String,
    #[arg(long)]
    pub(super) withdrawn: bool,
    #[arg(long)]
    pub(super) as_written: bool,
    #[arg(long, value_name = "YUAN")]
    pub(super) cost: Option<String>,
    #[arg(long, value_parser = how())]
    pub(super) how: Option<How>,
    #[arg(long, value_parser = outcome())]
    pub(super) outcome: Option<AttemptOutcome>,
    #[arg(long, value_name = "YUAN")]
    pub(super) reimbursed: Option<String>,
    #[arg(long, value_name = "YUAN")]
    pub(super) amount: Option<String>,
}

#[derive(Args)]
pub(crate) struct Choose {
    pub(super) order: String,
    pub(super) field: String,
    pub(super) value: String,
}

#[derive(Args)]
pub(crate) struct Resolve {
    pub(super) order: String,
    #[arg(long, value_name = "MEMBER")]
    pub(super) to: String,
}

pub(crate) fn urgency() -> impl TypedValueParser<Value = Urgency> {
    coded(Urgency::CODES.iter().copied())
}

fn way() -> impl TypedValueParser<Value = Way> {
    coded(["app", "phone", "chat", "paper"])
}

fn thing() -> impl TypedValueParser<Value = Thing> {
    coded(["insurance-card", "cash", "key", "other"])
}

fn outcome() -> impl TypedValueParser<Value = AttemptOutcome> {
    coded(["nobody", "wrong-address", "refused"])
}

fn how() -> impl TypedValueParser<Value = How> {
    coded(["handed-over", "left-at-door"])
}
