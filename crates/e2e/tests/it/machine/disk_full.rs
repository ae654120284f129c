//! The archive's disk is full, at each call that may need room.

use e2e::{Calls, ENOSPC, Fault, Machine, eventually};

use super::stage::{Stage, is_complete, lives};

/// Of calls that may need room, so many are tried in one go.
const AT_ONCE: u64 = 24;
/// Large enough for some writes and two notes in the ledger.
const BYTES: u64 = 700_000;

pub(super) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// `MINUTES_VAULT_FAULT_CALLS=1000` tries them all; by default they are spread over the whole pipeline.
#[tokio::test(flavor = "multi_thread")]
async fn at_whatever_call_of_a_recordings_way_the_disk_is_full_it_says_so_and_goes_on_when_there_is_room() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;

    // How many calls there are on the way of a recording for which nothing fails.
    let token = stage.record("顺利", BYTES).await;
    let all = machine.order(&needing_room(&token).times(0));
    stage.platform.announce(&token).await;
    stage.is_complete(&token).await;
    let calls = all.seen();
    all.lift();
    assert!(calls > 15, "{calls} calls that may need room: the shim is not there");
    let tried = number("MINUTES_VAULT_FAULT_CALLS", AT_ONCE).min(calls);
    println!("{calls} calls may need room; the disk is full at each of {tried}");

    let mut struck = 0;
    let numbers: Vec<u64> = (0..tried).map(|number| number * calls / tried).collect();
    for numbers in numbers.chunks(usize::try_from(AT_ONCE).unwrap()) {
        let mut faults = Vec::new();
        for number in numbers {
            let token = stage.record(&format!("第{number}次"), BYTES).await;
            faults.push((machine.order(&needing_room(&token).after(*number)), token));
        }
        for (_, token) in &faults {
            stage.platform.announce(token).await;
        }
        for (fault, token) in &faults {
            let strikes = async || (fault.failed() > 0 || is_complete(&stage.shown(token))).then_some(());
            eventually(&format!("the fault of {token}"), strikes).await;
            // How many writes a file comes in varies a little: the last of the calls may not be made.
            if fault.failed() > 0 {
                stage.says(token, "disk_full").await;
                struck += 1;
            }
        }
        lives(&vault).await;
        for (fault, _) in &faults {
            fault.lift();
        }
        for (_, token) in &faults {
            stage.is_complete(token).await;
        }
    }
    assert!(struck >= tried / 2, "of {tried} faults only {struck} struck");
    stage.everything_is_well(vault).await;
}

fn needing_room(token: &str) -> Fault {
    Fault::of(Calls::NEEDING_ROOM, &format!("*/downloads/*{token}*"), ENOSPC)
}

/// The sums belong to the whole folder; all that is in it waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_sums_find_no_room_nothing_stands_as_archived() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    for number in 0..4 {
        let fault = machine.order(&Fault::of(Calls::NEEDING_ROOM, "*/SHA256SUMS*", ENOSPC).after(number));
        let token = stage.record(&format!("第{number}次"), 100_000).await;
        stage.platform.announce(&token).await;
        eventually("a writing of the sums", async || (fault.seen() > 0).then_some(())).await;
        if fault.failed() > 0 || !is_complete(&stage.shown(&token)) {
            stage.says(&token, "disk_full").await;
        }
        fault.lift();
        stage.is_complete(&token).await;
    }
    stage.everything_is_well(vault).await;
}
