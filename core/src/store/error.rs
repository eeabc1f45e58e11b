//! Why the store did not do what it was asked.

use std::io::ErrorKind;

use rusqlite::ErrorCode;

use super::SEALS;
use crate::{
    event::EventError,
    id::{LogId, Reference},
    key::SecretError,
};

/// What SQLite says where it says nothing.
const UNSAID: &str = "SQL logic error";

/// What SQLite calls a file beside the database that it cannot open, or not as it must, besides saying so.
const NOT_OPENED: [i32; 3] = [
    rusqlite::ffi::SQLITE_IOERR_SHMOPEN,
    rusqlite::ffi::SQLITE_READONLY_DIRECTORY,
    rusqlite::ffi::SQLITE_READONLY_CANTINIT,
];

/// EIO, the same on every system that this runs on; the standard library has no kind for it.
const FAILING: i32 = 5;

/// ENFILE and EMFILE, the same on every system that this runs on; the standard library has no kind for them.
const TOO_MANY_FILES: [i32; 2] = [23, 24];

/// Why the store did not do what it was asked. Nothing is half applied, whatever the error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another store of this one, has the home open.
    #[error("the home is in use by another process")]
    InUse,
    /// The file is no store of ours. It was left as it is.
    #[error("the file is no Linli store")]
    Foreign,
    /// The file is damaged. It was left as it is; set it aside and salvage.
    #[error("the store is damaged: {detail}")]
    Damaged {
        /// What SQLite says of it; no content.
        detail: String,
    },
    /// The database is encrypted, and this build reads plain ones only. It was left as it is.
    #[error("the database is encrypted, and this build reads plain ones only")]
    Encrypted,
    /// The database is not encrypted, and this build, made with `sqlcipher`, keeps encrypted ones only. It was left as
    /// it is.
    #[error("the database is not encrypted, and this build keeps encrypted ones only")]
    Plain,
    /// The key of the encrypted database is not in the secret store. The file was left as it is; without the key
    /// nobody reads it again.
    #[error("the key of the database is not in the secret store")]
    KeyLost,
    /// The secret store has another key than the database's. The file was left as it is.
    #[error("the key in the secret store is not the database's")]
    KeyWrong,
    /// The secret store failed; [`Full`](Self::Full) where it has no room.
    #[error(transparent)]
    Secret(SecretError),
    /// A newer build wrote the file. It was left as it is.
    #[error("the store has schema {theirs}, this build knows {ours}")]
    Newer {
        /// The file's schema.
        theirs: u32,
        /// The newest schema known here.
        ours: u32,
    },
    /// There is no room to write, or nothing may be written: a full disk, a quota, a bound on files, a read-only file
    /// system. Reads go on; a write succeeds again once there is room.
    #[error("there is no room to write on the disk")]
    Full,
    /// The disk itself failed to write or to read, as one that is worn out does. What was written before may be read yet.
    #[error("the disk failed to write or to read")]
    Failing,
    /// The process has as many files open as it may. Once it has closed some, the same again succeeds.
    #[error("too many files are open")]
    TooManyFiles,
    /// The database, or a file that SQLite keeps beside it, cannot be opened, and nothing tells why.
    #[error("the database or a file beside it cannot be opened")]
    CannotOpen,
    /// The home's directory or database is not there any more, while it is open. Nothing written now would last.
    #[error("the home was removed while it was open")]
    Gone,
    /// Something else holds the database file, beside the lock.
    #[error("the database is busy")]
    Busy,
    /// The file system refused.
    #[error("the file system refused: {0}")]
    Io(std::io::ErrorKind),
    /// The event on which a run follows is not held.
    #[error("log {log:?} is not held up to {seq}")]
    Gap {
        /// The log of the run.
        log: LogId,
        /// The place of the absent event.
        seq: u64,
    },
    /// The run names another community than the chain it follows on.
    #[error("event {seq} of log {log:?} names another community")]
    Community {
        /// The log of the run.
        log: LogId,
        /// The run's first place.
        seq: u64,
    },
    /// An event at a multiple of [`limits::SIGNATURE_EVERY`](crate::limits::SIGNATURE_EVERY) came unsigned.
    #[error("event {seq} of log {log:?} lacks its signature")]
    Unsigned {
        /// The log of the run.
        log: LogId,
        /// The event's place.
        seq: u64,
    },
    /// Another log of the same short name is held.
    #[error("another log is named {log:?}")]
    Collision {
        /// The short name that both have.
        log: LogId,
    },
    /// No event of this reference is held.
    #[error("{0:?} is not held")]
    NotHeld(Reference),
    /// No event is held where a span or a position points.
    #[error("no event stands there")]
    NoSuchPlace,
    /// No read-model table of this name was declared.
    #[error("no table {table}")]
    UnknownTable {
        /// The name that was asked for.
        table: String,
    },
    /// The table has no such column, or the name is none.
    #[error("table {table} has no column {column}")]
    UnknownColumn {
        /// The table that was asked.
        table: String,
        /// The name that was asked for.
        column: String,
    },
    /// A row, or a page's position, has another number of cells than it must.
    #[error("{got} cells for table {table}, {expected} expected")]
    Shape {
        /// The table of the row.
        table: String,
        /// Cells there must be.
        expected: usize,
        /// Cells there are.
        got: usize,
    },
    /// A statement of this transaction failed before, so that it was rolled back as a whole.
    #[error("the transaction was rolled back")]
    RolledBack,
    /// Anything else that SQLite says.
    #[error("the database failed: {message} (SQLite {code})")]
    Sqlite {
        /// The extended result code; 0 where the wrapper and not SQLite complains.
        code: i32,
        /// Its message; no content.
        message: String,
    },
}

