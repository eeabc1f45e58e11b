//! An invitation as text.

use std::{fmt, str::FromStr};

use super::{Invitation, InvitationError, InviteSecret};
use crate::{
    id::{CommunityId, DeviceId},
    limits,
    roster::{
        CodeError, Role,
        code::{Code, put_address, read_address},
    },
};

const CODE: Code = Code { prefix: "LINLI:", version: 2, check: "linli 2026 invitation text v2" };

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        bytes.extend(self.community.as_bytes());
        bytes.extend(self.device.as_bytes());
        bytes.extend(self.secret.0);
        bytes.push(role_code(self.role));
        self.addresses.iter().take(limits::ADDRESSES).for_each(|address| put_address(&mut bytes, address));
        f.write_str(&CODE.write(&bytes))
    }
}

/// In capitals or not, spaces and line breaks among the letters or not.
impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(text: &str) -> Result<Self, InvitationError> {
        let bytes = CODE.read(text).map_err(|error| match error {
            CodeError::NotOne => InvitationError::NotOne,
            CodeError::Newer { version } => InvitationError::Newer { version },
            CodeError::Damaged => InvitationError::Damaged,
        })?;
        read(&bytes).ok_or(InvitationError::Damaged)
    }
}

fn read(bytes: &[u8]) -> Option<Invitation> {
    let (community, bytes) = bytes.split_first_chunk::<{ CommunityId::LEN }>()?;
    let (device, bytes) = bytes.split_first_chunk::<{ DeviceId::LEN }>()?;
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
        secret: InviteSecret::from_bytes(*secret),
        role: role_of(*role)?,
        addresses,
    })
}

/// The roles as roster events number them.
fn role_code(role: Role) -> u8 {
    match role {
        Role::Coordinator => 0,
        Role::Volunteer => 1,
        Role::Relay => 2,
        Role::Later => u8::MAX,
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
        for at in CODE.prefix.len()..text.len() {
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
        let newer = Code { version: 3, ..CODE }.write(&[7, 7]).parse::<Invitation>();

        assert_eq!(newer, Err(InvitationError::Newer { version: 3 }));
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert!(!format!("{:?}", invitation()).contains("44"));
    }
}
