//! `kill -9` at random and at chosen moments, over the whole pipeline: events, renewals, transfers, commits. Whatever
//! the moment, the next start takes everything up. The platform stands in this process, so it forgets nothing.
//!
//! More of them, or a run again: `CONTRIBUTING.md`.

mod company;
mod moment;

use e2e::{Installation, eventually};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use self::company::{Company, address};
use self::moment::Moment;
use crate::grants::refreshes;
use crate::proof::assert_holds;

const KILLS: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_it_ends_with_the_whole_archive_and_every_grant_alive() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("MINUTES_VAULT_KILL_SEED").unwrap_or_else(rand::random);
    let kills = number("MINUTES_VAULT_KILLS").unwrap_or(KILLS);
    println!("MINUTES_VAULT_KILL_SEED={seed} MINUTES_VAULT_KILLS={kills}");
    let mut dice = StdRng::seed_from_u64(seed);

    let listen = address(&mut dice);
    let company = Company::gather(&listen).await;
    let installation =
        Installation::new(company.platform.ready()).with("SERVER_LISTEN", &listen).by_events_alone();
    company.authorise(&installation, installation.serve()).await;
    let patrolled = patrolled(&company, &installation);

    let recording = company.record(dice.random());
    for _ in 0..kills {
        let moment = Moment::draw(&mut dice);
        let with_its_group = dice.random();
        let vault = installation.begin(&company.site);
        moment.wait(&company).await;
        if with_its_group { vault.kill_group() } else { vault.kill() }
    }
    recording.stop().await;

    let vault = installation.serve();
    company.deliver_all().await;
    let truth = company.platform.minutes().await;
    everything_is_archived(&installation, truth.len()).await;
    every_grant_is_alive(&company, &installation).await;
    assert_eq!(vault.terminate(), Some(0));
    assert_eq!(self::patrolled(&company, &installation), patrolled, "a patrol helped");
    assert_holds(&installation.downloads(), &truth);
    let taken_in = installation.log().matches("took in a grant that was renewed before a crash").count();
    println!("{kills} kills, {} recordings, {taken_in} grants that would have been lost", truth.len());
    assert!(taken_in > 0 || kills < KILLS, "no kill hit a renewal: the aim is bad");
}

/// Who was patrolled when.
fn patrolled(company: &Company, installation: &Installation) -> Vec<[Value; 2]> {
    let members = company.members(installation).into_iter();
    members.map(|member| ["open_id", "patrolled_at_ms"].map(|key| member[key].clone())).collect()
}

/// Every recording that was ever made, once.
async fn everything_is_archived(installation: &Installation, count: usize) {
    let list = |state: &[&str]| {
        let all = [&["recordings", "list", "--limit", "100000", "--json"], state].concat();
        installation.json(&all)["recordings"].as_array().map_or(0, Vec::len)
    };
    eventually("every recording", async || (list(&["--state", "archived"]) == count).then_some(())).await;
    assert_eq!(list(&[]), count);
}

/// Both sides say so, no token was used twice on the way, and each can be renewed once more.
async fn every_grant_is_alive(company: &Company, installation: &Installation) {
    for member in company.members(installation) {
        assert_eq!((&member["state"], &member["reason"]), (&json!("active"), &json!(null)), "{member:#}");
    }
    let asked = company.platform.get("_sim/counters").await["apis"]["oauth.token"].clone();
    assert_eq!(asked["by_code"].as_object().unwrap().keys().collect::<Vec<_>>(), ["0"], "{asked:#}");
    for open_id in &company.people {
        let before = refreshes(&company.platform, open_id).await;
        eventually("one more renewal", async || {
            (refreshes(&company.platform, open_id).await > before).then_some(())
        })
        .await;
        let person = company.platform.get(&format!("_sim/people/{open_id}")).await;
        assert_eq!(person["grant"]["refresh_alive"], true, "{person:#}");
    }
}
