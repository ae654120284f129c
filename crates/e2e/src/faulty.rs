//! Faults of the machine, ordered from outside: a shim (`shim/faulty.c`) that is loaded before the C library makes
//! system calls of the running program fail, and shows it another time. The product knows nothing of it.
//!
//! What does not pass the C library's symbols is out of reach: the program asks for free room and sets room aside
//! (statvfs, fallocate) by system calls of its own. [`crate::SmallDisk`] covers those.

use std::cell::Cell;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const SHIM: &str = include_str!("../shim/faulty.c");

/// As in the shim: the head, then the rules.
const HEAD_BYTES: usize = 128;
const RULE_BYTES: usize = 128;
const RULES: usize = 64;
const PATH_BYTES: usize = 80;
const SEEN_AT: usize = 32;
const FAILED_AT: usize = 40;
const PATH_AT: usize = 48;

/// No space left on device.
pub const ENOSPC: i32 = 28;
/// Input/output error.
pub const EIO: i32 = 5;
/// Read-only file system.
pub const EROFS: i32 = 30;
/// Permission denied.
pub const EACCES: i32 = 13;

/// System calls, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls(u32);

impl Calls {
    /// Opening what is there for writing.
    pub const OPEN: Self = Self(1);
    /// Opening that makes the file.
    pub const CREATE: Self = Self(256);
    /// Writing.
    pub const WRITE: Self = Self(2);
    /// fsync and fdatasync of a file.
    pub const SYNC: Self = Self(4);
    /// Renaming, by the new name.
    pub const RENAME: Self = Self(8);
    /// Making a folder.
    pub const MKDIR: Self = Self(16);
    /// Setting a file's length.
    pub const TRUNCATE: Self = Self(32);
    /// Removing a file.
    pub const UNLINK: Self = Self(64);
    /// fsync of a folder.
    pub const SYNC_FOLDER: Self = Self(128);
    /// Whatever may need room.
    pub const NEEDING_ROOM: Self = Self(2 | 8 | 16 | 32 | 256);
    /// Whatever changes something.
    pub const CHANGING: Self = Self(1 | 2 | 8 | 16 | 32 | 64 | 256);

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

/// What is to go wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    calls: Calls,
    path: String,
    error: i32,
    after: u64,
    times: u64,
    drops_unsynced: bool,
}

impl Fault {
    /// From now on, each of these calls about a path of this pattern (fnmatch; `*` takes slashes, too) fails with
    /// this errno.
    #[must_use]
    pub fn of(calls: Calls, path: &str, error: i32) -> Self {
        Self { calls, path: path.to_owned(), error, after: 0, times: u64::MAX, drops_unsynced: false }
    }

    /// Only behind so many calls that go well.
    #[must_use]
    pub fn after(mut self, calls: u64) -> Self {
        self.after = calls;
        self
    }

    /// Only so often.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// What was written since the last good sync is lost with a failing one, and the next one is good: so Linux does
    /// it.
    #[must_use]
    pub fn dropping_the_unsynced(mut self) -> Self {
        self.drops_unsynced = true;
        self
    }
}

/// The faults of one program's machine.
pub struct Machine {
    orders: File,
    rules: Cell<usize>,
    folder: TempDir,
}

/// A fault that was ordered.
pub struct Ordered<'a> {
    machine: &'a Machine,
    at: usize,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// A machine on which all is well.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("orders");
        let orders = File::options().read(true).write(true).create_new(true).open(path).expect("a file");
        orders.set_len((HEAD_BYTES + RULES * RULE_BYTES) as u64).expect("room for orders");
        Self { orders, rules: Cell::new(0), folder }
    }

    /// The variables with which a program runs on it.
    pub(crate) fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("LD_PRELOAD", shim()), ("FAULTY_ORDERS", self.folder.path().join("orders"))]
    }

    /// Orders a fault; it is there until it is lifted.
    pub fn order(&self, fault: &Fault) -> Ordered<'_> {
        let number = self.rules.replace(self.rules.get() + 1);
        assert!(number < RULES, "the shim takes {RULES} orders");
        assert!(fault.path.len() < PATH_BYTES, "{} is too long a pattern", fault.path);
        let mut rule = [0; RULE_BYTES];
        rule[4..8].copy_from_slice(&fault.calls.0.to_ne_bytes());
        rule[8..12].copy_from_slice(&fault.error.to_ne_bytes());
        rule[12..16].copy_from_slice(&u32::from(fault.drops_unsynced).to_ne_bytes());
        rule[16..24].copy_from_slice(&fault.after.to_ne_bytes());
        rule[24..32].copy_from_slice(&fault.times.to_ne_bytes());
        rule[PATH_AT..][..fault.path.len()].copy_from_slice(fault.path.as_bytes());
        let at = HEAD_BYTES + number * RULE_BYTES;
        self.write(at, &rule);
        // Armed last: nothing is to go by half an order.
        self.write(at, &1_u32.to_ne_bytes());
        Ordered { machine: self, at }
    }

    /// From now on the program's clock is so far ahead of the machine's, behind it when negative.
    pub fn turn_clock(&self, ahead_ms: i64) {
        self.write(0, &ahead_ms.to_ne_bytes());
    }

    fn write(&self, at: usize, bytes: &[u8]) {
        self.orders.write_all_at(bytes, at as u64).expect("orders can be written");
    }

    fn number(&self, at: usize) -> u64 {
        let mut bytes = [0; 8];
        self.orders.read_exact_at(&mut bytes, at as u64).expect("orders can be read");
        u64::from_ne_bytes(bytes)
    }
}

impl Ordered<'_> {
    /// How many such calls there were.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.machine.number(self.at + SEEN_AT)
    }

    /// How many of them failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.machine.number(self.at + FAILED_AT)
    }

    /// All is well again.
    pub fn lift(&self) {
        self.machine.write(self.at, &0_u32.to_ne_bytes());
    }
}

/// The compiled shim, beside the program. Tests that run at once may each compile it; the name belongs to whoever is
/// last, and its content is the same.
fn shim() -> PathBuf {
    let mut hash = DefaultHasher::new();
    SHIM.hash(&mut hash);
    let binary = crate::binary();
    let folder = binary.parent().unwrap_or(Path::new("."));
    let library = folder.join(format!("faulty-{:016x}.so", hash.finish()));
    if !library.exists() {
        compile(&library);
    }
    library
}

fn compile(library: &Path) {
    let folder = tempfile::tempdir_in(library.parent().unwrap_or(Path::new("."))).expect("a folder");
    let (source, fresh) = (folder.path().join("faulty.c"), folder.path().join("faulty.so"));
    std::fs::write(&source, SHIM).expect("the source can be written");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&fresh)
        .arg(&source)
        .output()
        .expect("a C compiler is here");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    std::fs::rename(fresh, library).expect("beside the program");
}
