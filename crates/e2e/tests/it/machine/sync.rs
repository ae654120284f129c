//! A sync fails: the system may have dropped what was written, and says so only once. What was not synced well is not
//! believed.

use e2e::{Calls, EIO, Fault, Machine, eventually};

use super::stage::{Stage, lives};

/// Synced in two steps, and once more at the end.
const BYTES: u64 = 9_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn bytes_whose_sync_failed_are_not_believed() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    // Which file of a recording, and behind how many good syncs of it.
    let aims = [
        ("].part", 0),
        ("].part", 1),
        ("].part", 2),
        ("].part", 3),
        ("].part.ledger", 0),
        ("].part.ledger", 1),
        ("].txt.part", 0),
        ("].srt.part", 0),
        ("].summary.md.part", 0),
        ("].json.part", 0),
    ];
    let mut faults = Vec::new();
    for (file, after) in aims {
        let token = stage.record(&format!("第{}次", faults.len()), BYTES).await;
        let path = format!("*/downloads/*{token}{file}");
        let fault = Fault::of(Calls::SYNC, &path, EIO).after(after).dropping_the_unsynced();
        faults.push((machine.order(&fault), token));
    }
    for (_, token) in &faults {
        stage.platform.announce(token).await;
    }
    for (fault, token) in &faults {
        eventually(&format!("a sync of {token} that fails"), async || (fault.failed() > 0).then_some(()))
            .await;
        stage.says(token, "archive_not_writable").await;
    }
    lives(&vault).await;
    for (fault, _) in &faults {
        fault.lift();
    }
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_whose_sync_failed_are_not_believed() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    for (calls, path) in [
        (Calls::SYNC_FOLDER, "*/downloads/王芳/*"),
        (Calls::SYNC_FOLDER, "*/downloads"),
        (Calls::SYNC, "*/SHA256SUMS.part"),
    ] {
        let fault = machine.order(&Fault::of(calls, path, EIO).dropping_the_unsynced());
        let token = stage.record("名字", 300_000).await;
        stage.platform.announce(&token).await;
        eventually("a sync that fails", async || (fault.failed() > 0).then_some(())).await;
        stage.says(&token, "archive_not_writable").await;
        fault.lift();
        stage.is_complete(&token).await;
    }
    stage.everything_is_well(vault).await;
}
