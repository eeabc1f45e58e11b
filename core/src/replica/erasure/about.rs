//! Everything held about one room: shown in full, handed out, erased.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::EraseError;
use crate::{
    aggregate::{
        Aggregate, RoomFields, RoomName, Select, Told,
        alert::{Alert, AlertView},
        household::{Household, HouseholdView},
        medicine_box::{BOX, BOX_MOVE, MedicineBox},
        order::{self, Order, OrderView, room_key},
    },
    event::{Edit, Topic},
    id::{CommandId, Reference},
    label,
    qty::Qty,
    replica::{
        Replica,
        fate::opened,
        query::{card, every, short},
    },
    roster::Erased,
    store::{Judged, Reader, StoreError},
    time::WallMs,
};

/// Everything that is held about a room and whoever lives there, contacts in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AboutRoom {
    /// The building that was asked about.
    pub building: String,
    /// The unit, if one was asked for.
    pub unit: Option<String>,
    /// The room that was asked about.
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
    /// What else names it, of the types that an app brought or declared among others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<AboutOther>,
}

/// An order as it is handed out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AboutOrder {
    /// The order, by its creating event.
    pub order: Reference,
    /// All that stands in it.
    #[serde(flatten)]
    pub view: OrderView,
}

/// Something taken from a box for a room, or brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TakeLine {
    /// The box from which it was taken.
    pub medicine_box: Reference,
    /// Whether the box is still open: then it is not erased, but first closed and carried over by a count.
    pub open: bool,
    /// The event that says so.
    pub event: Reference,
    /// A stable code, such as `taken`.
    pub kind: String,
    /// The product, where anybody here knows it.
    pub product: Option<Reference>,
    /// The effect on the box, in the lot's unit.
    pub qty: Qty,
    /// The order it was for.
    pub order: Option<Reference>,
    /// When, as said, else when it was written down.
    pub wall: WallMs,
}

/// An aggregate of a type that is not shown in a way of its own, as it is handed out: all that was said of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AboutOther {
    /// The aggregate, by its creating event.
    pub aggregate: Reference,
    /// Its type, by the code of the registry.
    pub kind: String,
    /// What it is, in a few words of the people who wrote it.
    pub line: String,
    /// All that was said, in the order of its history.
    pub told: Vec<Told>,
}

/// Types whose aggregates [`AboutRoom`] shows each in its own way.
const SHOWN: [&str; 4] = [Order::NAME, Alert::NAME, MedicineBox::NAME, Household::NAME];

/// What became of everything held about a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ErasedRoom {
    /// What was erased: orders, alerts, closed boxes, households, and what an app brought.
    pub erased: Vec<Reference>,
    /// What still names the room and is kept. Open boxes: they are closed and carried over by a count, and then erased.
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
    fn is_named(&self, name: &RoomName) -> bool {
        self.is(name.building.as_deref(), name.unit.as_deref(), name.room.as_deref())
    }

    /// Whether a label names its unit, where one was asked for.
    fn is_unit(&self, label: &str) -> bool {
        self.unit.is_some_and(|unit| label::unit(unit) == label::unit(label))
    }

    /// Whether labels name this room; without a unit asked for, that of every unit.
    fn is(&self, building: Option<&str>, unit: Option<&str>, room: Option<&str>) -> bool {
        let unit = unit.filter(|unit| !unit.is_empty() && self.unit.is_some());
        room.is_some_and(|room| room_key(building.unwrap_or_default(), unit, room) == self.key)
    }
}

