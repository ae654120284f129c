//! minutes-vault
fn main() {}
