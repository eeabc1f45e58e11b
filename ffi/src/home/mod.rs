//! What a home holds: bundles, upkeep, repair.

pub mod bundle;
pub mod repair;
pub mod upkeep;
