//! Faults of the machine: a full disk, a read-only one, syncs that fail, a busy catalogue, a clock that jumps; and
//! events that come a hundred times or in any order. Each ends in the state that a careful person would expect, and
//! with the fault everything goes on by itself.
//!
//! Faults are ordered from outside ([`e2e::Machine`]), so that they strike at the very call that is meant; where the
//! machine lets us mount, small file systems of its own ([`e2e::SmallDisk`]) are filled up and made read-only besides.

mod catalogue;
mod clock;
mod disk_full;
mod events;
mod read_only;
mod small_disk;
mod stage;
mod sync;
