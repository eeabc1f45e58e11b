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
    net::{Conversation, PipeSession},
    replica::Replica,
    time::{Clock, Mono, SystemClock},
};
use parking_lot::Mutex;
use tokio::{
    select,
    sync::{Notify, watch},
    time::sleep,
};

use super::peer::Peer;
use crate::{
    LinliError, Phone,
    life::{Life, Part, within},
};

/// How long a wait lasts at most, if a session names no time.
const LOOK: Duration = Duration::from_secs(60);

/// How a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PipeState {
    /// Who the handshake proved the peer to be; nobody yet, or where a device asks to be admitted.
    pub peer: Option<DeviceId>,
    /// Whether the peer has said hello: only then is it connected.
    pub met: bool,
    /// Whether all that differed at the start is exchanged.
    pub in_step: bool,
    /// Whether it ended in peace.
    pub closed: bool,
    /// Bytes ready to be sent.
    pub unsent: u64,
    /// Events sent so far, of so many that comparing found to be missing there.
    pub sent_events: u64,
    /// A guess.
    pub to_send_events: u64,
    /// Events received so far, of so many that comparing found to be missing here.
    pub received_events: u64,
    /// A guess.
    pub to_receive_events: u64,
}

/// One end of a conversation. Give it what comes out of the pipe, and put into the pipe what it hands out.
///
/// The plain way is two loops: one reads the pipe into `receive`, the other writes what `outgoing` hands out, until it
/// hands out nothing. Who has a loop of their own uses `receive`, `send`, `tick`, `deadline_ms` and `wait_for_news`.
#[derive(uniffi::Object)]
pub struct Pipe {
    life: Arc<Life>,
    session: Arc<Mutex<Result<PipeSession, LinliError>>>,
    /// How it stood after the last call: the session itself may be waiting for the disk.
    seen: Arc<Mutex<Result<Seen, LinliError>>>,
    /// Something came in, or it is over: there may be something to send.
    stirred: Arc<Notify>,
    over: watch::Sender<bool>,
}

/// How a session stood, and what to wait for.
#[derive(Clone)]
struct Seen {
    state: PipeState,
    deadline: Option<Mono>,
    wake: Arc<Notify>,
}

impl Seen {
    fn of(session: &PipeSession) -> Self {
        let progress = session.progress();
        let state = PipeState {
            peer: session.peer(),
            met: session.is_met(),
            in_step: session.is_in_step(),
            closed: session.closed().is_some(),
            unsent: session.unsent() as u64,
            sent_events: progress.sent.events,
            to_send_events: progress.sent.expected,
            received_events: progress.received.events,
            to_receive_events: progress.received.expected,
        };
        Self { state, deadline: session.deadline(), wake: session.wake() }
    }
}

impl Part for Pipe {
    fn let_go(&self, why: LinliError) {
        *self.seen.lock() = Err(why.clone());
        let before = std::mem::replace(&mut *self.session.lock(), Err(why));
        drop(before);
        self.over.send_replace(true);
    }
}

impl Pipe {
    /// Begins a conversation.
    pub(crate) async fn begin(
        life: &Arc<Life>,
        begin: impl FnOnce(&Replica) -> Result<PipeSession, LinliError> + Send + 'static,
    ) -> Result<Arc<Self>, LinliError> {
        let session = life.call(begin).await?;
        let seen = Arc::new(Mutex::new(Ok(Seen::of(&session))));
        let (session, over) = (Arc::new(Mutex::new(Ok(session))), watch::Sender::new(false));
        let pipe = Arc::new(Self { life: life.clone(), session, seen, stirred: Arc::default(), over });
        let part: Weak<Pipe> = Arc::downgrade(&pipe);
        life.keep(part)?;
        Ok(pipe)
    }

    /// Does something with the session on a thread that may wait for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PipeSession) -> Result<T, LinliError> + Send + 'static,
    ) -> Result<T, LinliError> {
        let (session, seen) = (self.session.clone(), self.seen.clone());
        let done = self.life.call(move |_| match &mut *session.lock() {
            Ok(session) => {
                let done = work(session);
                if let Ok(seen) = &mut *seen.lock() {
                    *seen = Seen::of(session);
                }
                done
            }
            Err(why) => Err(why.clone()),
        });
        done.await
    }

    fn seen(&self) -> Result<Seen, LinliError> {
        self.seen.lock().clone()
    }

    /// Waits for news, for bytes that came in, for the end, or for the session's deadline.
    async fn wait(&self, most: Duration) -> Result<(), LinliError> {
        let now = SystemClock.mono();
        let Seen { wake, deadline, .. } = self.seen()?;
        let until = deadline.map_or(most, |at: Mono| Duration::from_millis(at.since(now)).min(most));
        let mut over = self.over.subscribe();
        let ended = within(|| sleep(until))?;
        select! {
            () = wake.notified() => {}
            () = self.stirred.notified() => {}
            _over = over.wait_for(|over| *over) => {}
            () = ended => {}
        }
        Ok(())
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
        let received = self.with(move |session| Ok(session.receive(&bytes)?)).await;
        self.stirred.notify_one();
        received
    }

    /// Hands out what goes into the pipe: at most `most` bytes, none when there is nothing for now.
    pub async fn send(&self, most: u32) -> Result<Vec<u8>, LinliError> {
        self.with(move |session| Ok(session.send(size(most))?)).await
    }

    /// The same, but waits until there is something; none at all when it is over and the pipe can be closed. Cancelling the
    /// wait loses nothing.
    pub async fn outgoing(&self, most: u32) -> Result<Vec<u8>, LinliError> {
        loop {
            let (bytes, closed) = self
                .with(move |session| {
                    let bytes = session.send(size(most))?;
                    let closed = session.closed().is_some();
                    if bytes.is_empty() && !closed {
                        session.tick()?;
                    }
                    Ok((bytes, closed))
                })
                .await?;
            if !bytes.is_empty() || closed {
                return Ok(bytes);
            }
            self.wait(LOOK).await?;
        }
    }

    /// Lets time pass, and news in. For loops of one's own: call it at the deadline and after news.
    pub async fn tick(&self) -> Result<(), LinliError> {
        self.with(|session| Ok(session.tick()?)).await
    }

    /// Milliseconds until `tick` must be called; none if it need not.
    pub fn deadline_ms(&self) -> Result<Option<u64>, LinliError> {
        let now = SystemClock.mono();
        Ok(self.seen()?.deadline.map(|at| at.since(now)))
    }

    /// Waits until there may be something to send, or the deadline has come, or so many milliseconds have passed.
    pub async fn wait_for_news(&self, most_ms: u64) -> Result<(), LinliError> {
        self.wait(Duration::from_millis(most_ms)).await
    }

    /// How it stood after the last call.
    pub fn state(&self) -> Result<PipeState, LinliError> {
        Ok(self.seen()?.state)
    }

    /// Says goodbye: write what `outgoing` still hands out, then close the pipe.
    pub async fn close(&self) -> Result<(), LinliError> {
        self.with(|session| {
            session.close();
            Ok(())
        })
        .await?;
        self.stirred.notify_one();
        Ok(())
    }

    /// Lets go at once: whoever waits in `outgoing` is answered, and nothing is said to the peer. For a pipe that broke.
    pub fn abandon(&self) -> Result<(), LinliError> {
        self.let_go(LinliError::Closed);
        Ok(())
    }
}

fn size(most: u32) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}
