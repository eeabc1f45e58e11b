//! Epochs as the roster knows them: who was given which key. The keys themselves are in a
//! [`Keyring`](super::Keyring).

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Encode;
use zeroize::Zeroizing;

use super::{KeysSealed, SealedParent};
use crate::{
    event::Compartment,
    id::{CommunityId, DeviceId, EpochId, Reference, TopicTag},
    key::{EpochKey, Wrap},
    sabotage::Rule,
};

/// One epoch: the union of the events that carry it.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct Epoch {
    /// The key's name.
    #[n(0)]
    pub id: EpochId,
    /// Whose key it is.
    #[n(1)]
    pub compartment: Compartment,
    /// One more than its parents'.
    #[n(2)]
    pub generation: u64,
    /// Whether an event that carries it counts. Of one whose author was cut before it the key still opens what
    /// honest devices wrote under it; nothing new is written under it.
    #[n(3)]
    pub counts: bool,
    /// Who was given the key by an event that counts, and who gave it: whoever wraps a key knows it.
    #[n(4)]
    pub recipients: BTreeSet<DeviceId>,
    /// Who is not entitled and yet may hold the key: was given it, or one that is said to seal it.
    #[n(7)]
    pub(super) withdrawn: BTreeSet<DeviceId>,
    /// Who was given the key by an event that does not count, or gave it so: a key that a thief made stays a thief's,
    /// though the honest passed it on before they knew.
    #[n(8)]
    pub(super) told: BTreeSet<DeviceId>,
    #[n(5)]
    pub(super) parents: BTreeSet<SealedParent>,
    /// Encapsulated key and sealed secret, per recipient.
    #[n(6)]
    pub(super) wraps: BTreeMap<DeviceId, BTreeSet<(Bytes, Bytes)>>,
    /// The events that carry it, and whether each counts.
    #[cbor(skip)]
    pub(super) events: BTreeSet<(Reference, bool)>,
}

type Bytes = minicbor::bytes::ByteVec;

impl Epoch {
    /// An epoch that nobody was given yet.
    pub(super) fn new(sealed: &KeysSealed, counts: bool) -> Self {
        Self {
            id: sealed.epoch,
            compartment: sealed.compartment,
            generation: sealed.generation,
            counts,
            recipients: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            told: BTreeSet::new(),
            parents: BTreeSet::new(),
            wraps: BTreeMap::new(),
            events: BTreeSet::new(),
        }
    }

    /// Whether nothing else carries it but this event.
    pub(super) fn is_of(&self, event: Reference, counts: bool) -> bool {
        self.events.len() == 1 && self.events.contains(&(event, counts))
    }

    /// Whether an event that counts carries it.
    pub(super) fn is_carried_by(&self, event: Reference) -> bool {
        self.events.contains(&(event, true))
    }

    /// Takes in one more event that carries it.
    pub(super) fn add(&mut self, event: Reference, author: DeviceId, sealed: &KeysSealed, counts: bool) {
        self.events.insert((event, counts));
        self.parents.extend(sealed.parents.iter().cloned());
        for wrap in &sealed.wraps {
            let parts = (wrap.encapsulated.clone().into(), wrap.sealed.clone().into());
            self.wraps.entry(wrap.device).or_default().insert(parts);
        }
        let know = if counts { &mut self.recipients } else { &mut self.told };
        know.insert(author);
        know.extend(sealed.wraps.iter().map(|wrap| wrap.device));
    }

    /// The epochs it replaced.
    pub fn parents(&self) -> impl Iterator<Item = EpochId> {
        self.parents.iter().map(|parent| parent.epoch)
    }

    /// The keys it replaced, as this one opens them: none for one that does not open, or is not the key of this
    /// compartment that it is said to be.
    pub(super) fn open_parents(&self, key: &EpochKey) -> impl Iterator<Item = (EpochId, Option<EpochKey>)> {
        self.parents.iter().map(move |parent| (parent.epoch, self.open_parent(key, parent)))
    }

    /// One of them.
    pub(super) fn open_parent(&self, key: &EpochKey, parent: &SealedParent) -> Option<EpochKey> {
        let place = parent_place(self.id, parent.epoch);
        let secret = key.open(TopicTag::ZERO, &place, &place, &parent.sealed).map(Zeroizing::new).ok()?;
        key_named(key.community(), self.compartment, parent.epoch, &secret)
    }

    /// The keys it replaced, as they are sealed.
    pub(super) fn sealed_parents(&self) -> impl Iterator<Item = &SealedParent> {
        self.parents.iter()
    }

    /// The wraps for one device.
    pub fn wraps(&self, device: DeviceId) -> impl Iterator<Item = Wrap> {
        self.wraps.get(&device).into_iter().flatten().map(move |(encapsulated, sealed)| Wrap {
            device,
            encapsulated: encapsulated.to_vec(),
            sealed: sealed.to_vec(),
        })
    }
}

/// What a wrap is made for: it opens for the same community, compartment and epoch only.
pub(super) fn purpose(community: CommunityId, compartment: Compartment, epoch: EpochId) -> Vec<u8> {
    [community.as_bytes().as_slice(), &[compartment.code()], epoch.as_bytes()].concat()
}

/// The key made of these bytes, if it is the one of this name, and so of this community and compartment.
pub(super) fn key_named(
    community: CommunityId,
    compartment: Compartment,
    epoch: EpochId,
    secret: &[u8],
) -> Option<EpochKey> {
    let key = EpochKey::from_bytes(secret.try_into().ok()?, community, compartment);
    (key.id() == epoch || Rule::EpochName.is_left_out()).then_some(key)
}

/// A key under the one that replaces it.
pub(super) fn seal_parent(key: &EpochKey, parent: &EpochKey) -> SealedParent {
    let place = parent_place(key.id(), parent.id());
    // No body is ever sealed under topic zero; the place binds both keys.
    let sealed = key.seal(TopicTag::ZERO, &place, &place, parent.as_secret());
    SealedParent { epoch: parent.id(), sealed }
}

fn parent_place(epoch: EpochId, parent: EpochId) -> Vec<u8> {
    [b"parent".as_slice(), epoch.as_bytes(), parent.as_bytes()].concat()
}
