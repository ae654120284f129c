//! Trouble with the tokens themselves.

use std::time::Duration;

use serde_json::{Value, json};

use super::company::{Company, PEOPLE};
use super::{Row, each};
use crate::grants::refreshes;

const BYTES: u64 = 200_000;

impl Company {
    /// The platform takes nobody's access token any more, and the program does not know it.
    async fn access_tokens_end(&self) {
        self.platform.post("_sim/clock/advance", json!({ "ms": 3 * 3_600_000 })).await;
    }

    async fn order_for_tokens(&self, times: Option<u32>, fault: &Value) {
        let order = json!({ "api": "oauth.token", "times": times, "fault": fault });
        self.platform.post("_sim/faults", order).await;
    }

    async fn renewals(&self, name: &str) -> u64 {
        refreshes(&self.platform, &self.platform.person(name)).await
    }

    /// State and reason of a member.
    fn member(&self, name: &str) -> (Value, Value) {
        let shown = self.json(&["members", "show", &self.platform.person(name), "--json"]);
        (shown["state"].clone(), shown["reason"].clone())
    }

    /// The platform was never shown a refresh token twice.
    async fn assert_no_token_was_used_twice(&self) {
        let asked = self.platform.get("_sim/counters").await["apis"]["oauth.token"]["by_code"].clone();
        assert_eq!((&asked["20064"], &asked["20073"]), (&Value::Null, &Value::Null), "{asked}");
    }
}

/// Many calls of one member find their token dead at the same moment, while commands use the same catalogue.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_all_who_find_a_token_dead_one_renews_it_whoever_else_uses_the_catalogue() {
    let mut company = Company::open().await;
    let mut tokens = Vec::new();
    for number in 0..16 {
        tokens.push(company.record(PEOPLE[number % 2], BYTES).await);
    }
    let before = [company.renewals(PEOPLE[0]).await, company.renewals(PEOPLE[1]).await];
    company.access_tokens_end().await;
    company.announce(&tokens.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // Each look is two more processes on the same catalogue.
    company
        .look("all of them", |company| {
            let _ = company.json(&["recordings", "refetch", &tokens[0], "--json"]);
            let standings = company.standings();
            let _ = company.json(&["members", "list", "--json"]);
            (standings.values().filter(|standing| standing.0 == "archived").count() >= tokens.len() - 1)
                .then_some(())
        })
        .await;
    company.everything_arrives().await;
    let after = [company.renewals(PEOPLE[0]).await, company.renewals(PEOPLE[1]).await];
    assert_eq!(after, before.map(|count| count + 1), "one renewal for each pair");
    company.assert_no_token_was_used_twice().await;
    company.ends_whole().await;
}

/// The token endpoint is down, and everything of a member finds their token dead: one attempt for all of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_renewal_that_failed_is_not_tried_again_by_everybody_else() {
    let mut company = Company::open().await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        tokens.push(company.record(PEOPLE[0], BYTES).await);
    }
    company.access_tokens_end().await;
    company.order_for_tokens(Some(1), &json!({ "kind": "answer", "status": 503 })).await;
    let before = company.calls_in_all("oauth.token").await;
    company.announce(&tokens.iter().map(String::as_str).collect::<Vec<_>>()).await;
    company.everything_arrives().await;
    assert_eq!(company.calls_in_all("oauth.token").await, before + 2, "once in vain, once well");
    company.ends_whole().await;
}

