//! Opening a home: the lock, what the file is, how SQLite is to treat it.

use std::{
    cmp::Ordering,
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    Reader, Readers, Store, StoreError, View,
    answers::{Answers, Trip},
    at_rest::{self, FileKey},
    clean::{self, CleanStop},
    place::{BESIDE, Place, with_suffix},
    private::{close_to_others, create_private, give_owner, make_dir, open_private, sync_dir},
    rows, schema,
    unopened::of_database,
};
use crate::{key::SecretStore, row::Table};

const FILE: &str = "linli.db";
const HALF: &str = "linli.new.db";
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

/// How often a lock is tried that somebody else has, and the pause between.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

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
        make_dir(dir)?;
        Self::open_under(lock(dir)?, dir, secrets, tables)
    }

    /// Opens a home that is held already.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_under(lock: File, dir: &Path, secrets: &dyn SecretStore, tables: &[Table]) -> Result<Self, StoreError> {
        Self::open_at(lock, dir, secrets, tables).map_err(|error| of_database(error, &file_in(dir)))
    }

    fn open_at(lock: File, dir: &Path, secrets: &dyn SecretStore, tables: &[Table]) -> Result<Self, StoreError> {
        close_to_others(dir, is_ours)?;
        let path = dir.join(FILE);
        // SQLite would open what it may not write to be read, and say so with the first write.
        let head = head(&path, OpenOptions::new().read(true).write(true))?;
        for beside in BESIDE.map(|suffix| with_suffix(&path, suffix)) {
            // As SQLite made it while the database could only be read.
            if fs::metadata(&beside).is_ok_and(|about| about.permissions().readonly()) {
                give_owner(&beside)?;
            }
        }
        let key = FileKey::of_home(dir, head.is_empty(), secrets)?;
        if head.is_empty() {
            create(dir, &key)?;
        } else {
            inspect(&path, &head, &key)?;
        }
        let mut db = connect(&path, &key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        set_cache(&db, WRITER_CACHE_KIB)?;
        schema::migrate(&mut db)?;
        let trip = Trip::default();
        let view = View { db, tables: Arc::from(tables), answers: Answers::with(trip.clone()) };
        let (clean, place) = (CleanStop::begin(&path)?, Place::of(&path)?);
        let (how, clean, lock) = (How::Beside, Some(clean), Some(lock));
        let mut store = Self { view, dir: dir.to_owned(), key, place, trip, how, _clean: clean, lock, barred: None };
        store.prepare_read_model()?;
        Ok(store)
    }

    /// Opens a home where nothing can be written: on a full disk, or one that is read-only. Nothing is changed, not one
    /// file made.
    ///
    /// # Errors
    /// [`StoreError::Full`] where even that needs room: a home without a database, one of an older schema, one whose read
    /// model would have to be made anew, or one killed and then deprived of what SQLite keeps beside its log. Else what is
    /// wrong with the file.
    pub fn open_to_read(dir: &Path, secrets: &dyn SecretStore, tables: &[Table]) -> Result<Self, StoreError> {
        rows::check(tables)?;
        let lock = lock_to_read(dir)?;
        let path = dir.join(FILE);
        let head = head(&path, OpenOptions::new().read(true))?;
        if head.is_empty() {
            return Err(StoreError::Full);
        }
        let key = FileKey::of_home(dir, false, secrets)?;
        let (db, how) = connect_without_writing(&path, &key)?;
        let mark: u32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
        if mark != schema::APPLICATION_ID {
            return Err(StoreError::Foreign);
        }
        let theirs: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match theirs.cmp(&schema::newest()) {
            Ordering::Less => return Err(StoreError::Full),
            Ordering::Greater => return Err(StoreError::Newer { theirs, ours: schema::newest() }),
            Ordering::Equal => {}
        }
        if !clean::is_clean(&path) {
            check(&db)?;
        }
        let trip = Trip::default();
        let view = View { db, tables: Arc::from(tables), answers: Answers::with(trip.clone()) };
        if view.read_model_stale()? {
            return Err(StoreError::Full);
        }
        let place = Place::of(&path)?;
        Ok(Self { view, dir: dir.to_owned(), key, place, trip, how, _clean: None, lock, barred: None })
    }

    /// The lock of the home, to open it [once more](Self::open_under) in its place.
    ///
    /// # Errors
    /// As [`hold`](Self::hold), where there was none until now.
    pub fn share_lock(&self) -> Result<File, StoreError> {
        self.lock.as_ref().map_or_else(|| lock(&self.dir), |lock| Ok(lock.try_clone()?))
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
        Readers { path, key, tables, cache_kib: READER_CACHE_KIB, trip: self.trip.clone(), how: self.how }
    }

    /// From now on the connection that writes keeps so many kibibytes of pages in memory, instead of 8,192.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn limit_cache(&self, kib: u32) -> Result<(), StoreError> {
        set_cache(&self.view.db, kib)
    }

    /// Whether a home has a database: an empty file, as a power cut leaves one, is none.
    pub fn is_there(dir: &Path) -> bool {
        fs::metadata(file_in(dir)).is_ok_and(|about| about.len() > 0)
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
            if is_ours(&entry.file_name().to_string_lossy()) && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        sync_dir(dir)?;
        Ok(())
    }
}

