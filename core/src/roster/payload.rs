//! Payloads: what each kind of roster event carries. CBOR with integer keys; read strictly, because what is let through
//! counts forever. It does not know which kind carries which.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::Sealed;
use crate::{
    event::Compartment,
    id::{DeviceId, EpochId, EventId, Incarnation, LAST_PLACE, LogId, MemberId, Reference, TopicTag},
    key::{DeviceRecord, EpochKey, KeyError, Wrap},
    limits,
    vocabulary::Says,
};

/// What a device is, fixed when its key is admitted.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Role {
    /// 网格员, office: changes the roster.
    #[n(0)]
    Coordinator,
    /// A person who helps.
    #[n(1)]
    Volunteer,
    /// Keeps and forwards, reads no body, acts for nobody.
    #[n(2)]
    Relay,
    /// One that only a later build knows. Such a device's logs are kept and passed on; what it did is for that build to say.
    #[n(255)]
    Later,
}

/// Rights that come and go.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Grant {
    /// 楼长 of these buildings.
    #[n(0)]
    Leader {
        /// Ids of the buildings.
        #[n(0)]
        buildings: Vec<String>,
    },
    /// Keeper of these medicine boxes.
    #[n(1)]
    Keeper {
        /// The boxes, by their creating events.
        #[n(0)]
        boxes: Vec<Reference>,
    },
    /// May read and write the care register.
    #[n(2)]
    Care,
}

/// The community begins. Its event id is the community's id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct Founded {
    /// The founder's device: the first coordinator.
    #[n(0)]
    pub founder: DeviceRecord,
    /// The recovery kit: an offline coordinator above all others.
    #[n(1)]
    pub kit: Option<DeviceRecord>,
    /// The tag of the topic `care`, so that all, a relay too, know which logs end with the `care` grant.
    #[n(2)]
    pub care: TopicTag,
    /// The founder's name.
    #[n(3)]
    pub label: Option<Sealed>,
}

/// A device is admitted, once and in one role.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct Admitted {
    /// The keys of the device.
    #[n(0)]
    pub record: DeviceRecord,
    /// Its role, for good.
    #[n(1)]
    pub role: Role,
    /// The person whose device it is, named by their first device; none for a relay.
    #[n(2)]
    pub member: Option<MemberId>,
    /// The person's or the relay's name.
    #[n(3)]
    pub label: Option<Sealed>,
    /// Where a relay is reached, such as `relay.example:4433`.
    #[cbor(n(4), default, skip_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// A device is given a right, from the beginning of its logs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct Granted {
    /// Who is given it.
    #[n(0)]
    pub device: DeviceId,
    /// The right that is given.
    #[n(1)]
    pub grant: Grant,
    /// Removals of it that are known and after which it is given again: for new incarnations only.
    #[cbor(n(2), default, skip_if = "Vec::is_empty")]
    pub after: Vec<Reference>,
    /// What makes one of several: see [`Revoked::act`].
    #[n(3)]
    pub act: Option<u64>,
}

/// A device loses a right: what is not in the chains of the named heads was not entitled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct GrantRemoved {
    /// Who loses it.
    #[n(0)]
    pub device: DeviceId,
    /// The right that is taken.
    #[n(1)]
    pub grant: Grant,
    /// Up to where it held, per log.
    #[cbor(n(2), default)]
    pub heads: Vec<Cut>,
    /// The device's known incarnations: in these it never comes back.
    #[cbor(n(3), default)]
    pub incarnations: Vec<Incarnation>,
    /// What makes one of several: see [`Revoked::act`].
    #[n(4)]
    pub act: Option<u64>,
}

/// One event at which a log, or a branch of it, ends for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct CutHead {
    /// Its place in the log.
    #[n(0)]
    pub seq: u64,
    /// Its id: the chain hash.
    #[n(1)]
    pub id: EventId,
}

/// Where one log ends: what is no chain ancestor of one of the heads stands outside.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Cut {
    /// The log that ends.
    #[n(0)]
    pub log: LogId,
    /// The last event of each branch that stands, usually one.
    #[cbor(n(1), default)]
    pub heads: Vec<CutHead>,
}

