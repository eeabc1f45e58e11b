//! Commands become events, or are refused.
//!
//! The rights of the author are not checked here: the framework holds every draft against the role table.

mod edits;
mod visits;

use super::{
    Household, HouseholdState,
    command::{HouseholdCommand as Command, NewConsent, NewHousehold},
    fact::{Consented, Corrected, PlanEnded, Planned, Registered, Skipped, Visitor, Why},
    kind,
    outcome::Outcome,
    refusal::HouseholdRefusal as Refusal,
};
use crate::{
    aggregate::{
        DecisionContext, Draft, Subject,
        address::{self, Part},
        building::Door,
        medicine_box::{Day, today},
    },
    limits,
};

type Decision = Result<Vec<Draft>, Refusal>;

/// Everything a decision about an existing household looks at.
struct Case<'a> {
    subject: &'a Subject<'a, HouseholdState>,
    outcome: Outcome,
    context: &'a DecisionContext<'a>,
    today: Day,
}

pub(super) fn decide(
    subject: Option<&Subject<'_, HouseholdState>>,
    command: Command,
    context: &DecisionContext<'_>,
) -> Decision {
    let (subject, command) = match (subject, command) {
        (None, Command::Register(household)) => return register(*household, context),
        (None, _) => return Err(Refusal::NoHousehold),
        (Some(_), Command::Register(_)) => return Err(Refusal::NotNew),
        (Some(subject), command) => (subject, command),
    };
    let case = Case { subject, outcome: Outcome::of(subject), context, today: today(context) };
    match command {
        Command::Visit { .. } | Command::Correct { .. } | Command::WithdrawConsent { .. } => {}
        _ => case.still_open()?,
    }
    match command {
        Command::Register(_) => Err(Refusal::NotNew),
        Command::Edit { changes } => case.edit(changes),
        Command::Consent(consent) => case.one(kind::CONSENTED, &consented(consent)?),
        Command::WithdrawConsent { why } => case.withdraw(why),
        Command::Plan { from, every } => case.plan(from, every),
        Command::EndPlan { plan } => case.end_plan(plan),
        Command::Post { due, carried, note } => case.post(due, &carried, note),
        visit @ Command::Visit { .. } => case.visit(visit),
        Command::Skip { due, why } => case.skip(due, &why),
        Command::Pair { member } if case.outcome.visitors.contains(&member) => Err(Refusal::AlreadyPaired),
        Command::Pair { member } => case.one(kind::PAIRED, &Visitor { member }),
        Command::Unpair { member } if !case.outcome.visitors.contains(&member) => Err(Refusal::NotPaired),
        Command::Unpair { member } => case.one(kind::UNPAIRED, &Visitor { member }),
        Command::Close { why } => case.one(kind::CLOSED, &Why { why: optional("why", why)? }),
        Command::Correct { event, outcome, why } => {
            let corrected = Corrected { event, outcome, why: needed("why", &why)? };
            case.correct(corrected)
        }
    }
}

fn register(household: NewHousehold, context: &DecisionContext<'_>) -> Decision {
    let building = label("building", Part::Building, &household.building)?;
    let part = |field, part, text: &Option<String>| {
        optional(field, text.clone())?.map(|text| label(field, part, &text)).transpose()
    };
    let unit = part("unit", Part::Unit, &household.unit)?;
    let room = part("room", Part::Room, &household.room)?;
    let Door { building, unit, room } = Door { building, unit, room }.listed(context.world)?;
    let household = NewHousehold { unit, room, ..household };
    let consent = household.consent.clone().map(consented).transpose()?;
    let edits = edits::of_new(household)?;
    let mut drafts = vec![Draft::new::<Household>(kind::REGISTERED, &Registered { building }).edits(edits)];
    drafts.extend(consent.map(|consent| Draft::behind::<Household>(0, kind::CONSENTED, &consent)));
    Ok(drafts)
}

fn consented(consent: NewConsent) -> Result<Consented, Refusal> {
    Ok(Consented { purpose: needed("purpose", &consent.purpose)?, until: consent.until })
}

impl Case<'_> {
    fn one(&self, kind: u16, payload: &impl minicbor::Encode<()>) -> Decision {
        Ok(vec![Draft::on::<Household>(self.subject.birth.aggregate, kind, payload)])
    }

    fn still_open(&self) -> Result<(), Refusal> {
        if self.outcome.closed { Err(Refusal::Closed) } else { Ok(()) }
    }

    /// Refuses where nobody agreed, or their consent has ended by this device's clock.
    fn agreed(&self) -> Result<(), Refusal> {
        match &self.outcome.consent {
            None => Err(Refusal::NoConsent),
            Some(consent) => match consent.until {
                Some(until) if !consent.holds(self.today) => Err(Refusal::ConsentEnded { until }),
                _ => Ok(()),
            },
        }
    }

    fn withdraw(&self, why: Option<String>) -> Decision {
        if self.outcome.consent.is_none() {
            return Err(Refusal::NothingToWithdraw);
        }
        self.one(kind::CONSENT_WITHDRAWN, &Why { why: optional("why", why)? })
    }

    fn plan(&self, from: Day, every: Option<u16>) -> Decision {
        self.agreed()?;
        let limit = super::fact::MOST_DAYS;
        if every.is_some_and(|days| !(1..=limit).contains(&days)) {
            return Err(Refusal::Period { limit });
        }
        self.one(kind::PLANNED, &Planned { from, every })
    }

    fn end_plan(&self, plan: crate::id::Reference) -> Decision {
        if !self.outcome.calendar.plans.iter().any(|stands| stands.event == plan) {
            return Err(Refusal::UnknownPlan { plan });
        }
        self.one(kind::PLAN_ENDED, &PlanEnded { plan })
    }

    fn skip(&self, due: Day, why: &str) -> Decision {
        if !self.outcome.calendar.is_due(due, self.today) {
            return Err(Refusal::NotDue { due });
        }
        self.one(kind::SKIPPED, &Skipped { due, why: needed("why", why)? })
    }

    fn correct(&self, corrected: Corrected) -> Decision {
        let event = corrected.event;
        let said = self.subject.history.find(event).and_then(|at| self.subject.state.said.get(&at));
        if !said.is_some_and(|fact| fact.accepts(corrected.outcome)) {
            return Err(Refusal::NotCorrectable { event });
        }
        self.one(kind::CORRECTED, &corrected)
    }
}

fn label(field: &'static str, part: Part, text: &str) -> Result<String, Refusal> {
    address::part_label(part, text).map_err(|why| Refusal::Label { field, why })
}

/// A text that is there and within the limit.
fn needed(field: &'static str, text: &str) -> Result<String, Refusal> {
    match text.trim() {
        "" => Err(Refusal::Missing { field }),
        text if text.len() > limits::FIELD => Err(Refusal::TooLong { field, limit: limits::FIELD }),
        text => Ok(text.to_owned()),
    }
}

/// A text within the limit; an empty one is none.
fn optional(field: &'static str, text: Option<String>) -> Result<Option<String>, Refusal> {
    match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => needed(field, text).map(Some),
    }
}
