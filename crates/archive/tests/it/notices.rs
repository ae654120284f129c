//! What people are told: once, in decent hours, and never in the way of anything else.

use std::sync::{Arc, Mutex};

use archive::catalog::ArtifactUpdate;
use archive::model::{ArtifactKind, ArtifactState, Reason, Track};
use archive::notify::{Invited, Seen, Webhook};
use archive::queue::{Call, TaskKind};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use feishu::{Outbound, OutboundUrl, Priority};
use serde_json::json;

use crate::company::Company;
use crate::databases::Fresh;
use crate::installation::{DAY_MS, FEATURES, HOUR_MS, eventually, minute, person, seen, sight_in};

on_each_database!(
    an_invitation_waits_for_the_morning_and_is_put_right_after_the_click,
    nobody_is_asked_twice_a_day,
    a_kill_after_the_sending_sends_nothing_twice,
    without_the_bot_all_else_goes_on_and_one_knock_an_hour_is_made,
    a_person_out_of_reach_is_said_to_be_so,
    a_standstill_is_told_once_and_once_that_it_is_over,
    silence_is_told_when_the_patrol_finds_what_no_event_told,
    the_week_is_summed_up_once,
    an_operators_address_gets_signed_posts_until_it_takes_them,
);

async fn told_becomes(company: &Company, name: &str, expected: &[&str]) {
    eventually(&format!("{name} is told {expected:?}"), async || {
        company.look().await;
        company.told(name).await == expected
    })
    .await;
}

async fn invite(company: &Company, name: &str) -> Invited {
    let invited =
        company.catalog().invite(&person(&company.open_id(name)), FEATURES, company.now_ms()).await.unwrap();
    company.archive.queue.nudge(TaskKind::Notice);
    invited
}

/// Until the worker has put the one message off.
async fn put_off(company: &Company, until_ms: i64) {
    eventually("put off", async || {
        let tasks = company.archive.queue.list(TaskKind::Notice, 10).await.unwrap();
        tasks.iter().any(|task| task.run_at == until_ms && task.lease_until.is_none())
    })
    .await;
}

async fn an_invitation_waits_for_the_morning_and_is_put_right_after_the_click(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.work();
    company.pass(11 * HOUR_MS).await;
    assert_eq!(invite(&company, "王芳").await, Invited::Invited);
    assert_eq!(invite(&company, "王芳").await, Invited::Already);
    put_off(&company, company.now_ms() + 12 * HOUR_MS).await;
    assert!(company.told("王芳").await.is_empty(), "it is 21:00");
    company.pass(12 * HOUR_MS).await;
    told_becomes(&company, "王芳", &["invitation/open"]).await;
    let messages = company.see("/_sim/messages").await;
    let content = messages["messages"][0]["content"].as_str().unwrap();
    assert!(content.contains("https://vault.example.com/auth/start") && content.contains("update_multi"));

    company.authorise("王芳").await;
    told_becomes(&company, "王芳", &["invitation/over"]).await;
    assert_eq!(invite(&company, "王芳").await, Invited::Authorised);
}

async fn nobody_is_asked_twice_a_day(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.work();
    company.authorise("王芳").await;
    let revoke = async || {
        let open_id = person(&company.open_id("王芳"));
        company.archive.grants.revoked(&open_id, "Revoked by user action.", None).await.unwrap();
    };
    revoke().await;
    told_becomes(&company, "王芳", &["ended/open"]).await;
    company.pass(HOUR_MS).await;
    company.authorise("王芳").await;
    told_becomes(&company, "王芳", &["ended/over"]).await;
    company.clock.advance(1);
    revoke().await;
    company.look().await;
    put_off(&company, company.now_ms() - HOUR_MS - 1 + DAY_MS).await;
    assert_eq!(company.told("王芳").await.len(), 1);
    company.pass(DAY_MS).await;
    told_becomes(&company, "王芳", &["ended/over", "ended/open"]).await;
}

