//! Files in the archive folder of which the catalogue knows nothing. They are told of, never touched: somebody put
//! them there.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::AuditError;
use crate::catalog::Catalog;
use crate::store::{Store, StoreError, is_own_file};

/// A file that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Stranger {
    /// Relative to the archive.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
}

/// Goes through the whole folder, one after the other of its folders; `tell` hears of each stranger.
pub async fn strangers(
    catalog: &Catalog,
    store: &Store,
    mut tell: impl FnMut(Stranger),
) -> Result<(), AuditError> {
    let mut folders = vec![PathBuf::new()];
    while let Some(dir) = folders.pop() {
        let (root, at) = (store.root().to_owned(), dir.clone());
        let listed = tokio::task::spawn_blocking(move || list(&root, &at)).await;
        let listing = match listed.unwrap_or_else(|stopped| Err(stopped.into())) {
            Ok(listing) => listing,
            // The root of a disk holds folders that are the system's alone, such as lost+found.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && dir != Path::new("") => continue,
            Err(error) => {
                let source = StoreError::Io { what: "look through", path: dir, source: error };
                return Err(AuditError::Store(source));
            }
        };
        folders.extend(listing.folders);
        if listing.files.is_empty() {
            continue;
        }
        let known = catalog.files_in(&dir.to_string_lossy()).await?;
        let known: HashSet<String> = known.into_iter().map(|file| file.file_name).collect();
        for (name, bytes) in listing.files {
            if !known.contains(name.as_str()) {
                tell(Stranger { path: dir.join(name), bytes });
            }
        }
    }
    Ok(())
}

#[derive(Default)]
struct Listing {
    folders: Vec<PathBuf>,
    files: Vec<(String, u64)>,
}

fn list(root: &Path, dir: &Path) -> std::io::Result<Listing> {
    let mut listing = Listing::default();
    for entry in fs::read_dir(root.join(dir))? {
        let entry = entry?;
        let name = entry.file_name();
        if is_own_file(&dir.join(&name)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            listing.folders.push(dir.join(name));
        } else {
            let bytes = entry.metadata().map_or(0, |found| found.len());
            listing.files.push((name.to_string_lossy().into_owned(), bytes));
        }
    }
    Ok(listing)
}
