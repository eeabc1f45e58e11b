//! The threads on which everything runs, and the one replica under every handle: open, asleep, closed or broken.
//!
//! A call holds a share of the replica while it is under way. The replica closes, and lets go of every file, when the
//! last share is given back. So falling asleep means to hand out no more shares, to stop what holds one, and to wait.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use linli_core::{
    aggregate::{
        Registry,
        declared::{Declaration, DeclarationError},
    },
    replica::{OpenError, Options, Recovered, Replica, bindings::misread_as},
    store::{Store, StoreError},
};
use parking_lot::Mutex;
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    LinliError,
    ids::misread,
    secrets::{AppSecrets, SecretStore},
};

/// Threads for what may wait for the disk. More calls than that wait for a free one.
const BLOCKING: usize = 32;
/// How long opening waits for a home that is just being let go, and how often it looks.
const LETTING_GO: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The threads of all phones of this process.
pub(crate) fn runtime() -> Result<&'static Runtime, LinliError> {
    static RUNTIME: OnceLock<Result<Runtime, LinliError>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        // Whoever hands in an id does so to a phone, and none is opened without these threads.
        misread_as(misread);
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads(2).max_blocking_threads(BLOCKING).thread_name("linli").enable_all();
        threads.build().map_err(|error| LinliError::Storage { detail: error.to_string() })
    });
    made.as_ref().map_err(Clone::clone)
}

/// Makes something that belongs to the threads, such as a timer, from any other.
pub(crate) fn within<T>(make: impl FnOnce() -> T) -> Result<T, LinliError> {
    let _within = runtime()?.enter();
    Ok(make())
}

/// Does something that belongs to no phone, on a thread that may wait.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LinliError> + Send + 'static,
) -> Result<T, LinliError> {
    let broken = |_| LinliError::Internal { detail: "a fault inside".to_owned() };
    let done = runtime()?.spawn_blocking(move || catch_unwind(AssertUnwindSafe(work)).map_err(broken)?);
    done.await.unwrap_or(Err(LinliError::Closed))
}

/// Something to be done with a replica; where the answer goes is its own business.
type Work = Box<dyn FnOnce(&Replica) -> Result<(), LinliError> + Send>;

/// Something that lives on a replica and must let go of it before it can close: a node, a pipe.
pub(crate) trait Part: Send + Sync {
    /// Lets go. Anything asked of it later is answered with the given error.
    fn let_go(&self, why: LinliError);
}

enum State {
    Open(Replica),
    /// Why there is none: asleep, closed, broken.
    Without(LinliError),
}

/// Whether a life without a replica still holds files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Files {
    MayBeHeld,
    /// None is held any more: whoever holds the home now is somebody else.
    LetGo,
}

/// A replica, shared by all handles of one phone.
pub(crate) struct Life {
    /// Where it is opened again; nowhere for one that lives on another.
    home: Option<Home>,
    state: Mutex<State>,
    /// Changes under the lock of the state.
    files: Mutex<Files>,
    parts: Mutex<Vec<Weak<dyn Part>>>,
    /// Shares handed out and not yet given back.
    shares: watch::Sender<usize>,
    /// Changes whenever the state does, under its lock.
    turns: watch::Sender<u64>,
    /// One who wakes it up at a time.
    waking: tokio::sync::Mutex<()>,
}

/// A share of the replica: while it is held, the replica stays open.
pub(crate) struct Share {
    replica: Option<Replica>,
    shares: watch::Sender<usize>,
}

impl Share {
    /// The replica itself; there until the share goes.
    pub(crate) fn replica(&self) -> Result<&Replica, LinliError> {
        self.replica.as_ref().ok_or(LinliError::Closed)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // The replica first: who waits for the count must find its files closed.
        drop(self.replica.take());
        self.shares.send_modify(|shares| *shares = shares.saturating_sub(1));
    }
}

impl Life {
    /// Opens a home.
    pub(crate) async fn open(home: Home) -> Result<Arc<Self>, LinliError> {
        let replica = home.clone().open().await?;
        Ok(Arc::new(Self::new(Some(home), replica)))
    }

    /// The life of a replica that somebody else opened.
    pub(crate) fn of(replica: Replica) -> Arc<Self> {
        Arc::new(Self::new(None, replica))
    }

