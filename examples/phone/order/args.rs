//! What can be typed about orders.

use clap::{Args, Subcommand, ValueEnum};
use linli_core::{
    aggregate::order::{AttemptOutcome, Escort, How, NewOrder, Thing, Urgency, Way},
    time::WallMs,
};

use super::item;
use crate::{failure::Outcome, home::Phone};

#[derive(Subcommand)]
pub(crate) enum OrderSubcommand {
    Post(Post),
    Edit(Edit),
    Claim(One),
    Release(Why),
    TakeOver(TakeOver),
    Assign(To),
    HandOver(To),
    Accept(Accept),
    Purchase(Purchase),
    Entrust(Entrust),
    PassOn(PassOn),
    Return(Return),
    Attempt(Attempt),
    Deliver(Deliver),
    Confirm(One),
    Reimburse(Reimburse),
    Cancel(Why),
    Reopen(Why),
    StillNeeded(One),
    Duplicate(Duplicate),
    Comment(Comment),
    Move(Move),
    Correct(Correct),
    Show(One),
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
    pub(super) fn at(&self, phone: &Phone) -> Outcome<Option<WallMs>> {
        self.happened_at.as_deref().map(|text| phone.time(text)).transpose()
    }
}

#[derive(Args)]
pub(crate) struct Post {
    address: String,
    #[arg(long)]
    kind: String,
    #[arg(long = "item", value_name = "ITEM")]
    items: Vec<String>,
    #[arg(long, value_enum, default_value = "normal")]
    urgency: UrgencyArg,
    #[arg(long)]
    contact: Option<String>,
    #[arg(long)]
    note: Option<String>,
    #[arg(long, value_name = "TIME")]
    needed_by: Option<String>,
    #[arg(long, value_name = "NAME")]
    asked_by: Option<String>,
    #[arg(long, value_enum, default_value = "app")]
    way: WayArg,
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
        let address = phone.address(&self.address)?;
        let time = |text: Option<String>| text.map(|text| phone.time(&text)).transpose();
        Ok(NewOrder {
            building: address.building().to_owned(),
            unit: address.unit().map(str::to_owned),
            room: address.room().map(str::to_owned),
            kind: phone.order_kind(&self.kind)?,
            urgency: self.urgency.into(),
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
            way: self.way.into(),
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
pub(crate) struct One {
    pub(super) order: String,
}

#[derive(Args)]
pub(crate) struct Why {
    pub(super) order: String,
    #[arg(long)]
    pub(super) why: Option<String>,
}

#[derive(Args)]
pub(crate) struct TakeOver {
    pub(super) order: String,
    #[arg(long)]
    pub(super) anyway: bool,
}

#[derive(Args)]
pub(crate) struct To {
    pub(super) order: String,
    pub(super) member: String,
}

#[derive(Args)]
pub(crate) struct Accept {
    pub(super) order: String,
    #[arg(long)]
    pub(super) offer: Option<String>,
}

#[derive(Args)]
pub(crate) struct Purchase {
    pub(super) order: String,
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) cost: Option<String>,
    #[arg(long, value_name = "N=QTY")]
    pub(super) got: Vec<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Carried {
    pub(super) order: String,
    #[arg(value_enum)]
    pub(super) thing: ThingArg,
    #[arg(long)]
    pub(super) label: Option<String>,
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) amount: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(super) happened_at: Option<String>,
}

#[derive(Args)]
pub(crate) struct Entrust {
    #[command(flatten)]
    pub(super) carried: Carried,
    #[arg(long, value_name = "MEMBER")]
    pub(super) to: Option<String>,
}

#[derive(Args)]
pub(crate) struct PassOn {
    #[command(flatten)]
    pub(super) carried: Carried,
    #[arg(long, value_name = "MEMBER")]
    pub(super) to: String,
    #[arg(long, value_name = "MEMBER")]
    pub(super) from: Option<String>,
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Return {
    #[command(flatten)]
    pub(super) carried: Carried,
    #[arg(long, value_name = "MEMBER")]
    pub(super) from: Option<String>,
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Attempt {
    pub(super) order: String,
    #[arg(value_enum)]
    pub(super) outcome: AttemptArg,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Deliver {
    pub(super) order: String,
    #[arg(long)]
    pub(super) at_door: bool,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Reimburse {
    pub(super) order: String,
    #[arg(value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) amount: String,
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Duplicate {
    pub(super) order: String,
    pub(super) of: String,
}

#[derive(Args)]
pub(crate) struct Comment {
    pub(super) order: String,
    pub(super) text: String,
}

#[derive(Args)]
pub(crate) struct Move {
    pub(super) order: String,
    pub(super) address: String,
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
    #[arg(long, value_enum)]
    pub(super) how: Option<HowArg>,
    #[arg(long, value_enum)]
    pub(super) outcome: Option<AttemptArg>,
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

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum UrgencyArg {
    Normal,
    Urgent,
    Emergency,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum WayArg {
    App,
    Phone,
    Chat,
    Paper,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ThingArg {
    InsuranceCard,
    Cash,
    Key,
    Other,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AttemptArg {
    Nobody,
    WrongAddress,
    Refused,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum HowArg {
    HandedOver,
    LeftAtDoor,
}

impl From<UrgencyArg> for Urgency {
    fn from(urgency: UrgencyArg) -> Self {
        match urgency {
            UrgencyArg::Normal => Self::Normal,
            UrgencyArg::Urgent => Self::Urgent,
            UrgencyArg::Emergency => Self::Emergency,
        }
    }
}

impl From<WayArg> for Way {
    fn from(way: WayArg) -> Self {
        match way {
            WayArg::App => Self::App,
            WayArg::Phone => Self::Phone,
            WayArg::Chat => Self::Chat,
            WayArg::Paper => Self::Paper,
        }
    }
}

impl From<ThingArg> for Thing {
    fn from(thing: ThingArg) -> Self {
        match thing {
            ThingArg::InsuranceCard => Self::InsuranceCard,
            ThingArg::Cash => Self::Cash,
            ThingArg::Key => Self::Key,
            ThingArg::Other => Self::Other,
        }
    }
}

impl From<AttemptArg> for AttemptOutcome {
    fn from(outcome: AttemptArg) -> Self {
        match outcome {
            AttemptArg::Nobody => Self::Nobody,
            AttemptArg::WrongAddress => Self::WrongAddress,
            AttemptArg::Refused => Self::Refused,
        }
    }
}

impl From<HowArg> for How {
    fn from(how: HowArg) -> Self {
        match how {
            HowArg::HandedOver => Self::HandedOver,
            HowArg::LeftAtDoor => Self::LeftAtDoor,
        }
    }
}
