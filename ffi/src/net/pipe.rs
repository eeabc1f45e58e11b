//! A conversation over a pipe of the app's own: Bluetooth, Wi-Fi Direct, Multipeer, a cable, a socket.
//!
//! The app owns the pipe and carries bytes; what they mean is core's. The pipe may deliver single bytes, stall, or die
//! anywhere: after a break begin a new one.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use linli_core::{
    id::DeviceId,
    limits,
    net::{Conversation, NetError, PipeSession},
    replica::Replica,
    time::{Clock, Mono, SystemClock},
};
use parking_lot::Mutex;
use tokio::{
    select,
    sync::{Notify, watch},
    task::spawn_blocking,
    time::sleep,
};

use super::peer::Peer;
use crate::{
    LinliError, Phone,
    life::{Life, Part, runtime, within},
};

/// How long a pipe may take no byte of what waits to be sent.
const STALL: Duration = Duration::from_millis(limits::PIPE_STALL_MS);
/// What a pipe gets to carry the last words.
const FAREWELL: Duration = Duration::from_secs(2);
/// The least time between two looks at the clock.
const LEAST_WAIT: Duration = Duration::from_millis(5);

/// How a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PipeState {
    /// Who the handshake proved the peer to be; nobody yet, or where a device asks to be admitted.
    pub peer: Option<DeviceId>,
    /// Whether the peer has said hello: from then on it is connected, until the conversation is over.
    pub met: bool,
    /// Whether all that differed at the start is exchanged.
    pub in_step: bool,
    /// Whether it is over; `ended` says how.
    pub closed: bool,
    /// Bytes ready to be sent.
    pub unsent: u64,
    /// Events sent so far, of so many that comparing found to be missing there.
    pub sent_events: u64,
    /// How many those are; a guess.
    pub to_send_events: u64,
    /// Events received so far, of so many that comparing found to be missing here.
    pub received_events: u64,
    /// How many those are; a guess.
    pub to_receive_events: u64,
}

/// One end of a conversation. Give it what comes out of the pipe, and put into the pipe what it hands out.
///
/// The plain way is two loops and a wait beside them: one loop reads the pipe into `receive`, the other writes what
/// `outgoing` hands out, until it hands out nothing; once `ended` answers, close the pipe, which ends a read or a write that
/// blocks. Whoever's loop finds the pipe broken calls `abandon`. Who has a loop of their own uses `receive`, `send` and
/// `wait_for_news`. Time passes by itself: a peer that is gone, or takes nothing, is noticed though every loop is stuck.
#[derive(uniffi::Object)]
pub struct Pipe {
    life: Arc<Life>,
    shared: Arc<SharedSession>,
    over: watch::Sender<Option<Result<(), LinliError>>>,
}

/// A session, and those who wait for it.
struct SharedSession {
    /// None behind a farewell.
    session: Mutex<Result<Option<PipeSession>, LinliError>>,
    /// How it stood after the last call: the session itself may be waiting for the disk.
    seen: Mutex<Result<Seen, LinliError>>,
    /// There may be something to send, or it is over.
    stirred: Notify,
    /// It stands otherwise: whoever keeps its time looks again.
    turned: Notify,
}

/// How a session stood, and what to wait for.
struct Seen {
    state: PipeState,
    deadline: Option<Mono>,
    wake: Arc<Notify>,
    /// What was handed out last, while the app has not come back from writing it.
    away: Option<Away>,
    end: Option<End>,
    /// How long the app may be away with nothing, though there is more to write.
    stall: Duration,
}

/// Bytes that the app is writing into its pipe.
#[derive(Clone, Copy)]
struct Away {
    since: Mono,
    bytes: usize,
}

/// How the session ended. The last words may still be on their way.
#[derive(Clone)]
struct End {
    why: Result<(), LinliError>,
    at: Mono,
    /// A call that failed has told the app.
    told: bool,
    /// Nothing is left to be said.
    said: bool,
}

/// What is to be done for a session.
enum Next {
    Wait(Mono),
    Tick,
    /// Nobody waits for its last words any more.
    Finish(Result<(), LinliError>),
    Nothing,
}

impl Away {
    /// When writing it has taken that long, beside what the slowest pipe needs for it.
    fn longer_than(self, patience: Duration) -> Mono {
        let slow = u64::try_from(self.bytes).unwrap_or(u64::MAX) / limits::SLOWEST_PIPE;
        self.since.plus(patience).plus(Duration::from_millis(slow))
    }
}

impl Seen {
    fn of(session: &PipeSession) -> Self {
        let (state, deadline, wake) = (stands(session), session.deadline(), session.wake());
        Self { state, deadline, wake, away: None, end: None, stall: STALL }
    }

