//! Backups: whole or not there, made while work goes on, and back in their place by one command.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use archive::backup::{BackupError, Backups, restore};
use archive::catalog::{Catalog, Db};

use crate::installation::NOW_MS;

async fn open(data_dir: &Path) -> Catalog {
    Catalog::new(Db::open_sqlite(&data_dir.join("catalogue.db")).await.unwrap())
}

fn backups(data_dir: &Path) -> Backups {
    let key_file = data_dir.join("vault.key");
    std::fs::write(&key_file, "a key").unwrap();
    Backups { folder: data_dir.join("backups"), key_file: Some(key_file), version: "9.9" }
}

#[tokio::test]
async fn what_was_backed_up_comes_back_and_what_was_there_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = open(folder.path()).await;
    let backups = backups(folder.path());
    assert!(backups.list().await.unwrap().is_empty());
    catalog.set_meta("which", "first").await.unwrap();
    let session = "INSERT INTO sessions VALUES ('hash', 'ou_a', '张伟', '10.0.0.1', 'a browser', 1, 1)";
    catalog.db().execute(session, Vec::new()).await.unwrap();
    let first = backups.make(&catalog, NOW_MS).await.unwrap();
    catalog.set_meta("which", "second").await.unwrap();
    let second = backups.make(&catalog, NOW_MS + 1_000).await.unwrap();
    assert_eq!(backups.list().await.unwrap(), [second, first.clone()]);
    for file in ["", "catalogue.db", "vault.key", "manifest.json"] {
        let mode = std::fs::metadata(first.path.join(file)).unwrap().permissions().mode() & 0o077;
        assert!(mode == 0 || file == "catalogue.db", "{file} can be read by others");
    }
    catalog.db().close().await;
    std::fs::write(folder.path().join("vault.key"), "another key").unwrap();

    let restored = restore(first.path.clone(), folder.path().to_owned(), NOW_MS).await.unwrap();
    assert_eq!(open(folder.path()).await.meta("which").await.unwrap().as_deref(), Some("first"));
    assert_eq!(std::fs::read(folder.path().join("vault.key")).unwrap(), b"a key");
    let aside = restored.set_aside.unwrap();
    assert_eq!(std::fs::read(aside.join("vault.key")).unwrap(), b"another key");
    assert_eq!(open(&aside).await.meta("which").await.unwrap().as_deref(), Some("second"));

    let sessions: Option<(i64,)> =
        open(folder.path()).await.db().row("SELECT COUNT(*) FROM sessions", Vec::new()).await.unwrap();
    assert_eq!(sessions, Some((0,)), "whoever was signed in then signs in again");

    let elsewhere = tempfile::tempdir().unwrap();
    let restored = restore(first.path, elsewhere.path().join("new"), NOW_MS).await.unwrap();
    assert_eq!(restored.set_aside, None);
    let new = open(&elsewhere.path().join("new")).await;
    assert_eq!(new.meta("which").await.unwrap().as_deref(), Some("first"));
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = open(folder.path()).await;
    let backups = backups(folder.path());
    let backup = backups.make(&catalog, NOW_MS).await.unwrap();
    catalog.set_meta("which", "present").await.unwrap();
    let copy = backup.path.join("catalogue.db");
    let mut bytes = std::fs::read(&copy).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    let error = restore(backup.path.clone(), folder.path().to_owned(), NOW_MS).await.unwrap_err();
    assert!(matches!(error, BackupError::Damaged(path) if path == copy));
    assert_eq!(catalog.meta("which").await.unwrap().as_deref(), Some("present"));
    // A manifest that leads elsewhere is one that was tampered with.
    let manifest = backup.path.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap().replace("\"vault.key\"", "\"../../vault.key\"");
    std::fs::write(&manifest, text).unwrap();
    let error = restore(backup.path, folder.path().to_owned(), NOW_MS).await.unwrap_err();
    assert!(matches!(error, BackupError::Damaged(_)));
    let empty = tempfile::tempdir().unwrap();
    let error = restore(empty.path().to_owned(), folder.path().to_owned(), NOW_MS).await.unwrap_err();
    assert!(matches!(error, BackupError::NotABackup(_)));
}

#[tokio::test]
async fn a_backup_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = open(folder.path()).await;
    let backups = backups(folder.path());
    let half = folder.path().join("backups/minutes-vault-20251123T121320Z.unfinished");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("catalogue.db"), "half").unwrap();
    std::fs::write(half.join("manifest.json"), "{}").unwrap();
    assert!(backups.list().await.unwrap().is_empty());
    backups.make(&catalog, NOW_MS).await.unwrap();
    assert_eq!(backups.list().await.unwrap().len(), 1);
    let twice = backups.make(&catalog, NOW_MS).await;
    assert!(twice.is_err(), "none is overwritten");
    assert_eq!(backups.list().await.unwrap().len(), 1);
}
