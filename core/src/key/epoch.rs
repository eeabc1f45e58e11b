//! Epoch keys: one symmetric key of a compartment, and the sealing of bodies under it (R4).
//!
//! A key knows whose it is. Its name says so too, so that nobody can pass the key of one compartment off as another's
//! (T5).

use std::fmt;

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Compartment;
use crate::id::{CommunityId, EpochId, TopicTag};

const ID_CONTEXT: &str = "linli 2026 epoch id v2";
const BODY_CONTEXT: &str = "linli 2026 body key v2";
const NONCE_CONTEXT: &str = "linli 2026 body nonce v2";

/// The body does not open: another key, another header, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed body does not open")]
pub struct OpenError;

/// A symmetric key of one compartment of one community.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct EpochKey {
    secret: [u8; 32],
    #[zeroize(skip)]
    community: CommunityId,
    #[zeroize(skip)]
    compartment: Compartment,
    #[zeroize(skip)]
    id: EpochId,
}

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochKey({:?})", self.id)
    }
}

impl EpochKey {
    /// Bytes of a key.
    pub const LEN: usize = 32;

    /// Throws a new key.
    pub fn generate(dice: &mut dyn CryptoRng, community: CommunityId, compartment: Compartment) -> Self {
        let mut secret = [0; 32];
        dice.fill_bytes(&mut secret);
        Self::from_bytes(secret, community, compartment)
    }

    /// A key whose bytes came out of a wrap that says whose they are: only the name that follows tells whether it is
    /// so.
    pub fn from_bytes(secret: [u8; 32], community: CommunityId, compartment: Compartment) -> Self {
        let mut id = [0; EpochId::LEN];
        let mut hash = blake3::Hasher::new_derive_key(ID_CONTEXT);
        hash.update(community.as_bytes()).update(&[compartment.code()]).update(&secret).finalize_xof().fill(&mut id);
        Self { secret, community, compartment, id: EpochId::from_bytes(id) }
    }

    /// The same secret as a key of another community. The first key of a community is thrown before that has an id, as
    /// one of the community zero; what was sealed under it then stays so.
    pub fn of(&self, community: CommunityId) -> Self {
        Self::from_bytes(self.secret, community, self.compartment)
    }

    /// The secret bytes, to be wrapped.
    pub const fn as_secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The key's name: 16 bytes of BLAKE3 over community, compartment and secret.
    pub const fn id(&self) -> EpochId {
        self.id
    }

    /// Whose community it is.
    pub const fn community(&self) -> CommunityId {
        self.community
    }

    /// Who can read what it seals.
    pub const fn compartment(&self) -> Compartment {
        self.compartment
    }

    /// Seals a body with AES-256-GCM-SIV (RFC 8452). `place` names the event uniquely and makes the nonce;
    /// `header` is authenticated. The result is 16 bytes longer than the body.
    pub fn seal(&self, topic: TopicTag, place: &[u8], header: &[u8], body: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: body, aad: header };
        // Fails only for messages beyond 64 GiB; ours end at the body limit.
        self.cipher(topic).encrypt(&nonce(place), payload).unwrap_or_default()
    }

    /// Opens a sealed body.
    ///
    /// # Errors
    /// [`OpenError`] when anything differs from what was sealed.
    pub fn open(&self, topic: TopicTag, place: &[u8], header: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let payload = Payload { msg: sealed, aad: header };
        self.cipher(topic).decrypt(&nonce(place), payload).map_err(|_| OpenError)
    }

    fn cipher(&self, topic: TopicTag) -> Aes256GcmSiv {
        let mut hash = blake3::Hasher::new_derive_key(BODY_CONTEXT);
        hash.update(&self.secret).update(self.community.as_bytes()).update(topic.as_bytes());
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
        let mut dice = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
        EpochKey::generate(&mut dice, COMMUNITY, Compartment::Community)
    }

    #[test]
    fn a_body_opens_in_its_place_only() {
        let key = key(1);
        let sealed = key.seal(TOPIC, b"place", b"header", b"body");
        let (elsewhere, topic) = (key.of(CommunityId::from_bytes([9; 32])), TopicTag::from_bytes([9; 16]));

        assert_eq!(key.open(TOPIC, b"place", b"header", &sealed).as_deref(), Ok(b"body".as_slice()));
        assert_eq!(sealed.len(), b"body".len() + 16);
        assert_eq!(elsewhere.open(TOPIC, b"place", b"header", &sealed), Err(OpenError));
        assert_eq!(key.open(topic, b"place", b"header", &sealed), Err(OpenError));
        assert_eq!(key.open(TOPIC, b"elsewhere", b"header", &sealed), Err(OpenError));
        assert_eq!(key.open(TOPIC, b"place", b"another", &sealed), Err(OpenError));
        assert_eq!(self::key(2).open(TOPIC, b"place", b"header", &sealed), Err(OpenError));
    }

    #[test]
    fn a_damaged_or_shortened_body_does_not_open() {
        let key = key(1);
        let sealed = key.seal(TOPIC, b"place", b"header", b"body");
        let opens = |bytes: &[u8]| key.open(TOPIC, b"place", b"header", bytes).is_ok();

        for at in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert!(!opens(&touched) && !opens(&sealed[..at]));
        }
    }

    #[test]
    fn a_key_has_one_name_and_prints_no_secret() {
        let (one, other) = (key(1), key(2));

        assert_eq!(EpochKey::from_bytes(*one.as_secret(), COMMUNITY, Compartment::Community).id(), one.id());
        assert_ne!(one.id(), other.id());
        assert!(!format!("{one:?}").contains(&hex::encode(&one.as_secret()[..4])));
    }

    #[test]
    fn a_name_says_whose_key_it_is_t5() {
        let key = key(1);
        let care = EpochKey::from_bytes(*key.as_secret(), COMMUNITY, Compartment::Care);

        assert_ne!(care.id(), key.id());
        assert_ne!(key.of(CommunityId::ZERO).id(), key.id());
        assert_eq!(key.of(CommunityId::ZERO).of(COMMUNITY), key);
    }
}
