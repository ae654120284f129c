//! The archive's own mark: a small file in its folder that names the installation. Where it is missing, the disk is
//! not mounted or somebody else's: then nothing is written, or every recording would be fetched anew into the empty
//! mount point.

use std::io::ErrorKind;
use std::path::Path;
use std::{fs, io};

use super::disk::{blocking, sync_folder};
use super::{Store, StoreError};

/// Its name.
pub const MARK_FILE: &str = ".minutes-vault";
/// An id is far shorter.
const MAX_MARK_BYTES: u64 = 4096;

/// Whose mark is in the archive folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// This installation's.
    Ours,
    /// Another installation's.
    Others,
    /// Nobody's.
    None,
}

impl Store {
    /// Looks whose mark is there.
    pub async fn mark(&self, id: &str) -> Result<Mark, StoreError> {
        let (store, id) = (self.clone(), id.to_owned());
        blocking(move || match read(store.root()) {
            Ok(Some(found)) if found == id => Ok(Mark::Ours),
            Ok(Some(_)) => Ok(Mark::Others),
            Ok(None) => Ok(Mark::None),
            Err(error) => Err(store.sort("read", Path::new(MARK_FILE), error)),
        })
        .await
    }

    /// Leaves this installation's mark.
    pub async fn leave_mark(&self, id: &str) -> Result<(), StoreError> {
        let (store, id) = (self.clone(), id.to_owned());
        blocking(move || {
            let path = store.root().join(MARK_FILE);
            let text = format!("{id}\nThis folder is kept by minutes-vault. Leave this file where it is.\n");
            fs::write(&path, text)
                .and_then(|()| fs::File::open(&path)?.sync_all())
                .and_then(|()| sync_folder(store.root()))
                .map_err(|error| store.sort("write", Path::new(MARK_FILE), error))
        })
        .await
    }

    /// From now on nothing is written while this mark is not in the folder.
    #[must_use]
    pub fn only_with_mark(mut self, id: &str) -> Self {
        self.own_mark = Some(id.into());
        self
    }

    /// Refuses to write into a folder that has lost its mark.
    pub(super) fn demand_mark(&self) -> Result<(), StoreError> {
        let Some(own) = &self.own_mark else { return Ok(()) };
        match read(self.root()) {
            Ok(Some(found)) if found == **own => Ok(()),
            Ok(_) => Err(StoreError::ArchiveGone { root: self.root().to_path_buf() }),
            Err(error) => Err(self.sort("read", Path::new(MARK_FILE), error)),
        }
    }
}

fn read(root: &Path) -> io::Result<Option<String>> {
    use std::io::Read as _;
    let file = match fs::File::open(root.join(MARK_FILE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut text = String::new();
    file.take(MAX_MARK_BYTES).read_to_string(&mut text)?;
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_its_mark_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().into()).await.unwrap();
        assert_eq!(store.mark("one").await.unwrap(), Mark::None);
        store.leave_mark("one").await.unwrap();
        assert_eq!(store.mark("one").await.unwrap(), Mark::Ours);
        assert_eq!(store.mark("two").await.unwrap(), Mark::Others);

        let store = store.only_with_mark("one");
        store.put_small(Path::new("a"), "x.txt", b"1").await.unwrap();
        fs::remove_file(folder.path().join(MARK_FILE)).unwrap();
        let gone = |error| matches!(error, StoreError::ArchiveGone { .. });
        assert!(gone(store.put_small(Path::new("b"), "x.txt", b"1").await.unwrap_err()));
        assert!(gone(store.assemble(Path::new("b"), "x", "token", None).await.unwrap_err()));
        assert!(!folder.path().join("b").exists(), "not even a folder is made");
        store.leave_mark("one").await.unwrap();
        store.put_small(Path::new("b"), "x.txt", b"1").await.unwrap();
    }
}
