//! The logs of one community, kept and served without a key to any body.
//!
//! [`Rules`] verify what comes, beside the writer. It is stored in common transactions: whoever comes to the writer
//! first takes along all that wait, so one sync of the disk serves many phones. Nothing is acknowledged before it is
//! durable (R6). It refuses to know what a body says.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use linli_core::{
    event::{Topic, VerifiedRun},
    id::{CommunityId, DeviceId, EventId, TopicTag},
    keep::{
        Answer, Checked, Holder, Inbox, Note, Quota, Rules, Shared, append, committed, heads_of, keep_terms,
        note_scrub, refill, refilled, scrub_if_due, weight,
    },
    key::SecretStore,
    roster::RelayPass,
    store::{Heard, Reader, Store, StoreError, Write},
    sync::frame::NONCE,
    time::{Clock, Mono, WallMs},
};
use parking_lot::{Mutex, RwLock};

use crate::{
    pace::{Paces, Speed},
    pool::Pool,
    presence::Presence,
};

const RUNNING: &str = "running-ms";
/// After how long a file that could only be read is opened again.
const AGAIN: Duration = Duration::from_secs(10);
/// Kibibytes of pages that the connection keeps in memory which writes. A relay has one for each community.
const CACHE_KIB: u32 = 1024;

/// The logs of one community. Clones share them.
#[derive(Clone)]
pub struct CommunityStore {
    inner: Arc<Inner>,
}

struct Inner {
    me: DeviceId,
    pass: RelayPass,
    home: PathBuf,
    clock: Arc<dyn Clock>,
    /// Milliseconds that this relay had run before it was started.
    before: u64,
    began: Mono,
    quota: Quota,
    pool: Pool,
    waiting: Mutex<Vec<Arc<Job>>>,
    writer: Mutex<Writer>,
    /// The rules as last committed.
    rules: RwLock<Arc<Rules>>,
    shared: Shared,
    meter: Meter,
    presence: Presence,
    paces: Paces,
    /// Events that were held when it was opened.
    events: u64,
    /// Whether it was opened after a stop that was not clean, and every page checked.
    checked: bool,
    /// Whether the last transaction failed.
    failing: AtomicBool,
    /// Whether bodies may be missing that are yet to be looked for.
    due: AtomicBool,
    /// When to try again to write, where nothing could be written from the beginning on.
    reads_alone: Mutex<Option<Mono>>,
}

struct Writer {
    store: Store,
    rules: Rules,
}

/// Runs of one conversation that wait for the writer.
struct Job {
    topic: TopicTag,
    from: Arc<Inbox>,
    checked: Mutex<Vec<Checked>>,
    /// What of them is seen to lead to what a cut names.
    led: BTreeSet<EventId>,
    /// Whether what was stored of them changed the roster, or silenced a log.
    turned: AtomicBool,
    done: Mutex<Option<Result<Vec<Answer>, StoreError>>>,
}

/// What happened since the start.
#[derive(Default)]
pub struct Meter {
    /// Events that were stored.
    pub events: AtomicU64,
    /// Bytes of their bodies.
    pub bytes: AtomicU64,
    /// Runs that were refused.
    pub refused: AtomicU64,
    /// Durable transactions, each with one sync of the disk.
    pub commits: AtomicU64,
}

/// What the logs of a community take.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Usage {
    /// Events, those of which the body is forgotten too.
    pub events: u64,
    /// Bytes that count to the quota.
    pub bytes: u64,
    /// Bytes of its files.
    pub file_bytes: u64,
}

