//! Who belongs: founding, joining, admitting, inviting, rights, relays and withdrawal.

pub mod community;
pub mod inviting;
pub mod joining;
pub mod kit;
pub mod members;
pub mod relays;
pub mod rights;
pub mod withdrawal;
