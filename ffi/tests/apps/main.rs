//! Phones as apps hold them: what a system and a language do to them, with the engine itself underneath.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bundles;
mod declared;
mod doors;
mod errors;
mod life;
mod meeting;
mod pipes;
mod scene;
mod updates;
mod words;
