//! The care register: households, what is due and overdue, and what came of visits.
//!
//! Every question about it, here and among rows, histories and search, is answered to devices that hold the
//! `care` grant and a key of the compartment, and to nobody else: with [`QueryError::CareHidden`], never with an empty
//! list. What is due today is worked out when asked, with this device's clock.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Community, Page, QueryError, Replica, every, look};
use crate::{
    aggregate::{
        Aggregate, Found, Match, Position, Review, Select, Told,
        household::{
            HOUSEHOLD, HOUSEHOLD_VISIT, Household, HouseholdCard, HouseholdCommand, HouseholdRefusal, HouseholdView,
            Posting, VisitOutcome,
        },
        is_of_all,
        medicine_box::Day,
        order::{self, AttemptOutcome, ORDER_CARD, Order, OrderView, Status},
    },
    event::Topic,
    id::{CommandId, MemberId, Reference},
    label, limits,
    replica::{Receipt, SubmitError},
    roster::{Need, Right, Role},
    store::{Reader, StoreError},
    time::WallMs,
};

/// What of the register is asked for. The default is all that is in use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HouseholdFilter {
    /// Only of this building.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub building: Option<String>,
    /// Those that are closed, too.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub closed: bool,
    /// Where the last page ended.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub after: Option<Position>,
    /// As many as this; at most [`limits::PAGE`], which 0 means too.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub limit: usize,
}

/// A household in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HouseholdLine {
    /// What stands in it.
    #[serde(flatten)]
    pub card: HouseholdCard,
    /// Whether their consent holds today.
    pub agreed: bool,
    /// The next day on which a visit is due, perhaps past.
    pub next_due: Option<Day>,
    /// How many due visits of days before today nobody made; at most a year of them.
    pub overdue: usize,
}

/// A household in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HouseholdDetail {
    /// What lists show of it, by this device's clock.
    pub line: HouseholdLine,
    /// All that stands in it, and every visit.
    pub view: HouseholdView,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members in it, where they have one and the key that seals it is held.
    pub names: BTreeMap<MemberId, String>,
}

/// A visit that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DueVisit {
    /// The household to visit.
    pub household: Reference,
    /// The building, fixed for life.
    pub building: String,
    /// The unit (单元), if one is named.
    pub unit: Option<String>,
    /// The room, if one is named.
    pub room: Option<String>,
    /// The names of who needs attention.
    pub people: Vec<String>,
    /// The day it is due.
    pub due: Day,
    /// Days since then, by this device's clock; 0 today and before.
    pub days_late: i64,
    /// Whether their consent holds today: else nothing can be posted.
    pub agreed: bool,
    /// Who is paired with the household, the newest last.
    pub visitors: Vec<MemberId>,
    /// Orders posted for it that are not cancelled.
    pub orders: Vec<Reference>,
    /// More than one of them stands: two people posted it, and one is to be cancelled.
    pub double: bool,
}

/// What came of an order that was posted for a visit, and is not in the register yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ProposedVisit {
    /// The household that was visited.
    pub household: Reference,
    /// The building, fixed for life.
    pub building: String,
    /// The unit (单元), if one is named.
    pub unit: Option<String>,
    /// The room, if one is named.
    pub room: Option<String>,
    /// The names of who needs attention.
    pub people: Vec<String>,
    /// The day it was due.
    pub due: Day,
    /// The order that was posted: what a confirmation names.
    pub order: Reference,
    /// What its outcome comes to.
    pub outcome: VisitOutcome,
    /// Who was there.
    pub by: MemberId,
    /// When, as they said.
    pub when: WallMs,
    /// On which day that is.
    pub day: Day,
    /// What was said on the order, in order.
    pub comments: Vec<String>,
}

impl ProposedVisit {
    /// The command that confirms it.
    pub fn command(&self, note: Option<String>) -> HouseholdCommand {
        HouseholdCommand::Visit {
            outcome: self.outcome,
            day: Some(self.day),
            due: Some(self.due),
            order: Some(self.order),
            by: Some(self.by),
            note,
            already_happened: false,
        }
    }
}