    fn new(home: Option<Home>, replica: Replica) -> Self {
        let (state, parts) = (Mutex::new(State::Open(replica)), Mutex::default());
        let (shares, turns) = (watch::Sender::new(0), watch::Sender::new(0));
        let files = Mutex::new(Files::MayBeHeld);
        Self { home, state, files, parts, shares, turns, waking: tokio::sync::Mutex::new(()) }
    }

    /// Changes whenever this life falls asleep, wakes up or ends.
    pub(crate) fn turns(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    /// A share of the replica, or why there is none.
    pub(crate) fn share(&self) -> Result<Share, LinliError> {
        match &*self.state.lock() {
            State::Open(replica) => {
                self.shares.send_modify(|shares| *shares += 1);
                Ok(Share { replica: Some(replica.clone()), shares: self.shares.clone() })
            }
            State::Without(why) => Err(why.clone()),
        }
    }

    /// Does something with the replica on a thread that may wait. Goes on to its end if nobody waits for it any more. A
    /// panic ends this life, and no other.
    pub(crate) async fn call<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Replica) -> Result<T, E> + Send + 'static,
    ) -> Result<T, LinliError>
    where
        T: Send + 'static,
        E: Into<LinliError>,
    {
        let answer = Arc::new(Mutex::new(None));
        let into = answer.clone();
        let work = move |replica: &Replica| {
            let done = work(replica).map_err(Into::into)?;
            *into.lock() = Some(done);
            Ok(())
        };
        self.run(Box::new(work)).await?;
        let done = answer.lock().take();
        done.ok_or(LinliError::Closed)
    }

    /// The same for what cannot fail by itself.
    pub(crate) async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&Replica) -> T + Send + 'static,
    ) -> Result<T, LinliError> {
        self.call(|replica| Ok::<T, LinliError>(look(replica))).await
    }

    /// The same for all kinds of work alike: what is made once for each kind makes the library large.
    async fn run(self: &Arc<Self>, work: Work) -> Result<(), LinliError> {
        let (share, life) = (self.share()?, self.clone());
        let done = runtime()?.spawn_blocking(move || {
            let working = AssertUnwindSafe(move || {
                let done = work(share.replica()?);
                drop(share);
                done
            });
            catch_unwind(working).unwrap_or_else(|_| {
                life.end(LinliError::Broken);
                Err(LinliError::Broken)
            })
        });
        done.await.unwrap_or(Err(LinliError::Closed))
    }

    /// Makes a part known, so that it lets go in time.
    pub(crate) fn keep(&self, part: Weak<dyn Part>) -> Result<(), LinliError> {
        let mut parts = self.parts.lock();
        if let State::Without(why) = &*self.state.lock() {
            let why = why.clone();
            drop(parts);
            if let Some(part) = part.upgrade() {
                part.let_go(why.clone());
            }
            return Err(why);
        }
        parts.retain(|part| part.strong_count() > 0);
        parts.push(part);
        Ok(())
    }

    /// Hands out no more shares and tells every part to let go. A life that broke stays broken.
    pub(crate) fn end(&self, why: LinliError) {
        let before = {
            let mut state = self.state.lock();
            if matches!(&*state, State::Without(LinliError::Broken | LinliError::Closed)) {
                return;
            }
            self.turns.send_modify(|turns| *turns += 1);
            std::mem::replace(&mut *state, State::Without(why.clone()))
        };
        let parts = std::mem::take(&mut *self.parts.lock());
        for part in parts.iter().filter_map(Weak::upgrade) {
            part.let_go(why.clone());
        }
        // What closing a broken replica may say is of no use to anybody.
        let _said = catch_unwind(AssertUnwindSafe(|| drop(before)));
    }

    /// Ends and waits until every share is given back, so that no file is held any more; false if that took longer.
    pub(crate) async fn rest(self: &Arc<Self>, why: LinliError, deadline: Duration) -> Result<bool, LinliError> {
        let life = self.clone();
        let resting = runtime()?.spawn(async move {
            let until = Instant::now() + deadline;
            let ending = life.clone();
            let ending = tokio::task::spawn_blocking(move || ending.end(why));
            let let_go = async {
                let _ended = ending.await;
                if *life.files.lock() == Files::LetGo {
                    return;
                }
                drop(life.shares.subscribe().wait_for(|shares| *shares == 0).await);
                life.is_free().await;
                let state = life.state.lock();
                if matches!(&*state, State::Without(_)) {
                    *life.files.lock() = Files::LetGo;
                }
            };
            timeout_at(until, let_go).await.is_ok()
        });
        Ok(resting.await.unwrap_or(false))
    }

    /// Waits until nobody holds the home: what runs beside the shares may take a moment longer.
    async fn is_free(&self) {
        while let Some(Home { path, .. }) = &self.home
            && matches!(Store::hold(path), Err(StoreError::InUse))
        {
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Opens the home again after a sleep. Whoever lets it sleep or end meanwhile has the last word.
    pub(crate) async fn wake(self: &Arc<Self>) -> Result<(), LinliError> {
        let turn = *self.turns.borrow();
        let _alone = self.waking.lock().await;
        match &*self.state.lock() {
            State::Open(_) => return Ok(()),
            State::Without(LinliError::Suspended) if *self.turns.borrow() == turn => {}
            State::Without(why) => return Err(why.clone()),
        }
        let home = self.home.clone().ok_or(LinliError::Closed)?;
        let replica = home.open().await?;
        let mut state = self.state.lock();
        if let (State::Without(why), false) = (&*state, *self.turns.borrow() == turn) {
            return Err(why.clone());
        }
        *state = State::Open(replica);
        *self.files.lock() = Files::MayBeHeld;
        self.turns.send_modify(|turns| *turns += 1);
        Ok(())
    }
}

/// A home, and what an app opens it with.
#[derive(Clone)]
pub(crate) struct Home {
    path: PathBuf,
    secrets: Arc<dyn SecretStore>,
    /// Aggregates of the app's own.
    declared: Vec<Declaration>,
}

/// The aggregates that an app declares, each as JSON.
pub(crate) fn read_declarations(declarations: &[String]) -> Result<Vec<Declaration>, LinliError> {
    let read = declarations.iter().map(|json| json.parse()).collect::<Result<_, DeclarationError>>();
    let mut declared: Vec<Declaration> = read.map_err(|error| LinliError::input("declarations", error))?;
    // Whichever order they come in: a map has none.
    declared.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(declared)
}

/// The engine's aggregates and those that an app declares.
pub(crate) fn registry(declared: &[Declaration]) -> Result<Registry, LinliError> {
    let registry = declared.iter().try_fold(Registry::default(), Registry::declare);
    registry.map_err(|error| LinliError::input("declarations", error))
}

impl Home {
    /// A home, as an app names it.
    ///
    /// # Errors
    /// `InvalidInput` for a declaration that is none.
    pub(crate) fn of(path: String, secrets: Arc<dyn SecretStore>, declarations: &[String]) -> Result<Self, LinliError> {
        Ok(Self { path: path.into(), secrets, declared: read_declarations(declarations)? })
    }

    /// Opens it; one that is just being let go is waited for a little.
    async fn open(self) -> Result<Replica, LinliError> {
        self.patiently(Replica::open).await
    }

    /// Sets its damaged database aside and salvages what can be read.
    pub(crate) async fn recover(self) -> Result<Recovered, LinliError> {
        self.patiently(|options| Replica::recover(options).map(|(_, recovered)| recovered)).await
    }

    /// Does something with it, again and again for a little while it is in use.
    async fn patiently<T: Send + 'static>(self, work: fn(Options) -> Result<T, OpenError>) -> Result<T, LinliError> {
        let trying = runtime()?.spawn(async move {
            let until = Instant::now() + LETTING_GO;
            loop {
                let options = self.options()?;
                match apart(move || Ok(work(options)?)).await {
                    Err(LinliError::HomeInUse) if Instant::now() < until => sleep(LOOK_AGAIN).await,
                    answer => return answer,
                }
            }
        });
        trying.await.unwrap_or(Err(LinliError::Closed))
    }

    fn options(&self) -> Result<Options, LinliError> {
        let registry = registry(&self.declared)?;
        Ok(Options { registry, ..Options::new(self.path.clone(), Arc::new(AppSecrets(self.secrets.clone()))) })
    }
}
