//! The loop of one connection: bytes in, bytes out, time, news. It has no opinions.
//!
//! A conversation may wait for the disk, so each of its steps runs beside the runtime, never in it. A pipe that takes
//! nothing holds up its own conversation alone: no more is asked for than it takes, and no more is read than fits.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task::spawn_blocking,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Conversation, ConversationState, Host, NetError};
use crate::{limits, sync::Progress};

/// Bytes read from a pipe at once, and asked for to be sent, at most.
const PIECE: usize = 32 * 1024;
/// Bytes that an idle pipe is listened to with. Most pipes of a relay are idle, and each has this much lying there.
const LEAST_PIECE: usize = 1024;
/// The least time between two looks at the clock of one conversation.
const LEAST_WAIT: Duration = Duration::from_millis(5);
/// What a pipe gets to carry the last words.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(500);

/// What is noted of a conversation for those who ask who is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) met: bool,
    pub(super) in_step: bool,
    pub(super) progress: Progress,
}

impl From<&ConversationState> for Seen {
    fn from(state: &ConversationState) -> Self {
        Self { met: state.met, in_step: state.in_step, progress: state.progress }
    }
}

/// How a conversation ended.
pub(super) struct Over {
    pub(super) why: NetError,
    /// Where the peer said that it keeps the community.
    pub(super) elsewhere: Option<String>,
}

/// A conversation and the pipe that carries it.
pub(super) struct Driver<C, R, W> {
    conversation: Option<C>,
    reader: R,
    writer: W,
    host: Arc<dyn Host>,
    /// Made, and not yet taken by the pipe.
    out: Vec<u8>,
    written: usize,
    /// How much is read at once: grows while as much comes.
    piece: usize,
    /// When the pipe last took a byte, or had none to take.
    took: Instant,
    hello_by: Instant,
    seen: Seen,
}

/// What happened while waiting.
enum Event {
    Heard(Vec<u8>),
    Took(usize),
    News,
    Stalled,
    Stop,
}