    /// Looks at a session again, which may have ended.
    fn look(&mut self, session: &PipeSession, failed: Option<&LinliError>, told: bool) {
        let had_all = self.state.unsent == 0;
        (self.state, self.deadline, self.wake) = (stands(session), session.deadline(), session.wake());
        // Only from now on is there more to come back for.
        self.away = self.away.map(|away| if had_all { Away { since: SystemClock.mono(), ..away } } else { away });
        if self.end.is_none() && (failed.is_some() || self.state.closed) {
            let why = failed.cloned().map_or(Ok(()), Err);
            self.end = Some(End { told: told || why.is_ok(), why, at: SystemClock.mono(), said: false });
        }
    }

    /// When the pipe has stalled. What was handed out last may be all there is: then silence alone says that a peer is gone.
    fn stalls(&self) -> Option<Mono> {
        self.away.filter(|_| self.state.unsent > 0).map(|away| away.longer_than(self.stall))
    }

    fn next(&self, now: Mono) -> Next {
        if let Some(End { why, at, said, .. }) = &self.end {
            let last = self.away.map_or(*at, |away| away.longer_than(Duration::ZERO).max(*at)).plus(FAREWELL);
            return if *said || last <= now { Next::Finish(why.clone()) } else { Next::Wait(last) };
        }
        let stalls = self.stalls();
        if stalls.is_some_and(|at| at <= now) {
            return Next::Finish(Err(NetError::Silent.into()));
        }
        match self.deadline.into_iter().chain(stalls).min() {
            Some(due) if due <= now => Next::Tick,
            Some(due) => Next::Wait(due),
            None => Next::Nothing,
        }
    }
}

fn stands(session: &PipeSession) -> PipeState {
    let progress = session.progress();
    PipeState {
        peer: session.peer(),
        met: session.is_met(),
        in_step: session.is_in_step(),
        closed: session.closed().is_some(),
        unsent: session.unsent() as u64,
        sent_events: progress.sent.events,
        to_send_events: progress.sent.expected,
        received_events: progress.received.events,
        to_receive_events: progress.received.expected,
    }
}

impl SharedSession {
    /// Does something with the session; with one that is no more, nothing. `told` says whether the app hears how that went.
    fn with<T>(
        &self,
        told: bool,
        work: impl FnOnce(&mut PipeSession) -> Result<T, LinliError>,
    ) -> Result<Option<T>, LinliError> {
        // Whoever lets go of a session that is over may be waiting for the disk.
        let is_over = |seen: &Seen| seen.end.as_ref().is_some_and(|end| end.said);
        let over = self.seen.lock().as_ref().is_ok_and(is_over);
        let done = match &mut *self.session.lock() {
            Ok(Some(_)) if over => Ok(None),
            Ok(Some(session)) => {
                let done = work(session);
                if done.is_err() {
                    session.close();
                }
                if let Ok(seen) = &mut *self.seen.lock() {
                    seen.look(session, done.as_ref().err(), told);
                }
                done.map(Some)
            }
            Ok(None) => Ok(None),
            Err(why) => Err(why.clone()),
        };
        self.turned.notify_one();
        done
    }

    /// The same where there may be something to send afterwards.
    fn stir<T>(
        &self,
        told: bool,
        work: impl FnOnce(&mut PipeSession) -> Result<T, LinliError>,
    ) -> Result<Option<T>, LinliError> {
        let done = self.with(told, work);
        self.stirred.notify_one();
        done
    }

    /// What goes into the pipe, and whether that was the last.
    fn hand_out(&self, most: usize) -> Result<(Vec<u8>, bool), LinliError> {
        let handed = self.with(true, |session| {
            let mut bytes = session.send(most)?;
            if bytes.is_empty() && session.closed().is_some() {
                // The peer shall not take the end for a break.
                session.close();
                bytes = session.send(most)?;
            }
            Ok(bytes)
        })?;
        let bytes = handed.unwrap_or_default();
        let mut seen = self.seen.lock();
        let seen = seen.as_mut().map_err(|why| why.clone())?;
        seen.away = (!bytes.is_empty()).then(|| Away { since: SystemClock.mono(), bytes: bytes.len() });
        if let Some(end) = &mut seen.end {
            end.said |= bytes.is_empty() && most > 0;
        }
        self.turned.notify_one();
        Ok((bytes, seen.end.is_some()))
    }

    fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> Result<T, LinliError> {
        self.seen.lock().as_mut().map(look).map_err(|why| why.clone())
    }
}

impl Part for Pipe {
    /// At once: a call that is under way with the session, and so with the disk, is not waited for before it is told.
    fn let_go(&self, why: LinliError) {
        let before = std::mem::replace(&mut *self.shared.seen.lock(), Err(why.clone()));
        let end = before.ok().and_then(|seen| seen.end).map_or(Err(why.clone()), |end| end.why);
        self.tell(end);
        let before = std::mem::replace(&mut *self.shared.session.lock(), Err(why));
        drop(before);
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.let_go(LinliError::Closed);
    }
}

