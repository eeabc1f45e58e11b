//! What can be said about households.

use clap::{Args, Subcommand};
use linli_core::aggregate::household::{Carried, VisitOutcome};

#[derive(Subcommand)]
pub(crate) enum HouseholdCommand {
    /// Put a household into the register: who needs attention and why, whom to call, what to look after
    Add(Add),
    /// Change what stands of it; an empty text clears
    Edit(Edit),
    /// All households, by building and room
    List(List),
    /// One household with its visits and history
    Show(One),
    /// Write down that they agree, for what and until when; or that they agree no longer
    Consent(ConsentArgs),
    /// Plan visits: every so many days, or on one day; needs their consent
    Plan(PlanArgs),
    /// Post a due visit as an order: every member sees it, with what you choose and no more
    Post(PostArgs),
    /// What is overdue, what is due, and what came of posted visits and waits for somebody to confirm it
    Visits(Visits),
    /// Confirm what came of a posted visit, or write down one that was made without an order
    Confirm(Confirm),
    /// Leave a due visit out
    Skip(Skip),
    /// Pair a visitor with it: the next visits go to them
    Pair(Pair),
    /// Close it for good
    Close(Close),
    /// Correct a visit, or undo a mis-tap
    Correct(CorrectArgs),
}

#[derive(Args)]
pub(crate) struct Add {
    /// The address, as people write it: 3-2-1804
    pub(super) address: String,
    /// Who needs attention, and why: `NAME=WHY`; again for more
    #[arg(long = "person", value_name = "NAME=WHY", required = true)]
    pub(super) people: Vec<String>,
    /// Whom to call, first first, at most three: `NAME NUMBER`
    #[arg(long = "call", value_name = "NAME NUMBER")]
    pub(super) contacts: Vec<String>,
    /// What a visitor looks after; again for more
    #[arg(long = "check", value_name = "WHAT")]
    pub(super) checks: Vec<String>,
    /// What else is to be known
    #[arg(long)]
    pub(super) note: Option<String>,
    /// They agree, and what for
    #[arg(long, value_name = "PURPOSE")]
    pub(super) consent: Option<String>,
    /// The last day on which their consent holds: 2022-06-30
    #[arg(long, value_name = "DAY", requires = "consent")]
    pub(super) until: Option<String>,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The household
    pub(super) household: String,
    /// The unit
    #[arg(long)]
    pub(super) unit: Option<String>,
    /// The room
    #[arg(long)]
    pub(super) room: Option<String>,
    /// What else is to be known
    #[arg(long)]
    pub(super) note: Option<String>,
    /// Who needs attention, and why: `NAME=WHY`; again for more
    #[arg(long = "person", value_name = "NAME=WHY")]
    pub(super) people: Vec<String>,
    /// Who needs none any more: the number that `household show` prints
    #[arg(long, value_name = "NTH")]
    pub(super) remove_person: Vec<usize>,
    /// Whom to call, behind those who are there: `NAME NUMBER`
    #[arg(long = "call", value_name = "NAME NUMBER")]
    pub(super) contacts: Vec<String>,
    /// Whom to call no more
    #[arg(long, value_name = "NTH")]
    pub(super) remove_call: Vec<usize>,
    /// In which order to call: 2,1,3
    #[arg(long, value_name = "NTH,…", value_delimiter = ',')]
    pub(super) call_order: Vec<usize>,
    /// What a visitor looks after; again for more
    #[arg(long = "check", value_name = "WHAT")]
    pub(super) checks: Vec<String>,
    /// What to look after no more
    #[arg(long, value_name = "NTH")]
    pub(super) remove_check: Vec<usize>,
}

#[derive(Args)]
pub(crate) struct List {
    /// Only of this building
    #[arg(long)]
    pub(super) building: Option<String>,
    /// Those that are closed, too
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Args)]
pub(crate) struct One {
    /// The household
    pub(super) household: String,
}

#[derive(Args)]
pub(crate) struct ConsentArgs {
    /// The household
    pub(super) household: String,
    /// What they agree to
    #[arg(long, required_unless_present = "withdraw", conflicts_with = "withdraw")]
    pub(super) purpose: Option<String>,
    /// The last day on which their consent holds: 2022-06-30
    #[arg(long, value_name = "DAY", conflicts_with = "withdraw")]
    pub(super) until: Option<String>,
    /// They agree no longer
    #[arg(long)]
    pub(super) withdraw: bool,
    /// Why
    #[arg(long, requires = "withdraw")]
    pub(super) why: Option<String>,
}

