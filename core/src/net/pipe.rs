//! A conversation over a byte pipe of the app's: Bluetooth, Wi-Fi Direct, Multipeer, a cable, or a TCP stream.
//!
//! [`PipeSession`] is told the bytes that came and hands out the bytes to send. It owns no pipe, starts no thread and
//! waits for nothing; the pipe may deliver single bytes, stall, or die anywhere.

use std::{
    collections::VecDeque,
    fmt,
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConnection, Connection, ServerConnection, pki_types::ServerName};
use tokio::sync::Notify;

use super::{
    AnyConversation, Conversation, ConversationState, Expected, Host, JoinConnection, NetError,
    host::JOIN_LABEL,
    presence::{Look, Presence},
    tls::{JOIN, NAME, Tls},
};
use crate::{id::DeviceId, limits, sync::Reason, time::Mono};

/// Bytes handed to TLS at once; what they open to is taken out before the next.
const PIECE: usize = 4 * 1024;
/// Bytes of the conversation sealed at once: small, so that urgent news wait for little on a slow pipe.
const RECORD: usize = 8 * 1024;

/// One end of a conversation over any pipe.
///
/// It is driven as every [`Conversation`]. The calls may wait for the store. After a break, make a new one.
///
/// ```
/// # use std::sync::Arc;
/// # use linli_core::{id::CommandId, key::MemorySecrets, net::{Conversation, Expected}, replica::{Options, Replica}, roster::Role};
/// # let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
/// # let open = |nth: usize| Replica::open(Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())));
/// # let (lan, wu) = (open(0)?, open(1)?);
/// # lan.found(Some("Lan".into()))?;
/// # lan.admit(CommandId::from_bytes([1; 16]), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
/// # wu.join(&lan.welcome()?)?;
/// // Wu has heard nothing of the community, not even who belongs: it is told whom to expect.
/// let (mut dials, mut waits) = (wu.dial_pipe(Expected::Unlisted(lan.device()))?, lan.accept_pipe()?);
/// while !(dials.is_in_step() && waits.is_in_step()) {
///     waits.receive(&dials.send(1024)?)?; // between the two lies the pipe
///     dials.receive(&waits.send(1024)?)?;
/// }
/// assert_eq!((dials.peer(), waits.peer()), (Some(lan.device()), Some(wu.device()))); // as TLS has proved
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PipeSession {
    tls: Tls,
    expected: Expected,
    line: Connection,
    conversation: Option<AnyConversation>,
    /// Who syncs; nobody where somebody asks to be admitted.
    peer: Option<DeviceId>,
    /// Sealed, and not yet taken by the pipe.
    sealed: VecDeque<u8>,
    wake: Arc<Notify>,
    /// When the hello must have come.
    hello_by: Mono,
    presence: Presence,
    closed: bool,
}

impl fmt::Debug for PipeSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeSession").field("peer", &self.peer()).finish_non_exhaustive()
    }
}

impl PipeSession {
    /// The end that begins, and whom it expects at the other.
    ///
    /// # Errors
    /// [`NetError::Tls`] if TLS cannot be set up.
    pub fn dial(host: Arc<dyn Host>, expected: Expected) -> Result<Self, NetError> {
        Self::dial_with(Tls::new(host), expected)
    }

    /// The end that waits.
    ///
    /// # Errors
    /// [`NetError::Tls`] if TLS cannot be set up.
    pub fn accept(host: Arc<dyn Host>) -> Result<Self, NetError> {
        Self::accept_with(Tls::new(host))
    }

    pub(super) fn dial_with(tls: Tls, expected: Expected) -> Result<Self, NetError> {
        let name = ServerName::try_from(NAME).map_err(|_| NetError::Tls(rustls::Error::NoApplicationProtocol))?;
        let line = ClientConnection::new(Arc::new(tls.client(expected)?), name)?;
        Ok(Self::new(tls, expected, line.into()))
    }

    pub(super) fn accept_with(tls: Tls) -> Result<Self, NetError> {
        let line = ServerConnection::new(Arc::new(tls.server()?))?;
        Ok(Self::new(tls, Expected::Member, line.into()))
    }

    fn new(tls: Tls, expected: Expected, mut line: Connection) -> Self {
        line.set_buffer_limit(Some(2 * RECORD));
        let now = tls.host().now();
        let hello_by = now.plus(Duration::from_millis(limits::HELLO_MS));
        let presence = Presence::new(Duration::from_millis(limits::KEEP_ALIVE_MS), now);
        let presence = if matches!(line, Connection::Server(_)) { presence.later() } else { presence };
        let (sealed, wake) = (VecDeque::new(), Arc::new(Notify::new()));
        Self { tls, expected, line, conversation: None, peer: None, sealed, wake, hello_by, presence, closed: false }
    }

    /// From now on it asks for a sign of life at other beats.
    pub(super) fn keep_alive(&mut self, every: Duration) {
        let presence = Presence::new(every, self.tls.host().now());
        self.presence = if matches!(self.line, Connection::Server(_)) { presence.later() } else { presence };
    }

    /// Whether peers sync, who say something when they are asked. Whoever asks to be admitted waits for people.
    fn is_synced(&self) -> bool {
        self.peer.is_some() && self.is_met()
    }

    /// Who the handshake proved the peer to be; nobody where a device asks to be admitted.
    pub fn peer(&self) -> Option<DeviceId> {
        self.peer
    }

    /// Whether the handshake is through.
    pub(super) fn is_begun(&self) -> bool {
        self.conversation.is_some()
    }

    /// What was agreed to be spoken inside (ALPN, RFC 7301), once it is.
    pub fn spoken(&self) -> Option<&[u8]> {
        self.line.alpn_protocol()
    }

