//! The care register: households, consent, visits. Without the `care` grant every command says so and shows nothing.

mod args;
mod show;

use linli_core::{
    aggregate::{
        household::{Household, HouseholdChange, HouseholdCommand, NewConsent, NewContact, NewHousehold, NewPerson},
        medicine_box::Day,
    },
    event::ItemId,
    id::Reference,
    replica::{HouseholdFilter, ProposedVisit},
    written::door::Door,
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    wrong::Wrong,
};
pub(crate) use args::HouseholdSubcommand;
use args::{Add, Confirm, Edit, PlanArgs, PostArgs};

pub(crate) fn run(phone: &Phone, command: HouseholdSubcommand) -> Outcome<Answer> {
    // Before any name is looked for: what is not there must look like what is hidden.
    phone.replica.care()?;
    let (household, command) = match command {
        HouseholdSubcommand::Add(add) => return self::add(phone, add),
        HouseholdSubcommand::List { building, all } => return self::list(phone, building.as_deref(), all),
        HouseholdSubcommand::Visits { until } => return show::visits(phone, day(until.as_deref())?),
        HouseholdSubcommand::Show { household } => return show::household(phone, named(phone, &household)?),
        HouseholdSubcommand::Post(post) => return self::post(phone, post),
        HouseholdSubcommand::Edit(edit) => (named(phone, &edit.household)?, edit_command(phone, edit)?),
        HouseholdSubcommand::Consent { household, purpose: Some(purpose), until, .. } => {
            let consent = NewConsent { purpose, until: day(until.as_deref())? };
            (named(phone, &household)?, HouseholdCommand::Consent(consent))
        }
        HouseholdSubcommand::Consent { household, purpose: None, why, .. } => {
            (named(phone, &household)?, HouseholdCommand::WithdrawConsent { why })
        }
        HouseholdSubcommand::Plan(plan) => (named(phone, &plan.household)?, plan_command(phone, &plan)?),
        HouseholdSubcommand::Confirm(confirm) => (named(phone, &confirm.household)?, confirm_command(phone, confirm)?),
        HouseholdSubcommand::Skip { household, due, why } => {
            let household = named(phone, &household)?;
            (household, HouseholdCommand::Skip { due: due_day(phone, household, due.as_deref())?, why })
        }
        HouseholdSubcommand::Pair { household, member, end_pairing } => {
            let member = phone.member(&member)?;
            let command =
                if end_pairing { HouseholdCommand::Unpair { member } } else { HouseholdCommand::Pair { member } };
            (named(phone, &household)?, command)
        }
        HouseholdSubcommand::Close { household, why } => (named(phone, &household)?, HouseholdCommand::Close { why }),
        HouseholdSubcommand::Correct { household, event, outcome, why } => {
            let household = named(phone, &household)?;
            let event = phone.event(household, &event)?;
            (household, HouseholdCommand::Correct { event, outcome, why })
        }
    };
    write(phone, Some(household), command)
}

fn write(phone: &Phone, household: Option<Reference>, command: HouseholdCommand) -> Outcome<Answer> {
    let receipt = phone.submit::<Household>(household, command, "--already-happened")?;
    show::written(phone, &receipt)
}

fn named(phone: &Phone, text: &str) -> Outcome<Reference> {
    phone.reference("household", text)
}

fn day(text: Option<&str>) -> Outcome<Option<Day>> {
    let read = |text: &str| text.parse::<Day>().map_err(|_| Failure::new(Wrong::NotADay, json!({ "text": text })));
    text.map(read).transpose()
}

fn person(text: &str) -> NewPerson {
    let (name, why) = text.split_once('=').map_or((text, None), |(name, why)| (name, Some(why.to_owned())));
    NewPerson { name: name.to_owned(), why }
}

/// The number stands last.
fn contact(text: &str) -> NewContact {
    match text.trim().rsplit_once(char::is_whitespace) {
        Some((name, phone)) if phone.contains(|c: char| c.is_ascii_digit()) => {
            NewContact { name: name.to_owned(), phone: Some(phone.to_owned()) }
        }
        _ => NewContact { name: text.to_owned(), phone: None },
    }
}

fn add(phone: &Phone, add: Add) -> Outcome<Answer> {
    let Door { building, unit, room } = phone.door(&add.address)?;
    let until = day(add.until.as_deref())?;
    let command = HouseholdCommand::Register(Box::new(NewHousehold {
        building,
        unit,
        room,
        people: add.people.iter().map(|text| person(text)).collect(),
        contacts: add.contacts.iter().map(|text| contact(text)).collect(),
        checklist: add.checks,
        note: add.note,
        consent: add.consent.map(|purpose| NewConsent { purpose, until }),
    }));
    write(phone, None, command)
}

fn list(phone: &Phone, building: Option<&str>, closed: bool) -> Outcome<Answer> {
    let building = building.map(|text| phone.building_label(text)).transpose()?;
    let mut filter = HouseholdFilter { building, closed, ..HouseholdFilter::default() };
    let mut all = Vec::new();
    loop {
        let page = phone.replica.households(&filter)?;
        all.extend(page.items);
        match page.next {
            Some(next) => filter.after = Some(next),
            None => return Ok(show::list(phone, &all)),
        }
    }
}