/// What came of an order.
struct Came {
    outcome: VisitOutcome,
    by: MemberId,
    when: WallMs,
    comments: Vec<String>,
}

/// Whether a device may look into the care register: it has the grant, and a key.
fn reads_care(community: &Community) -> bool {
    let on_duty = community
        .roster
        .device(community.me)
        .is_some_and(|device| !device.withdrawn && !device.kit && device.role != Role::Relay);
    on_duty && community.roster.holds(community.me, &Right::Care) && community.writing_key(Topic::Care).is_ok()
}

impl Replica {
    /// Whether this device may look into the care register: it holds the `care` grant, and a key has arrived.
    pub fn reads_care(&self) -> bool {
        self.snapshot().is_some_and(|community| reads_care(&community))
    }

    /// Asks for the care register.
    ///
    /// # Errors
    /// [`QueryError::CareHidden`] without the grant or a key, [`QueryError::NotAMember`] before founding or joining.
    pub fn care(&self) -> Result<(), QueryError> {
        if reads_care(&*self.joined()?) { Ok(()) } else { Err(QueryError::CareHidden { need: Need::CARE }) }
    }

    /// The same, where a type of aggregate or a table of one lives there.
    pub(super) fn open_to(&self, topic: Option<Topic>) -> Result<(), QueryError> {
        if topic == Some(Topic::Care) { self.care() } else { Ok(()) }
    }

    /// A question as this device may ask it: none to the care register, nothing out of it in tables of all types, without
    /// the grant.
    pub(super) fn permitted(&self, select: &Select) -> Result<Select, QueryError> {
        self.open_to(self.registry().topic_of_table(select.table))?;
        let mut select = select.clone();
        if is_of_all(select.table) && !self.reads_care() {
            for name in self.registry().names_in(Topic::Care) {
                select = select.and("type", Match::IsNot(name.into()));
            }
        }
        Ok(select)
    }

    /// A page of the register, by building and room.
    ///
    /// # Errors
    /// [`QueryError::CareHidden`], [`QueryError::NotAMember`], [`QueryError::Position`], or when the store fails.
    pub fn households(&self, filter: &HouseholdFilter) -> Result<Page<HouseholdLine>, QueryError> {
        self.care()?;
        let today = self.today()?;
        let mut select = Select::from(HOUSEHOLD.name);
        if let Some(building) = &filter.building {
            select = select.is("building", label::building(building));
        }
        if !filter.closed {
            select = select.is("open", true);
        }
        select = select.ascending("building_key").ascending("room_key");
        select.after.clone_from(&filter.after);
        if filter.limit > 0 {
            select.limit = filter.limit.min(limits::PAGE);
        }
        let page = self.select(&select)?;
        let items = page.items.iter().filter_map(HouseholdCard::from_row).map(|card| line(card, today)).collect();
        Ok(Page { items, next: page.next })
    }

    /// A household in full.
    ///
    /// # Errors
    /// As [`households`](Self::households), and [`QueryError::Unknown`].
    pub fn household(&self, household: Reference) -> Result<HouseholdDetail, QueryError> {
        self.care()?;
        let (folded, standing) = self.stand_before(Household::NAME, household)?;
        let unknown = QueryError::Unknown { kind: Household::NAME, reference: household };
        let view = HouseholdView::of(&folded.subject::<Household>().ok_or(unknown)?);
        let history = self.told(&folded, standing);
        let mut names = self.names();
        names.retain(|member, _| {
            history.iter().any(|told| told.by == Some(*member))
                || view.visits.iter().any(|visit| visit.by == *member)
                || view.card.visitors.contains(member)
        });
        let line = line(view.card.clone(), self.today()?);
        Ok(HouseholdDetail { line, view, history, review: folded.review(), names })
    }

