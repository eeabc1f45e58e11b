//! What the store is asked beyond the daily questions: for judging again, rebuilding and verifying.

use std::collections::BTreeMap;

use super::{AggregateId, Pos, Rows, StoreError, View, Write, int, select::cell};
use crate::row::{Row, Table};

impl Write<'_> {
    /// Writes the full-text index anew as one piece: what was deleted from it stays in its older pieces until then
    /// (R5). Costs as much as the index is large.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn compact_search(&mut self) -> Result<(), StoreError> {
        self.run_all("INSERT INTO search (search) VALUES ('optimize')")
    }

    /// Forgets an aggregate whose creating event counts no longer. Its events must have been judged to belong to none.
    ///
    /// # Errors
    /// When SQLite refuses, as it does while an event still belongs to it.
    pub fn remove_aggregate(&mut self, aggregate: AggregateId) -> Result<(), StoreError> {
        self.run("DELETE FROM aggregate WHERE id = ?", [aggregate.0])?;
        Ok(())
    }
}

impl View {
    /// Positions of events of all topics behind another, at most `limit`, ascending.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_after(&self, after: Pos, limit: usize) -> Result<Vec<Pos>, StoreError> {
        let sql = "SELECT pos FROM event WHERE pos > ? ORDER BY pos LIMIT ?";
        self.all(sql, [after.0, int(limit)], |row| row.get(0).map(Pos))
    }

    /// Positions of events of all topics before another, or from the newest on; at most `limit`, descending.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_before(&self, before: Option<Pos>, limit: usize) -> Result<Vec<Pos>, StoreError> {
        let before = before.map_or(i64::MAX, |before| before.0);
        let sql = "SELECT pos FROM event WHERE pos < ? ORDER BY pos DESC LIMIT ?";
        self.all(sql, [before, int(limit)], |row| row.get(0).map(Pos))
    }

    /// The read-model rows of an aggregate by table, each table's in the order of their numbers.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rows_of(&self, aggregate: AggregateId) -> Result<BTreeMap<&'static str, Vec<Row>>, StoreError> {
        self.rows_in(aggregate, &self.tables)
    }

    /// The same from some tables alone, each of which must be declared.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rows_in(
        &self,
        aggregate: AggregateId,
        tables: &[Table],
    ) -> Result<BTreeMap<&'static str, Vec<Row>>, StoreError> {
        let mut rows: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
        for row in self.numbered_rows(aggregate, tables)?.rows {
            rows.entry(row.table).or_default().push(row);
        }
        Ok(rows)
    }

    /// The same as they stand in the tables, so that others can be put in their place.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn numbered_rows(&self, aggregate: AggregateId, tables: &[Table]) -> Result<Rows, StoreError> {
        let mut all = Rows::default();
        for Table { name, columns, .. } in tables {
            let sql = format!("SELECT * FROM rm_{name} WHERE agg = ? ORDER BY nth");
            let found: Vec<(i64, Row)> = self.all(&sql, [aggregate.0], |row| {
                let cells = (2..columns.len() + 2).map(|at| cell(row, at)).collect::<rusqlite::Result<_>>()?;
                Ok((row.get(1)?, Row { table: name, cells }))
            })?;
            let (numbers, rows): (Vec<i64>, Vec<Row>) = found.into_iter().unzip();
            all.numbers.extend(numbers);
            all.rows.extend(rows);
        }
        Ok(all)
    }
}
