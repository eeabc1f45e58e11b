//! A volunteer phone.
fn main() {}