impl Pipe {
    /// Begins a conversation.
    pub(crate) async fn begin(
        life: &Arc<Life>,
        begin: impl FnOnce(&Replica) -> Result<PipeSession, LinliError> + Send + 'static,
    ) -> Result<Arc<Self>, LinliError> {
        let session = life.call(begin).await?;
        let seen = Mutex::new(Ok(Seen::of(&session)));
        let (session, stirred, turned) = (Mutex::new(Ok(Some(session))), Notify::new(), Notify::new());
        let shared = Arc::new(SharedSession { session, seen, stirred, turned });
        let pipe = Arc::new(Self { life: life.clone(), shared, over: watch::Sender::new(None) });
        let part: Weak<Pipe> = Arc::downgrade(&pipe);
        life.keep(part)?;
        runtime()?.spawn(keep_time(Arc::downgrade(&pipe), pipe.shared.clone(), pipe.over.subscribe()));
        Ok(pipe)
    }

    /// Does something with the session on a thread that may wait for the disk.
    async fn on<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SharedSession) -> Result<T, LinliError> + Send + 'static,
    ) -> Result<T, LinliError> {
        let shared = self.shared.clone();
        self.life.call(move |_| work(&shared)).await
    }

    /// Tells everybody who waits how it ended, unless they know.
    fn tell(&self, end: Result<(), LinliError>) {
        self.over.send_if_modified(|over| {
            let news = over.is_none();
            over.get_or_insert(end);
            news
        });
        self.shared.stirred.notify_one();
    }

    /// Lets go of a session that has ended. How it stood last can still be asked.
    fn finish(&self, end: Result<(), LinliError>) {
        let ended = self.shared.seen(|seen| {
            seen.state.closed = true;
            let (why, at) = (end.clone(), SystemClock.mono());
            seen.end.get_or_insert(End { told: why.is_ok(), why, at, said: true }).said = true;
        });
        if ended.is_err() {
            return;
        }
        self.tell(end);
        let shared = self.shared.clone();
        // A call may be under way with it, and letting go of it may wait for the disk.
        drop(spawn_blocking(move || {
            let session = shared.session.lock().as_mut().ok().and_then(Option::take);
            drop(session);
        }));
    }

    /// Waits until there may be something to send, or it is over.
    async fn stirred(&self) {
        let mut over = self.over.subscribe();
        select! {
            () = self.shared.stirred.notified() => {}
            _over = over.wait_for(Option::is_some) => {}
        }
    }
}

/// Looks at the clock and at news for a session, as long as it goes on and somebody has its pipe: the app's own loops may
/// be stuck in a pipe that neither gives nor takes.
async fn keep_time(
    pipe: Weak<Pipe>,
    shared: Arc<SharedSession>,
    mut over: watch::Receiver<Option<Result<(), LinliError>>>,
) {
    let mut news = false;
    loop {
        let now = SystemClock.mono();
        let Ok((next, wake)) = shared.seen(|seen| (seen.next(now), seen.wake.clone())) else { return };
        let next = if news && matches!(next, Next::Wait(_) | Next::Nothing) { Next::Tick } else { next };
        news = false;
        let wait = match next {
            Next::Finish(end) => {
                if let Some(pipe) = pipe.upgrade() {
                    pipe.finish(end);
                }
                return;
            }
            Next::Tick => {
                let Some(pipe) = pipe.upgrade() else { return };
                // Why it failed is noted where it did.
                let _noted = pipe.on(|shared| shared.stir(false, |session| Ok(session.tick()?))).await;
                drop(pipe);
                sleep(LEAST_WAIT).await;
                continue;
            }
            Next::Wait(until) => Some(Duration::from_millis(until.since(now)).max(LEAST_WAIT)),
            Next::Nothing => None,
        };
        select! {
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            () = wake.notified() => news = true,
            () = shared.turned.notified() => {}
            // The pipe is gone, or was let go of.
            _over = over.changed() => return,
        }
    }
}

#[uniffi::export]
impl Phone {
    /// The end that begins: the one that connected.
    pub async fn dial_pipe(&self, peer: Peer) -> Result<Arc<Pipe>, LinliError> {
        let expected = peer.read()?;
        Pipe::begin(&self.life, move |replica| Ok(replica.dial_pipe(expected)?)).await
    }

    /// The end that waits: the one that accepted. Where an invitation lies open, a stranger may ask over it too.
    pub async fn accept_pipe(&self) -> Result<Arc<Pipe>, LinliError> {
        Pipe::begin(&self.life, |replica| Ok(replica.accept_pipe()?)).await
    }
}

