//! Everything held about one room: shown in full, handed out, erased.

use std::collections::BTreeSet;

use serde::Serialize;

use super::EraseError;
use crate::{
    aggregate::{
        Content, Found, Position, Select, Table,
        address::{Part, part_label},
        alert::{ALERT_CARD, Alert, AlertCard, AlertView},
        household::{self, HOUSEHOLD, Household, HouseholdView},
        medicine_box::{BOX, BOX_MOVE},
        order::{self, Order, OrderCard, OrderView, field, room_key},
    },
    id::{CommandId, Reference},
    replica::Replica,
    roster::Erased,
    store::{Reader, StoreError},
    time::WallMs,
};

/// Everything that is held about a room and whoever lives there, contacts in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AboutRoom {
    /// The building.
    pub building: String,
    /// The unit, if one was asked for.
    pub unit: Option<String>,
    /// The room.
    pub room: String,
    /// Orders for it, with their comments.
    pub orders: Vec<AboutOrder>,
    /// Alerts from it, with their comments.
    pub alerts: Vec<AlertView>,
    /// What was taken for it from medicine boxes, and brought back.
    pub takes: Vec<TakeLine>,
    /// Households of it in the care register, with their visits; none where this device cannot look there.
    pub households: Vec<HouseholdView>,
    /// Whether the care register was not looked into, for want of the `care` grant or its key: who holds both should.
    pub care_hidden: bool,
}

/// An order as it is handed out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AboutOrder {
    /// The order.
    pub order: Reference,
    /// All that stands in it.
    #[serde(flatten)]
    pub view: OrderView,
}

/// Something taken from a box for a room, or brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakeLine {
    /// The box.
    pub medicine_box: Reference,
    /// Whether the box is still open: then it is not erased, but first closed and carried over by a count.
    pub open: bool,
    /// The event.
    pub event: Reference,
    /// A stable code, such as `taken`.
    pub kind: String,
    /// The product.
    pub product: Option<Reference>,
    /// The effect on the box, in the lot's unit.
    pub qty: i64,
    /// The order it was for.
    pub order: Option<Reference>,
    /// When, as said, else when it was written down.
    pub wall: WallMs,
}

/// What became of everything held about a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasedRoom {
    /// What was erased: orders, alerts, closed boxes, households.
    pub erased: Vec<Reference>,
    /// Open boxes that still name the room: they are closed and carried over by a count, and then erased.
    pub carry_over: Vec<Reference>,
    /// Whether the care register was not looked into.
    pub care_hidden: bool,
}

/// A room as people name it.
struct Place<'a> {
    unit: Option<&'a str>,
    key: String,
}

impl Place<'_> {
    /// Whether labels name this room; without a unit asked for, that of every unit.
    fn is(&self, building: Option<&str>, unit: Option<&str>, room: Option<&str>) -> bool {
        let unit = unit.filter(|unit| !unit.is_empty() && self.unit.is_some());
        room.is_some_and(|room| key_of(building.unwrap_or_default(), unit, room) == self.key)
    }
}

/// A room as it compares: `1804室` is 1804.
fn key_of(building: &str, unit: Option<&str>, room: &str) -> String {
    let plain = |part, text: &str| part_label(part, text).unwrap_or_else(|_| text.to_owned());
    let unit = unit.map(|unit| plain(Part::Unit, unit));
    room_key(&plain(Part::Building, building), unit.as_deref(), &plain(Part::Room, room))
}

