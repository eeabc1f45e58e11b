//! Held: why an event is kept and forwarded, but does not count.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

/// Why an event is kept but does not count.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Held {
    /// Something it builds on is not in storage.
    Parked = 1,
    /// No key yet opens it.
    Sealed = 2,
    /// Its kind or version is not known to this build.
    Newer = 3,
    /// It is not what its kind says.
    Malformed = 4,
    /// Its author lacked the right.
    Unentitled = 5,
    /// Its device is not admitted.
    Stranger = 6,
    /// It lies beyond a cut.
    Cut = 7,
    /// It has been erased.
    Erased = 8,
    /// Its body is gone under an erasure that no longer counts.
    Missing = 9,
    /// Its log has too many branches, and no cut says which of them count.
    Silenced = 10,
    /// Its device has said more in this aggregate than there is room for.
    Crowded = 11,
}

impl Held {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Held; 11] = [
        Held::Parked,
        Held::Sealed,
        Held::Newer,
        Held::Malformed,
        Held::Unentitled,
        Held::Stranger,
        Held::Cut,
        Held::Erased,
        Held::Missing,
        Held::Silenced,
        Held::Crowded,
    ];

    /// The reason with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|held| *held as u8 == code)
    }

    /// Whether nothing is known of what such an event says.
    pub fn is_unread(self) -> bool {
        matches!(self, Held::Erased | Held::Missing | Held::Sealed)
    }

    /// Whether deps on such an event are followed through to its own. The others are void.
    pub fn is_followed(self) -> bool {
        matches!(self, Held::Newer | Held::Malformed | Held::Unentitled)
    }
}