impl CommunityStore {
    /// Opens the logs of a community in `home`, made if it is not there. On a disk that is full or read-only they are opened
    /// to be read: served, and every new event turned away for want of room, until [`heal`](Self::heal) finds some.
    ///
    /// # Errors
    /// What is wrong with the files, or [`StoreError::InUse`].
    pub fn open(
        home: &Path,
        secrets: &dyn SecretStore,
        pass: RelayPass,
        me: DeviceId,
        quota: Quota,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let unclean = Store::is_there(home) && !Store::was_stopped_cleanly(home);
        let (store, reads_alone) = match Store::open(home, secrets, &[]) {
            // Where that is no better, what was wrong first is told.
            Err(why) if why.is_unwritable() => (Store::open_to_read(home, secrets, &[]).map_err(|_| why)?, true),
            opened => (opened?, false),
        };
        store.limit_cache(CACHE_KIB)?;
        if unclean {
            tracing::warn!(community = ?pass.community, "was not stopped cleanly; every page was checked and is whole");
        }
        let mut rules = Rules::new(pass.community, pass.tags.clone()).blind();
        rules.reload(&store)?;
        let (events, due) = (store.stats()?.events, store.is_due()?);
        let before = store.meta(RUNNING)?.and_then(|kept| kept.try_into().ok()).map_or(0, u64::from_be_bytes);
        let began = clock.mono();
        let met = store.peers()?.into_iter().filter_map(|peer| Some((peer.device, peer.contact?)));
        let inner = Inner {
            me,
            pass,
            home: home.to_owned(),
            clock,
            before,
            began,
            quota,
            pool: Pool::new(store.readers()),
            waiting: Mutex::default(),
            rules: RwLock::new(Arc::new(rules.clone())),
            writer: Mutex::new(Writer { store, rules }),
            shared: Shared::default(),
            meter: Meter::default(),
            presence: Presence::new(met.collect()),
            paces: Paces::default(),
            events,
            checked: unclean,
            failing: AtomicBool::new(reads_alone),
            due: AtomicBool::new(due),
            reads_alone: Mutex::new(reads_alone.then(|| began.plus(AGAIN))),
        };
        let store = Self { inner: Arc::new(inner) };
        match store.tend() {
            Err(error) if !error.is_unwritable() => Err(error),
            _ => Ok(store),
        }
    }

    /// Whether it can only be read, and it is time to try otherwise.
    pub fn may_heal(&self) -> bool {
        self.inner.reads_alone.lock().is_some_and(|again| again <= self.inner.clock.mono())
    }

    /// Opens the file once more to write, if that was not possible until now, and still is.
    ///
    /// # Errors
    /// What is wrong with it; it is read as before then.
    pub fn heal(&self, secrets: &dyn SecretStore) -> Result<(), StoreError> {
        let mut reads_alone = self.inner.reads_alone.lock();
        if reads_alone.is_none() {
            return Ok(());
        }
        *reads_alone = Some(self.inner.clock.mono().plus(AGAIN));
        let mut writer = self.inner.writer.lock();
        let opened = self.inner.pool.replace(|| {
            let store = Store::open_under(writer.store.share_lock()?, &self.inner.home, secrets, &[])?;
            store.limit_cache(CACHE_KIB)?;
            let readers = store.readers();
            Ok((store, readers))
        });
        let Writer { store, rules, .. } = &mut *writer;
        *store = match opened {
            Err(error) if error.is_unwritable() => return Ok(()),
            opened => opened?,
        };
        rules.reload(store)?;
        self.publish(&writer);
        drop(writer);
        *reads_alone = None;
        drop(reads_alone);
        self.tend().map(drop)
    }

    /// Notes how the last transaction went. Once one succeeds again, all conversations begin anew: what was turned away
    /// meanwhile is brought once more.
    fn note(&self, failing: bool) {
        if self.inner.failing.swap(failing, Ordering::Relaxed) && !failing {
            self.inner.shared.inboxes.tell(None, &Note::Lost);
        }
    }

    /// The community that is kept.
    pub fn community(&self) -> CommunityId {
        self.inner.pass.community
    }

    /// Where it is kept.
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// The rules as they are now.
    pub fn rules(&self) -> Arc<Rules> {
        self.inner.rules.read().clone()
    }

    /// What happened since the start.
    pub fn meter(&self) -> &Meter {
        &self.inner.meter
    }

    /// Whether a device may connect. While no roster is held, the one that the pass names.
    pub fn welcomes(&self, device: DeviceId) -> bool {
        let rules = self.rules();
        if rules.roster.founder().is_none() {
            self.inner.pass.device == device
        } else {
            rules.roster.may_connect(device)
        }
    }

    /// Who is here and who was.
    pub fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    /// How much may be kept.
    pub fn quota(&self) -> Quota {
        self.inner.quota
    }

