//! What can be typed about orders.

use clap::{Args, Subcommand, ValueEnum};
use linli_core::{
    aggregate::order::{AttemptOutcome, How, Thing, Urgency, Way},
    time::WallMs,
};

use crate::{desk::Phone, failure::Outcome};

#[derive(Subcommand)]
pub(crate) enum OrderCommand {
    /// Write an order down
    Post(Post),
    /// Change what an order says
    Edit(Edit),
    /// Take an order on
    Claim(One),
    /// Give it up
    Release(Why),
    /// Take it from whoever holds it
    TakeOver(TakeOver),
    /// Give it to a member (leaders)
    Assign(To),
    /// Offer it to a member, who accepts it
    HandOver(To),
    /// Accept an order that was offered to you
    Accept(Accept),
    /// Say that something was bought
    Purchase(Purchase),
    /// Say that the resident entrusted a card, cash, a key
    Entrust(Entrust),
    /// Say that one member gave it to another
    PassOn(PassOn),
    /// Say that the resident has it back
    Return(Return),
    /// Say that somebody went there in vain; the claim stays
    Attempt(Attempt),
    /// Say that it is there
    Deliver(Deliver),
    /// Say that somebody asked, and it is there
    Confirm(One),
    /// Say that whoever laid out money got it back
    Reimburse(Reimburse),
    /// End the order
    Cancel(Why),
    /// Open an ended order again
    Reopen(Why),
    /// Say that it is still needed
    StillNeeded(One),
    /// End the order because another says the same
    Duplicate(Duplicate),
    /// Say something
    Comment(Comment),
    /// End the order and go on in the right building
    Move(Move),
    /// Say what an event should have said: undo a slip
    Correct(Correct),
    /// The whole order with its history
    Show(One),
}

/// What is said to have happened.
#[derive(Args)]
pub(crate) struct Happened {
    /// It happened, whatever speaks against it
    #[arg(long)]
    pub(super) already_happened: bool,
    /// When, if it is written down later: `09:30`, `2022-04-01 09:30`
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
    /// The address as people write it: 3-2-1804, 3号楼2单元1804
    pub(super) address: String,
    /// What kind of order: a code or name of the community's table
    #[arg(long)]
    pub(super) kind: String,
    /// What is asked for, as `NAME QTY UNIT`, such as `布洛芬 2 盒`; again for more
    #[arg(long = "item", value_name = "ITEM")]
    pub(super) items: Vec<String>,
    /// How soon
    #[arg(long, value_enum, default_value = "normal")]
    pub(super) urgency: UrgencyArg,
    /// Whom to call, name and number
    #[arg(long)]
    pub(super) contact: Option<String>,
    /// Everything else
    #[arg(long)]
    pub(super) note: Option<String>,
    /// Until when
    #[arg(long, value_name = "TIME")]
    pub(super) needed_by: Option<String>,
    /// Who asked, if not you
    #[arg(long, value_name = "NAME")]
    pub(super) asked_by: Option<String>,
    /// By which way they asked
    #[arg(long, value_enum, default_value = "app")]
    pub(super) way: WayArg,
    /// When they asked, if it is written down later
    #[arg(long, value_name = "TIME")]
    pub(super) happened_at: Option<String>,
    /// For an escort: the hospital
    #[arg(long)]
    pub(super) hospital: Option<String>,
    /// For an escort: the department
    #[arg(long)]
    pub(super) department: Option<String>,
    /// For an escort: when
    #[arg(long, value_name = "TIME")]
    pub(super) appointment: Option<String>,
    /// For an escort: how the person moves
    #[arg(long)]
    pub(super) mobility: Option<String>,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The order
    pub(super) order: String,
    /// A field and its new value, empty to clear: `--set note=每天2片`. Fields: kind, urgency, unit, room, contact,
    /// note, needed_by, hospital, department, appointment, mobility
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(super) set: Vec<String>,
    /// Add an item, as `NAME QTY UNIT`
    #[arg(long, value_name = "ITEM")]
    pub(super) add_item: Vec<String>,
    /// Change an item, by its place in the list: `--set-item 1.qty=3`. Fields: name, qty, unit, product
    #[arg(long, value_name = "N.FIELD=VALUE")]
    pub(super) set_item: Vec<String>,
    /// Remove an item, by its place in the list
    #[arg(long, value_name = "N")]
    pub(super) remove_item: Vec<String>,
}

#[derive(Args)]
pub(crate) struct One {
    /// The order
    pub(super) order: String,
}

#[derive(Args)]
pub(crate) struct Why {
    /// The order
    pub(super) order: String,
    /// Why
    #[arg(long)]
    pub(super) why: Option<String>,
}

