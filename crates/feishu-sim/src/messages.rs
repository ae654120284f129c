//! Messages from the app's bot.
//!
//! Feishu docs: im-v1/message/create, im-v1/message/patch.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{patch, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::HOUR;
use crate::envelope::{Refusal, data};
use crate::limits::PER_SECOND_5;
use crate::platform::Shared;
use crate::world::Message;

/// A card's JSON, in bytes.
const CARD_AT_MOST: usize = 30 * 1024;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/open-apis/im/v1/messages", post(create))
        .route("/open-apis/im/v1/messages/{message_id}", patch(update))
}

#[derive(Deserialize)]
struct Receiver {
    receive_id_type: String,
}

#[derive(Deserialize)]
struct Create {
    receive_id: String,
    msg_type: String,
    content: String,
    uuid: Option<String>,
}

#[derive(Deserialize)]
struct Update {
    content: String,
}

/// `POST /open-apis/im/v1/messages?receive_id_type=open_id`. One `uuid` sends one message an hour.
async fn create(
    State(platform): State<Shared>,
    Query(receiver): Query<Receiver>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let create: Create =
        serde_json::from_slice(&body).map_err(|_| invalid("the request body is malformed"))?;
    check_content(&create.content)?;
    if create.uuid.as_ref().is_some_and(|uuid| uuid.chars().count() > 50) {
        return Err(invalid("uuid is longer than 50"));
    }
    if receiver.receive_id_type != "open_id" {
        return Err(invalid("the stand-in knows receive_id_type=open_id only"));
    }
    let now = platform.now();
    let mut world = platform.world();
    let known = world.people.get(&create.receive_id).ok_or_else(|| invalid("invalid receive_id"))?;
    if !known.person.available || known.suspended {
        return Err(Refusal::new(400, 230_013, "Bot has NO availability to this user."));
    }
    let sent = |message: &&Message| {
        create.uuid.is_some() && message.uuid == create.uuid && now < message.sent_ms + HOUR
    };
    if let Some(message) = world.messages.iter().find(sent) {
        return Ok(data(describe(message)));
    }
    let key = format!("im.message.create {}", create.receive_id);
    if world.knobs.rate_limits && world.limiter.admit(&key, PER_SECOND_5, now).is_err() {
        return Err(Refusal::new(400, 230_020, "This operation triggers the frequency limit."));
    }
    let message = Message {
        message_id: format!("om_{}", world.random_hex(32)),
        receive_id: create.receive_id,
        msg_type: create.msg_type,
        content: create.content,
        uuid: create.uuid,
        sent_ms: now,
        updates: 0,
    };
    let answer = describe(&message);
    world.messages.push(message);
    Ok(data(answer))
}

/// `PATCH /open-apis/im/v1/messages/:message_id` updates a card.
async fn update(
    State(platform): State<Shared>,
    Path(message_id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let update: Update =
        serde_json::from_slice(&body).map_err(|_| invalid("the request body is malformed"))?;
    check_content(&update.content)?;
    let mut world = platform.world();
    let message =
        world.messages.iter_mut().find(|message| message.message_id == message_id).ok_or_else(|| {
            Refusal::new(400, 230_001, "Your request contains an invalid request parameter.")
        })?;
    if message.msg_type != "interactive" {
        return Err(Refusal::new(400, 230_001, "This message is not a card."));
    }
    message.content = update.content;
    message.updates += 1;
    Ok(data(json!({})))
}

fn check_content(content: &str) -> Result<(), Refusal> {
    if content.len() > CARD_AT_MOST {
        return Err(Refusal::new(400, 230_025, "The length of the message content reaches its limit."));
    }
    serde_json::from_str::<Value>(content).map(|_| ()).map_err(|_| invalid("content is not a string of JSON"))
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(400, 230_001, format!("Your request contains an invalid request parameter, ext={why}"))
}

fn describe(message: &Message) -> Value {
    json!({
        "message_id": message.message_id,
        "msg_type": message.msg_type,
        "create_time": message.sent_ms.to_string(),
        "update_time": message.sent_ms.to_string(),
        "deleted": false,
        "updated": message.updates > 0,
        "body": { "content": message.content },
    })
}