    /// Whether the stop before this start was not clean. Every page was checked then, else it would not be open.
    pub fn was_checked(&self) -> bool {
        self.inner.checked
    }

    /// Whether the store answers, and took what came last.
    pub fn is_well(&self) -> bool {
        !self.inner.failing.load(Ordering::Relaxed) && self.read(|reader| reader.meta(RUNNING)).is_ok()
    }

    /// Devices that were here before it was opened, the first of them first, so many at most. None where the store does not
    /// answer.
    pub(crate) fn met(&self, most: usize) -> Vec<DeviceId> {
        self.read(|reader| reader.met(most)).unwrap_or_else(|error| {
            tracing::warn!(community = ?self.community(), %error, "who was here before cannot be read");
            Vec::new()
        })
    }

    pub(crate) fn wall(&self) -> WallMs {
        self.inner.clock.wall()
    }

    /// This moment, by the clock and by how long this relay has run.
    pub(crate) fn heard(&self) -> Heard {
        Heard { wall: self.wall(), running: Some(self.running()) }
    }

    /// From now on each device may be so fast.
    pub(crate) fn set_speed(&self, speed: Speed) {
        self.inner.paces.set(speed);
    }

    /// Notes that a device brought events; how long to read no more from it.
    pub(crate) fn pace(&self, device: DeviceId, events: u64) -> Option<Duration> {
        self.inner.paces.spend(device, events, self.inner.clock.mono())
    }