#[uniffi::export]
impl Pipe {
    /// Takes what came out of the pipe, in pieces of any size, in their order. An error says why it is over; what `send`
    /// and `outgoing` then still hand out tells the peer.
    pub async fn receive(&self, bytes: Vec<u8>) -> Result<(), LinliError> {
        self.on(move |shared| shared.stir(true, |session| Ok(session.receive(&bytes)?))).await.map(|_| ())
    }

    /// Hands out what goes into the pipe: at most `most` bytes, none when there is nothing for now. Ask again as soon as the
    /// pipe has taken them: one that takes nothing for half a minute, though there is more, has stalled.
    pub async fn send(&self, most: u32) -> Result<Vec<u8>, LinliError> {
        self.on(move |shared| shared.hand_out(size(most))).await.map(|(bytes, _)| bytes)
    }

    /// The same, but waits until there is something; none at all when it is over and the pipe can be closed. Cancelling the
    /// wait loses nothing.
    pub async fn outgoing(&self, most: u32) -> Result<Vec<u8>, LinliError> {
        loop {
            let (bytes, over) = self.on(move |shared| shared.hand_out(size(most))).await?;
            if bytes.is_empty() && over {
                // What no other call could tell, because nobody had called.
                let untold = |seen: &mut Seen| match &mut seen.end {
                    Some(end) if !end.told => {
                        end.told = true;
                        end.why.clone()
                    }
                    _ => Ok(()),
                };
                self.shared.seen(untold)??;
            }
            if !bytes.is_empty() || over {
                return Ok(bytes);
            }
            self.stirred().await;
        }
    }

    /// Lets time pass, and news in, which also happens by itself.
    pub async fn tick(&self) -> Result<(), LinliError> {
        self.on(|shared| shared.with(true, |session| Ok(session.tick()?))).await.map(|_| ())
    }

    /// Milliseconds until time is let pass the next time; none if it need not.
    pub fn deadline_ms(&self) -> Result<Option<u64>, LinliError> {
        let now = SystemClock.mono();
        let next = self.shared.seen(|seen| seen.next(now))?;
        Ok(match next {
            Next::Wait(until) => Some(until.since(now)),
            Next::Tick | Next::Finish(_) => Some(0),
            Next::Nothing => None,
        })
    }

    /// Waits until there may be something to send, or so many milliseconds have passed.
    pub async fn wait_for_news(&self, most_ms: u64) -> Result<(), LinliError> {
        let ended = within(|| sleep(Duration::from_millis(most_ms)))?;
        self.shared.seen(|_| ())?;
        select! {
            () = self.stirred() => {}
            () = ended => {}
        }
        Ok(())
    }

    /// How it stood after the last call.
    pub fn state(&self) -> Result<PipeState, LinliError> {
        self.shared.seen(|seen| seen.state.clone())
    }

    /// Waits until it is over, and its last words are written or need not be waited for any more: close the pipe then,
    /// which ends a read or a write that blocks. Answers at once when the phone falls asleep or is closed and when the pipe
    /// is abandoned; within two seconds behind a goodbye; and when a peer takes nothing for half a minute. A pipe that is
    /// slow gets what its last bytes need at 4 kB a second beside that.
    ///
    /// # Errors
    /// Why it is over, unless one side said goodbye.
    pub async fn ended(&self) -> Result<(), LinliError> {
        let mut over = self.over.subscribe();
        let end = over.wait_for(Option::is_some).await.map(|over| over.clone());
        end.ok().flatten().unwrap_or(Err(LinliError::Closed))
    }

    /// Says goodbye: write what `outgoing` still hands out, then close the pipe. Where it is over already, nothing is left
    /// to be said, and this does nothing.
    pub async fn close(&self) -> Result<(), LinliError> {
        let said = self.on(|shared| {
            shared.stir(true, |session| {
                session.close();
                Ok(())
            })
        });
        let said = said.await.map(|_| ());
        // It may have ended meanwhile: the two loops of an app learn of that at different moments.
        if self.over.borrow().is_some() { Ok(()) } else { said }
    }

    /// Lets go at once: whoever waits in `outgoing` or `ended` is answered, and nothing is said to the peer. For a pipe that
    /// broke.
    pub fn abandon(&self) -> Result<(), LinliError> {
        self.let_go(LinliError::Closed);
        Ok(())
    }
}

#[cfg(feature = "hooks")]
impl Pipe {
    /// From now on it stalls sooner, for tests that cannot wait.
    pub(crate) fn stall_after(&self, stall: Duration) -> Result<(), LinliError> {
        self.shared.seen(|seen| seen.stall = stall)?;
        self.shared.turned.notify_one();
        Ok(())
    }
}

fn size(most: u32) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}
