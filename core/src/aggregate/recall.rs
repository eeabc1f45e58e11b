//! Recall.
