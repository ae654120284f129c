//! In the old script's folder, with its files as they are.

use std::collections::BTreeMap;

use e2e::{Installation, Platform};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_scripts_files_are_taken_over_and_a_second_time_changes_nothing() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let old = installation.folder();
    let known = "obcn00000000000000000001";
    let users: BTreeMap<String, _> = [(
        platform.ready().users[0].open_id.clone(),
        json!({ "user_access_token": "u-old", "refresh_token": "ur-old", "expires_in": 7200, "name": "旧用户" }),
    )]
    .into();
    std::fs::write(old.join("user_tokens.json"), json!(users).to_string()).unwrap();
    std::fs::write(old.join("download_history.json"), json!([{ "object_token": known }]).to_string())
        .unwrap();

    let first = installation.run(&["import-legacy", "."]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let members = installation.json(&["members", "list", "--json"]);
    assert_eq!(members["members"][0]["state"], "must_authorise");
    let shown = installation.json(&["recordings", "show", known, "--json"]);
    assert_eq!(shown["minute_token"], known);

    let second = installation.run(&["import-legacy", "."]);
    assert!(second.status.success());
    assert_eq!(installation.json(&["members", "list", "--json"]), members);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scripts_config_json_works_as_it_is() {
    let platform = Platform::named("empty").await;
    let ready = platform.ready();
    let installation = Installation::new(ready);
    let config = json!({ "app_id": ready.app_id, "app_secret": ready.app_secret, "encrypt_key": ready.encrypt_key,
        "verification_token": ready.verification_token, "download_path": "./old-downloads" });
    std::fs::write(installation.folder().join("config.json"), config.to_string()).unwrap();
    let mut command = installation.command(&["config", "check", "--json"]);
    for name in ["FEISHU_APP_ID", "FEISHU_APP_SECRET", "EVENTS_ENCRYPT_KEY", "EVENTS_VERIFICATION_TOKEN"] {
        command.env_remove(format!("MINUTES_VAULT_{name}"));
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("old-downloads"), "{said}");
    assert!(!said.contains(&ready.app_secret), "a secret was shown");
}
