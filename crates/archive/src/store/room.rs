//! Room on the archive's disk, promised before bytes come: two transfers must not both count on the last gigabyte,
//! and a part of the disk is left to others.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::disk::blocking;
use super::{Store, StoreError};

/// How much of the archive's disk stays free: the smaller of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepFree {
    /// Of the whole disk.
    pub percent: u8,
    /// In bytes.
    pub bytes: u64,
}

impl KeepFree {
    /// Nothing: the disk may be filled.
    pub const NOTHING: Self = Self { percent: 0, bytes: 0 };

    fn of(self, disk_bytes: u64) -> u64 {
        self.bytes.min(disk_bytes / 100 * u64::from(self.percent))
    }
}

impl Default for KeepFree {
    fn default() -> Self {
        Self { percent: 5, bytes: 10 << 30 }
    }
}

/// What is known about the archive's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct DiskRoom {
    /// Bytes that this process may still write before the floor is reached; 0 at or below it.
    pub usable_bytes: u64,
    /// Bytes that are free, those below the floor included.
    pub free_bytes: u64,
    /// Bytes that stay free.
    pub floor_bytes: u64,
    /// Bytes promised to transfers under way and not yet written.
    pub promised_bytes: u64,
}

/// Room promised to one file; what is left of it is given back when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    promised: Arc<AtomicU64>,
    left_bytes: u64,
}

impl Reservation {
    /// So much has become file.
    pub(super) fn used(&mut self, bytes: u64) {
        let used = bytes.min(self.left_bytes);
        self.left_bytes -= used;
        self.promised.fetch_sub(used, Ordering::Relaxed);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.promised.fetch_sub(self.left_bytes, Ordering::Relaxed);
    }
}

impl Store {
    /// How much room there is.
    pub async fn room(&self) -> Result<DiskRoom, StoreError> {
        let store = self.clone();
        blocking(move || store.room_now()).await
    }

    /// Promises room for so many more bytes of `file`, and has the system set it aside if that is wanted.
    pub(super) fn reserve(&self, file: &File, bytes: u64) -> Result<Reservation, StoreError> {
        // Promised first: of two that ask at once at most one may be refused wrongly, never both be accepted.
        self.promised().fetch_add(bytes, Ordering::Relaxed);
        let mut reservation = Reservation { promised: Arc::clone(self.promised()), left_bytes: bytes };
        let room = self.room_now()?;
        if room.free_bytes < room.floor_bytes.saturating_add(room.promised_bytes) {
            return Err(StoreError::NoRoom {
                wanted_bytes: bytes,
                free_bytes: room.free_bytes,
                floor_bytes: room.floor_bytes,
            });
        }
        if self.preallocates() && bytes > 0 {
            preallocate(file, bytes)
                .map_err(|error| self.sort("set room aside for", Path::new(""), error))?;
            reservation.used(bytes);
        }
        Ok(reservation)
    }

    fn room_now(&self) -> Result<DiskRoom, StoreError> {
        let stat = rustix::fs::statvfs(self.root())
            .map_err(|error| self.sort("ask for room in", Path::new(""), error.into()))?;
        let free_bytes = stat.f_bavail.saturating_mul(stat.f_frsize);
        let floor_bytes = self.keep_free().of(stat.f_blocks.saturating_mul(stat.f_frsize));
        let promised_bytes = self.promised().load(Ordering::Relaxed);
        let usable_bytes = free_bytes.saturating_sub(floor_bytes).saturating_sub(promised_bytes);
        Ok(DiskRoom { usable_bytes, free_bytes, floor_bytes, promised_bytes })
    }
}

/// The file's length grows with its room: the ledger, not the length, tells what is there.
fn preallocate(file: &File, bytes: u64) -> io::Result<()> {
    let end = file.metadata()?.len().saturating_add(bytes);
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, end) {
        // Not every file system can; the promise holds all the same as far as we are concerned.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(()),
        outcome => Ok(outcome?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn room(store: &Store) -> DiskRoom {
        store.room().await.unwrap()
    }

    #[test]
    fn the_floor_is_the_smaller_of_share_and_size() {
        let floor = KeepFree::default();
        assert_eq!(floor.of(100 << 30), 5 << 30);
        assert_eq!(floor.of(10 << 40), 10 << 30);
        assert_eq!(KeepFree::NOTHING.of(u64::MAX), 0);
    }

    #[tokio::test]
    async fn what_is_promised_to_one_is_not_promised_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().into()).await.unwrap().keeping_free(KeepFree::NOTHING);
        let file = File::create(folder.path().join("x.part")).unwrap();
        let most = room(&store).await.free_bytes / 3 * 2;
        let first = store.reserve(&file, most).unwrap();
        assert!(matches!(store.reserve(&file, most), Err(StoreError::NoRoom { .. })));
        assert_eq!(room(&store).await.promised_bytes, most, "a refusal promises nothing");
        drop(first);
        let mut again = store.reserve(&file, most).unwrap();
        again.used(most - 10);
        assert_eq!(room(&store).await.promised_bytes, 10);
        drop(again);
        assert_eq!(room(&store).await.promised_bytes, 0);
    }

    #[tokio::test]
    async fn nothing_is_promised_below_the_floor() {
        let folder = tempfile::tempdir().unwrap();
        let floor = KeepFree { percent: 100, bytes: u64::MAX };
        let store = Store::open(folder.path().into()).await.unwrap().keeping_free(floor);
        let file = File::create(folder.path().join("x.part")).unwrap();
        assert_eq!(room(&store).await.usable_bytes, 0);
        let refused = store.reserve(&file, 1).unwrap_err();
        assert!(matches!(refused, StoreError::NoRoom { wanted_bytes: 1, .. }), "{refused}");
    }
}