impl Replica {
    /// Everything held here about a room, contacts in full, for coordinators. Width, case and white space of the
    /// labels make no difference; without a unit the room of every unit is meant.
    ///
    /// # Errors
    /// [`EraseError::NotEntitled`], [`EraseError::NotAMember`], or when the store fails.
    pub fn about(&self, building: &str, unit: Option<&str>, room: &str) -> Result<AboutRoom, EraseError> {
        if self.member().is_none() {
            return Err(EraseError::NotAMember);
        }
        if !self.is_coordinator() {
            return Err(EraseError::NotEntitled { need: Erased::NEED });
        }
        let place = Place { unit, key: key_of(building, unit, room) };
        let (mut orders, alerts, takes) = self.read(|reader| {
            Ok((orders_of(self, reader, &place)?, alerts_of(reader, &place)?, takes(reader, &place)?))
        })?;
        let households = if self.reads_care() { self.households_of(&place)? } else { Vec::new() };
        // An order for a visit may carry no room.
        let posted = households.iter().flat_map(|household| &household.card.postings).map(|posting| posting.order);
        let posted: Vec<Reference> = posted.filter(|order| !orders.contains(order)).collect();
        orders.extend(posted);
        let mut about = AboutRoom {
            building: building.to_owned(),
            unit: unit.map(str::to_owned),
            room: room.to_owned(),
            orders: Vec::new(),
            alerts: Vec::new(),
            takes,
            households,
            care_hidden: !self.reads_care(),
        };
        for order in orders {
            let folded = self.folded(order)?;
            let subject = folded.as_ref().and_then(|folded| folded.subject::<Order>());
            about.orders.extend(subject.map(|subject| AboutOrder { order, view: order::view(&subject, true) }));
        }
        for alert in alerts {
            let folded = self.folded(alert)?;
            let subject = folded.as_ref().and_then(|folded| folded.subject::<Alert>());
            about.alerts.extend(subject.map(|subject| AlertView::of(&subject)));
        }
        Ok(about)
    }

    /// The same as one JSON document, to be handed to the person.
    ///
    /// # Errors
    /// As [`about`](Self::about).
    pub fn export_about(&self, building: &str, unit: Option<&str>, room: &str) -> Result<String, EraseError> {
        let about = self.about(building, unit, room)?;
        // Plain structs with text keys always have a JSON form.
        Ok(serde_json::to_string_pretty(&about).unwrap_or_default())
    }

    /// Households of a room in the care register, those too of which somebody said so while others say otherwise.
    fn households_of(&self, place: &Place<'_>) -> Result<Vec<HouseholdView>, StoreError> {
        let rows = self.read(|reader| every(reader, Select::from(HOUSEHOLD.name)))?;
        let mut households = Vec::new();
        for row in rows {
            let folded = self.folded(row.aggregate)?;
            let Some(subject) = folded.as_ref().and_then(|folded| folded.subject::<Household>()) else { continue };
            let building = subject.birth.building.as_deref();
            if said_in(subject.content, building, (household::field::UNIT, household::field::ROOM), place) {
                households.push(HouseholdView::of(&subject));
            }
        }
        Ok(households)
    }

    /// Erases everything held about a room: its orders, open ones too, its alerts, closed boxes that name it, and its
    /// households in the care register, where this device may look there.
    /// The same `id` again, once it has been done, finds nothing left.
    ///
    /// # Errors
    /// As [`about`](Self::about) and [`erase`](Self::erase).
    pub fn erase_about(
        &self,
        id: CommandId,
        building: &str,
        unit: Option<&str>,
        room: &str,
    ) -> Result<ErasedRoom, EraseError> {
        let about = self.about(building, unit, room)?;
        let (open, closed): (Vec<&TakeLine>, Vec<&TakeLine>) = about.takes.iter().partition(|take| take.open);
        let orders = about.orders.iter().map(|order| order.order);
        let alerts = about.alerts.iter().map(|alert| alert.card.alert);
        let boxes = closed.into_iter().map(|take| take.medicine_box);
        let households = about.households.iter().map(|household| household.card.household);
        let erased: BTreeSet<Reference> = orders.chain(alerts).chain(boxes).chain(households).collect();
        let erased: Vec<Reference> = erased.into_iter().collect();
        if !erased.is_empty() {
            self.erase(id, &erased)?;
        }
        let carry_over: BTreeSet<Reference> = open.into_iter().map(|take| take.medicine_box).collect();
        let carry_over = carry_over.into_iter().collect();
        Ok(ErasedRoom { erased, carry_over, care_hidden: about.care_hidden })
    }
}

