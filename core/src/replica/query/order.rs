//! One order in full, its contact, and what is likely the same need written down twice.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    QueryError, Replica,
    board::{OrderLine, Viewer, line_of},
    every,
    rights::SEES_CONTACT,
};
use crate::{
    aggregate::{
        Aggregate, CONFLICT, Found, Match, Review, Select, Told,
        order::{self, ORDER_ITEM, Order, OrderView, field, mask},
    },
    event::Scalar,
    id::{MemberId, Reference},
    limits,
    store::{Reader, StoreError},
    time::WallMs,
};

/// An order in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OrderDetail {
    /// What lists show of it, by this device's clock.
    pub line: OrderLine,
    /// All that stands in it. The contact is masked where `contact_shown` is false.
    pub view: OrderView,
    /// Whether this member sees the contact: they hold the order, lead its building or coordinate.
    pub contact_shown: bool,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members in it, where they have one and the key that seals it is held.
    pub names: BTreeMap<MemberId, String>,
}

/// Whom to call about an order, and where to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "OrderContact"))]
pub struct Contact {
    /// The order it is about.
    pub order: Reference,
    /// Name and number as they were written; more than one where people disagree.
    pub contact: Vec<String>,
    /// The building to go to.
    pub building: String,
    /// The unit (单元), if one is named.
    pub unit: Option<String>,
    /// The room, if one is named.
    pub room: Option<String>,
}

/// An order that likely says the same as another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Likeness {
    /// The order, as a list has it.
    pub line: OrderLine,
    /// The items asked for in both, as they compare.
    pub items: Vec<String>,
}

impl Replica {
    /// An order in full.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], [`QueryError::NotAMember`], or when the store fails.
    pub fn order(&self, order: Reference) -> Result<OrderDetail, QueryError> {
        let unknown = QueryError::Unknown { kind: Order::NAME, reference: order };
        let (folded, standing) = self.stand_before(Order::NAME, order)?;
        let Some(subject) = folded.subject::<Order>() else { return Err(unknown) };
        let viewer = self.viewer()?;
        let contact_shown = viewer.me.is_some_and(|me| order::may_see_contact(&subject, me, standing));
        let view = order::view(&subject, contact_shown);
        let mut review = folded.review();
        if !contact_shown {
            review.iter_mut().for_each(mask_review);
        }
        let line = self.read(|reader| line_of(reader, order, &viewer))?.ok_or(unknown)?;
        let history = self.told(&folded, standing);
        let mut names = self.names();
        let in_it = |member: &MemberId| {
            history.iter().any(|told| told.by == Some(*member))
                || view.card.holder == Some(*member)
                || view.card.contenders.contains(member)
                || view.offers.iter().any(|offer| offer.to == *member)
        };
        names.retain(|member, _| in_it(member));
        Ok(OrderDetail { line, view, contact_shown, history, review, names })
    }

    /// Whom to call about an order: for who holds it, leaders of its building and coordinators.
    ///
    /// # Errors
    /// [`QueryError::ContactHidden`] for everybody else, [`QueryError::Unknown`], [`QueryError::NotAMember`], or when
    /// the store fails.
    pub fn contact(&self, order: Reference) -> Result<Contact, QueryError> {
        let (folded, standing) = self.stand_before(Order::NAME, order)?;
        let member = self.member().ok_or(QueryError::NotAMember)?;
        let unknown = QueryError::Unknown { kind: Order::NAME, reference: order };
        let subject = folded.subject::<Order>().ok_or(unknown)?;
        if !order::may_see_contact(&subject, member, standing) {
            return Err(QueryError::ContactHidden { need: SEES_CONTACT });
        }
        let text = |field| subject.content.text(field).filter(|text| !text.is_empty()).map(str::to_owned);
        let contacts = subject.content.fields.get(&field::CONTACT).into_iter().flatten();
        Ok(Contact {
            order,
            contact: contacts.filter_map(|value| value.value.text()).map(str::to_owned).collect(),
            building: subject.birth.building.clone().unwrap_or_default(),
            unit: text(field::UNIT),
            room: text(field::ROOM),
        })
    }

