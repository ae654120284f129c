//! What happens in the middle of a transfer: the line breaks, and then it gets worse, or the world has changed.

use serde_json::{Value, json};

use super::company::{Company, PEOPLE};
use super::{Row, each};

const BYTES: u64 = 6_000_000;
/// So many have come when the line breaks.
const CAME: u64 = 3_000_000;
/// What the next request asks for once more, to see that it belongs to the same file.
const SEAM: u64 = 4_096;

/// What the host says to the request after the break, and whether what came before it is worth nothing now.
fn next_answers() -> Vec<(&'static str, Value, bool)> {
    let media = |body: &str| json!({ "kind": "answer", "content_type": "video/mp4", "body": body });
    let row = |name, fault, starts_anew| (name, fault, starts_anew);
    vec![
        row("nothing bad", json!({ "kind": "delay", "ms": 1 }), false),
        row("429", json!({ "kind": "rate_limited" }), false),
        row("500", json!({ "kind": "answer", "status": 500 }), false),
        row("a page with 200", json!({ "kind": "error_page" }), false),
        row("a page that says it is media", media("<html><h1>502</h1></html>"), false),
        row("nothing that says it is media", media(""), false),
        row("half a message", json!({ "kind": "answer", "body": r#"{"code":20910"# }), false),
        row("a dead address", json!({ "kind": "code", "code": 403, "status": 403 }), false),
        row("a reset at once", json!({ "kind": "reset" }), false),
        row("no answer", json!({ "kind": "hang" }), false),
        row("a byte a second", json!({ "kind": "slow", "bytes_per_second": 1 }), false),
        row("more than there is", json!({ "kind": "long", "extra_bytes": 10 }), false),
        row("all of it", json!({ "kind": "ignore_range" }), false),
        row("another range", json!({ "kind": "wrong_range", "shift_bytes": 1 }), false),
        row("a redirect to itself", json!({ "kind": "redirect" }), false),
        row("bytes from elsewhere", json!({ "kind": "wrong_bytes", "shift_bytes": 1 }), true),
        row("another ETag", json!({ "kind": "changed_etag" }), true),
        row("another Last-Modified", json!({ "kind": "changed_modified" }), true),
        row("no validators", json!({ "kind": "no_validators" }), true),
        row("another file", json!({ "kind": "changed_object" }), true),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn what_has_come_is_kept_unless_it_is_of_another_file() {
    each(next_answers().into_iter().map(|(name, fault, anew)| row(name, fault, anew)).collect()).await;
}

fn row(name: &str, fault: Value, starts_anew: bool) -> Row {
    let seen = async move {
        let mut company = Company::open().await;
        let token = company.record(PEOPLE[0], BYTES).await;
        company.break_off(&token).await;
        company.order("media.download", &token, Some(1), &fault).await;
        company.announce(&[&token]).await;
        company.everything_arrives().await;
        let starts = company.starts(&token).await;
        if !starts_anew {
            let again: Vec<_> = starts[1..].iter().filter(|start| **start < CAME - SEAM).collect();
            assert!(again.is_empty(), "{again:?} were asked for again: {starts:?}");
        }
        assert!(starts.len() <= 8, "{starts:?}");
        company.ends_whole().await;
    };
    (name.to_owned(), Box::pin(seen))
}

impl Company {
    /// The first answer about this recording's file ends too early.
    async fn break_off(&self, token: &str) {
        self.order("media.download", token, Some(1), &json!({ "kind": "short", "bytes": CAME })).await;
    }

    /// From where on each request asked for the file.
    async fn starts(&self, token: &str) -> Vec<u64> {
        let start = |call: &Value| {
            let range = call["range"].as_str().and_then(|range| range.strip_prefix("bytes="));
            range.and_then(|range| range.split('-').next()?.parse().ok()).unwrap_or(0)
        };
        self.calls("media.download", token).await.iter().map(start).collect()
    }

    /// Waits until a good part of the file is on its way.
    async fn is_under_way(&self, token: &str) {
        while self.served(token).await < 1_000_000 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

/// Between two lives of the program.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_file_that_changes_between_two_runs_is_fetched_anew_and_one_that_does_not_is_not() {
    let media = |bytes: u64| json!({ "media": { "kind": "generated", "bytes": bytes } });
    let lasting = |kind: &str| Some(json!({ "api": "media.download", "fault": { "kind": kind } }));
    let once = |fault: Value| Some(json!({ "api": "media.download", "times": 1, "fault": fault }));
    let page = json!({ "kind": "answer", "content_type": "video/mp4", "body": "<html><h1>502</h1></html>" });
    let rows = [
        ("not at all", json!({}), None),
        ("same length", json!({ "media_version": 1 }), None),
        ("shorter", media(BYTES / 4), None),
        ("longer", media(BYTES + 1_000), None),
        ("other ETag", json!({}), lasting("changed_etag")),
        ("other Last-Modified", json!({}), lasting("changed_modified")),
        ("no validators any more", json!({}), lasting("no_validators")),
        ("no ranges any more", json!({}), lasting("ignore_range")),
        ("another range, once", json!({}), once(json!({ "kind": "wrong_range", "shift_bytes": 1 }))),
        ("more than there is, once", json!({}), once(json!({ "kind": "long", "extra_bytes": 10 }))),
        ("a page, once", json!({}), once(json!({ "kind": "error_page" }))),
        ("a page that says it is media, once", json!({}), once(page)),
        ("nothing, once", json!({}), once(json!({ "kind": "answer", "content_type": "video/mp4" }))),
    ];
    let rows = rows.map(|(name, change, fault)| {
        let seen = async move {
            let mut company = Company::open().await;
            let token = company.record(PEOPLE[0], BYTES).await;
            company.platform.patch("_sim/knobs", json!({ "media_bytes_per_second": 1_500_000 })).await;
            company.announce(&[&token]).await;
            company.is_under_way(&token).await;
            company
                .restart(async |platform| {
                    platform.patch("_sim/knobs", json!({ "media_bytes_per_second": null })).await;
                    platform.patch(&format!("_sim/minutes/{token}"), change).await;
                    if let Some(order) = fault {
                        platform.post("_sim/faults", order).await;
                    }
                })
                .await;
            company.everything_arrives().await;
            let starts = company.starts(&token).await;
            if name == "not at all" || name.ends_with("once") {
                assert!(starts[1..].iter().all(|start| *start > 0), "{starts:?}");
            }
            company.ends_whole().await;
        };
        (name.to_owned(), Box::pin(seen) as _)
    });
    each(rows.into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_and_a_token_that_end_in_mid_transfer_are_renewed_and_no_byte_is_lost() {
    let mut company = Company::open().await;
    let token = company.record(PEOPLE[0], BYTES).await;
    company.platform.patch("_sim/knobs", json!({ "media_bytes_per_second": 2_000_000 })).await;
    company.break_off(&token).await;
    company.announce(&[&token]).await;
    company.is_under_way(&token).await;
    company.platform.post("_sim/clock/advance", json!({ "days": 1 })).await;
    company.everything_arrives().await;
    let starts = company.starts(&token).await;
    assert!(starts[1..].iter().all(|start| *start >= CAME - SEAM), "{starts:?}");
    let asked = company.calls("minutes.media", &token).await;
    assert_eq!(asked.len(), 3, "at first, with the dead token, with a new one: {asked:#?}");
    company.ends_whole().await;
}

/// One connection finds the address dead while another is asking for the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_find_the_address_dead_one_after_the_other_go_on_with_one_new_one() {
    let delay = |ms: u32| json!({ "kind": "delay", "ms": ms });
    let mut company = Company::of(&PEOPLE, "16").await;
    let token = company.record(PEOPLE[0], 4 * BYTES).await;
    company.platform.patch("_sim/knobs", json!({ "media_bytes_per_second": 1_000_000 })).await;
    company.announce(&[&token]).await;
    company.is_under_way(&token).await;
    company.order("minutes.media", &token, Some(1), &delay(3_000)).await;
    for ms in [500, 1_000, 1_500] {
        company.order("media.download", &token, Some(1), &delay(ms)).await;
    }
    company.platform.post("_sim/clock/advance", json!({ "days": 1 })).await;
    company.everything_arrives().await;
    company.ends_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_recording_that_is_deleted_in_mid_transfer_is_gone_and_leaves_nothing() {
    let mut company = Company::open().await;
    let (token, other) = (company.record(PEOPLE[0], BYTES).await, company.record(PEOPLE[1], BYTES).await);
    company.platform.patch("_sim/knobs", json!({ "media_bytes_per_second": 2_000_000 })).await;
    company.break_off(&token).await;
    company.announce(&[&token, &other]).await;
    company.is_under_way(&token).await;
    company.platform.patch(&format!("_sim/minutes/{token}"), json!({ "deleted": true })).await;
    company.stand(&[(&token, "gone", Some("deleted")), (&other, "archived", None)]).await;
    assert_eq!(company.unfinished(&token), 0);
    company.arrives(&other).await;
    company.ends_with(|minute| minute["deleted"] == false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_grant_that_is_withdrawn_in_mid_transfer_does_not_stop_it() {
    let mut company = Company::open().await;
    let token = company.record(PEOPLE[0], BYTES).await;
    company.platform.patch("_sim/knobs", json!({ "media_bytes_per_second": 2_000_000 })).await;
    company.announce(&[&token]).await;
    company.is_under_way(&token).await;
    company.withdraw_grant(PEOPLE[0]).await;
    // Its texts were not asked for yet, and wait for the owner.
    company.stand(&[(&token, "archived", None)]).await;
    company.authorise(PEOPLE[0]).await;
    let asked = company.calls("media.download", &token).await;
    assert_eq!(asked.len(), 1, "{asked:#?}");
    company.ends_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_the_line_breaks_too_it_waits_for_its_owner_and_goes_on_from_there() {
    let mut company = Company::open().await;
    let (token, other) = (company.record(PEOPLE[0], BYTES).await, company.record(PEOPLE[1], BYTES).await);
    company.platform.patch("_sim/knobs", json!({ "media_bytes_per_second": 2_000_000 })).await;
    company.break_off(&token).await;
    company
        .order("media.download", &token, Some(1), &json!({ "kind": "code", "code": 403, "status": 403 }))
        .await;
    company.announce(&[&token, &other]).await;
    company.is_under_way(&token).await;
    company.withdraw_grant(PEOPLE[0]).await;
    company.stand(&[(&token, "no_grant", Some("no_grant")), (&other, "archived", None)]).await;
    assert!(company.unfinished(&token) > 0, "what has come is kept");
    company.assert_no_file_of(&token);
    company.authorise(PEOPLE[0]).await;
    company.everything_arrives().await;
    let starts = company.starts(&token).await;
    assert!(starts[1..].iter().all(|start| *start >= CAME - SEAM), "{starts:?}");
    company.ends_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_not_ready_for_hours_is_waited_for_and_asked_for_no_more_than_needed() {
    let mut company = Company::open().await;
    let minute = json!({ "owner": PEOPLE[0], "title": "长会", "announce": "recording_ready",
        "ready_after_ms": 3 * 3_600_000, "media": { "kind": "generated", "bytes": BYTES } });
    let added = company.platform.post("_sim/minutes", minute).await;
    let token = super::company::token_of(&added);
    let other = company.record(PEOPLE[1], BYTES).await;
    company.announce(&[&token, &other]).await;
    company.stand(&[(&token, "waiting", Some("not_ready")), (&other, "archived", None)]).await;
    company.platform.post("_sim/clock/advance", json!({ "ms": 3 * 3_600_000 - 600_000 })).await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    company.stand(&[(&token, "waiting", Some("not_ready")), (&other, "archived", None)]).await;
    let asked = company.calls("minutes.media", &token).await.len();
    let tokens_refused = 1;
    assert!(asked <= company.attempts_at_most() + tokens_refused, "{asked} questions");
    assert_eq!(company.calls("media.download", &token).await.len(), 0);
    company.platform.post("_sim/clock/advance", json!({ "ms": 600_000 })).await;
    company.ends_whole().await;
}

/// With an address inside the company nothing is sent there; a change of the settings mends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_private_address_is_not_asked_for_anything_unless_the_settings_allow_it() {
    let mut company = Company::open().await;
    company.restart_with("FEISHU_ALLOW_PRIVATE_MEDIA", "false").await;
    let token = company.record(PEOPLE[0], BYTES).await;
    company.announce(&[&token]).await;
    company.stand(&[(&token, "failed", Some("address_refused"))]).await;
    assert_eq!(company.calls("media.download", &token).await.len(), 0);
    company.restart_with("FEISHU_ALLOW_PRIVATE_MEDIA", "true").await;
    company.ends_whole().await;
}
