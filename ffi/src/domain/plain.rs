//! What all nouns are told in, where the bindings themselves tell it: codes, counts, names, texts in JSON.
//!
//! All of it is the core's, and so is how it crosses: nothing is decided here.

pub(crate) use linli_core::replica::bindings::{Code, Count, Counts, Json, Names, References};

uniffi::use_remote_type!(linli_core::Code);
uniffi::use_remote_type!(linli_core::Count);
uniffi::use_remote_type!(linli_core::Counts);
uniffi::use_remote_type!(linli_core::Json);
uniffi::use_remote_type!(linli_core::Names);
uniffi::use_remote_type!(linli_core::References);

/// Rows wanted, as core counts them; 0 is as many as a page holds.
pub(crate) fn rows(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
