//! Address.
