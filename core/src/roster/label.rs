//! Labels: names sealed for the community inside roster events, which themselves stand in the clear.

use minicbor::{Decode, Encode};
use rand::CryptoRng;

use crate::{
    id::{DeviceId, EpochId, TopicTag},
    key::{EpochKey, OpenError},
};

/// A text sealed under an epoch key of the compartment `community`, bound to the device it names or comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Sealed {
    /// The key that opens it.
    #[n(0)]
    pub epoch: EpochId,
    /// 16 random bytes, so that equal names are not seen to be equal.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// The sealed text, 16 bytes longer than it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// Seals the name of a device.
    pub fn seal(dice: &mut dyn CryptoRng, key: &EpochKey, device: DeviceId, text: &str) -> Self {
        Self::seal_as(dice, key, b"label", device, text)
    }

    /// Seals the totals that an erasure by a device keeps.
    pub fn seal_totals(dice: &mut dyn CryptoRng, key: &EpochKey, device: DeviceId, text: &str) -> Self {
        Self::seal_as(dice, key, b"totals", device, text)
    }

    fn seal_as(dice: &mut dyn CryptoRng, key: &EpochKey, what: &[u8], device: DeviceId, text: &str) -> Self {
        let mut salt = [0; 16];
        dice.fill_bytes(&mut salt);
        // No body is ever sealed under topic zero. The founder's name is sealed before the community has an id, under
        // the key as one of the community zero.
        let place = place(what, device, &salt);
        let bytes = key.seal(TopicTag::ZERO, &place, &place, text.as_bytes());
        Self { epoch: key.id(), salt, bytes }
    }

    /// Opens the name of a device.
    ///
    /// # Errors
    /// [`OpenError`] when the key is another, the label was sealed for another device, or it is no text.
    pub fn open(&self, key: &EpochKey, device: DeviceId) -> Result<String, OpenError> {
        self.open_as(key, b"label", device)
    }

    /// Opens the totals of an erasure by a device.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_totals(&self, key: &EpochKey, device: DeviceId) -> Result<String, OpenError> {
        self.open_as(key, b"totals", device)
    }

    fn open_as(&self, key: &EpochKey, what: &[u8], device: DeviceId) -> Result<String, OpenError> {
        let place = place(what, device, &self.salt);
        let text = key.open(TopicTag::ZERO, &place, &place, &self.bytes)?;
        String::from_utf8(text).map_err(|_| OpenError)
    }
}

fn place(what: &[u8], device: DeviceId, salt: &[u8; 16]) -> Vec<u8> {
    [what, device.as_bytes(), salt].concat()
}
