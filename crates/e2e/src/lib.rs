//! The built program against the stand-in platform, over real sockets: what the tests and the benchmark
//! share. Nothing here is linked into the product.

#![expect(clippy::missing_panics_doc, reason = "a harness panics to fail the test")]

pub mod coverage;
mod delivery;
mod faulty;
mod patience;
mod platform;
mod program;
mod small_disk;

pub use delivery::Delivery;
pub use faulty::{Calls, EACCES, EIO, ENOSPC, EROFS, Fault, Machine, Ordered};
pub use patience::eventually;
pub use platform::Platform;
pub use program::{Installation, Vault, binary, memory_mib, signal};
pub use small_disk::SmallDisk;
