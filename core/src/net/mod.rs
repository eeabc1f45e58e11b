//! Net: how replicas reach each other, over QUIC, over TCP, or over any byte pipe an app owns.
//!
//! This module knows sockets and one security mechanism: TLS 1.3 in which both ends show a raw Ed25519 key (RFC 7250)
//! that must stand in the roster. It asks a [`Host`] who may connect and hands it the bytes of whoever did. It refuses
//! to know what is said, the store, the roster's rules, and aggregates.
//!
//! An unknown key may come in while an invitation is open, to ask, and never to sync.
//!
//! Invariant: nothing counts as connected before the peer has said hello inside the session, because a TLS client is
//! through with its handshake before the server has judged it.

mod beforehand;
mod beside;
mod calls;
mod conversation;
mod dial;
mod discovery;
mod drive;
mod host;
mod node;
mod pipe;
mod presence;
mod quic;
mod recent;
mod room;
mod shared;
mod sighting;
mod tcp;
mod tls;

pub use beside::Dialler;
pub use calls::{Connected, ConnectionLimits, Via};
pub use conversation::{AnyConversation, Carried, Conversation, ConversationError, ConversationState};
pub use host::{Expected, Host, JoinConnection, NetError};
pub use node::{Dialled, Node, NodeError, TargetId};
pub use pipe::PipeSession;
pub use room::{Room, Seat, Seats, Standing};
pub use shared::{Dialling, Nearby, NodeOptions, reachable};
