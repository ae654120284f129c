//! What events cost: how many deliveries a second are durable before they are answered, whether a
//! `kill -9` loses one, and how long it takes from an event to the first byte of media that is asked for.
//! Prints tables for docs/BENCHMARKS.md.
//!
//!     cargo build --release --workspace && cargo bench -p e2e --bench events [deliveries] [kill] [latency] [peer]
//!     … -- deliveries --seconds 10 --rate 5000

mod kept;
mod latency;
mod load;
mod mix;
mod peer;

use std::time::{Duration, Instant};

use e2e::{Installation, Platform, Vault, eventually};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::kept::Kept;
use crate::load::{Outcome, Pace, send};
use crate::mix::Mix;

const CONNECTIONS: usize = 16;
const RATE: u32 = 5_000;
const SECONDS: u32 = 60;
/// More than this machine could answer in a second.
const MOST_A_SECOND: usize = 20_000;

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    let (rate, seconds) = (number("--rate").unwrap_or(RATE), number("--seconds").unwrap_or(SECONDS));
    let known = ["deliveries", "kill", "latency", "peer"];
    let named: Vec<&str> = known.into_iter().filter(|name| arguments.iter().any(|it| it == name)).collect();
    let is_wanted = |name: &str| named.is_empty() || named.contains(&name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("| measured | figure |\n| --- | --- |");
    if is_wanted("deliveries") {
        runtime.block_on(deliveries(rate, seconds));
    }
    if is_wanted("kill") {
        runtime.block_on(killed(rate));
    }
    if is_wanted("latency") {
        runtime.block_on(latency::first_byte(number("--samples").unwrap_or(200).into()));
    }
    if is_wanted("peer") {
        runtime.block_on(peer::measure());
    }
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

/// A company whose people have all authorised.
async fn company() -> (Platform, Installation, Vault) {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    for user in &platform.ready().users {
        platform.authorise(&vault.site, &user.open_id).await;
    }
    (platform, installation, vault)
}

/// On a thread of its own, so that the stand-in's runtime stays free.
async fn send_beside(site: &str, mix: Mix, pace: Pace, longest: Duration) -> (Mix, Outcome) {
    let site = site.to_owned();
    let sent = tokio::task::spawn_blocking(move || {
        let outcome = send(&site, &mix.requests, CONNECTIONS, pace, longest);
        (mix, outcome)
    });
    sent.await.expect("the sender ends")
}

fn latencies(what: &str, outcome: &Outcome) {
    row(
        &format!("{what}: p50 / p99 / p99.9 / slowest"),
        format!(
            "{:.1} / {:.1} / {:.1} / {:.1} ms",
            outcome.latency_ms(500),
            outcome.latency_ms(990),
            outcome.latency_ms(999),
            outcome.latency_ms(1_000)
        ),
    );
}

async fn deliveries(rate: u32, seconds: u32) {
    let (platform, installation, vault) = company().await;
    let mix = Mix::new(&platform, &vault.site, "paced", (rate * seconds) as usize);
    let longest = Duration::from_secs(u64::from(seconds) + 30);
    let cpu = vault.cpu();
    let (mix, outcome) = send_beside(&vault.site, mix, Pace::PerSecond(rate), longest).await;
    let cpu = vault.cpu().saturating_sub(cpu);
    row(
        &format!("deliveries due at {rate}/s for {seconds} s over {CONNECTIONS} connections: answered 200"),
        format!("{} of {}, {:.0}/s", outcome.acknowledged.len(), mix.event_ids.len(), outcome.per_second()),
    );
    latencies("answer, from the due time", &outcome);
    row("peak memory meanwhile", format!("{:.1} MiB", vault.memory_mib("VmHWM")));
    row("the program's processor time meanwhile", format!("{:.1} s", cpu.as_secs_f64()));

    let count = MOST_A_SECOND * 10;
    let unpaced = Mix::new(&platform, &vault.site, "unpaced", count);
    let (unpaced, most) = send_beside(&vault.site, unpaced, Pace::Unpaced, Duration::from_secs(10)).await;
    row("without a schedule, for 10 s", format!("{:.0}/s", most.per_second()));
    latencies("answer, from the sending", &most);

    let began = Instant::now();
    eventually("every event worked through", async || {
        let status = installation.json(&["status", "--json"]);
        (status["events_waiting"] == 0).then_some(())
    })
    .await;
    row("all of them worked through after", format!("{:.0} s more", began.elapsed().as_secs_f64()));
    row("peak memory by then", format!("{:.1} MiB", vault.memory_mib("VmHWM")));
    row("other answers than 200", outcome.refused + most.refused);
    vault.kill();
    let mut kept = Kept::new();
    kept.expect(&mix, &outcome);
    kept.expect(&unpaced, &most);
    kept.prove(&installation).await;
}

/// `kill -9` at a random moment of the load; what was acknowledged is there after the restart.
async fn killed(rate: u32) {
    let seed: u64 = rand::random();
    let mut dice = StdRng::seed_from_u64(seed);
    let (platform, installation, vault) = company().await;
    let after = Duration::from_millis(dice.random_range(3_000..7_000));
    let mix = Mix::new(&platform, &vault.site, "killed", rate as usize * 10);
    let site = vault.site.clone();
    let killer = tokio::spawn(async move {
        tokio::time::sleep(after).await;
        vault.kill();
    });
    let (mix, outcome) = send_beside(&site, mix, Pace::PerSecond(rate), Duration::from_secs(10)).await;
    killer.await.expect("it is killed");
    row(
        &format!("kill -9 after {:.1} s of {rate}/s (seed {seed}): answered 200", after.as_secs_f64()),
        format!("{} deliveries", outcome.acknowledged.len()),
    );
    let mut kept = Kept::new();
    kept.expect(&mix, &outcome);
    let stored = kept.stored(&installation).await;
    row(
        "events among these / in the catalogue after the kill",
        format!("{} / {}", kept.len(), kept.count_among(&stored)),
    );
    row("in the catalogue without an answer having gone out", stored.len() - kept.count_among(&stored));

    // What was not answered the platform brings again, and some of what was.
    let vault = installation.serve();
    let (mix, outcome) = send_beside(&vault.site, mix, Pace::Unpaced, Duration::from_mins(2)).await;
    assert_eq!(outcome.acknowledged.len(), mix.event_ids.len(), "a redelivery was refused");
    kept.expect(&mix, &outcome);
    eventually("every event worked through", async || {
        let status = installation.json(&["status", "--json"]);
        (status["events_waiting"] == 0).then_some(())
    })
    .await;
    vault.kill();
    kept.prove(&installation).await;
}
