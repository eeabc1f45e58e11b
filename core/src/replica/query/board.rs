//! The board: orders in lists, most urgent first, oldest first among those.
//!
//! A list is read lane by lane, each in the order of an index: the open ones by urgency, then the closed ones. So a
//! page costs what is on it, however many orders there are.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Page, QueryError, Replica};
use crate::{
    aggregate::{
        Cell, Found, Match, Position, Select,
        order::{Ages, CardEvents, Leases, ORDER_CARD, ORDER_PARTY, OrderCard, Status, Urgency},
    },
    id::{MemberId, Reference},
    label, limits,
    replica::held::HeldFor,
    store::{Reader, StoreError},
    time::WallMs,
};

/// What a board shows. The default is every open order, as many as a page holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OrderFilter {
    /// Only of these buildings; none named is all.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub buildings: Vec<String>,
    /// Open, closed or both.
    pub state: OrderState,
    /// Only with these statuses; none named is all.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub statuses: Vec<Status>,
    /// Only of these kinds, by their codes; none named is all.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub kinds: Vec<String>,
    /// Only so urgent or more.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub urgency: Option<Urgency>,
    /// Only where this member has one of these parts; none named is no condition.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub mine: Vec<Part>,
    /// Only those that nobody holds, or only those that somebody does.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub held: Option<bool>,
    /// Only those that several believe to hold.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub contested: bool,
    /// Only those with something to look at: disagreeing edits or facts.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub review: bool,
    /// Only those whose holder's lease has lapsed.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub lapsed: bool,
    /// Only those of which nobody has said for 48 hours that they are still needed.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub stale: bool,
    /// Only those in which all of these words are found.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub text: Option<String>,
    /// Where the last page ended.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub after: Option<Position>,
    /// As many as this; at most [`limits::PAGE`], which 0 means too.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub limit: usize,
}

/// Which orders a board shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum OrderState {
    /// What is left to do: most urgent first, then who asked first.
    #[default]
    Open,
    /// What has ended, the last first.
    Closed,
    /// First the open ones, then the closed ones.
    All,
}

/// A member's part in an order.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "OrderPart"))]
pub enum Part {
    /// Holds the order.
    Holder,
    /// Believes to hold it too.
    Contender,
    /// Is asked to take it over.
    Offered,
    /// Wrote it down.
    Author,
}

impl Part {
    const ALL: [Part; 4] = [Part::Holder, Part::Contender, Part::Offered, Part::Author];

    fn code(self) -> &'static str {
        self.into()
    }
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OrderLine {
    /// The order, by its creating event.
    pub order: Reference,
    /// What stands in it, the contact masked.
    pub card: OrderCard,
    /// The holder's lease has lapsed, by this device's clock or by its running time.
    pub lapsed: bool,
    /// Nobody has said for 48 hours that it is still needed, by this device's clock or by its running time.
    pub stale: bool,
    /// It is still open past the time it was needed by, by this device's clock or by its running time.
    pub overdue: bool,
    /// This member's parts in it.
    pub mine: Vec<Part>,
    /// Several believe to hold it, this member among them.
    pub contested_with_me: bool,
}

/// A stretch of the list that one index gives in its order.
#[derive(Clone, Copy)]
enum Lane {
    Open(Urgency),
    Closed,
}

impl Lane {
    const fn order(self) -> (&'static str, bool) {
        match self {
            Lane::Open(_) => ("opened", false),
            Lane::Closed => ("ended_at", true),
        }
    }
}

impl OrderFilter {
    fn lanes(&self) -> Vec<Lane> {
        let least = self.urgency.unwrap_or_default();
        let urgencies = [Urgency::Emergency, Urgency::Urgent, Urgency::Normal];
        let open = urgencies.into_iter().filter(|urgency| *urgency >= least).map(Lane::Open);
        match self.state {
            OrderState::Open => open.collect(),
            OrderState::Closed => vec![Lane::Closed],
            OrderState::All => open.chain([Lane::Closed]).collect(),
        }
    }

