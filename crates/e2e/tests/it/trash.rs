//! The trash and legal holds with the real program: from the command line while the service runs, and in a browser.

use e2e::{Installation, Platform, eventually};
use serde_json::json;

use crate::proof::media_files;

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_to_the_trash_and_comes_back_while_the_service_runs() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    let person = platform.ready().users[0].open_id.clone();
    platform.post_events_to(&vault.site).await;
    platform.authorise(&vault.site, &person).await;
    let token = platform.record(&person, "周会", 200_000).await;
    platform.announce(&token).await;
    let shown = || installation.json(&["recordings", "show", &token, "--json"]);
    let idle = async || {
        let is_idle = installation.json(&["status", "--json"])["tasks"]["archive"].as_i64().unwrap_or(0) == 0;
        (shown()["state"] == "archived" && is_idle).then_some(())
    };
    eventually("archived, and nobody at work on it", idle).await;
    let (file, hash) = media_files(&installation.downloads()).remove(&token).expect("its film");

    let put = installation.json(&["recordings", "trash", &token, "--json"]);
    assert_eq!(put, json!({ "recordings": { token.as_str(): "done" } }));
    assert_eq!(shown()["state"], "trashed");
    assert!(!file.exists());
    assert_eq!(
        installation.json(&["recordings", "trash", &token, "--json"])["recordings"][&token],
        "unknown"
    );
    let refetched = installation.json(&["recordings", "refetch", &token, "--json"]);
    assert_eq!(refetched["removed"], json!([token]));
    // An event tells of it once more.
    platform.announce(&token).await;
    let verified = installation.json(&["verify", "--all", "--json"]);
    assert_eq!((&verified["missing"], &verified["unknown_files"]), (&json!(0), &json!([])), "{verified}");

    let back = installation.run(&["recordings", "restore", &token]);
    assert_eq!(back.status.code(), Some(0), "{}", String::from_utf8_lossy(&back.stderr));
    assert_eq!(shown()["state"], "archived");
    assert_eq!(media_files(&installation.downloads()).remove(&token), Some((file, hash)));
    let verified = installation.json(&["verify", "--all", "--json"]);
    assert_eq!((&verified["missing"], &verified["damaged"]), (&json!(0), &json!(0)), "{verified}");
    assert_eq!(installation.json(&["holds", "list", "--all", "--json"]), json!({ "holds": [] }));
    assert_eq!(installation.json(&["retention", "list", "--json"]), json!({ "rules": [] }));
    assert_eq!(installation.run(&["retention", "dry-run", "x"]).status.code(), Some(1));
    let log = String::from_utf8(installation.run(&["audit", "export", "--jsonl"]).stdout).unwrap();
    assert!(log.contains("\"trash\"") && log.contains("restored from the trash"), "{log}");
    assert_eq!(installation.run(&["audit", "verify"]).status.code(), Some(0));
}
