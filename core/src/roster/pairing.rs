//! Pairing with a relay: the two texts that people carry between the office's relay and a coordinator's phone.
//!
//! A [`RelayCard`] says which keys a relay shows and where it is reached; a coordinator admits it by that. A
//! [`RelayPass`] says which community a relay is to keep: its name, who may come first, and what its topics are called
//! on the wire. Neither holds a secret: topics are named by their tags, and the key that makes tags stays with phones.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::{CodeError, code::Code};
use crate::{
    event::Topic,
    id::{CommunityId, DeviceId, TopicTag},
    key::DeviceRecord,
    limits,
};

const CARD: Code = Code { prefix: "LINLI-RELAY:", version: 2, check: "linli 2026 relay card v2" };
const PASS: Code = Code { prefix: "LINLI-ALLOW:", version: 2, check: "linli 2026 relay pass v2" };
/// A relay as it shows itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayCard {
    /// Its public keys.
    pub record: DeviceRecord,
    /// Where it is reached, such as `relay.example:4433`; at most 16, of at most 255 bytes each.
    pub addresses: Vec<String>,
}

impl fmt::Display for RelayCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.record.to_bytes().to_vec();
        let fitting = |address: &&String| (1..=limits::CARD_ADDRESS).contains(&address.len());
        for address in self.addresses.iter().filter(fitting).take(limits::RELAY_ADDRESSES) {
            bytes.extend(u8::try_from(address.len()).ok());
            bytes.extend(address.as_bytes());
        }
        f.write_str(&CARD.write(&bytes))
    }
}

impl FromStr for RelayCard {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        read_card(&CARD.read(text)?).ok_or(CodeError::Damaged)
    }
}

fn read_card(bytes: &[u8]) -> Option<RelayCard> {
    let (record, mut bytes) = bytes.split_first_chunk::<{ DeviceRecord::LEN }>()?;
    let record = DeviceRecord::from_slice(record).ok()?;
    let mut addresses = Vec::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (address, rest) = rest.split_at_checked(usize::from(*length))?;
        addresses.push(std::str::from_utf8(address).ok().filter(|address| !address.is_empty())?.to_owned());
        bytes = rest;
    }
    (addresses.len() <= limits::RELAY_ADDRESSES).then_some(RelayCard { record, addresses })
}

/// A community as a relay is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayPass {
    /// The community it is to serve.
    pub community: CommunityId,
    /// The device that may come while the relay holds no roster yet.
    pub device: DeviceId,
    /// What the topics are called on the wire.
    pub tags: BTreeMap<Topic, TopicTag>,
}

impl fmt::Display for RelayPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [*self.community.as_bytes(), *self.device.as_bytes()].concat();
        for topic in Topic::ALL {
            bytes.extend(self.tags.get(&topic).unwrap_or(&TopicTag::ZERO).as_bytes());
        }
        f.write_str(&PASS.write(&bytes))
    }
}

impl FromStr for RelayPass {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        read_pass(&PASS.read(text)?).ok_or(CodeError::Damaged)
    }
}

fn read_pass(bytes: &[u8]) -> Option<RelayPass> {
    let (community, bytes) = bytes.split_first_chunk::<{ CommunityId::LEN }>()?;
    let (device, mut bytes) = bytes.split_first_chunk::<{ DeviceId::LEN }>()?;
    let mut tags = BTreeMap::new();
    for topic in Topic::ALL {
        let (tag, rest) = bytes.split_first_chunk::<{ TopicTag::LEN }>()?;
        tags.insert(topic, TopicTag::from_bytes(*tag));
        bytes = rest;
    }
    let (community, device) = (CommunityId::from_bytes(*community), DeviceId::from_bytes(*device));
    bytes.is_empty().then_some(RelayPass { community, device, tags })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::key::DeviceKeys;

    fn pass() -> RelayPass {
        let tag = |at: u8| TopicTag::from_bytes([at; 16]);
        RelayPass {
            community: CommunityId::from_bytes([0x11; 32]),
            device: DeviceId::from_bytes([0x22; 32]),
            tags: Topic::ALL.into_iter().zip((1..).map(tag)).collect(),
        }
    }

    fn card() -> RelayCard {
        let record = DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1)).record();
        RelayCard { record, addresses: vec!["relay.example:4433".to_owned(), "192.0.2.1:4433".to_owned()] }
    }

    #[test]
    fn both_texts_come_back_however_they_were_pasted() {
        let pasted = format!(" {}\n", pass().to_string().to_lowercase());

        assert_eq!(pasted.parse(), Ok(pass()));
        assert_eq!(card().to_string().parse(), Ok(card()));
        assert_eq!(card().to_string().parse::<RelayPass>(), Err(CodeError::NotOne));
    }

    #[test]
    fn a_changed_or_shortened_text_is_damaged() {
        let text = card().to_string();
        for at in CARD.prefix.len()..text.len() {
            let letter = if &text[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
            assert_eq!(changed.parse::<RelayCard>(), Err(CodeError::Damaged), "{at}");
            assert_eq!(text[..at].parse::<RelayCard>(), Err(CodeError::Damaged), "{at}");
        }
    }
}
