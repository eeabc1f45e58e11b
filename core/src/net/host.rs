//! Hosts: what a transport asks of whoever it works for, and what can go wrong between the two.

use std::io;

use super::{AnyConversation, ConversationError};
use crate::{
    id::{CommunityId, DeviceId},
    key::{TlsKey, TopicKey},
    time::Mono,
};

/// Whom a transport works for: a replica, or a relay.
///
/// [`converse`](Self::converse) and the calls of a [`Conversation`](super::Conversation) may wait for a disk. The others are
/// called in the middle of a handshake and answer at once.
pub trait Host: Send + Sync + 'static {
    /// The device that speaks.
    fn device(&self) -> DeviceId;

    /// This device's key, to sign handshakes with.
    fn tls(&self) -> &TlsKey;

    /// Whether a device may connect now. Its id is the key that the handshake proves, so there is nothing to look up.
    fn welcomes(&self, device: DeviceId) -> bool;

    /// Begins a conversation with a device that the handshake has proved. It must end with an error as soon as the peer may no
    /// longer connect, and its [`wake`](super::Conversation::wake) must say when to look.
    ///
    /// # Errors
    /// Why there is none.
    fn converse(&self, peer: DeviceId) -> Result<AnyConversation, ConversationError>;

    /// The communities that a device belongs to, where this host works for several: none of them takes the room of
    /// another's connections. None where all are of one.
    fn communities(&self, _device: DeviceId) -> Vec<CommunityId> {
        Vec::new()
    }

    /// Devices that said hello before this host was started, the first of them first, each with its community where this
    /// host works for several: they have room before those who come later.
    fn met(&self) -> Vec<(DeviceId, Option<CommunityId>)> {
        Vec::new()
    }

    /// The time by the clock of [`Conversation::deadline`](super::Conversation::deadline).
    fn now(&self) -> Mono;

    /// Whether an invitation is open, so that whoever shows an unknown key may come in to ask.
    fn invites(&self) -> bool {
        false
    }

    /// Begins the dialogue in which a device asks to be admitted, on either side of it.
    ///
    /// # Errors
    /// Why there is none.
    fn greet(&self, _at: JoinConnection) -> Result<AnyConversation, ConversationError> {
        Err(ConversationError::NotInvited)
    }

    /// The key that makes and knows [`Beacon`](crate::key::Beacon)s; none for whoever has none, who then is not found
    /// nearby and finds nobody.
    fn topic_key(&self) -> Option<TopicKey> {
        None
    }

    /// A peer said hello, and can be reached at this address again.
    fn reached(&self, _peer: DeviceId, _address: std::net::SocketAddr) {}

    /// A relay said that it keeps the community elsewhere, at this host and port, and ended the conversation.
    fn sent(&self, _relay: DeviceId, _address: String) {}
}

/// A connection over which a device asks to be admitted.
#[derive(Clone)]
pub struct JoinConnection {
    /// The device at the other end: its key was proved.
    pub device: DeviceId,
    /// What both ends of this connection derive, and nobody else can (RFC 8446 §7.5).
    pub connection: [u8; 32],
}

impl std::fmt::Debug for JoinConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JoinConnection(…)")
    }
}

/// The label under which [`JoinConnection::connection`] is derived, without a context.
pub(super) const JOIN_LABEL: &str = "EXPERIMENTAL linli join v2";

/// Why there is no connection, or none any more. What was acknowledged stays.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NetError {
    /// The peer shows a key that may not connect: a stranger's, a withdrawn one, or another than expected.
    #[error("the peer shows a key that is not welcome")]
    Stranger,
    /// The peer does not welcome this device's key.
    #[error("the peer does not welcome this device")]
    Refused,
    /// The address leads back to this device.
    #[error("the address leads back to this device")]
    Ourselves,
    /// TLS failed: damaged bytes, or a peer that speaks something else.
    #[error("TLS failed: {0}")]
    Tls(rustls::Error),
    /// The peer is silent, or takes nothing.
    #[error("the peer is silent")]
    Silent,
    /// The pipe broke.
    #[error("the pipe broke: {0}")]
    Broken(io::ErrorKind),
    /// As many connections are open as may be.
    #[error("too many connections")]
    Crowded,
    /// There is another connection with this device, which stays.
    #[error("there is another connection with this device")]
    Twice,
    /// The peer closed the connection.
    #[error("the peer closed the connection")]
    Closed,
    /// This side closed the connection.
    #[error("this side closed the connection")]
    Stopped,
    /// The conversation failed.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}

impl From<rustls::Error> for NetError {
    fn from(error: rustls::Error) -> Self {
        use rustls::{AlertDescription, CertificateError, Error};
        match error {
            Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => Self::Stranger,
            Error::AlertReceived(AlertDescription::AccessDenied) => Self::Refused,
            error => Self::Tls(error),
        }
    }
}

impl From<io::Error> for NetError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.kind())
    }
}

/// Whom a dialler expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// Any device of the roster.
    Member,
    /// This device, as long as the roster welcomes it.
    Device(DeviceId),
    /// This device, which the roster may not know yet: a newcomer's first connection.
    Unlisted(DeviceId),
    /// This device, to ask it to be admitted: what an invitation names.
    Inviter(DeviceId),
}

impl Expected {
    /// Whether the device that proved its key is whom we expect.
    pub(super) fn is(self, host: &dyn Host, proved: DeviceId) -> bool {
        match self {
            Self::Member => host.welcomes(proved),
            Self::Device(device) => device == proved && host.welcomes(proved),
            Self::Unlisted(device) | Self::Inviter(device) => device == proved,
        }
    }
}
