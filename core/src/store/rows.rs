//! The read model: tables made from declarations, and the rows of one aggregate replaced at a time.
//!
//! Table and column names are checked against the declarations before they enter a statement, and carry a prefix
//! that keeps them apart from the store's own and from SQL's.

use std::{collections::BTreeSet, fmt::Write as _};

use rusqlite::{
    ToSql, params, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    AggregateId, Store, StoreError, View, Write,
    numbers::{self, Change, Rows},
    search,
};
use crate::row::{Cell, Row, Table};

const SHAPE_CONTEXT: &str = "linli 2026 read model v2";
/// The shape of the tables that are there.
const SHAPE: &str = "read_model.shape";
/// The shape up to which all events were folded.
const FOLDED: &str = "read_model.folded";

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Int(number) => ValueRef::Integer(*number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Whether the declarations can become tables.
pub(super) fn check(tables: &[Table]) -> Result<(), StoreError> {
    let fine = |name: &str| {
        !name.is_empty() && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
    };
    for (at, table) in tables.iter().enumerate() {
        if !fine(table.name) || tables.iter().take(at).any(|other| other.name == table.name) {
            return Err(StoreError::UnknownTable { table: table.name.to_owned() });
        }
        let unknown = |column: &&&str| !table.columns.contains(column);
        let bad = table.columns.iter().find(|column| !fine(column));
        if let Some(column) = bad.or_else(|| table.indexes.iter().copied().flatten().find(unknown)) {
            return Err(StoreError::UnknownColumn { table: table.name.to_owned(), column: (*column).to_owned() });
        }
    }
    Ok(())
}

/// A hash of all declarations.
fn shape(tables: &[Table]) -> [u8; 32] {
    let mut hash = blake3::Hasher::new_derive_key(SHAPE_CONTEXT);
    hash.update(search::CREATE.as_bytes());
    hash.update(create(tables).as_bytes());
    *hash.finalize().as_bytes()
}

fn create(tables: &[Table]) -> String {
    let mut sql = String::new();
    for Table { name, columns, indexes } in tables {
        let columns: String = columns.iter().map(|column| format!("c_{column}, ")).collect();
        // Writing to a string cannot fail.
        let _ = write!(
            sql,
            "CREATE TABLE rm_{name} (agg INTEGER NOT NULL, nth INTEGER NOT NULL, {columns}
                 PRIMARY KEY (agg, nth)) WITHOUT ROWID;"
        );
        for (number, index) in indexes.iter().enumerate() {
            let columns = index.iter().map(|column| format!("c_{column}")).collect::<Vec<_>>().join(", ");
            let _ = write!(sql, "CREATE INDEX rm_{name}_{number}_index ON rm_{name} ({columns});");
        }
    }
    sql
}

impl Store {
    /// Makes the tables anew where the declarations changed. In an empty store there is nothing to fold.
    pub(super) fn prepare_read_model(&mut self) -> Result<(), StoreError> {
        if self.meta(SHAPE)?.as_deref() == Some(&shape(&self.tables)) {
            return Ok(());
        }
        let mut write = self.write()?;
        write.clear_read_model()?;
        if write.one("SELECT 1 FROM event LIMIT 1", [], |_| Ok(()))?.is_none() {
            write.finish_read_model()?;
        }
        write.commit()
    }
}

