//! Stories of a community: what people do, and what every phone shows in the end.

mod documents;
mod members;
mod orders;