    /// Visits that are due until and with a day and that nobody has made, the oldest first; without one, until today.
    ///
    /// # Errors
    /// As [`households`](Self::households).
    pub fn due_visits(&self, until: Option<Day>) -> Result<Vec<DueVisit>, QueryError> {
        self.care()?;
        let today = self.today()?;
        let until = until.unwrap_or(today);
        let mut due = self.read(|reader| {
            let mut due = Vec::new();
            for card in cards(reader)?.iter().filter(|card| card.open) {
                for day in card.calendar.due(until, today) {
                    due.push(due_visit(reader, card, day, today)?);
                }
            }
            Ok(due)
        })?;
        due.sort_by(|one, other| {
            (one.due, &one.building, one.household).cmp(&(other.due, &other.building, other.household))
        });
        Ok(due)
    }

    /// The same of days before today.
    ///
    /// # Errors
    /// As [`households`](Self::households).
    pub fn overdue_visits(&self) -> Result<Vec<DueVisit>, QueryError> {
        let mut due = self.due_visits(None)?;
        due.retain(|visit| visit.days_late > 0);
        Ok(due)
    }

    /// Posts a due visit as an order, with what of the household it may carry, and gives the order to whoever is paired
    /// with the household. Posted again for that day while an order stands, it writes nothing. Gives the order.
    ///
    /// # Errors
    /// Why nothing was written; without the `care` grant [`SubmitError::NotEntitled`].
    pub fn post_visit(
        &self,
        id: CommandId,
        household: Reference,
        due: Day,
        carried: &[crate::aggregate::household::Carried],
        note: Option<String>,
    ) -> Result<(Reference, Receipt), SubmitError<HouseholdRefusal>> {
        let command = HouseholdCommand::Post { due, carried: carried.to_vec(), note };
        let receipt = self.submit::<Household>(id, Some(household), command)?;
        if !receipt.events.is_empty() {
            return Ok((receipt.aggregate, receipt));
        }
        let found = self.read(|reader| {
            let rows = reader.select(&Select::from(HOUSEHOLD.name).of(household).limit(1))?;
            let card = rows.first().and_then(HouseholdCard::from_row);
            standing(reader, card.iter().flat_map(|card| &card.postings), due)
        })?;
        let order = found.first().copied().ok_or(SubmitError::Unknown { kind: Order::NAME })?;
        Ok((order, receipt))
    }

    /// What came of orders posted for visits and is not in the register yet: a person looks at it and confirms, by
    /// [`ProposedVisit::command`]. What was attempted in vain and confirmed as such is proposed again once it is delivered.
    ///
    /// # Errors
    /// As [`households`](Self::households).
    pub fn proposed_visits(&self) -> Result<Vec<ProposedVisit>, QueryError> {
        self.care()?;
        let (community, offset) = (self.joined()?, self.settings()?.utc_offset_minutes);
        let mut proposed = self.read(|reader| {
            let mut proposed = Vec::new();
            for row in every(reader, Select::from(HOUSEHOLD_VISIT.name).is("reached", false))? {
                let cell = |column| HOUSEHOLD_VISIT.cell(&row, column);
                let (Some(order), Some(due)) = (cell("for_order").reference(), day_of(cell("due").int())) else {
                    continue;
                };
                let Some(came) = self.came(reader, &community, order)? else { continue };
                let Came { outcome, by, when, comments } = came;
                if cell("outcome").text().is_some() && !outcome.reached() {
                    continue; // somebody confirmed that nobody was reached
                }
                let Some(card) = card_of(reader, &row)? else { continue };
                let day = Day::of(when, offset);
                let HouseholdCard { household, building, unit, room, people, .. } = card;
                proposed.push(ProposedVisit {
                    household,
                    building,
                    unit,
                    room,
                    people,
                    due,
                    order,
                    outcome,
                    by,
                    when,
                    day,
                    comments,
                });
            }
            Ok(proposed)
        })?;
        proposed.sort_by_key(|visit| (visit.due, visit.household, visit.order));
        Ok(proposed)
    }

