//! Invitations: what lets a device ask to be admitted, how it proves that it was shown one, and what both people
//! compare.
//!
//! Pure: told what came and when, it answers what to say. It knows no connection, no clock, no screen; whoever drives
//! it hands in the secret that both ends of a TLS connection derive, and asks a person. It refuses to admit anybody:
//! the roster does, when the inviting person has confirmed.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

mod dialogue;
mod inviter;
mod text;

use core::net::SocketAddr; // an address as data; sockets are std's
use std::{fmt, str::FromStr};

use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Role;
use crate::{
    id::{CommunityId, DeviceId, MemberId},
    key::DeviceRecord,
};

pub use dialogue::{Ask, Ear, Garbled, Said, Turned, first_words};
pub use inviter::{Caller, Confirmed, Ended, Inviter, Inviting, Verdict};

const PROOF: &str = "linli 2026 invitation proof v2";
const DIGITS: &str = "linli 2026 join digits v2";

/// What the inviter has decided about whoever comes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Offer {
    /// Coordinator or volunteer, for good.
    pub role: Role,
    /// Whose device it is; none for a person who has no other here.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub member: Option<MemberId>,
    /// The person's name.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub name: Option<String>,
}

/// An invitation as it is shown, in a QR code or as text: a bystander who reads it can ask, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The community that invites.
    pub community: CommunityId,
    /// The inviting device: no other is talked to.
    pub device: DeviceId,
    /// What proves that the asker was shown this invitation. It is never sent.
    pub secret: InviteSecret,
    /// What the asker is to be. A hint for the screen: the inviter's own note decides.
    pub role: Role,
    /// Where the inviting device may be reached, at most [`limits::ADDRESSES`](crate::limits::ADDRESSES). Hints, too.
    pub addresses: Vec<SocketAddr>,
}

/// The one-time secret of an invitation. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct InviteSecret([u8; 16]);

impl fmt::Debug for InviteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteSecret(…)")
    }
}

impl InviteSecret {
    /// Bytes of a secret.
    pub const LEN: usize = 16;

    /// Throws a new one.
    pub fn generate(dice: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; Self::LEN];
        dice.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// One that was shown.
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Proves knowledge of it for one connection and one device: keyed BLAKE3 over the connection's secret and the
    /// record, so that it fits no other.
    fn proof(&self, connection: &[u8; 32], record: &DeviceRecord) -> blake3::Hash {
        let key = blake3::derive_key(PROOF, &self.0);
        blake3::Hasher::new_keyed(&key).update(connection).update(&record.to_bytes()).finalize()
    }
}

/// The six digits that both screens show.
///
/// They depend on the connection's secret and the asker's record: whoever else connects sees other ones, but for one
/// chance in a million, and gets one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digits(u32);

impl Digits {
    /// Those of a connection and of the device that asks over it.
    pub fn of(connection: &[u8; 32], record: &DeviceRecord) -> Self {
        let mut hash = [0; 8];
        let mut hasher = blake3::Hasher::new_derive_key(DIGITS);
        hasher.update(connection).update(&record.to_bytes()).finalize_xof().fill(&mut hash);
        // Below 1,000,000, so it fits.
        Self(u32::try_from(u64::from_be_bytes(hash) % 1_000_000).unwrap_or_default())
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// Six digits, spaces among them or not.
impl FromStr for Digits {
    type Err = NotDigits;

    fn from_str(text: &str) -> Result<Self, NotDigits> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let right = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| right).map(Self).ok_or(NotDigits)
    }
}

/// The text is not six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are not six digits")]
pub struct NotDigits;

/// Why a text is no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// It does not begin as one.
    #[error("this is not an invitation")]
    NotOne,
    /// A newer app made it.
    #[error("this invitation has version {version}, which this app does not know")]
    Newer {
        /// The version it was made in.
        version: u8,
    },
    /// Something of it is missing, or was changed on the way.
    #[error("the invitation is damaged or incomplete")]
    Damaged,
}
