//! Events at a webhook that this test plays.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::lab::Lab;

type Seen = Vec<(HeaderMap, Value)>;

/// A webhook that answers what it is told.
#[derive(Clone)]
struct Hook {
    url: String,
    answer: Arc<Mutex<(StatusCode, Value)>>,
    seen: Arc<Mutex<Seen>>,
    news: Arc<Notify>,
}

impl Hook {
    async fn open(answer: StatusCode) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = Self {
            url: format!("http://{}/webhook/event", listener.local_addr().unwrap()),
            answer: Arc::new(Mutex::new((answer, json!({})))),
            seen: Arc::default(),
            news: Arc::default(),
        };
        let door = hook.clone();
        let receive = async move |headers: HeaderMap, body: Bytes| {
            let (status, answer) = door.answer.lock().unwrap().clone();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let answer = if body.get("challenge").is_some() {
                json!({ "challenge": body["challenge"] })
            } else {
                answer
            };
            door.seen.lock().unwrap().push((headers, body));
            door.news.notify_one();
            (status, axum::Json(answer))
        };
        let app = Router::new().route("/webhook/event", post(receive));
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    /// Waits until that many deliveries came.
    async fn after(&self, count: usize) -> Seen {
        loop {
            let news = self.news.notified();
            {
                let seen = self.seen.lock().unwrap();
                if seen.len() >= count {
                    return seen.clone();
                }
            }
            news.await;
        }
    }
}

async fn plain_lab(hook: &Hook) -> Lab {
    let mut scenario = feishu_sim::Scenario::named("small").unwrap();
    scenario.app.encrypt_key = String::new();
    scenario.webhook = Some(hook.url.clone());
    Lab::of(scenario).await
}

