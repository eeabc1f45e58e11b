//! A replica: everything a phone keeps and does, behind one handle.
//!
//! [`Replica`] joins the parts that refuse to know each other: commands are decided by aggregates, written as events,
//! stored and folded in one transaction, and handed to whoever listens. It is the only part that holds a clock, dice
//! and a lock. Reads never wait for writes; no lock is held while foreign code runs, because nothing calls back:
//! updates are pulled, and a [`Link`] to a peer is fed and drained by its owner.

mod asking;
#[cfg(feature = "uniffi")]
pub mod bindings;
mod bundle;
mod changes;
mod command;
mod community;
#[cfg(feature = "sabotage")]
mod damage;
mod erasure;
mod fate;
mod forks;
mod freed;
mod heal;
mod held;
mod home;
mod hooks;
mod ingest;
mod invite;
mod judge;
mod keystore;
mod kit;
mod link;
mod looks;
mod meetings;
mod members;
mod node;
mod open;
mod place;
mod query;
mod recover;
mod relays;
mod running;
mod shown;
mod tend;
mod update;
mod upkeep;
mod warm;
mod withdraw;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use parking_lot::{FairMutex, FairMutexGuard, Mutex, RwLock};
use rand_chacha::ChaCha20Rng;
use tokio::sync::broadcast;

use crate::{
    aggregate::Registry,
    event::{Topic, VerifiedRun},
    id::{CommunityId, DeviceId, MemberId},
    keep::{Inbox, Note, Quota, Shared},
    key::{DeviceKeys, DeviceRecord, SecretStore, TlsKey},
    store::{Reader, Readers, Store, StoreError},
    time::Clock,
};
use community::Community;
use home::Owes;
use invite::Invites;
use meetings::Meetings;
use relays::Moves;
use running::Running;
use warm::Cache;

pub use asking::{AskError, Asked, Asking};
pub use bundle::{BundleReport, Ending, ExportError, ImportError, ImportReport, RefusedEvents, What};
pub use command::{Receipt, SubmitError};
pub use erasure::{AboutOrder, AboutOther, AboutRoom, EraseError, ErasedRoom, TakeLine};
pub use forks::{ForkLine, Restored};
pub use home::OpenError;
pub use invite::InviteError;
pub use kit::{KitError, Recovery, Reminder};
pub use link::{Link, LinkError};
pub use members::{MembersError, Welcome};
pub use open::Options;
pub use query::{
    Age, Alarm, AlarmOf, AlertDetail, AlertLine, AlertOnTop, BoxAsk, BoxDetail, BoxLimit, BoxLine, Carry, Contact,
    DeclaredDetail, DeclaredFilter, DeclaredItem, DeclaredLine, DoorError, DueVisit, Duty, Flow, HeldLine, Hit,
    HouseholdDetail, HouseholdFilter, HouseholdLine, LedgerTotals, Likeness, LittleRoom, LogLine, LotDetail,
    MemberLine, NewerLine, NewerWhat, OrderDetail, OrderFilter, OrderLine, OrderState, Page, Part, PeerState, People,
    Permission, ProductLine, ProposedVisit, QueryError, RecallDetail, ReviewFilter, ReviewItem, RoomIn, Round,
    RoundOrder, Stop, SyncState, TableRow, Transfer, WhoError, WhoHas,
};
pub use recover::Recovered;
pub use tend::{TendError, Tended};
use update::News;
pub use update::{Update, Updates};
pub use upkeep::{Fault, StateHash, Verified};

/// A phone's replica. Clones are handles to the same one; the last to go closes it.
#[derive(Clone)]
pub struct Replica {
    inner: Arc<Inner>,
}

struct Inner {
    home: PathBuf,
    registry: Registry,
    clock: Arc<dyn Clock>,
    secrets: Arc<dyn SecretStore>,
    record: DeviceRecord,
    tls: TlsKey,
    /// Idle connections that only read; closed before the one that writes.
    readers: Mutex<Vec<Reader>>,
    /// Held while somebody reads, and taken to change from a home that is read alone to one that is written to.
    sources: RwLock<Readers>,
    /// The home was opened where nothing can be written: it is tried again with every write.
    reads_alone: AtomicBool,
    /// What is to be made good before anything else is written.
    owes: Mutex<Owes>,
    /// One who tries that at a time.
    healing: Mutex<()>,
    engine: FairMutex<Engine>,
    /// Local commands that wait for the engine: a remote batch closes early for them.
    waiting: AtomicUsize,
    /// Something may be due: what waited for an event that has come.
    due: Arc<AtomicBool>,
    /// How many rounds of what is due have begun.
    rounds: Arc<AtomicU64>,
    /// Founding or joining is under way: secrets are being kept, with no lock held.
    beginning: AtomicBool,
    /// The community as last committed, for readers.
    community: RwLock<Option<Arc<Community>>>,
    updates: broadcast::Sender<Update>,
    running: Running,
    shared: Shared,
    /// Everybody by name, of the community as it was when somebody asked last.
    people: Mutex<Option<(Arc<Community>, Arc<query::People>)>>,
    /// Dice for conversations, which must not wait for the writer.
    nonces: Mutex<ChaCha20Rng>,
    /// One upkeep at a time: a node's and the app's would do the same. What the last one left out.
    tending: Mutex<erasure::LeftOut>,
    /// How many orders of that wait for a person.
    erasures_waiting: AtomicU64,
    /// Whether there was no room for the keys when something was to be done about them last.
    keys_refused: AtomicBool,
    /// An invitation lies in memory alone.
    invites: Invites,
    meetings: Meetings,
    /// Where relays said to go.
    moves: Moves,
    restored: Option<Restored>,
    quota: Quota,
}