impl Readers {
    /// What reads the home `dir` beside whoever has it open.
    ///
    /// # Errors
    /// In builds with `sqlcipher`, when the file's key is not there.
    pub fn of(dir: &Path, secrets: &dyn SecretStore, tables: &[Table]) -> Result<Self, StoreError> {
        let key = FileKey::of_home(dir, false, secrets)?;
        Ok(Self {
            path: dir.join(FILE),
            key,
            tables: Arc::from(tables),
            cache_kib: READER_CACHE_KIB,
            trip: Trip::default(),
            how: How::Beside,
        })
    }

    /// The same, but each reader keeps so many kibibytes of pages in memory, instead of 4,096.
    #[must_use]
    pub fn with_cache(self, kib: u32) -> Self {
        Self { cache_kib: kib, ..self }
    }

    /// Opens a connection that only reads.
    ///
    /// # Errors
    /// [`StoreError::Gone`] where there is no database, or when SQLite refuses.
    pub fn open(&self) -> Result<Reader, StoreError> {
        let db = match self.how {
            How::Beside => match connect(&self.path, &self.key, OpenFlags::SQLITE_OPEN_READ_ONLY) {
                Err(StoreError::Io(ErrorKind::NotFound)) => return Err(StoreError::Gone),
                connected => connected?,
            },
            How::Still => connect_still(&self.path, &self.key)?,
        };
        set_cache(&db, self.cache_kib)?;
        let answers = Answers::with(self.trip.clone());
        Ok(Reader { view: View { db, tables: self.tables.clone(), answers } })
    }
}

fn set_cache(db: &Connection, kib: u32) -> Result<(), StoreError> {
    // Negative: kibibytes, not pages.
    Ok(db.pragma_update(None, "cache_size", -i64::from(kib))?)
}

pub(super) fn lock(dir: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    let file = open_private(&dir.join(LOCK), options.read(true).write(true).create(true).truncate(false))?;
    match lock_file(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Locks a file against everybody else, and waits a moment for whoever is letting go of it: a process that is just being
/// started holds what its parent held until it runs a program of its own.
///
/// # Errors
/// As [`File::try_lock`].
pub fn lock_file(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            done => return done,
        }
    }
    file.try_lock()
}

