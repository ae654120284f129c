//! Answers of the APIs that are refusals, trouble, rubbish, late or cut off.

use serde_json::{Value, json};

use super::company::{Company, PEOPLE};
use super::{Row, each};

const BYTES: u64 = 200_000;

/// What can come instead of a JSON answer, and the reason that is given while it does.
pub(super) fn troubles() -> Vec<(&'static str, Value, &'static str)> {
    let page = |status: u16| json!({ "kind": "answer", "status": status, "content_type": "text/html", "body": "<h1>edge</h1>" });
    let limited = |status: u16, header: &str| json!({ "kind": "rate_limited", "status": status, "reset_seconds": 1, "header": header });
    let (limit, trouble) = ("rate_limited", "platform_trouble");
    vec![
        ("429", limited(429, "reset"), limit),
        ("429 with Retry-After", limited(429, "retry_after"), limit),
        ("400 with 99991400", limited(400, "reset"), limit),
        ("500 with a code", json!({ "kind": "code", "code": 2_091_006, "status": 500 }), trouble),
        ("500", page(500), trouble),
        ("502", page(502), trouble),
        ("503 without a body", json!({ "kind": "answer", "status": 503 }), trouble),
        ("504", page(504), trouble),
        ("a page with 200", json!({ "kind": "error_page" }), trouble),
        ("nothing with 200", json!({ "kind": "answer" }), trouble),
        ("half the JSON", json!({ "kind": "halve" }), trouble),
        ("less than promised", json!({ "kind": "short", "bytes": 10 }), trouble),
        ("more than there is", json!({ "kind": "long", "extra_bytes": 7 }), trouble),
        ("a reset at once", json!({ "kind": "reset" }), trouble),
        ("a reset in the body", json!({ "kind": "reset", "after_bytes": 20 }), trouble),
        ("no answer", json!({ "kind": "hang" }), trouble),
        ("silence in the body", json!({ "kind": "stall", "after_bytes": 20 }), trouble),
        ("a byte a second", json!({ "kind": "slow", "bytes_per_second": 1 }), trouble),
        ("a redirect", json!({ "kind": "redirect" }), trouble),
        ("a token refused", json!({ "kind": "code", "code": 99_991_663 }), trouble),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn trouble_with_metadata_passes_and_is_named_while_it_lasts() {
    each(
        troubles().into_iter().map(|(name, fault, reason)| row("minutes.get", name, fault, reason)).collect(),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn trouble_with_addresses_passes_and_is_named_while_it_lasts() {
    each(
        troubles()
            .into_iter()
            .map(|(name, fault, reason)| row("minutes.media", name, fault, reason))
            .collect(),
    )
    .await;
}

/// One recording meets the fault once, another for as long as it is ordered, a third not at all.
fn row(api: &'static str, name: &str, fault: Value, reason: &'static str) -> Row {
    let seen = async move {
        let mut company = Company::open().await;
        let [once, ever, other] = [PEOPLE[0], PEOPLE[0], PEOPLE[1]].map(|owner| company.record(owner, BYTES));
        let (once, ever, other) = (once.await, ever.await, other.await);
        company.order(api, &once, Some(1), &fault).await;
        company.order(api, &ever, None, &fault).await;
        company.announce(&[&once, &ever, &other]).await;
        company
            .stand(&[(&once, "archived", None), (&ever, "failed", Some(reason)), (&other, "archived", None)])
            .await;
        company.assert_no_file_of(&ever);
        // A token that is refused is renewed and tried once more.
        let per_attempt = if fault["code"] == 99_991_663 { 2 } else { 1 };
        let tried = company.calls(api, &ever).await.len();
        assert!(tried <= per_attempt * company.attempts_at_most(), "{tried} calls in vain");
        company.withdraw_faults().await;
        company.everything_arrives().await;
        let calls = company.calls(api, &once).await;
        assert_eq!(calls.len(), 2, "once in vain, once well: {calls:#?}");
        assert_eq!(company.calls(api, &other).await.len(), 1);
        company.ends_whole().await;
    };
    (format!("{api}: {name}"), Box::pin(seen))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn trouble_with_texts_keeps_no_video_out() {
    // One 5xx is as good as another here.
    let rows = troubles().into_iter().filter(|(name, ..)| !["500", "502", "504"].contains(name));
    each(rows.map(|(name, fault, reason)| row_of_texts(name, fault, reason)).collect()).await;
}

fn row_of_texts(name: &str, fault: Value, reason: &'static str) -> Row {
    let seen = async move {
        let mut company = Company::open().await;
        let (ever, other) = (company.record(PEOPLE[0], BYTES).await, company.record(PEOPLE[1], BYTES).await);
        company.order("minutes.artifacts", &ever, None, &fault).await;
        // What of this can be told from a good answer where any bytes are one.
        let is_told = !matches!(fault["kind"].as_str(), Some("halve" | "long"));
        if is_told {
            company.order("minutes.transcript", &ever, None, &fault).await;
        }
        company.announce(&[&ever, &other]).await;
        company.stand(&[(&ever, "archived", None), (&other, "archived", None)]).await;
        let standing = |state: &str, reason: Option<&str>| (state.to_owned(), reason.map(str::to_owned));
        let text = match fault["kind"].as_str() {
            _ if !is_told => standing("done", None),
            // An empty text is one that may still come.
            Some("answer") if fault["status"].is_null() => standing("waiting", Some("empty")),
            _ => standing("failed", Some(reason)),
        };
        let expected = [
            ("media", standing("done", None)),
            ("summary", standing("failed", Some(reason))),
            ("transcript_srt", text.clone()),
            ("transcript_txt", text),
        ]
        .map(|(part, standing)| (part.to_owned(), standing))
        .into();
        company
            .look(&format!("{expected:?}"), |company| (company.parts(&ever) == expected).then_some(()))
            .await;
        company.withdraw_faults().await;
        company.ends_whole().await;
    };
    (name.to_owned(), Box::pin(seen))
}