async fn a_kill_after_the_sending_sends_nothing_twice(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.work();
    invite(&company, "王芳").await;
    told_becomes(&company, "王芳", &["invitation/open"]).await;
    let noted = async || company.catalog().notices(1).await.unwrap().remove(0);
    eventually("noted", async || noted().await.message_id.is_some()).await;
    let row = noted().await;
    // As a kill between the answer and its note leaves it.
    let forget = "UPDATE notices SET card = 'none', message_id = NULL, sent_at = NULL";
    company.catalog().db().execute(forget, Vec::new()).await.unwrap();
    let call = Call::new(TaskKind::Notice, &row.id, Priority::Event, company.now_ms());
    company.archive.queue.call(call).await.unwrap();
    eventually("noted again", async || {
        let again = noted().await;
        again.card == Seen::Open && again.message_id == row.message_id
    })
    .await;
    assert_eq!(company.told("王芳").await.len(), 1);
}

async fn without_the_bot_all_else_goes_on_and_one_knock_an_hour_is_made(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    let app = company.see("/_sim/app").await;
    let scopes: Vec<_> = app["scopes"].as_array().unwrap().clone();
    let silent: Vec<_> = scopes.iter().filter(|it| !it.as_str().unwrap().starts_with("im:")).collect();
    company.change("/_sim/app", json!({ "scopes": silent })).await;
    company.work();
    for name in ["王芳", "张伟"] {
        invite(&company, name).await;
    }
    eventually("the trouble is noted", async || {
        company.catalog().bot_trouble().await.unwrap().is_some_and(|it| it.detail.contains("99991672"))
    })
    .await;
    company.pass(HOUR_MS / 2).await;
    let path = "/_sim/requests?api=im.message.create";
    assert_eq!(company.see(path).await["requests"].as_array().unwrap().len(), 1);
    let counts = company.catalog().notice_counts().await.unwrap();
    assert!(counts.iter().any(|row| row.reason.as_deref() == Some("bot_unavailable")), "{counts:?}");
    company.authorise("李娜").await;

    company.change("/_sim/app", json!({ "scopes": scopes })).await;
    company.pass(HOUR_MS).await;
    told_becomes(&company, "王芳", &["invitation/open"]).await;
    told_becomes(&company, "张伟", &["invitation/open"]).await;
    assert_eq!(company.catalog().bot_trouble().await.unwrap(), None);
}

async fn a_person_out_of_reach_is_said_to_be_so(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    let open_id = company.open_id("王芳");
    company.change(&format!("/_sim/people/{open_id}"), json!({ "available": false })).await;
    company.work();
    invite(&company, "王芳").await;
    eventually("the reason is kept", async || {
        let row = company.catalog().notices(1).await.unwrap().remove(0);
        row.reason.as_deref() == Some(Reason::BotOutOfReach.as_str())
            && row.reason_detail.is_some_and(|detail| detail.contains("230013"))
    })
    .await;
    assert_eq!(company.catalog().bot_trouble().await.unwrap(), None, "it concerns nobody else");
    company.change(&format!("/_sim/people/{open_id}"), json!({ "available": true })).await;
    company.pass(DAY_MS).await;
    told_becomes(&company, "王芳", &["invitation/open"]).await;
}

async fn a_standstill_is_told_once_and_once_that_it_is_over(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.herald.spawn_worker(&tokio_util::task::TaskTracker::new(), &company.archive.stop);
    sight_in(company.catalog(), &seen(minute(1), Track::Patrol, None), company.now_ms()).await;
    // Nobody works here: what waits is no standstill of its own.
    company.catalog().db().execute("DELETE FROM tasks", Vec::new()).await.unwrap();
    let full = |state, reason| ArtifactUpdate { state, reason, detail: None, attempts: 1, due_at: i64::MAX };
    let set = async |update: ArtifactUpdate| {
        let now_ms = company.now_ms();
        company
            .catalog()
            .artifact_not_done(&minute(1), ArtifactKind::Media, &update, &[], now_ms)
            .await
            .unwrap();
    };
    set(full(ArtifactState::Failed, Some(Reason::DiskFull))).await;
    // At night, too: an alarm does not wait for the morning.
    company.pass(12 * HOUR_MS).await;
    told_becomes(&company, "李娜", &["standstill/open"]).await;
    company.pass(HOUR_MS).await;
    told_becomes(&company, "李娜", &["standstill/open"]).await;
    set(full(ArtifactState::Pending, None)).await;
    told_becomes(&company, "李娜", &["standstill/over"]).await;
    set(full(ArtifactState::Failed, Some(Reason::DiskFull))).await;
    told_becomes(&company, "李娜", &["standstill/over", "standstill/open"]).await;
}

