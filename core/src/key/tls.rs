//! The key a device shows in TLS (RFC 7250): it signs handshakes and nothing else, and never leaves this module.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};

/// A device's secret TLS key (Ed25519, RFC 8032). Wiped when dropped.
#[derive(Clone)]
pub struct TlsKey(SigningKey);

impl fmt::Debug for TlsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsKey(…)")
    }
}

impl TlsKey {
    pub(super) fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public half, as it stands in a [`DeviceRecord`](super::DeviceRecord).
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// A secret that this key alone makes, for one purpose of the transports.
    pub(crate) fn derive(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, self.0.as_bytes())
    }

    /// Signs a handshake. The caller is TLS 1.3, which begins every message with 64 spaces and a context of its own
    /// (RFC 8446 §4.4.3), so that the signature fits nothing else.
    pub fn sign(&self, transcript: &[u8]) -> [u8; 64] {
        self.0.sign(transcript).to_bytes()
    }
}