#[derive(Args)]
pub(crate) struct PlanArgs {
    /// The household
    pub(super) household: String,
    /// Days from one visit to the next
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["on", "end_plan"])]
    pub(super) every: Option<u16>,
    /// The first day; without it today
    #[arg(long, value_name = "DAY", requires = "every")]
    pub(super) starting: Option<String>,
    /// On this one day
    #[arg(long, value_name = "DAY", conflicts_with = "end_plan")]
    pub(super) on: Option<String>,
    /// End this plan, by the id that `household show` prints
    #[arg(long = "end", value_name = "PLAN", required_unless_present_any = ["every", "on"])]
    pub(super) end_plan: Option<String>,
}

#[derive(Args)]
pub(crate) struct PostArgs {
    /// The household
    pub(super) household: String,
    /// The day it is due; without it the first that is
    #[arg(long, value_name = "DAY")]
    pub(super) due: Option<String>,
    /// What the order carries, for every member to read: room, people, why, contact, checklist, note; none for nothing
    #[arg(long = "carry", value_name = "WHAT,…", value_delimiter = ',', default_value = "room", value_parser = carried)]
    pub(super) carried: Vec<Option<Carried>>,
    /// A word to the visitor
    #[arg(long)]
    pub(super) note: Option<String>,
}

#[derive(Args)]
pub(crate) struct Visits {
    /// What is due until and with this day; without it until today
    #[arg(long, value_name = "DAY")]
    pub(super) until: Option<String>,
}

#[derive(Args)]
pub(crate) struct Confirm {
    /// The household
    pub(super) household: String,
    /// The order whose outcome it is; without it the one that waits, if one does
    #[arg(long)]
    pub(super) order: Option<String>,
    /// What came of it: well, needs_help, refused, nobody, wrong_address; without it what the order says
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    pub(super) outcome: Option<VisitOutcome>,
    /// On which day; without it today
    #[arg(long, value_name = "DAY")]
    pub(super) day: Option<String>,
    /// The due visit that it was
    #[arg(long, value_name = "DAY")]
    pub(super) due: Option<String>,
    /// Who was there, if not you
    #[arg(long, value_name = "MEMBER")]
    pub(super) by: Option<String>,
    /// What is to be kept of it
    #[arg(long)]
    pub(super) note: Option<String>,
    /// It happened, whatever speaks against it
    #[arg(long)]
    pub(super) already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Skip {
    /// The household
    pub(super) household: String,
    /// The day it is due; without it the first that is
    #[arg(long, value_name = "DAY")]
    pub(super) due: Option<String>,
    /// Why
    #[arg(long)]
    pub(super) why: String,
}

#[derive(Args)]
pub(crate) struct Pair {
    /// The household
    pub(super) household: String,
    /// The visitor
    pub(super) member: String,
    /// The pairing ends
    #[arg(long = "end")]
    pub(super) end_pairing: bool,
}

#[derive(Args)]
pub(crate) struct Close {
    /// The household
    pub(super) household: String,
    /// Why
    #[arg(long)]
    pub(super) why: Option<String>,
}

#[derive(Args)]
pub(crate) struct CorrectArgs {
    /// The household
    pub(super) household: String,
    /// The event, as the history shows it
    pub(super) event: String,
    /// What came of the visit after all; without it, it did not happen
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    pub(super) outcome: Option<VisitOutcome>,
    /// Why
    #[arg(long)]
    pub(super) why: String,
}

fn outcome(text: &str) -> Result<VisitOutcome, String> {
    VisitOutcome::from_code(text).ok_or_else(|| VisitOutcome::ALL.map(VisitOutcome::code).join(", "))
}

fn carried(text: &str) -> Result<Option<Carried>, String> {
    let named = match text {
        "room" => Carried::Room,
        "people" => Carried::People,
        "why" => Carried::Why,
        "contact" => Carried::Contact,
        "checklist" => Carried::Checklist,
        "note" => Carried::Note,
        "none" => return Ok(None),
        _ => return Err("room, people, why, contact, checklist, note, none".to_owned()),
    };
    Ok(Some(named))
}
