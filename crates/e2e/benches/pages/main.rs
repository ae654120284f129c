//! What reading costs in a large archive: pages of the library, the search, the index behind it, and media on its way
//! to a browser beside nginx with the same file. Prints a table for docs/BENCHMARKS.md.
//!
//!     cargo build --release --workspace && cargo bench -p e2e --bench pages [index] [library] [search] [rooms] [stream]
//!     … -- --recordings 100000 --people 3000 --transcripts 20000

mod deeds;
mod discovery;
mod filled;
mod language;
mod nginx;
mod people;
mod reader;
mod recordings;
mod retention;
mod trouble;

use std::time::{Duration, Instant};

use crate::filled::Filled;
use crate::nginx::Nginx;
use crate::reader::Reader;

const REQUESTS: usize = 300;
const ROOM_REQUESTS: usize = 40;
const FILE_BYTES: usize = 1 << 30;
const ROUNDS: usize = 7;

/// How large the archive is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) recordings: usize,
    pub(crate) people: usize,
    /// Recordings that have a transcript of an hour.
    pub(crate) transcripts: usize,
}

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    let size = Size {
        recordings: number("--recordings").unwrap_or(100_000),
        people: number("--people").unwrap_or(3_000),
        transcripts: number("--transcripts").unwrap_or(20_000),
    };
    let known = ["index", "library", "search", "rooms", "stream"];
    let named: Vec<&str> = known.into_iter().filter(|name| arguments.iter().any(|it| it == name)).collect();
    let is_wanted = |name: &str| named.is_empty() || named.contains(&name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("| measured | figure |\n| --- | --- |");
    runtime.block_on(async {
        let is_searched = is_wanted("index") || is_wanted("search");
        let filled = Filled::new(size, is_searched).await;
        let vault = filled.installation.serve();
        if is_searched {
            index(&filled, size).await;
        }
        filled.settled().await;
        if is_wanted("library") {
            library(&filled, &vault.site).await;
        }
        if is_wanted("search") {
            search(&filled, &vault.site).await;
        }
        if is_wanted("rooms") {
            rooms(&filled, &vault.site).await;
        }
        if is_wanted("stream") {
            stream(&filled, &vault.site).await;
        }
        row("the program's memory by then", format!("{:.0} MiB", vault.memory_mib("VmHWM")));
    });
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

/// Everything is new to the index when the program starts.
async fn index(filled: &Filled, size: Size) {
    let (before, began) = (filled.catalogue_bytes(), Instant::now());
    // Those with a transcript come first.
    let done = async |count: usize| {
        let left = i64::try_from(size.recordings.saturating_sub(count)).unwrap_or_default();
        while filled.catalog.unindexed().await.expect("a count") > left {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    };
    let spoken = done(size.transcripts).await;
    let rate =
        |count: usize, took: Duration| format!("{:.1} s, {}/s", took.as_secs_f64(), per_second(count, took));
    row(&format!("{} transcripts of an hour indexed", size.transcripts), rate(size.transcripts, spoken));
    let all = done(size.recordings).await;
    row(&format!("{} recordings indexed, these among them", size.recordings), rate(size.recordings, all));
    let grown = filled.catalogue_bytes().saturating_sub(before);
    row(
        "catalogue, for each hour of transcript",
        format!("{} kB more", grown / size.transcripts.max(1) as u64 / 1_000),
    );
    row("catalogue as a whole", format!("{} MB", filled.catalogue_bytes() / 1_000_000));
}

fn per_second(count: usize, took: Duration) -> u128 {
    count as u128 * 1_000 / took.as_millis().max(1)
}

async fn library(filled: &Filled, site: &str) {
    let month = "from=2026-03-01&until=2026-03-31";
    for (who, held) in [("a member", &filled.member), ("an auditor", &filled.auditor)] {
        let mut reader = Reader::new(site, held).await;
        for (what, wish) in [
            ("newest first", ""),
            ("by title", "sort=title&order=rising"),
            ("longest first", "sort=length"),
            ("of one month, with transcript", &format!("{month}&transcript=1")),
            ("audio only", "kind=audio"),
        ] {
            let times = reader.times(REQUESTS, |_| format!("/recordings?{wish}")).await;
            row(&format!("library, {who}: {what}, p50 / p95"), times);
        }
        // From page to page as the links lead.
        let mut next = "/recordings".to_owned();
        let mut times = Vec::new();
        for _ in 0..REQUESTS {
            let began = Instant::now();
            let page = reader.get(&next).await;
            times.push(began.elapsed());
            next = reader::next_link(&page).unwrap_or_else(|| "/recordings".to_owned());
        }
        row(&format!("library, {who}: page after page, p50 / p95"), reader::percentiles(times));
    }
}

async fn search(filled: &Filled, site: &str) {
    for (who, held) in [("a member", &filled.member), ("an auditor", &filled.auditor)] {
        let mut reader = Reader::new(site, held).await;
        for (what, queries) in [
            ("two characters", &filled.language.words_of_two),
            ("rare", &filled.language.rare),
            ("very common", &filled.language.common),
            ("four characters", &filled.language.phrases),
            ("initials of a name", &filled.language.initials),
        ] {
            let times = reader.times(REQUESTS, |number| {
                let query: String =
                    url::form_urlencoded::byte_serialize(queries[number % queries.len()].as_bytes())
                        .collect();
                format!("/search?q={query}")
            });
            row(&format!("search, {who}: {what}, p50 / p95"), times.await);
        }
    }
}

/// Pages of those who run the service.
async fn rooms(filled: &Filled, site: &str) {
    let mut reader = Reader::new(site, &filled.administrator).await;
    for path in ["/overview", "/coverage", "/people", "/queue", "/storage", "/audit"] {
        let times = reader.times(ROOM_REQUESTS, |_| path.to_owned()).await;
        row(&format!("{path}, p50 / p95"), times);
    }
}

/// The same file from both, over one connection each, in turns.
async fn stream(filled: &Filled, site: &str) {
    let path = filled.large_file(FILE_BYTES).await;
    let nginx = Nginx::start(&filled.installation.downloads());
    let mut rates = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let ours = Reader::new(site, &filled.member).await.download(&path).await;
        let theirs = Reader::new(&nginx.site(), "").await.download("/large.mp4").await;
        assert_eq!((ours.0, theirs.0), (FILE_BYTES, FILE_BYTES));
        // The first round fills the system's cache.
        if round > 0 {
            rates.0.push(ours.1);
            rates.1.push(theirs.1);
        }
    }
    let median = |rates: &mut Vec<Duration>| {
        rates.sort_unstable();
        FILE_BYTES as u128 / rates[rates.len() / 2].as_micros().max(1)
    };
    let (ours, theirs) = (median(&mut rates.0), median(&mut rates.1));
    row(
        "media over one connection / nginx",
        format!("{ours} / {theirs} MB/s: {} %", ours * 100 / theirs.max(1)),
    );
}
