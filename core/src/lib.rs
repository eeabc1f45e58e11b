//! The engine of Linli 邻里: what lets neighbours' phones help each other through a lockdown without a network.
//!
//! ```text
//! a tap ──▶ command ──decide──▶ event ──append──▶ log ──fold──▶ state, document, rows ──▶ screen
//!                                 │   sealed, chained, signed
//!    other phones, a relay ◀──────┴── sync: any pipe of bytes, or a file
//! ```
//!
//! Every act is an **event** in the **log** of the device that did it: signed, sealed, never overwritten. A replica is a
//! set of logs; two that meet send each other what the other lacks. What a screen shows is a pure **fold** of the set
//! of events, so phones that hold the same events show the same, whatever order they came in and whatever their clocks
//! say.
//!
//! An app embeds one type, [`replica::Replica`]: it opens a home, submits commands, reads screens and feeds
//! [`replica::Link`]s with bytes of whatever pipe there is.
//!
//! ```
//! use std::sync::Arc;
//! use linli_core::aggregate::order::{NewOrder, Order, Command};
//! use linli_core::{id::CommandId, key::MemorySecrets, replica::{Options, OrderFilter, Replica}, text::clean};
//!
//! # let folder = tempfile::tempdir()?;
//! # let home = folder.path();
//! let phone = Replica::open(Options::new(home, Arc::new(MemorySecrets::default())))?; // an app gives its keystore
//! phone.found(None)?; // or phone.join(&welcome)?, and a coordinator there admits this device
//! let milk = NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("milk".into()), ..NewOrder::default() };
//! let id = CommandId::from_bytes([7; 16]); // your own: the same again, after a crash, writes nothing twice
//! let order = phone.submit::<Order>(id, None, Command::Post(Box::new(milk)))?.aggregate; // durable when it returns
//! for line in phone.board(&OrderFilter::default())?.items {
//!     println!("{}: {} is {:?}", clean(&line.card.building), clean(&line.card.kind), line.card.status); // a peer wrote them
//! }
//! # assert_eq!(phone.board(&OrderFilter::default())?.items[0].order, order);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parts
//!
//! | module | knows | refuses to know |
//! |---|---|---|
//! | [`key`], [`event`] | bytes: sealed, chained, signed | what an event says |
//! | [`roster`] | who belongs, who may do what, which keys open what | orders and boxes |
//! | [`aggregate`] | what events mean: fold, decide, rows | disk, clock, peers |
//! | [`row`] | cells of read models | who makes them |
//! | [`vocabulary`] | the codes that apps translate | their sentences |
//! | [`sentence`] | how a sentence of an app's table is filled in | what it says |
//! | [`label`] | buildings, units and rooms as they are compared | which ones there are |
//! | [`qty`] | how much, in thousandths | units, bounds |
//! | [`text`] | what a screen may draw of a peer's text | who wrote it |
//! | [`written`] | what people write, scan and paste, as values | clock, orders and boxes |
//! | [`store`] | logs and caches on disk, one transaction at a time | whether an event counts |
//! | [`sync`] | a conversation between two replicas, as frames | sockets, disk, clock |
//! | [`net`] | TLS, QUIC, TCP, byte pipes, who is nearby | disk, aggregates, what is said |
//! | [`replica`] | all of them, and joins them | the app |
//!
//! Aggregates of your own are added to a [`Registry`](aggregate::Registry), without a change to this crate.
//!
//! How it works and why stands in `core/DESIGN.md`, the bytes in `core/FORMAT.md`.

// What is derived names this crate as others do.
extern crate self as linli_core;

#[cfg(feature = "replica")]
pub mod aggregate;
#[cfg(feature = "uniffi")]
mod bindings;
pub mod count;
pub mod event;
pub mod id;
pub mod keep;
pub mod key;
pub mod label;
pub mod limits;
#[cfg(feature = "memo")]
pub mod memo;
#[cfg(not(feature = "memo"))]
mod memo;
pub mod net;
pub mod qty;
#[cfg(feature = "replica")]
pub mod replica;
pub mod roster;
pub mod row;
#[cfg(feature = "sabotage")]
pub mod sabotage;
#[cfg(not(feature = "sabotage"))]
mod sabotage;
pub mod sentence;
pub mod store;
pub mod sync;
pub mod text;
pub mod time;
mod varint;
pub mod vocabulary;
pub mod written;

#[cfg(feature = "uniffi")]
#[doc(hidden)]
pub use bindings::UniFfiTag;
