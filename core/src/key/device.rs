//! A device's keys: Ed25519 to sign and to be known by, X25519 to be given secrets.
//!
//! One Ed25519 key is the device: it signs events, it is shown in TLS, and it is the device's id. So nobody can name
//! another's key as their own, and no list says which key belongs to whom.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Decoder, Encode, Encoder};
use rand::CryptoRng;
use serde::{Serialize, Serializer};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::TlsKey;
use crate::{
    count::{self, Work},
    id::DeviceId,
    memo,
    sabotage::Rule,
};

/// An Ed25519 signature (RFC 8032).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Bytes of a signature.
    pub const LEN: usize = 64;

    /// Takes a slice, if its length fits.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes as they stand on the wire.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl<C> Encode<C> for Signature {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Signature {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let at = from.position();
        Self::from_slice(from.bytes()?).ok_or_else(|| minicbor::decode::Error::message("no signature").at(at))
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

/// Whether secrets can be sealed to an X25519 key (RFC 7748): it is written as a number below 2²⁵⁵ − 19, and a point of
/// small order it is not, for with such a one every secret that is agreed on is zero.
pub(super) fn is_usable(sealing: &[u8; 32]) -> bool {
    // 2²⁵⁵ − 19, least byte first: 0xed, thirty times 0xff, 0x7f.
    let [least, middle @ .., greatest] = sealing;
    let is_canonical =
        *greatest < 0x7f || (*greatest == 0x7f && (middle.iter().any(|byte| *byte != 0xff) || *least < 0xed));
    let agrees = || {
        let secret = x25519_dalek::StaticSecret::from([0x5a; 32]);
        secret.diffie_hellman(&x25519_dalek::PublicKey::from(*sealing)).was_contributory()
    };
    is_canonical && memo::once(&[b"usable", sealing], agrees)
}

/// Why a key or signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The device id is no point on the curve, or one of small order.
    #[error("not a usable public key")]
    Key,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Signature,
    /// Stored key bytes have the wrong length.
    #[error("stored keys are damaged")]
    Damaged,
    /// Nothing can be sealed to the X25519 key: it is of small order, or written in another way than the one.
    #[error("not a key that can be sealed to")]
    Sealing,
}

/// Under this a device signs its sealing key.
const RECORD_CONTEXT: &str = "linli device v2";

/// What a device shows of itself to be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct DeviceRecord {
    /// Its Ed25519 key: what it signs with, what it shows in TLS, and its name.
    #[n(0)]
    pub device: DeviceId,
    /// Its X25519 key, to which secrets are sealed.
    #[cbor(n(1), with = "minicbor::bytes")]
    #[serde(with = "hex::serde")]
    pub sealing: [u8; 32],
    /// The device's signature over its sealing key: nobody else says to which key a device's secrets go.
    #[n(2)]
    pub proof: Signature,
}

impl DeviceRecord {
    /// Bytes of the flat form: device, sealing key, proof.
    pub const LEN: usize = 128;

    /// Whether the device itself says this, and secrets can be sealed to it.
    ///
    /// # Errors
    /// What of it is of no use.
    pub fn check(&self) -> Result<(), KeyError> {
        if !is_usable(&self.sealing) && !Rule::SealingKey.is_left_out() {
            return Err(KeyError::Sealing);
        }
        if Rule::RecordProof.is_left_out() {
            return Ok(());
        }
        verify(self.device, RECORD_CONTEXT, &self.sealing, &self.proof)
    }

    /// The flat form.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..32].copy_from_slice(self.device.as_bytes());
        bytes[32..64].copy_from_slice(&self.sealing);
        bytes[64..].copy_from_slice(self.proof.as_bytes());
        bytes
    }

    /// Reads the flat form and checks it.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] for another length, else as [`check`](Self::check).
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        let (device, bytes) = bytes.split_first_chunk::<32>().ok_or(KeyError::Damaged)?;
        let (sealing, proof) = bytes.split_first_chunk::<32>().ok_or(KeyError::Damaged)?;
        let proof = Signature::from_slice(proof).ok_or(KeyError::Damaged)?;
        let record = Self { device: DeviceId::from_bytes(*device), sealing: *sealing, proof };
        record.check().map(|()| record)
    }
}

/// A device's secret keys.
#[derive(ZeroizeOnDrop)]
pub struct DeviceKeys {
    signing: [u8; 32],
    sealing: [u8; 32],
    #[zeroize(skip)]
    signer: SigningKey,
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKeys({:?})", self.device())
    }
}

impl DeviceKeys {
    /// Bytes of the stored form: the two secret keys.
    pub const LEN: usize = 64;