/// All rows of a table that answer, page by page.
fn every(reader: &Reader, mut select: Select) -> Result<Vec<Found>, StoreError> {
    let mut all = Vec::new();
    loop {
        let page = reader.select(&select)?;
        let Some(last) = page.last().filter(|_| page.len() >= select.limit) else {
            all.extend(page);
            return Ok(all);
        };
        select.after = Some(Position { keys: Vec::new(), aggregate: last.aggregate, nth: last.nth });
        all.extend(page);
    }
}

fn cell<'a>(table: &Table, row: &'a Found, column: &str) -> Option<&'a crate::aggregate::Cell> {
    row.cells.get(table.columns.iter().position(|name| *name == column)?)
}

/// Orders of a room, those too of which somebody said that they are for it while others say otherwise.
fn orders_of(replica: &Replica, reader: &Reader, place: &Place<'_>) -> Result<Vec<Reference>, StoreError> {
    let mut orders = Vec::new();
    for row in every(reader, Select::from("order_card"))? {
        let Some(card) = OrderCard::from_row(&row) else { continue };
        let shown = place.is(Some(&card.building), card.unit.as_deref(), card.room.as_deref());
        if shown || (card.conflicts > 0 && said_of(replica, row.aggregate, place)?) {
            orders.push(row.aggregate);
        }
    }
    Ok(orders)
}

/// Whether any value of an order's room that stands is this one.
fn said_of(replica: &Replica, order: Reference, place: &Place<'_>) -> Result<bool, StoreError> {
    let folded = replica.folded(order)?;
    let Some(subject) = folded.as_ref().and_then(|folded| folded.subject::<Order>()) else { return Ok(false) };
    Ok(said_in(subject.content, subject.birth.building.as_deref(), (field::UNIT, field::ROOM), place))
}

/// Whether any value of these fields for unit and room that stands is this room's.
fn said_in(content: &Content, building: Option<&str>, (unit, room): (u16, u16), place: &Place<'_>) -> bool {
    let texts = |number: u16| {
        let values = content.fields.get(&number).into_iter().flatten();
        values.map(|value| value.value.text()).collect::<Vec<_>>()
    };
    let (mut units, rooms) = (texts(unit), texts(room));
    units.push(None);
    rooms.iter().any(|room| units.iter().any(|unit| place.is(building, *unit, *room)))
}

fn alerts_of(reader: &Reader, place: &Place<'_>) -> Result<Vec<Reference>, StoreError> {
    let rows = every(reader, Select::from(ALERT_CARD.name))?;
    let cards = rows.iter().filter_map(AlertCard::from_row);
    let here = |card: &AlertCard| place.is(card.building.as_deref(), card.unit.as_deref(), card.room.as_deref());
    Ok(cards.filter(here).map(|card| card.alert).collect())
}

fn takes(reader: &Reader, place: &Place<'_>) -> Result<Vec<TakeLine>, StoreError> {
    let mut takes = Vec::new();
    // Labels are compared as people read them, so the index on the room's own spelling does not help.
    for row in every(reader, Select::from(BOX_MOVE.name))? {
        let text = |column| cell(&BOX_MOVE, &row, column).and_then(|cell| cell.text());
        if !place.is(text("room_building"), text("room_unit"), text("room")) {
            continue;
        }
        let reference = |column| cell(&BOX_MOVE, &row, column).and_then(|cell| cell.reference());
        let number = |column| cell(&BOX_MOVE, &row, column).and_then(|cell| cell.int()).unwrap_or(0);
        let open = !reader.select(&Select::from(BOX.name).of(row.aggregate).is("open", true).limit(1))?.is_empty();
        takes.extend(reference("event").map(|event| TakeLine {
            medicine_box: row.aggregate,
            open,
            event,
            kind: text("kind").unwrap_or_default().to_owned(),
            product: reference("product"),
            qty: number("qty"),
            order: reference("for_order"),
            wall: WallMs(number("wall")),
        }));
    }
    Ok(takes)
}
