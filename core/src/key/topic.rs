//! The topic key: made at founding, never rotated; turns topic names into tags that say nothing to outsiders.

use std::fmt;

use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id::TopicTag;

/// The key under which topic names become tags.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TopicKey([u8; 32]);

impl fmt::Debug for TopicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TopicKey(…)")
    }
}

impl TopicKey {
    /// Bytes of the key.
    pub const LEN: usize = 32;

    /// Throws a new key.
    pub fn generate(dice: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; 32];
        dice.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// A key that was handed over.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret bytes, to be handed over.
    pub const fn as_secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// A topic's tag: 16 bytes of keyed BLAKE3 over its name.
    pub fn tag(&self, topic: &str) -> TopicTag {
        let mut tag = [0; TopicTag::LEN];
        blake3::Hasher::new_keyed(&self.0).update(topic.as_bytes()).finalize_xof().fill(&mut tag);
        TopicTag::from_bytes(tag)
    }
}
