//! Codes: texts that are shown as a QR code or pasted.
//!
//! They consist of letters and digits that a QR code packs densely, with a version and a check against damage. They
//! prove nothing.

use core::net::{IpAddr, SocketAddr};

use data_encoding::BASE32_NOPAD;

/// Why a text is not what was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It is something else.
    #[error("this is another text")]
    NotOne,
    /// A newer build made it.
    #[error("version {version} is newer than this build")]
    Newer {
        /// The version it was made in.
        version: u8,
    },
    /// Letters are wrong or missing.
    #[error("the text is damaged")]
    Damaged,
}

/// One kind of text.
pub(super) struct Code {
    /// What it begins with; capitals and a colon.
    pub(super) prefix: &'static str,
    /// The newest version, and the only one.
    pub(super) version: u8,
    /// The context of its check.
    pub(super) check: &'static str,
}

impl Code {
    /// Writes bytes as a code that is read aloud or scanned.
    pub(super) fn write(&self, bytes: &[u8]) -> String {
        let mut all = vec![self.version];
        all.extend(bytes);
        let check = self.check_of(&all);
        all.extend(check);
        format!("{}{}", self.prefix, BASE32_NOPAD.encode(&all))
    }

    /// Reads bytes, in capitals or not, spaces and line breaks among the letters or not.
    pub(super) fn read(&self, text: &str) -> Result<Vec<u8>, CodeError> {
        let letters: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let letters = letters.strip_prefix(self.prefix).ok_or(CodeError::NotOne)?;
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| CodeError::Damaged)?;
        let (said, written) = bytes.split_last_chunk::<4>().ok_or(CodeError::Damaged)?;
        match said.split_first() {
            _ if self.check_of(said) != *written => Err(CodeError::Damaged),
            Some((version, said)) if *version == self.version => Ok(said.to_vec()),
            Some((version, _)) => Err(CodeError::Newer { version: *version }),
            None => Err(CodeError::Damaged),
        }
    }

    /// Four bytes that tell a damaged text from a whole one.
    fn check_of(&self, bytes: &[u8]) -> [u8; 4] {
        let mut check = [0; 4];
        blake3::Hasher::new_derive_key(self.check).update(bytes).finalize_xof().fill(&mut check);
        check
    }
}

/// Writes an address: family, address, port.
pub(super) fn put_address(bytes: &mut Vec<u8>, address: &SocketAddr) {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => bytes.extend([[4].as_slice(), &ip.octets()].concat()),
        IpAddr::V6(ip) => bytes.extend([[6].as_slice(), &ip.octets()].concat()),
    }
    bytes.extend(address.port().to_be_bytes());
}

/// Reads an address, and what follows it.
pub(super) fn read_address(bytes: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (family, bytes) = bytes.split_first()?;
    let (ip, bytes) = match family {
        4 => bytes.split_first_chunk::<4>().map(|(ip, rest)| (IpAddr::from(*ip), rest))?,
        6 => bytes.split_first_chunk::<16>().map(|(ip, rest)| (IpAddr::from(*ip), rest))?,
        _ => return None,
    };
    let (port, bytes) = bytes.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), bytes))
}
