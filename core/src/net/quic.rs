//! QUIC: one socket that listens and dials, one stream per connection.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::Mutex;
use quinn::{
    ClientConfig, Connection, ConnectionError, ConnectionId, ConnectionIdGenerator, Endpoint, EndpointConfig, Incoming,
    RecvStream, SendStream, ServerConfig, TokenLog, TokenReuseError, TokioRuntime, TransportConfig,
    ValidationTokenConfig, VarInt,
    crypto::{
        CryptoError, HmacKey,
        rustls::{HandshakeData, QuicClientConfig, QuicServerConfig},
    },
};
use rustls::pki_types::CertificateDer;
use tokio::{
    sync::Notify,
    task::spawn_blocking,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    AnyConversation, Conversation, ConversationState, Expected, Host, JoinConnection, NetError,
    calls::{Call, ConnectionLimits, Via},
    drive::{Driver, LAST_WORDS},
    host::JOIN_LABEL,
    presence::{Look, Presence},
    recent::Recent,
    room::{Seat, Standing},
    shared::{Ended, Open, Shared, ask},
    tls::{JOIN, NAME, Tls},
};
use crate::{limits, time::Mono};

/// TLS alert 49, access denied, as QUIC says it (RFC 9001 §4.8).
const ACCESS_DENIED: u64 = 0x100 + 49;

const HELLO: Duration = Duration::from_millis(limits::HELLO_MS);

/// Goodbyes, as the other side reads them.
const GOODBYE: u32 = 0;
const TWICE: u32 = 1;
const UNWELCOME: u32 = 2;
const FAULT: u32 = 3;
const CROWDED: u32 = 4;

/// A socket, and what it speaks.
pub(super) fn endpoint(
    tls: &Tls,
    socket: std::net::UdpSocket,
    listens: bool,
    at_most: ConnectionLimits,
) -> Result<Endpoint, NetError> {
    let server = if listens { Some(server(tls, at_most)?) } else { None };
    let mut config = EndpointConfig::new(Arc::new(ResetKey(tls.host().tls().derive(RESET))));
    config.cid_generator(|| Box::new(AnyId));
    Ok(Endpoint::new(config, server, socket, Arc::new(TokioRuntime))?)
}

/// The context of the key that signs resets.
const RESET: &str = "linli 2026 quic stateless reset v1";
/// Bytes of a connection's id, as Quinn has them by default.
const ID: usize = 8;

/// Signs resets (RFC 9000 §10.3) by a key that outlives the process: after a restart, peers learn from the first packet
/// they send that their connections are gone, and not from a long silence.
struct ResetKey([u8; 32]);

impl HmacKey for ResetKey {
    fn sign(&self, data: &[u8], signature: &mut [u8]) {
        let made = blake3::keyed_hash(&self.0, data);
        signature.iter_mut().zip(made.as_bytes()).for_each(|(to, from)| *to = *from);
    }

    fn signature_len(&self) -> usize {
        blake3::OUT_LEN
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let made = blake3::keyed_hash(&self.0, data);
        // `blake3::Hash` compares in constant time.
        let same = signature.try_into().is_ok_and(|signature: [u8; blake3::OUT_LEN]| made == signature);
        if same { Ok(()) } else { Err(CryptoError) }
    }
}

/// Ids of connections that say nothing: any is as good as another after a restart too, and none shows whose it is.
struct AnyId;

impl ConnectionIdGenerator for AnyId {
    fn generate_cid(&mut self) -> ConnectionId {
        ConnectionId::new(&rand::random::<[u8; ID]>())
    }

    fn cid_len(&self) -> usize {
        ID
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

fn server(tls: &Tls, at_most: ConnectionLimits) -> Result<ServerConfig, NetError> {
    let crypto = QuicServerConfig::try_from(tls.server()?).map_err(no_suite)?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    let mut transport = transport()?;
    transport.max_concurrent_bidi_streams(1_u32.into());
    config.transport_config(Arc::new(transport));
    config.migration(true);
    // Quinn gives it only behind a whole handshake, so by it a peer shows, before it says a word, that it was here.
    let mut token = ValidationTokenConfig::default();
    token.log(Arc::new(UsedTokens::default())).sent(1);
    config.validation_token_config(token);
    config.max_incoming(at_most.handshakes);
    config.incoming_buffer_size(16 * 1024).incoming_buffer_size_total(limits::WINDOW.into());
    Ok(config)
}

/// Tokens that were shown and may not be shown again (RFC 9000 §8.1.4).
struct UsedTokens(Mutex<Recent<u128, ()>>);

impl Default for UsedTokens {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(limits::USED_TOKENS)))
    }
}