    /// Bytes that both ends of this connection derive and nobody else can (RFC 8446 §7.5).
    ///
    /// # Errors
    /// [`NetError::Tls`] before the handshake is through.
    pub fn export(&self, label: &str, context: &[u8]) -> Result<[u8; 32], NetError> {
        Ok(self.line.export_keying_material([0; 32], label.as_bytes(), Some(context))?)
    }

    /// Begins the conversation once the handshake is through.
    fn begin(&mut self) -> Result<(), NetError> {
        if self.conversation.is_some() || self.line.is_handshaking() {
            return Ok(());
        }
        if self.spoken() == Some(JOIN) {
            return self.greet();
        }
        let shown = self.line.peer_certificates().unwrap_or_default();
        let Some(peer) = self.tls.who(shown, self.expected) else { return Err(self.fail(NetError::Stranger)) };
        if peer == self.tls.host().device() {
            return Err(self.fail(NetError::Ourselves));
        }
        match self.tls.host().converse(peer) {
            Ok(conversation) => (self.peer, self.conversation) = (Some(peer), Some(conversation)),
            Err(error) => return Err(self.fail(error.into())),
        }
        Ok(())
    }

    /// Begins the dialogue in which one side asks to be admitted.
    fn greet(&mut self) -> Result<(), NetError> {
        let shown = self.line.peer_certificates().and_then(Tls::shown);
        let Some(device) = shown else { return Err(self.fail(NetError::Stranger)) };
        let connection = self.line.export_keying_material([0; 32], JOIN_LABEL.as_bytes(), None)?;
        match self.tls.host().greet(JoinConnection { device, connection }) {
            Ok(conversation) => self.conversation = Some(conversation),
            Err(error) => return Err(self.fail(error.into())),
        }
        Ok(())
    }

    fn hear(&mut self, opened: &[u8]) -> Result<(), NetError> {
        match &mut self.conversation {
            Some(conversation) => conversation.receive(opened).map_err(|error| self.fail(error.into())),
            None => Ok(()),
        }
    }

    /// Takes what TLS has to send.
    fn seal(&mut self) -> Result<(), NetError> {
        while self.line.wants_write() {
            self.line.write_tls(&mut self.sealed)?;
        }
        Ok(())
    }

    /// Tells the peer that it is over.
    fn fail(&mut self, error: NetError) -> NetError {
        self.close();
        error
    }
}

impl Conversation for PipeSession {
    type Error = NetError;

    /// After an error, [`send`](Self::send) still hands out what tells the peer.
    fn receive(&mut self, bytes: &[u8]) -> Result<(), NetError> {
        if !bytes.is_empty() {
            self.presence.hear(self.tls.host().now());
        }
        for mut piece in bytes.chunks(PIECE) {
            while !piece.is_empty() && !self.closed {
                self.line.read_tls(&mut piece)?;
                let state = self.line.process_new_packets().inspect_err(|_| self.closed = true)?;
                self.begin()?;
                let mut opened = vec![0; state.plaintext_bytes_to_read()];
                if !opened.is_empty() {
                    self.line.reader().read_exact(&mut opened)?;
                    self.hear(&opened)?;
                }
                self.closed |= state.peer_has_closed();
            }
        }
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, NetError> {
        self.seal()?;
        while self.sealed.len() < most && !self.closed {
            let Some(conversation) = &mut self.conversation else { break };
            let said = match conversation.send(RECORD) {
                Ok(said) if said.is_empty() => break,
                Ok(said) => said,
                Err(error) => return Err(self.fail(error.into())),
            };
            self.line.writer().write_all(&said)?;
            self.seal()?;
        }
        let count = most.min(self.sealed.len());
        if count > 0 {
            self.presence.say(count, self.tls.host().now());
        }
        Ok(self.sealed.drain(..count).collect())
    }

    /// Asks a silent peer for a sign of life, too. [`NetError::Silent`] when no hello came in time, or no sign of life.
    fn tick(&mut self) -> Result<(), NetError> {
        if !self.is_met() && self.tls.host().now() >= self.hello_by {
            return Err(self.fail(NetError::Silent));
        }
        if self.is_synced() {
            match self.presence.look(self.tls.host().now()) {
                Look::Wait => {}
                Look::Ask => self.ping()?,
                Look::Gone => return Err(self.fail(NetError::Silent)),
            }
        }
        match &mut self.conversation {
            Some(conversation) => conversation.tick().map_err(|error| self.fail(error.into())),
            None => Ok(()),
        }
    }

    fn ping(&mut self) -> Result<(), NetError> {
        match &mut self.conversation {
            Some(conversation) => conversation.ping().map_err(|error| self.fail(error.into())),
            None => Ok(()),
        }
    }

    fn close(&mut self) {
        self.line.send_close_notify();
        self.closed = true;
    }

    /// It changes when the handshake is through.
    fn wake(&self) -> Arc<Notify> {
        self.conversation.as_ref().map_or_else(|| self.wake.clone(), |conversation| conversation.wake())
    }

    /// Where one side said goodbye, it ended as asked.
    fn state(&self) -> ConversationState {
        let inner = self.conversation.as_ref().map(|conversation| conversation.state()).unwrap_or_default();
        let hello = (!inner.met).then_some(self.hello_by);
        let sign = (self.peer.is_some() && inner.met).then(|| self.presence.due());
        ConversationState {
            closed: inner.closed.or(self.closed.then_some(Reason::Asked)),
            deadline: hello.into_iter().chain(inner.deadline).chain(sign).min(),
            unsent: self.sealed.len().saturating_add(inner.unsent),
            ..inner
        }
    }
}
