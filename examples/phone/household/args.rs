//! What can be said about households.

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use linli_core::aggregate::household::{Carried, VisitOutcome};

use crate::args::coded;

#[derive(Subcommand)]
pub(crate) enum HouseholdSubcommand {
    Add(Add),
    Edit(Edit),
    List {
        #[arg(long)]
        building: Option<String>,
        #[arg(long)]
        all: bool,
    },
    Show {
        household: String,
    },
    Consent {
        household: String,
        #[arg(long, required_unless_present = "withdraw", conflicts_with = "withdraw")]
        purpose: Option<String>,
        #[arg(long, value_name = "DAY", conflicts_with = "withdraw")]
        until: Option<String>,
        #[arg(long)]
        withdraw: bool,
        #[arg(long, requires = "withdraw")]
        why: Option<String>,
    },
    Plan(PlanArgs),
    Post(PostArgs),
    Visits {
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
    },
    Confirm(Confirm),
    Skip {
        household: String,
        #[arg(long, value_name = "DAY")]
        due: Option<String>,
        #[arg(long)]
        why: String,
    },
    Pair {
        household: String,
        member: String,
        #[arg(long = "end")]
        end_pairing: bool,
    },
    Close {
        household: String,
        #[arg(long)]
        why: Option<String>,
    },
    Correct {
        household: String,
        event: String,
        #[arg(long, value_name = "OUTCOME", value_parser = outcome())]
        outcome: Option<VisitOutcome>,
        #[arg(long)]
        why: String,
    },
}

#[derive(Args)]
pub(crate) struct Add {
    pub(super) address: String,
    #[arg(long = "person", value_name = "NAME=WHY", required = true)]
    pub(super) people: Vec<String>,
    #[arg(long = "call", value_name = "NAME NUMBER")]
    pub(super) contacts: Vec<String>,
    #[arg(long = "check", value_name = "WHAT")]
    pub(super) checks: Vec<String>,
    #[arg(long)]
    pub(super) note: Option<String>,
    #[arg(long, value_name = "PURPOSE")]
    pub(super) consent: Option<String>,
    #[arg(long, value_name = "DAY", requires = "consent")]
    pub(super) until: Option<String>,
}

#[derive(Args)]
pub(crate) struct Edit {
    pub(super) household: String,
    #[arg(long)]
    pub(super) unit: Option<String>,
    #[arg(long)]
    pub(super) room: Option<String>,
    #[arg(long)]
    pub(super) note: Option<String>,
    #[arg(long = "person", value_name = "NAME=WHY")]
    pub(super) people: Vec<String>,
    #[arg(long, value_name = "NTH")]
    pub(super) remove_person: Vec<usize>,
    #[arg(long = "call", value_name = "NAME NUMBER")]
    pub(super) contacts: Vec<String>,
    #[arg(long, value_name = "NTH")]
    pub(super) remove_call: Vec<usize>,
    #[arg(long, value_name = "NTH,…", value_delimiter = ',')]
    pub(super) call_order: Vec<usize>,
    #[arg(long = "check", value_name = "WHAT")]
    pub(super) checks: Vec<String>,
    #[arg(long, value_name = "NTH")]
    pub(super) remove_check: Vec<usize>,
}

#[derive(Args)]
pub(crate) struct PlanArgs {
    pub(super) household: String,
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["on", "end_plan"])]
    pub(super) every: Option<u16>,
    #[arg(long, value_name = "DAY", requires = "every")]
    pub(super) starting: Option<String>,
    #[arg(long, value_name = "DAY", conflicts_with = "end_plan")]
    pub(super) on: Option<String>,
    #[arg(long = "end", value_name = "PLAN", required_unless_present_any = ["every", "on"])]
    pub(super) end_plan: Option<String>,
}

#[derive(Args)]
pub(crate) struct PostArgs {
    pub(super) household: String,
    #[arg(long, value_name = "DAY")]
    pub(super) due: Option<String>,
    #[arg(long = "carry", value_name = "WHAT,…", value_delimiter = ',', default_value = "room", value_parser = carried())]
    pub(super) carried: Vec<Option<Carried>>,
    #[arg(long)]
    pub(super) note: Option<String>,
}

#[derive(Args)]
pub(crate) struct Confirm {
    pub(super) household: String,
    #[arg(long)]
    pub(super) order: Option<String>,
    #[arg(long, value_name = "OUTCOME", value_parser = outcome())]
    pub(super) outcome: Option<VisitOutcome>,
    #[arg(long, value_name = "DAY")]
    pub(super) day: Option<String>,
    #[arg(long, value_name = "DAY")]
    pub(super) due: Option<String>,
    #[arg(long, value_name = "MEMBER")]
    pub(super) by: Option<String>,
    #[arg(long)]
    pub(super) note: Option<String>,
    #[arg(long)]
    pub(super) already_happened: bool,
}

fn outcome() -> impl TypedValueParser<Value = VisitOutcome> {
    coded(VisitOutcome::ALL.map(VisitOutcome::code))
}

/// What an order may carry; nothing is a choice too.
fn carried() -> impl TypedValueParser<Value = Option<Carried>> {
    let named = |code: String| match code.as_str() {
        "none" => Ok(None),
        code => serde_json::from_value(code.into()).map(Some),
    };
    PossibleValuesParser::new(["room", "people", "why", "contact", "checklist", "note", "none"]).try_map(named)
}
