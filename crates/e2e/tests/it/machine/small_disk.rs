//! Real file systems, small ones: filled up by somebody else while a recording comes, and made read-only under the
//! running program.

use std::path::PathBuf;

use e2e::{Installation, Machine, SmallDisk, eventually};
use feishu_sim::Scenario;

use super::stage::{Stage, ask, lives};

const MIB: u64 = 1 << 20;

fn folder(installation: &Installation, name: &str) -> PathBuf {
    installation.folder().join(name)
}

/// Media comes slowly enough for a disk to be filled meanwhile.
fn slow(scenario: &mut Scenario) {
    scenario.knobs.media_bytes_per_second = Some(3_000_000);
}

/// Somebody else's file takes all that is left on this disk.
fn fill(disk: &SmallDisk) -> PathBuf {
    let filler = disk.path().join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    let block = vec![1; 64 << 10];
    while std::io::Write::write_all(&mut file, &block).is_ok() {}
    filler
}

async fn filled_up_while_a_recording_comes(mount: fn(&std::path::Path, u32) -> Option<SmallDisk>) {
    let machine = Machine::new();
    let mut is_mounted = true;
    let prepare = |installation: Installation| {
        let disk = mount(&folder(&installation, "downloads"), 48);
        is_mounted = disk.is_some();
        let installation = installation.with("ARCHIVE_KEEP_FREE", "0");
        disk.into_iter().fold(installation, Installation::with_disk)
    };
    let (stage, vault) = Stage::set_with(&machine, slow, prepare).await;
    if !is_mounted {
        return;
    }
    let disk = stage.installation.disk();
    let token = stage.record("写到一半", 12 * MIB).await;
    stage.platform.announce(&token).await;
    eventually("some of it", async || (stage.served(&token).await > 2 * MIB).then_some(())).await;
    let filler = fill(disk);
    stage.says(&token, "disk_full").await;
    lives(&vault).await;
    // And one that finds no room from the start.
    let second = stage.record("无处可写", MIB).await;
    stage.platform.announce(&second).await;
    stage.says(&second, "disk_full").await;
    std::fs::remove_file(filler).unwrap();
    stage.is_complete(&token).await;
    // What was safe was not fetched again.
    assert!(stage.served(&token).await < 24 * MIB, "{} bytes for 12 MiB", stage.served(&token).await);
    stage.is_complete(&second).await;
    let _ = std::fs::remove_dir(disk.path().join("lost+found"));
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_in_memory_that_fills_up() {
    filled_up_while_a_recording_comes(SmallDisk::in_memory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ext4_that_fills_up() {
    filled_up_while_a_recording_comes(SmallDisk::ext4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_fills_up_takes_events_again_when_there_is_room() {
    let machine = Machine::new();
    let mut is_mounted = true;
    let prepare = |installation: Installation| {
        let disk = SmallDisk::in_memory(&folder(&installation, "data"), 24);
        is_mounted = disk.is_some();
        disk.into_iter().fold(installation, Installation::with_disk)
    };
    let hasty = |scenario: &mut Scenario| scenario.app.access_token_seconds = 6;
    let (stage, vault) = Stage::set_with(&machine, hasty, prepare).await;
    if !is_mounted {
        return;
    }
    let filler = fill(stage.installation.disk());
    // What SQLite has set aside before takes some of them.
    let mut tokens = Vec::new();
    eventually("an event that is not taken", async || {
        let token = stage.record("记不下", 100_000).await;
        stage.platform.announce(&token).await;
        tokens.push(token);
        let refused = stage.events("pending").await.iter().any(|event| event["attempts"][0]["status"] == 503);
        refused.then_some(())
    })
    .await;
    lives(&vault).await;
    std::fs::remove_file(filler).unwrap();
    stage.deliver_all().await;
    for token in &tokens {
        stage.is_complete(token).await;
    }
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_becomes_read_only() {
    let machine = Machine::new();
    let mut is_mounted = true;
    let prepare = |installation: Installation| {
        let disk = SmallDisk::in_memory(&folder(&installation, "downloads"), 48);
        is_mounted = disk.is_some();
        disk.into_iter().fold(installation, Installation::with_disk)
    };
    let (stage, vault) = Stage::set_with(&machine, |_| {}, prepare).await;
    if !is_mounted {
        return;
    }
    let first = stage.record("还能写", MIB).await;
    stage.platform.announce(&first).await;
    stage.is_complete(&first).await;
    stage.installation.disk().remount("ro");
    let second = stage.record("只读了", MIB).await;
    stage.platform.announce(&second).await;
    stage.says(&second, "archive_not_writable").await;
    lives(&vault).await;
    eventually("that it is not ready", async || (ask(&vault, "readyz").await == 503).then_some(())).await;
    stage.installation.disk().remount("rw");
    stage.is_complete(&second).await;
    stage.everything_is_well(vault).await;
}
