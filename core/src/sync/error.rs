//! What can be wrong with a frame, and what ends a session.

use crate::id::{DeviceId, LogId};

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A frame without a byte.
    #[error("an empty frame")]
    Empty,
    /// No such kind of frame.
    #[error("no frame has kind {kind}")]
    Kind {
        /// The first byte.
        kind: u8,
    },
    /// The frame ends before what it promised.
    #[error("the frame ends too early")]
    Short,
    /// Bytes after the end.
    #[error("{bytes} bytes too many")]
    Trailing {
        /// How many bytes stand behind it.
        bytes: usize,
    },
    /// A number that is not written in its shortest form, or is beyond 64 bits.
    #[error("a number is not written in its shortest form")]
    Varint,
    /// More of something than the limit.
    #[error("{got} {what}, at most {limit} are allowed")]
    TooMany {
        /// What was counted, as the message names it.
        what: &'static str,
        /// How many the frame says there are.
        got: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A list that is not strictly ascending.
    #[error("a list is out of order")]
    Order,
    /// A small number that names nothing.
    #[error("no {what} has number {got}")]
    Number {
        /// What it should name.
        what: &'static str,
        /// The number that came.
        got: u64,
    },
    /// A value that this field cannot have.
    #[error("{what} cannot be {got}")]
    Value {
        /// The field, as the message names it.
        what: &'static str,
        /// What it holds.
        got: u64,
    },
    /// A header that is not that of the log it stands with.
    #[error("the header is not that of log {log:?}")]
    Header {
        /// The log that was named.
        log: LogId,
    },
    /// A hello in another version of the protocol. Nothing after the version was read.
    #[error("the peer speaks version {theirs}, we speak {ours}")]
    Version {
        /// The version that this build speaks.
        ours: u64,
        /// The version in the peer's hello.
        theirs: u64,
    },
}

/// Why a session is over. The log is untouched; what was committed before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The peer sent what is no frame.
    #[error(transparent)]
    Frame(FrameError),
    /// The peer speaks another version: one of the two needs an update.
    #[error("the peer speaks version {theirs}, we speak {ours}")]
    Version {
        /// The version that this build speaks.
        ours: u64,
        /// The version in the peer's hello.
        theirs: u64,
    },
    /// The peer belongs to another community.
    #[error("the peer belongs to another community")]
    Community,
    /// The peer is this very device: an address that leads back, or a copied database.
    #[error("the peer is this device")]
    Ourselves,
    /// The peer sent a frame that has no place here.
    #[error("{got} arrived while {state}")]
    OutOfTurn {
        /// The frame that came.
        got: &'static str,
        /// What was going on.
        state: &'static str,
    },
    /// The peer named more of something than is kept for one session.
    #[error("more than {limit} {what} in one session")]
    TooMany {
        /// What was counted, as the message names it.
        what: &'static str,
        /// How many may be.
        limit: usize,
    },
    /// The peer sent more than may be unacknowledged.
    #[error("{got} bytes unacknowledged, at most {limit} are allowed")]
    Window {
        /// Bytes that wait for an answer.
        got: usize,
        /// How many may.
        limit: usize,
    },
    /// The driver found a run that no honest peer sends.
    #[error("a run of log {log:?}, said to be of device {author:?}, is not valid")]
    Invalid {
        /// The log it claimed.
        log: LogId,
        /// Who wrote that log, if it is known whose it is: it may be that nobody but whoever brought this has a part in it.
        author: Option<DeviceId>,
    },
    /// The driver broke the rules of [`Input`](super::Input): a fault of ours, not of the peer.
    #[error("misuse: {what}")]
    Misuse {
        /// What was wrong.
        what: &'static str,
    },
    /// The session had ended before.
    #[error("the session is over")]
    Over,
}

impl From<FrameError> for SessionError {
    fn from(error: FrameError) -> Self {
        if let FrameError::Version { ours, theirs } = error {
            return SessionError::Version { ours, theirs };
        }
        SessionError::Frame(error)
    }
}
