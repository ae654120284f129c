//! `/healthz`, `/readyz`, `/metrics`.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::house::{Answer, Browser, House};

async fn get(house: &House, path: &str) -> Answer {
    house.send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// Lets what was looked at grow old.
async fn later() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(16)).await;
    tokio::time::resume();
}

fn failing(answer: &Answer) -> Vec<String> {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let checks = body["checks"].as_array().unwrap();
    assert_eq!(body["ready"], checks.iter().all(|check| check["ok"] == true));
    let failing = checks.iter().filter(|check| check["ok"] == false);
    failing.map(|check| check["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_living_house_is_ready() {
    let house = House::plain().await;
    assert_eq!(
        (get(&house, "/healthz").await.status, get(&house, "/healthz").await.body),
        (200.try_into().unwrap(), "ok".to_owned())
    );
    let ready = get(&house, "/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(failing(&ready).is_empty());
}

#[tokio::test]
async fn an_archive_folder_that_is_gone_is_noticed_and_not_made_anew() {
    let house = House::plain().await;
    assert_eq!(get(&house, "/readyz").await.status, 200);
    let downloads = house.folder.path().join("downloads");
    std::fs::remove_dir(&downloads).unwrap();
    later().await;
    let answer = get(&house, "/readyz").await;
    assert_eq!((answer.status.as_u16(), failing(&answer)), (503, vec!["archive folder".to_owned()]));
    assert!(!downloads.exists());
    std::fs::create_dir(&downloads).unwrap();
    later().await;
    assert_eq!(get(&house, "/readyz").await.status, 200, "mended by itself");
}

#[tokio::test]
async fn a_catalogue_that_does_not_answer_is_noticed() {
    let house = House::plain().await;
    house.catalog.db().close().await;
    let answer = get(&house, "/readyz").await;
    assert_eq!((answer.status.as_u16(), failing(&answer)), (503, vec!["catalogue".to_owned()]));
    assert!(!answer.body.contains(house.folder.path().to_str().unwrap()));
    assert_eq!(get(&house, "/healthz").await.status, 200, "the process lives");
    assert_eq!(get(&house, "/metrics").await.status, 200);
}

#[tokio::test]
async fn metrics_count_what_the_catalogue_holds() {
    let house = House::plain().await;
    let before = get(&house, "/metrics").await;
    assert!(before.header("content-type").starts_with("text/plain"));
    assert!(before.body.contains("vault_members{state=\"active\"} 0"), "{}", before.body);
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "张伟").await;
    browser.get(&house, &callback).await;
    later().await;
    let after = get(&house, "/metrics").await.body;
    for line in [
        "vault_members{state=\"active\"} 1",
        "vault_members{state=\"must_authorise\"} 0",
        "vault_tasks{kind=\"patrol\"} 1",
        "vault_recordings{state=\"archived\"} 0",
    ] {
        assert!(after.contains(line), "{line} is not in {after}");
    }
}