async fn silence_is_told_when_the_patrol_finds_what_no_event_told(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.work();
    company.authorise("张伟").await;
    company.pass(DAY_MS).await;
    company.look().await;
    assert!(company.told("李娜").await.is_empty(), "nothing was recorded, so nothing was to be heard");
    company.record("张伟", "没有事件的会议").await;
    company.pass(HOUR_MS).await;
    eventually("the patrol has found it", async || {
        company.look().await;
        !company.catalog().overview().await.unwrap().recordings.is_empty()
    })
    .await;
    eventually("its time is known", async || {
        company.catalog().overview().await.unwrap().recordings.get("archived") == Some(&1)
    })
    .await;
    company.pass(13 * HOUR_MS).await;
    told_becomes(&company, "李娜", &["standstill/open"]).await;
}

async fn the_week_is_summed_up_once(fresh: &Fresh) {
    let company = Company::new(fresh, None).await;
    company.work();
    company.look().await;
    company.pass(6 * DAY_MS).await;
    assert!(company.told("李娜").await.is_empty());
    company.pass(DAY_MS).await;
    told_becomes(&company, "李娜", &["summary/open"]).await;
    company.pass(5 * DAY_MS).await;
    told_becomes(&company, "李娜", &["summary/open"]).await;
    company.pass(2 * DAY_MS).await;
    told_becomes(&company, "李娜", &["summary/open", "summary/open"]).await;
    let abouts: Vec<_> =
        company.catalog().notices(9).await.unwrap().into_iter().map(|row| row.about).collect();
    assert_eq!(abouts, ["2026-W03", "2026-W02"]);
}

type Posts = Arc<Mutex<Vec<(HeaderMap, String)>>>;

async fn an_operators_address_gets_signed_posts_until_it_takes_them(fresh: &Fresh) {
    let posts = Posts::default();
    let kept = Arc::clone(&posts);
    let take = move |headers: HeaderMap, body: String| {
        let mut posts = kept.lock().unwrap();
        posts.push((headers, body));
        let status = if posts.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT };
        async move { status }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?key=of-theirs", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/hook", post(take));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let webhook = Webhook {
        url: OutboundUrl::parse(&url).unwrap(),
        secret: Some("hook-secret".into()),
        outbound: Outbound::new("test", true).unwrap(),
    };
    let company = Company::new(fresh, Some(webhook)).await;
    company.work();
    company.authorise("张伟").await;
    let open_id = person(&company.open_id("张伟"));
    company.archive.grants.revoked(&open_id, "Revoked by user action.", None).await.unwrap();
    company.look().await;
    let count = || posts.lock().unwrap().len();
    eventually("a first attempt", async || count() == 1).await;
    eventually("its failure is noted", async || {
        let rows = company.catalog().notices(9).await.unwrap();
        rows.iter().any(|row| row.reason.as_deref() == Some("webhook_failed"))
    })
    .await;
    company.pass(HOUR_MS).await;
    eventually("a second one", async || count() == 2).await;
    let (headers, body) = posts.lock().unwrap()[1].clone();
    let said: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&said["matter"], &said["state"], &said["member"]),
        (&json!("ended"), &json!("open"), &json!(open_id))
    );
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let timestamp = header("x-minutes-vault-timestamp");
    assert_eq!(timestamp, (company.now_ms() / 1_000).to_string());
    let signed = {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mut mac = <Hmac<sha2::Sha256>>::new_from_slice(b"hook-secret").unwrap();
        mac.update(format!("{timestamp}.{body}").as_bytes());
        hex::encode(mac.finalize().into_bytes())
    };
    assert_eq!(header("x-minutes-vault-signature"), signed);
    let details: String =
        company.catalog().notices(9).await.unwrap().into_iter().filter_map(|row| row.reason_detail).collect();
    assert!(!details.contains("of-theirs"), "the address may hold a secret: {details}");
    company.authorise("张伟").await;
    eventually("that it is over", async || {
        company.look().await;
        count() == 3
    })
    .await;
    assert!(posts.lock().unwrap()[2].1.contains("\"state\":\"over\""));
}
