//! Stories of orders.

mod decisions;
mod facts;
mod holders;
mod payloads;
mod random;
mod screens;
mod story;
