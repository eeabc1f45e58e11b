//! Stories of a community: what people do, and what every phone shows in the end.

mod documents;
mod durability;
mod homes;
mod hostile;
mod members;
mod orders;
mod refusals;
mod rights;
mod say;
