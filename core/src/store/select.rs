//! Questions to the read model: a [`Select`] becomes one statement with every value bound.

use rusqlite::{Row as SqlRow, params_from_iter, types::ValueRef};

use super::{AggregateId, Pos, StoreError, View, count, search::Pattern};
use crate::{
    id::Reference,
    limits,
    row::{Cell, Found, Match, Position, Select, Table},
};

/// Matches up to which the index names the aggregates; beyond, a pattern is so common that reading rows in their
/// order and looking into each one's text finds a page sooner.
const COMMON: i64 = 2_000;

/// A statement in the making.
struct Question<'a> {
    table: &'a Table,
    sql: String,
    values: Vec<Cell>,
}

impl Question<'_> {
    fn column(&self, name: &str) -> Result<String, StoreError> {
        if self.table.columns.contains(&name) {
            return Ok(format!("c_{name}"));
        }
        Err(StoreError::UnknownColumn { table: self.table.name.to_owned(), column: name.to_owned() })
    }

    /// Adds SQL and the values bound in it.
    fn push(&mut self, sql: &str, values: impl IntoIterator<Item = Cell>) {
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    fn filter(&mut self, name: &str, must: &Match) -> Result<(), StoreError> {
        let column = self.column(name)?;
        match must {
            Match::Is(cell) => self.push(&format!(" AND {column} IS ?"), [cell.clone()]),
            Match::IsNot(cell) => self.push(&format!(" AND {column} IS NOT ?"), [cell.clone()]),
            Match::Below(cell) => self.push(&format!(" AND {column} < ?"), [cell.clone()]),
            Match::AtLeast(cell) => self.push(&format!(" AND {column} >= ?"), [cell.clone()]),
            Match::Outside(low, high) => {
                self.push(&format!(" AND ({column} < ? OR {column} >= ?)"), [low.clone(), high.clone()]);
            }
            Match::Among(cells) => {
                let or_null = if cells.contains(&Cell::Null) { format!(" OR {column} IS NULL") } else { String::new() };
                let holes = vec!["?"; cells.len()].join(", ");
                self.push(&format!(" AND ({column} IN ({holes}){or_null})"), cells.iter().cloned());
            }
        }
        Ok(())
    }

    /// Only what stands behind a position, in the order of `keys`. NULL is the smallest, as in SQLite's order.
    fn after(&mut self, keys: &[(String, bool)], cells: Vec<Cell>) {
        if keys.iter().all(|(_, descending)| !descending) && !cells.contains(&Cell::Null) {
            // The form that an index answers by itself.
            let names = keys.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            let holes = vec!["?"; keys.len()].join(", ");
            return self.push(&format!(" AND ({names}) > ({holes})"), cells);
        }
        self.sql.push_str(" AND (");
        for ((name, descending), cell) in keys.iter().zip(&cells) {
            match (descending, cell) {
                (false, Cell::Null) => self.push(&format!("{name} IS NOT NULL"), []),
                (false, _) => self.push(&format!("{name} > ?"), [cell.clone()]),
                (true, Cell::Null) => self.push("0", []),
                (true, _) => self.push(&format!("({name} < ? OR {name} IS NULL)"), [cell.clone()]),
            }
            self.push(&format!(" OR {name} IS ? AND ("), [cell.clone()]);
        }
        self.sql.push('0');
        self.sql.push_str(&")".repeat(keys.len().saturating_add(1)));
    }
}

impl View {
    /// Answers a question, at most [`limits::PAGE`] rows. A pattern without letters and digits matches everything.
    ///
    /// # Errors
    /// When a name is not declared, the position is not of this question, or SQLite refuses.
    pub fn select(&self, select: &Select) -> Result<Vec<Found>, StoreError> {
        let table = self.table(select.table)?;
        let mut question =
            Question { table, sql: format!("SELECT * FROM rm_{} t WHERE 1", table.name), values: vec![] };
        self.conditions(&mut question, select)?;
        let mut keys = Vec::with_capacity(select.order.len().saturating_add(2));
        for (name, descending) in &select.order {
            keys.push((question.column(name)?, *descending));
        }
        // Ties go the way of the last column, so that an index gives them for nothing.
        let way = select.order.last().is_some_and(|(_, descending)| *descending);
        keys.extend([("agg".to_owned(), way), ("nth".to_owned(), way)]);
        if let Some(position) = &select.after {
            let cells = self.cells_of(position, table, select.order.len())?;
            question.after(&keys, cells);
        }
        let order: Vec<_> =
            keys.iter().map(|(name, descending)| format!("{name}{}", if *descending { " DESC" } else { "" })).collect();
        let limit = Cell::Int(super::int(select.limit.min(limits::PAGE)));
        question.push(&format!(" ORDER BY {} LIMIT ?", order.join(", ")), [limit]);
        self.found(&question)
    }

