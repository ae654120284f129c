//! Where the files of recordings go that somebody has put in the trash: aside, on the same disk, by renaming alone, so
//! that putting them back puts back the very same bytes. Each recording has a folder of its own there.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::disk::blocking;
use super::{Store, StoreError};

/// The folder, below the archive's root.
pub const TRASH: &str = ".trash";
const LOCK_FILE: &str = ".lock";

/// Held by whoever moves files into the trash or out of it; freed when dropped.
#[derive(Debug)]
pub(crate) struct TrashLock {
    _file: File,
}

impl Store {
    /// Waits until nobody else, in this process or another, moves files into the trash or out of it.
    pub(crate) async fn lock_trash(&self) -> Result<TrashLock, StoreError> {
        let store = self.clone();
        blocking(move || {
            store.make_folders(Path::new(TRASH))?;
            let relative = Path::new(TRASH).join(LOCK_FILE);
            let path = store.root().join(&relative);
            let lock = || {
                let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
                file.lock()?;
                Ok(file)
            };
            lock().map(|file| TrashLock { _file: file }).map_err(|error| store.sort("lock", &relative, error))
        })
        .await
    }

    /// Moves a file of this recording into the trash; false when it is not in its place.
    pub(crate) async fn move_to_trash(&self, token: &str, file: &Path) -> Result<bool, StoreError> {
        self.rename(token, file.to_owned(), folder_of(token)).await
    }

    /// Moves it back; false when it is not in the trash.
    pub(crate) async fn move_from_trash(&self, token: &str, file: &Path) -> Result<bool, StoreError> {
        let from = folder_of(token).join(file.file_name().unwrap_or_default());
        self.rename(token, from, file.parent().unwrap_or(Path::new("")).to_owned()).await
    }

    /// Removes a file of this recording from the trash for good.
    pub(crate) async fn remove_from_trash(&self, token: &str, file_name: &str) -> Result<bool, StoreError> {
        self.remove(&folder_of(token).join(file_name)).await
    }

    /// Removes this recording's folder in the trash, if nothing is in it.
    pub(crate) async fn remove_trash_folder(&self, token: &str) -> Result<(), StoreError> {
        let (store, folder) = (self.clone(), folder_of(token));
        blocking(move || match fs::remove_dir(store.root().join(&folder)) {
            Err(error)
                if !matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(store.sort("remove", &folder, error))
            }
            _ => Ok(()),
        })
        .await
    }

    async fn rename(&self, token: &str, from: PathBuf, to_dir: PathBuf) -> Result<bool, StoreError> {
        let (store, aside) = (self.clone(), format!("in-the-way-{token}"));
        blocking(move || {
            let source = match store.locate_now(&from) {
                Ok(source) => source,
                Err(StoreError::Missing { .. }) => return Ok(false),
                Err(error) => return Err(error),
            };
            store.make_folders(&to_dir)?;
            let name = from.file_name().unwrap_or_default();
            let target = store.locate_now(&to_dir)?.join(name);
            if target.symlink_metadata().is_ok() {
                // Nobody of ours puts a file where a trashed one was; whose ever it is, it is not lost.
                let note = serde_json::json!({ "why": "it was in the way of a file that was put back" });
                store.set_aside(&target, &aside, &note.to_string())?;
            }
            fs::rename(source, target).map_err(|error| store.sort("move", &from, error))?;
            store.sync_folders(&to_dir)?;
            store.sync_folders(from.parent().unwrap_or(Path::new("")))?;
            Ok(true)
        })
        .await
    }
}

/// Tokens are letters and digits: no name of theirs leads anywhere else.
fn folder_of(token: &str) -> PathBuf {
    Path::new(TRASH).join(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "obcn37dxcftoc3656rgyejm7";

    async fn store_with(content: &[u8]) -> (tempfile::TempDir, Store, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().into()).await.unwrap();
        store.put_small(Path::new("王芳/2026-11"), "周会.mp4", content).await.unwrap();
        (folder, store, PathBuf::from("王芳/2026-11/周会.mp4"))
    }

    #[tokio::test]
    async fn a_file_goes_and_comes_back_as_it_was_however_often_it_is_asked_for() {
        let (folder, store, file) = store_with(b"film").await;
        assert!(store.move_to_trash(TOKEN, &file).await.unwrap());
        assert!(!store.move_to_trash(TOKEN, &file).await.unwrap(), "it is there already");
        assert!(!store.exists(&file).await.unwrap());
        // Its folder may be gone by then.
        store.remove_empty_folders(Path::new("王芳/2026-11")).await.unwrap();
        assert!(!folder.path().join("王芳").exists());
        assert!(store.move_from_trash(TOKEN, &file).await.unwrap());
        assert!(!store.move_from_trash(TOKEN, &file).await.unwrap());
        assert_eq!(fs::read(folder.path().join(&file)).unwrap(), b"film");
        store.remove_trash_folder(TOKEN).await.unwrap();
        assert!(!folder.path().join(TRASH).join(TOKEN).exists());
    }

    #[tokio::test]
    async fn what_lies_in_the_way_is_set_aside_and_not_lost() {
        let (folder, store, file) = store_with(b"film").await;
        store.move_to_trash(TOKEN, &file).await.unwrap();
        fs::write(folder.path().join(&file), "somebody's").unwrap();
        store.move_from_trash(TOKEN, &file).await.unwrap();
        assert_eq!(fs::read(folder.path().join(&file)).unwrap(), b"film");
        let aside = folder.path().join(format!(".quarantine/in-the-way-{TOKEN}/周会.mp4"));
        assert_eq!(fs::read_to_string(aside).unwrap(), "somebody's");
    }

    #[tokio::test]
    async fn a_link_in_its_place_is_not_moved() {
        let (folder, store, file) = store_with(b"film").await;
        fs::remove_file(folder.path().join(&file)).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join(&file)).unwrap();
        let refused = store.move_to_trash(TOKEN, &file).await.unwrap_err();
        assert!(matches!(refused, StoreError::Outside { .. }), "{refused}");
    }

    #[tokio::test]
    async fn only_one_moves_files_at_a_time() {
        let (_folder, store, _) = store_with(b"film").await;
        let first = store.lock_trash().await.unwrap();
        let second = tokio::spawn({
            let store = store.clone();
            async move { store.lock_trash().await.unwrap() }
        });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap();
    }

    #[tokio::test]
    async fn the_sweep_leaves_the_trash_alone_whatever_is_in_it() {
        let (folder, store, _) = store_with(b"film").await;
        let odd = folder.path().join(TRASH).join(TOKEN);
        fs::create_dir_all(&odd).unwrap();
        fs::write(odd.join("x.part"), "a name of somebody's choosing").unwrap();
        assert_eq!(store.sweep_parts().await.unwrap().0, 0);
        assert!(odd.join("x.part").exists() && super::super::is_own_file(Path::new(TRASH)));
    }
}
