//! The list of the first run, which turns green by itself, and the checks after it.

use std::time::Duration;

use archive::members::APP_SCOPES;
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use web::words::{Language, Words};

use crate::house::{Browser, House, Plan};

const ADMINISTRATOR: &str = "张伟";
const MEMBER: &str = "王芳";

async fn house() -> House {
    Plan { administrators: vec![ADMINISTRATOR], ..Plan::default() }.build().await
}

/// Ids of the steps that are done, in their order.
fn done(page: &str) -> Vec<&str> {
    let steps = page.split("<li id=\"step-").skip(1);
    let done = steps.filter(|step| step.split('>').next().is_some_and(|tag| tag.contains("class=\"done\"")));
    done.filter_map(|step| step.split('"').next()).collect()
}

async fn page(house: &House) -> String {
    let mut browser = Browser::default();
    browser.sign_in(house, ADMINISTRATOR).await;
    browser.get(house, "/health").await.body
}

/// What comes behind a page while it is open.
struct Live(BodyDataStream);

impl Live {
    async fn open(house: &House, browser: &Browser, path: &str) -> Self {
        let cookie = format!("mv_session={}", browser.cookies["mv_session"]);
        let request = Request::get(path).header("cookie", cookie).header("host", "vault.test:29090");
        let response = house.doors.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        Self(response.into_body().into_data_stream())
    }

    async fn next(&mut self) -> Option<String> {
        loop {
            let chunk = self.0.next().await?.unwrap();
            let text = std::str::from_utf8(&chunk).unwrap().to_owned();
            // What keeps the connection open tells nothing.
            if text.starts_with("data:") {
                return Some(text);
            }
        }
    }
}

fn say(key: &str) -> String {
    Words::new(Language::Chinese).say(key)
}

#[tokio::test]
async fn steps_turn_green_as_the_archive_sees_them_done() {
    let house = house().await;
    let before = page(&house).await;
    assert!(before.contains(&format!("<h1>{}</h1>", say("first-run-title"))), "{before}");
    assert_eq!(done(&before), ["redirect"], "whoever reads it came by it");
    assert!(before.contains("http://vault.test:29090/auth/callback"));
    assert!(before.contains("http://vault.test:29090/webhook/event"));

    let vectors: Value = serde_json::from_str(include_str!("../data/webhook.json")).unwrap();
    let challenge = vectors["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["plaintext"].as_str().is_some_and(|text| text.contains("challenge")));
    let challenge = challenge.expect("a challenge");
    let mut request = Request::post("/webhook/event").header("content-type", "application/json");
    for (name, value) in challenge["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let body = challenge["encrypted_body"].as_str().unwrap().to_owned();
    assert_eq!(house.send(request.body(Body::from(body)).unwrap()).await.status, 200);
    assert_eq!(done(&page(&house).await), ["events", "redirect"]);

    let mut member = Browser::default();
    let callback = member.allow(&house, MEMBER).await;
    member.get(&house, &callback).await;
    assert_eq!(done(&page(&house).await), ["scopes", "events", "redirect", "member"]);

    house.keep(1, MEMBER, "周会").await;
    assert_eq!(done(&page(&house).await), ["scopes", "events", "redirect", "member", "recording"]);
}

#[tokio::test]
async fn the_import_is_what_the_program_needs() {
    let house = house().await;
    let page = page(&house).await;
    let import = page.split("<pre id=\"step-scopes-1\"").nth(1).unwrap();
    let import = import.split_once('>').unwrap().1.split("</pre>").next().unwrap().replace("&#34;", "\"");
    let import: Value = serde_json::from_str(&import).unwrap();
    assert_eq!(import["scopes"]["tenant"], json!(APP_SCOPES));
    assert!(import["scopes"]["user"].as_array().unwrap().contains(&json!("offline_access")));
}

#[tokio::test]
async fn the_list_comes_anew_when_something_in_it_changes() {
    let house = house().await;
    let mut browser = Browser::default();
    browser.sign_in(&house, ADMINISTRATOR).await;
    let mut list = Live::open(&house, &browser, "/health/live").await;
    assert_eq!(done(&list.next().await.unwrap()), ["redirect"]);
    house.keep(1, MEMBER, "周会").await;
    assert_eq!(done(&list.next().await.unwrap()), ["redirect", "recording"]);
    house.stop.cancel();
    assert_eq!(list.next().await, None);
}

#[tokio::test]
async fn the_page_does_not_wait_for_a_platform_that_is_away() {
    let checkup_takes = Duration::from_millis(1_500);
    let house = Plan { administrators: vec![ADMINISTRATOR], checkup_takes, ..Plan::default() }.build().await;
    let mut browser = Browser::default();
    browser.sign_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/health").await.body;
    assert!(page.contains(&say("health-awaited")) && page.contains("data-live=\"/health/found\""), "{page}");
    assert!(!page.contains("check-members"));
    let mut found = Live::open(&house, &browser, "/health/found").await;
    let found_then = found.next().await.unwrap();
    assert!(found_then.contains("check-members") && found_then.contains("id=\"report\""), "{found_then}");
    house.stop.cancel();
    assert_eq!(found.next().await, None, "once is enough");
}

#[tokio::test]
async fn administrators_begin_with_the_list_until_there_is_something_to_see() {
    let house = house().await;
    let mut administrator = Browser::default();
    administrator.sign_in(&house, ADMINISTRATOR).await;
    let mut member = Browser::default();
    member.sign_in(&house, MEMBER).await;
    assert_eq!(administrator.get(&house, "/").await.header("location"), "/health");
    assert_eq!(member.get(&house, "/").await.header("location"), "/recordings");
    house.keep(1, MEMBER, "周会").await;
    assert_eq!(administrator.get(&house, "/").await.header("location"), "/recordings");
}

#[tokio::test]
async fn one_check_is_looked_at_again_and_the_report_has_nothing_of_ours() {
    let house = house().await;
    let mut browser = Browser::default();
    browser.sign_in(&house, ADMINISTRATOR).await;
    let check = browser.get(&house, "/health/checks/members").await;
    assert_eq!(check.status, 200);
    assert!(check.body.starts_with("<li id=\"check-members\">"), "{}", check.body);
    for key in ["doctor-members-none", "doctor-members-none-fix", "mover-administrator", "check-members"] {
        assert!(check.body.contains(&say(key)), "{key}: {}", check.body);
    }
    assert!(!check.body.contains("check-configuration"));
    browser.get(&house, "/health/checks/nonsense").await.shows(404, "notice-not-found-title");
    let page = browser.get(&house, "/health").await.body;
    let report = page.split("<pre id=\"report\"").nth(1).unwrap().split("</pre>").next().unwrap();
    assert!(report.contains("[WARN] members: doctor-members-none"), "as it was redacted: {report}");
}