/// A device is withdrawn by a cut (R8).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct Revoked {
    /// Who is withdrawn.
    #[n(0)]
    pub device: DeviceId,
    /// What stands of its logs; nothing of a log that is not named.
    #[cbor(n(1), default)]
    pub cuts: Vec<Cut>,
    /// Earlier cuts in whose place this one stands; may raise them.
    #[cbor(n(2), default, skip_if = "Vec::is_empty")]
    pub replaces: Vec<Reference>,
    /// What makes one cut of several events: those of one author about one device that carry the same number say
    /// together what stands, so that nobody escapes a cut by having more logs than an event can name.
    #[n(3)]
    pub act: Option<u64>,
}

/// A parent's key under the new epoch's, so that the newest key opens all history.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Says)]
#[cbor(map)]
pub struct SealedParent {
    /// The epoch of the parent.
    #[n(0)]
    pub epoch: EpochId,
    /// Its key, sealed; 48 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// An epoch key for some of its recipients. Several events may carry one epoch; the recipients are the union.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct KeysSealed {
    /// Whose key it is.
    #[n(0)]
    pub compartment: Compartment,
    /// One more than the greatest of its parents', from 0.
    #[n(1)]
    pub generation: u64,
    /// The key's name.
    #[n(2)]
    pub epoch: EpochId,
    /// Keys that it replaces.
    #[cbor(n(3), default, skip_if = "Vec::is_empty")]
    pub parents: Vec<SealedParent>,
    /// The key, sealed to each recipient.
    #[cbor(n(4), default)]
    pub wraps: Vec<Wrap>,
}

/// A device changes its own sealing key. Its other key is its name and stays.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct KeyRotated {
    /// The new sealing key, under the same device id.
    #[n(0)]
    pub record: DeviceRecord,
}

/// The first event of a later incarnation names the roster log of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct Resumed {
    /// The device's roster log that this one comes after.
    #[n(0)]
    pub after: LogId,
}

/// A relay is reached elsewhere from now on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct RelayMoved {
    /// The relay that moved.
    #[n(0)]
    pub device: DeviceId,
    /// Where it is reached now; at least one.
    #[n(1)]
    pub addresses: Vec<String>,
    /// Earlier moves in whose place this one stands.
    #[cbor(n(2), default, skip_if = "Vec::is_empty")]
    pub replaces: Vec<Reference>,
}

/// A device has room for more: as much again as each has, in every aggregate, in the roster and among erasures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Says)]
#[cbor(map)]
pub struct RoomGiven {
    /// The device that is given room.
    #[n(0)]
    pub device: DeviceId,
    /// How many rooms more, from 1 to [`limits::ROOMS_GIVEN`].
    #[n(1)]
    pub rooms: u64,
}

/// Why a payload is no roster event. Of an unknown kind or version a newer build may make sense; the rest is
/// malformed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A kind this build does not know.
    #[error("unknown roster kind {kind}")]
    Kind {
        /// The number of the kind.
        kind: u16,
    },
    /// A version of a known kind that this build does not know.
    #[error("unknown version {version} of roster kind {kind}")]
    Version {
        /// The number of the kind.
        kind: u16,
        /// The version that is written.
        version: u16,
    },
    /// A body that this build cannot read, and a later one can.
    #[error("a newer body")]
    Newer,
    /// Not what the kind says.
    #[error("malformed roster payload: {0}")]
    Malformed(&'static str),
}

impl Grant {
    pub(super) fn check(&self) -> Result<(), ReadError> {
        match self {
            Grant::Leader { buildings } => {
                ensure((1..=limits::RIGHTS).contains(&buildings.len()), "number of buildings")?;
                ensure(
                    buildings.iter().all(|id| (1..=limits::BUILDING_ID).contains(&id.len())),
                    "length of a building's id",
                )
            }
            Grant::Keeper { boxes } => ensure((1..=limits::RIGHTS).contains(&boxes.len()), "number of boxes"),
            Grant::Care => Ok(()),
        }
    }

