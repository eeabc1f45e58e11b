//! Queries: what a screen asks of a replica. None of them waits for whoever writes, and none of them writes.
//!
//! Lists come in pages of read-model rows; one thing in full is folded from its events. Whatever depends on the hour
//! (lapsed, stale, overdue) is worked out here, when asked, with this device's clock. Lists mask contacts; who may see
//! one in full asks for it by [`Replica::contact`]. Texts are data, codes are for apps to translate.

mod alarm;
mod alert;
mod board;
mod care;
mod declared;
mod door;
mod events;
mod medicine;
mod newer;
mod order;
mod peers;
mod people;
mod review;
mod rights;
mod rooms;
mod round;
mod search;
mod withdrawn;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Replica,
    community::Community,
    fate::{Fold, fold},
};
use crate::{
    aggregate::{
        Aggregate, Folded, Found, Position, Select, Subject, Table, Told, World, WorldError,
        building::{BUILDING, BuildingView},
        order::{Order, field, mask, may_see_contact},
        settings::{SETTINGS, SettingsView},
    },
    event::Edit,
    id::Reference,
    limits,
    roster::{Need, Standing},
    store::{Reader, StoreError},
};

pub use alarm::{Alarm, AlarmOf};
pub(super) use alert::by_raiser;
pub use alert::{AlertDetail, AlertLine, AlertOnTop};
pub use board::{OrderFilter, OrderLine, OrderState, Part};
pub use care::{DueVisit, HouseholdDetail, HouseholdFilter, HouseholdLine, ProposedVisit};
pub use declared::{DeclaredDetail, DeclaredFilter, DeclaredItem, DeclaredLine};
pub use door::DoorError;
pub use events::{HeldLine, LogLine};
pub use medicine::{BoxAsk, BoxDetail, BoxLimit, BoxLine, LedgerTotals, LotDetail, ProductLine, RecallDetail};
pub use newer::{NewerLine, NewerWhat};
pub use order::{Contact, Likeness, OrderDetail};
pub use peers::{Age, Flow, PeerState, SyncState, Transfer, WhoHas};
pub use people::{Duty, MemberLine, People, WhoError};
pub use review::{ReviewFilter, ReviewItem};
pub use rights::{Permission, TableRow};
pub use rooms::{LittleRoom, RoomIn};
pub use round::{Carry, Round, RoundOrder, Stop};
pub use search::Hit;
pub(super) use search::{card, short};

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The question is a member's, and the admission of this device has not arrived.
    #[error("this device is not a member yet")]
    NotAMember,
    /// Nothing of this name and type is known here, or it does not count.
    #[error("there is no {kind} {reference} here")]
    Unknown {
        /// What was asked for.
        kind: &'static str,
        /// The name that was given.
        reference: Reference,
    },
    /// The registry has no aggregate of this name that was declared.
    #[error("no aggregate of this name is declared")]
    Undeclared,
    /// A contact is for who holds the order, leaders of its building and coordinators.
    #[error("the contact is for who holds the order, and for: {}", need.names().collect::<Vec<_>>().join(" or "))]
    ContactHidden {
        /// Any of these rights would do, as would holding the order.
        need: Need,
    },
    /// The care register is for holders of the `care` grant whose key has arrived.
    #[error("the care register needs: {}, and its key", need.names().collect::<Vec<_>>().join(" or "))]
    CareHidden {
        /// Any of these rights would do.
        need: Need,
    },
    /// The position is none of this question's.
    #[error("this is not where a page of this question ended")]
    Position,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A part of a list, and where it goes on. Pages never overlap, and nothing that stays as it is is left out between
/// them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// What is on it, in order.
    pub items: Vec<T>,
    /// Where the next page begins: hand it in with the same question. `None` when there is nothing more; a page behind
    /// a full one may be empty.
    pub next: Option<Position>,
}

impl<T> Page<T> {
    /// The same page of other things.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(into).collect(), next: self.next }
    }
}

/// A reader as pure queries over several aggregates see it. None of them asks how old something is.
struct ReaderWorld<'a>(&'a Reader);

impl World for ReaderWorld<'_> {
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError> {
        self.0.select(select).map_err(|error| WorldError(error.to_string()))
    }

    fn exists(&self, aggregate: &'static str, reference: Reference) -> Result<bool, WorldError> {
        let known = self.0.aggregate(reference).map_err(|error| WorldError(error.to_string()))?;
        Ok(known.is_some_and(|(_, kind)| kind == aggregate))
    }
}

/// What a pure query over the read model says when the store fails. The reader knows what failed, and says so instead.
fn unread(error: WorldError) -> StoreError {
    StoreError::Damaged { detail: error.0 }
}

impl Replica {
    /// A page of read-model rows: the way to tables of integrators' own aggregates. Of the own ones too; their
    /// columns may change with any version.
    ///
    /// # Errors
    /// When a name is not declared, the store fails, or with [`QueryError::Position`] or [`QueryError::CareHidden`].
    pub fn select(&self, select: &Select) -> Result<Page<Found>, QueryError> {
        let select = &self.permitted(select)?;
        self.goes_on(select)?;
        let items = self.read(|reader| reader.select(select))?;
        let full = items.len() >= select.limit.min(limits::PAGE) && select.limit > 0;
        let next = items.last().filter(|_| full).and_then(|last| self.position(select, last));
        Ok(Page { items, next })
    }

