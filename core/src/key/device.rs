//! A device's keys: Ed25519 to sign, Ed25519 for TLS, X25519 to be given secrets.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use rand::CryptoRng;
use serde::Serialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::TlsKey;
use crate::id::DeviceId;

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

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
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
}

/// What a device shows of itself to be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct DeviceRecord {
    /// Its signing key.
    #[n(0)]
    pub device: DeviceId,
    /// Its TLS key (RFC 7250 raw Ed25519).
    #[cbor(n(1), with = "minicbor::bytes")]
    #[serde(with = "hex::serde")]
    pub tls: [u8; 32],
    /// Its X25519 key, to which secrets are sealed.
    #[cbor(n(2), with = "minicbor::bytes")]
    #[serde(with = "hex::serde")]
    pub sealing: [u8; 32],
}

/// A device's secret keys.
#[derive(ZeroizeOnDrop)]
pub struct DeviceKeys {
    signing: [u8; 32],
    tls: [u8; 32],
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
    /// Bytes of the stored form: the three secret keys.
    pub const LEN: usize = 96;

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
        Self { signing: part(0), tls: part(32), sealing: part(64), signer: SigningKey::from_bytes(&part(0)) }
    }

    /// The stored form, for a [`SecretStore`](super::SecretStore).
    pub fn to_secret(&self) -> zeroize::Zeroizing<Vec<u8>> {
        [self.signing, self.tls, self.sealing].concat().into()
    }

    /// The device these keys are.
    pub fn device(&self) -> DeviceId {
        DeviceId::from_bytes(self.signer.verifying_key().to_bytes())
    }

    /// What the device shows of itself.
    pub fn record(&self) -> DeviceRecord {
        DeviceRecord {
            device: self.device(),
            tls: self.tls().public(),
            sealing: x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(self.sealing)).to_bytes(),
        }
    }

    /// The key it shows in TLS.
    pub fn tls(&self) -> TlsKey {
        TlsKey::from_secret(&self.tls)
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
    let key = VerifyingKey::from_bytes(device.as_bytes()).map_err(|_| KeyError::Key)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(&domain(context, message), &signature).map_err(|_| KeyError::Signature)
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
}
