//! What of an unfinished file is safely on disk, written beside it: `<name>.part.ledger`.
//!
//! The length of a file says nothing about the holes in it, and a byte that was written is not yet a byte on disk.
//! The ledger is written only behind a sync, and says less than is there rather than more. Two slots are written
//! in turn, each with a checksum: a write that is cut off leaves the other slot.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::SerializableState as _;
use sha2::{Digest as _, Sha256};

use super::ranges::Ranges;

const SLOT_BYTES: usize = 16 * 1024;
const CHECKSUM_DIGITS: usize = 16;
/// What fits into a slot with the longest numbers; more holes than that are never needed.
const MAX_RANGES: usize = 200;
/// An ETag is a few dozen bytes; a host that writes novels has none.
const MAX_VALIDATOR_BYTES: usize = 512;

/// The version of a remote file that bytes belong to: those of two versions are never mixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Its length.
    pub bytes: u64,
    /// As the host wrote it.
    pub etag: Option<String>,
    /// As the host wrote it.
    pub last_modified: Option<String>,
}

impl Object {
    /// Without validators that no sane host would send.
    #[must_use]
    pub fn new(bytes: u64, etag: Option<String>, last_modified: Option<String>) -> Self {
        let short = |text: Option<String>| text.filter(|text| text.len() <= MAX_VALIDATOR_BYTES);
        Self { bytes, etag: short(etag), last_modified: short(last_modified) }
    }

    /// What proves that a part belongs to this version: a strong ETag, else Last-Modified.
    #[must_use]
    pub fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }
}

/// One entry: what is there, and the hash as far as it has come.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Whose file this is.
    pub(super) subject: String,
    pub(super) object: Object,
    /// Synced.
    pub(super) have: Ranges,
    /// The hash of the first so many bytes.
    pub(super) hashed_bytes: u64,
    pub(super) hash: Sha256,
}

#[derive(Serialize, Deserialize)]
struct Written {
    sequence: u64,
    subject: String,
    object: Object,
    have: Ranges,
    hashed_bytes: u64,
    hash_state: String,
}

/// An open ledger.
#[derive(Debug)]
pub(super) struct Ledger {
    file: File,
    sequence: u64,
}

impl Ledger {
    /// A new one in place of any other; nothing is in it yet.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Self { file, sequence: 0 })
    }

    /// The ledger at `path` with its latest entry; `None` when there is none that can be believed.
    pub(super) fn open(path: &Path) -> io::Result<Option<(Self, Entry)>> {
        let file = match File::options().read(true).write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let slots = [read_slot(&file, 0)?, read_slot(&file, 1)?];
        let latest = slots.into_iter().flatten().max_by_key(|written| written.sequence);
        Ok(latest.and_then(|written| {
            let sequence = written.sequence;
            Some((Self { file, sequence }, written.into_entry()?))
        }))
    }

    /// Writes `entry` and syncs it. What it says must be on disk already.
    pub(super) fn note(&mut self, entry: Entry) -> io::Result<()> {
        self.sequence += 1;
        let Entry { subject, object, mut have, hashed_bytes, hash } = entry;
        have.truncate(MAX_RANGES);
        let hash_state = hex::encode(hash.serialize());
        let written = Written { sequence: self.sequence, subject, object, have, hashed_bytes, hash_state };
        let json = serde_json::to_string(&written)?;
        let slot = format!("{}{json}\n", checksum(json.as_bytes()));
        if slot.len() > SLOT_BYTES {
            return Err(io::Error::other("the ledger's entry is too long"));
        }
        self.file.write_all_at(slot.as_bytes(), (self.sequence % 2) * SLOT_BYTES as u64)?;
        self.file.sync_data()
    }
}

impl Written {
    fn into_entry(self) -> Option<Entry> {
        let Self { subject, object, have, hashed_bytes, hash_state, .. } = self;
        let state = hex::decode(hash_state).ok()?;
        let hash = Sha256::deserialize(state.as_slice().try_into().ok()?).ok()?;
        let believable = have.end() <= object.bytes && have.covers(&(0..hashed_bytes));
        believable.then_some(Entry { subject, object, have, hashed_bytes, hash })
    }
}

fn read_slot(file: &File, slot: u64) -> io::Result<Option<Written>> {
    let mut bytes = vec![0; SLOT_BYTES];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(bytes.split_at_mut(filled).1, slot * SLOT_BYTES as u64 + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some((sum, json)) = line.split_at_checked(CHECKSUM_DIGITS) else { return Ok(None) };
    let is_whole = checksum(json).as_bytes() == sum;
    Ok(is_whole.then(|| serde_json::from_slice(json).ok()).flatten())
}

fn checksum(json: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(json));
    digits.truncate(CHECKSUM_DIGITS);
    digits
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
