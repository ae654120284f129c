//! Where files go that are not what they should be: aside, on the same disk, with a note that says why. Nothing is
//! deleted because it looks wrong; a person may still make something of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::disk::{blocking, sync_folder};
use super::finished::remove_if_there;
use super::{FinishedPart, Store, StoreError};
use crate::model::Reason;

/// The folder, below the archive's root.
pub const QUARANTINE: &str = ".quarantine";
const NOTE_FILE: &str = "why.json";

/// What is in quarantine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct QuarantineSize {
    /// Files, their notes not counted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One file in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Quarantined {
    /// Where it is, relative to the archive.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Why it is there, as far as its note has a word for it.
    pub reason: Option<Reason>,
    /// What exactly is wrong with it, as its note says.
    pub why: String,
    /// The recording that it was to be, or was; as far as its note or its folder says.
    pub minute_token: Option<String>,
    /// When it was found to be wrong, unix ms; when its note was written, where that, as of older versions, does not say.
    pub found_ms: Option<i64>,
}

impl Store {
    /// Moves an archived file aside, into a folder named `label`; where it is now, relative to the archive.
    pub async fn quarantine(
        &self,
        relative: &Path,
        label: &str,
        note: &serde_json::Value,
    ) -> Result<PathBuf, StoreError> {
        let (store, relative, label) = (self.clone(), relative.to_owned(), label.to_owned());
        let note = note.to_string();
        blocking(move || {
            let from = store.locate_now(&relative)?;
            let to = store.set_aside(&from, &label, &note)?;
            store.sync_folders(relative.parent().unwrap_or(Path::new("")))?;
            Ok(to)
        })
        .await
    }

    /// What is in quarantine.
    pub async fn quarantined(&self) -> Result<QuarantineSize, StoreError> {
        let store = self.clone();
        blocking(move || {
            let mut size = QuarantineSize::default();
            for file in store.quarantined_files()? {
                size.files += 1;
                size.bytes += fs::symlink_metadata(&file).map_or(0, |found| found.len());
            }
            Ok(size)
        })
        .await
    }

    /// What is in quarantine file by file, with why; at most so many, the last found first.
    pub async fn list_quarantine(&self, most: usize) -> Result<Vec<Quarantined>, StoreError> {
        let store = self.clone();
        blocking(move || {
            let mut list: Vec<_> =
                store.quarantined_files()?.iter().map(|file| describe(store.root(), file)).collect();
            list.sort_by(|one, other| (other.found_ms, &one.path).cmp(&(one.found_ms, &other.path)));
            list.truncate(most);
            Ok(list)
        })
        .await
    }

    /// Removes all of it for good.
    pub async fn purge_quarantine(&self) -> Result<(), StoreError> {
        let store = self.clone();
        blocking(move || match fs::remove_dir_all(store.root().join(QUARANTINE)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(store.sort("remove", Path::new(QUARANTINE), error))
            }
            _ => Ok(()),
        })
        .await
    }

    fn quarantined_files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let error = |error| self.sort("look through", Path::new(QUARANTINE), error);
        let root = self.root().join(QUARANTINE);
        if !root.is_dir() {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for label in fs::read_dir(root).map_err(error)? {
            for entry in fs::read_dir(label.map_err(error)?.path()).map_err(error)? {
                let entry = entry.map_err(error)?;
                if entry.file_name() != NOTE_FILE {
                    files.push(entry.path());
                }
            }
        }
        Ok(files)
    }

    pub(super) fn set_aside(&self, from: &Path, label: &str, note: &str) -> Result<PathBuf, StoreError> {
        let dir = Path::new(QUARANTINE).join(label);
        self.make_folders(&dir)?;
        let folder = self.locate_now(&dir)?;
        let name = from.file_name().unwrap_or_default();
        let relative = dir.join(name);
        fs::write(folder.join(NOTE_FILE), note)
            .and_then(|()| fs::rename(from, folder.join(name)))
            .and_then(|()| sync_folder(&folder))
            .map_err(|error| self.sort("move", &relative, error))?;
        Ok(relative)
    }
}

