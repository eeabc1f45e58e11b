//! Reading the read model of a phone, column by column.

use anyhow::{Context, Result};
use linli_core::{
    aggregate::{Cell, Found, Select, Table, World, WorldError},
    id::Reference,
    qty::Qty,
    replica::Replica,
};

/// All rows that answer a question which has no order of its own, page by page.
pub(crate) fn every(replica: &Replica, mut select: Select) -> Result<Rows> {
    let table = replica.registry().tables().into_iter().find(|table| table.name == select.table);
    let (table, mut found) = (table.context("an undeclared table")?, Vec::new());
    loop {
        let page = replica.select(&select)?;
        found.extend(page.items);
        match page.next {
            Some(next) => select.after = Some(next),
            None => return Ok(Rows { table, found }),
        }
    }
}

/// Rows of one table.
pub(crate) struct Rows {
    table: Table,
    pub found: Vec<Found>,
}

impl Rows {
    /// A cell by the name of its column; nothing where there is no such column.
    pub(crate) fn cell<'a>(&self, row: &'a Found, column: &str) -> &'a Cell {
        self.table.cell(row, column)
    }

    pub(crate) fn int(&self, row: &Found, column: &str) -> i64 {
        self.cell(row, column).int().unwrap_or(0)
    }

    pub(crate) fn qty(&self, row: &Found, column: &str) -> Qty {
        self.cell(row, column).qty().unwrap_or_default()
    }

    pub(crate) fn text<'a>(&self, row: &'a Found, column: &str) -> &'a str {
        self.cell(row, column).text().unwrap_or_default()
    }
}

/// A phone's read model as queries over several boxes see it.
pub(crate) struct ReplicaWorld<'a>(pub &'a Replica);

impl World for ReplicaWorld<'_> {
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError> {
        self.0.select(select).map(|page| page.items).map_err(|error| WorldError(error.to_string()))
    }

    fn exists(&self, _aggregate: &'static str, _reference: Reference) -> Result<bool, WorldError> {
        Err(WorldError("not asked here".to_owned()))
    }
}
