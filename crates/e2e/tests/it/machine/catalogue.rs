//! The catalogue's own disk is full, its syncs fail, or another process holds it: events that were answered with 200
//! are there, others come again, no grant is lost, nothing is fetched twice.

use std::time::Duration;

use archive::catalog::Db;
use e2e::{Calls, EIO, ENOSPC, Fault, Machine, eventually};
use feishu_sim::Scenario;
use serde_json::json;
use tokio::time::sleep;

use super::disk_full::number;
use super::stage::{Stage, lives};

/// Of the calls that a recording makes on the catalogue, so many are tried.
const TRIED: u64 = 8;
/// How long the fault lasts, from when it has struck.
const LASTS: Duration = Duration::from_millis(500);
/// The program waits ten seconds for another writer.
const LONGER_THAN_IT_WAITS: Duration = Duration::from_secs(12);
const BYTES: u64 = 300_000;

/// Tokens end all the time, so that renewals are hit, too.
fn hasty(scenario: &mut Scenario) {
    scenario.app.access_token_seconds = 6;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_without_room_loses_no_event_and_no_grant() {
    strike_anywhere(Calls::NEEDING_ROOM, ENOSPC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_whose_syncs_fail_loses_no_event_and_no_grant() {
    strike_anywhere(Calls::SYNC, EIO).await;
}

/// `MINUTES_VAULT_FAULT_CALLS=1000` strikes at each call.
async fn strike_anywhere(calls: Calls, error: i32) {
    let machine = Machine::new();
    let (stage, vault) = Stage::set_with(&machine, hasty, |installation| installation).await;
    let fault = Fault::of(calls, "*/data/catalogue.db*", error);
    let token = stage.record("顺利", BYTES).await;
    let all = machine.order(&fault.clone().times(0));
    stage.platform.announce(&token).await;
    stage.is_complete(&token).await;
    all.lift();
    let tried = number("MINUTES_VAULT_FAULT_CALLS", TRIED).min(all.seen()).min(60);
    assert!(all.seen() > 5, "{} calls: the shim is not there", all.seen());
    println!("{} calls, and a fault at each of {tried}", all.seen());
    for strike in 0..tried {
        let after = strike * all.seen() / tried;
        let token = stage.record(&format!("第{after}次"), BYTES).await;
        let fault = machine.order(&fault.clone().after(after));
        stage.platform.announce(&token).await;
        eventually("the fault", async || (fault.failed() > 0).then_some(())).await;
        sleep(LASTS).await;
        lives(&vault).await;
        fault.lift();
        stage.deliver_all().await;
        stage.is_complete(&token).await;
        // Its end is noted when it can be; what has come is not fetched once more for that.
        assert!(stage.served(&token).await < 2 * BYTES, "fetched {} bytes", stage.served(&token).await);
    }
    // Renewals go on, and no token was ever used twice.
    let asked = stage.platform.get("_sim/counters").await["apis"]["oauth.token"].clone();
    assert_eq!(asked["by_code"].as_object().unwrap().keys().collect::<Vec<_>>(), ["0"], "{asked:#}");
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_at_the_catalogue_only_delays() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set_with(&machine, hasty, |installation| installation).await;
    let token = stage.record("有人占着", BYTES).await;
    let other = Db::open_sqlite(&stage.installation.folder().join("data/catalogue.db")).await.unwrap();
    let held = other.begin().await.unwrap();
    stage.platform.announce(&token).await;
    eventually("an attempt of the platform's that was not taken", async || {
        let pending = stage.events("pending").await;
        (pending.first()?["attempts"][0]["status"] == 503).then_some(())
    })
    .await;
    sleep(LONGER_THAN_IT_WAITS).await;
    lives(&vault).await;
    drop(held);
    other.close().await;
    stage.deliver_all().await;
    stage.is_complete(&token).await;
    assert!(stage.installation.log().contains("the catalogue is busy"), "nothing waited");
    let person = stage.platform.get(&format!("_sim/people/{}", stage.person)).await;
    assert_eq!(person["grant"]["refresh_alive"], json!(true), "{person:#}");
    stage.everything_is_well(vault).await;
}
