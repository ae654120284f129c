//! What the archive is held against: the stand-in's ground truth, and `sha256sum`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Every media file below `archive`, by the minute_token in its name, with its hash.
pub(crate) fn media_files(archive: &Path) -> BTreeMap<String, (PathBuf, String)> {
    let mut files = BTreeMap::new();
    for path in all_files(archive) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".mp4").or_else(|| name.strip_suffix(".m4a")) else { continue };
        let token =
            stem.rsplit_once('[').and_then(|(_, rest)| rest.strip_suffix(']')).expect("a token in the name");
        let hash = hex::encode(Sha256::digest(std::fs::read(&path).expect("readable")));
        let twice = files.insert(token.to_owned(), (path, hash));
        assert!(twice.is_none(), "two media files of {token}");
    }
    files
}

/// Every file below a folder, without those that are there for the archive's own sake: its mark, its quarantine.
pub(crate) fn all_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] })
        .collect()
}

/// The archive holds exactly these recordings, byte for byte; `sha256sum -c` agrees; nothing is unfinished.
pub(crate) fn assert_holds<'a>(archive: &Path, truth: impl IntoIterator<Item = &'a Value>) {
    let files = media_files(archive);
    let mut expected = 0;
    for minute in truth {
        let token = minute["token"].as_str().expect("a token");
        let (path, hash) =
            files.get(token).unwrap_or_else(|| panic!("{} ({token}) is not there", minute["title"]));
        assert_eq!(*hash, minute["file"]["sha256"], "{}", path.display());
        expected += 1;
    }
    assert_eq!(files.len(), expected, "files that nobody expected: {files:#?}");
    assert_sums_hold(archive);
    let parts: Vec<_> =
        all_files(archive).into_iter().filter(|path| path.to_string_lossy().contains(".part")).collect();
    assert!(parts.is_empty(), "unfinished files: {parts:?}");
}

/// Every folder with files proves itself to `sha256sum`, and no file is left out of its folder's sums.
pub(crate) fn assert_sums_hold(archive: &Path) {
    let mut folders: Vec<PathBuf> =
        all_files(archive).iter().filter_map(|path| path.parent().map(Path::to_owned)).collect();
    folders.dedup();
    for folder in folders {
        let checked = Command::new("sha256sum")
            .args(["--check", "--strict", "SHA256SUMS"])
            .current_dir(&folder)
            .output();
        let checked = checked.expect("sha256sum runs");
        assert!(
            checked.status.success(),
            "{}: {}",
            folder.display(),
            String::from_utf8_lossy(&checked.stdout)
        );
        let listed = String::from_utf8_lossy(&checked.stdout).lines().count();
        let there = std::fs::read_dir(&folder).expect("readable").count() - 1;
        assert_eq!(listed, there, "{}: files that SHA256SUMS does not list", folder.display());
    }
}
