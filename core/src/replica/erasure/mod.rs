//! Forgetting (R5) as a replica that reads does it: commands that erase, what is held about one room, and upkeep.

mod about;
mod closed;
mod command;
mod looked;
mod obey;
mod share;
mod tend;

pub use about::{AboutOrder, AboutOther, AboutRoom, ErasedRoom, TakeLine};
pub use command::EraseError;
pub(in crate::replica) use share::LeftOut;
