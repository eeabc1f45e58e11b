//! What screens see of households: a card in lists, the whole for who opens one. Only care holders have these rows.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{
    HouseholdState,
    calendar::Calendar,
    content::{CareContact, Check, Person, checklist, contacts, field, people, text},
    fact::VisitOutcome,
    outcome::{Consent, Outcome, Posting, Skip, Visit},
};
use crate::{
    aggregate::{Cell, Found, Review, Row, Subject, Table, address, medicine_box::Day},
    id::{MemberId, Reference},
    label,
    vocabulary::Says,
};

/// One row for each household. `building` is its label as it is compared.
pub const HOUSEHOLD: Table = Table {
    name: "household",
    columns: &["building", "building_key", "open", "room_key", "card"],
    indexes: &[&["open", "building_key", "room_key"], &["building", "open", "room_key"]],
};

/// One row for each order that was posted for a visit. `outcome` is the code of what was confirmed, if anything.
pub const HOUSEHOLD_VISIT: Table = Table {
    name: "household_visit",
    columns: &["due", "for_order", "outcome", "reached"],
    indexes: &[&["reached"], &["for_order"]],
};

/// A household in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HouseholdCard {
    /// The household, by its creating event.
    pub household: Reference,
    /// The building, fixed for life.
    pub building: String,
    /// The unit (单元), if one is named.
    pub unit: Option<String>,
    /// The room, if one is named.
    pub room: Option<String>,
    /// The names of who needs attention.
    pub people: Vec<String>,
    /// The consent that stands.
    pub consent: Option<Consent>,
    /// Plans and what of them is settled.
    pub calendar: Calendar,
    /// Who is paired with it, the newest last.
    pub visitors: Vec<MemberId>,
    /// The outcome of the last visit that counts.
    pub last_outcome: Option<VisitOutcome>,
    /// Orders posted for it.
    pub postings: Vec<Posting>,
    /// Whether it is in use.
    pub open: bool,
}

/// A household in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HouseholdView {
    /// What lists show of it.
    #[serde(flatten)]
    pub card: HouseholdCard,
    /// Who needs attention, and why.
    pub attention: Vec<Person>,
    /// Whom to call, in this order.
    pub contacts: Vec<CareContact>,
    /// What a visitor looks after.
    pub checklist: Vec<Check>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Visits, in the order in which they were written down.
    pub visits: Vec<Visit>,
    /// What was left out.
    pub skips: Vec<Skip>,
}

impl HouseholdCard {
    /// The card of a folded household.
    pub fn of(subject: &Subject<'_, HouseholdState>) -> Self {
        Self::from_outcome(subject, &Outcome::of(subject))
    }

    /// The card out of a row of [`HOUSEHOLD`], if the row is one.
    pub fn from_row(found: &Found) -> Option<Self> {
        serde_json::from_str(HOUSEHOLD.cell(found, "card").text()?).ok()
    }

    fn from_outcome(subject: &Subject<'_, HouseholdState>, outcome: &Outcome) -> Self {
        let owned = |field| text(subject.content, field).map(str::to_owned);
        Self {
            household: subject.birth.aggregate,
            building: subject.birth.building.clone().unwrap_or_default(),
            unit: owned(field::UNIT),
            room: owned(field::ROOM),
            people: people(subject.content).into_iter().map(|person| person.name).collect(),
            consent: outcome.consent.clone(),
            calendar: outcome.calendar.clone(),
            visitors: outcome.visitors.clone(),
            last_outcome: outcome.visits.iter().rfind(|visit| visit.counts).map(|visit| visit.outcome),
            postings: outcome.postings.clone(),
            open: !outcome.closed,
        }
    }
}

impl HouseholdView {
    /// The whole of a folded household.
    pub fn of(subject: &Subject<'_, HouseholdState>) -> Self {
        let outcome = Outcome::of(subject);
        Self {
            card: HouseholdCard::from_outcome(subject, &outcome),
            attention: people(subject.content),
            contacts: contacts(subject.content),
            checklist: checklist(subject.content),
            note: text(subject.content, field::NOTE).map(str::to_owned),
            visits: outcome.visits,
            skips: outcome.skips,
        }
    }
}

pub(super) fn rows(subject: &Subject<'_, HouseholdState>) -> Vec<Row> {
    let outcome = Outcome::of(subject);
    let card = HouseholdCard::from_outcome(subject, &outcome);
    let building = label::building(&card.building);
    let key = |text: Option<&str>| address::sort_key(text.unwrap_or_default());
    let cells = vec![
        building.as_str().into(),
        key(Some(&building)).into(),
        card.open.into(),
        [key(card.unit.as_deref()), key(card.room.as_deref())].join(" ").into(),
        // Plain structs with text keys always have a JSON form.
        serde_json::to_string(&card).unwrap_or_default().into(),
    ];
    let mut rows = vec![Row { table: HOUSEHOLD.name, cells }];
    let visits = outcome.visits_of_orders();
    rows.extend(outcome.postings.iter().map(|posting| {
        let came = visits.get(&posting.order).map(|visit| visit.outcome);
        let cells = vec![
            i64::from(posting.due.number()).into(),
            posting.order.into(),
            came.map(VisitOutcome::code).map_or(Cell::Null, Into::into),
            came.is_some_and(VisitOutcome::reached).into(),
        ];
        Row { table: HOUSEHOLD_VISIT.name, cells }
    }));
    rows
}

/// What of a household a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what the sentence names")]
pub enum Finding {
    /// One order is said to have come to a visit in different ways.
    ConfirmedDifferently { order: Reference },
    /// The last visit met nobody.
    NobodyReached { event: Reference, by: MemberId, day: Day },
    /// A visit is posted, and consent does not stand.
    PostedWithoutConsent { order: Reference, by: MemberId },
}

pub(super) fn review(subject: &Subject<'_, HouseholdState>) -> Vec<Review> {
    let outcome = Outcome::of(subject);
    let differ = outcome.differently.iter();
    let mut findings: Vec<Finding> = differ.map(|order| Finding::ConfirmedDifferently { order: *order }).collect();
    let last = outcome.visits.iter().rfind(|visit| visit.counts);
    if let Some(visit) = last.filter(|visit| !outcome.closed && !visit.outcome.reached()) {
        findings.push(Finding::NobodyReached { event: visit.event, by: visit.by, day: visit.day });
    }
    if outcome.consent.is_none() {
        let visits = outcome.visits_of_orders();
        let open = |posting: &&Posting| !visits.contains_key(&posting.order);
        let open = outcome.postings.iter().filter(open);
        findings.extend(open.map(|posting| Finding::PostedWithoutConsent { order: posting.order, by: posting.by }));
    }
    findings.iter().map(Review::found).collect()
}

pub(super) fn search(subject: &Subject<'_, HouseholdState>) -> Option<String> {
    let content = subject.content;
    let building = subject.birth.building.as_deref();
    let searched = address::searched(building, text(content, field::UNIT), text(content, field::ROOM));
    let mut words = vec![building.unwrap_or_default().to_owned(), searched];
    words.extend(
        [field::UNIT, field::ROOM, field::NOTE].iter().filter_map(|field| text(content, *field)).map(str::to_owned),
    );
    for person in people(content) {
        words.push(person.name);
        words.extend(person.why);
    }
    for contact in contacts(content) {
        words.push(contact.name);
        words.extend(contact.phone);
    }
    words.retain(|word| !word.is_empty());
    Some(words.join("\n"))
}
