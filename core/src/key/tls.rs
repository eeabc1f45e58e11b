//! A device's key as it signs handshakes (RFC 7250).
//!
//! The same key signs events. The two uses are kept apart by what is signed: here only texts that begin as TLS 1.3
//! begins every handshake, and nothing else of ours begins so.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};

/// What a signature of TLS 1.3 begins with (RFC 8446 §4.4.3): 64 spaces, who signs, a zero.
const PREFIXES: [&[u8]; 2] = [
    b"                                                                TLS 1.3, client CertificateVerify\0",
    b"                                                                TLS 1.3, server CertificateVerify\0",
];

/// A device's key (Ed25519, RFC 8032), for handshakes alone. Wiped when dropped.
#[derive(Clone)]
pub struct TlsKey(SigningKey);

impl fmt::Debug for TlsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsKey(…)")
    }
}

impl TlsKey {
    pub(super) const fn from_signer(signer: SigningKey) -> Self {
        Self(signer)
    }

    /// The public half: the device's id.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// A secret that this key alone makes, for one purpose of the transports.
    pub(crate) fn derive(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, self.0.as_bytes())
    }

    /// Signs a handshake, and nothing else: `None` for what TLS 1.3 would not ask.
    ///
    /// A signature of ours is over a context's length, the context and a message. To pass for one of TLS its context
    /// would have 32 bytes, all of them spaces; ours begin with `linli`. So neither can be taken for the other.
    pub fn sign(&self, transcript: &[u8]) -> Option<[u8; 64]> {
        let asked = PREFIXES.iter().any(|prefix| transcript.starts_with(prefix));
        asked.then(|| self.0.sign(transcript).to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::key::{DeviceKeys, Signature, verify};

    fn keys() -> DeviceKeys {
        DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1))
    }

    #[test]
    fn a_handshake_is_signed_and_nothing_that_we_sign_elsewhere() {
        let tls = keys().tls();
        let ours = [&[14][..], b"linli event v2", &[7; 32]].concat();

        assert!(PREFIXES.iter().all(|prefix| tls.sign(&[*prefix, &[7; 32]].concat()).is_some()));
        assert_eq!(tls.sign(&ours), None);
        assert_eq!(tls.sign(&PREFIXES[0][1..]), None, "a space too few");
        assert_eq!(tls.sign(b""), None);
    }

    #[test]
    fn a_signature_of_a_handshake_is_none_of_an_event_nor_the_other_way_round() {
        let keys = keys();
        for prefix in PREFIXES {
            let transcript = [prefix, &[7; 32]].concat();
            let signed = keys.tls().sign(&transcript).and_then(|bytes| Signature::from_slice(&bytes)).expect("TLS");

            // Read as one of ours, the length byte is the first space: 32 bytes of context, all spaces.
            let as_ours = verify(keys.device(), "                                ", &transcript[33..], &signed);
            assert_eq!(as_ours, Ok(()), "a context of spaces is what it would take");
            for context in ["linli event v2", "linli device v2"] {
                assert!(!context.starts_with(' '));
                assert!(verify(keys.device(), context, &transcript, &signed).is_err());
            }
        }
        let signed = keys.sign("linli event v2", &[7; 32]);
        let signed = ed25519_dalek::Signature::from_bytes(signed.as_bytes());
        let key = keys.tls().0.verifying_key();
        for prefix in PREFIXES {
            assert!(key.verify_strict(&[prefix, &[7; 32]].concat(), &signed).is_err());
        }
    }
}