    /// How many rows a question has, whatever its page and limit.
    ///
    /// # Errors
    /// As [`select`](Self::select).
    pub fn count(&self, select: &Select) -> Result<u64, QueryError> {
        let select = &self.permitted(select)?;
        Ok(self.read(|reader| reader.count(select))?)
    }

    /// Refuses a position that is none of a question's: of other columns, of what is not here, of another type. Every
    /// question that somebody else gives a position comes by here.
    fn goes_on(&self, select: &Select) -> Result<(), QueryError> {
        let Some(after) = &select.after else { return Ok(()) };
        let of_table = self.registry().type_of_table(select.table);
        let fits = self.read(|reader| {
            let Some(stored) = reader.event(after.aggregate)? else { return Ok(false) };
            let creates = stored.aggregate.is_none_or(|aggregate| aggregate.0 == stored.pos.0);
            if after.keys.len() != select.order.len() || !creates {
                return Ok(false);
            }
            // What was erased since is of no type any more, and the next page goes on behind it all the same.
            let aggregate = reader.aggregate(after.aggregate)?;
            Ok(aggregate.is_none_or(|(_, kind)| of_table.is_none_or(|of_table| of_table == kind)))
        })?;
        if fits { Ok(()) } else { Err(QueryError::Position) }
    }

    /// Where a page of a question ends whose last row this is.
    fn position(&self, select: &Select, last: &Found) -> Option<Position> {
        let table = self.registry().tables().into_iter().find(|table| table.name == select.table)?;
        let keys = select.order.iter().map(|(column, _)| table.cell(last, column).clone()).collect();
        Some(Position { keys, aggregate: last.aggregate, nth: last.nth })
    }

    /// Looks at one aggregate in full: folded from its events, so for one at a time.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], also where it is of another type, or [`QueryError::CareHidden`].
    pub fn view<A: Aggregate, T>(
        &self,
        aggregate: Reference,
        look: impl FnOnce(&Subject<'_, A::State>) -> T,
    ) -> Result<T, QueryError> {
        let unknown = QueryError::Unknown { kind: A::NAME, reference: aggregate };
        self.open_to(Some(A::TOPIC))?;
        let folded = self.folded(aggregate)?;
        let subject = folded.as_ref().and_then(Folded::subject::<A>);
        subject.map(|subject| look(&subject)).ok_or(unknown)
    }

    /// What was done with an aggregate, in order, in codes and parameters; then what is held, with the reason. The
    /// contact of an order is masked for whom it is not meant.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], or when the store fails.
    pub fn history(&self, aggregate: Reference) -> Result<Vec<Told>, QueryError> {
        let (folded, standing) = self.stand_before("aggregate", aggregate)?;
        Ok(self.told(&folded, standing))
    }

    fn told(&self, folded: &Folded, standing: Standing) -> Vec<Told> {
        let mut told = folded.told(self.registry());
        if let (Some(subject), Some(me)) = (folded.subject::<Order>(), self.member())
            && !may_see_contact(&subject, me, standing)
        {
            told.iter_mut().flat_map(|told| &mut told.edits).for_each(mask_edit);
        }
        told
    }

    /// The buildings of the register, in walking order; those no longer used come last.
    ///
    /// # Errors
    /// When the store fails.
    pub fn buildings(&self) -> Result<Vec<BuildingView>, QueryError> {
        let rows = self.read(|reader| every(reader, Select::from(BUILDING.name)))?;
        let mut keyed: Vec<_> = rows
            .iter()
            .filter_map(|row| {
                let building = BuildingView::from_row(row)?;
                let walk = building.walk_order.unwrap_or(i64::MAX);
                Some(((!building.open, walk, text(&BUILDING, row, "label_key"), building.building), building))
            })
            .collect();
        keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(keyed.into_iter().map(|(_, building)| building).collect())
    }

    /// The community's settings, with defaults where nobody has set anything.
    ///
    /// # Errors
    /// When the store fails.
    pub fn settings(&self) -> Result<SettingsView, QueryError> {
        let rows = self.read(|reader| every(reader, Select::from(SETTINGS.name)))?;
        Ok(SettingsView::from_rows(&rows))
    }

    /// The community as readers see it.
    fn joined(&self) -> Result<Arc<Community>, QueryError> {
        self.snapshot().ok_or(QueryError::NotAMember)
    }
}

/// An aggregate folded with a reader at hand.
pub(super) fn look(
    reader: &Reader,
    replica: &Replica,
    community: &Community,
    of: Reference,
) -> Result<Option<Folded>, StoreError> {
    let Some((id, _)) = reader.aggregate(of)? else { return Ok(None) };
    Ok(fold(reader, community, replica.registry(), (of, id), Fold::Shown)?.map(|(folded, _)| folded))
}

/// All rows that answer a question without an order of its own, page by page.
pub(super) fn every(reader: &Reader, mut select: Select) -> Result<Vec<Found>, StoreError> {
    let mut all = Vec::new();
    select.limit = limits::PAGE;
    loop {
        let page = reader.select(&select)?;
        let full = page.len() >= limits::PAGE;
        select.after = page.last().map(|row| Position { keys: Vec::new(), aggregate: row.aggregate, nth: row.nth });
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
}

fn text(table: &Table, row: &Found, column: &str) -> String {
    table.cell(row, column).text().unwrap_or_default().to_owned()
}

/// Masks the contact in an edit of an order.
fn mask_edit(edit: &mut Edit) {
    if let Edit::Put { field: field::CONTACT, value } = edit
        && let Some(contact) = value.text()
    {
        *value = mask(contact).into();
    }
}
