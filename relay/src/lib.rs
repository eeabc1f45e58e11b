//! The relay in the community office: it keeps and forwards sealed events between buildings when phones come within
//! reach, and can read none of them.
//!
//! [`Communities`] are kept, each in a [`CommunityStore`]: headers, chains and signatures are verified, roster and erasures
//! obeyed (R5, R8), and nothing is acknowledged before it is durable (R6). It holds no key of any epoch, no
//! Automerge and no aggregate: it sees device keys and roles, topics as opaque tags, sizes, times and addresses.

mod communities;
mod community;
pub mod config;
pub mod copies;
mod hello;
mod home;
mod last_step;
mod limits;
mod lock;
mod no_room;
mod pace;
mod pool;
mod presence;
mod serve;
pub mod status;
mod visit;

pub use communities::Communities;
pub use community::{CommunityStore, Meter, Usage};
pub use home::{FileSecrets, Home, WhyShut};
pub use limits::{AT_THE_DISK, HOURS};
pub use linli_core::keep::Quota;
pub use lock::Lock;
pub use no_room::NoRoom;
pub use pace::Speed;
pub use presence::{Guest, Presence};
pub use serve::{Relay, card};
