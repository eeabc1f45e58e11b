//! The connections that read one community's file.
//!
//! Each has a cache of its own, and a relay has many communities. So there are few connections, and a reader that finds
//! none waits. It refuses to know what is read.

use linli_core::store::{Reader, Readers, StoreError};
use parking_lot::{Condvar, Mutex};

use crate::limits;

/// Kibibytes of pages that each keeps in memory: the kernel has the others.
const CACHE_KIB: u32 = 256;

/// At most [`limits::READERS`] readers of one file, opened when they are first needed.
pub(crate) struct Pool {
    places: Mutex<Places>,
    freed: Condvar,
}

struct Places {
    sources: Readers,
    idle: Vec<Reader>,
    /// How many are lent or being opened.
    lent: usize,
}

impl Pool {
    /// None is open yet.
    pub(crate) fn new(sources: Readers) -> Self {
        let places = Places { sources: sources.with_cache(CACHE_KIB), idle: Vec::new(), lent: 0 };
        Self { places: Mutex::new(places), freed: Condvar::new() }
    }

    /// Waits until nobody reads, keeps everybody from it while the file is opened anew, and reads from then on as that
    /// says.
    ///
    /// # Errors
    /// What opening says; readers are opened as before then.
    pub(crate) fn replace<T>(&self, open: impl FnOnce() -> Result<(T, Readers), StoreError>) -> Result<T, StoreError> {
        let mut places = self.places.lock();
        self.freed.wait_while(&mut places, |places| places.lent > 0);
        places.idle.clear();
        let (opened, sources) = open()?;
        places.sources = sources.with_cache(CACHE_KIB);
        Ok(opened)
    }

    /// Lends a reader for one question, which must not ask for another.
    ///
    /// # Errors
    /// When a reader cannot be opened, and what the question answers.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut loan = self.lend();
        let reader = match loan.reader.take() {
            Some(reader) => reader,
            None => {
                let sources = self.places.lock().sources.clone();
                sources.open()?
            }
        };
        let reader = loan.reader.insert(reader);
        reader.checked(|| ask(reader))
    }

    fn lend(&self) -> Loan<'_> {
        let mut places = self.places.lock();
        self.freed.wait_while(&mut places, |places| places.lent >= limits::READERS);
        places.lent += 1;
        Loan { pool: self, reader: places.idle.pop() }
    }
}

/// A place among the readers, given back whatever happens.
struct Loan<'a> {
    pool: &'a Pool,
    reader: Option<Reader>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut places = self.pool.places.lock();
        places.lent = places.lent.saturating_sub(1);
        places.idle.extend(self.reader.take());
        self.pool.freed.notify_all();
    }
}