impl Write<'_> {
    /// Drops all rows and search texts; tables that are not as declared are made anew. The read model is stale until
    /// [`finish_read_model`](Self::finish_read_model).
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn clear_read_model(&mut self) -> Result<(), StoreError> {
        if self.tables_are_as_declared()? {
            self.empty_tables()?;
        } else {
            self.make_tables()?;
        }
        self.run("DELETE FROM meta WHERE key = ?", [FOLDED])?;
        self.set_meta(SHAPE, &shape(&self.view.tables))
    }

    /// To make a table costs more than to empty it: SQLite reads its whole schema again for each.
    fn empty_tables(&mut self) -> Result<(), StoreError> {
        let tables = self.view.tables.clone();
        for table in tables.iter() {
            self.run(&format!("DELETE FROM rm_{}", table.name), [])?;
        }
        self.run(search::EMPTY, [])?;
        self.run(search::EMPTY_TEXT, []).map(drop)
    }

    fn make_tables(&mut self) -> Result<(), StoreError> {
        let old: Vec<String> =
            self.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'rm_*'", [], |row| row.get(0))?;
        for table in old {
            self.run_all(&format!("DROP TABLE {table}"))?;
        }
        self.run_all(search::DROP)?;
        self.run_all(search::CREATE)?;
        self.run_all(&create(&self.view.tables))
    }

    /// Says that every event was folded into the read model as it is declared now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn finish_read_model(&mut self) -> Result<(), StoreError> {
        self.set_meta(FOLDED, &shape(&self.view.tables))
    }

    /// Puts the rows of an aggregate in place of whatever it had.
    ///
    /// # Errors
    /// When a row fits no declared table, or SQLite refuses.
    pub fn put_rows(&mut self, aggregate: AggregateId, rows: Vec<Row>) -> Result<Rows, StoreError> {
        self.fit(&rows)?;
        let tables = self.view.tables.clone();
        for table in tables.iter() {
            self.run(&format!("DELETE FROM rm_{} WHERE agg = ?", table.name), [aggregate.0])?;
        }
        self.replace_rows(aggregate, &Rows::default(), rows)
    }

    /// Puts the rows of an aggregate in place of `old`, which must be all that it had. Only what differs is written.
    ///
    /// # Errors
    /// When a row fits no declared table, or SQLite refuses.
    pub fn replace_rows(&mut self, aggregate: AggregateId, old: &Rows, new: Vec<Row>) -> Result<Rows, StoreError> {
        self.fit(&new)?;
        let (changes, numbers) = numbers::changes(old, &new);
        for (table, change) in changes {
            match change {
                Change::Remove(nth) => {
                    self.run(&format!("DELETE FROM rm_{table} WHERE agg = ? AND nth = ?"), [aggregate.0, nth])?;
                }
                Change::Update(nth, before, cells) => {
                    let key = [Cell::Int(aggregate.0), Cell::Int(nth)];
                    if !self.update_row(table, &key, before, cells)? {
                        self.insert_row(table, &key, cells)?;
                    }
                }
                Change::Insert(nth, cells) => {
                    self.insert_row(table, &[Cell::Int(aggregate.0), Cell::Int(nth)], cells)?;
                }
            }
        }
        Ok(Rows { rows: new, numbers })
    }

    fn insert_row(&mut self, table: &str, key: &[Cell], cells: &[Cell]) -> Result<(), StoreError> {
        let holes = ", ?".repeat(cells.len());
        let sql = format!("INSERT OR REPLACE INTO rm_{table} VALUES (?, ?{holes})");
        self.run(&sql, params_from_iter(key.iter().chain(cells))).map(drop)
    }

    /// Writes only the cells that differ, so that only their indexes are touched; whether the row was there.
    fn update_row(&mut self, table: &str, key: &[Cell], old: &[Cell], new: &[Cell]) -> Result<bool, StoreError> {
        let columns = self.table(table)?.columns;
        let changed = || (0..).zip(new.iter().zip(old)).filter(|(_, (new, old))| new != old);
        let names = changed().filter_map(|(at, _): (usize, _)| columns.get(at));
        let puts = names.map(|column| format!("c_{column} = ?")).collect::<Vec<_>>().join(", ");
        let sql = format!("UPDATE rm_{table} SET {puts} WHERE agg = ? AND nth = ?");
        let cells = changed().map(|(_, (new, _))| new).chain(key);
        Ok(self.run(&sql, params_from_iter(cells))? > 0)
    }

    /// Sets the text under which an aggregate is found; none makes it unfindable.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_search(&mut self, aggregate: AggregateId, text: Option<&str>) -> Result<(), StoreError> {
        let old: Option<String> =
            self.one("SELECT text FROM search_text WHERE agg = ?", [aggregate.0], |row| row.get(0))?;
        let new = text.map(search::fold).filter(|text| !text.is_empty());
        if old == new {
            return Ok(());
        }
        if let Some(old) = old {
            let gone = params![aggregate.0, search::terms_of_folded(&old)];
            self.run("INSERT INTO search (search, rowid, terms) VALUES ('delete', ?, ?)", gone)?;
            self.run("DELETE FROM search_text WHERE agg = ?", [aggregate.0])?;
        }
        if let Some(new) = new {
            let terms = params![aggregate.0, search::terms_of_folded(&new)];
            self.run("INSERT INTO search (rowid, terms) VALUES (?, ?)", terms)?;
            self.run("INSERT INTO search_text (agg, text) VALUES (?, ?)", params![aggregate.0, new])?;
        }
        Ok(())
    }
}

impl View {
    /// Whether all tables of the read model are there, and no others, each as it would be made now.
    fn tables_are_as_declared(&self) -> Result<bool, StoreError> {
        let sql = "SELECT sql FROM sqlite_schema
            WHERE sql IS NOT NULL AND (tbl_name GLOB 'rm_*' OR tbl_name IN ('search', 'search_text'))";
        let there: Vec<String> = self.all(sql, [], |row| row.get(0))?;
        let declared = create(&self.tables) + search::CREATE;
        let declared = declared.split(';').map(str::trim).filter(|sql| !sql.is_empty());
        Ok(there.iter().map(String::as_str).collect::<BTreeSet<_>>() == declared.collect())
    }

    /// Whether the read model lacks events, because its declarations changed: the caller must fold all again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn read_model_stale(&self) -> Result<bool, StoreError> {
        Ok(self.meta(FOLDED)?.as_deref() != Some(&shape(&self.tables)))
    }

    /// The declaration of a table.
    pub(super) fn table(&self, name: &str) -> Result<&Table, StoreError> {
        let found = self.tables.iter().find(|table| table.name == name);
        found.ok_or_else(|| StoreError::UnknownTable { table: name.to_owned() })
    }

    fn fit(&self, rows: &[Row]) -> Result<(), StoreError> {
        for row in rows {
            let expected = self.table(row.table)?.columns.len();
            if row.cells.len() != expected {
                return Err(StoreError::Shape { table: row.table.to_owned(), expected, got: row.cells.len() });
            }
        }
        Ok(())
    }
}
