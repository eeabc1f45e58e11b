//! The roster: who belongs, who may do what, and which keys open what.
//!
//! Roster events stand in the clear, so that a relay can follow them; names inside them are sealed. [`Roster::fold`]
//! makes of the set of them one answer, the same on every replica, whatever the order. Everything here is pure:
//! no clock, no dice of its own, no store. It refuses to know what an order or a box is; whoever folds those asks
//! for a [`Verdict`] and a [`Standing`] and judges by a [`Need`].

mod act;
mod code;
mod command;
mod cut;
mod device;
mod epoch;
mod erased;
mod erasure;
mod event;
mod fact;
mod fold;
mod gaps;
mod heads;
pub mod invite;
mod keyring;
mod label;
mod later;
mod lives;
mod moves;
mod named;
mod need;
mod pairing;
mod payload;
mod reading;
mod recipients;
mod right;
mod rights;
mod rooms;
mod said;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod together;
mod unread;
mod withdraw;

pub use code::CodeError;
pub use command::{Found, Founding, RosterCommand, RosterRefusal, decide};
pub use cut::Chains;
pub use device::{Device, Fallen, Request};
pub use epoch::Epoch;
pub use erased::{Erased, ErasedAggregate, ErasedSpan, ErasureFact};
pub use erasure::Erasures;
pub use event::RosterEvent;
pub use fact::RosterFact;
pub use gaps::{Gaps, Stretch, joined};
pub use heads::WithdrawalContext;
pub use keyring::Keyring;
pub use label::Sealed;
pub use later::{Gist, Later, Touch, Unread, WITHDRAWING};
pub(crate) use lives::in_order;
pub use named::Named;
pub use need::{Need, Standing};
pub use pairing::{RelayCard, RelayPass};
pub use payload::{
    Admitted, Cut, CutHead, Founded, Grant, GrantRemoved, Granted, KeyRotated, KeysSealed, ReadError, RelayMoved,
    Resumed, Revoked, Role, RoomGiven, SealedParent,
};
pub use right::Right;
pub use rooms::{percent, roomier};
pub use said::{Ahead, ClearFact, LogFacts, Said};
pub use state::{About, Roster, Verdict, affected};
pub use table::{RosterSpec, TABLE};
pub use together::{ActName, Ends, Together};
pub use withdraw::{Fall, Lost, Revocation, Who, Withdrawal, withdraw, would_fall};
