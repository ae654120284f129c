//! What the main job costs: answers under load, memory at rest, memory and speed of a large recording.
//! Prints a table for docs/BENCHMARKS.md. The program and its peers are measured in the same run.
//!
//!     cargo build --release --workspace && cargo bench -p e2e --bench main_job [idle] [large] [webhooks]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use e2e::{Delivery, Installation, Platform, Vault, eventually};
use feishu_sim::Scenario;
use serde_json::json;
use tokio::sync::Mutex;

const MIB: u64 = 1_048_576;
const EVENTS_PER_SECOND: u64 = 200;
const SECONDS: u64 = 60;
/// Each event with this remainder is sent twice.
const EVERY_TWENTIETH: u64 = 20;
const RECORDINGS: usize = 10_000;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!("| measured | figure |\n| --- | --- |");
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |name: &str| named.is_empty() || named.iter().any(|wanted| wanted == name);
    if is_wanted("idle") {
        idle_memory().await;
    }
    if is_wanted("large") {
        large_recording().await;
    }
    if is_wanted("webhooks") {
        webhooks_under_load().await;
    }
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

/// Memory at rest with ten thousand recordings in the catalogue.
async fn idle_memory() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let history: Vec<String> = (0..RECORDINGS).map(|number| format!("obcn{number:020}")).collect();
    let old = installation.folder().join("old");
    std::fs::create_dir(&old).expect("a folder");
    std::fs::write(old.join("download_history.json"), json!(history).to_string()).expect("written");
    let imported = installation.run(&["import-legacy", "old"]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));

    let vault = installation.serve();
    for user in &platform.ready().users {
        platform.authorise(&vault.site, &user.open_id).await;
    }
    eventually("the patrols", async || {
        let members = installation.json(&["members", "list", "--json"]);
        let all = members["members"].as_array()?.clone();
        all.iter().all(|member| !member["patrolled_at"].is_null()).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    row("memory at rest, 10,000 recordings", format!("{:.1} MiB", vault.memory_mib("VmRSS")));
    assert_eq!(vault.terminate(), Some(0));
}

/// One recording of 2 GiB: peak memory, and speed against `curl` followed by `sha256sum`.
async fn large_recording() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    let owner = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &owner).await;
    platform.post_events_to(&vault.site).await;
    let token = &platform.record(&owner, "大文件", 2_048 * MIB).await;

    let began = Instant::now();
    platform.announce(token).await;
    eventually("2 GiB", async || {
        let shown = installation.json(&["recordings", "show", token, "--json"]);
        (shown["state"] == "archived").then_some(())
    })
    .await;
    let ours = began.elapsed();
    let peak = vault.memory_mib("VmHWM");
    assert_eq!(vault.terminate(), Some(0));

    let theirs = curl_and_sum(&platform, &owner, token, installation.folder()).await;
    row(
        "2 GiB recording: event to archived, hashed, synced",
        format!("{:.2} s ({:.0} MiB/s)", ours.as_secs_f64(), 2_048.0 / ours.as_secs_f64()),
    );
    row("the same by curl, then sha256sum, then sync", format!("{:.2} s", theirs.as_secs_f64()));
    row(
        "ratio (theirs / ours; above 1 we are faster)",
        format!("{:.2}", theirs.as_secs_f64() / ours.as_secs_f64()),
    );
    row("peak memory meanwhile", format!("{peak:.1} MiB"));
}

async fn curl_and_sum(platform: &Platform, owner: &str, token: &str, folder: &Path) -> Duration {
    let pair = platform.post(&format!("_sim/people/{owner}/tokens"), json!({})).await;
    let url = platform.download_url(token, pair["access_token"].as_str().expect("a token")).await;
    let target = folder.join("by-curl.mp4");
    let began = Instant::now();
    let done = tokio::task::spawn_blocking(move || {
        let curl = Command::new("curl").args(["-sS", "--noproxy", "*", "-o"]).arg(&target).arg(&url).status();
        let sum = Command::new("sha256sum").arg(&target).stdout(std::process::Stdio::null()).status();
        let sync = Command::new("sync").arg(&target).status();
        [curl, sum, sync].into_iter().all(|status| status.is_ok_and(|status| status.success()))
    });
    assert!(done.await.expect("no panic"), "curl, sha256sum or sync failed");
    began.elapsed()
}

