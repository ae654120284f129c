//! What the person who runs it meets: one process per folder, a clean end, plain words.

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::Scenario;
use serde_json::json;

use crate::proof::{all_files, media_files};

/// A running program, its one member, and a recording of theirs that was just announced.
async fn serve_and_record(
    platform: &Platform,
    installation: &Installation,
    title: &str,
    bytes: u64,
) -> (Vault, String) {
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    let owner = &platform.ready().users[0].open_id;
    platform.authorise(&vault.site, owner).await;
    let token = platform.record(owner, title, bytes).await;
    platform.announce(&token).await;
    (vault, token)
}

fn is_archived(installation: &Installation, token: &str) -> Option<()> {
    (installation.json(&["recordings", "show", token, "--json"])["state"] == "archived").then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_one_folder_refuses_and_says_which_one_has_it() {
    let platform = Platform::named("empty").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    let second = installation.run(&["serve"]);
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains(&vault.pid().to_string()), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_parks_transfers_and_the_next_start_finishes_them() {
    let mut scenario = Scenario::named("small").unwrap();
    scenario.knobs.media_bytes_per_second = Some(200_000);
    let platform = Platform::start(scenario).await;
    let installation = Installation::new(platform.ready());
    let (vault, token) = serve_and_record(&platform, &installation, "慢", 20_000_000).await;
    eventually("a transfer under way", async || {
        all_files(&installation.downloads())
            .iter()
            .any(|path| path.extension().is_some_and(|e| e == "part"))
            .then_some(())
    })
    .await;
    assert_eq!(vault.terminate(), Some(0));

    platform.patch("_sim/knobs", json!({ "media_bytes_per_second": null })).await;
    let _vault = installation.serve();
    eventually("the recording", async || is_archived(&installation, &token)).await;
    let truth = platform.get(&format!("_sim/minutes/{token}")).await;
    assert_eq!(media_files(&installation.downloads())[&token].1, truth["file"]["sha256"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_found_and_refetched() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let (_vault, token) = serve_and_record(&platform, &installation, "会坏的文件", 2_000_000).await;
    let is_archived = async || is_archived(&installation, &token);
    eventually("the recording", is_archived).await;
    assert!(installation.run(&["verify", "--all"]).status.success());

    let files = media_files(&installation.downloads());
    let (path, _) = &files[&token];
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let found = installation.run(&["verify", "--all"]);
    assert_eq!(found.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&found.stdout).contains(&token));

    assert!(installation.run(&["recordings", "refetch", &token]).status.success());
    eventually("the refetched file", async || {
        installation.run(&["verify", "--all"]).status.success().then_some(())
    })
    .await;
    eventually("its state", is_archived).await;
    let truth = platform.get(&format!("_sim/minutes/{token}")).await;
    let hash = &media_files(&installation.downloads())[&token].1;
    assert_eq!(*hash, truth["file"]["sha256"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_a_sound_installation_from_a_broken_one() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let sound = installation.run(&["doctor", "--json"]);
    assert_eq!(sound.status.code(), Some(0), "{}", String::from_utf8_lossy(&sound.stdout));
    let broken =
        Installation::new(platform.ready()).with("FEISHU_APP_SECRET", "wrong-secret-0000000000000000000");
    let said = broken.run(&["doctor", "--json"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&said.stdout).contains("wrong-secret"), "a secret was shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_stays_archived_when_the_source_is_gone() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let (_vault, token) = serve_and_record(&platform, &installation, "源头会删除", 1_000_000).await;
    let is_archived = async || is_archived(&installation, &token);
    eventually("the recording", is_archived).await;

    platform.patch(&format!("_sim/minutes/{token}"), json!({ "deleted": true })).await;
    assert!(installation.run(&["recordings", "refetch", &token]).status.success());
    eventually("the answer that it is gone", async || {
        let media =
            platform.get(&format!("_sim/requests?api=minutes.media&minute_token={token}&limit=10")).await;
        media["requests"].as_array()?.iter().any(|call| call["code"] == 2_091_004).then_some(())
    })
    .await;
    eventually("the recording as it was", is_archived).await;
    assert!(installation.run(&["verify", "--all"]).status.success());
    assert!(media_files(&installation.downloads()).contains_key(&token));
}
