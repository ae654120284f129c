//! `verify` finds what was damaged, lost or cut off, and nothing else.

use crate::installation::{ARCHIVED, CLIP, Installation};

#[tokio::test]
async fn a_whole_archive_is_found_whole_and_marked_when_every_byte_was_read() {
    let here = Installation::new();
    here.seed().await;
    let verified_at = || {
        let shown = here.json(&["recordings", "show", ARCHIVED, "--json"]);
        shown["artifacts"][0]["verified_at_ms"].as_i64()
    };
    let before = verified_at();
    let quick = here.run(&["verify"]);
    assert_eq!(quick.code, Some(0), "{quick:?}");
    assert!(quick.out.contains("2 good, 0 damaged, 0 missing"), "{quick:?}");
    assert_eq!(verified_at(), before, "a look at sizes proves no byte");
    let all = here.run(&["verify", "--all", "--lang", "zh"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    assert!(all.out.contains("完好 2，损坏 0，缺失 0"), "{all:?}");
    assert!(verified_at() > before);
}

#[tokio::test]
async fn one_changed_byte_is_found_by_reading_all() {
    let here = Installation::new();
    here.seed().await;
    let mut content = CLIP.to_vec();
    *content.last_mut().unwrap() ^= 1;
    std::fs::write(here.video(), content).unwrap();
    let all = here.run(&["verify", "--all"]);
    assert_eq!(all.code, Some(1), "{all:?}");
    assert!(all.out.contains("1 good, 1 damaged, 0 missing"), "{all:?}");
    assert!(all.out.contains("another SHA-256"), "{all:?}");
    assert!(all.out.contains(&format!("→ minutes-vault recordings refetch {ARCHIVED}")), "{all:?}");
}

#[tokio::test]
async fn a_cut_off_a_hollow_and_a_lost_file_are_found_at_a_glance() {
    let here = Installation::new();
    here.seed().await;
    let bad = || {
        let said = here.run(&["verify", "--json"]);
        assert_eq!(said.code, Some(1), "{said:?}");
        let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        report["bad_files"][0]["wrong"].as_str().unwrap().to_owned()
    };
    std::fs::write(here.video(), &CLIP[..CLIP.len() / 2]).unwrap();
    assert_eq!(bad(), "size");
    std::fs::write(here.video(), vec![0; CLIP.len()]).unwrap();
    assert_eq!(bad(), "structure");
    std::fs::remove_file(here.video()).unwrap();
    assert_eq!(bad(), "missing");
    // A link could lead anywhere: what stands behind it is not our file.
    std::fs::write(here.at("elsewhere.mp4"), CLIP).unwrap();
    std::os::unix::fs::symlink(here.at("elsewhere.mp4"), here.video()).unwrap();
    assert_eq!(bad(), "unreadable");
}

#[tokio::test]
async fn an_archive_that_is_not_mounted_is_not_called_lost() {
    let here = Installation::new();
    here.seed().await;
    std::fs::rename(here.at("downloads"), here.at("unmounted")).unwrap();
    let said = here.run(&["verify"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("its disk is probably not mounted"), "{said:?}");
    assert!(!here.at("downloads").exists(), "no empty folder in its place");
}