impl TokenLog for UsedTokens {
    fn check_and_insert(&self, nonce: u128, _: SystemTime, _: Duration) -> Result<(), TokenReuseError> {
        let mut used = self.0.lock();
        if used.contains(&nonce) {
            return Err(TokenReuseError);
        }
        used.touch(nonce, || ());
        Ok(())
    }
}

fn client(tls: &Tls, expected: Expected) -> Result<ClientConfig, NetError> {
    let crypto = QuicClientConfig::try_from(tls.client(expected)?).map_err(no_suite)?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    let mut transport = transport()?;
    transport.max_concurrent_bidi_streams(0_u32.into());
    config.transport_config(Arc::new(transport));
    Ok(config)
}

fn transport() -> Result<TransportConfig, NetError> {
    let mut transport = TransportConfig::default();
    let idle = Duration::from_millis(limits::IDLE_MS).try_into();
    transport.max_idle_timeout(Some(idle.map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?));
    transport.max_concurrent_uni_streams(0_u32.into());
    transport.stream_receive_window(limits::WINDOW.into());
    transport.receive_window(limits::WINDOW.into());
    transport.send_window(limits::WINDOW.into());
    transport.datagram_receive_buffer_size(Some(limits::DATAGRAMS));
    Ok(transport)
}

fn no_suite(_: quinn::crypto::rustls::NoInitialCipherSuite) -> NetError {
    NetError::Tls(rustls::Error::General("no cipher suite for QUIC".into()))
}

/// Dials one address, up to the end of the handshake.
pub(super) async fn dial(shared: &Shared, address: SocketAddr, expected: Expected) -> Result<Connection, NetError> {
    let mut config = client(&shared.tls, expected)?;
    config.token_store(shared.tokens.of(address));
    let connecting = shared.endpoint.connect_with(config, address, NAME);
    let connecting = connecting.map_err(|_| NetError::Broken(io::ErrorKind::AddrNotAvailable))?;
    timeout(HELLO, connecting).await.map_err(|_| NetError::Silent)?.map_err(|error| why(&error))
}

/// Takes in who dials, until told to stop.
pub(super) async fn accept(shared: Arc<Shared>) {
    loop {
        let incoming = tokio::select! {
            () = shared.stop.cancelled() => return,
            incoming = shared.endpoint.accept() => incoming,
        };
        let Some(incoming) = incoming else { return };
        let (address, proved) = (incoming.remote_address(), incoming.remote_address_validated());
        if shared.quic_room.is_crowded() && incoming.may_retry() && !proved {
            // Whoever cannot answer from the address it claims costs nothing more than this.
            let _not_retried = incoming.retry();
            continue;
        }
        // What proves an address without a new try was given to somebody who had proved a key.
        let known = proved && incoming.may_retry();
        let standing = if known { Standing::Key } else { shared.met.standing(address) };
        match shared.quic_room.take(address, standing) {
            Some(seat) => drop(shared.tasks.spawn(greet(shared.clone(), incoming, seat))),
            None => incoming.refuse(),
        }
    }
}

async fn greet(shared: Arc<Shared>, incoming: Incoming, seat: Seat) {
    let Ok(connecting) = incoming.accept() else { return };
    let connected = tokio::select! {
        () = shared.stop.cancelled() => return,
        () = seat.lost() => return,
        connected = timeout(shared.options.at_most.handshake, connecting) => connected,
    };
    match connected {
        Ok(Ok(connection)) => drop(carry(&shared, connection, Expected::Member, Some(seat), &shared.stop).await),
        Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
        Err(_) => tracing::debug!("a handshake took too long"),
    }
}

/// Carries a conversation until it is over; with a seat where the other side dialled.
pub(super) async fn carry(
    shared: &Arc<Shared>,
    connection: Connection,
    expected: Expected,
    seat: Option<Seat>,
    stop: &CancellationToken,
) -> Ended {
    let stop = seat.as_ref().map_or(stop, Seat::ends).clone();
    if is_join(&connection) {
        return greet_asker(shared, &connection, seat.as_ref(), &stop).await;
    }
    let device = shown(&connection).and_then(|shown| shared.tls.who(&shown, expected));
    let Some(device) = device else {
        connection.close(UNWELCOME.into(), b"");
        return NetError::Stranger.into();
    };
    let call = Call::new(device, connection.remote_address(), Via::Quic, seat.is_none(), stop.child_token());
    let (mut why, met) = match shared.open(call, seat) {
        Ok(open) => (converse(shared, &connection, &open).await, open.is_met()),
        Err(why) => (why, false),
    };
    why = told(&connection, why);
    connection.close(goodbye(&why), b"");
    Ended { why, device: Some(device), met }
}

/// What the peer said on closing tells more than that it did.
fn told(connection: &Connection, why: NetError) -> NetError {
    match (&why, connection.close_reason()) {
        (NetError::Broken(_) | NetError::Closed, Some(reason)) => self::why(&reason),
        _ => why,
    }
}

