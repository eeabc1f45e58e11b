//! What the screen shows of the care register.

use linli_core::{
    aggregate::{household::HouseholdCard, medicine_box::Day},
    id::Reference,
    replica::{DueVisit, HouseholdLine, ProposedVisit, Receipt},
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::Outcome,
    home::Phone,
    show::{history, join, place_of, reviews, shorts},
    words::short,
};

fn place(card: &HouseholdCard) -> String {
    place_of([Some(&card.building), card.unit.as_deref(), card.room.as_deref()])
}

fn line(phone: &Phone, line: &HouseholdLine) -> String {
    let (words, card) = (phone.words, &line.card);
    let mut parts = vec![short(card.household), place(card), words.several(&card.people)];
    if !card.open {
        parts.push(words.plain("screen.household_closed"));
        return join(parts);
    }
    if !line.agreed {
        parts.push(words.plain("screen.no_consent"));
    }
    parts.extend(line.next_due.map(|due| words.say_with("screen.next_visit", json!({ "day": due }))));
    if line.overdue > 0 {
        parts.push(words.say_with("screen.visits_overdue", json!({ "count": line.overdue })));
    }
    parts.extend(
        card.visitors
            .last()
            .map(|visitor| words.say_with("screen.visitor", json!({ "who": phone.member_name(*visitor) }))),
    );
    join(parts)
}

pub(super) fn list(phone: &Phone, all: &[HouseholdLine]) -> Answer {
    let mut lines: Vec<String> = all.iter().map(|one| line(phone, one)).collect();
    if lines.is_empty() {
        lines.push(phone.words.plain("screen.nothing"));
    }
    Answer::new(json!({ "items": all }), lines)
}

pub(super) fn household(phone: &Phone, household: Reference) -> Outcome<Answer> {
    let detail = phone.replica.household(household)?;
    let (words, view) = (phone.words, &detail.view);
    let mut lines = vec![line(phone, &detail.line)];
    if let Some(consent) = &view.card.consent {
        let until = consent.until.map_or_else(|| words.plain("screen.no_end"), |until| until.to_string());
        lines.push(words.say_with("screen.consent", json!({ "purpose": consent.purpose, "until": until })));
    }
    for (person, nth) in view.attention.iter().zip(1..) {
        let why = person.why.clone().unwrap_or_default();
        lines.push(indented(words.say_with("screen.attention", json!({ "nth": nth, "who": person.name, "why": why }))));
    }
    for (contact, nth) in view.contacts.iter().zip(1..) {
        let number = contact.phone.clone().unwrap_or_default();
        lines.push(indented(
            words.say_with("screen.call", json!({ "nth": nth, "who": contact.name, "number": number })),
        ));
    }
    for (check, nth) in view.checklist.iter().zip(1..) {
        lines.push(indented(words.say_with("screen.check", json!({ "nth": nth, "what": check.text }))));
    }
    lines.extend(
        view.note.as_ref().map(|note| words.say_with("screen.field", json!({ "field": "note", "value": note }))),
    );
    for plan in &view.card.calendar.plans {
        let params = json!({ "plan": short(plan.event), "day": plan.from, "days": plan.every });
        let key = if plan.every.is_some() { "screen.plan_every" } else { "screen.plan_on" };
        lines.push(indented(words.say_with(key, params)));
    }
    for visit in &view.visits {
        let outcome = words.word("visit", visit.outcome.code());
        let note = visit.note.clone().unwrap_or_default();
        let who = phone.member_name(visit.by);
        let twice = if visit.counts { String::new() } else { words.plain("screen.counts_once") };
        lines.push(join([format!("  {}", short(visit.event)), visit.day.to_string(), who, outcome, note, twice]));
    }
    lines.extend(reviews(phone, &detail.review));
    lines.extend(history(phone, "household", &detail.history));
    Ok(Answer::new(&detail, lines))
}

fn indented(line: String) -> String {
    format!("  {line}")
}

pub(super) fn written(phone: &Phone, receipt: &Receipt) -> Outcome<Answer> {
    let detail = phone.replica.household(receipt.aggregate)?;
    Ok(crate::show::receipt("household", receipt, &detail.line, vec![line(phone, &detail.line)]))
}

pub(super) fn posted(phone: &Phone, household: Reference, order: Reference, receipt: &Receipt) -> Outcome<Answer> {
    let document = json!({
        "household": household,
        "order": order,
        "short": short(order),
        "events": receipt.events,
    });
    Ok(Answer::new(document, [phone.words.say_with("done.visit_posted", json!({ "order": short(order) }))]))
}

fn due_line(phone: &Phone, visit: &DueVisit) -> String {
    let words = phone.words;
    let place = place_of([Some(&visit.building), visit.unit.as_deref(), visit.room.as_deref()]);
    let mut parts =
        vec![format!("  {}", short(visit.household)), visit.due.to_string(), place, words.several(&visit.people)];
    if visit.days_late > 0 {
        parts.push(words.say_with("screen.days_late", json!({ "days": visit.days_late })));
    }
    if !visit.agreed {
        parts.push(words.plain("screen.no_consent"));
    }
    if !visit.orders.is_empty() {
        let key = if visit.double { "screen.posted_twice" } else { "screen.posted_as" };
        parts.push(words.say_with(key, json!({ "orders": shorts(&visit.orders) })));
    }
    join(parts)
}

fn proposed_line(phone: &Phone, visit: &ProposedVisit) -> String {
    let place = place_of([Some(&visit.building), visit.unit.as_deref(), visit.room.as_deref()]);
    let mut parts = vec![format!("  {}", short(visit.household)), visit.day.to_string(), place];
    parts.extend([phone.member_name(visit.by), phone.words.word("visit", visit.outcome.code())]);
    parts.push(short(visit.order));
    parts.extend(visit.comments.iter().cloned());
    join(parts)
}

/// What is overdue, what is due, what waits to be confirmed.
pub(super) fn visits(phone: &Phone, until: Option<Day>) -> Outcome<Answer> {
    let (overdue, due): (Vec<_>, Vec<_>) =
        phone.replica.due_visits(until)?.into_iter().partition(|visit| visit.days_late > 0);
    let proposed = phone.replica.proposed_visits()?;
    let mut lines = Vec::new();
    for (key, visits) in [("screen.overdue_visits", &overdue), ("screen.due_visits", &due)] {
        lines.push(phone.words.say_with(key, json!({ "count": visits.len() })));
        lines.extend(visits.iter().map(|visit| due_line(phone, visit)));
    }
    lines.push(phone.words.say_with("screen.proposed_visits", json!({ "count": proposed.len() })));
    lines.extend(proposed.iter().map(|visit| proposed_line(phone, visit)));
    Ok(Answer::new(json!({ "overdue": overdue, "due": due, "proposed": proposed }), lines))
}
