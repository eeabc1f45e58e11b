//! Stories of a community: what people do, and what every phone shows in the end.
// A story that cannot go on has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod about;
mod alarms;
mod answers;
mod arrival;
mod bodies;
mod bundles;
mod care;
mod clocks;
mod crowds;
mod declared;
#[cfg(target_os = "linux")]
mod disks;
mod documents;
mod doors;
mod doubt;
mod durability;
mod ends;
mod erasure;
mod forks;
mod halves;
mod heaped;
mod holes;
mod homes;
mod hostile;
mod identity;
mod invitations;
mod keys;
#[cfg(target_os = "linux")]
mod kills;
mod kit;
mod leading;
mod little;
mod lives;
mod members;
mod newer;
mod newer_words;
mod orders;
mod outsiders;
mod pages;
mod pairings;
mod parts;
mod peers;
mod queries;
mod quotas;
mod refusals;
mod restores;
mod rights;
mod rooms;
mod rounds;
mod say;
mod secrets;
mod settings;
mod shapes;
mod shares;
mod siege;
mod silence;
mod tending;
mod totals;
mod withdrawal;
#[cfg(target_os = "linux")]
mod worn;
