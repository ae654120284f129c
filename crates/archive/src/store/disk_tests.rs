use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt as _;

use super::*;

async fn opened() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("downloads")).await.unwrap();
    (folder, store)
}

/// Every file below the root, relative, sorted.
fn files(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![store.root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(store.root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_file_has_its_name_only_when_it_is_whole() {
    let (_folder, store) = opened().await;
    let content: Vec<u8> = (0..=250).cycle().take(5_000_011).collect();
    let dir = Path::new("王芳/2026-11");

    let mut part = store.begin(dir, "周会 [t]").await.unwrap();
    for piece in content.chunks(77_777) {
        part.write(piece).await.unwrap();
    }
    assert_eq!(part.bytes(), content.len() as u64);
    assert_eq!(files(&store), ["王芳/2026-11/周会 [t].part"]);

    let finished = part.finish().await.unwrap();
    assert_eq!(fs::read(finished.path()).unwrap(), content);
    assert_eq!(finished.sha256(), hex::encode(Sha256::digest(&content)));

    let committed = finished.commit("周会 [t].mp4").await.unwrap();
    assert_eq!(committed.relative_path, Path::new("王芳/2026-11/周会 [t].mp4"));
    assert_eq!((committed.bytes, committed.sha256), (5_000_011, hex::encode(Sha256::digest(&content))));
    assert_eq!(files(&store), ["王芳/2026-11/周会 [t].mp4"]);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let (_folder, store) = opened().await;
    let committed = store.put_small(Path::new(""), "empty.txt", b"").await.unwrap();
    assert_eq!((committed.bytes, committed.sha256), (0, hex::encode(Sha256::digest(b""))));
    assert_eq!(files(&store), ["empty.txt"]);
}

#[tokio::test]
async fn a_new_version_replaces_the_old_one() {
    let (_folder, store) = opened().await;
    let path = Path::new("a/x.json");
    store.put_small(Path::new("a"), "x.json", b"old and longer").await.unwrap();
    store.put_small(Path::new("a"), "x.json", b"new").await.unwrap();
    let mut text = String::new();
    store.open_read(path).await.unwrap().read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "new");
}

#[tokio::test]
async fn two_writers_of_one_name_do_not_mix() {
    let (_folder, store) = opened().await;
    let mut one = store.begin(Path::new(""), "x").await.unwrap();
    let mut two = store.begin(Path::new(""), "x").await.unwrap();
    one.write(b"one").await.unwrap();
    two.write(b"second").await.unwrap();
    let (one, two) = (one.finish().await.unwrap(), two.finish().await.unwrap());
    two.commit("x.mp4").await.unwrap();
    assert_eq!(fs::read(store.root().join("x.mp4")).unwrap(), b"second");
    one.commit("x.mp4").await.unwrap();
    assert_eq!(fs::read(store.root().join("x.mp4")).unwrap(), b"one");
    assert_eq!(files(&store), ["x.mp4"]);
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let (_folder, store) = opened().await;
    store.begin(Path::new(""), "a").await.unwrap().discard().await.unwrap();
    store.begin(Path::new(""), "b").await.unwrap().finish().await.unwrap().discard().await.unwrap();
    assert!(files(&store).is_empty());
}

#[test]
fn a_dropped_part_is_removed() {
    // One blocking thread works in order: whatever comes after the removal sees its result.
    let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (_folder, store) = opened().await;
        drop(store.begin(Path::new("a"), "x").await.unwrap());
        assert!(!store.exists(Path::new("a/x.part")).await.unwrap());
    });

    let (_folder, store) = runtime.block_on(opened());
    let part = runtime.block_on(store.begin(Path::new(""), "x")).unwrap();
    drop(part);
    assert!(files(&store).is_empty(), "without a runtime it is removed at once");
}