    fn limit(&self) -> usize {
        if self.limit == 0 { limits::PAGE } else { self.limit.min(limits::PAGE) }
    }

    /// The question for one lane, without what only the whole card tells.
    fn select(&self, lane: Lane) -> Select {
        let (column, descending) = lane.order();
        let mut select = Select::from(ORDER_CARD.name);
        select.order = vec![(column, descending)];
        select.text.clone_from(&self.text);
        select = match lane {
            Lane::Open(urgency) => select.is("open", true).is("urgency", urgency.rank()),
            Lane::Closed => {
                let least = self.urgency.unwrap_or_default().rank();
                select.is("open", false).and("urgency", Match::AtLeast(least.into()))
            }
        };
        select = among(select, "building", self.buildings.iter().map(|one| label::building(one).into()));
        select = among(select, "kind", self.kinds.iter().map(|kind| kind.as_str().into()));
        select = among(select, "status", self.statuses.iter().map(|status| status.code().into()));
        if self.contested {
            select = select.is("contested", true);
        }
        match self.held {
            Some(true) => select.and("holder", Match::IsNot(Cell::Null)),
            Some(false) => select.is("holder", Cell::Null),
            None => select,
        }
    }

    /// What only the whole card and the hour tell.
    fn admits(&self, line: &OrderLine) -> bool {
        (!self.lapsed || line.lapsed)
            && (!self.stale || line.stale)
            && (!self.review || line.card.review > 0 || line.card.conflicts > 0)
            && (self.mine.is_empty() || line.mine.iter().any(|part| self.mine.contains(part)))
    }
}

/// One value asks an index for it; several ask for any of them.
fn among(select: Select, column: &'static str, values: impl Iterator<Item = Cell>) -> Select {
    let mut values: Vec<Cell> = values.collect();
    match (values.pop(), values.is_empty()) {
        (None, _) => select,
        (Some(only), true) => select.and(column, Match::Is(only)),
        (Some(last), false) => {
            values.push(last);
            select.and(column, Match::Among(values))
        }
    }
}

/// Who looks at orders, and when: what a line shows beside its row.
pub(super) struct Viewer {
    now: WallMs,
    pub(super) me: Option<MemberId>,
    leases: Leases,
    held: HeldFor,
}

impl Viewer {
    /// How old something is that an event of this name claims to be of that time. What the wall clock makes older than
    /// this replica is needs no look at the store.
    pub(super) fn age(&self, reader: &Reader, claimed: WallMs, event: Reference) -> Result<u64, StoreError> {
        let by_wall = claimed.age(self.now, 0);
        if by_wall >= self.held.running {
            return Ok(by_wall);
        }
        Ok(claimed.age(self.now, self.held.since(reader.pos_of(event)?)))
    }

    /// The ages of a card in a row.
    fn ages(&self, reader: &Reader, row: &Found, card: &OrderCard) -> Result<Ages, StoreError> {
        let event = |column| ORDER_CARD.cell(row, column).reference();
        let events = CardEvents {
            posted: row.aggregate,
            refreshed: event("refreshed_event").unwrap_or(row.aggregate),
            claimed: event("claimed_event"),
            progress: event("progress_event"),
        };
        Ages::of(card, &events, self.now, |event| Ok(self.held.since(reader.pos_of(event)?)))
    }

    /// The ages of an order in a list.
    pub(super) fn ages_of(&self, reader: &Reader, line: &OrderLine) -> Result<Ages, StoreError> {
        match reader.select(&Select::from(ORDER_CARD.name).of(line.order).limit(1))?.first() {
            Some(row) => self.ages(reader, row, &line.card),
            None => Ok(Ages::default()),
        }
    }

    pub(super) fn now(&self) -> WallMs {
        self.now
    }

