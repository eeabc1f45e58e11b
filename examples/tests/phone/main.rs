//! The phone in a terminal as a new user meets it: the real program, run as a process, on fresh homes.

mod hand;
mod help;
mod medicine;
mod story;
mod wrong;
