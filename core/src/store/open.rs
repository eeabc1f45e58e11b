//! Opening a home: the lock, what the file is, how SQLite is to treat it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    Reader, Readers, Store, StoreError, View,
    at_rest::{self, FileKey},
    clean::{self, CleanStop},
    rows, schema,
    secrets::sync_dir,
};
use crate::{key::SecretStore, row::Table};

const FILE: &str = "linli.db";
const LOCK: &str = "linli.lock";
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The file of a home.
pub(super) fn file_in(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// What SQLite says of a file whose first page is none, or does not open under the key.
const NO_DATABASE: &str = "file is not a database";

/// Statements kept prepared.
const STATEMENTS: usize = 128;
/// Kibibytes of pages that the connection keeps which writes.
const WRITER_CACHE_KIB: u32 = 8192;
/// The same, of each connection that reads.
const READER_CACHE_KIB: u32 = 4096;
/// How long a connection waits for another's checkpoint or recovery.
const PATIENCE: Duration = Duration::from_secs(5);

/// The tables that cannot be made again; checked when a home is opened that was not closed cleanly.
const PRIMARY: [&str; 6] = ["log", "branch", "seal", "event", "command", "meta"];

impl Store {
    /// Opens the home `dir`, making what is not there. The read-model tables are those declared; if declarations
    /// changed, the tables are new and empty, and [`read_model_stale`](View::read_model_stale) says so. Builds with
    /// `sqlcipher` take the file's key from the secrets, and put a new one there for a new home.
    ///
    /// # Errors
    /// What is wrong with the file, which is then left byte for byte as it was.
    pub fn open(dir: &Path, secrets: &dyn SecretStore, tables: &[Table]) -> Result<Self, StoreError> {
        rows::check(tables)?;
        fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let path = dir.join(FILE);
        let head = head(&path)?;
        let key = FileKey::of_home(dir, head.is_empty(), secrets)?;
        if head.is_empty() {
            create(&path, &key)?;
        } else {
            inspect(&path, &head, &key)?;
        }
        let mut db = connect(&path, &key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        set_cache(&db, WRITER_CACHE_KIB)?;
        schema::migrate(&mut db)?;
        let view = View { db, tables: Arc::from(tables) };
        let mut store = Self { view, dir: dir.to_owned(), key, _clean: CleanStop::begin(&path)?, _lock: lock };
        store.prepare_read_model()?;
        Ok(store)
    }

    /// Opens a connection beside the writing one, for another thread.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        self.readers().open()
    }

    /// What opens such connections later on, while the store is busy too.
    pub fn readers(&self) -> Readers {
        let (path, key, tables) = (self.dir.join(FILE), self.key.clone(), self.view.tables.clone());
        Readers { path, key, tables, cache_kib: READER_CACHE_KIB }
    }

    /// From now on the connection that writes keeps so many kibibytes of pages in memory, instead of 8,192.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn limit_cache(&self, kib: u32) -> Result<(), StoreError> {
        set_cache(&self.view.db, kib)
    }

    /// The files of a home that were set aside, oldest first.
    ///
    /// # Errors
    /// What the file system says.
    pub fn asides(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let mut asides = Vec::new();
        for number in 1_u32.. {
            let aside = aside(dir, number);
            if !aside.try_exists()? {
                break;
            }
            asides.push(aside);
        }
        Ok(asides)
    }

    /// Whether a home has a file already.
    pub fn is_there(dir: &Path) -> bool {
        file_in(dir).exists()
    }

    /// Whether a home's file is just as a clean stop left it. If not, [`open`](Self::open) checks every page; ask before
    /// it does.
    pub fn was_stopped_cleanly(dir: &Path) -> bool {
        clean::is_clean(&file_in(dir))
    }

    /// Holds a home against everybody else until what is returned is dropped.
    ///
    /// # Errors
    /// [`StoreError::InUse`], or what the file system says.
    pub fn hold(dir: &Path) -> Result<File, StoreError> {
        lock(dir)
    }

    /// Deletes everything this store keeps in a home, files set aside too. What lies there beside it stays.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while somebody has it open, or what the file system says; again goes on where it ended.
    pub fn wipe(dir: &Path) -> Result<(), StoreError> {
        let _lock = lock(dir)?;
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let ours = entry.file_name().to_string_lossy().starts_with("linli.");
            if ours && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        sync_dir(dir)?;
        Ok(())
    }

    /// Renames the file of a home, with what SQLite keeps beside it, so that a new one can take its place. Nothing is
    /// ever deleted: it may be the only copy.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while somebody has it open, or what the file system says.
    pub fn set_aside(dir: &Path) -> Result<PathBuf, StoreError> {
        let _lock = lock(dir)?;
        let before = u32::try_from(Self::asides(dir)?.len()).unwrap_or(u32::MAX);
        let aside = aside(dir, before.saturating_add(1));
        // The main file last: until then the set is found where it was.
        for suffix in ["-wal", "-shm", ""] {
            match fs::rename(with_suffix(&dir.join(FILE), suffix), with_suffix(&aside, suffix)) {
                Err(error) if suffix.is_empty() || error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        sync_dir(dir)?;
        Ok(aside)
    }
}

impl Readers {
    /// What reads the home `dir` beside whoever has it open.
    ///
    /// # Errors
    /// In builds with `sqlcipher`, when the file's key is not there.
    pub fn of(dir: &Path, secrets: &dyn SecretStore, tables: &[Table]) -> Result<Self, StoreError> {
        let key = FileKey::of_home(dir, false, secrets)?;
        Ok(Self { path: dir.join(FILE), key, tables: Arc::from(tables), cache_kib: READER_CACHE_KIB })
    }

    /// The same, but each reader keeps so many kibibytes of pages in memory, instead of 4,096.
    #[must_use]
    pub fn with_cache(self, kib: u32) -> Self {
        Self { cache_kib: kib, ..self }
    }

    /// Opens a connection that only reads.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open(&self) -> Result<Reader, StoreError> {
        let db = connect(&self.path, &self.key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        set_cache(&db, self.cache_kib)?;
        Ok(Reader { view: View { db, tables: self.tables.clone() } })
    }
}

fn set_cache(db: &Connection, kib: u32) -> Result<(), StoreError> {
    // Negative: kibibytes, not pages.
    Ok(db.pragma_update(None, "cache_size", -i64::from(kib))?)
}

fn aside(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("linli.damaged-{number}.db"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn lock(dir: &Path) -> Result<File, StoreError> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The first bytes of a file; none of one that is not there, or that a power cut left empty.
fn head(path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut head = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        file => drop(file?.take(100).read_to_end(&mut head)?),
    }
    Ok(head)
}

/// Looks at the file without writing.
fn inspect(path: &Path, head: &[u8], key: &FileKey) -> Result<(), StoreError> {
    let number = |at: usize| head.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
    let plain = head.starts_with(MAGIC);
    let ours = if plain { number(68) == Some(schema::APPLICATION_ID) } else { key.is_some() };
    if !ours {
        return Err(StoreError::Foreign);
    }
    if plain && at_rest::SEALS {
        return Err(StoreError::Plain);
    }
    let opened = connect_read_only(path, key).and_then(|db| {
        let mark = db.pragma_query_value(None, "application_id", |row| row.get::<_, u32>(0))?;
        Ok((db, mark))
    });
    let (db, mark) = match opened {
        // Without the mark of a home beside it, what does not open at all is somebody else's.
        Err(StoreError::Damaged { detail }) if detail == NO_DATABASE && !plain && !at_rest::is_marked(path)? => {
            return Err(StoreError::Foreign);
        }
        opened => opened?,
    };
    if mark != schema::APPLICATION_ID {
        return Err(StoreError::Foreign);
    }
    let theirs: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if theirs > schema::newest() {
        return Err(StoreError::Newer { theirs, ours: schema::newest() });
    }
    if theirs > 0 && !clean::is_clean(path) {
        check(&db)?;
    }
    Ok(())
}

/// Opens what may be damaged. A connection that cannot write leaves even the write-ahead log alone.
pub(super) fn connect_read_only(path: &Path, key: &FileKey) -> Result<Connection, StoreError> {
    connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Whether the pages of all that cannot be made again hang together.
fn check(db: &Connection) -> Result<(), StoreError> {
    for table in PRIMARY {
        let verdict: String = db.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged { detail: verdict });
        }
    }
    Ok(())
}

/// Makes an empty database of ours. The mark stands in the first bytes ever written, and the directory entry is
/// durable before anything is stored.
fn create(path: &Path, key: &FileKey) -> Result<(), StoreError> {
    let db = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    db.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    if let Some(dir) = path.parent() {
        sync_dir(dir)?;
    }
    Ok(())
}

pub(super) fn connect(path: &Path, key: &FileKey, flags: OpenFlags) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    key.unlock(&db)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Else every binding of another value may have its statement planned anew, which costs more than running it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Sorting must not spill names and addresses into files that nobody forgets.
    db.pragma_update(None, "temp_store", "MEMORY")?;
    if cfg!(target_vendor = "apple") {
        db.pragma_update(None, "fullfsync", true)?;
        db.pragma_update(None, "checkpoint_fullfsync", true)?;
    }
    Ok(db)
}