/// Refusals and trouble before the exchange was made: nothing is lost but time.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_grant_outlives_every_answer_that_does_not_clearly_end_it() {
    let page = |status: u16| json!({ "kind": "answer", "status": status, "content_type": "text/html", "body": "<h1>edge</h1>" });
    let rows = vec![
        row("429", json!({ "kind": "rate_limited", "reset_seconds": 1 }), "rate_limited"),
        row(
            "429 with Retry-After",
            json!({ "kind": "rate_limited", "header": "retry_after" }),
            "rate_limited",
        ),
        row("400 with 99991400", json!({ "kind": "rate_limited", "status": 400 }), "rate_limited"),
        row("500 with 20050", json!({ "kind": "code", "code": 20_050, "status": 500 }), "platform_trouble"),
        row("503 with 20072", json!({ "kind": "code", "code": 20_072, "status": 503 }), "platform_trouble"),
        row("400 as a page", page(400), "platform_trouble"),
        row("502", page(502), "platform_trouble"),
        row("a page with 200", json!({ "kind": "error_page" }), "platform_trouble"),
        row("nothing with 200", json!({ "kind": "answer" }), "platform_trouble"),
        row("an unknown code", json!({ "kind": "code", "code": 7_777 }), "platform_trouble"),
        row("a reset at once", json!({ "kind": "reset" }), "platform_trouble"),
        row("a redirect", json!({ "kind": "redirect" }), "platform_trouble"),
    ];
    each(rows).await;
}

fn row(name: &str, fault: Value, reason: &'static str) -> Row {
    let seen = async move {
        let mut company = Company::open().await;
        let (one, other) = (company.record(PEOPLE[0], BYTES).await, company.record(PEOPLE[1], BYTES).await);
        company.access_tokens_end().await;
        company.order_for_tokens(None, &fault).await;
        company.announce(&[&one, &other]).await;
        company.stand(&[(&one, "failed", Some(reason)), (&other, "failed", Some(reason))]).await;
        for name in PEOPLE {
            assert_eq!(company.member(name), (json!("expiring"), json!(reason)));
        }
        company.withdraw_faults().await;
        company.everything_arrives().await;
        for name in PEOPLE {
            assert_eq!(company.member(name), (json!("active"), Value::Null));
            assert_eq!(company.renewals(name).await, 1);
        }
        company.assert_no_token_was_used_twice().await;
        company.ends_whole().await;
    };
    (name.to_owned(), Box::pin(seen))
}

/// The exchange was made and its answer is lost: the platform then says that the token is used up. The member is
/// asked to click again; nobody else is troubled.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_pair_that_is_lost_on_the_way_costs_one_click_and_only_its_owner_s() {
    let rows = [
        ("a reset before the answer", json!({ "kind": "reset", "after_bytes": 0 })),
        ("half the answer", json!({ "kind": "halve" })),
        ("less than promised", json!({ "kind": "short", "bytes": 100 })),
    ];
    let rows = rows.map(|(name, fault)| {
        let seen = async move {
            let mut company = Company::open().await;
            let (one, other) =
                (company.record(PEOPLE[0], BYTES).await, company.record(PEOPLE[1], BYTES).await);
            company.access_tokens_end().await;
            company.order_for_tokens(Some(1), &fault).await;
            company.announce(&[&one]).await;
            company.stand(&[(&one, "no_grant", Some("no_grant"))]).await;
            assert_eq!(company.member(PEOPLE[0]), (json!("must_authorise"), json!("grant_revoked")));
            company.announce(&[&other]).await;
            company.stand(&[(&one, "no_grant", Some("no_grant")), (&other, "archived", None)]).await;
            assert_eq!(company.member(PEOPLE[1]), (json!("active"), Value::Null));
            company.authorise(PEOPLE[0]).await;
            company.ends_whole().await;
        };
        (name.to_owned(), Box::pin(seen) as _)
    });
    each(rows.into()).await;
}

/// One member's renewal takes its time; another's does not stand behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_renewal_holds_nobody_else_up() {
    let mut company = Company::open().await;
    let (one, other) = (company.record(PEOPLE[0], BYTES).await, company.record(PEOPLE[1], BYTES).await);
    company.access_tokens_end().await;
    company.order_for_tokens(Some(1), &json!({ "kind": "delay", "ms": 12_000 })).await;
    company.announce(&[&one]).await;
    while company.platform.get("_sim/faults").await["faults"][0]["hits"] != 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    company.announce(&[&other]).await;
    company.stand(&[(&one, "found", None), (&other, "archived", None)]).await;
    assert_eq!(company.renewals(PEOPLE[0]).await, 0, "it was still under way");
    company.ends_whole().await;
}
