//! An invitation as text: letters and digits that a QR code packs densely, with a check against damage.

use core::net::{IpAddr, SocketAddr};
use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;

use super::{Invitation, InvitationError, InviteSecret};
use crate::{
    id::{CommunityId, DeviceId},
    limits,
    roster::Role,
};

const PREFIX: &str = "LINLI:";
const VERSION: u8 = 1;
const CHECK: &str = "linli 2026 invitation text v1";

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![VERSION];
        bytes.extend(self.community.as_bytes());
        bytes.extend(self.device.as_bytes());
        bytes.extend(self.tls);
        bytes.extend(self.secret.0);
        bytes.push(role_code(self.role));
        for address in self.addresses.iter().take(limits::ADDRESSES) {
            match address.ip().to_canonical() {
                IpAddr::V4(ip) => bytes.extend([[4].as_slice(), &ip.octets()].concat()),
                IpAddr::V6(ip) => bytes.extend([[6].as_slice(), &ip.octets()].concat()),
            }
            bytes.extend(address.port().to_be_bytes());
        }
        let check = check(&bytes);
        bytes.extend(check);
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&bytes))
    }
}

/// In capitals or not, spaces and line breaks among the letters or not.
impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(text: &str) -> Result<Self, InvitationError> {
        let letters: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let letters = letters.strip_prefix(PREFIX).ok_or(InvitationError::NotOne)?;
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| InvitationError::Damaged)?;
        let (said, written) = bytes.split_last_chunk::<4>().ok_or(InvitationError::Damaged)?;
        match said.first() {
            _ if check(said) != *written => Err(InvitationError::Damaged),
            Some(&VERSION) => read(&said[1..]).ok_or(InvitationError::Damaged),
            Some(&version) => Err(InvitationError::Newer { version }),
            None => Err(InvitationError::Damaged),
        }
    }
}

/// Four bytes that tell a damaged text from a whole one, and prove nothing.
fn check(bytes: &[u8]) -> [u8; 4] {
    let mut check = [0; 4];
    blake3::Hasher::new_derive_key(CHECK).update(bytes).finalize_xof().fill(&mut check);
    check
}

fn read(bytes: &[u8]) -> Option<Invitation> {
    let (community, bytes) = bytes.split_first_chunk::<{ CommunityId::LEN }>()?;
    let (device, bytes) = bytes.split_first_chunk::<{ DeviceId::LEN }>()?;
    let (tls, bytes) = bytes.split_first_chunk::<32>()?;
    let (secret, bytes) = bytes.split_first_chunk::<{ InviteSecret::LEN }>()?;
    let (role, mut bytes) = bytes.split_first()?;
    let mut addresses = Vec::new();
    while !bytes.is_empty() {
        let (address, rest) = read_address(bytes)?;
        addresses.push(address);
        bytes = rest;
    }
    (addresses.len() <= limits::ADDRESSES).then_some(())?;
    Some(Invitation {
        community: CommunityId::from_bytes(*community),
        device: DeviceId::from_bytes(*device),
        tls: *tls,
        secret: InviteSecret::from_bytes(*secret),
        role: role_of(*role)?,
        addresses,
    })
}

fn read_address(bytes: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (family, bytes) = bytes.split_first()?;
    let (ip, bytes) = match family {
        4 => bytes.split_first_chunk::<4>().map(|(ip, rest)| (IpAddr::from(*ip), rest))?,
        6 => bytes.split_first_chunk::<16>().map(|(ip, rest)| (IpAddr::from(*ip), rest))?,
        _ => return None,
    };
    let (port, bytes) = bytes.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), bytes))
}

/// The roles as roster events number them.
fn role_code(role: Role) -> u8 {
    match role {
        Role::Coordinator => 0,
        Role::Volunteer => 1,
        Role::Relay => 2,
    }
}

fn role_of(code: u8) -> Option<Role> {
    [Role::Coordinator, Role::Volunteer, Role::Relay].into_iter().find(|role| role_code(*role) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            community: CommunityId::from_bytes([0x11; 32]),
            device: DeviceId::from_bytes([0x22; 32]),
            tls: [0x33; 32],
            secret: InviteSecret::from_bytes([0x44; 16]),
            role: Role::Volunteer,
            addresses: vec![
                "192.168.1.7:4711".parse().expect("an address"),
                "[2001:db8::1]:4711".parse().expect("an address"),
            ],
        }
    }

    #[test]
    fn an_invitation_comes_back_however_it_was_pasted() {
        let text = invitation().to_string();
        let pasted = format!(" {}\n  {}\n", &text[..40].to_lowercase(), &text[40..]);

        assert_eq!(text.parse(), Ok(invitation()));
        assert_eq!(pasted.parse(), Ok(invitation()));
        assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b':'));
    }

    #[test]
    fn a_changed_or_shortened_invitation_is_damaged_and_never_another() {
        let text = invitation().to_string();
        for at in PREFIX.len()..text.len() {
            let letter = if &text[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
            assert_eq!(changed.parse::<Invitation>(), Err(InvitationError::Damaged), "{at}");
            assert_eq!(text[..at].parse::<Invitation>(), Err(InvitationError::Damaged), "{at}");
        }
        assert_eq!("linli:a:b".parse::<Invitation>(), Err(InvitationError::Damaged));
        assert_eq!("hello".parse::<Invitation>(), Err(InvitationError::NotOne));
    }

    #[test]
    fn a_newer_invitation_says_so() {
        let mut bytes = vec![2, 7, 7];
        bytes.extend(check(&[2, 7, 7]));

        let newer = format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes)).parse::<Invitation>();

        assert_eq!(newer, Err(InvitationError::Newer { version: 2 }));
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert!(!format!("{:?}", invitation()).contains("44"));
    }
}
