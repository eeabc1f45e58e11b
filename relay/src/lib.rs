//! The relay in the community office: it keeps and forwards sealed events between buildings when phones come within
//! reach, and can read none of them.
//!
//! A [`Hall`] holds the communities, each on a [`Shelf`]: headers, chains and signatures are verified, roster and
//! erasures obeyed (R5, R8), and nothing is acknowledged before it is durable (R6). It holds no key of any epoch, no
//! Automerge and no aggregate: it sees device keys and roles, topics as opaque tags, sizes, times and addresses.

mod book;
pub mod config;
pub mod copies;
mod hall;
mod lock;
mod pace;
mod pool;
mod serve;
mod shelf;
pub mod status;
mod visit;

pub use book::{Book, Guest, HOURS};
pub use hall::{FileSecrets, Hall, Home};
pub use linli_core::keep::Quota;
pub use lock::Lock;
pub use pace::Speed;
pub use serve::{Relay, card};
pub use shelf::{Held, Meter, Shelf};