impl<C: Conversation<Error = NetError> + Send + 'static, R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Driver<C, R, W> {
    pub(super) fn new(conversation: C, reader: R, writer: W, host: Arc<dyn Host>) -> Self {
        let now = Instant::now();
        let hello_by = now + Duration::from_millis(limits::HELLO_MS);
        let (out, seen) = (Vec::new(), Seen::default());
        let piece = LEAST_PIECE;
        Self {
            conversation: Some(conversation),
            reader,
            writer,
            host,
            out,
            written: 0,
            piece,
            took: now,
            hello_by,
            seen,
        }
    }

    /// The same whose hello is awaited since then.
    pub(super) fn since(self, began: Instant) -> Self {
        Self { hello_by: began + Duration::from_millis(limits::HELLO_MS), ..self }
    }

    /// Drives until it is over and says why, and where the peer said to go. `tell` hears of every step.
    pub(super) async fn run(mut self, stop: &CancellationToken, mut tell: impl FnMut(Seen) + Send) -> Over {
        let mut watch = |conversation: &C| {
            tell(Seen::from(&conversation.state()));
            false
        };
        let why = match self.until(stop, &mut watch).await {
            Ok(()) => NetError::Closed,
            Err(why) => why,
        };
        let elsewhere = self.conversation.as_ref().and_then(C::elsewhere);
        self.last_words().await;
        Over { why, elsewhere }
    }

    /// Drives until `enough`, or until it is over.
    pub(super) async fn until(
        &mut self,
        stop: &CancellationToken,
        enough: &mut (dyn FnMut(&C) -> bool + Send),
    ) -> Result<(), NetError> {
        let (mut heard, mut due) = (Vec::new(), false);
        loop {
            if self.out.is_empty() || !heard.is_empty() || due {
                self.step(std::mem::take(&mut heard), due).await?;
                if self.conversation.as_ref().is_some_and(&mut *enough) {
                    return Ok(());
                }
            }
            due = false;
            match self.wait(stop).await? {
                Event::Heard(bytes) => heard = bytes,
                Event::Took(count) => self.took(count),
                Event::News => due = true,
                Event::Stalled => return Err(NetError::Silent),
                Event::Stop => return Err(NetError::Stopped),
            }
        }
    }

    /// Lets the conversation hear, look at the clock, and speak if the pipe has taken what it said before.
    async fn step(&mut self, heard: Vec<u8>, due: bool) -> Result<(), NetError> {
        let Some(mut conversation) = self.conversation.take() else { return Err(NetError::Closed) };
        let most = if self.out.is_empty() { PIECE } else { 0 };
        let done = spawn_blocking(move || {
            let said = act(&mut conversation, &heard, due, most);
            (conversation, said)
        });
        // The step ends early only when the process does, or by a fault of ours that was reported where it happened.
        let (conversation, said) = done.await.map_err(|_| NetError::Stopped)?;
        let state = conversation.state();
        self.seen = Seen::from(&state);
        self.conversation = Some(conversation);
        let said = said?;
        if !said.is_empty() {
            (self.out, self.written, self.took) = (said, 0, Instant::now());
        }
        if state.closed.is_some() && self.out.is_empty() { Err(NetError::Closed) } else { Ok(()) }
    }

    async fn wait(&mut self, stop: &CancellationToken) -> Result<Event, NetError> {
        let Some(conversation) = &self.conversation else { return Err(NetError::Closed) };
        let (wake, state) = (conversation.wake(), conversation.state());
        let reading = state.unsent < limits::UNSENT;
        let due = state.deadline.map(|at| Duration::from_millis(at.since(self.host.now())).max(LEAST_WAIT));
        let waiting = !self.out.is_empty();
        let stalled = self.took + Duration::from_millis(limits::PIPE_STALL_MS);
        let mut piece = vec![0; self.piece];
        tokio::select! {
            () = stop.cancelled() => Ok(Event::Stop),
            read = self.reader.read(&mut piece), if reading => match read? {
                0 => Err(NetError::Closed),
                count => {
                    piece.truncate(count);
                    self.piece = if count < self.piece { LEAST_PIECE } else { PIECE };
                    Ok(Event::Heard(piece))
                }
            },
            took = self.writer.write(self.out.get(self.written..).unwrap_or_default()), if waiting => match took? {
                0 => Err(NetError::Broken(io::ErrorKind::WriteZero)),
                count => Ok(Event::Took(count)),
            },
            () = wake.notified() => Ok(Event::News),
            () = sleep(due.unwrap_or_default()), if due.is_some() => Ok(Event::News),
            () = sleep_until(self.hello_by), if !self.seen.met => Ok(Event::Stalled),
            () = sleep_until(stalled), if waiting => Ok(Event::Stalled),
        }
    }

    fn took(&mut self, count: usize) {
        self.written = self.written.saturating_add(count);
        self.took = Instant::now();
        if self.written >= self.out.len() {
            (self.out, self.written) = (Vec::new(), 0);
        }
    }

    /// The conversation, unless a step went wrong beyond repair.
    pub(super) fn conversation(&self) -> Option<&C> {
        self.conversation.as_ref()
    }

    /// Ends the connection, after the last words of the conversation.
    pub(super) async fn end(mut self) {
        self.last_words().await;
    }

    /// Tells the peer that it is over, if the pipe still takes that, and lets go where waiting does no harm.
    async fn last_words(&mut self) {
        let Some(mut conversation) = self.conversation.take() else { return };
        conversation.close();
        let mut words = self.out.split_off(self.written.min(self.out.len()));
        // What cannot be said any more, the broken pipe says.
        words.extend(conversation.send(PIECE).unwrap_or_default());
        let _unsaid = timeout(LAST_WORDS, async {
            self.writer.write_all(&words).await?;
            self.writer.shutdown().await
        })
        .await;
        let _gone = spawn_blocking(move || drop(conversation)).await;
    }
}

fn act(
    conversation: &mut impl Conversation<Error = NetError>,
    heard: &[u8],
    due: bool,
    most: usize,
) -> Result<Vec<u8>, NetError> {
    if !heard.is_empty() {
        conversation.receive(heard)?;
    }
    if due {
        conversation.tick()?;
    }
    conversation.send(most)
}