    /// Other orders of the same room that ask for one of the same items within a day of an order: likely the same
    /// need, asked for twice. Ended ones are among them.
    ///
    /// # Errors
    /// When the store fails.
    pub fn likely_duplicates(&self, order: Reference) -> Result<Vec<Likeness>, QueryError> {
        let viewer = self.viewer()?;
        Ok(self.read(|reader| {
            let mut like = BTreeMap::<Reference, Vec<String>>::new();
            for own in every(reader, Select::from(ORDER_ITEM.name).of(order))? {
                for other in same(reader, &own, &viewer)?.into_iter().filter(|other| other.aggregate != order) {
                    like.entry(other.aggregate).or_default().push(super::text(&ORDER_ITEM, &other, "name"));
                }
            }
            lines(reader, like, &viewer)
        })?)
    }

    /// The open orders of a room, with what they ask for: to be looked at before another is written down for it.
    /// How the labels are written makes no difference.
    ///
    /// # Errors
    /// When the store fails.
    pub fn orders_of_room(&self, building: &str, unit: Option<&str>, room: &str) -> Result<Vec<Likeness>, QueryError> {
        let viewer = self.viewer()?;
        let key = order::room_key(building, unit, room);
        Ok(self.read(|reader| {
            let mut like = BTreeMap::<Reference, Vec<String>>::new();
            for row in every(reader, Select::from(ORDER_ITEM.name).is("room", key).is("open", true))? {
                like.entry(row.aggregate).or_default().push(super::text(&ORDER_ITEM, &row, "name"));
            }
            lines(reader, like, &viewer)
        })?)
    }
}

/// Rows of the same room and item within a day: by what their authors' clocks say, and where a clock lies in the future,
/// by how old both are here.
fn same(reader: &Reader, own: &Found, viewer: &Viewer) -> Result<Vec<Found>, StoreError> {
    let at = |column| ORDER_ITEM.cell(own, column);
    let opened = |row: &Found| ORDER_ITEM.cell(row, "opened").int().unwrap_or(0);
    let same = || Select::from(ORDER_ITEM.name).is("room", at("room").clone()).is("name", at("name").clone());
    let (mine, now) = (opened(own), viewer.now().0);
    let (from, to) = (mine.saturating_sub(limits::DUPLICATE_MS), mine.saturating_add(limits::DUPLICATE_MS));
    let near = same().and("opened", Match::AtLeast(from.into()));
    let mut found = every(reader, near.and("opened", Match::Below(to.saturating_add(1).into())))?;
    // One that claims a time to come may be as old as any.
    let rest = if mine > now { same() } else { same().and("opened", Match::AtLeast(now.saturating_add(1).into())) };
    let age = |row: &Found| viewer.age(reader, WallMs(opened(row)), row.aggregate);
    let mine = age(own)?;
    for other in every(reader, rest)? {
        let known = found.iter().any(|row| (row.aggregate, row.nth) == (other.aggregate, other.nth));
        if !known && i64::try_from(age(&other)?.abs_diff(mine)).is_ok_and(|apart| apart <= limits::DUPLICATE_MS) {
            found.push(other);
        }
    }
    Ok(found)
}

fn lines(
    reader: &Reader,
    like: BTreeMap<Reference, Vec<String>>,
    viewer: &Viewer,
) -> Result<Vec<Likeness>, StoreError> {
    let mut found = Vec::new();
    for (order, items) in like {
        found.extend(line_of(reader, order, viewer)?.map(|line| Likeness { line, items }));
    }
    found.sort_by_key(|like| (like.line.card.opened, like.line.order));
    Ok(found)
}

/// Masks the values of a contact over which people disagree.
pub(super) fn mask_review(review: &mut Review) {
    mask_params(review.code, &mut review.params);
}

/// The same in parameters that came out of a row.
pub(super) fn mask_params(code: &str, params: &mut serde_json::Value) {
    if code != CONFLICT || params.get("field").and_then(serde_json::Value::as_str) != Some("contact") {
        return;
    }
    let values = params.get_mut("values").and_then(serde_json::Value::as_array_mut);
    for value in values.into_iter().flatten().filter_map(|value| value.get_mut("value")) {
        if let Some(contact) = value.as_str() {
            *value = mask(contact).into();
        }
    }
}

/// The text of a field of an item's view.
pub(super) fn shown<'a>(fields: &'a BTreeMap<&'static str, Vec<Scalar>>, name: &str) -> Option<&'a Scalar> {
    fields.get(name).and_then(|values| values.last())
}