    pub(super) fn leases(&self) -> Leases {
        self.leases
    }
}

impl Replica {
    pub(super) fn viewer(&self) -> Result<Viewer, QueryError> {
        let leases = Leases::from(&self.settings()?);
        Ok(Viewer { now: self.inner.clock.wall(), me: self.member(), leases, held: self.holding() })
    }

    /// A page of orders.
    ///
    /// # Errors
    /// [`QueryError::Position`] for a position of another question, or when the store fails.
    pub fn board(&self, filter: &OrderFilter) -> Result<Page<OrderLine>, QueryError> {
        let viewer = self.viewer()?;
        if !filter.mine.is_empty() {
            return self.own_board(filter, &viewer);
        }
        let lanes = filter.lanes();
        let (mut lane_at, mut after) = self.start(filter, &lanes)?;
        let limit = filter.limit();
        let mut found: Vec<(Position, OrderLine)> = Vec::new();
        self.read(|reader| {
            while let Some(lane) = lanes.get(lane_at) {
                let mut select = filter.select(*lane);
                select.limit = limit.saturating_add(1).min(limits::PAGE);
                select.after = after.take();
                let rows = reader.select(&select)?;
                let full = rows.len() >= select.limit;
                for row in rows {
                    let here = position(lane_at, *lane, &row);
                    after = here_after(&here);
                    let line = line(reader, &row, &viewer)?.filter(|line| filter.admits(line));
                    found.extend(line.map(|line| (here, line)));
                    if found.len() > limit {
                        return Ok(());
                    }
                }
                if !full {
                    (lane_at, after) = (lane_at.saturating_add(1), None);
                }
            }
            Ok(())
        })?;
        Ok(page(found, limit))
    }

    /// The same among the orders in which a member has a part: few enough to be sorted here.
    fn own_board(&self, filter: &OrderFilter, viewer: &Viewer) -> Result<Page<OrderLine>, QueryError> {
        let me = viewer.me.ok_or(QueryError::NotAMember)?;
        let lanes = filter.lanes();
        let (lane_at, _) = self.start(filter, &lanes)?;
        let mut found: BTreeMap<Place, (Position, OrderLine)> = BTreeMap::new();
        self.read(|reader| {
            for order in parted(reader, me, filter)? {
                for (nth, lane) in lanes.iter().enumerate() {
                    let Some(row) = reader.select(&filter.select(*lane).of(order).limit(1))?.pop() else {
                        continue;
                    };
                    let Some(line) = line(reader, &row, viewer)?.filter(|line| filter.admits(line)) else {
                        continue;
                    };
                    let here = position(nth, *lane, &row);
                    found.extend(place(&here, *lane).map(|place| (place, (here, line))));
                }
            }
            Ok(())
        })?;
        let after = match &filter.after {
            None => None,
            Some(position) => {
                let lane = lanes.get(lane_at).ok_or(QueryError::Position)?;
                Some(place(position, *lane).ok_or(QueryError::Position)?)
            }
        };
        let behind = found.into_iter().filter(|(place, _)| after.as_ref().is_none_or(|after| place > after));
        Ok(page(behind.map(|(_, line)| line).collect(), filter.limit()))
    }

    /// The lane a list goes on in, and where in it.
    fn start(&self, filter: &OrderFilter, lanes: &[Lane]) -> Result<(usize, Option<Position>), QueryError> {
        let Some(position) = &filter.after else { return Ok((0, None)) };
        let [Cell::Int(at), _] = position.keys.as_slice() else { return Err(QueryError::Position) };
        let at = usize::try_from(*at).map_err(|_| QueryError::Position)?;
        let lane = lanes.get(at).ok_or(QueryError::Position)?;
        let after = here_after(position);
        self.goes_on(&Select { after: after.clone(), ..filter.select(*lane) })?;
        Ok((at, after))
    }
}

