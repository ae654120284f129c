//! What is measured, row by row of the table in docs/BENCHMARKS.md. Ours and theirs take turns.

use std::fmt::Display;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::time::Duration;

use e2e::Installation;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::MIB;
use crate::nginx::Nginx;
use crate::ours::Ours;
use crate::samples::Samples;
use crate::theirs::shell;

const LARGE: u64 = 2_048 * MIB;
const MANY: usize = 64;
const SMALL: usize = 200;
/// It writes its line when a connection has ended.
const NGINX_NOTICES: Duration = Duration::from_millis(500);

/// Rows of a table.
#[derive(Default)]
pub(crate) struct Report(Vec<Value>);

impl Report {
    fn add(&mut self, work: &str, figure: impl Display, bar: &str, is_met: Option<bool>) {
        let verdict = is_met.map_or("", |is_met| if is_met { "yes" } else { "**no**" });
        let figure = figure.to_string();
        eprintln!("{work}: {figure} {verdict}");
        self.0.push(json!({ "work": work, "figure": figure, "bar": bar, "met": is_met, "verdict": verdict }));
    }

    /// A ratio of ours to theirs, where less is better.
    fn ratio(&mut self, work: &str, ours: f64, theirs: f64, most: f64) {
        let ratio = ours / theirs;
        self.add(work, format!("{ratio:.2}"), &format!("≤ {most}"), Some(ratio <= most));
    }

    pub(crate) fn print(&self, as_json: bool) {
        if as_json {
            println!("{:#}", Value::from(self.0.clone()));
            return;
        }
        println!("| work | figure | bar | met |\n| --- | --- | --- | --- |");
        for row in &self.0 {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            println!("| {} | {} | {} | {} |", text("work"), text("figure"), text("bar"), text("verdict"));
        }
    }
}

