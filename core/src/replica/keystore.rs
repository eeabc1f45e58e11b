//! What the keystore says of whose home it is: which device, which community, and whether the device came to belong
//! there.
//!
//! For each name there are three answers: nothing, something whole, and something unreadable. Unreadable is a value of
//! another shape than was kept, or one that the keystore itself calls lost. It refuses to know what the database says.

use zeroize::Zeroizing;

use super::home::{ASIDE, KEYS, KIT, OpenError, TOKEN, WELCOME};
use crate::{
    id::CommunityId,
    key::{DeviceKeys, KeyError, SecretError, SecretStore, TopicKey},
    store::{DATABASE_KEY, DATABASE_KEY_LEN},
};

/// A community as the secrets name it.
pub(super) struct Named {
    pub(super) community: CommunityId,
    pub(super) topic_key: TopicKey,
    /// Whether the database came to name it too. Before that a kill leaves a device that belongs nowhere.
    pub(super) settled: bool,
}

/// This device's keys.
pub(super) fn keys(secrets: &dyn SecretStore) -> Result<Option<DeviceKeys>, OpenError> {
    let Some(kept) = secrets.get(KEYS)? else { return Ok(None) };
    Ok(Some(DeviceKeys::from_slice(&kept)?))
}

/// The community that the secrets name.
pub(super) fn named(secrets: &dyn SecretStore) -> Result<Option<Named>, OpenError> {
    let Some(kept) = secrets.get(WELCOME)? else { return Ok(None) };
    Named::read(&kept).map(Some).ok_or(OpenError::Keys(KeyError::Damaged))
}

impl Named {
    /// The id, the key, then whether it is settled.
    fn read(kept: &[u8]) -> Option<Self> {
        let (community, kept) = kept.split_first_chunk::<{ CommunityId::LEN }>()?;
        let (topic_key, kept) = kept.split_first_chunk::<{ TopicKey::LEN }>()?;
        let settled = match kept {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let community = CommunityId::from_bytes(*community);
        Some(Self { community, topic_key: TopicKey::from_bytes(*topic_key), settled })
    }

    /// Keeps a community: before the database names it, and when it does.
    pub(super) fn keep(&self, secrets: &dyn SecretStore) -> Result<(), SecretError> {
        let mut kept = Zeroizing::new(Vec::with_capacity(CommunityId::LEN + TopicKey::LEN + 1));
        kept.extend_from_slice(self.community.as_bytes());
        kept.extend_from_slice(self.topic_key.as_secret());
        kept.push(self.settled.into());
        secrets.put(WELCOME, &kept)
    }
}

/// A secret without which this device can do; one that is lost is none.
pub(super) fn spare(secrets: &dyn SecretStore, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
    match secrets.get(name) {
        Err(SecretError::Lost(_)) => Ok(None),
        kept => kept,
    }
}

/// Whether this device belongs somewhere, as far as the secrets say. What cannot be read says that it does: before a device
/// belongs somewhere nothing is kept there.
pub(super) fn belonged(secrets: &dyn SecretStore) -> Result<bool, OpenError> {
    match named(secrets) {
        Err(error) if error.is_unreadable() => Ok(true),
        named => Ok(named?.is_some_and(|named| named.settled)),
    }
}

/// Takes what cannot be read out of the way of new secrets. Whether no keys are left, so that this is a new device, which
/// belongs nowhere. A kill in between leaves what is done again.
pub(super) fn make_way(secrets: &dyn SecretStore) -> Result<bool, OpenError> {
    let has_keys = readable(keys(secrets))?.is_some();
    // The welcome first: beside new keys it would speak of a device that nobody admitted.
    if !has_keys || readable(named(secrets))?.is_none() {
        set_aside(secrets, WELCOME)?;
    }
    if !has_keys {
        set_aside(secrets, KEYS)?;
    }
    match secrets.get(DATABASE_KEY) {
        Ok(Some(kept)) if kept.len() == DATABASE_KEY_LEN => {}
        _ => set_aside(secrets, DATABASE_KEY)?,
    }
    for name in [TOKEN, KIT] {
        if let Err(SecretError::Lost(_)) = secrets.get(name) {
            secrets.remove(name)?;
        }
    }
    Ok(!has_keys)
}

/// What is there and whole.
fn readable<T>(kept: Result<Option<T>, OpenError>) -> Result<Option<T>, OpenError> {
    match kept {
        Err(error) if error.is_unreadable() => Ok(None),
        kept => kept,
    }
}

fn set_aside(secrets: &dyn SecretStore, name: &str) -> Result<(), OpenError> {
    let aside = ASIDE.iter().find(|(known, _)| *known == name).map(|(_, aside)| aside);
    match (secrets.get(name), aside) {
        (Ok(None), _) => return Ok(()),
        (Ok(Some(kept)), Some(aside)) => secrets.put(aside, &kept)?,
        (Ok(_) | Err(SecretError::Lost(_)), _) => {}
        (Err(error), _) => return Err(error.into()),
    }
    Ok(secrets.remove(name)?)
}