/// The first of what was found, and where the rest begins.
fn page(mut found: Vec<(Position, OrderLine)>, limit: usize) -> Page<OrderLine> {
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(position, _)| position.clone());
    Page { items: found.into_iter().map(|(_, line)| line).collect(), next }
}

/// A place in the list: lane, then the lane's order, then the order's name.
type Place = (i64, i64, Reference);

fn place(position: &Position, lane: Lane) -> Option<Place> {
    let [Cell::Int(nth), key] = position.keys.as_slice() else { return None };
    let key = key.int().unwrap_or(i64::MIN);
    let (_, descending) = lane.order();
    Some((*nth, if descending { key.saturating_neg() } else { key }, position.aggregate))
}

fn position(nth: usize, lane: Lane, row: &Found) -> Position {
    let nth = i64::try_from(nth).unwrap_or(i64::MAX);
    let key = ORDER_CARD.cell(row, lane.order().0).clone();
    Position { keys: vec![Cell::Int(nth), key], aggregate: row.aggregate, nth: row.nth }
}

fn here_after(position: &Position) -> Option<Position> {
    let key = position.keys.get(1)?.clone();
    Some(Position { keys: vec![key], ..position.clone() })
}

/// The orders in which a member has one of the parts asked for.
fn parted(reader: &Reader, me: MemberId, filter: &OrderFilter) -> Result<Vec<Reference>, StoreError> {
    let mut select = Select::from(ORDER_PARTY.name).is("member", Cell::Bytes(me.as_bytes().to_vec()));
    select = among(select, "role", filter.mine.iter().map(|part| part.code().into()));
    select = match filter.state {
        OrderState::Open => select.is("open", true),
        OrderState::Closed => select.is("open", false),
        OrderState::All => select,
    };
    let mut orders: Vec<Reference> = super::every(reader, select)?.iter().map(|row| row.aggregate).collect();
    orders.sort_unstable();
    orders.dedup();
    Ok(orders)
}

/// A row as a line; `None` for one that this build cannot read.
fn line(reader: &Reader, row: &Found, viewer: &Viewer) -> Result<Option<OrderLine>, StoreError> {
    let card = ORDER_CARD.cell(row, "card").text().and_then(|json| serde_json::from_str(json).ok());
    let Some(card) = card else { return Ok(None) };
    let mine = viewer.me.map_or(Ok(Vec::new()), |me| parts(reader, row.aggregate, me))?;
    let ages = viewer.ages(reader, row, &card)?;
    Ok(Some(OrderLine::new(row.aggregate, card, mine, &ages, viewer.leases)))
}

/// A member's parts in an order.
fn parts(reader: &Reader, order: Reference, me: MemberId) -> Result<Vec<Part>, StoreError> {
    // However many others take part.
    let mine = Select::from(ORDER_PARTY.name).of(order).is("member", Cell::Bytes(me.as_bytes().to_vec()));
    let rows = reader.select(&mine)?;
    let has = |part: &Part| rows.iter().any(|row| ORDER_PARTY.cell(row, "role").text() == Some(part.code()));
    Ok(Part::ALL.into_iter().filter(has).collect())
}

impl OrderLine {
    fn new(order: Reference, card: OrderCard, mine: Vec<Part>, ages: &Ages, leases: Leases) -> Self {
        let involved = mine.contains(&Part::Holder) || mine.contains(&Part::Contender);
        Self {
            order,
            lapsed: ages.lapsed(&card, leases),
            stale: ages.stale(&card),
            overdue: ages.overdue(&card),
            contested_with_me: card.contested && involved,
            mine,
            card,
        }
    }
}

/// The line of one order, if there is one.
pub(super) fn line_of(reader: &Reader, order: Reference, viewer: &Viewer) -> Result<Option<OrderLine>, StoreError> {
    match reader.select(&Select::from(ORDER_CARD.name).of(order).limit(1))?.first() {
        Some(row) => line(reader, row, viewer),
        None => Ok(None),
    }
}
