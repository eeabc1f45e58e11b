//! Damage done on purpose to a database, so that tests can show that it is found. Not part of any app.

use rusqlite::params;

use super::{Store, StoreError, Write};

/// What is done to a database.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The newest event that counts, and makes no aggregate, is lost.
    DropEvent,
    /// Two neighbours of one log change places.
    SwapOrder,
    /// A box's ledger shows a take twice.
    DoubleTake,
}

impl Store {
    /// From now on the store answers so many questions, on whichever connection, and then fails: a disk that breaks.
    /// How many more it would have answered until now.
    #[doc(hidden)]
    pub fn fail_after(&self, answers: i64) -> i64 {
        self.trip.set(answers)
    }
}

impl Write<'_> {
    /// Does it; whether there was something to do it to.
    ///
    /// # Errors
    /// When SQLite refuses.
    #[doc(hidden)]
    pub fn harm(&mut self, harm: Harm) -> Result<bool, StoreError> {
        match harm {
            Harm::DropEvent => self.drop_event(),
            Harm::SwapOrder => self.swap_order(),
            Harm::DoubleTake => self.double_take(),
        }
    }

    /// Takes the event at the end of some log away as if it had never come.
    fn drop_event(&mut self) -> Result<bool, StoreError> {
        let sql = "SELECT last.pos, b.id, before.pos FROM branch b JOIN event last ON last.pos = b.head
             JOIN event before ON before.branch = b.id AND before.seq = last.seq - 1
             WHERE last.held = 0 AND last.aggregate <> last.pos ORDER BY last.pos DESC LIMIT 1";
        let found: Option<(i64, i64, i64)> = self.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((pos, branch, before)) = found else { return Ok(false) };
        self.run("UPDATE branch SET head = ? WHERE id = ?", params![before, branch])?;
        self.run("DELETE FROM event WHERE pos = ?", [pos])?;
        Ok(true)
    }

    fn swap_order(&mut self) -> Result<bool, StoreError> {
        let sql = "SELECT first.pos, next.pos, first.seq FROM event first
             JOIN event next ON next.branch = first.branch AND next.seq = first.seq + 1
             WHERE first.held = 0 AND first.aggregate <> first.pos AND next.held = 0 AND next.aggregate <> next.pos
             ORDER BY first.pos DESC LIMIT 1";
        let found: Option<(i64, i64, i64)> = self.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((first, next, seq)) = found else { return Ok(false) };
        // A place is held by one at a time: the first steps aside.
        for (pos, seq) in [(first, -1), (next, seq), (first, seq.saturating_add(1))] {
            self.run("UPDATE event SET seq = ? WHERE pos = ?", [seq, pos])?;
        }
        Ok(true)
    }

    fn double_take(&mut self) -> Result<bool, StoreError> {
        let Ok(table) = self.table("box_move") else { return Ok(false) };
        let columns = table.columns.iter().map(|column| format!("c_{column}")).collect::<Vec<_>>().join(", ");
        let again = format!(
            "INSERT INTO rm_box_move (agg, nth, {columns})
             SELECT agg, (SELECT MAX(nth) + 1 FROM rm_box_move all_of WHERE all_of.agg = taken.agg), {columns}
             FROM rm_box_move taken WHERE c_kind = 'taken' ORDER BY agg, nth LIMIT 1"
        );
        Ok(self.run(&again, [])? == 1)
    }
}