fn edit_command(phone: &Phone, edit: Edit) -> Outcome<HouseholdCommand> {
    let view = phone.replica.household(named(phone, &edit.household)?)?.view;
    let people: Vec<ItemId> = view.attention.iter().map(|person| person.item).collect();
    let contacts: Vec<ItemId> = view.contacts.iter().map(|contact| contact.item).collect();
    let checks: Vec<ItemId> = view.checklist.iter().map(|check| check.item).collect();
    let mut changes = Vec::new();
    changes.extend(edit.unit.map(HouseholdChange::Unit));
    changes.extend(edit.room.map(HouseholdChange::Room));
    changes.extend(edit.note.map(HouseholdChange::Note));
    for item in nth(&people, &edit.remove_person)? {
        changes.push(HouseholdChange::RemovePerson(item));
    }
    changes.extend(edit.people.iter().map(|text| HouseholdChange::AddPerson(person(text))));
    for item in nth(&contacts, &edit.remove_call)? {
        changes.push(HouseholdChange::RemoveContact(item));
    }
    if !edit.call_order.is_empty() {
        changes.push(HouseholdChange::OrderContacts(nth(&contacts, &edit.call_order)?));
    }
    changes.extend(edit.contacts.iter().map(|text| HouseholdChange::AddContact(contact(text))));
    for item in nth(&checks, &edit.remove_check)? {
        changes.push(HouseholdChange::RemoveCheck(item));
    }
    changes.extend(edit.checks.into_iter().map(HouseholdChange::AddCheck));
    Ok(HouseholdCommand::Edit { changes })
}

/// Items by the numbers that `household show` prints, from 1.
fn nth(items: &[ItemId], numbers: &[usize]) -> Outcome<Vec<ItemId>> {
    let item = |number: &usize| {
        let found = number.checked_sub(1).and_then(|at| items.get(at)).copied();
        found.ok_or_else(|| Failure::new(Wrong::NoEntry, json!({ "nth": number, "entries": items.len() })))
    };
    numbers.iter().map(item).collect()
}

fn plan_command(phone: &Phone, plan: &PlanArgs) -> Outcome<HouseholdCommand> {
    if let Some(end) = &plan.end_plan {
        let household = named(phone, &plan.household)?;
        return Ok(HouseholdCommand::EndPlan { plan: phone.event(household, end)? });
    }
    let from = day(plan.on.as_deref().or(plan.starting.as_deref()))?;
    Ok(HouseholdCommand::Plan { from: from.map_or_else(|| phone.replica.today(), Ok)?, every: plan.every })
}

/// The day that was named, else the first that is due, perhaps in the days to come.
fn due_day(phone: &Phone, household: Reference, text: Option<&str>) -> Outcome<Day> {
    if let Some(due) = day(text)? {
        return Ok(due);
    }
    let next = phone.replica.household(household)?.line.next_due;
    next.ok_or_else(|| Failure::new(Wrong::NothingDue, json!({})))
}

fn post(phone: &Phone, post: PostArgs) -> Outcome<Answer> {
    let household = named(phone, &post.household)?;
    let due = due_day(phone, household, post.due.as_deref())?;
    let carried: Vec<_> = post.carried.into_iter().flatten().collect();
    let posted = phone.replica.post_visit(phone.command, household, due, &carried, post.note);
    let (order, receipt) = posted.map_err(|error| {
        let mut failure = Failure::submit(&error, None);
        phone.name(&mut failure.params);
        failure
    })?;
    show::posted(phone, household, order, &receipt)
}

fn confirm_command(phone: &Phone, confirm: Confirm) -> Outcome<HouseholdCommand> {
    let household = named(phone, &confirm.household)?;
    let order = confirm.order.as_deref().map(|text| phone.reference("order", text)).transpose()?;
    let by = confirm.by.as_deref().map(|text| phone.member(text)).transpose()?;
    let (day, due) = (day(confirm.day.as_deref())?, self::day(confirm.due.as_deref())?);
    let command = |outcome, proposed: Option<&ProposedVisit>| HouseholdCommand::Visit {
        outcome,
        day: day.or(proposed.map(|visit| visit.day)),
        due: due.or(proposed.map(|visit| visit.due)),
        order: order.or(proposed.map(|visit| visit.order)),
        by: by.or(proposed.map(|visit| visit.by)),
        note: confirm.note.clone(),
        already_happened: confirm.already_happened,
    };
    let mut proposed = phone.replica.proposed_visits()?;
    proposed.retain(|visit| visit.household == household && order.is_none_or(|order| order == visit.order));
    match (confirm.outcome, &proposed[..]) {
        (Some(outcome), [only]) if order.is_some() => Ok(command(outcome, Some(only))),
        (Some(outcome), _) => Ok(command(outcome, None)),
        (None, [only]) => Ok(command(only.outcome, Some(only))),
        (None, []) => Err(Failure::new(Wrong::NothingToConfirm, json!({}))),
        (None, many) => {
            let orders: Vec<String> = many.iter().map(|visit| visit.order.to_string()).collect();
            Err(Failure::new(Wrong::WhichVisit, json!({ "orders": orders })))
        }
    }
}
