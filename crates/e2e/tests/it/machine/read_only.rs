//! A folder that cannot be written: told as that and as nothing else, and work goes on when it can.

use e2e::{Calls, EACCES, EROFS, Fault, Machine, eventually};
use serde_json::json;

use super::stage::{Stage, ask, lives};

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_cannot_be_written_is_told_as_such() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    for error in [EROFS, EACCES] {
        let fault = machine.order(&Fault::of(Calls::CHANGING, "*/downloads/*", error));
        let token = stage.record("写不进", 400_000).await;
        stage.platform.announce(&token).await;
        let shown = stage.says(&token, "archive_not_writable").await;
        assert_eq!(shown["state"], "failed", "{shown:#}");
        lives(&vault).await;
        eventually("that it says that it is not ready", async || {
            (ask(&vault, "readyz").await == 503).then_some(())
        })
        .await;
        fault.lift();
        stage.is_complete(&token).await;
        eventually("that it is ready", async || (ask(&vault, "readyz").await == 200).then_some(())).await;
    }
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_cannot_be_written_takes_no_event_and_spends_no_token() {
    let machine = Machine::new();
    let hasty = |scenario: &mut feishu_sim::Scenario| scenario.app.access_token_seconds = 6;
    let (stage, vault) = Stage::set_with(&machine, hasty, |installation| installation).await;
    let fault = machine.order(&Fault::of(Calls::CHANGING, "*/data/*", EROFS));
    let token = stage.record("记不下", 400_000).await;
    stage.platform.announce(&token).await;
    eventually("an attempt of the platform's that was not taken", async || {
        let pending = stage.events("pending").await;
        (pending.first()?["attempts"][0]["status"] == 503).then_some(())
    })
    .await;
    eventually("a renewal that cannot be kept", async || {
        stage.installation.log().contains("data_dir_not_writable").then_some(())
    })
    .await;
    lives(&vault).await;
    fault.lift();
    stage.deliver_all().await;
    stage.is_complete(&token).await;
    eventually("a member without trouble", async || {
        let member = stage.installation.json(&["members", "show", &stage.person, "--json"]);
        (member["state"] == "active" && member["reason"].is_null()).then_some(())
    })
    .await;
    let asked = stage.platform.get("_sim/counters").await["apis"]["oauth.token"].clone();
    assert_eq!(asked["by_code"].as_object().unwrap().keys().collect::<Vec<_>>(), ["0"], "{asked:#}");
    let person = stage.platform.get(&format!("_sim/people/{}", stage.person)).await;
    assert_eq!(person["grant"]["refresh_alive"], json!(true), "{person:#}");
    drop(vault);
}
