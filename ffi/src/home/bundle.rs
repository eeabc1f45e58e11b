//! Bundles: what this phone holds as a file, for a memory card or a chat, and such files taken in.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use linli_core::{
    replica::{BundleReport, Ending, ImportError, ImportReport, Replica, What as BundleContent},
    store::create_private,
};
use tokio::{select, sync::watch};

use crate::{LinliError, Phone};

/// Long work as a screen sees it: how far it is, and a way to end it. Make one, hand it in, ask it now and then. A call that
/// only waits takes one too, where a language cannot cancel it otherwise.
#[derive(Debug, Default, uniffi::Object)]
pub struct Work {
    ended: watch::Sender<bool>,
    bytes: AtomicU64,
    of: AtomicU64,
}

#[uniffi::export]
impl Work {
    /// Work not begun.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Ends it at its next step. What it was for answers `Cancelled`.
    pub fn cancel(&self) -> Result<(), LinliError> {
        self.ended.send_replace(true);
        Ok(())
    }

    /// Bytes written or read so far.
    pub fn bytes(&self) -> Result<u64, LinliError> {
        Ok(self.bytes.load(Ordering::Relaxed))
    }

    /// Bytes there are in all, where that is known.
    pub fn of_bytes(&self) -> Result<Option<u64>, LinliError> {
        Ok(Some(self.of.load(Ordering::Relaxed)).filter(|of| *of > 0))
    }
}

impl Work {
    fn go_on(&self) -> io::Result<()> {
        if self.is_cancelled() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    fn is_cancelled(&self) -> bool {
        *self.ended.borrow()
    }
}

/// Waits, unless the wait is ended.
pub(crate) async fn unless<T>(
    work: Option<Arc<Work>>,
    wait: impl Future<Output = Result<T, LinliError>>,
) -> Result<T, LinliError> {
    let work = work.unwrap_or_default();
    let mut ended = work.ended.subscribe();
    select! {
        biased;
        _ended = ended.wait_for(|ended| *ended) => Err(LinliError::Cancelled),
        waited = wait => waited,
    }
}

/// Ends work that nobody waits for any more.
struct Attended(Option<Arc<Work>>);

impl Drop for Attended {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work.ended.send_replace(true);
        }
    }
}

impl Attended {
    fn done(mut self) {
        self.0 = None;
    }
}

/// A file, or bytes, that work passes through.
struct Through<'a, T> {
    inner: T,
    work: &'a Work,
}

impl<T: Write> Write for Through<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.work.go_on()?;
        let count = self.inner.write(bytes)?;
        self.work.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Through<'_, T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.work.go_on()?;
        let count = self.inner.read(into)?;
        self.work.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn write_bundle(
    replica: &Replica,
    content: BundleContent,
    to: impl Write,
    work: &Work,
) -> Result<BundleReport, LinliError> {
    let written = replica.export_bundle(content, Through { inner: to, work }, |_| {});
    if written.is_err() && work.is_cancelled() {
        return Err(LinliError::Cancelled);
    }
    Ok(written?)
}

/// Takes a bundle in.
pub(crate) fn read_bundle(
    replica: &Replica,
    from: impl Read,
    of: u64,
    work: &Work,
) -> Result<ImportReport, LinliError> {
    work.of.store(of, Ordering::Relaxed);
    let read = replica.import_bundle(Through { inner: from, work }, |_| {});
    let broken_off = match &read {
        Ok(report) => report.ending == Ending::Unreadable,
        Err(error) => matches!(error, ImportError::Read(_)),
    };
    if broken_off && work.is_cancelled() {
        return Err(LinliError::Cancelled);
    }
    Ok(read?)
}

/// Opens a bundle; how many bytes it has.
pub(crate) fn open(path: &str) -> Result<(File, u64), LinliError> {
    let file = File::open(path).map_err(|error| LinliError::file(&error))?;
    let of = file.metadata().map_or(0, |about| about.len());
    Ok((file, of))
}

/// A file without its name until it is whole; what is left of one that never became so is removed.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> Result<(Self, File), LinliError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        // What an export that was killed left.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(LinliError::file(&error)),
            _ => {}
        }
        let file = create_private(&part).map_err(|error| LinliError::file(&error))?;
        Ok((Self(part), file))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It is gone where it was given its name.
        let _gone = fs::remove_file(&self.0);
    }
}

fn export_to(replica: &Replica, path: &str, content: BundleContent, work: &Work) -> Result<BundleReport, LinliError> {
    let path = Path::new(path);
    if path.exists() {
        return Err(LinliError::file(&ErrorKind::AlreadyExists.into()));
    }
    let (unfinished, mut file) = Unfinished::beside(path)?;
    let report = write_bundle(replica, content, &mut file, work)?;
    file.sync_all().map_err(|error| LinliError::file(&error))?;
    fs::rename(&unfinished.0, path).map_err(|error| LinliError::file(&error))?;
    Ok(report)
}

#[uniffi::export]
impl Phone {
    /// Writes a bundle into a file that is not there yet. Half a bundle never bears the name. Commands go on meanwhile.
    #[uniffi::method(default(work = None))]
    pub async fn export_bundle(
        &self,
        path: String,
        content: BundleContent,
        work: Option<Arc<Work>>,
    ) -> Result<BundleReport, LinliError> {
        let work = work.unwrap_or_default();
        let attended = Attended(Some(work.clone()));
        let done = self.call(move |replica| export_to(replica, &path, content, &work)).await;
        attended.done();
        done
    }

    /// The same as bytes: for small ones, such as `Urgent`.
    pub async fn export_bundle_bytes(&self, content: BundleContent) -> Result<Vec<u8>, LinliError> {
        self.call(move |replica| {
            let mut bytes = Vec::new();
            write_bundle(replica, content, &mut bytes, &Work::default())?;
            Ok::<_, LinliError>(bytes)
        })
        .await
    }

    /// Takes a bundle in: in any order, any number of times. Whatever of it is whole and true is stored, whatever the rest
    /// is; see `ending` and `refused`. Work that is cancelled keeps what it stored.
    #[uniffi::method(default(work = None))]
    pub async fn import_bundle(&self, path: String, work: Option<Arc<Work>>) -> Result<ImportReport, LinliError> {
        let work = work.unwrap_or_default();
        let attended = Attended(Some(work.clone()));
        let done = self.call(move |replica| {
            let (file, of) = open(&path)?;
            read_bundle(replica, file, of, &work)
        });
        let done = done.await;
        attended.done();
        done
    }

    /// The same from bytes.
    pub async fn import_bundle_bytes(&self, bytes: Vec<u8>) -> Result<ImportReport, LinliError> {
        self.call(move |replica| read_bundle(replica, bytes.as_slice(), bytes.len() as u64, &Work::default())).await
    }
}