/// What earlier work left for the disk is none of the next one's business.
fn settle() {
    let done = Command::new("sync").status();
    assert!(done.is_ok_and(|status| status.success()), "sync failed");
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// One file as fast as it comes; and what that costs the processor.
pub(crate) async fn large(nginx: &Nginx, rounds: usize, report: &mut Report) {
    let file = nginx.offer(LARGE).await;
    let ours = Ours::start().await;
    let [mut archived, mut ours_cpu] = <[Samples; 2]>::default();
    let [mut synced, mut curl_cpu, mut hashed, mut hash_cpu, mut aria] = <[Samples; 5]>::default();
    for round in 0..rounds {
        settle();
        let cost = ours.fetch(&[file.url(&format!("large{round}"))]).await;
        archived.seconds(cost.wall);
        ours_cpu.seconds(cost.cpu);
        ours.clear();

        let url = &file.url("theirs");
        let place = folder();
        settle();
        let cost = shell("curl -sS -o f \"$1\" && sync f", place.path(), &[url]).await;
        synced.seconds(cost.wall);
        curl_cpu.seconds(cost.cpu);
        hash_cpu.seconds(shell("openssl dgst -sha256 f", place.path(), &[]).await.cpu);

        let place = folder();
        settle();
        let script = "curl -sS -o f \"$1\" && openssl dgst -sha256 f && sync f";
        hashed.seconds(shell(script, place.path(), &[url]).await.wall);

        let place = folder();
        settle();
        let script = "aria2c -q --file-allocation=none -x16 -o f \"$1\"";
        aria.seconds(shell(script, place.path(), &[url]).await.wall);
    }
    report.add("2 GiB: event → archived (hashed, synced, committed)", archived.words("s"), "", None);
    report.add("the same: `curl -o f && sync f`", synced.words("s"), "", None);
    report.add("the same: `curl`, `openssl dgst -sha256`, `sync`", hashed.words("s"), "", None);
    report.add("the same: `aria2c -x16`, not synced", aria.words("s"), "", None);
    report.ratio("2 GiB: wall, ours / (curl && sync)", archived.median(), synced.median(), 1.0);
    report.add("peak memory meanwhile", format!("{:.1} MiB", ours.peak_mib()), "", None);
    let gib = |cpu: &Samples| format!("{:.2} s", cpu.median() / 2.0);
    report.add("CPU per GiB: ours", gib(&ours_cpu), "", None);
    report.add("CPU per GiB: curl", gib(&curl_cpu), "", None);
    report.add("CPU per GiB: openssl dgst -sha256", gib(&hash_cpu), "", None);
    let theirs_cpu = curl_cpu.median() + hash_cpu.median();
    report.ratio("CPU per GiB: ours / (curl + openssl)", ours_cpu.median(), theirs_cpu, 1.2);
}

/// One file from a host that gives each connection 8 MB/s.
pub(crate) async fn throttled(nginx: &Nginx, rounds: usize, report: &mut Report) {
    let file = nginx.offer(512 * MIB).await;
    let ours = Ours::start().await;
    let [mut archived, mut aria] = <[Samples; 2]>::default();
    for round in 0..rounds {
        settle();
        archived.seconds(ours.fetch(&[file.throttled_url(&format!("slow{round}"))]).await.wall);
        ours.clear();

        let place = folder();
        settle();
        let script = "aria2c -q --file-allocation=none -x16 -s16 -o f \"$1\"";
        aria.seconds(shell(script, place.path(), &[&file.throttled_url("theirs")]).await.wall);
    }
    report.add("512 MiB at 8 MB/s per connection: archived", archived.words("s"), "", None);
    report.add("the same: `aria2c -x16 -s16`, not synced", aria.words("s"), "", None);
    report.ratio("512 MiB throttled: wall, ours / aria2c", archived.median(), aria.median(), 1.0);
}

/// Many files at once, and the memory that it takes.
pub(crate) async fn many(nginx: &Nginx, rounds: usize, report: &mut Report) {
    let file = nginx.offer(256 * MIB).await;
    let ours = Ours::start().await;
    let [mut archived, mut aria, mut synced] = <[Samples; 3]>::default();
    for round in 0..rounds {
        settle();
        let urls: Vec<_> = (0..MANY).map(|number| file.url(&format!("many{round}-{number}"))).collect();
        archived.seconds(ours.fetch(&urls).await.wall);
        ours.clear();

        let place = folder();
        let lines: Vec<_> = (0..MANY)
            .map(|number| format!("{}\n  out=f{number}\n", file.url(&format!("{number}"))))
            .collect();
        std::fs::write(place.path().join("list"), lines.concat()).expect("written");
        settle();
        let script = "aria2c -q --file-allocation=none -j64 -i list";
        let fetched = shell(script, place.path(), &[]).await.wall;
        aria.seconds(fetched);
        synced.seconds(fetched + shell("sync f*", place.path(), &[]).await.wall);
    }
    report.add("64 × 256 MiB: archived", archived.words("s"), "", None);
    report.add("the same: `aria2c -j64`, not synced", aria.words("s"), "", None);
    report.add("the same: `aria2c -j64`, then `sync`", synced.words("s"), "", None);
    let rate = |wall: &Samples| 16_384.0 / wall.median();
    report.add("64 × 256 MiB: ours", format!("{:.0} MiB/s", rate(&archived)), "", None);
    let ratio = rate(&archived) / rate(&aria);
    report.add("64 × 256 MiB: aggregate, ours / aria2c", format!("{ratio:.2}"), "≥ 1.0", Some(ratio >= 1.0));
    let peak = ours.peak_mib();
    // 96 MB are 91.6 MiB.
    report.add("peak memory meanwhile", format!("{peak:.1} MiB"), "< 96 MB", Some(peak * 1.048_576 < 96.0));
}

/// Small recordings with all that belongs to them.
pub(crate) async fn small(nginx: &Nginx, rounds: usize, report: &mut Report) {
    let file = nginx.offer(MIB).await;
    let ours = Ours::start().await;
    let mut rate = Samples::default();
    for round in 0..rounds {
        settle();
        let urls: Vec<_> = (0..SMALL).map(|number| file.url(&format!("small{round}-{number}"))).collect();
        let cost = ours.archive(&urls).await;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        rate.take(SMALL as f64 / cost.wall.as_secs_f64());
        eprintln!("  CPU {:.2} s of {:.2} s", cost.cpu.as_secs_f64(), cost.wall.as_secs_f64());
    }
    let figure = rate.words("recordings/s");
    report.add(
        "200 × 1 MiB with metadata, transcript, AI products",
        figure,
        "≥ 50",
        Some(rate.median() >= 50.0),
    );
}

/// What is fetched twice because of a `kill -9` at half of the file: what had been written and was asked for again.
/// What nginx sent beyond the file is more, by what lay unread in the sockets.
pub(crate) async fn resume(nginx: &Nginx, rounds: usize, report: &mut Report) {
    let file = nginx.offer(LARGE).await;
    let [mut twice, mut beyond] = <[Samples; 2]>::default();
    for round in 0..rounds {
        let ours = Ours::start().await;
        let label = format!("resume{round}");
        let tokens = ours.record(&[file.url(&label)]).await;
        ours.announce(&tokens).await;
        while on_disk(&ours.installation) < LARGE / 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let (ours, (written, sent)) = ours.killed_and_started_again(|installation| {
            std::thread::sleep(NGINX_NOTICES);
            (on_disk(installation), nginx.sent(&label))
        });
        while ours.archived() < 1 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        drop(ours);
        tokio::time::sleep(NGINX_NOTICES).await;
        let again = nginx.sent(&label) - sent;
        twice.take(mib((written + again).saturating_sub(LARGE)));
        beyond.take(mib((sent + again).saturating_sub(LARGE)));
    }
    let most = twice.greatest();
    report.add(
        "2 GiB, `kill -9` at half: written, and fetched again",
        twice.words("MiB"),
        "≤ 16 MiB",
        Some(most <= 16.0),
    );
    report.add(
        "the same: sent by nginx beyond the file, unread sockets included",
        beyond.words("MiB"),
        "",
        None,
    );
}

#[expect(clippy::cast_precision_loss, reason = "some MiB")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB as f64
}

/// Bytes that the unfinished file takes on the disk.
fn on_disk(installation: &Installation) -> u64 {
    let mut folders = vec![installation.downloads()];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "part") {
                bytes += entry.metadata().map_or(0, |metadata| metadata.blocks() * 512);
            }
        }
    }
    bytes
}
