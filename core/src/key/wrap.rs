//! Wraps: a secret sealed to one device with HPKE (RFC 9180; X25519, HKDF-SHA256, ChaCha20-Poly1305).

use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use minicbor::{Decode, Encode};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::DeviceKeys;
use crate::{
    count::{self, Work},
    id::DeviceId,
    memo,
};

const INFO: &[u8] = b"linli 2026 wrap v2";

/// A secret sealed to one device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Wrap {
    /// The one device that can open it.
    #[n(0)]
    pub device: DeviceId,
    /// The encapsulated X25519 key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub encapsulated: Vec<u8>,
    /// The sealed secret, 16 bytes longer than it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// Why a wrap cannot be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// The recipient's key is no usable X25519 key.
    #[error("the recipient's key cannot be sealed to")]
    Recipient,
    /// It is not for this device, was made for another purpose, or is damaged.
    #[error("the wrap does not open")]
    Closed,
}

/// Seals a secret to a device. `purpose` is authenticated: a wrap opens for the same purpose only.
///
/// # Errors
/// [`WrapError::Recipient`] when the key is unusable.
pub fn wrap(
    mut dice: &mut dyn CryptoRng,
    device: DeviceId,
    sealing: &[u8; 32],
    purpose: &[u8],
    secret: &[u8],
) -> Result<Wrap, WrapError> {
    count::note(Work::Agreement, 1);
    let recipient = <Kem as hpke::Kem>::PublicKey::from_bytes(sealing).map_err(|_| WrapError::Recipient)?;
    let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &recipient,
        INFO,
        secret,
        purpose,
        &mut dice,
    )
    .map_err(|_| WrapError::Recipient)?;
    Ok(Wrap { device, encapsulated: encapsulated.to_bytes().to_vec(), sealed })
}

/// Opens a wrap with the device's keys.
///
/// # Errors
/// [`WrapError::Closed`] when it is not for this device and purpose, or damaged.
pub fn unwrap(keys: &DeviceKeys, purpose: &[u8], wrap: &Wrap) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    count::note(Work::Agreement, 1);
    let question: [&[u8]; 5] = [b"unwrap", keys.sealing(), purpose, &wrap.encapsulated, &wrap.sealed];
    memo::once(&question, || unwrap_now(keys, purpose, wrap))
}

fn unwrap_now(keys: &DeviceKeys, purpose: &[u8], wrap: &Wrap) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    let closed = |_| WrapError::Closed;
    let secret = <Kem as hpke::Kem>::PrivateKey::from_bytes(keys.sealing()).map_err(closed)?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&wrap.encapsulated).map_err(closed)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &secret,
        &encapsulated,
        INFO,
        &wrap.sealed,
        purpose,
    )
    .map(Zeroizing::new)
    .map_err(closed)
}

#[cfg(test)]
pub(super) mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::super::device::is_usable;
    use super::*;

    /// Every point of small order, on the curve and its twist, in every way of writing it; and a good one written twice.
    pub(in crate::key) const UNUSABLE: [&str; 14] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // 9, the base point, and 2²⁵⁵ − 19
        "0900000000000000000000000000000000000000000000000000000000000080",
    ];

    fn sealed() -> (DeviceKeys, DeviceKeys, Wrap) {
        let mut dice = ChaCha20Rng::seed_from_u64(1);
        let (for_whom, other) = (DeviceKeys::generate(&mut dice), DeviceKeys::generate(&mut dice));
        let record = for_whom.record();
        let wrap = wrap(&mut dice, record.device, &record.sealing, b"purpose", b"secret").expect("a usable key");
        (for_whom, other, wrap)
    }

    #[test]
    fn a_wrap_opens_for_its_recipient_and_purpose_only() {
        let (for_whom, other, wrap) = sealed();

        assert_eq!(unwrap(&for_whom, b"purpose", &wrap).as_deref().map(Vec::as_slice), Ok(b"secret".as_slice()));
        assert_eq!(unwrap(&for_whom, b"another", &wrap), Err(WrapError::Closed));
        assert_eq!(unwrap(&other, b"purpose", &wrap), Err(WrapError::Closed));
    }

    #[test]
    fn a_damaged_wrap_stays_closed() {
        let (for_whom, _, wrap) = sealed();
        let mut touched = wrap.clone();
        touched.sealed[0] ^= 1;
        let mut moved = wrap.clone();
        moved.encapsulated[0] ^= 1;
        let short = Wrap { encapsulated: wrap.encapsulated[1..].to_vec(), ..wrap.clone() };
        let empty = Wrap { sealed: Vec::new(), ..wrap };

        for damaged in [touched, moved, short, empty] {
            assert_eq!(unwrap(&for_whom, b"purpose", &damaged), Err(WrapError::Closed));
        }
    }

    #[test]
    fn a_key_of_small_order_is_refused_as_recipient() {
        let mut dice = ChaCha20Rng::seed_from_u64(1);

        let refused = wrap(&mut dice, DeviceId::ZERO, &[0; 32], b"purpose", b"secret");

        assert_eq!(refused, Err(WrapError::Recipient));
    }

    #[test]
    fn a_key_is_usable_exactly_if_it_can_be_sealed_to_and_is_written_in_the_one_way() {
        for text in UNUSABLE {
            let key: [u8; 32] = hex::decode(text).expect("hex").try_into().expect("32 bytes");
            assert!(!is_usable(&key), "{text}");
        }
        let mut dice = ChaCha20Rng::seed_from_u64(1);
        for _ in 0..32 {
            assert!(is_usable(&DeviceKeys::generate(&mut dice).record().sealing));
        }
        let base = "0900000000000000000000000000000000000000000000000000000000000000";
        assert!(is_usable(&hex::decode(base).expect("hex").try_into().expect("32 bytes")));
    }

    #[test]
    fn two_wraps_of_one_secret_do_not_look_alike() {
        let mut dice = ChaCha20Rng::seed_from_u64(1);
        let record = DeviceKeys::generate(&mut dice).record();
        let mut once = || wrap(&mut dice, record.device, &record.sealing, b"purpose", b"secret").expect("usable");

        assert_ne!(once().sealed, once().sealed);
    }
}