/// 200 events a second for a minute while eight downloads run.
async fn webhooks_under_load() {
    let mut scenario = Scenario::named("small").expect("built in");
    // Slow enough that the downloads last through the measurement.
    scenario.knobs.media_bytes_per_second = Some(8 * MIB);
    let platform = Platform::start(scenario).await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    let owner = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &owner).await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        let token = platform.record(&owner, "大文件", 700 * MIB).await;
        platform.announce(&token).await;
        tokens.push(token);
    }
    eventually("eight downloads", async || {
        let minutes = platform.minutes_quickly().await;
        let begun =
            minutes.iter().filter(|minute| minute["served"]["bytes"].as_u64().unwrap_or(0) > MIB).count();
        (begun >= 8).then_some(())
    })
    .await;

    let latencies = send_events(&platform, &vault, &tokens).await;
    let still_running = platform.minutes_quickly().await.len();
    let distinct = EVENTS_PER_SECOND * SECONDS;
    let status = installation.json(&["status", "--json"]);
    let stored = status["events"]["vc.meeting.recording_ready_v1"].as_u64().unwrap_or(0);
    // The announcements of the eight are events of the same kind.
    assert_eq!(stored, distinct + 8, "each event is stored once");
    row(
        "events sent at 200/s for 60 s, 8 downloads running",
        format!("{} (of them {} again)", latencies.len(), distinct / EVERY_TWENTIETH),
    );
    row("stored, each once", distinct);
    for (name, per_mille) in [("p50", 500), ("p99", 990), ("p99.9", 999)] {
        let at = (latencies.len() * per_mille / 1_000).min(latencies.len() - 1);
        row(&format!("answer {name}"), format!("{:.1} ms", latencies[at].as_secs_f64() * 1_000.0));
    }
    row("slowest answer", format!("{:.1} ms", latencies[latencies.len() - 1].as_secs_f64() * 1_000.0));
    row("peak memory meanwhile", format!("{:.1} MiB", vault.memory_mib("VmHWM")));
    assert!(still_running >= 8);
    vault.kill();
}

/// Sends on schedule whether or not answers come, and measures from the scheduled moment: a slow answer
/// does not make the next one look fast. Sorted.
async fn send_events(platform: &Platform, vault: &Vault, tokens: &[String]) -> Vec<Duration> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let latencies = Arc::new(Mutex::new(Vec::new()));
    let refused = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut sent = tokio::task::JoinSet::new();
    for number in 0..EVENTS_PER_SECOND * SECONDS {
        let at = began + Duration::from_micros(number * 1_000_000 / EVENTS_PER_SECOND);
        tokio::time::sleep_until(at.into()).await;
        let request =
            sealed_event(platform, number, &tokens[usize::try_from(number).unwrap_or(0) % tokens.len()]);
        let times = if number % EVERY_TWENTIETH == 0 { 2 } else { 1 };
        for _ in 0..times {
            let (client, url) = (client.clone(), format!("{}/webhook/event", vault.site));
            let Delivery { headers, body } = request.clone();
            let (latencies, refused) = (Arc::clone(&latencies), Arc::clone(&refused));
            sent.spawn(async move {
                let mut request = client.post(url).body(body);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                match request.send().await {
                    Ok(answer) if answer.status() == 200 => latencies.lock().await.push(at.elapsed()),
                    _ => drop(refused.fetch_add(1, Ordering::Relaxed)),
                }
            });
        }
    }
    sent.join_all().await;
    assert_eq!(refused.load(Ordering::Relaxed), 0, "events that were not answered with 200");
    let mut latencies = std::mem::take(&mut *latencies.lock().await);
    latencies.sort();
    latencies
}

fn sealed_event(platform: &Platform, number: u64, token: &str) -> Delivery {
    let ready = platform.ready();
    let event = json!({
        "schema": "2.0",
        "header": {
            "event_id": format!("load{number:08}"), "event_type": "vc.meeting.recording_ready_v1",
            "create_time": "1763900000000", "token": ready.verification_token, "app_id": ready.app_id,
            "tenant_key": "load",
        },
        "event": { "meeting": { "id": format!("69{number:017}"), "topic": "负载" },
            "url": format!("https://meetings.feishu.cn/minutes/{token}"), "duration": "60000" },
    });
    Delivery::seal(ready, &event, number)
}