#[tokio::test]
async fn the_sweep_takes_parts_and_nothing_else() {
    let (_folder, store) = opened().await;
    store.put_small(Path::new("a/b"), "kept.mp4", b"1").await.unwrap();
    for left_behind in ["a/b/x.part", "a/y.summary.md.2.part", "z.part"] {
        fs::write(store.root().join(left_behind), "half").unwrap();
    }
    fs::create_dir(store.root().join("folder.part")).unwrap();
    assert_eq!(store.sweep_parts().await.unwrap(), (3, Vec::new()));
    assert_eq!(store.sweep_parts().await.unwrap(), (0, Vec::new()));
    assert_eq!(files(&store), ["a/b/kept.mp4"]);
    assert!(store.root().join("folder.part").is_dir());
}

#[tokio::test]
async fn paths_out_of_the_archive_are_refused() {
    let (folder, store) = opened().await;
    for dir in ["..", "a/../..", "/tmp", "a/.."] {
        let refused = store.begin(Path::new(dir), "x").await;
        assert!(matches!(refused, Err(StoreError::Outside { .. })), "{dir}");
    }
    for name in ["../x", "/x", "a/b", "x/"] {
        let refused = store.put_small(Path::new(""), name, b"").await;
        assert!(matches!(refused, Err(StoreError::Outside { .. })), "{name}");
    }
    for name in ["", ".", "..", "a/b"] {
        let finished = store.begin(Path::new(""), "x").await.unwrap().finish().await.unwrap();
        assert!(matches!(finished.commit(name).await, Err(StoreError::Outside { .. })), "{name}");
    }
    assert!(matches!(store.remove(Path::new("../x")).await, Err(StoreError::Outside { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn symbolic_links_are_not_followed() {
    let (folder, store) = opened().await;
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("secret"), "s").unwrap();
    std::os::unix::fs::symlink(&elsewhere, store.root().join("link")).unwrap();

    for dir in ["link", "link/below"] {
        assert!(store.begin(Path::new(dir), "x").await.is_err(), "{dir}");
    }
    let secret = Path::new("link/secret");
    assert!(matches!(store.open_read(secret).await, Err(StoreError::Outside { .. })));
    assert!(matches!(store.remove(secret).await, Err(StoreError::Outside { .. })));
    assert_eq!(store.sweep_parts().await.unwrap(), (0, Vec::new()));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
}

#[tokio::test]
async fn existing_and_removing() {
    let (_folder, store) = opened().await;
    let path = Path::new("a/x.txt");
    assert!(!store.exists(path).await.unwrap());
    assert!(!store.remove(path).await.unwrap());
    store.put_small(Path::new("a"), "x.txt", b"1").await.unwrap();
    assert!(store.exists(path).await.unwrap());
    assert_eq!(store.locate(path).await.unwrap(), store.root().join(path));
    assert!(store.remove(path).await.unwrap());
    assert!(!store.exists(path).await.unwrap());
}

#[tokio::test]
async fn an_archive_that_went_away_is_not_made_anew_nor_mistaken_for_missing_files() {
    let (_folder, store) = opened().await;
    let path = Path::new("a/x.txt");
    store.put_small(Path::new("a"), "x.txt", b"1").await.unwrap();
    let finished = store.begin(Path::new("a"), "y").await.unwrap().finish().await.unwrap();
    fs::remove_dir_all(store.root()).unwrap();
    let gone = |error| matches!(error, StoreError::ArchiveGone { root } if root == store.root());
    assert!(gone(store.begin(Path::new("a"), "x").await.unwrap_err()));
    assert!(gone(finished.commit("y").await.unwrap_err()));
    assert!(gone(store.exists(path).await.unwrap_err()));
    assert!(gone(store.remove(path).await.unwrap_err()));
    assert!(gone(store.sweep_parts().await.unwrap_err()));
    assert!(!store.root().exists());
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("downloads");
    fs::write(&path, "").unwrap();
    let error = Store::open(path.clone()).await.unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}