    /// Throws new keys.
    pub fn generate(dice: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; Self::LEN];
        dice.fill_bytes(&mut bytes);
        let keys = Self::build(&bytes);
        bytes.zeroize();
        keys
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] when the length is wrong.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self::build).map_err(|_| KeyError::Damaged)
    }

    pub(super) fn build(bytes: &[u8; Self::LEN]) -> Self {
        let part = |from: usize| {
            let mut part = [0; 32];
            part.copy_from_slice(&bytes[from..from + 32]);
            part
        };
        let signer = memo::once(&[b"signer", &part(0)], || SigningKey::from_bytes(&part(0)));
        Self { signing: part(0), sealing: part(32), signer }
    }

    /// The stored form, for a [`SecretStore`](super::SecretStore).
    pub fn to_secret(&self) -> zeroize::Zeroizing<Vec<u8>> {
        [self.signing, self.sealing].concat().into()
    }

    /// The device these keys are.
    pub fn device(&self) -> DeviceId {
        DeviceId::from_bytes(self.signer.verifying_key().to_bytes())
    }

    /// What the device shows of itself.
    pub fn record(&self) -> DeviceRecord {
        memo::once(&[b"record", &self.signing, &self.sealing], || {
            let sealing = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(self.sealing)).to_bytes();
            self.record_of(sealing)
        })
    }

    /// What the device would show of itself with this sealing key. It is signed, whatever it is worth.
    pub fn record_of(&self, sealing: [u8; 32]) -> DeviceRecord {
        DeviceRecord { device: self.device(), sealing, proof: self.sign(RECORD_CONTEXT, &sealing) }
    }

    /// The same key, as it signs handshakes.
    pub fn tls(&self) -> TlsKey {
        TlsKey::from_signer(self.signer.clone())
    }

    /// Signs under a context, so that a signature for one purpose fits no other.
    pub fn sign(&self, context: &'static str, message: &[u8]) -> Signature {
        Signature(self.signer.sign(&domain(context, message)).to_bytes())
    }

    /// The X25519 secret, to open what was sealed to this device.
    pub(super) fn sealing(&self) -> &[u8; 32] {
        &self.sealing
    }
}

/// Checks a signature, strictly (`verify_strict`: no small-order keys, no malleability).
///
/// # Errors
/// Whether the key or the signature is at fault.
pub fn verify(device: DeviceId, context: &'static str, message: &[u8], signature: &Signature) -> Result<(), KeyError> {
    count::note(Work::Signature, 1);
    memo::once(&[b"signature", device.as_bytes(), context.as_bytes(), message, &signature.0], || {
        let key = VerifyingKey::from_bytes(device.as_bytes()).map_err(|_| KeyError::Key)?;
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        key.verify_strict(&domain(context, message), &signature).map_err(|_| KeyError::Signature)
    })
}

/// One length byte, the context, the message.
fn domain(context: &'static str, message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + context.len() + message.len());
    bytes.push(u8::try_from(context.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(context.as_bytes());
    bytes.extend_from_slice(message);
    bytes
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_signature_fits_one_purpose_only() {
        let keys = DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let signature = keys.sign("purpose one", b"message");

        assert_eq!(verify(keys.device(), "purpose one", b"message", &signature), Ok(()));
        assert_eq!(verify(keys.device(), "purpose two", b"message", &signature), Err(KeyError::Signature));
        assert_eq!(verify(keys.device(), "purpose one", b"another", &signature), Err(KeyError::Signature));
    }

    #[test]
    fn keys_come_back_from_their_stored_form_and_print_no_secret() {
        let keys = DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let stored = keys.to_secret();

        let again = DeviceKeys::from_slice(&stored).expect("just stored");

        assert_eq!(again.record(), keys.record());
        assert!(!format!("{keys:?}").contains(&hex::encode(&stored[..4])));
        assert_eq!(DeviceKeys::from_slice(&stored[1..]).unwrap_err(), KeyError::Damaged);
    }

    #[test]
    fn a_sealing_key_is_the_devices_own_word() {
        let keys = [1, 2].map(|seed| DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed)));
        let [own, others] = keys.each_ref().map(DeviceKeys::record);

        assert_eq!(DeviceRecord::from_slice(&own.to_bytes()), Ok(own));
        assert_eq!(DeviceRecord { sealing: others.sealing, ..own }.check(), Err(KeyError::Signature));
        assert_eq!(DeviceRecord { device: others.device, ..own }.check(), Err(KeyError::Signature));
        assert_eq!(DeviceRecord { proof: others.proof, ..own }.check(), Err(KeyError::Signature));
        let weak = DeviceRecord { device: DeviceId::ZERO, ..own };
        assert!(weak.check().is_err(), "a key that signs for everybody");
    }

    #[test]
    fn a_key_that_cannot_be_sealed_to_is_no_record_whoever_signs_it() {
        let keys = DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
        for sealing in crate::key::wrap::tests::UNUSABLE.map(|text| hex::decode(text).expect("hex")) {
            let record = keys.record_of(sealing.try_into().expect("32 bytes"));
            assert_eq!(record.check(), Err(KeyError::Sealing), "{record:?}");
        }
    }
}