/// The note is ours, and somebody may have changed it: what it does not say is not known.
fn describe(root: &Path, file: &Path) -> Quarantined {
    let folder = file.parent().unwrap_or(root);
    let note_file = folder.join(NOTE_FILE);
    let note = fs::read(&note_file).unwrap_or_default();
    let note: serde_json::Value = serde_json::from_slice(&note).unwrap_or_default();
    let written_ms = || {
        let written = fs::symlink_metadata(&note_file).and_then(|note| note.modified()).ok()?;
        i64::try_from(written.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
    };
    let label = folder.file_name().unwrap_or_default().to_string_lossy();
    let rejected = label.strip_prefix("rejected-").map(str::to_owned);
    Quarantined {
        path: file.strip_prefix(root).unwrap_or(file).to_owned(),
        bytes: fs::symlink_metadata(file).map_or(0, |found| found.len()),
        reason: note["reason"].as_str().and_then(|word| word.parse().ok()),
        why: note["why"].as_str().unwrap_or_default().to_owned(),
        minute_token: note["minute_token"].as_str().map(str::to_owned).or(rejected),
        found_ms: note["found_ms"].as_i64().or_else(written_ms),
    }
}

impl FinishedPart {
    /// What was received is no recording, as was found at this time, unix ms: it is kept aside as `rejected-<subject>`, in
    /// place of the last such.
    pub async fn reject(
        self,
        subject: &str,
        reason: Option<Reason>,
        why: &str,
        found_ms: i64,
    ) -> Result<PathBuf, StoreError> {
        let label = format!("rejected-{subject}");
        let note = serde_json::json!({
            "found_ms": found_ms,
            "reason": reason.map(Reason::as_str),
            "why": why,
            "bytes": self.bytes,
            "sha256": self.sha256,
        });
        let note = note.to_string();
        let mut claim = self.claim;
        blocking(move || {
            let to = claim.store.set_aside(&claim.path, &label, &note)?;
            claim.path.clear();
            if let Some(ledger) = claim.ledger.take() {
                remove_if_there(&ledger).map_err(|error| claim.error("remove", error))?;
            }
            Ok(to)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_set_aside_is_counted_and_kept_until_purged() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().into()).await.unwrap();
        assert_eq!(store.quarantined().await.unwrap(), QuarantineSize::default());
        store.put_small(Path::new("a"), "x.mp4", b"wrong").await.unwrap();
        let note = serde_json::json!({ "why": "test", "found_ms": 5_000 });
        let to = store.quarantine(Path::new("a/x.mp4"), "obcn1-1", &note).await.unwrap();
        assert_eq!(fs::read(folder.path().join(&to)).unwrap(), b"wrong");
        assert!(!store.exists(Path::new("a/x.mp4")).await.unwrap());
        for content in [b"one".as_slice(), b"another"] {
            let mut part = store.begin(Path::new("a"), "y").await.unwrap();
            part.write(content).await.unwrap();
            let part = part.finish().await.unwrap();
            part.reject("obcn2", Some(Reason::NotMedia), "no film", 4_000).await.unwrap();
        }
        assert_eq!(store.quarantined().await.unwrap(), QuarantineSize { files: 2, bytes: 5 + 7 });
        let listed = store.list_quarantine(9).await.unwrap();
        let said: Vec<_> = listed
            .iter()
            .map(|it| (it.bytes, it.reason, it.why.as_str(), it.minute_token.as_deref()))
            .collect();
        let rejected = (7, Some(Reason::NotMedia), "no film", Some("obcn2"));
        assert_eq!(said, [(5, None, "test", None), rejected], "the last found first");
        assert_eq!(listed.iter().map(|it| it.found_ms).collect::<Vec<_>>(), [Some(5_000), Some(4_000)]);
        // The note of an older version says nothing of it.
        let note = folder.path().join(listed[1].path.with_file_name(NOTE_FILE));
        fs::write(note, r#"{ "why": "no film" }"#).unwrap();
        assert!(store.list_quarantine(1).await.unwrap()[0].found_ms > Some(5_000), "its note is of now");
        assert_eq!(store.list_quarantine(1).await.unwrap().len(), 1);
        store.purge_quarantine().await.unwrap();
        assert_eq!(store.quarantined().await.unwrap(), QuarantineSize::default());
    }
}
