//! Households in the care register: who needs attention and why, whom to call, who visits when.
//!
//! Everything here lives in the topic `care`, sealed for holders of the `care` grant. People edit a household's card
//! together; consent, plans, visits and pairings are facts and decisions, folded by the rules here. Nothing is planned
//! or posted without consent. A due visit goes to the board as an order that carries the chosen fields and does not
//! name the household; what came of it returns as a visit that a person confirms. This folder knows no clock and no
//! other aggregate: what is due or overdue is asked of a [`Calendar`] with the day at hand.

mod calendar;
mod command;
mod content;
mod decide;
mod fact;
pub mod kind;
mod outcome;
mod refusal;
mod rows;
mod state;
#[cfg(test)]
mod tests;

use super::{
    Aggregate, Birth, DecisionContext, Draft, Family, Found, History, KindSpec, Malformed, Review, RoomFields,
    RoomName, Row, Says, Schema, Subject, Table, Terms, address,
};
use crate::{event::Topic, id::Reference};

pub use calendar::{Calendar, Plan};
pub use command::{Carried, HouseholdChange, HouseholdCommand, NewConsent, NewContact, NewHousehold, NewPerson};
pub use content::{CONTACTS, CareContact, Check, Person, field};
pub use fact::{
    Consented, Corrected, Edited, HouseholdFact, MOST_DAYS, PlanEnded, Planned, Posted, Registered, Skipped,
    VisitOutcome, Visited, Visitor, Why,
};
pub use outcome::{Consent, Outcome, Posting, Skip, Visit};
pub use refusal::HouseholdRefusal;
pub use rows::{Finding, HOUSEHOLD, HOUSEHOLD_VISIT, HouseholdCard, HouseholdView};
pub use state::HouseholdState;

/// The household aggregate.
pub struct Household;

impl Aggregate for Household {
    const NAME: &'static str = "household";
    const TOPIC: Topic = Topic::Care;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[HOUSEHOLD, HOUSEHOLD_VISIT];
    const SAYS: &'static [Terms] = HouseholdFact::SAYS;

    const REVIEWS: Family = Family::saying::<Finding>("review");
    const FAMILIES: &'static [Family] = &[Family::of::<VisitOutcome>("visit")];

    const ROOMS: Option<Table> = Some(HOUSEHOLD);
    const ROOM_FIELDS: Option<RoomFields> = Some(RoomFields { unit: Some(field::UNIT), room: field::ROOM });

    type Fact = HouseholdFact;
    type State = HouseholdState;
    type Command = HouseholdCommand;
    type Refusal = HouseholdRefusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<HouseholdFact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn target(fact: &HouseholdFact) -> Option<Reference> {
        if let HouseholdFact::Corrected(corrected) = fact { Some(corrected.event) } else { None }
    }

    fn building(fact: &HouseholdFact) -> Option<String> {
        if let HouseholdFact::Registered(registered) = fact { Some(registered.building.clone()) } else { None }
    }

    fn apply(state: &mut HouseholdState, fact: &HouseholdFact, at: usize, _history: &History, _birth: &Birth) {
        state.apply(fact, at);
    }

    fn rows(subject: &Subject<'_, HouseholdState>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn review(subject: &Subject<'_, HouseholdState>) -> Vec<Review> {
        rows::review(subject)
    }

    fn search(subject: &Subject<'_, HouseholdState>) -> Option<String> {
        rows::search(subject)
    }

    fn line(card: &Found) -> Vec<String> {
        let Some(card) = HouseholdCard::from_row(card) else { return Vec::new() };
        vec![address::short([Some(card.building), card.unit, card.room]), card.people.join(", ")]
    }

    fn room(card: &Found) -> RoomName {
        let card = HouseholdCard::from_row(card);
        card.map(|card| RoomName { building: Some(card.building), unit: card.unit, room: card.room })
            .unwrap_or_default()
    }

    fn decide(
        subject: Option<&Subject<'_, HouseholdState>>,
        command: HouseholdCommand,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, HouseholdRefusal> {
        decide::decide(subject, command, context)
    }
}
