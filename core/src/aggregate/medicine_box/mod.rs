//! Medicine box.
