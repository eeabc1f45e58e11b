//! Keys: who a device is, and what seals a body.
//!
//! Device keys sign and open; epoch keys seal; the topic key makes tags. Secrets are wiped when dropped and print
//! nothing. This module knows no events and no roster: it is handed bytes and a context.

mod compartment;
mod device;
mod epoch;
mod kit;
mod secret;
mod tls;
mod topic;
mod wrap;

pub use compartment::Compartment;
pub use device::{DeviceKeys, DeviceRecord, KeyError, Signature, verify};
pub use epoch::{EpochKey, OpenError};
pub use kit::{KitLanguage, KitWords, WordsError};
pub use secret::{MemorySecrets, SecretError, SecretStore};
pub use tls::TlsKey;
pub use topic::{Beacon, TopicKey};
pub use wrap::{Wrap, WrapError, unwrap, wrap};