fn shown(connection: &Connection) -> Option<Vec<CertificateDer<'static>>> {
    let shown = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    Some(*shown)
}

fn is_join(connection: &Connection) -> bool {
    let data = connection.handshake_data().and_then(|data| data.downcast::<HandshakeData>().ok());
    data.is_some_and(|data| data.protocol.as_deref() == Some(JOIN))
}

/// Carries the dialogue in which one side asks to be admitted. It is no connection with a device: it is in no list.
async fn greet_asker(
    shared: &Arc<Shared>,
    connection: &Connection,
    seat: Option<&Seat>,
    stop: &CancellationToken,
) -> Ended {
    let joining = tokio::select! {
        () = stop.cancelled() => Err(if seat.is_some_and(Seat::is_lost) { NetError::Crowded } else { NetError::Stopped }),
        joining = joining(shared, connection, seat.is_none()) => joining,
    };
    let ended = match joining {
        Ok((driver, heard)) => {
            let wake = driver.conversation().map(QuicConversation::wake).unwrap_or_default();
            let asking = ask(stop, driver, seat);
            tokio::pin!(asking);
            let ended = tokio::select! {
                ended = &mut asking => ended,
                () = pass_over(connection, &wake) => asking.await,
            };
            until_heard(heard).await;
            ended
        }
        Err(why) => why.into(),
    };
    let ended = Ended { why: told(connection, ended.why), ..ended };
    connection.close(goodbye(&ended.why), b"");
    ended
}

/// A conversation over QUIC, which acknowledges in the process itself: whatever packet comes is a sign of life.
struct QuicConversation {
    carried: AnyConversation,
    connection: Connection,
    host: Arc<dyn Host>,
    presence: Presence,
    /// Datagrams that had come when it was looked last.
    came: u64,
    dialled: bool,
}

impl QuicConversation {
    fn new(shared: &Shared, connection: &Connection, carried: AnyConversation, dialled: bool) -> Self {
        let host = shared.host().clone();
        let presence = Presence::new(shared.options.keep_alive, host.now()).by_looking();
        // One side is enough, and it is the one whose router may forget it.
        let presence = if dialled { presence.at_each_beat() } else { presence };
        Self { carried, connection: connection.clone(), host, presence, came: 0, dialled }
    }

    /// Notes what came since it was looked last.
    fn sense(&mut self) -> Mono {
        let (now, came) = (self.host.now(), self.connection.stats().udp_rx.datagrams);
        if came != self.came {
            self.came = came;
            if self.dialled { self.presence.live() } else { self.presence.hear(now) }
        }
        now
    }

    fn look(&mut self) -> Result<(), NetError> {
        let now = self.sense();
        match self.presence.look(now) {
            Look::Wait => Ok(()),
            Look::Gone => Err(NetError::Silent),
            Look::Ask if self.connection.send_datagram(Default::default()).is_ok() => Ok(()),
            Look::Ask => Ok(self.carried.ping()?),
        }
    }
}

impl Conversation for QuicConversation {
    type Error = NetError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), NetError> {
        self.presence.hear(self.host.now());
        Ok(self.carried.receive(bytes)?)
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, NetError> {
        let said = self.carried.send(most)?;
        if !said.is_empty() {
            // What came before answers nothing of it.
            let now = self.sense();
            self.presence.say(said.len(), now);
        }
        Ok(said)
    }

    fn tick(&mut self) -> Result<(), NetError> {
        self.look()?;
        Ok(self.carried.tick()?)
    }

    fn ping(&mut self) -> Result<(), NetError> {
        Ok(self.carried.ping()?)
    }

    fn wake(&self) -> Arc<Notify> {
        self.carried.wake()
    }

    fn state(&self) -> ConversationState {
        let state = self.carried.state();
        let deadline = state.deadline.into_iter().chain([self.presence.due()]).min();
        ConversationState { deadline, ..state }
    }
}

/// Takes signs of life, until the connection is over. The conversation looks at once, as the process is awake anyway: it
/// then need not wake by itself.
async fn pass_over(connection: &Connection, wake: &Notify) {
    while connection.read_datagram().await.is_ok() {
        wake.notify_one();
    }
}

type AskDriver = Driver<QuicConversation, RecvStream, SendStream>;

