//! What the media host can do to a transfer.

use serde_json::{Value, json};

use super::company::{Company, PEOPLE};
use super::{Row, each};

const BYTES: u64 = 1_500_000;
/// Worth several connections.
const LARGE_BYTES: u64 = 12_000_000;

/// What a row of the table says of a fault that lasts.
#[derive(Clone, Copy)]
struct Lasting {
    reason: &'static str,
    /// Requests in one attempt at most.
    requests: usize,
}

/// A transfer asks again by itself after incidents, five times, and for a new address once.
const PATIENT: usize = 6;

type Trouble = (&'static str, Value, Lasting);

fn trouble(name: &'static str, fault: Value, reason: &'static str, requests: usize) -> Trouble {
    (name, fault, Lasting { reason, requests })
}

/// What can come in place of the file.
fn other_answers() -> Vec<Trouble> {
    let page = |status: u16| json!({ "kind": "answer", "status": status, "content_type": "text/html", "body": "<h1>edge</h1>" });
    let limited = |status: u16, header: &str| json!({ "kind": "rate_limited", "status": status, "reset_seconds": 1, "header": header });
    let media = |body: &str| json!({ "kind": "answer", "content_type": "video/mp4", "body": body });
    vec![
        trouble("429", limited(429, "reset"), "rate_limited", 1),
        trouble("429 with Retry-After", limited(429, "retry_after"), "rate_limited", 1),
        trouble("400 with 99991400", limited(400, "reset"), "rate_limited", 1),
        trouble("500", page(500), "platform_trouble", 1),
        trouble("502", page(502), "platform_trouble", 1),
        trouble("503 without a body", json!({ "kind": "answer", "status": 503 }), "platform_trouble", 1),
        trouble("504", page(504), "platform_trouble", 1),
        trouble("a page with 200", json!({ "kind": "error_page" }), "not_media", 1),
        trouble("a page that says it is media", media("<html><h1>502</h1></html>"), "not_media", 1),
        trouble("nothing that says it is media", media(""), "not_media", 1),
        trouble("half a message that says it is media", media(r#"{"code":20910"#), "not_media", 1),
        trouble(
            "half a message",
            json!({ "kind": "answer", "body": r#"{"code":20910"# }),
            "platform_trouble",
            2,
        ),
        trouble(
            "a dead address",
            json!({ "kind": "code", "code": 403, "status": 403 }),
            "platform_trouble",
            2,
        ),
    ]
}

/// What can become of the line and the body.
fn broken_bodies() -> Vec<Trouble> {
    vec![
        trouble(
            "less than promised",
            json!({ "kind": "short", "bytes": 1_000 }),
            "platform_trouble",
            PATIENT,
        ),
        trouble("more than there is", json!({ "kind": "long", "extra_bytes": 10 }), "truncated", 8),
        trouble("a reset at once", json!({ "kind": "reset" }), "platform_trouble", 2),
        trouble(
            "a reset in the body",
            json!({ "kind": "reset", "after_bytes": 1_000 }),
            "platform_trouble",
            PATIENT,
        ),
        trouble("no answer", json!({ "kind": "hang" }), "platform_trouble", 1),
        trouble(
            "silence in the body",
            json!({ "kind": "stall", "after_bytes": 1_000 }),
            "platform_trouble",
            PATIENT,
        ),
        trouble(
            "a byte a second",
            json!({ "kind": "slow", "bytes_per_second": 1 }),
            "platform_trouble",
            PATIENT,
        ),
        trouble("a redirect to itself", json!({ "kind": "redirect" }), "address_refused", PATIENT),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn other_answers_of_the_media_host_pass_and_are_named_while_they_last() {
    each(other_answers().into_iter().map(|(name, fault, lasting)| row(name, fault, lasting)).collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn broken_bodies_pass_and_are_named_while_they_last() {
    each(broken_bodies().into_iter().map(|(name, fault, lasting)| row(name, fault, lasting)).collect()).await;
}

/// One recording meets the fault once, another for as long as it is ordered, a third not at all.
fn row(name: &str, fault: Value, lasting: Lasting) -> Row {
    let seen = async move {
        let mut company = Company::open().await;
        let [once, ever, other] = [PEOPLE[0], PEOPLE[0], PEOPLE[1]].map(|owner| company.record(owner, BYTES));
        let (once, ever, other) = (once.await, ever.await, other.await);
        company.order("media.download", &once, Some(1), &fault).await;
        company.order("media.download", &ever, None, &fault).await;
        company.announce(&[&once, &ever, &other]).await;
        company
            .stand(&[
                (&once, "archived", None),
                (&ever, "failed", Some(lasting.reason)),
                (&other, "archived", None),
            ])
            .await;
        company.assert_no_file_of(&ever);
        let tried = company.calls("media.download", &ever).await.len();
        let most = lasting.requests * company.attempts_at_most();
        assert!(tried <= most, "{tried} requests in vain, {most} at most");
        company.withdraw_faults().await;
        company.everything_arrives().await;
        let calls = company.calls("media.download", &once).await;
        assert_eq!(calls.len(), 2, "once in vain, once well: {calls:#?}");
        assert_eq!(company.calls("media.download", &other).await.len(), 1);
        assert_eq!(company.served(&other).await, BYTES);
        let served = company.served(&once).await;
        assert!(served <= 2 * BYTES, "{served} bytes for {BYTES}");
        company.ends_whole().await;
    };
    (name.to_owned(), Box::pin(seen))
}

/// These cost speed at most.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_host_that_can_do_less_is_served_all_the_same() {
    let rows = ["ignore_range", "no_validators", "changed_etag", "changed_modified"].map(|kind| {
        let seen = async move {
            let mut company = Company::of(&PEOPLE, "16").await;
            let (ever, other) =
                (company.record(PEOPLE[0], LARGE_BYTES).await, company.record(PEOPLE[1], BYTES).await);
            company.order("media.download", &ever, None, &json!({ "kind": kind })).await;
            company.announce(&[&ever, &other]).await;
            company.everything_arrives().await;
            let served = company.served(&ever).await;
            assert!(served <= 2 * LARGE_BYTES, "{served} bytes for {LARGE_BYTES}");
            company.ends_whole().await;
        };
        (kind.to_owned(), Box::pin(seen) as _)
    });
    each(rows.into()).await;
}