/// Waits until the event's record says so.
async fn state_of(lab: &Lab, event_id: &Value, state: &str) -> Value {
    loop {
        let events = lab.see("/events").await;
        let event = events["events"].as_array().unwrap().iter().find(|event| event["event_id"] == *event_id);
        if let Some(event) = event.filter(|event| event["state"] == state) {
            return event.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn recordings_are_announced_each_in_its_way() {
    let hook = Hook::open(StatusCode::OK).await;
    let lab = plain_lab(&hook).await;
    let token = lab.full_token("李娜").await;
    let subscribe = json!({ "event_type": "minutes.minute.generated_v1" });
    lab.post("/open-apis/minutes/v1/minutes/subscription", &token, subscribe).await.data();
    lab.order("/play", json!({ "spacing_ms": 0 })).await;
    let seen = hook.after(3).await;
    let find = |event_type: &str| {
        let event = seen.iter().find(|(_, body)| body["header"]["event_type"] == event_type);
        event.unwrap_or_else(|| panic!("no {event_type}")).1.clone()
    };
    let ready = find("vc.meeting.recording_ready_v1");
    assert_eq!(ready["schema"], "2.0");
    assert_eq!(ready["header"]["token"], lab.ready().verification_token);
    assert_eq!(ready["header"]["app_id"], lab.ready().app_id);
    assert!(ready["header"]["create_time"].is_string());
    let minute = lab.minute("产品周会").await;
    let url = format!("https://meetings.feishu.cn/minutes/{}", minute["token"].as_str().unwrap());
    assert_eq!(ready["event"]["url"], url);
    assert_eq!(ready["event"]["duration"], "12000");
    assert_eq!(ready["event"]["meeting"]["meeting_source"], 4);
    assert_eq!(ready["event"]["meeting"]["owner"]["id"]["open_id"], lab.open_id("张伟"));

    let ended = find("vc.meeting.all_meeting_ended_v1");
    assert!(ended["event"].get("url").is_none());
    assert!(ended["event"]["meeting"]["end_time"].is_string());
    let generated = find("minutes.minute.generated_v1");
    assert_eq!(generated["event"]["minute_token"], lab.minute("客户电话录音").await["token"]);
    assert_eq!(generated["event"]["subscriber_ids"][0]["open_id"], lab.open_id("李娜"));
    assert_eq!(lab.see("/events").await["totals"]["fired"], 3, "two more are found by search alone");
}

#[tokio::test]
async fn without_a_subscription_no_generated_event_comes() {
    let hook = Hook::open(StatusCode::OK).await;
    let lab = plain_lab(&hook).await;
    let path = format!("/minutes/{}/announce", lab.minute_token("客户电话录音").await);
    assert_eq!(lab.order(&path, json!({})).await["event_id"], Value::Null);

    let token = lab.full_token("李娜").await;
    let body = json!({ "event_type": "minutes.minute.generated_v1" });
    lab.post("/open-apis/minutes/v1/minutes/subscription", &token, body.clone()).await.data();
    assert!(lab.order(&path, json!({})).await["event_id"].is_string());
    lab.post("/open-apis/minutes/v1/minutes/unsubscription", &token, body).await.data();
    assert_eq!(lab.order(&path, json!({})).await["event_id"], Value::Null);
}

#[tokio::test]
async fn with_a_key_events_are_sealed_and_signed() {
    let hook = Hook::open(StatusCode::OK).await;
    let lab = Lab::small().await;
    lab.order("/webhook", json!({ "url": hook.url })).await;
    lab.order("/events", json!({ "event_type": "some.event_v1", "event": { "secret": 1 } })).await;
    let (headers, body) = hook.after(1).await.remove(0);
    let encrypted = body["encrypt"].as_str().unwrap();
    assert!(body.as_object().unwrap().len() == 1 && !encrypted.contains("secret"));
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (timestamp, nonce) = (header("x-lark-request-timestamp"), header("x-lark-request-nonce"));
    let signed = format!("{timestamp}{nonce}{}{}", lab.ready().encrypt_key, json!({ "encrypt": encrypted }));
    assert_eq!(header("x-lark-signature"), hex::encode(Sha256::digest(signed)));
}

#[tokio::test]
async fn an_unanswered_event_comes_again_by_the_stand_ins_clock() {
    let hook = Hook::open(StatusCode::INTERNAL_SERVER_ERROR).await;
    let lab = plain_lab(&hook).await;
    let event_id = lab.order("/events", json!({ "event_type": "some.event_v1" })).await["event_id"].clone();
    for (attempt, wait_ms) in [(1, 15_000), (2, 300_000), (3, 3_600_000), (4, 21_600_000)] {
        hook.after(attempt).await;
        while lab.see("/events?state=pending").await["events"][0]["next_ms"].is_null() {
            tokio::task::yield_now().await;
        }
        lab.order("/clock/advance", json!({ "ms": wait_ms })).await;
    }
    let event = state_of(&lab, &event_id, "given_up").await;
    assert_eq!(event["attempts"].as_array().unwrap().len(), 5);
    let seen = hook.after(5).await;
    assert!(seen.iter().all(|(_, body)| body["header"]["event_id"] == event_id), "always the same id");

    *hook.answer.lock().unwrap() = (StatusCode::OK, json!({}));
    let path = format!("/events/{}/redeliver", event_id.as_str().unwrap());
    lab.order(&path, json!({ "times": 3 })).await;
    hook.after(8).await;
    state_of(&lab, &event_id, "delivered").await;
}

#[tokio::test]
async fn the_url_is_checked_before_it_is_set() {
    let hook = Hook::open(StatusCode::OK).await;
    let lab = plain_lab(&hook).await;
    lab.order("/webhook", json!({ "url": hook.url, "check": true })).await;
    let (headers, body) = hook.after(1).await.remove(0);
    assert_eq!(
        (&body["type"], headers.contains_key("x-lark-signature")),
        (&json!("url_verification"), false)
    );

    let nobody = json!({ "url": "http://127.0.0.1:9/", "check": true });
    assert_eq!(lab.post("/_sim/webhook", "", nobody).await.status, 400);
    assert_eq!(lab.see("/webhook").await["url"], hook.url, "the old one stays");
}

#[tokio::test]
async fn a_revocation_is_announced() {
    let hook = Hook::open(StatusCode::OK).await;
    let lab = plain_lab(&hook).await;
    lab.full_token("王芳").await;
    let open_id = lab.open_id("王芳").to_owned();
    lab.order(&format!("/people/{open_id}/revoke"), json!({ "by": "admin" })).await;
    let (_, body) = hook.after(1).await.remove(0);
    assert_eq!(body["header"]["event_type"], "auth.user_access_token.revoked_v4");
    assert_eq!(body["event"]["open_id"], open_id);
    assert_eq!(body["event"]["revoke_token_type"], "user_access_token refresh_token");
    assert_eq!(body["event"]["revoke_reason"], "Revoked by administrator action.");
    assert_eq!(lab.see(&format!("/people/{open_id}")).await["authorised"], false);
}

#[tokio::test]
async fn old_events_have_the_old_form() {
    let hook = Hook::open(StatusCode::OK).await;
    let lab = plain_lab(&hook).await;
    let fire = json!({ "event_type": "message", "event": { "text": "hi" }, "schema": "1.0" });
    let event_id = lab.order("/events", fire).await["event_id"].clone();
    let (_, body) = hook.after(1).await.remove(0);
    assert_eq!((&body["uuid"], &body["type"]), (&event_id, &json!("event_callback")));
    assert_eq!(body["event"], json!({ "type": "message", "text": "hi" }));
}

#[tokio::test]
async fn started_again_with_the_same_seed_it_gives_no_event_the_id_of_another() {
    let first_id = async |event: Value| {
        let lab = Lab::from_json(json!({ "seed": 7, "people": [{ "name": "王芳" }] })).await;
        lab.order("/events", json!({ "event_type": "contact.user.updated_v3", "event": event })).await["event_id"].clone()
    };
    let one = first_id(json!({ "number": 1 })).await;
    assert_eq!(one, first_id(json!({ "number": 1 })).await);
    assert_ne!(one, first_id(json!({ "number": 2 })).await);
}
