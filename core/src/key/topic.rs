//! The topic key: made at founding and never rotated.
//!
//! It turns the names of topics into tags that tell outsiders nothing. It also makes the marks by which members alone
//! know each other's phones on a network.

use std::{fmt, str::FromStr};

use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id::{IdError, TopicTag};

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

    /// The mark under which a member's phone shows itself on a network, and what it shows under it: where it is reached,
    /// or nothing. Another salt, another mark.
    pub fn beacon(&self, salt: [u8; 8], shown: &[u8]) -> Beacon {
        Beacon { salt, mac: self.mac(salt, shown) }
    }

    /// Whether a phone of this community made the mark for what is shown under it, or somebody repeats both. Who it is,
    /// the handshake proves.
    pub fn recognises(&self, beacon: &Beacon, shown: &[u8]) -> bool {
        self.mac(beacon.salt, shown) == beacon.mac
    }

    /// The first 8 bytes of keyed BLAKE3 over the context, the salt and what is shown.
    fn mac(&self, salt: [u8; 8], shown: &[u8]) -> [u8; 8] {
        let mut mac = [0; 8];
        blake3::Hasher::new_keyed(&self.0).update(BEACON).update(&salt).update(shown).finalize_xof().fill(&mut mac);
        mac
    }
}

const BEACON: &[u8] = b"linli beacon v2";

/// What a phone shows on a network so that its own community finds it, and nobody else knows it again: a random salt
/// and a MAC under the topic key of it and of what is shown beside it. To be made anew at every start and every hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beacon {
    salt: [u8; 8],
    mac: [u8; 8],
}

/// 32 hexadecimal digits, salt before MAC.
impl fmt::Display for Beacon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode([self.salt, self.mac].concat()))
    }
}

impl fmt::Debug for Beacon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beacon(…)")
    }
}

impl FromStr for Beacon {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (mut salt, mut mac) = ([0; 8], [0; 8]);
        let halves = text.split_at_checked(16).filter(|_| text.len() == 32);
        let (front, back) = halves.ok_or(IdError::Length { expected: 32, got: text.len() })?;
        hex::decode_to_slice(front, &mut salt).map_err(|_| IdError::Digit)?;
        hex::decode_to_slice(back, &mut mac).map_err(|_| IdError::Digit)?;
        Ok(Self { salt, mac })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beacon_is_known_to_members_alone_and_never_the_same_twice() {
        let (ours, theirs) = (TopicKey::from_bytes([1; 32]), TopicKey::from_bytes([2; 32]));
        let beacon = ours.beacon([3; 8], b"");
        let carried: Beacon = beacon.to_string().parse().expect("just written");

        assert!(ours.recognises(&carried, b""));
        assert!(!theirs.recognises(&carried, b""));
        assert_ne!(ours.beacon([4; 8], b"").mac, beacon.mac);
        assert_eq!("00".parse::<Beacon>(), Err(IdError::Length { expected: 32, got: 2 }));
        assert_eq!("g".repeat(32).parse::<Beacon>(), Err(IdError::Digit));
    }

    #[test]
    fn whoever_repeats_a_beacon_cannot_put_other_addresses_beside_it() {
        let ours = TopicKey::from_bytes([1; 32]);
        let beacon = ours.beacon([3; 8], b"10.0.0.1:4433");

        assert!(ours.recognises(&beacon, b"10.0.0.1:4433"));
        assert!(!ours.recognises(&beacon, b"10.0.0.2:4433"));
        assert!(!ours.recognises(&beacon, b""));
    }
}
