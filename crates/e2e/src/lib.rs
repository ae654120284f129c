//! The built program against the stand-in platform, over real sockets: what the tests and the benchmark
//! share. Nothing here is linked into the product.

#![expect(clippy::missing_panics_doc, reason = "a harness panics to fail the test")]

mod delivery;
mod patience;
mod platform;
mod program;

pub use delivery::Delivery;
pub use patience::eventually;
pub use platform::Platform;
pub use program::{Installation, Vault, binary, memory_mib, signal};