    /// How many rows a question has, whatever its page and limit.
    ///
    /// # Errors
    /// When a name is not declared, or SQLite refuses.
    pub fn count(&self, select: &Select) -> Result<u64, StoreError> {
        let table = self.table(select.table)?;
        let sql = format!("SELECT count(*) FROM rm_{} t WHERE 1", table.name);
        let mut question = Question { table, sql, values: vec![] };
        self.conditions(&mut question, select)?;
        Ok(self.one(&question.sql, params_from_iter(&question.values), |row| count(row, 0))?.unwrap_or(0))
    }

    /// Aggregates of all kinds under whose text a pattern is found, those stored last first, at most `limit`, and only those
    /// stored before `before`, if that is said. A pattern without letters and digits finds nothing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, text: &str, before: Option<Reference>, limit: usize) -> Result<Vec<Reference>, StoreError> {
        let Some(pattern) = Pattern::new(text) else { return Ok(Vec::new()) };
        let before = match before {
            Some(reference) => self.pos_of(reference)?.unwrap_or_default().0,
            None => i64::MAX,
        };
        let sql = "SELECT rowid FROM search WHERE search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?";
        let limit = super::int(limit.min(limits::PAGE));
        let found: Vec<i64> =
            self.all(sql, rusqlite::params![pattern.expression(), before, limit], |row| row.get(0))?;
        let name = |pos| self.reference(Pos(pos))?.ok_or(StoreError::NoSuchPlace);
        found.into_iter().map(name).collect()
    }

    fn conditions(&self, question: &mut Question<'_>, select: &Select) -> Result<(), StoreError> {
        if let Some(reference) = select.aggregate {
            // What is not held has no rows; no position is 0.
            let pos = self.pos_of(reference)?.unwrap_or_default();
            question.push(" AND agg = ?", [Cell::Int(pos.0)]);
        }
        for (name, must) in &select.filter {
            question.filter(name, must)?;
        }
        match select.text.as_deref().and_then(Pattern::new) {
            Some(pattern) => self.pattern(question, pattern),
            None => Ok(()),
        }
    }

    fn pattern(&self, question: &mut Question<'_>, pattern: Pattern) -> Result<(), StoreError> {
        let expression = pattern.expression();
        let sql = "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)";
        let matches: Option<i64> = self.one(sql, rusqlite::params![expression, COMMON], |row| row.get(0))?;
        if matches.is_some_and(|matches| matches < COMMON) {
            let named = " AND agg IN (SELECT rowid FROM search WHERE search MATCH ?)";
            question.push(named, [Cell::Text(expression)]);
        } else {
            let any = |of: &Vec<String>| format!(" AND ({})", vec!["instr(s.text, ?)"; of.len()].join(" OR "));
            let each: String = pattern.words.iter().map(any).collect();
            let looked_into = format!(" AND EXISTS (SELECT 1 FROM search_text s WHERE s.agg = t.agg{each})");
            question.push(&looked_into, pattern.words.into_iter().flatten().map(Cell::Text));
        }
        Ok(())
    }

    /// A position's cells: those sorted by, the aggregate, the number.
    fn cells_of(&self, position: &Position, table: &Table, expected: usize) -> Result<Vec<Cell>, StoreError> {
        let got = position.keys.len();
        if got != expected {
            return Err(StoreError::Shape { table: table.name.to_owned(), expected, got });
        }
        let aggregate = self.pos_of(position.aggregate)?.ok_or(StoreError::NotHeld(position.aggregate))?;
        let mut cells = position.keys.clone();
        cells.extend([Cell::Int(aggregate.0), Cell::Int(position.nth)]);
        Ok(cells)
    }

    fn found(&self, question: &Question<'_>) -> Result<Vec<Found>, StoreError> {
        let columns = question.table.columns.len();
        let rows: Vec<_> = self.all(&question.sql, params_from_iter(&question.values), |row| {
            let cells = (2..columns.saturating_add(2)).map(|at| cell(row, at)).collect::<rusqlite::Result<Vec<_>>>()?;
            Ok((AggregateId(row.get(0)?), row.get(1)?, cells))
        })?;
        let name = |(aggregate, nth, cells): (AggregateId, i64, Vec<Cell>)| {
            let aggregate = self.reference(Pos(aggregate.0))?.ok_or(StoreError::NoSuchPlace)?;
            Ok(Found { aggregate, nth, cells })
        };
        rows.into_iter().map(name).collect()
    }
}

pub(super) fn cell(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Cell> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_owned()),
        ValueRef::Text(_) => Cell::Text(row.get(at)?),
        ValueRef::Real(_) => {
            return Err(rusqlite::Error::InvalidColumnType(at, "cell".to_owned(), rusqlite::types::Type::Real));
        }
    })
}
