//! Command ids: the same command again, even after a restart, gets the first answer. Primary data, kept for good.

use rusqlite::params;

use super::{StoreError, View, Write, bytes};
use crate::id::CommandId;

/// A command that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The caller's name for it.
    pub id: CommandId,
    /// A hash of the command, so that another command under the same id is noticed.
    pub digest: [u8; 32],
    /// What it was answered.
    pub result: String,
}

impl Write<'_> {
    /// Remembers a command and its answer. One remembered before stays as it is.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn remember_command(&mut self, id: CommandId, digest: &[u8; 32], result: &str) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO command (id, digest, result) VALUES (?, ?, ?)",
            params![id.as_bytes(), digest, result],
        )?;
        Ok(())
    }
}

impl View {
    /// The digest and the answer of a command that was carried out.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn command(&self, id: CommandId) -> Result<Option<([u8; 32], String)>, StoreError> {
        self.one("SELECT digest, result FROM command WHERE id = ?", [id.as_bytes()], |row| {
            Ok((bytes(row, 0, |digest| digest.try_into().ok())?, row.get(1)?))
        })
    }

    /// Everything remembered, for salvage.
    pub(super) fn commands(&self) -> Result<Vec<Remembered>, StoreError> {
        self.all("SELECT id, digest, result FROM command", [], |row| {
            Ok(Remembered {
                id: bytes(row, 0, CommandId::from_slice)?,
                digest: bytes(row, 1, |digest| digest.try_into().ok())?,
                result: row.get(2)?,
            })
        })
    }
}
