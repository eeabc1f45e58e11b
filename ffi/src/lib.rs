//! Linli for native apps: the same core in Kotlin, Swift and Python.
//!
//! Thin on purpose: what comes in is converted, handed to [`linli_core`], and what it answers is converted back. No rule
//! of Linli stands here. What this crate does know is what apps of phones need around a core: calls that do not block,
//! a system that puts the app to sleep, errors by what an app would do, and panics that must not cross.
//!
//! An app opens one [`Phone`]. Every method answers a [`LinliError`] where it cannot do what it was asked, also those that
//! cannot fail otherwise: a panic in a method that promises no error would end a Swift app.

uniffi::setup_scaffolding!();

pub mod domain;
pub mod error;
pub mod home;
#[cfg(feature = "hooks")]
pub mod hooks;
pub mod ids;
mod life;
pub mod net;
pub mod phone;
pub mod roster;
pub mod secrets;
pub mod text;
pub mod updates;
pub mod words;

pub use error::LinliError;
pub use phone::Phone;
pub use secrets::{SecretError, SecretStore};
