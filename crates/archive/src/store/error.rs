//! What can go wrong with the disk, named by what somebody has to do about it.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// A failure of the archive's disk. Paths are relative to the archive folder, except for that folder itself.
///
/// `Missing`, `Busy` and `Outside` concern one file. The others concern the whole archive: stop taking work until mended.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space or quota left: free some; work can go on by itself afterwards.
    #[error("the disk is full (or the quota used up): could not {what} \"{}\"", path.display())]
    DiskFull {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
    },
    /// The file would not fit above the floor that stays free. Begin it when there is room.
    #[error(
        "no room on the archive's disk for {wanted_bytes} more bytes: {free_bytes} are free, of which {floor_bytes} stay free"
    )]
    NoRoom {
        /// What the file still needs.
        wanted_bytes: u64,
        /// What is free.
        free_bytes: u64,
        /// What stays free.
        floor_bytes: u64,
    },
    /// Somebody else is writing this very file: leave it to them.
    #[error("\"{}\" is being written by somebody else", path.display())]
    Busy {
        /// The part.
        path: PathBuf,
    },
    /// The service's user may not do that here: give it the folder.
    #[error("no permission to {what} \"{}\"", path.display())]
    NotWritable {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
    },
    /// The file system is mounted read-only, often after a disk error.
    #[error("the file system is read-only: could not {what} \"{}\"", path.display())]
    ReadOnly {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
    },
    /// The archive folder itself went away: its disk must be mounted again. Says nothing about single files.
    #[error("the archive folder \"{}\" is not there: is its disk mounted?", root.display())]
    ArchiveGone {
        /// The archive folder.
        root: PathBuf,
    },
    /// The file or folder is not there (any more).
    #[error("\"{}\" does not exist", path.display())]
    Missing {
        /// The absent file or folder.
        path: PathBuf,
    },
    /// The path would leave the archive, by its form or through a symbolic link: nothing was touched.
    #[error("\"{}\" is not a plain path inside the archive (symbolic links are not followed)", path.display())]
    Outside {
        /// The refused path.
        path: PathBuf,
    },
    /// Anything else that the system reports.
    #[error("could not {what} \"{}\": {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl StoreError {
    /// Sorts a system error by what has to be done about it.
    pub(super) fn sort(what: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { what, path },
            ErrorKind::PermissionDenied => Self::NotWritable { what, path },
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { what, path },
            ErrorKind::NotFound => Self::Missing { path },
            ErrorKind::WouldBlock => Self::Busy { path },
            _ => Self::Io { what, path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn system_errors_are_sorted_by_what_to_do() {
        let sorted = |errno| StoreError::sort("write", Path::new("a"), io::Error::from_raw_os_error(errno));
        assert!(matches!(sorted(28), StoreError::DiskFull { .. }), "ENOSPC");
        assert!(matches!(sorted(122), StoreError::DiskFull { .. }), "EDQUOT");
        assert!(matches!(sorted(30), StoreError::ReadOnly { .. }), "EROFS");
        assert!(matches!(sorted(13), StoreError::NotWritable { .. }), "EACCES");
        assert!(matches!(sorted(1), StoreError::NotWritable { .. }), "EPERM");
        assert!(matches!(sorted(2), StoreError::Missing { .. }), "ENOENT");
        assert!(matches!(sorted(5), StoreError::Io { .. }), "EIO");
        assert_eq!(sorted(28).to_string(), "the disk is full (or the quota used up): could not write \"a\"");
    }
}
