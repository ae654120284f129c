//! `SHA256SUMS`: lets `sha256sum -c` prove a folder of the archive without this program.
//!
//! The file is rewritten whole from what the catalogue knows of the folder. Two writers of one folder each leave a
//! whole file, and the later one wins: reading the entries and writing the sums belongs under one lock.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use tokio::io::AsyncReadExt as _;

use super::{Store, StoreError};

/// Name of the sums file of a folder.
pub const SUMS_FILE: &str = "SHA256SUMS";

/// Writes the sums of `dir` from `(file name, sha256 in hex)` pairs in any order; of equal names the last one counts.
/// Without entries there is no file. False when nothing had to change.
pub async fn write_sums(store: &Store, dir: &Path, entries: &[(String, String)]) -> Result<bool, StoreError> {
    if entries.is_empty() {
        // sha256sum calls a file without a single sum an error.
        return store.remove(&dir.join(SUMS_FILE)).await;
    }
    let sums = render(entries);
    if holds(store, &dir.join(SUMS_FILE), sums.as_bytes()).await? {
        return Ok(false);
    }
    store.put_small(dir, SUMS_FILE, sums.as_bytes()).await?;
    Ok(true)
}

fn render(entries: &[(String, String)]) -> String {
    let sorted: BTreeMap<_, _> = entries.iter().map(|(name, sha256)| (name, sha256)).collect();
    sorted.into_iter().fold(String::new(), |mut sums, (name, sha256)| {
        // GNU coreutils, sha256sum: a backslash before the sum announces an escaped name.
        let mark = if name.contains(['\\', '\n', '\r']) { "\\" } else { "" };
        let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        // Writing to a String cannot fail.
        let _ = writeln!(sums, "{mark}{sha256}  {name}");
        sums
    })
}

async fn holds(store: &Store, path: &Path, expected: &[u8]) -> Result<bool, StoreError> {
    let mut file = match store.open_read(path).await {
        Ok(file) => file.take(expected.len() as u64 + 1),
        Err(StoreError::Missing { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut present = Vec::with_capacity(expected.len() + 1);
    file.read_to_end(&mut present).await.map_err(|error| StoreError::sort("read", path, error))?;
    Ok(present == expected)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    async fn folder_with(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Store, Vec<(String, String)>) {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path().into()).await.unwrap();
        let mut entries = Vec::new();
        for (name, content) in files {
            let committed = store.put_small(Path::new("王芳/2026-11"), name, content).await.unwrap();
            entries.push(((*name).to_owned(), committed.sha256));
        }
        (root, store, entries)
    }

    fn sha256sum_accepts(root: &Path) -> bool {
        let folder = root.join("王芳/2026-11");
        Command::new("sha256sum")
            .args(["--strict", "--quiet", "-c", SUMS_FILE])
            .current_dir(folder)
            .output()
            .unwrap()
            .status
            .success()
    }

    #[tokio::test]
    async fn sha256sum_proves_the_folder_and_finds_a_changed_byte() {
        let names = ["周会 [b].mp4", "-a.txt", " x.srt", "back\\slash\nnewline"];
        let (root, store, entries) = folder_with(&names.map(|name| (name, name.as_bytes()))).await;
        assert!(write_sums(&store, Path::new("王芳/2026-11"), &entries).await.unwrap());
        assert!(sha256sum_accepts(root.path()));

        std::fs::write(root.path().join("王芳/2026-11/-a.txt"), "-a.tyt").unwrap();
        assert!(!sha256sum_accepts(root.path()));
    }

    #[tokio::test]
    async fn unchanged_sums_are_not_written_again() {
        let (root, store, mut entries) = folder_with(&[("a", b"1"), ("b", b"2")]).await;
        let dir = Path::new("王芳/2026-11");
        assert!(write_sums(&store, dir, &entries).await.unwrap());
        entries.reverse();
        assert!(!write_sums(&store, dir, &entries).await.unwrap(), "order of entries does not matter");
        entries.pop();
        assert!(write_sums(&store, dir, &entries).await.unwrap());
        assert_eq!(
            std::fs::read_to_string(root.path().join(dir).join(SUMS_FILE)).unwrap().lines().count(),
            1
        );
        assert!(write_sums(&store, dir, &[]).await.unwrap());
        assert!(!store.exists(&dir.join(SUMS_FILE)).await.unwrap(), "nothing to prove, no file");
        assert!(!write_sums(&store, dir, &[]).await.unwrap());
    }
}
