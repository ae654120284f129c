//! Trouble with the calls by which recordings and members become known.

use serde_json::{Value, json};

use super::answers::troubles;
use super::company::{Company, PEOPLE};
use super::{Row, each};

const BYTES: u64 = 200_000;

/// Those of the table that are named.
fn some(names: &'static [&str]) -> impl Iterator<Item = (&'static str, Value)> {
    troubles().into_iter().filter(|(name, ..)| names.contains(name)).map(|(name, fault, _)| (name, fault))
}

/// The platform says that a meeting has ended; its recording has to be asked for, which fails at first.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_meeting_is_asked_for_its_recording_again() {
    let meeting =
        some(&["429", "400 with 99991400", "502", "a page with 200", "half the JSON", "a reset at once"]);
    let tenant = some(&["429", "500", "nothing with 200", "no answer"]);
    let rows = meeting
        .map(|(name, fault)| ("vc.meeting.recording", name, fault))
        .chain(tenant.map(|(name, fault)| ("auth.tenant_token", name, fault)));
    let rows = rows.map(|(api, name, fault)| -> Row {
        let seen = async move {
            let company = Company::open().await;
            let token = company.record(PEOPLE[0], BYTES).await;
            company.order_for_all(api, &fault).await;
            let ended = json!({ "as": "meeting_ended" });
            company.platform.post(&format!("_sim/minutes/{token}/announce"), ended).await;
            company.everything_arrives().await;
            assert_eq!(company.calls_in_all(api).await, 2, "once in vain, once well");
            company.ends_whole().await;
        };
        (format!("{api}: {name}"), Box::pin(seen))
    });
    each(rows.collect()).await;
}

/// Nobody tells of a recording; the first look at a member finds it, at the second attempt.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_patrol_that_is_refused_comes_back() {
    let limits = ["minutes.search", "minutes.subscription"].map(|api| {
        some(&["429", "429 with Retry-After", "400 with 99991400"])
            .map(move |(name, fault)| (api, name, fault))
    });
    // Without the subscription the look goes on.
    let subscription = some(&["502", "half the JSON", "a reset at once"])
        .map(|(name, fault)| ("minutes.subscription", name, fault));
    let rows = limits.into_iter().flatten().chain(subscription).map(|(api, name, fault)| -> Row {
        let seen = async move {
            let company = Company::unauthorised(&PEOPLE[..1], "1").await;
            company.record(PEOPLE[0], BYTES).await;
            company.order_for_all(api, &fault).await;
            company.authorise(PEOPLE[0]).await;
            company.ends_whole().await;
        };
        (format!("{api}: {name}"), Box::pin(seen))
    });
    each(rows.collect()).await;
}

/// Whoever authorises while the platform has trouble is told so, and can at once do it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn an_authorisation_that_fails_leaves_nothing_half_done() {
    let names = &[
        "429",
        "400 with 99991400",
        "500",
        "a page with 200",
        "half the JSON",
        "a reset at once",
        "no answer",
    ];
    let rows = ["oauth.token", "authen.user_info"]
        .map(|api| some(names).map(move |(name, fault)| (api, name, fault)))
        .into_iter()
        .flatten();
    let rows = rows.map(|(api, name, fault)| -> Row {
        let seen = async move {
            let company = Company::unauthorised(&PEOPLE[..1], "1").await;
            company.record(PEOPLE[0], BYTES).await;
            company.order_for_all(api, &fault).await;
            assert!(!company.clicks(PEOPLE[0]).await.is_success());
            assert_eq!(company.json(&["members", "list", "--json"])["members"], json!([]));
            company.withdraw_faults().await;
            // Where the platform asked for a pause, it is kept.
            while !company.clicks(PEOPLE[0]).await.is_success() {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            company.ends_whole().await;
        };
        (format!("{api}: {name}"), Box::pin(seen))
    });
    each(rows.collect()).await;
}
