//! What a home holds and needs: bundles, alarms, upkeep, repair.

pub mod alarm;
pub mod bundle;
pub mod repair;
pub mod upkeep;