/// What writes: one at a time.
struct Engine {
    store: Store,
    keys: DeviceKeys,
    dice: ChaCha20Rng,
    incarnation: crate::id::Incarnation,
    community: Option<Community>,
    cache: Cache,
    lacking: forks::Lacking,
    /// What is in memory may say more than what is stored: a transaction failed, and so did reading it again.
    is_stale: bool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Self { running, engine, clock, .. } = self;
        // Nobody is left to be told; the next start counts from the last note.
        let _unnoted = running.end(engine.get_mut(), clock.as_ref());
    }
}

impl Replica {
    /// The device that writes here.
    pub fn device(&self) -> DeviceId {
        self.inner.record.device
    }

    /// What this device shows of itself to be admitted.
    pub fn record(&self) -> DeviceRecord {
        self.inner.record
    }

    /// The community it belongs to, once it has founded or joined one.
    pub fn community(&self) -> Option<CommunityId> {
        self.snapshot().map(|community| community.id)
    }

    /// Whose device this is, once the admission has arrived.
    pub fn member(&self) -> Option<MemberId> {
        self.snapshot()?.member()
    }

    /// The aggregates it knows.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// News from now on. A subscriber that falls far behind is told [`Update::Missed`].
    pub fn subscribe(&self) -> Updates {
        Updates(self.inner.updates.subscribe())
    }

    fn snapshot(&self) -> Option<Arc<Community>> {
        self.inner.community.read().clone()
    }

    /// Runs something with the one writer, ahead of remote batches.
    fn with_engine<T>(&self, run: impl FnOnce(&mut Engine) -> T) -> T {
        self.heal_if_it_reads_alone();
        self.with_this_engine(run)
    }

    /// The same for the sake of a peer, or where nobody asked for it.
    fn with_engine_idly<T>(&self, run: impl FnOnce(&mut Engine) -> T) -> T {
        self.heal_now_and_then();
        self.with_this_engine(run)
    }

    fn with_this_engine<T>(&self, run: impl FnOnce(&mut Engine) -> T) -> T {
        self.inner.waiting.fetch_add(1, Ordering::Relaxed);
        let mut engine = self.lock_engine();
        self.inner.waiting.fetch_sub(1, Ordering::Relaxed);
        run(&mut engine)
    }

    /// The one writer. While something is owed, only whoever makes it good may write with it.
    fn lock_engine(&self) -> FairMutexGuard<'_, Engine> {
        let mut engine = self.inner.engine.lock();
        engine.store.bar(self.inner.owes.lock().bars());
        engine
    }

    /// Runs something with a connection that only reads, waits for nobody and sees one commit.
    fn read<T>(&self, run: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let sources = self.inner.sources.read();
        let pooled = self.inner.readers.lock().pop();
        let reader = match pooled {
            Some(reader) => reader,
            None => sources.open()?,
        };
        let answer = reader.at_once(run);
        self.inner.readers.lock().push(reader);
        answer
    }

    /// Makes the community as committed visible to readers.
    fn publish(&self, engine: &Engine) {
        *self.inner.community.write() = engine.community.clone().map(Arc::new);
    }

    /// Tells screens and peers what is durable now: own events, and what else came of them or of others.
    fn announce(&self, runs: Vec<(Topic, VerifiedRun)>, news: impl Into<News>) {
        let News { updates: news, awaited, roster_turned } = news.into();
        let erased = news.contains(&Update::Erased);
        if !runs.is_empty() || news.iter().any(|update| matches!(update, Update::Changed { .. })) {
            self.mark_reached();
        }
        self.hold_alerts(&news);
        for update in news {
            // Nobody listening is no fault.
            let _unheard = self.inner.updates.send(update);
        }
        let roster = runs.iter().any(|(topic, _)| *topic == Topic::Roster);
        if !runs.is_empty() {
            self.note(None, &Note::Appended(runs));
        }
        if roster || roster_turned {
            // Whoever is withdrawn is let go.
            self.note(None, &Note::Roster);
        }
        if erased {
            self.note(None, &Note::Erased);
        }
        if !awaited.is_empty() {
            self.note(None, &Note::Awaited(awaited));
        }
    }

    /// Leaves a note for every link but one.
    fn note(&self, except: Option<&Arc<Inbox>>, note: &Note) {
        self.inner.shared.inboxes.tell(except, note);
    }
}
