//! The phone in a terminal as a new user meets it: the real program, run as a process, on fresh homes.

mod help;
mod hand;
mod medicine;
mod story;
mod wrong;
