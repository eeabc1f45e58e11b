//! The messages of a device that asks to be admitted: a kind and contents of a fixed length, so that nobody has to
//! believe a length.

use std::fmt;

use zeroize::Zeroizing;

use super::Invitation;
use crate::{id::CommunityId, key::DeviceRecord};

/// Why the inviting phone turned an asker away. The number is the one on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[repr(u8)]
pub enum Turned {
    /// No invitation is open: it was used, is over, or was never made.
    #[error("no invitation is open there any more")]
    NotOpen = 1,
    /// The asker does not know the secret.
    #[error("the invitation is not the one that is open there")]
    WrongProof = 2,
    /// Another device showed the same secret: it ended for both.
    #[error("another device used the same invitation; it is over for both")]
    ShownToTwo = 3,
    /// The inviting person said no.
    #[error("the inviting person said no")]
    Refused = 4,
    /// The roster does not take the device.
    #[error("the community cannot admit this device")]
    NotAdmitted = 5,
}

impl Turned {
    const ALL: [Turned; 5] = [Self::NotOpen, Self::WrongProof, Self::ShownToTwo, Self::Refused, Self::NotAdmitted];
}

/// A device asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The asking device: its keys, and who it is.
    pub record: DeviceRecord,
    /// That it knows the invitation's secret, on this connection.
    pub proof: [u8; 32],
}

/// One thing that is said.
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// By the asker: let me in.
    Ask(Box<Ask>),
    /// By the inviter: the proof is right, now let people compare.
    Compare,
    /// By the inviter, after the admission: what a newcomer must know.
    Welcome {
        /// The community it is welcome in.
        community: CommunityId,
        /// The key of its tags.
        topic_key: Zeroizing<[u8; 32]>,
    },
    /// By the inviter: no.
    No(Turned),
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(ask) => write!(f, "Ask({:?}, …)", ask.record.device),
            Self::Compare => f.write_str("Compare"),
            Self::Welcome { community, .. } => write!(f, "Welcome({community:?}, …)"),
            Self::No(turned) => write!(f, "No({turned:?})"),
        }
    }
}

/// The bytes are not what may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what was said makes no sense")]
pub struct Garbled;

const ASK: u8 = 1;
const COMPARE: u8 = 2;
const WELCOME: u8 = 3;
const NO: u8 = 4;

impl Said {
    /// As it is sent.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let bytes = match self {
            Said::Ask(ask) => [[ASK].as_slice(), &ask.record.to_bytes(), &ask.proof].concat(),
            Said::Compare => vec![COMPARE],
            Said::Welcome { community, topic_key } => {
                [[WELCOME].as_slice(), community.as_bytes(), topic_key.as_slice()].concat()
            }
            Said::No(turned) => vec![NO, *turned as u8],
        };
        bytes.into()
    }
}

/// What an asker says first, over a connection with this secret.
pub fn first_words(invitation: &Invitation, record: DeviceRecord, connection: &[u8; 32]) -> Said {
    let proof = *invitation.secret.proof(connection, &record).as_bytes();
    Said::Ask(Box::new(Ask { record, proof }))
}

/// Puts pieces of any size together. Keeps no more than one thing that is said.
#[derive(Default)]
pub struct Ear {
    heard: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ear({} bytes)", self.heard.len())
    }
}

impl Ear {
    /// Takes bytes as they come; what was said whole comes out in order.
    ///
    /// # Errors
    /// [`Garbled`] at the first byte that cannot be right.
    pub fn hear(&mut self, bytes: &[u8]) -> Result<Vec<Said>, Garbled> {
        let mut said = Vec::new();
        for byte in bytes {
            self.heard.push(*byte);
            if self.heard.len() == length(&self.heard)? {
                said.push(read(&self.heard)?);
                self.heard = Zeroizing::default();
            }
        }
        Ok(said)
    }
}

fn length(heard: &[u8]) -> Result<usize, Garbled> {
    match heard.first() {
        Some(&ASK) => Ok(1 + DeviceRecord::LEN + 32),
        Some(&COMPARE) => Ok(1),
        Some(&WELCOME) => Ok(1 + 2 * 32),
        Some(&NO) => Ok(2),
        _ => Err(Garbled),
    }
}

fn read(bytes: &[u8]) -> Result<Said, Garbled> {
    let (kind, contents) = bytes.split_first().ok_or(Garbled)?;
    let (parts, rest) = contents.as_chunks::<32>();
    match (*kind, parts, rest) {
        (ASK, &[.., proof], []) => {
            let record = contents.get(..DeviceRecord::LEN).and_then(|record| DeviceRecord::from_slice(record).ok());
            let record = record.ok_or(Garbled)?;
            Ok(Said::Ask(Box::new(Ask { record, proof })))
        }
        (COMPARE, [], []) => Ok(Said::Compare),
        (WELCOME, &[community, topic_key], []) => {
            Ok(Said::Welcome { community: CommunityId::from_bytes(community), topic_key: topic_key.into() })
        }
        (NO, [], [code]) => {
            let turned = Turned::ALL.into_iter().find(|turned| *turned as u8 == *code);
            turned.map(Said::No).ok_or(Garbled)
        }
        _ => Err(Garbled),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::key::DeviceKeys;

    fn all() -> Vec<Said> {
        let record = DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1)).record();
        let welcome = Said::Welcome { community: CommunityId::from_bytes([5; 32]), topic_key: Zeroizing::new([6; 32]) };
        let ask = Said::Ask(Box::new(Ask { record, proof: [4; 32] }));
        [ask, Said::Compare, welcome].into_iter().chain(Turned::ALL.map(Said::No)).collect()
    }

    #[test]
    fn what_is_said_comes_back_in_pieces_of_any_size() {
        let bytes: Vec<u8> = all().iter().flat_map(|said| said.to_bytes().to_vec()).collect();

        for piece in [1, 2, 7, 64, bytes.len()] {
            let mut ear = Ear::default();
            let heard: Vec<Said> =
                bytes.chunks(piece).flat_map(|bytes| ear.hear(bytes).expect("as it was said")).collect();
            assert_eq!(heard, all());
        }
    }

    #[test]
    fn what_cannot_be_said_is_garbled_at_once() {
        for wrong in [&[0_u8][..], &[5], &[255], &[NO, 0], &[NO, 6]] {
            assert_eq!(Ear::default().hear(wrong), Err(Garbled), "{wrong:?}");
        }
        assert_eq!(Ear::default().hear(&[ASK; 128]), Ok(vec![]), "not whole yet");
        assert_eq!(Ear::default().hear(&[ASK; 161]), Err(Garbled), "no record of any device");
    }
}
