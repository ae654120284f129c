//! What the log says, and what it must not say.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::house::{Browser, ENCRYPT_KEY, House, VERIFICATION_TOKEN};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn read(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Paper {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// All that our own code would ever say, on this thread.
fn listen() -> (Paper, tracing::subscriber::DefaultGuard) {
    let paper = Paper::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("web=trace,archive=trace,feishu=trace")
        .with_ansi(false)
        .with_writer(paper.clone())
        .finish();
    (paper, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn requests_are_logged_without_their_secrets() {
    let house = House::plain().await;
    let (paper, _guard) = listen();
    let mut browser = Browser::default();
    let callback = browser.allow(&house, "张伟").await;
    let cookie = browser.cookies.values().next().unwrap().clone();
    browser.get(&house, &callback).await;
    browser.get(&house, &callback).await;
    let mut refused = Browser::default();
    let second = refused.allow(&house, "张伟").await;
    house.order_fault("oauth.token", json!({"kind": "code", "code": 20003})).await;
    refused.get(&house, &second).await;

    let log = paper.read();
    assert!(log.contains("path=\"/auth/callback\" status=200"), "{log}");
    assert!(log.contains("path=\"/auth/callback\" status=400"), "{log}");
    assert!(log.contains("20003"), "the platform's code is there to look up: {log}");
    let query = format!("{callback}&{second}");
    let secrets = query.split(['?', '&']).filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
    let secrets: Vec<&str> = secrets.chain([cookie.as_str(), &house.sim.ready().app_secret]).collect();
    assert!(secrets.len() >= 6);
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
    assert!(!log.contains('?'), "no query: {log}");
}

#[tokio::test]
async fn a_flood_of_forgeries_is_one_line_without_their_words() {
    let house = House::plain().await;
    let (paper, _guard) = listen();
    tokio::time::pause();
    for _ in 0..50 {
        let body = json!({"encrypt": "Zm9yZ2Vk", "token": VERIFICATION_TOKEN}).to_string();
        let request = Request::post("/webhook/event")
            .header("x-lark-signature", "f0f0f0")
            .header("x-lark-request-nonce", "nonce-of-a-forger")
            .body(Body::from(body));
        assert_eq!(house.send(request.unwrap()).await.status, 401);
    }
    let log = paper.read();
    assert_eq!(log.matches("an event was refused").count(), 1, "{log}");
    for secret in [ENCRYPT_KEY, VERIFICATION_TOKEN, "Zm9yZ2Vk", "f0f0f0", "nonce-of-a-forger"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