    /// What it takes.
    ///
    /// # Errors
    /// What the file system says.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let rooms = self.read(|reader| reader.rooms())?;
        let bytes = rooms.into_iter().fold(0_u64, |all, (_, _, room)| all.saturating_add(weight(room)));
        let events = self.inner.events.saturating_add(self.inner.meter.events.load(Ordering::Relaxed));
        let mut file_bytes = 0_u64;
        for entry in std::fs::read_dir(&self.inner.home)? {
            // Files of the store come and go.
            let size = entry?.metadata().map_or(0, |about| about.len());
            file_bytes = file_bytes.saturating_add(size);
        }
        Ok(Usage { events, bytes, file_bytes })
    }

    /// Milliseconds for which this relay has run in all.
    fn running(&self) -> u64 {
        self.inner.before.saturating_add(self.inner.clock.mono().since(self.inner.began))
    }

    /// Does what is due: erasures begin their 72 hours of running time, or end them (R5). How many bodies were
    /// forgotten.
    ///
    /// # Errors
    /// When the store fails; what was done before stands.
    pub fn tend(&self) -> Result<u64, StoreError> {
        let tended = self.catch_up().and_then(|()| self.tend_now());
        self.note(tended.is_err());
        tended
    }

    fn tend_now(&self) -> Result<u64, StoreError> {
        self.begin_terms(&mut self.inner.writer.lock())?;
        let mut forgotten = 0_u64;
        loop {
            let (bodies, more) = self.tend_some()?;
            forgotten = forgotten.saturating_add(bodies);
            if !more {
                return Ok(forgotten);
            }
        }
    }

    /// Forgets as many bodies as go in one transaction: how many, and whether there may be more.
    fn tend_some(&self) -> Result<(u64, bool), StoreError> {
        let mut writer = self.inner.writer.lock();
        let Writer { store, rules } = &mut *writer;
        let mut write = store.write()?;
        let forgotten = rules.forget(&mut write, self.running())?;
        let (bodies, more) = (forgotten.bodies, forgotten.more);
        if bodies > 0 {
            note_scrub(&mut write)?;
        }
        let running = self.running();
        for (device, heard) in self.inner.presence.take_unkept(self.heard()) {
            write.set_peer_contact(device, heard)?;
        }
        write.set_meta(RUNNING, &running.to_be_bytes())?;
        write.commit()?;
        rules.note_forgotten(forgotten);
        if !more {
            scrub_if_due(store)?;
            self.publish(&writer);
        }
        Ok((bodies, more))
    }

    fn catch_up(&self) -> Result<(), StoreError> {
        while self.look_for_missing()? {}
        Ok(())
    }

    /// Looks for the next bodies that are missing because erasures count no longer; whether more are to be looked for. One
    /// transaction of bounded work.
    fn look_for_missing(&self) -> Result<bool, StoreError> {
        if !self.inner.due.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let mut writer = self.inner.writer.lock();
        let Writer { store, rules } = &mut *writer;
        let mut write = store.write()?;
        let more = rules.look_for_missing(&mut write)?;
        write.commit()?;
        self.inner.due.store(more, Ordering::Relaxed);
        Ok(more)
    }

    fn begin_terms(&self, writer: &mut Writer) -> Result<(), StoreError> {
        let turned = writer.rules.turned_terms(self.running());
        if turned.is_empty() {
            return Ok(());
        }
        let mut write = writer.store.write()?;
        keep_terms(&mut write, &turned)?;
        write.set_meta(RUNNING, &self.running().to_be_bytes())?;
        write.commit()?;
        writer.rules.note_terms(turned);
        Ok(())
    }

    fn publish(&self, writer: &Writer) {
        *self.inner.rules.write() = Arc::new(writer.rules.clone());
    }

    /// Stores a job, with all others that wait.
    fn write(&self, job: Arc<Job>) -> Result<Vec<Answer>, StoreError> {
        self.inner.waiting.lock().push(job.clone());
        let mut writer = self.inner.writer.lock();
        let done = job.done.lock().take();
        if let Some(done) = done {
            return done;
        }
        let jobs = std::mem::take(&mut *self.inner.waiting.lock());
        let written = self.write_all(&mut writer, &jobs);
        // Whoever comes to the writer next finds its answer, or is not among these.
        for (job, done) in jobs.iter().zip(&written) {
            *job.done.lock() = Some(done.clone());
        }
        drop(writer);
        for (job, done) in jobs.iter().zip(&written) {
            self.tell(job, done);
        }
        let done = job.done.lock().take();
        done.unwrap_or(Err(StoreError::RolledBack))
    }

    /// One transaction for all jobs: all of them are durable, or none.
    fn write_all(&self, writer: &mut Writer, jobs: &[Arc<Job>]) -> Vec<Result<Vec<Answer>, StoreError>> {
        let done = self.transact(writer, jobs);
        self.note(done.is_err());
        match done {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) => {
                tracing::error!(%error, community = ?self.community(), "nothing could be stored");
                // What the rules took in is read again from what is durable.
                if let Err(error) = writer.rules.reload(&writer.store) {
                    tracing::error!(%error, "the store does not answer");
                }
                jobs.iter().map(|_| Err(error.clone())).collect()
            }
        }
    }

    fn transact(&self, writer: &mut Writer, jobs: &[Arc<Job>]) -> Result<Vec<Vec<Answer>>, StoreError> {
        let Writer { store, rules } = writer;
        let mut write = store.write()?;
        let mut answers = Vec::with_capacity(jobs.len());
        let (mut roster, mut erased, mut silenced) = (false, false, false);
        for job in jobs {
            let mut of_job = Vec::new();
            for checked in job.checked.lock().drain(..) {
                let answer = match checked {
                    Err((log, why)) => Answer::Refused { log, why },
                    Ok(mut run) => {
                        rules.strip(&mut run);
                        let (answer, silences) = self.take_run(&mut write, rules, &run, &job.led)?;
                        if silences {
                            job.turned.store(true, Ordering::Relaxed);
                            silenced = true;
                        }
                        let topic = rules.topic(job.topic).filter(|_| matches!(answer, Answer::Committed { .. }));
                        if topic == Some(Topic::Roster) && rules.refresh(&write)?.is_some() {
                            job.turned.store(true, Ordering::Relaxed);
                            roster = true;
                        }
                        erased |= topic == Some(Topic::Erasure);
                        answer
                    }
                };
                of_job.push(answer);
            }
            answers.push(of_job);
        }
        let mut due = self.inner.due.load(Ordering::Relaxed);
        if roster || erased {
            let turned = rules.refresh_erasures(&write)?;
            due |= rules.note_fallen(&mut write, &turned)?;
        }
        if due {
            due = rules.look_for_missing(&mut write)?;
        }
        write.commit()?;
        self.inner.due.store(due, Ordering::Relaxed);
        self.inner.meter.commits.fetch_add(1, Ordering::Relaxed);
        if roster || erased {
            self.begin_terms(writer)?;
        }
        if roster || erased || silenced {
            self.publish(writer);
        }
        Ok(answers)
    }

    /// What to say of a run, and whether it silences its log.
    fn take_run(
        &self,
        write: &mut Write<'_>,
        rules: &mut Rules,
        run: &VerifiedRun,
        led: &BTreeSet<EventId>,
    ) -> Result<(Answer, bool), StoreError> {
        let log = run.header().id();
        let stored = match append(write, rules, &self.inner.quota, self.inner.me, run, led)? {
            Ok(appended) => appended.stored,
            Err(why) => return Ok((Answer::Refused { log, why }, false)),
        };
        let fresh = run.events().iter().rev().take(stored.len());
        let bytes: u64 = fresh.map(|event| event.content.stored_len() as u64).sum();
        let events = stored.len() as u64;
        self.inner.meter.events.fetch_add(events, Ordering::Relaxed);
        self.inner.presence.count(events, self.wall());
        self.inner.meter.bytes.fetch_add(bytes, Ordering::Relaxed);
        rules.note_missing(write, run, &stored)?;
        rules.forget_behind(write, run, stored.len())?;
        let came_back = !refill(write, rules, &self.inner.quota, self.inner.me, run, stored.len())?.is_empty();
        let heads = write.heads(log)?;
        let silences = rules.crowd(run.header(), heads.len(), write)?;
        Ok((committed(rules, run, &heads, came_back), silences))
    }

    /// Tells all conversations but the one that brought it.
    fn tell(&self, job: &Job, done: &Result<Vec<Answer>, StoreError>) {
        let Ok(answers) = done else { return };
        let refused = answers.iter().filter(|answer| matches!(answer, Answer::Refused { .. })).count();
        self.inner.meter.refused.fetch_add(u64::try_from(refused).unwrap_or(u64::MAX), Ordering::Relaxed);
        let heads = heads_of(answers);
        if heads.is_empty() {
            return;
        }
        self.inner.shared.inboxes.tell(Some(&job.from), &Note::Stored { topic: job.topic, heads });
        let logs = refilled(answers);
        if !logs.is_empty() {
            self.inner.shared.fills.begin_anew(&logs);
            self.inner.shared.inboxes.tell(Some(&job.from), &Note::Refilled { topic: job.topic, logs });
        }
        // What was held already makes nobody welcome: else whoever tells it again is asked again for what was refused.
        if job.turned.load(Ordering::Relaxed) {
            self.inner.shared.inboxes.tell(None, &Note::Roster);
        }
        if self.rules().topic(job.topic) == Some(Topic::Erasure) {
            self.inner.shared.inboxes.tell(None, &Note::Erased);
        }
    }
}

impl Holder for CommunityStore {
    fn device(&self) -> DeviceId {
        self.inner.me
    }

    fn now(&self) -> Mono {
        self.inner.clock.mono()
    }

    fn nonce(&self) -> [u8; NONCE] {
        rand::random()
    }

    fn with_rules<T>(&self, ask: impl FnOnce(&Rules) -> T) -> Option<T> {
        Some(ask(&self.rules()))
    }

    fn read<T>(&self, ask: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.inner.pool.read(ask)
    }

    fn take_in(
        &self,
        topic: TopicTag,
        checked: Vec<Checked>,
        led: BTreeSet<EventId>,
        from: &Arc<Inbox>,
    ) -> Result<Vec<Answer>, StoreError> {
        let (from, checked) = (from.clone(), Mutex::new(checked));
        let job = Job { topic, from, checked, led, turned: AtomicBool::new(false), done: Mutex::default() };
        self.write(Arc::new(job))
    }

    fn goes_on(&self) -> bool {
        if self.inner.reads_alone.lock().is_some() {
            return false;
        }
        self.look_for_missing().unwrap_or_else(|error| {
            tracing::warn!(%error, community = ?self.community(), "what is missing is looked for later");
            false
        })
    }

    fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}