    /// How many rights it names, each as often as it does.
    pub(super) fn items(&self) -> usize {
        match self {
            Grant::Leader { buildings } => buildings.len(),
            Grant::Keeper { boxes } => boxes.len(),
            Grant::Care => 1,
        }
    }
}

impl Admitted {
    pub(super) fn check(&self) -> Result<(), ReadError> {
        // As any other number of a role that is not known, it tells before what is out of bounds.
        if self.role == Role::Later {
            return Err(ReadError::Newer);
        }
        self.check_parts()?;
        let relay = self.role == Role::Relay;
        ensure(relay == self.member.is_none(), "a relay is nobody's device, every other is somebody's")?;
        ensure(relay || self.addresses.is_empty(), "only relays have addresses")?;
        Ok(())
    }

    /// Checks what holds in whatever role.
    pub(super) fn check_parts(&self) -> Result<(), ReadError> {
        check_record(&self.record)?;
        check_addresses(&self.addresses)?;
        check_label(self.label.as_ref())
    }
}

impl RelayMoved {
    pub(super) fn check(&self) -> Result<(), ReadError> {
        ensure(!self.addresses.is_empty(), "a relay moves to nowhere")?;
        check_addresses(&self.addresses)
    }
}

impl KeysSealed {
    pub(super) fn check(&self) -> Result<(), ReadError> {
        const SEALED_KEY: usize = EpochKey::LEN + 16;
        ensure(self.wraps.len() <= limits::WRAPS, "number of wraps")?;
        ensure(self.parents.len() <= limits::PARENTS, "number of parents")?;
        // Each costs its device an X25519 operation.
        let devices: std::collections::BTreeSet<DeviceId> = self.wraps.iter().map(|wrap| wrap.device).collect();
        ensure(devices.len() == self.wraps.len(), "a device is named twice")?;
        ensure(
            self.wraps.iter().all(|wrap| wrap.encapsulated.len() == 32 && wrap.sealed.len() == SEALED_KEY),
            "length of a wrap",
        )?;
        ensure(self.parents.iter().all(|parent| parent.sealed.len() == SEALED_KEY), "length of a parent's key")?;
        ensure(self.parents.iter().all(|parent| parent.epoch != self.epoch), "an epoch is its own parent")
    }
}

pub(super) fn check_label(label: Option<&Sealed>) -> Result<(), ReadError> {
    ensure(label.is_none_or(|label| label.bytes.len() <= limits::EPOCH_LABEL), "length of a label")
}

fn check_addresses(addresses: &[String]) -> Result<(), ReadError> {
    ensure(addresses.len() <= limits::RELAY_ADDRESSES, "number of addresses")?;
    ensure(addresses.iter().all(|text| (1..=limits::ADDRESS).contains(&text.len())), "length of an address")
}

/// A log named twice would leave open which of the two is meant.
pub(super) fn check_cuts(cuts: &[Cut]) -> Result<(), ReadError> {
    let logs: std::collections::BTreeSet<LogId> = cuts.iter().map(|cut| cut.log).collect();
    ensure(logs.len() == cuts.len(), "a log is named twice")?;
    let mut heads = cuts.iter().flat_map(|cut| &cut.heads);
    ensure(heads.all(|head| head.seq <= LAST_PLACE), "a place that no log has")
}

/// Whoever is written down has signed their sealing key, and it can be sealed to: else what is written for everybody
/// would fail on them.
pub(super) fn check_record(record: &DeviceRecord) -> Result<(), ReadError> {
    record.check().map_err(|error| match error {
        KeyError::Sealing => ReadError::Malformed("a key that cannot be sealed to"),
        KeyError::Key | KeyError::Signature | KeyError::Damaged => {
            ReadError::Malformed("a record that its device did not sign")
        }
    })
}

pub(super) fn ensure(holds: bool, what: &'static str) -> Result<(), ReadError> {
    if holds { Ok(()) } else { Err(ReadError::Malformed(what)) }
}

pub(super) fn bytes(payload: &impl Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A `Vec` takes any length, and derived encodings make no errors of their own.
    let _infallible = minicbor::encode(payload, &mut bytes);
    bytes
}
