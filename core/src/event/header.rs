//! Headers: the part of an event that a relay can read. Every field is authenticated.

use crate::id::{CommunityId, DeviceId, EpochId, Incarnation, LogId, TopicTag};

const LOG_CONTEXT: &str = "linli 2026 log id v2";

/// What all events of one log share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogHeader {
    /// The community; zero in the log of the founding event only, which cannot know its own id.
    pub community: CommunityId,
    /// The topic, as outsiders see it.
    pub topic: TopicTag,
    /// Whose log it is.
    pub device: DeviceId,
    /// Which life of that device's database.
    pub incarnation: Incarnation,
}

impl LogHeader {
    /// The log's name: 16 bytes of BLAKE3 over device, incarnation and topic tag.
    pub fn id(&self) -> LogId {
        let mut hash = blake3::Hasher::new_derive_key(LOG_CONTEXT);
        hash.update(self.device.as_bytes()).update(self.incarnation.as_bytes()).update(self.topic.as_bytes());
        let mut id = [0; LogId::LEN];
        hash.finalize_xof().fill(&mut id);
        LogId::from_bytes(id)
    }
}

/// The whole header of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it shares with its log.
    pub log: LogHeader,
    /// Its place in the log, from 0.
    pub seq: u64,
    /// The epoch key that seals the body; zero where bodies stand in the clear.
    pub epoch: EpochId,
}

impl Header {
    /// Bytes of the full form.
    pub const LEN: usize = 32 + 16 + 32 + 8 + 8 + 16;

    /// Every field at full length, as it enters the chain hash and the AEAD: community, topic tag, device,
    /// incarnation, seq big-endian, epoch.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let parts: [&[u8]; 6] = [
            self.log.community.as_bytes(),
            self.log.topic.as_bytes(),
            self.log.device.as_bytes(),
            self.log.incarnation.as_bytes(),
            &self.seq.to_be_bytes(),
            self.epoch.as_bytes(),
        ];
        let mut at = 0;
        for part in parts {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        bytes
    }
}
