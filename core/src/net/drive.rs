//! The loop of one connection: bytes in, bytes out, time, news. It has no opinions.
//!
//! A conversation may wait for the disk, so each of its steps runs beside the runtime, never in it. A pipe that takes
//! nothing holds up its own conversation alone: no more is asked for than it takes, and no more is read than fits.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::Notify,
    task::spawn_blocking,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Host, NetError, PipeSession};
use crate::{limits, sync::Progress, time::Mono};

/// Bytes read from a pipe at once, and asked for to be sent, at most.
const PIECE: usize = 32 * 1024;
/// Bytes that an idle pipe is listened to with. Most pipes of a relay are idle, and each has this much lying there.
const LEAST_PIECE: usize = 1024;
/// The least time between two looks at the clock of one conversation.
const LEAST_WAIT: Duration = Duration::from_millis(5);
/// What a pipe gets to carry the last words.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(500);

/// One end of a conversation, sealed or over a pipe that is.
pub(super) trait Line: Send + 'static {
    fn receive(&mut self, bytes: &[u8]) -> Result<(), NetError>;
    fn send(&mut self, most: usize) -> Result<Vec<u8>, NetError>;
    fn tick(&mut self) -> Result<(), NetError>;
    fn deadline(&self) -> Option<Mono>;
    fn wake(&self) -> Arc<Notify>;
    fn unsent(&self) -> usize;
    fn seen(&self) -> Seen;
    fn is_closed(&self) -> bool;
    fn close(&mut self) {}
    /// Where the peer said that it keeps the community, if that ended it.
    fn elsewhere(&self) -> Option<String>;
}

/// What can be told of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) met: bool,
    pub(super) in_step: bool,
    pub(super) progress: Progress,
}

impl Line for PipeSession {
    fn receive(&mut self, bytes: &[u8]) -> Result<(), NetError> {
        self.receive(bytes)
    }
    fn send(&mut self, most: usize) -> Result<Vec<u8>, NetError> {
        self.send(most)
    }
    fn tick(&mut self) -> Result<(), NetError> {
        self.tick()
    }
    fn deadline(&self) -> Option<Mono> {
        self.deadline()
    }
    fn wake(&self) -> Arc<Notify> {
        self.wake()
    }
    fn unsent(&self) -> usize {
        self.unsent()
    }
    fn seen(&self) -> Seen {
        Seen { met: self.is_met(), in_step: self.is_in_step(), progress: self.progress() }
    }
    fn is_closed(&self) -> bool {
        self.is_closed()
    }
    fn close(&mut self) {
        self.close();
    }
    fn elsewhere(&self) -> Option<String> {
        self.elsewhere()
    }
}

/// How a conversation ended.
pub(super) struct Over {
    pub(super) why: NetError,
    /// Where the peer said that it keeps the community.
    pub(super) elsewhere: Option<String>,
}

/// A conversation and the pipe that carries it.
pub(super) struct Driver<L, R, W> {
    line: Option<L>,
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

impl<L: Line, R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Driver<L, R, W> {
    pub(super) fn new(line: L, reader: R, writer: W, host: Arc<dyn Host>) -> Self {
        let now = Instant::now();
        let hello_by = now + Duration::from_millis(limits::HELLO_MS);
        let (out, seen) = (Vec::new(), Seen::default());
        let piece = LEAST_PIECE;
        Self { line: Some(line), reader, writer, host, out, written: 0, piece, took: now, hello_by, seen }
    }

    /// Drives until it is over and says why, and where the peer said to go. `tell` hears of every step.
    pub(super) async fn run(mut self, stop: &CancellationToken, mut tell: impl FnMut(Seen) + Send) -> Over {
        let mut watch = |line: &L| {
            tell(line.seen());
            false
        };
        let why = match self.until(stop, &mut watch).await {
            Ok(()) => NetError::Closed,
            Err(why) => why,
        };
        let elsewhere = self.line.as_ref().and_then(Line::elsewhere);
        self.last_words().await;
        Over { why, elsewhere }
    }

    /// Drives until `enough`, or until it is over.
    pub(super) async fn until(
        &mut self,
        stop: &CancellationToken,
        enough: &mut (dyn FnMut(&L) -> bool + Send),
    ) -> Result<(), NetError> {
        let (mut heard, mut due) = (Vec::new(), false);
        loop {
            if self.out.is_empty() || !heard.is_empty() || due {
                self.step(std::mem::take(&mut heard), due).await?;
                if self.line.as_ref().is_some_and(&mut *enough) {
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
        let Some(mut line) = self.line.take() else { return Err(NetError::Closed) };
        let most = if self.out.is_empty() { PIECE } else { 0 };
        let done = spawn_blocking(move || {
            let said = act(&mut line, &heard, due, most);
            (line, said)
        });
        // The step ends early only when the process does, or by a fault of ours that was reported where it happened.
        let (line, said) = done.await.map_err(|_| NetError::Stopped)?;
        let closed = line.is_closed();
        self.seen = line.seen();
        self.line = Some(line);
        let said = said?;
        if !said.is_empty() {
            (self.out, self.written, self.took) = (said, 0, Instant::now());
        }
        if closed && self.out.is_empty() { Err(NetError::Closed) } else { Ok(()) }
    }

    async fn wait(&mut self, stop: &CancellationToken) -> Result<Event, NetError> {
        let Some(line) = &self.line else { return Err(NetError::Closed) };
        let wake = line.wake();
        let reading = line.unsent() < limits::UNSENT;
        let due = line.deadline().map(|at| Duration::from_millis(at.since(self.host.now())).max(LEAST_WAIT));
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
    pub(super) fn line(&self) -> Option<&L> {
        self.line.as_ref()
    }

    /// Ends it.
    pub(super) async fn end(mut self) {
        self.last_words().await;
    }

    /// Tells the peer that it is over, if the pipe still takes that, and lets go where waiting does no harm.
    async fn last_words(&mut self) {
        let Some(mut line) = self.line.take() else { return };
        line.close();
        let mut words = self.out.split_off(self.written.min(self.out.len()));
        // What cannot be said any more, the broken pipe says.
        words.extend(line.send(PIECE).unwrap_or_default());
        let _unsaid = timeout(LAST_WORDS, async {
            self.writer.write_all(&words).await?;
            self.writer.shutdown().await
        })
        .await;
        let _gone = spawn_blocking(move || drop(line)).await;
    }
}

fn act(line: &mut impl Line, heard: &[u8], due: bool, most: usize) -> Result<Vec<u8>, NetError> {
    if !heard.is_empty() {
        line.receive(heard)?;
    }
    if due {
        line.tick()?;
    }
    line.send(most)
}
