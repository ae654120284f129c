//! Sends due events the way the app has chosen: to the webhook, sealed when the app has an Encrypt Key, or over a long
//! connection.

use std::time::{Duration, Instant};

use rand::RngExt;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::outbox::Attempt;
use super::seal;
use crate::clock::SECOND;
use crate::long_connection;
use crate::platform::{Platform, Shared};
use crate::scenario::Subscription;
use crate::world::World;

/// A receiver has this long to answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// The check of a URL is less patient.
const CHECK_PATIENCE: Duration = Duration::from_secs(1);
/// Deliveries under way at once.
const AT_ONCE: usize = 64;
/// The stand-in's clock may be moved while this waits, so it never waits long.
const NAP: Duration = Duration::from_millis(500);

/// Runs until the stand-in stops.
pub(crate) async fn deliver(platform: Shared) {
    let room = std::sync::Arc::new(Semaphore::new(AT_ONCE));
    while !platform.stop.is_cancelled() {
        let (way, due, next) = {
            let now = platform.now();
            let mut world = platform.world();
            match Way::of(&world) {
                Some(way) => {
                    let due = world.outbox.take_due(now);
                    (Some(way), due, world.outbox.next_due())
                }
                None => (None, Vec::new(), None),
            }
        };
        for (event_id, body) in due {
            let Ok(seat) = room.clone().acquire_owned().await else { return };
            let (platform, way) = (platform.clone(), way.clone());
            platform.clone().tasks.spawn(async move {
                let attempt = tokio::select! {
                    attempt = attempt(&platform, way.as_ref(), &event_id, &body) => attempt,
                    () = platform.stop.cancelled() => return,
                };
                platform.world().outbox.attempted(&event_id, attempt);
                platform.events_due.notify_one();
                drop(seat);
            });
        }
        let wait = next.map_or(NAP, |next_ms| {
            Duration::from_millis(u64::try_from(next_ms - platform.now()).unwrap_or(0)).min(NAP)
        });
        tokio::select! {
            () = platform.events_due.notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = platform.stop.cancelled() => {}
        }
    }
}

/// Where events go.
#[derive(Clone)]
enum Way {
    Webhook(String),
    LongConnection,
}

impl Way {
    fn of(world: &World) -> Option<Self> {
        match world.app.subscription {
            Subscription::Webhook => world.outbox.webhook.clone().map(Self::Webhook),
            Subscription::LongConnection => Some(Self::LongConnection),
        }
    }
}

async fn attempt(platform: &Platform, way: Option<&Way>, event_id: &str, body: &Value) -> Attempt {
    let Some(Way::Webhook(url)) = way else {
        return long_connection::attempt(platform, event_id, body).await;
    };
    let at_ms = platform.now();
    let start = Instant::now();
    let sent = post(platform, url, &body.to_string(), true, PATIENCE).await;
    let (status, error) = match sent {
        Ok(answer) => (Some(answer.status().as_u16()), None),
        Err(error) if error.is_timeout() => (None, Some("no answer within 3 s")),
        Err(error) if error.is_connect() => (None, Some("could not connect")),
        Err(_) => (None, Some("the connection broke")),
    };
    let took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Attempt { at_ms, status, error, took_ms, connection: None }
}

/// The URL check: encrypted when there is a key, never signed. True when the challenge came back.
///
/// Feishu docs: event-subscription-guide/request-url-configuration-case.
pub(crate) async fn check_url(platform: &Platform, url: &str) -> bool {
    let challenge = platform.world().random_hex(32);
    let token = platform.world().app.verification_token.clone();
    let body = json!({ "challenge": challenge, "token": token, "type": "url_verification" });
    let Ok(answer) = post(platform, url, &body.to_string(), false, CHECK_PATIENCE).await else {
        return false;
    };
    let answered = answer.status() == 200;
    let body: Value = answer.json().await.unwrap_or_default();
    answered && body["challenge"] == challenge
}

async fn post(
    platform: &Platform,
    url: &str,
    plaintext: &str,
    signed: bool,
    patience: Duration,
) -> reqwest::Result<reqwest::Response> {
    let mut request =
        platform.http.post(url).timeout(patience).header("content-type", "application/json; charset=utf-8");
    let (encrypt_key, nonce, iv) = {
        let mut world = platform.world();
        (world.app.encrypt_key.clone(), world.random_hex(16), world.random.random())
    };
    if encrypt_key.is_empty() {
        return request.body(plaintext.to_owned()).send().await;
    }
    let body = seal::encrypt(&encrypt_key, plaintext, iv);
    if signed {
        let timestamp = (platform.now() / SECOND).to_string();
        let signature = seal::sign(&timestamp, &nonce, &encrypt_key, &body);
        request = request
            .header("X-Lark-Request-Timestamp", timestamp)
            .header("X-Lark-Request-Nonce", nonce)
            .header("X-Lark-Signature", signature);
    }
    request.body(body).send().await
}
