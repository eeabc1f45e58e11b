//! What neighbours do, as apps see it: one file for each noun, records in and out.

pub mod board;
