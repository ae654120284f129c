//! The machine's clock jumps: back a day, ahead a year, and right again, while the program runs and between two runs.

use e2e::{Calls, ENOSPC, Fault, Installation, Machine, Vault, eventually};
use feishu_sim::Scenario;
use serde_json::json;

use super::stage::{Stage, artifact};
use crate::grants::refreshes;

const DAY_MS: i64 = 86_400_000;
const YEAR_MS: i64 = 365 * DAY_MS;
const BYTES: u64 = 500_000;

/// Tokens end all the time, and refresh tokens long before a day has gone by.
fn hasty(scenario: &mut Scenario) {
    scenario.app.access_token_seconds = 6;
    scenario.app.refresh_token_seconds = 120;
}

fn often(installation: Installation) -> Installation {
    installation.with("PATROL_INTERVAL", "10s")
}

/// A recording that waits for its next attempt, which is due in some seconds.
async fn waiting(stage: &Stage, machine: &Machine) -> String {
    let token = stage.record("等着", BYTES).await;
    let fault = machine.order(&Fault::of(Calls::NEEDING_ROOM, &format!("*/downloads/*{token}*"), ENOSPC));
    stage.platform.announce(&token).await;
    stage.says(&token, "disk_full").await;
    fault.lift();
    token
}

/// What waits goes on, events and the patrol find what is new, tokens are renewed, nothing is fetched twice.
async fn life_goes_on(stage: &Stage, waiting: &str) {
    let told = stage.record("有事件", BYTES).await;
    stage.platform.announce(&told).await;
    let untold = stage.record("没有事件", BYTES).await;
    let before = refreshes(&stage.platform, &stage.person).await;
    for token in [waiting, &told, &untold] {
        stage.is_complete(token).await;
    }
    eventually("renewals", async || {
        (refreshes(&stage.platform, &stage.person).await > before + 1).then_some(())
    })
    .await;
    for minute in stage.platform.minutes_quickly().await {
        let served = minute["served"]["bytes"].as_u64().unwrap();
        // Those that had to wait were asked for in vain once.
        let most = if minute["title"] == "等着" { 2 * BYTES } else { BYTES };
        assert!(served <= most, "{} was fetched again: {served} bytes", minute["title"]);
    }
}

async fn jumps_while_running(jumps: &[i64]) {
    let machine = Machine::new();
    let (stage, vault) = Stage::set_with(&machine, hasty, often).await;
    for ahead_ms in jumps {
        let waiting = waiting(&stage, &machine).await;
        machine.turn_clock(*ahead_ms);
        life_goes_on(&stage, &waiting).await;
    }
    ends_well(stage, vault).await;
}

async fn jumps_between_runs(jumps: &[i64]) {
    let machine = Machine::new();
    let (stage, mut vault) = Stage::set_with(&machine, hasty, often).await;
    for ahead_ms in jumps {
        let waiting = waiting(&stage, &machine).await;
        vault.kill();
        machine.turn_clock(*ahead_ms);
        vault = stage.installation.serve();
        stage.platform.post_events_to(&vault.site).await;
        life_goes_on(&stage, &waiting).await;
    }
    ends_well(stage, vault).await;
}

async fn ends_well(stage: Stage, vault: Vault) {
    let person = stage.platform.get(&format!("_sim/people/{}", stage.person)).await;
    assert_eq!(person["grant"]["refresh_alive"], json!(true), "{person:#}");
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_a_day_while_it_runs() {
    jumps_while_running(&[-DAY_MS]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ahead_a_year_and_right_again_while_it_runs() {
    jumps_while_running(&[YEAR_MS, 0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_a_day_between_runs() {
    jumps_between_runs(&[-DAY_MS]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ahead_a_year_and_right_again_between_runs() {
    jumps_between_runs(&[YEAR_MS, 0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ready_is_not_given_up_because_the_clock_ran_ahead() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    let token = stage.record("还在生成", BYTES).await;
    stage.platform.patch(&format!("_sim/minutes/{token}"), json!({ "ready_after_ms": 3_600_000 })).await;
    stage.platform.announce(&token).await;
    let attempts = async |more: i64| {
        eventually(&format!("attempt {more}"), async || {
            let shown = stage.shown(&token);
            let media = artifact(&shown, "media")?;
            let is_over = shown["task"].is_object() && shown["task"]["lease_until"].is_null();
            (is_over && media["attempts"].as_i64()? >= more).then(|| shown["state"].clone())
        })
        .await
    };
    assert_eq!(attempts(1).await, "waiting");
    machine.turn_clock(YEAR_MS);
    assert_eq!(attempts(2).await, "waiting");
    drop(vault);
}
