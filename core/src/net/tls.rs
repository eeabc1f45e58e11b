//! One TLS for every transport: version 1.3 alone, a raw Ed25519 key at either end (RFC 7250), judged by the host.
//!
//! Resumption, tickets and early data are off: with them a withdrawn key comes back in without being judged.

use std::{fmt, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureAlgorithm, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{
        AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::{CertifiedKey, Signer, SigningKey},
};

use super::{Expected, Host};
use crate::{id::DeviceId, key::TlsKey};

/// What is spoken inside, as TLS names it (ALPN, RFC 7301).
pub(super) const ALPN: &[u8] = b"linli/2";
/// The same for whoever asks to be admitted.
pub(super) const JOIN: &[u8] = b"linli-join/2";
/// What a SubjectPublicKeyInfo of an Ed25519 key begins with (RFC 8410 §4); the key follows.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The name that TLS demands of a server and that nobody looks at: it is not sent.
pub(super) const NAME: &str = "linli";

/// The configurations of one device.
#[derive(Clone)]
pub(super) struct Tls {
    host: Arc<dyn Host>,
    provider: Arc<CryptoProvider>,
    key: Arc<CertifiedKey>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    pub(super) fn new(host: Arc<dyn Host>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let shown = spki(&host.tls().public());
        let key = CertifiedKey::new(vec![CertificateDer::from(shown)], Arc::new(OwnKey(host.tls().clone())));
        Self { host, provider, key: Arc::new(key) }
    }

    pub(super) fn host(&self) -> &Arc<dyn Host> {
        &self.host
    }

    /// For the end that accepts.
    pub(super) fn server(&self) -> Result<ServerConfig, Error> {
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(Arc::new(Judge { asks: true, ..self.judge(Expected::Member) }))
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(self.key.clone())));
        config.alpn_protocols = vec![ALPN.to_vec(), JOIN.to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Ok(config)
    }

    /// For the end that dials, and whom it expects.
    pub(super) fn client(&self, expected: Expected) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(self.judge(expected)))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(self.key.clone())));
        let spoken = if matches!(expected, Expected::Inviter { .. }) { JOIN } else { ALPN };
        config.alpn_protocols = vec![spoken.to_vec()];
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        config.enable_sni = false;
        Ok(config)
    }

    /// Who showed this, asked again now: the roster may have changed since the handshake.
    pub(super) fn who(&self, shown: &[CertificateDer<'_>], expected: Expected) -> Option<DeviceId> {
        Self::shown(shown).filter(|device| expected.is(self.host.as_ref(), *device))
    }

    /// The device whose key was shown.
    pub(super) fn shown(shown: &[CertificateDer<'_>]) -> Option<DeviceId> {
        shown.first().and_then(|shown| key_of(shown))
    }

    fn judge(&self, expected: Expected) -> Judge {
        Judge { host: self.host.clone(), provider: self.provider.clone(), expected, asks: false }
    }
}

fn spki(key: &[u8; 32]) -> Vec<u8> {
    [&SPKI[..], key].concat()
}

/// The device whose key stands in a SubjectPublicKeyInfo, if it is one of Ed25519.
fn key_of(shown: &CertificateDer<'_>) -> Option<DeviceId> {
    shown.as_ref().strip_prefix(&SPKI)?.try_into().ok().map(DeviceId::from_bytes)
}

/// This device's key, which signs where it lies.
#[derive(Debug)]
struct OwnKey(TlsKey);

impl SigningKey for OwnKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SignatureScheme::ED25519).then(|| Box::new(Self(self.0.clone())) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(spki(&self.0.public()).into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for OwnKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = self.0.sign(message).ok_or(Error::General("not a handshake".into()))?;
        Ok(signed.to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// Asks the host about every key that is shown.
struct Judge {
    host: Arc<dyn Host>,
    provider: Arc<CryptoProvider>,
    expected: Expected,
    /// Whether an unknown key may come in to ask, while an invitation is open. What it may speak is judged after the
    /// handshake: nothing but that.
    asks: bool,
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge")
    }
}

impl Judge {
    fn admit(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        let welcome =
            |device: &DeviceId| self.expected.is(self.host.as_ref(), *device) || (self.asks && self.host.invites());
        let refusal = rustls::CertificateError::ApplicationVerificationFailure;
        key_of(shown).filter(welcome).map(drop).ok_or(Error::InvalidCertificate(refusal))
    }

    fn check(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(shown.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.provider.signature_verification_algorithms)
    }
}

/// TLS 1.2 is not spoken, so nothing of it holds.
fn old() -> Error {
    Error::PeerIncompatible(rustls::PeerIncompatible::Tls12NotOffered)
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.admit(shown).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(old())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Judge {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.admit(shown).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(old())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rustls::{ClientConnection, HandshakeKind, ServerConnection, client::ClientSessionMemoryCache};

    use super::*;
    use crate::{
        key::DeviceKeys,
        net::{AnyConversation, ConversationError},
        time::Mono,
    };

    /// Welcomes one device.
    struct Gate {
        own: TlsKey,
        welcome: DeviceId,
    }

    impl Host for Gate {
        fn device(&self) -> DeviceId {
            DeviceId::from_bytes(self.own.public())
        }
        fn tls(&self) -> &TlsKey {
            &self.own
        }
        fn welcomes(&self, device: DeviceId) -> bool {
            device == self.welcome
        }
        fn converse(&self, _: DeviceId) -> Result<AnyConversation, ConversationError> {
            Err(ConversationError::Withdrawn)
        }
        fn now(&self) -> Mono {
            Mono(0)
        }
    }

    /// Two devices that welcome each other.
    fn pair() -> [Tls; 2] {
        let keys = [1, 2].map(|seed| DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed)));
        [(0, 1), (1, 0)].map(|(own, other): (usize, usize)| {
            Tls::new(Arc::new(Gate { own: keys[own].tls(), welcome: keys[other].device() }))
        })
    }

    fn shake(client: ClientConfig, server: ServerConfig) -> Result<(ClientConnection, ServerConnection), Error> {
        let name = ServerName::try_from(NAME).expect("a name");
        let mut client = ClientConnection::new(Arc::new(client), name)?;
        let mut server = ServerConnection::new(Arc::new(server))?;
        for _ in 0..4 {
            let (mut there, mut back) = (Vec::new(), Vec::new());
            client.write_tls(&mut there).expect("memory");
            server.read_tls(&mut &there[..]).expect("memory");
            server.process_new_packets()?;
            server.write_tls(&mut back).expect("memory");
            client.read_tls(&mut &back[..]).expect("memory");
            client.process_new_packets()?;
        }
        Ok((client, server))
    }

    #[test]
    fn no_session_is_resumed_however_much_a_dialler_wishes_it() {
        let [dials, waits] = pair();
        let mut asks = dials.client(Expected::Member).expect("valid");
        asks.resumption = Resumption::store(Arc::new(ClientSessionMemoryCache::new(8)));
        asks.enable_early_data = true;

        for _ in 0..2 {
            let (client, server) = shake(asks.clone(), waits.server().expect("valid")).expect("both are welcome");

            assert_eq!(client.tls13_tickets_received(), 0);
            assert_eq!(server.handshake_kind(), Some(HandshakeKind::Full));
            assert!(!client.is_early_data_accepted());
        }
    }

    #[test]
    fn who_shows_no_key_is_refused() {
        let [dials, waits] = pair();
        let mut bare = dials.client(Expected::Member).expect("valid");
        bare.client_auth_cert_resolver = Arc::new(Nothing);

        assert!(shake(bare, waits.server().expect("valid")).is_err());
    }

    #[derive(Debug)]
    struct Nothing;

    impl rustls::client::ResolvesClientCert for Nothing {
        fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
            None
        }
        fn only_raw_public_keys(&self) -> bool {
            true
        }
        fn has_certs(&self) -> bool {
            false
        }
    }

    #[test]
    fn a_key_that_is_shown_must_also_sign() {
        let [dials, waits] = pair();
        let thief = DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(3));
        let shown = CertificateDer::from(spki(&dials.host.tls().public()));
        let mut config = dials.client(Expected::Member).expect("valid");
        let forged = CertifiedKey::new(vec![shown], Arc::new(OwnKey(thief.tls())));
        config.client_auth_cert_resolver = Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::new(forged)));

        let refused = shake(config, waits.server().expect("valid")).expect_err("the signature is another's");

        assert!(matches!(refused, Error::InvalidCertificate(rustls::CertificateError::BadSignature)), "{refused:?}");
    }

    #[test]
    fn only_what_is_spoken_here_is_agreed_on() {
        let [dials, waits] = pair();
        let mut other = dials.client(Expected::Member).expect("valid");
        other.alpn_protocols = vec![b"h3".to_vec()];

        let refused = shake(other, waits.server().expect("valid")).expect_err("another protocol");

        assert!(matches!(refused, Error::NoApplicationProtocol), "{refused:?}");
    }
}