/// What is wrong with a stored log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The log is not held.
    #[error("log {0:?} is not held")]
    Absent(LogId),
    /// Chain or signature do not hold.
    #[error("log {log:?}, from {seq}: {why}")]
    Broken {
        /// The log that does not hold.
        log: LogId,
        /// The first place of the run concerned.
        seq: u64,
        /// What of it fails.
        why: EventError,
    },
    /// An event's stored id is not its chain hash.
    #[error("event {seq} of log {log:?} is not what it was")]
    Changed {
        /// The log in which the event stands.
        log: LogId,
        /// The event's place.
        seq: u64,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, SqliteFailure};
        match error {
            SqliteFailure(cause, message) => match cause.code {
                // Whoever knows the file finds out why.
                ErrorCode::CannotOpen => Self::CannotOpen,
                _ if NOT_OPENED.contains(&cause.extended_code) => Self::CannotOpen,
                ErrorCode::DiskFull | ErrorCode::ReadOnly => Self::Full,
                // Of a full disk alone SQLite has a word of its own, of quotas and bounds not: see `View::why`.
                ErrorCode::SystemIoFailure => Self::Failing,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Damaged { detail: message.unwrap_or_else(|| cause.to_string()) }
                }
                // All that SQLCipher says of a page whose authentication fails; statements of ours have no such error.
                ErrorCode::Unknown if SEALS && message.as_deref().is_none_or(|said| said == UNSAID) => {
                    Self::Damaged { detail: "a page is not what was written".to_owned() }
                }
                _ => Self::Sqlite { code: cause.extended_code, message: message.unwrap_or_else(|| cause.to_string()) },
            },
            FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) => {
                Self::Damaged { detail: "a cell is not what it must be".to_owned() }
            }
            other => Self::Sqlite { code: 0, message: other.to_string() },
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            kind if is_no_room(kind) => Self::Full,
            kind => match error.raw_os_error() {
                Some(FAILING) => Self::Failing,
                Some(number) if TOO_MANY_FILES.contains(&number) => Self::TooManyFiles,
                _ => Self::Io(kind),
            },
        }
    }
}

impl StoreError {
    /// Whether it says something about this moment alone: the same again may succeed, with the same file.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Secret(error) => !matches!(error, SecretError::Lost(_)),
            Self::InUse
            | Self::Full
            | Self::Failing
            | Self::TooManyFiles
            | Self::CannotOpen
            | Self::Gone
            | Self::Busy
            | Self::Io(_) => true,
            Self::Foreign
            | Self::Damaged { .. }
            | Self::Encrypted
            | Self::Plain
            | Self::KeyLost
            | Self::KeyWrong
            | Self::Newer { .. }
            | Self::Gap { .. }
            | Self::Community { .. }
            | Self::Unsigned { .. }
            | Self::Collision { .. }
            | Self::NotHeld(_)
            | Self::NoSuchPlace
            | Self::UnknownTable { .. }
            | Self::UnknownColumn { .. }
            | Self::Shape { .. }
            | Self::RolledBack
            | Self::Sqlite { .. } => false,
        }
    }

    /// Whether nothing can be written where the home lies, for want of room or of permission, or because the disk is worn
    /// out, which keeps nobody from reading.
    pub fn is_unwritable(&self) -> bool {
        matches!(self, Self::Full | Self::Failing | Self::Io(ErrorKind::PermissionDenied))
    }

    /// Whether a run does not fit to what is held, which says nothing about the store.
    pub fn is_misfit(&self) -> bool {
        matches!(self, Self::Gap { .. } | Self::Community { .. } | Self::Unsigned { .. } | Self::Collision { .. })
    }
}

impl From<SecretError> for StoreError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Full => Self::Full,
            error @ (SecretError::Unavailable(_) | SecretError::Lost(_)) => Self::Secret(error),
        }
    }
}

/// Whether the file system says that there is no room, or that nothing may be written: ENOSPC, EDQUOT, EFBIG, EROFS.
pub fn is_no_room(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(kind, StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T8: ENOSPC, EDQUOT, EFBIG and EROFS, as Linux numbers them.
    #[cfg(target_os = "linux")]
    #[test]
    fn whatever_a_disk_calls_having_no_room_is_one_error_t8() {
        for number in [28, 122, 27, 30] {
            assert_eq!(StoreError::from(std::io::Error::from_raw_os_error(number)), StoreError::Full, "{number}");
        }
        assert_ne!(StoreError::from(std::io::Error::from_raw_os_error(13)), StoreError::Full, "that is another matter");
    }

    /// EACCES, ENOENT, EMFILE, ENFILE and EIO: each is told as what it is.
    #[cfg(unix)]
    #[test]
    fn what_is_no_want_of_room_is_told_as_what_it_is_t8() {
        let of = |number| StoreError::from(std::io::Error::from_raw_os_error(number));
        let denied = StoreError::Io(ErrorKind::PermissionDenied);
        assert_eq!([of(13), of(2)], [denied.clone(), StoreError::Io(ErrorKind::NotFound)]);
        assert_eq!([of(24), of(23)], [StoreError::TooManyFiles, StoreError::TooManyFiles]);
        assert_eq!(of(5), StoreError::Failing);
        assert!(
            denied.is_unwritable() && StoreError::Full.is_unwritable() && !StoreError::TooManyFiles.is_unwritable()
        );
    }

    #[test]
    fn people_read_what_is_wrong_before_its_number() {
        let said = StoreError::Sqlite { code: 778, message: "disk I/O error".to_owned() }.to_string();
        assert_eq!(said, "the database failed: disk I/O error (SQLite 778)");
    }
}
