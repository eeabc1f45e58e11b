//! Declared aggregates: what an app adds as data, in any language, without a line of Rust.
//!
//! A [`Declaration`] says fields and how they merge, lists of items, kinds of events with who may write them, and a table of
//! statuses; a [`Deed`] is what a person does. It is equal to the engine's own everywhere: board lines, search, history,
//! review, codes, erasure. It folds by that table and knows no other aggregate.

mod declaration;
mod deed;
mod shape;
mod state;
#[cfg(test)]
mod tests;

pub use declaration::{Declaration, DeclarationError, Field, Kind, List, Merge, Parameter, Right, Transition, Type};
pub use deed::{Deed, Refusal};

pub(crate) use shape::{Shape, Shown};
pub(crate) use state::{Declared, Finding, State};