impl Replica {
    /// Everything held here about a room, contacts in full, for coordinators. How the labels are written makes no
    /// difference; without a unit the room of every unit is meant.
    ///
    /// # Errors
    /// [`EraseError::NotEntitled`], [`EraseError::NotAMember`], or when the store fails.
    pub fn about(&self, building: &str, unit: Option<&str>, room: &str) -> Result<AboutRoom, EraseError> {
        self.may_ask()?;
        let place = Place { unit, key: room_key(building, unit, room) };
        let mut orders = self.naming(Order::NAME, &place)?;
        let alerts = self.naming(Alert::NAME, &place)?;
        let takes = self.read(|reader| takes(reader, &place))?;
        let mut households = Vec::new();
        for household in self.naming(Household::NAME, &place)? {
            let folded = self.folded(household)?;
            let subject = folded.as_ref().and_then(|folded| folded.subject::<Household>());
            households.extend(subject.map(|subject| HouseholdView::of(&subject)));
        }
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
            others: self.others(&place)?,
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

    /// What names a room of the types that are not shown in ways of their own.
    fn others(&self, place: &Place<'_>) -> Result<Vec<AboutOther>, StoreError> {
        let registry = self.registry();
        let mut others = Vec::new();
        for kind in registry.names().filter(|name| !SHOWN.contains(name)) {
            for aggregate in self.naming(kind, place)? {
                let Some(folded) = self.folded(aggregate)? else { continue };
                let line = self.read(|reader| short(reader, registry, aggregate, kind))?;
                others.push(AboutOther { aggregate, kind: kind.to_owned(), line, told: folded.told(registry) });
            }
        }
        Ok(others)
    }

    /// All of it as one JSON document, to be handed to the person.
    ///
    /// # Errors
    /// As [`about`](Self::about).
    pub fn export_about(&self, building: &str, unit: Option<&str>, room: &str) -> Result<String, EraseError> {
        let about = self.about(building, unit, room)?;
        // Plain structs with text keys always have a JSON form.
        Ok(serde_json::to_string_pretty(&about).unwrap_or_default())
    }

    fn may_ask(&self) -> Result<(), EraseError> {
        if self.member().is_none() {
            return Err(EraseError::NotAMember);
        }
        if self.is_coordinator() { Ok(()) } else { Err(EraseError::NotEntitled { need: Erased::NEED }) }
    }

    /// Aggregates of a type that name a room, or of which anybody ever said so: what was put right since, or wrong, tells of
    /// whoever lives there all the same. None of a type that this device may not look into.
    fn naming(&self, kind: &str, place: &Place<'_>) -> Result<Vec<Reference>, StoreError> {
        let registry = self.registry();
        let hidden = registry.topic(kind) == Some(Topic::Care) && !self.reads_care();
        let Some(table) = registry.rooms(kind).filter(|_| !hidden) else { return Ok(Vec::new()) };
        let rows = self.read(|reader| every(reader, Select::from(table.name)))?;
        let (mut found, mut seen, mut asked) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        for row in rows {
            let name = registry.room(kind, &row);
            let goes = match asked.get(&row.aggregate) {
                Some(said) => *said,
                None => self.was_said_of(kind, row.aggregate, name.building.as_deref(), place)?,
            };
            asked.insert(row.aggregate, goes);
            if (goes || place.is_named(&name)) && seen.insert(row.aggregate) {
                found.push(row.aggregate);
            }
        }
        Ok(found)
    }

    /// Whether any event that counts ever said so in the fields for unit and room.
    fn was_said_of(
        &self,
        kind: &str,
        aggregate: Reference,
        building: Option<&str>,
        place: &Place<'_>,
    ) -> Result<bool, StoreError> {
        let fields = self.registry().room_fields(kind).zip(self.snapshot());
        let Some((RoomFields { unit, room }, community)) = fields else { return Ok(false) };
        let edits = self.read(|reader| {
            let Some((id, _)) = reader.aggregate(aggregate)? else { return Ok(Vec::new()) };
            let counted = reader.events_of(id)?.into_iter().filter(|stored| stored.judged == Judged::Counts);
            Ok(counted
                .filter_map(|stored| opened(&stored, &community).ok())
                .flat_map(|filed| filed.body.edits)
                .collect())
        })?;
        let texts = |of: u16| {
            let put = edits.iter().filter_map(move |edit| match edit {
                Edit::Put { field, value } if *field == of => value.text(),
                _ => None,
            });
            put.collect::<BTreeSet<&str>>()
        };
        let (units, rooms) = (unit.map(texts).unwrap_or_default(), texts(room));
        let unit = units.into_iter().find(|unit| place.is_unit(unit));
        let of_building = |building: Option<&str>| {
            rooms.iter().any(|room| [unit, None].iter().any(|unit| place.is(building, *unit, Some(room))))
        };
        if building.is_some() || rooms.is_empty() {
            return Ok(of_building(building));
        }
        Ok(self.folded(aggregate)?.is_some_and(|folded| of_building(folded.birth().building.as_deref())))
    }

    /// Erases everything held about a room: its orders, open ones too, its alerts, closed boxes that name it, its
    /// households in the care register, where this device may look there, and what an app brought that names it.
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
        let mut erased: BTreeSet<Reference> = orders.chain(alerts).chain(boxes).chain(households).collect();
        let mut carry_over: BTreeSet<Reference> = open.into_iter().map(|take| take.medicine_box).collect();
        for AboutOther { aggregate, kind, .. } in &about.others {
            let goes = self.read(|reader| {
                let card = card(reader, self.registry(), *aggregate, kind)?;
                Ok(self.registry().erasable(kind, card.as_ref()))
            })?;
            if goes { &mut erased } else { &mut carry_over }.insert(*aggregate);
        }
        let erased: Vec<Reference> = erased.into_iter().collect();
        if !erased.is_empty() {
            self.erase(id, &erased)?;
        }
        let carry_over = carry_over.into_iter().collect();
        Ok(ErasedRoom { erased, carry_over, care_hidden: about.care_hidden })
    }
}

fn takes(reader: &Reader, place: &Place<'_>) -> Result<Vec<TakeLine>, StoreError> {
    let mut takes = Vec::new();
    // Labels are compared as people read them, so the index on the room's own spelling does not help.
    for row in every(reader, Select::from(BOX_MOVE.name))? {
        if !place.is_named(&MedicineBox::room(&row)) {
            continue;
        }
        let reference = |column| BOX_MOVE.cell(&row, column).reference();
        let number = |column| BOX_MOVE.cell(&row, column).int().unwrap_or(0);
        let open = !reader.select(&Select::from(BOX.name).of(row.aggregate).is("open", true).limit(1))?.is_empty();
        takes.extend(reference("event").map(|event| TakeLine {
            medicine_box: row.aggregate,
            open,
            event,
            kind: BOX_MOVE.cell(&row, "kind").text().unwrap_or_default().to_owned(),
            product: reference("product"),
            qty: BOX_MOVE.cell(&row, "qty").qty().unwrap_or_default(),
            order: reference("for_order"),
            wall: WallMs(number("wall")),
        }));
    }
    Ok(takes)
}
