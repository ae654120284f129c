//! What was archived stays what it was: damage is found and mended by itself, a loss is told, and an unmounted disk
//! is neither.

use std::path::PathBuf;

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::Ready;
use serde_json::{Value, json};

use crate::proof::{assert_holds, media_files};

/// Every file is read again every minute at the latest.
fn scrubbing(ready: &Ready) -> Installation {
    Installation::new(ready).with("SCRUB_EVERY", "1m").with("SCRUB_BANDWIDTH", "unlimited")
}

/// A running program with an archived recording.
async fn with_recording(platform: &Platform, installation: &Installation) -> (Vault, String) {
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    let owner = &platform.ready().users[0].open_id;
    platform.authorise(&vault.site, owner).await;
    let token = platform.record(owner, "季度复盘", 2_000_000).await;
    platform.announce(&token).await;
    eventually("the recording", async || has_state(installation, &token, "archived")).await;
    (vault, token)
}

fn has_state(installation: &Installation, token: &str, state: &str) -> Option<()> {
    (installation.json(&["recordings", "show", token, "--json"])["state"] == state).then_some(())
}

fn flip_a_bit(installation: &Installation, token: &str) -> PathBuf {
    let (path, _) = media_files(&installation.downloads())[token].clone();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn truth(platform: &Platform, token: &str) -> Value {
    platform.get(&format!("_sim/minutes/{token}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found_set_aside_and_fetched_again() {
    let platform = Platform::named("small").await;
    let installation = scrubbing(platform.ready());
    let (_vault, token) = with_recording(&platform, &installation).await;
    flip_a_bit(&installation, &token);
    let report = installation.json(&["verify", "--all", "--mend", "--json"]);
    assert_eq!((&report["damaged"], &report["bad_files"][0]["wrong"]), (&json!(1), &json!("hash")));
    eventually("the file as it was", async || {
        let report = installation.json(&["verify", "--all", "--json"]);
        (report["damaged"] == 0 && report["missing"] == 0 && report["quarantine"]["files"] == 1).then_some(())
    })
    .await;
    eventually("its state", async || has_state(&installation, &token, "archived")).await;
    let truth = truth(&platform, &token).await;
    assert_eq!(media_files(&installation.downloads())[&token].1, truth["file"]["sha256"]);
    let _ = installation.json(&["verify", "--purge-quarantine", "--json"]);
    assert!(!installation.downloads().join(".quarantine").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_here_and_there_is_told_as_lost_until_it_is_put_back() {
    let platform = Platform::named("small").await;
    let installation = scrubbing(platform.ready());
    let (_vault, token) = with_recording(&platform, &installation).await;
    platform.patch(&format!("_sim/minutes/{token}"), json!({ "deleted": true })).await;
    let (path, _) = media_files(&installation.downloads())[&token].clone();
    let backup = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let _ = installation.json(&["verify", "--mend", "--json"]);
    eventually("its loss", async || has_state(&installation, &token, "lost")).await;
    let status = installation.json(&["status", "--json"]);
    assert_eq!(status["recordings"]["lost"], 1, "{status}");

    std::fs::write(&path, backup).unwrap();
    assert!(installation.run(&["recordings", "refetch", &token]).status.success());
    eventually("the recording as it was", async || has_state(&installation, &token, "archived")).await;
    assert!(installation.run(&["verify", "--all"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_way_report_names_what_nobody_knows() {
    let platform = Platform::named("small").await;
    let installation = scrubbing(platform.ready());
    let (_vault, token) = with_recording(&platform, &installation).await;
    let path = flip_a_bit(&installation, &token);
    std::fs::write(path.with_file_name("=假期.mp4"), "holiday").unwrap();
    let report = installation.json(&["verify", "--all", "--json"]);
    let unknown = report["unknown_files"].as_array().unwrap();
    assert_eq!(unknown.len(), 1, "{report:#}");
    assert_eq!(unknown[0]["bytes"], 7);
    let csv = installation.run(&["verify", "--all", "--csv"]);
    let csv = String::from_utf8(csv.stdout).unwrap();
    assert!(csv.starts_with("\u{FEFF}finding,minute_token,kind,path,bytes,detail\r\n"), "{csv}");
    assert!(csv.contains(&format!("hash,{token},media,")) && csv.contains("\r\nunknown,,,"), "{csv}");
    assert!(path.with_file_name("=假期.mp4").exists(), "strangers are left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unmounted_disk_is_no_empty_archive() {
    let platform = Platform::named("small").await;
    let installation = scrubbing(platform.ready());
    let (vault, token) = with_recording(&platform, &installation).await;
    let (archive, elsewhere) = (installation.downloads(), installation.folder().join("elsewhere"));

    // Under a running program: what is announced waits, and nothing is written into the mount point.
    std::fs::rename(&archive, &elsewhere).unwrap();
    std::fs::create_dir(&archive).unwrap();
    let owner = &platform.ready().users[0].open_id;
    let second = platform.record(owner, "无处可存", 1_000_000).await;
    platform.announce(&second).await;
    eventually("the reason why it waits", async || {
        let shown = installation.json(&["recordings", "show", &second, "--json"]);
        (shown["reason"] == "archive_not_writable").then_some(())
    })
    .await;
    assert_eq!(std::fs::read_dir(&archive).unwrap().count(), 0);
    vault.kill();

    // At a start: refused in words, nothing fetched.
    let refused = installation.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("not mounted") && said.contains("--adopt"), "{said}");
    assert!(!installation.run(&["verify"]).status.success());
    assert_eq!(std::fs::read_dir(&archive).unwrap().count(), 0);

    // It is back.
    std::fs::remove_dir(&archive).unwrap();
    std::fs::rename(&elsewhere, &archive).unwrap();
    let _vault = installation.serve();
    assert!(installation.run(&["recordings", "refetch", &second]).status.success());
    let theirs: Vec<_> =
        platform.minutes().await.into_iter().filter(|minute| minute["owner"] == **owner).collect();
    for minute in &theirs {
        let found = minute["token"].as_str().unwrap();
        eventually("all that this member recorded", async || has_state(&installation, found, "archived"))
            .await;
    }
    assert!(theirs.iter().any(|minute| minute["token"] == token.as_str()));
    assert_holds(&archive, &theirs);

    // Its mark is gone, its files are there: as before there were marks.
    std::fs::remove_file(archive.join(".minutes-vault")).unwrap();
    assert!(installation.run(&["verify", "--all"]).status.success());
    assert!(archive.join(".minutes-vault").exists());
}
