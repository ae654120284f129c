//! Faults at random, many at a time, over a company that records: when they are used up everything is archived.
//!
//! More of them, or a run again: `CONTRIBUTING.md`.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::company::Company;
use super::{Row, each};

const PEOPLE: [&str; 4] = ["王芳", "李娜", "张伟", "刘洋"];
const RECORDINGS: usize = 20;
const FAULTS: usize = 40;
/// What an exchange can meet before it is made; after it an answer that is lost costs a grant.
const BEFORE_AN_EXCHANGE: [&str; 5] = ["rate_limited", "answer", "code", "error_page", "redirect"];

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn whatever_comes_together_everything_is_archived_when_it_is_over() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mixes = number("MINUTES_VAULT_FAULT_MIXES").unwrap_or(1);
    let seeds = match number("MINUTES_VAULT_FAULT_SEED") {
        Some(seed) => vec![seed],
        None => (0..mixes).map(|_| rand::random()).collect(),
    };
    let row = |seed: u64| -> Row {
        (format!("MINUTES_VAULT_FAULT_SEED={seed}"), Box::pin(mix(StdRng::seed_from_u64(seed))))
    };
    let rows: Vec<_> = seeds.into_iter().map(row).collect();
    for (seed, _) in &rows {
        println!("{seed}");
    }
    each(rows).await;
}

async fn mix(mut dice: StdRng) {
    let mut company = Company::of(&PEOPLE, "16").await;
    let mut tokens = Vec::new();
    for _ in 0..RECORDINGS {
        let is_large = dice.random_ratio(1, 4);
        let bytes = if is_large { 3_000_000..9_000_000 } else { 10_000..1_000_000 };
        let bytes = dice.random_range(bytes);
        tokens.push(company.record(PEOPLE.choose(&mut dice).unwrap(), bytes).await);
    }
    for _ in 0..FAULTS {
        company.platform.post("_sim/faults", draw(&mut dice, &tokens)).await;
    }
    // Not more: the waits between renewals grow to minutes.
    company.platform.post("_sim/faults", draw_for_an_exchange(&mut dice)).await;
    if dice.random() {
        // All tokens end at once, in the middle of everything.
        company.platform.post("_sim/clock/advance", json!({ "ms": 3 * 3_600_000 })).await;
    }
    company.announce(&tokens.iter().map(String::as_str).collect::<Vec<_>>()).await;
    company.ends_whole().await;
}

/// An order for a few calls; what ends something for good, or cannot be told from a good answer, is not among them.
fn draw(dice: &mut StdRng, tokens: &[String]) -> Value {
    let api = *["minutes.get", "minutes.media", "minutes.transcript", "minutes.artifacts"]
        .iter()
        .chain([&"media.download"; 5])
        .collect::<Vec<_>>()
        .choose(dice)
        .unwrap();
    let fault = loop {
        let fault = draw_fault(dice, api == &"media.download");
        let kind = fault["kind"].as_str().unwrap();
        if *api != "minutes.transcript" || !matches!(kind, "halve" | "long") {
            break fault;
        }
    };
    let token = tokens.choose(dice).filter(|_| dice.random_ratio(2, 3));
    let times = dice.random_range(1..=2);
    json!({ "api": api, "minute_token": token, "skip": dice.random_range(0..3), "times": times, "fault": fault })
}

fn draw_for_an_exchange(dice: &mut StdRng) -> Value {
    let fits = |fault: &Value| fault["kind"].as_str().is_some_and(|kind| BEFORE_AN_EXCHANGE.contains(&kind));
    let fault = std::iter::repeat_with(|| draw_fault(dice, false)).find(fits);
    json!({ "api": "oauth.token", "times": 2, "fault": fault })
}

fn draw_fault(dice: &mut StdRng, is_media: bool) -> Value {
    let bytes = if is_media { 0..3_000_000 } else { 0..100 };
    let bytes = dice.random_range(bytes);
    let status = *[500, 502, 503, 504].choose(dice).unwrap();
    let header = *["reset", "retry_after"].choose(dice).unwrap();
    let limit = *[429, 400].choose(dice).unwrap();
    let answers = [
        json!({ "kind": "rate_limited", "status": limit, "header": header }),
        json!({ "kind": "answer", "status": status, "content_type": "text/html", "body": "<h1>edge</h1>" }),
        json!({ "kind": "code", "code": 2_091_006, "status": 500 }),
        json!({ "kind": "answer" }),
        json!({ "kind": "error_page" }),
        json!({ "kind": "redirect" }),
        json!({ "kind": "hang" }),
        json!({ "kind": "reset" }),
        json!({ "kind": "reset", "after_bytes": bytes }),
        json!({ "kind": "short", "bytes": bytes }),
        json!({ "kind": "stall", "after_bytes": bytes }),
        json!({ "kind": "long", "extra_bytes": 1 + bytes % 50 }),
        json!({ "kind": "slow", "bytes_per_second": 1 }),
        json!({ "kind": "delay", "ms": 700 }),
    ];
    let of_apis = [
        json!({ "kind": "halve" }),
        json!({ "kind": "code", "code": 99_991_663 }),
        json!({ "kind": "code", "code": 2_091_003 }),
    ];
    let of_media = [
        json!({ "kind": "code", "code": 403, "status": 403 }),
        json!({ "kind": "answer", "content_type": "video/mp4", "body": "<html></html>" }),
        json!({ "kind": "answer", "content_type": "video/mp4" }),
        json!({ "kind": "ignore_range" }),
        json!({ "kind": "wrong_bytes", "shift_bytes": 1 + bytes }),
        json!({ "kind": "wrong_range", "shift_bytes": 1 + bytes }),
        json!({ "kind": "changed_etag" }),
        json!({ "kind": "changed_modified" }),
        json!({ "kind": "no_validators" }),
    ];
    let more: &[Value] = if is_media { &of_media } else { &of_apis };
    answers.iter().chain(more).collect::<Vec<_>>().choose(dice).map(|fault| (*fault).clone()).unwrap()
}
