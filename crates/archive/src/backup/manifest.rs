//! What a backup says of itself.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{BackupError, io_error, measure};

pub(super) const MANIFEST: &str = "manifest.json";
/// What this version writes and reads.
const FORMAT: u32 = 1;

/// A backup as it lies there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// Its folder.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// The program that made it.
    pub version: String,
    /// When, unix ms.
    pub made_at_ms: i64,
    /// Its files.
    pub files: Vec<FileLine>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Inside the backup's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Lowercase hex.
    pub sha256: String,
}

impl Manifest {
    pub(super) fn new(version: &str, made_at_ms: i64, files: Vec<FileLine>) -> Self {
        Self { format: FORMAT, version: version.to_owned(), made_at_ms, files }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Whether this file is in it.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.name == name)
    }
}

impl BackedUp {
    /// Reads what a folder says of itself.
    pub fn read(path: PathBuf) -> Result<Self, BackupError> {
        let text = std::fs::read(path.join(MANIFEST));
        let manifest = text.ok().and_then(|text| serde_json::from_slice::<Manifest>(&text).ok());
        match manifest.filter(|manifest| manifest.format == FORMAT) {
            Some(manifest) => Ok(Self { path, manifest }),
            None => Err(BackupError::NotABackup(path)),
        }
    }

    /// Reads all its files and compares them with what it says.
    pub(super) fn prove(&self) -> Result<(), BackupError> {
        for file in &self.manifest.files {
            let path = self.path.join(&file.name);
            let is_plain = Path::new(&file.name).components().count() == 1;
            let is_right = is_plain
                && measure(&path).is_ok_and(|(bytes, sha256)| bytes == file.bytes && sha256 == file.sha256);
            if !is_right {
                return Err(BackupError::Damaged(path));
            }
        }
        Ok(())
    }
}

pub(super) fn describe(folder: &Path, name: &str) -> Result<FileLine, BackupError> {
    let path = folder.join(name);
    let (bytes, sha256) = measure(&path).map_err(|error| io_error(&path, error))?;
    Ok(FileLine { name: name.to_owned(), bytes, sha256 })
}