async fn joining(
    shared: &Arc<Shared>,
    connection: &Connection,
    dialled: bool,
) -> Result<(AskDriver, impl Future + use<>), NetError> {
    if !dialled && !shared.host().invites() {
        return Err(super::ConversationError::NotInvited.into());
    }
    let (writer, reader) = streams(connection, dialled).await?;
    let device = shown(connection).and_then(|shown| Tls::shown(&shown)).ok_or(NetError::Stranger)?;
    let mut secret = [0; 32];
    let exported = connection.export_keying_material(&mut secret, JOIN_LABEL.as_bytes(), b"");
    exported.map_err(|_| NetError::Tls(rustls::Error::HandshakeNotComplete))?;
    let (host, at) = (shared.host().clone(), JoinConnection { device, connection: secret });
    let greeted = spawn_blocking(move || host.greet(at)).await.map_err(|_| NetError::Stopped)?;
    let heard = writer.stopped();
    let line = QuicConversation::new(shared, connection, greeted?, dialled);
    Ok((Driver::new(line, reader, writer, shared.host().clone()), heard))
}

/// Gives the peer a moment to hear what was said last: a connection that is closed drops what is still on its way
/// (RFC 9000 §10.2).
async fn until_heard(heard: impl Future) {
    let _unheard = timeout(LAST_WORDS, heard).await;
}

async fn streams(connection: &Connection, dialled: bool) -> Result<(SendStream, RecvStream), NetError> {
    let streams = async { if dialled { connection.open_bi().await } else { connection.accept_bi().await } };
    timeout(HELLO, streams).await.map_err(|_| NetError::Silent)?.map_err(|error| why(&error))
}

async fn converse(shared: &Arc<Shared>, connection: &Connection, open: &Open) -> NetError {
    let began = Instant::now();
    let streams = tokio::select! {
        () = open.call.stop.cancelled() => Err(open.stopped()),
        streams = streams(connection, open.call.dialled) => streams,
    };
    let (writer, reader) = match streams {
        Ok(streams) => streams,
        Err(why) => return why,
    };
    let (host, device) = (shared.host().clone(), open.call.device);
    let conversation = match spawn_blocking(move || host.converse(device)).await {
        Ok(Ok(conversation)) => conversation,
        Ok(Err(error)) => return error.into(),
        Err(_) => return NetError::Stopped,
    };
    let heard = writer.stopped();
    let wake = conversation.wake();
    let line = QuicConversation::new(shared, connection, conversation, open.call.dialled);
    let running = open.run(Driver::new(line, reader, writer, shared.host().clone()).since(began));
    tokio::pin!(running);
    let why = tokio::select! {
        why = &mut running => why,
        // The connection is over; the conversation finds out by itself, and takes in what came.
        () = pass_over(connection, &wake) => running.await,
    };
    until_heard(heard).await;
    why
}

fn goodbye(why: &NetError) -> VarInt {
    let code = match why {
        NetError::Stranger | NetError::Conversation(super::ConversationError::Withdrawn) => UNWELCOME,
        NetError::Twice => TWICE,
        NetError::Crowded => CROWDED,
        NetError::Conversation(_) | NetError::Tls(_) | NetError::Silent => FAULT,
        NetError::Closed | NetError::Stopped | NetError::Broken(_) | NetError::Refused | NetError::Ourselves => GOODBYE,
    };
    code.into()
}

fn why(error: &ConnectionError) -> NetError {
    match error {
        ConnectionError::TimedOut => NetError::Silent,
        ConnectionError::LocallyClosed => NetError::Stopped,
        ConnectionError::Reset => NetError::Broken(io::ErrorKind::ConnectionReset),
        ConnectionError::CidsExhausted => NetError::Crowded,
        ConnectionError::VersionMismatch => NetError::Broken(io::ErrorKind::Unsupported),
        ConnectionError::ApplicationClosed(close) => match close.error_code.into_inner() {
            code if code == u64::from(TWICE) => NetError::Twice,
            code if code == u64::from(UNWELCOME) => NetError::Refused,
            code if code == u64::from(CROWDED) => NetError::Crowded,
            _ => NetError::Closed,
        },
        ConnectionError::ConnectionClosed(close) if u64::from(close.error_code) == ACCESS_DENIED => NetError::Refused,
        ConnectionError::TransportError(error) if u64::from(error.code) == ACCESS_DENIED => NetError::Stranger,
        ConnectionError::ConnectionClosed(_) => NetError::Broken(io::ErrorKind::ConnectionRefused),
        ConnectionError::TransportError(_) => NetError::Broken(io::ErrorKind::InvalidData),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_used_tokens_are_remembered_as_fit_and_the_oldest_goes() {
        let (used, most) = (UsedTokens::default(), limits::USED_TOKENS as u128);
        let shown = |nonce| used.check_and_insert(nonce, SystemTime::UNIX_EPOCH, Duration::ZERO).is_ok();

        assert!((0..most).all(shown));
        assert!(!shown(0) && !shown(most - 1), "no token is good twice");
        assert!(shown(most));

        assert!(shown(0), "the oldest is forgotten");
        assert!(!shown(most) && !shown(2), "and no other is");
    }
}
