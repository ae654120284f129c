//! The picture of a recording: kept and proved like everything else where it comes, and missed by nothing where not.

use std::path::PathBuf;

use e2e::{Installation, Platform, eventually};
use serde_json::json;
use url::Url;

use crate::proof::{all_files, assert_sums_hold};

/// Of these recordings.
fn covers(installation: &Installation, tokens: &[String]) -> Vec<PathBuf> {
    let is_of = |path: &str| tokens.iter().any(|token| path.contains(&format!("[{token}].cover.")));
    all_files(&installation.downloads()).into_iter().filter(|path| is_of(&path.to_string_lossy())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cover_comes_with_its_recording_if_it_comes_and_is_shown_to_whoever_may_open_it() {
    let platform = Platform::named("small").await;
    let (owner, other) = (&platform.ready().users[0].open_id, &platform.ready().users[1].open_id);
    let installation = Installation::new(platform.ready()).by_events_alone();
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    platform.authorise(&vault.site, owner).await;
    eventually("the first look", async || installation.has_looked().then_some(())).await;
    let mut tokens = Vec::new();
    for access in ["refused", "login", "open"] {
        platform.patch("_sim/knobs", json!({ "cover": access })).await;
        let token = platform.record(owner, access, 200_000).await;
        platform.announce(&token).await;
        eventually("the recording", async || {
            let shown = installation.json(&["recordings", "show", &token, "--json"]);
            (shown["state"] == "archived").then_some(())
        })
        .await;
        tokens.push(token);
    }
    // Files are there before their folder's sums list them: nothing may be at work when those are read.
    eventually("the one cover that is to be had, and rest", async || {
        let is_idle = installation.json(&["status", "--json"])["tasks"]["archive"].as_i64().unwrap_or(0) == 0;
        (is_idle && covers(&installation, &tokens).len() == 1).then_some(())
    })
    .await;
    assert!(installation.run(&["verify", "--all"]).status.success());
    let cover = covers(&installation, &tokens).remove(0);
    assert!(cover.to_string_lossy().ends_with(&format!("[{}].cover.png", tokens[2])), "{}", cover.display());
    assert_sums_hold(&installation.downloads());

    let (browser, _) = platform.sign_in(&vault.site, owner).await;
    let at = |rest: &str| Url::parse(&format!("{}/recordings{rest}", vault.site)).unwrap();
    let cards = browser.visit(at("?view=cards")).await.unwrap().html;
    let is_shown = tokens.iter().map(|token| cards.contains(&format!("/{token}/cover\"")));
    assert_eq!(is_shown.collect::<Vec<_>>(), [false, false, true], "{cards}");
    let path = format!("/{}/cover", tokens[2]);
    assert_eq!(browser.visit(at(&path)).await.unwrap().status.as_u16(), 200);
    assert_eq!(browser.visit(at(&format!("/{}/cover", tokens[0]))).await.unwrap().status.as_u16(), 404);
    let (stranger, _) = platform.sign_in(&vault.site, other).await;
    assert_eq!(stranger.visit(at(&path)).await.unwrap().status.as_u16(), 404);
    let log = String::from_utf8(installation.run(&["audit", "export", "--jsonl"]).stdout).unwrap();
    let refused =
        log.lines().filter(|line| line.contains("\"refused\"") && line.contains(tokens[2].as_str()));
    assert_eq!(refused.count(), 1, "{log}");
}
