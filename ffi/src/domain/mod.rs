//! What neighbours do: orders, boxes, recalls, alerts, households, and what screens ask about them.
//!
//! One file or folder for each noun. A command is an enum in the words of the core, handed to `submit_…`; a view is the
//! core's own. Here is nothing but their form on the other side: convert, delegate, convert.

pub mod address;
pub mod alert;
pub mod building;
pub mod catalogue;
pub mod codes;
pub mod declared;
mod erasure;
pub mod household;
pub mod log;
pub mod medicine_box;
pub mod order;
pub mod plain;
pub mod product;
pub mod recall;
pub mod search;
pub mod settings;
