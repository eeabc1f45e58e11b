//! Read-model rows: what a fold leaves for screens, as plain cells.
//!
//! An aggregate declares its [`Table`]s and yields [`Row`]s; the store makes the tables, replaces an aggregate's
//! rows in the transaction that appends its events, and answers [`Select`]s. Rows are caches: when a declaration
//! changes the tables are dropped and made again from the log. No SQL is written here.

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, Reference},
    qty::Qty,
};

/// One cell of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cell {
    /// No value: SQL's NULL.
    Null,
    /// A whole number; also times in milliseconds, quantities in thousandths and flags as 0 and 1.
    Int(i64),
    /// A text in UTF-8.
    Text(String),
    /// Bytes: ids and packed references.
    Bytes(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Cell::Int(value)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Cell::Int(value.into())
    }
}

impl From<Qty> for Cell {
    fn from(value: Qty) -> Self {
        Cell::Int(value.thousandths())
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Cell::Text(value.to_owned())
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Cell::Text(value)
    }
}

impl From<Reference> for Cell {
    fn from(value: Reference) -> Self {
        Cell::Bytes(value.to_bytes().to_vec())
    }
}

impl From<DeviceId> for Cell {
    fn from(value: DeviceId) -> Self {
        Cell::Bytes(value.as_bytes().to_vec())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

impl Cell {
    /// The number, if it is one.
    pub fn int(&self) -> Option<i64> {
        if let Cell::Int(value) = self { Some(*value) } else { None }
    }

    /// The quantity, if it is one.
    pub fn qty(&self) -> Option<Qty> {
        self.int().map(Qty::of_thousandths)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Cell::Text(value) = self { Some(value) } else { None }
    }

    /// The bytes, if they are such.
    pub fn bytes(&self) -> Option<&[u8]> {
        if let Cell::Bytes(value) = self { Some(value) } else { None }
    }

    /// The reference packed in the bytes, if there is one.
    pub fn reference(&self) -> Option<Reference> {
        self.bytes().and_then(Reference::from_slice)
    }
}

/// A read-model table. Beside its columns each row has the aggregate it belongs to and its number within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Unique in the registry; lower-case letters and `_` only.
    pub name: &'static str,
    /// Column names, in the order of a row's cells; lower-case letters and `_` only.
    pub columns: &'static [&'static str],
    /// Each a list of columns that queries filter and sort by together.
    pub indexes: &'static [&'static [&'static str]],
}

impl Table {
    /// A cell of a found row by the name of its column; nothing where there is no such column.
    pub fn cell<'a>(&self, row: &'a Found, column: &str) -> &'a Cell {
        self.cell_of(&row.cells, column)
    }

    /// The same of the cells of a row, found or yet to be written.
    pub fn cell_of<'a>(&self, cells: &'a [Cell], column: &str) -> &'a Cell {
        let at = self.columns.iter().position(|name| *name == column);
        at.and_then(|at| cells.get(at)).unwrap_or(&Cell::Null)
    }

    /// The texts of some columns of a found row, without those that have none.
    pub fn texts(&self, row: &Found, columns: &[&str]) -> Vec<String> {
        let texts = columns.iter().filter_map(|column| self.cell(row, column).text());
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }
}

/// One row of a table; as many cells as the table has columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The table's name.
    pub table: &'static str,
    /// The cells, in the order of the table's columns.
    pub cells: Vec<Cell>,
}

/// How a column must compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// Equal; NULL equals NULL.
    Is(Cell),
    /// Different; NULL differs from all else.
    IsNot(Cell),
    /// Smaller than this.
    Below(Cell),
    /// Equal or greater.
    AtLeast(Cell),
    /// Smaller than the one, or equal to the other or greater.
    Outside(Cell, Cell),
    /// One of these.
    Among(Vec<Cell>),
}

/// A question to one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// The table's name.
    pub table: &'static str,
    /// Only rows of this aggregate.
    pub aggregate: Option<Reference>,
    /// All must hold.
    pub filter: Vec<(&'static str, Match)>,
    /// Columns to sort by, `true` for descending; ties by aggregate and row number, so pages never overlap.
    pub order: Vec<(&'static str, bool)>,
    /// Only aggregates whose search text contains this.
    pub text: Option<String>,
    /// Where the last page ended.
    pub after: Option<Position>,
    /// Rows wanted, at most [`limits::PAGE`](crate::limits::PAGE).
    pub limit: usize,
}

impl Select {
    /// All rows of a table, first page, no order but the aggregates'.
    pub fn from(table: &'static str) -> Self {
        Self {
            table,
            aggregate: None,
            filter: Vec::new(),
            order: Vec::new(),
            text: None,
            after: None,
            limit: crate::limits::PAGE,
        }
    }

    /// Adds a condition.
    pub fn and(mut self, column: &'static str, must: Match) -> Self {
        self.filter.push((column, must));
        self
    }

    /// Adds a condition of equality.
    pub fn is(self, column: &'static str, value: impl Into<Cell>) -> Self {
        self.and(column, Match::Is(value.into()))
    }

    /// Only rows of this aggregate.
    pub fn of(mut self, aggregate: Reference) -> Self {
        self.aggregate = Some(aggregate);
        self
    }

    /// Sorts, smallest first.
    pub fn ascending(mut self, column: &'static str) -> Self {
        self.order.push((column, false));
        self
    }

    /// Sorts, greatest first.
    pub fn descending(mut self, column: &'static str) -> Self {
        self.order.push((column, true));
        self
    }

    /// Takes at most so many rows.
    pub fn limit(mut self, rows: usize) -> Self {
        self.limit = rows;
        self
    }
}

/// Where a page ended: the last row's sort cells, aggregate and number. Opaque to screens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The cells of the columns sorted by.
    pub keys: Vec<Cell>,
    /// The row's aggregate.
    pub aggregate: Reference,
    /// The row's number in it.
    pub nth: i64,
}

/// An answered row.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The aggregate the row belongs to.
    pub aggregate: Reference,
    /// Its number within that aggregate.
    pub nth: i64,
    /// All cells, in the order of the table's columns.
    pub cells: Vec<Cell>,
}
