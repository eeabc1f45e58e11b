//! Aggregates that an app declared: a page of them, and one in full.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Page, QueryError, Replica};
use crate::{
    aggregate::{
        Found, Match, Position, Review, Select, Told,
        declared::{Shape, Shown},
    },
    event::{ItemId, Scalar},
    id::Reference,
    time::WallMs,
};

/// Which of the declared aggregates of one name a page shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclaredFilter {
    /// Of this status alone.
    pub status: Option<String>,
    /// In which this text is found.
    pub text: Option<String>,
    /// Where the last page ended.
    pub after: Option<Position>,
    /// How many, at most [`limits::PAGE`](crate::limits::PAGE); so many if none, or 0, is said.
    pub limit: Option<usize>,
}

/// A declared aggregate in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeclaredLine {
    /// The aggregate, by its creating event.
    pub aggregate: Reference,
    /// Its status, by the name that the declaration has for it.
    pub status: String,
    /// When it was made, by its author's clock.
    pub opened: WallMs,
    /// The value shown of each field that has one, by name.
    pub fields: BTreeMap<&'static str, Scalar>,
}

/// An item of a declared aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredItem {
    /// Its name among items.
    pub id: ItemId,
    /// Field to its values; the last is shown, more than one is a conflict.
    pub fields: BTreeMap<&'static str, Vec<Scalar>>,
    /// Somebody removed it while somebody else changed it.
    pub removal_contested: bool,
}

/// A declared aggregate in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeclaredDetail {
    /// What lists show of it.
    pub line: DeclaredLine,
    /// Field to its values; the last is shown, more than one is a conflict.
    pub fields: BTreeMap<&'static str, Vec<Scalar>>,
    /// The items of each list, by its name.
    pub items: BTreeMap<&'static str, Vec<DeclaredItem>>,
    /// The codes of the events that its status allows and this device may write.
    pub may: Vec<&'static str>,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
}

impl Replica {
    /// Aggregates of a declared name, the last made first.
    ///
    /// # Errors
    /// [`QueryError::Undeclared`], [`QueryError::Position`], or when the store fails.
    pub fn declared(&self, aggregate: &str, filter: &DeclaredFilter) -> Result<Page<DeclaredLine>, QueryError> {
        let shape = self.registry().shape(aggregate).ok_or(QueryError::Undeclared)?;
        let mut select = Select::from(shape.name).descending(Shape::OPENED);
        if let Some(status) = &filter.status {
            select = select.and(Shape::STATUS, Match::Is(status.as_str().into()));
        }
        select.text.clone_from(&filter.text);
        select.after.clone_from(&filter.after);
        select.limit = filter.limit.filter(|limit| *limit > 0).unwrap_or(select.limit);
        Ok(self.select(&select)?.map(|row| line(shape, &row)))
    }

    /// One declared aggregate in full.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], or when the store fails.
    pub fn declared_one(&self, aggregate: Reference) -> Result<DeclaredDetail, QueryError> {
        let unknown = QueryError::Unknown { kind: "declared aggregate", reference: aggregate };
        let (folded, standing) = self.stand_before("declared aggregate", aggregate)?;
        let Some(state) = folded.declared() else { return Err(unknown) };
        let shape = state.shape;
        let row = self.read(|reader| reader.select(&Select::from(shape.name).of(aggregate)))?;
        let line = row.first().map(|row| line(shape, row)).ok_or(unknown)?;
        let Shown { fields, items } = shape.shown(folded.content());
        let items = items.into_iter().map(|(list, items)| {
            let items =
                items.into_iter().map(|(id, fields, removal_contested)| DeclaredItem { id, fields, removal_contested });
            (list, items.collect())
        });
        let may = state.fitting().filter(|spec| standing.may(spec.need)).map(|spec| spec.code).collect();
        let history = self.told(&folded, standing);
        Ok(DeclaredDetail { line, fields, items: items.collect(), may, history, review: folded.review() })
    }
}

fn line(shape: &Shape, row: &Found) -> DeclaredLine {
    DeclaredLine {
        aggregate: row.aggregate,
        status: shape.status(row),
        opened: WallMs(shape.opened(row)),
        fields: shape.values(row),
    }
}
