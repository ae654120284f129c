//! What earlier runs left unfinished: what can be taken up again is listed, the rest is removed.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::disk::{LEDGER_SUFFIX, PART_SUFFIX, blocking};
use super::finished::remove_if_there;
use super::ledger::Ledger;
use super::{QUARANTINE, Store, StoreError, TRASH};

/// A part with its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Whose file it is.
    pub subject: String,
    /// Bytes of it that are safe.
    pub bytes: u64,
    /// Relative to the archive, without its endings.
    path: PathBuf,
}

impl Store {
    /// Removes what nothing can be made of and lists the rest, with how many files went. For the start, before
    /// anything is written.
    pub async fn sweep_parts(&self) -> Result<(u64, Vec<Unfinished>), StoreError> {
        let store = self.clone();
        blocking(move || {
            sweep(store.root()).map_err(|error| store.sort("look through", Path::new(""), error))
        })
        .await
    }

    /// Removes an unfinished part.
    pub async fn give_up(&self, unfinished: Unfinished) -> Result<(), StoreError> {
        let store = self.clone();
        blocking(move || {
            let folder = store.locate_now(unfinished.path.parent().unwrap_or(Path::new("")))?;
            let remove = |ending| {
                let mut name = unfinished.path.file_name().unwrap_or_default().to_owned();
                name.push(ending);
                remove_if_there(&folder.join(name))
                    .map_err(|error| store.sort("remove", &unfinished.path, error))
            };
            remove(LEDGER_SUFFIX)?;
            remove(PART_SUFFIX)
        })
        .await
    }
}

fn sweep(root: &Path) -> io::Result<(u64, Vec<Unfinished>)> {
    let (mut swept, mut unfinished) = (0, Vec::new());
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            // The root of a disk holds folders that are the system's alone, such as lost+found.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && folder != root => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                // What is in quarantine or in the trash stays there, whatever its name.
                if path != root.join(QUARANTINE) && path != root.join(TRASH) {
                    folders.push(path);
                }
            } else if kind.is_file() {
                match what_is(root, &path)? {
                    Leftover::None => {}
                    Leftover::Unfinished(part) => unfinished.push(part),
                    Leftover::Orphan => {
                        remove_if_there(&path)?;
                        swept += 1;
                    }
                }
            }
        }
    }
    Ok((swept, unfinished))
}

enum Leftover {
    None,
    Orphan,
    Unfinished(Unfinished),
}

fn what_is(root: &Path, path: &Path) -> io::Result<Leftover> {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    if name.ends_with(LEDGER_SUFFIX.as_bytes()) {
        // Listed with its part, if that is there.
        let part = path.with_extension("");
        return Ok(if part.is_file() { Leftover::None } else { Leftover::Orphan });
    }
    if !name.ends_with(PART_SUFFIX.as_bytes()) {
        return Ok(Leftover::None);
    }
    let mut ledger = path.as_os_str().to_owned();
    ledger.push(".ledger");
    let Some((_, entry)) = Ledger::open(Path::new(&ledger))? else {
        remove_if_there(Path::new(&ledger))?;
        return Ok(Leftover::Orphan);
    };
    let path = path.strip_prefix(root).unwrap_or(path).with_extension("");
    Ok(Leftover::Unfinished(Unfinished { subject: entry.subject, bytes: entry.have.bytes(), path }))
}