    /// What came of an order, wherever it moved: the first delivery, else the last attempt.
    fn came(&self, reader: &Reader, community: &Community, order: Reference) -> Result<Option<Came>, StoreError> {
        let Some(view) = self.followed(reader, community, order)? else { return Ok(None) };
        let comments = view.comments.into_iter().map(|comment| comment.text).collect();
        if let Some(delivery) = view.deliveries.first() {
            return Ok(Some(Came { outcome: VisitOutcome::Well, by: delivery.by, when: delivery.when, comments }));
        }
        Ok(view.attempts.last().map(|attempt| {
            let outcome = match attempt.outcome {
                AttemptOutcome::Nobody => VisitOutcome::Nobody,
                AttemptOutcome::WrongAddress => VisitOutcome::WrongAddress,
                AttemptOutcome::Refused => VisitOutcome::Refused,
            };
            Came { outcome, by: attempt.by, when: attempt.when, comments }
        }))
    }

    /// An order, or the one in which it goes on.
    fn followed(
        &self,
        reader: &Reader,
        community: &Community,
        order: Reference,
    ) -> Result<Option<OrderView>, StoreError> {
        let mut at = order;
        for _ in 0..limits::MOVES_FOLLOWED {
            let folded = look(reader, self, community, at)?;
            let subject = folded.as_ref().and_then(|folded| folded.subject::<Order>());
            let Some(view) = subject.map(|subject| order::view(&subject, false)) else { return Ok(None) };
            match view.moved_to {
                Some(to) if view.card.status == Status::Moved => at = to,
                _ => return Ok(Some(view)),
            }
        }
        Ok(None)
    }
}

fn day_of(number: Option<i64>) -> Option<Day> {
    number.and_then(|number| u32::try_from(number).ok()).and_then(Day::from_number)
}

fn line(card: HouseholdCard, today: Day) -> HouseholdLine {
    let overdue = card.calendar.due(today, today).iter().filter(|day| **day < today).count();
    HouseholdLine {
        agreed: card.consent.as_ref().is_some_and(|consent| consent.holds(today)),
        next_due: card.calendar.next(today).filter(|_| card.open),
        overdue: if card.open { overdue } else { 0 },
        card,
    }
}

fn cards(reader: &Reader) -> Result<Vec<HouseholdCard>, StoreError> {
    Ok(every(reader, Select::from(HOUSEHOLD.name))?.iter().filter_map(HouseholdCard::from_row).collect())
}

/// The card of the household that a row of another table belongs to.
fn card_of(reader: &Reader, row: &Found) -> Result<Option<HouseholdCard>, StoreError> {
    let rows = reader.select(&Select::from(HOUSEHOLD.name).of(row.aggregate).limit(1))?;
    Ok(rows.first().and_then(HouseholdCard::from_row))
}

fn due_visit(reader: &Reader, card: &HouseholdCard, due: Day, today: Day) -> Result<DueVisit, StoreError> {
    let orders = standing(reader, card.postings.iter(), due)?;
    Ok(DueVisit {
        household: card.household,
        building: card.building.clone(),
        unit: card.unit.clone(),
        room: card.room.clone(),
        people: card.people.clone(),
        due,
        days_late: today.since_1970().saturating_sub(due.since_1970()).max(0),
        agreed: card.consent.as_ref().is_some_and(|consent| consent.holds(today)),
        visitors: card.visitors.clone(),
        double: orders.len() > 1,
        orders,
    })
}

/// Orders posted for a day that were not cancelled. One that has not arrived here stands: somebody posted it.
fn standing<'a>(
    reader: &Reader,
    postings: impl Iterator<Item = &'a Posting>,
    due: Day,
) -> Result<Vec<Reference>, StoreError> {
    let mut orders = Vec::new();
    for posting in postings.filter(|posting| posting.due == due) {
        let ended = [Status::Cancelled, Status::Duplicate].map(|status| status.code().into()).to_vec();
        let select = Select::from(ORDER_CARD.name).of(posting.order).and("status", Match::Among(ended)).limit(1);
        if reader.select(&select)?.is_empty() {
            orders.push(posting.order);
        }
    }
    Ok(orders)
}
