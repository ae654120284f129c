//! The long connection (长连接): where to connect, the WebSocket itself, and which event went over which connection.
//!
//! The platform's documentation of it is thin; this follows what the official SDKs expect. Each event goes to one
//! random connection of the app.

mod connection;
mod delivery;
mod endpoint;
mod frame;
mod register;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use connection::{WS_PATH, refuse};
pub(crate) use delivery::attempt;
pub(crate) use register::{Order, Register};

use crate::platform::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/callback/ws/endpoint", post(endpoint::endpoint))
        .route(WS_PATH, get(connection::upgrade))
}