/// The same where no lock can be made: one that is there is taken, and where there is none, nobody has the home open to
/// write.
fn lock_to_read(dir: &Path) -> Result<Option<File>, StoreError> {
    match lock(dir) {
        Err(error @ (StoreError::InUse | StoreError::Busy)) => return Err(error),
        Ok(lock) => return Ok(Some(lock)),
        Err(_cannot_be_made) => {}
    }
    let Ok(file) = File::open(dir.join(LOCK)) else { return Ok(None) };
    match lock_file(&file) {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The first bytes of a file; none of one that is not there, or that a power cut left empty.
fn head(path: &Path, how: &OpenOptions) -> Result<Vec<u8>, StoreError> {
    let mut head = Vec::new();
    match how.open(path) {
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
    if plain && super::SEALS {
        return Err(StoreError::Plain);
    }
    let journal = fs::metadata(with_suffix(path, "-journal")).is_ok_and(|about| about.len() > 0);
    if journal {
        // A kill ended a transaction, which whoever only reads cannot roll back.
        let db = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.pragma_query_value(None, "user_version", |_| Ok(()))?;
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

/// Makes an empty database of ours: under another name until it is whole and durable, so that a kill at whatever moment
/// leaves either none or all of it.
fn create(dir: &Path, key: &FileKey) -> Result<(), StoreError> {
    let path = file_in(dir);
    for suffix in BESIDE {
        // A log without its database: what it belongs to is lost, and a new database must not be taken for that.
        if fs::metadata(with_suffix(&path, suffix)).is_ok_and(|about| about.len() > 0) {
            return Err(StoreError::Damaged { detail: "a database is gone from beside its log".to_owned() });
        }
    }
    let half = unfinished_in(dir)?;
    let mut db = connect(&half, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    schema::migrate(&mut db)?;
    // Closing would move everything into the one file too, and not say that there was no room for it.
    let stays: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if stays {
        return Err(StoreError::Busy);
    }
    db.close().map_err(|(_, error)| error)?;
    File::open(&half)?.sync_all()?;
    fs::rename(&half, &path)?;
    Ok(sync_dir(dir)?)
}

/// An empty file for a database that gets its name when it is whole. What an earlier try left is gone.
pub(super) fn unfinished_in(dir: &Path) -> Result<PathBuf, StoreError> {
    let half = dir.join(HALF);
    for suffix in BESIDE.into_iter().chain([""]) {
        match fs::remove_file(with_suffix(&half, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    // SQLite gives what it keeps beside a database the permissions that the database has.
    drop(create_private(&half)?);
    Ok(half)
}

/// Whether a file of a home is the store's, by its name.
fn is_ours(name: &str) -> bool {
    name.starts_with("linli.")
}

/// How connections that read are opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Beside one that may write.
    Beside,
    /// To a file of which it is known that nobody writes to it: without a log, and without anything beside it.
    Still,
}

/// A connection where SQLite can make no file: with its log, if what belongs to that is there, else without, if there is
/// none.
fn connect_without_writing(path: &Path, key: &FileKey) -> Result<(Connection, How), StoreError> {
    let ask = |db: Connection, how| {
        db.pragma_query_value(None, "user_version", |_| Ok(()))?;
        Ok((db, how))
    };
    let logged = fs::metadata(with_suffix(path, "-wal")).is_ok_and(|about| about.len() > 0);
    match connect_read_only(path, key).and_then(|db| ask(db, How::Beside)) {
        // Some of it stands in the log alone.
        Err(why @ (StoreError::Full | StoreError::Failing | StoreError::CannotOpen | StoreError::Io(_))) if logged => {
            Err(of_database(why, path))
        }
        Err(StoreError::Sqlite { .. }) if logged => Err(StoreError::Full),
        Err(
            StoreError::Full
            | StoreError::Failing
            | StoreError::CannotOpen
            | StoreError::Sqlite { .. }
            | StoreError::Io(_),
        ) => connect_still(path, key).and_then(|db| ask(db, How::Still)),
        opened => opened,
    }
}

/// A connection to a file that nobody writes to.
fn connect_still(path: &Path, key: &FileKey) -> Result<Connection, StoreError> {
    let mut name = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => name.push(char::from(*byte)),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name.push_str("?immutable=1");
    connect_named(Path::new(&name), key, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
}

pub(super) fn connect(path: &Path, key: &FileKey, flags: OpenFlags) -> Result<Connection, StoreError> {
    connect_named(path, key, flags).map_err(|error| of_database(error, path))
}

fn connect_named(path: &Path, key: &FileKey, flags: OpenFlags) -> Result<Connection, StoreError> {
    at_rest::begin();
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