#[derive(Args)]
pub(crate) struct TakeOver {
    /// The order
    pub(super) order: String,
    /// Although the holder's lease has not lapsed
    #[arg(long)]
    pub(super) anyway: bool,
}

#[derive(Args)]
pub(crate) struct To {
    /// The order
    pub(super) order: String,
    /// The member: a name, `me`, or the first digits of their id
    pub(super) member: String,
}

#[derive(Args)]
pub(crate) struct Accept {
    /// The order
    pub(super) order: String,
    /// Which offer; without it the newest one made to you
    #[arg(long)]
    pub(super) offer: Option<String>,
}

#[derive(Args)]
pub(crate) struct Purchase {
    /// The order
    pub(super) order: String,
    /// What it cost, such as 25.80
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) cost: Option<String>,
    /// How many of an item were got, by its place in the list: `--got 1=2`
    #[arg(long, value_name = "N=QTY")]
    pub(super) got: Vec<String>,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Carried {
    /// The order
    pub(super) order: String,
    /// What
    #[arg(value_enum)]
    pub(super) thing: ThingArg,
    /// Its name, where that does not say enough
    #[arg(long)]
    pub(super) label: Option<String>,
    /// How much cash, such as 100
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) amount: Option<String>,
    /// When, if it is written down later
    #[arg(long, value_name = "TIME")]
    pub(super) happened_at: Option<String>,
}

#[derive(Args)]
pub(crate) struct Entrust {
    #[command(flatten)]
    pub(super) carried: Carried,
    /// To whom; without it to you
    #[arg(long, value_name = "MEMBER")]
    pub(super) to: Option<String>,
}

#[derive(Args)]
pub(crate) struct PassOn {
    #[command(flatten)]
    pub(super) carried: Carried,
    /// To whom
    #[arg(long, value_name = "MEMBER")]
    pub(super) to: String,
    /// Who gave it; without it you
    #[arg(long, value_name = "MEMBER")]
    pub(super) from: Option<String>,
    /// It happened, whatever speaks against it
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Return {
    #[command(flatten)]
    pub(super) carried: Carried,
    /// Who gave it back; without it you
    #[arg(long, value_name = "MEMBER")]
    pub(super) from: Option<String>,
    /// It happened, whatever speaks against it
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Attempt {
    /// The order
    pub(super) order: String,
    /// What came of it
    #[arg(value_enum)]
    pub(super) outcome: AttemptArg,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Deliver {
    /// The order
    pub(super) order: String,
    /// Left at the door, not into somebody's hands
    #[arg(long)]
    pub(super) at_door: bool,
    #[command(flatten)]
    pub(super) happened: Happened,
}

#[derive(Args)]
pub(crate) struct Reimburse {
    /// The order
    pub(super) order: String,
    /// How much, such as 25.80
    #[arg(value_name = "YUAN", allow_negative_numbers = true)]
    pub(super) amount: String,
    /// It happened, although it is more than is owed
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Duplicate {
    /// The order to end
    pub(super) order: String,
    /// The order that says the same
    pub(super) of: String,
}

#[derive(Args)]
pub(crate) struct Comment {
    /// The order
    pub(super) order: String,
    /// What
    pub(super) text: String,
}

#[derive(Args)]
pub(crate) struct Move {
    /// The order
    pub(super) order: String,
    /// The right address
    pub(super) address: String,
}

#[derive(Args)]
pub(crate) struct Correct {
    /// The order
    pub(super) order: String,
    /// The event, as the history shows it
    pub(super) event: String,
    /// Why; needed
    #[arg(long)]
    pub(super) why: String,
    /// It says nothing: a mis-tap
    #[arg(long)]
    pub(super) withdrawn: bool,
    /// What it said after all
    #[arg(long)]
    pub(super) as_written: bool,
    /// A purchase that cost this
    #[arg(long, value_name = "YUAN")]
    pub(super) cost: Option<String>,
    /// A delivery in this way
    #[arg(long, value_enum)]
    pub(super) how: Option<HowArg>,
    /// An attempt with this outcome
    #[arg(long, value_enum)]
    pub(super) outcome: Option<AttemptArg>,
    /// A reimbursement of this much
    #[arg(long, value_name = "YUAN")]
    pub(super) reimbursed: Option<String>,
    /// This much cash changed hands
    #[arg(long, value_name = "YUAN")]
    pub(super) amount: Option<String>,
}

#[derive(Args)]
pub(crate) struct Choose {
    /// The order
    pub(super) order: String,
    /// The field: `note`, or `1.qty` for a field of the first item, or `1` for whether that item stays
    pub(super) field: String,
    /// The value that shall stand, or `@N` for the Nth of those shown; for an item `keep` or `remove`
    pub(super) value: String,
}

#[derive(Args)]
pub(crate) struct Resolve {
    /// The order
    pub(super) order: String,
    /// Who holds it
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
