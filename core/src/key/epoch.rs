//! Epoch keys: one symmetric key of a compartment, and the sealing of bodies under it (R4).

use std::fmt;

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id::{CommunityId, EpochId, TopicTag};

const ID_CONTEXT: &str = "linli 2026 epoch id v2";
const BODY_CONTEXT: &str = "linli 2026 body key v2";
const NONCE_CONTEXT: &str = "linli 2026 body nonce v2";

/// The body does not open: another key, another header, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed body does not open")]
pub struct OpenError;

/// A symmetric key of one compartment.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct EpochKey([u8; 32]);

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochKey({:?})", self.id())
    }
}

impl EpochKey {
    /// Bytes of a key.
    pub const LEN: usize = 32;

    /// Throws a new key.
    pub fn generate(dice: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; 32];
        dice.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// A key whose bytes came out of a wrap.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret bytes, to be wrapped.
    pub const fn as_secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key's name: 16 bytes of BLAKE3 over it.
    pub fn id(&self) -> EpochId {
        let mut id = [0; EpochId::LEN];
        blake3::Hasher::new_derive_key(ID_CONTEXT).update(&self.0).finalize_xof().fill(&mut id);
        EpochId::from_bytes(id)
    }

    /// Seals a body with AES-256-GCM-SIV (RFC 8452). `place` names the event uniquely and makes the nonce;
    /// `header` is authenticated. The result is 16 bytes longer than the body.
    pub fn seal(&self, community: CommunityId, topic: TopicTag, place: &[u8], header: &[u8], body: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: body, aad: header };
        // Fails only for messages beyond 64 GiB; ours end at the body limit.
        self.cipher(community, topic).encrypt(&nonce(place), payload).unwrap_or_default()
    }

    /// Opens a sealed body.
    ///
    /// # Errors
    /// [`OpenError`] when anything differs from what was sealed.
    pub fn open(
        &self,
        community: CommunityId,
        topic: TopicTag,
        place: &[u8],
        header: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        let payload = Payload { msg: sealed, aad: header };
        self.cipher(community, topic).decrypt(&nonce(place), payload).map_err(|_| OpenError)
    }

    fn cipher(&self, community: CommunityId, topic: TopicTag) -> Aes256GcmSiv {
        let mut hash = blake3::Hasher::new_derive_key(BODY_CONTEXT);
        hash.update(&self.0).update(community.as_bytes()).update(topic.as_bytes());
        let mut key: [u8; 32] = *hash.finalize().as_bytes();
        let cipher = Aes256GcmSiv::new(&key.into());
        key.zeroize();
        cipher
    }
}

fn nonce(place: &[u8]) -> Nonce {
    let mut nonce = [0; 12];
    blake3::Hasher::new_derive_key(NONCE_CONTEXT).update(place).finalize_xof().fill(&mut nonce);
    nonce.into()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const COMMUNITY: CommunityId = CommunityId::from_bytes([1; 32]);
    const TOPIC: TopicTag = TopicTag::from_bytes([2; 16]);

    fn key(seed: u64) -> EpochKey {
        EpochKey::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn a_body_opens_in_its_place_only() {
        let key = key(1);
        let sealed = key.seal(COMMUNITY, TOPIC, b"place", b"header", b"body");
        let (community, topic) = (CommunityId::from_bytes([9; 32]), TopicTag::from_bytes([9; 16]));

        assert_eq!(key.open(COMMUNITY, TOPIC, b"place", b"header", &sealed).as_deref(), Ok(b"body".as_slice()));
        assert_eq!(sealed.len(), b"body".len() + 16);
        assert_eq!(key.open(community, TOPIC, b"place", b"header", &sealed), Err(OpenError));
        assert_eq!(key.open(COMMUNITY, topic, b"place", b"header", &sealed), Err(OpenError));
        assert_eq!(key.open(COMMUNITY, TOPIC, b"elsewhere", b"header", &sealed), Err(OpenError));
        assert_eq!(key.open(COMMUNITY, TOPIC, b"place", b"another", &sealed), Err(OpenError));
        assert_eq!(self::key(2).open(COMMUNITY, TOPIC, b"place", b"header", &sealed), Err(OpenError));
    }

    #[test]
    fn a_damaged_or_shortened_body_does_not_open() {
        let key = key(1);
        let sealed = key.seal(COMMUNITY, TOPIC, b"place", b"header", b"body");
        let opens = |bytes: &[u8]| key.open(COMMUNITY, TOPIC, b"place", b"header", bytes).is_ok();

        for at in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert!(!opens(&touched) && !opens(&sealed[..at]));
        }
    }

    #[test]
    fn a_key_has_one_name_and_prints_no_secret() {
        let (one, other) = (key(1), key(2));

        assert_eq!(EpochKey::from_bytes(*one.as_secret()).id(), one.id());
        assert_ne!(one.id(), other.id());
        assert!(!format!("{one:?}").contains(&hex::encode(&one.as_secret()[..4])));
    }
}
