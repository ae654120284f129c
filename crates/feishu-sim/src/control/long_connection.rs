//! Long connections: which there are, what went over them, and how they end.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Unfit, read};
use crate::long_connection::Order;
use crate::platform::Shared;

pub(super) async fn show(State(platform): State<Shared>) -> Json<Value> {
    let world = platform.world();
    Json(json!({
        "live": world.links.live_ids(),
        "connections": world.links.connections,
        "messages": world.links.sent,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cut {
    connection: Option<u64>,
    #[serde(default)]
    how: How,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    #[default]
    Reset,
    Close,
    Silence,
}

pub(super) async fn cut(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let Cut { connection, how } = read(&body)?;
    let world = platform.world();
    let cut = match connection {
        Some(id) if !world.links.is_live(id) => {
            return Err(Unfit::missing("open connection", &id.to_string()));
        }
        Some(id) => vec![id],
        None => world.links.live_ids(),
    };
    for id in &cut {
        let order = match how {
            How::Reset => Order::Reset,
            How::Close => Order::Close,
            How::Silence => Order::Silence,
        };
        world.links.order(*id, order);
    }
    Ok(Json(json!({ "cut": cut })))
}
