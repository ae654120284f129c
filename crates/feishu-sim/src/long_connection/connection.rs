//! The WebSocket: who is let in, pings and answers.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use prost::Message as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::endpoint::settings;
use super::frame::{CONTROL, DATA, Frame};
use super::register::Order;
use crate::api::PONG_MESSAGE;
use crate::faults::FaultKind;
use crate::line::Cutter;
use crate::platform::{Platform, Shared};
use crate::scenario::Pong;

pub(crate) const WS_PATH: &str = "/ws/v2";
pub(super) const AUTH_FAILED: i64 = 514;
const NO_CREDENTIAL: i64 = 1_000_040_344;
pub(super) const TOO_MANY: i64 = 1_000_040_350;

#[derive(Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    ticket: String,
}

/// A failed upgrade, which says why in headers.
pub(crate) fn refuse(status: i64, msg: &str, auth_errcode: Option<i64>) -> Response {
    let mut response = Response::builder()
        .status(StatusCode::FORBIDDEN)
        .header("Handshake-Status", status)
        .header("Handshake-Msg", msg);
    if let Some(code) = auth_errcode {
        response = response.header("Handshake-Autherrcode", code);
    }
    response.body(Body::empty()).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

pub(super) async fn upgrade(
    State(platform): State<Shared>,
    Extension(cutter): Extension<Cutter>,
    Query(Address { ticket }): Query<Address>,
    mut request: Request,
) -> Response {
    let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY).cloned() else {
        return (StatusCode::BAD_REQUEST, "not a WebSocket").into_response();
    };
    let (id, orders) = {
        let now = platform.now();
        let mut world = platform.world();
        if !world.links.redeem(&ticket) {
            return refuse(AUTH_FAILED, "no credential", Some(NO_CREDENTIAL));
        }
        if world.links.live() >= world.knobs.long_connection.max_connections {
            return refuse(AUTH_FAILED, "the number of connections exceeded the limit", Some(TOO_MANY));
        }
        world.links.open(&ticket, now)
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let connected = platform.clone();
    platform.tasks.spawn(async move {
        tokio::select! {
            () = async {
                if let Ok(upgraded) = upgraded.await {
                    serve(&connected, id, upgraded, orders, &cutter).await;
                }
            } => {}
            () = connected.stop.cancelled() => {}
        }
        connected.world().links.closed(id, connected.now());
    });
    let switching = [
        (header::CONNECTION, "Upgrade".to_owned()),
        (header::UPGRADE, "websocket".to_owned()),
        (header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes())),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, switching).into_response()
}

/// A connection that says nothing for so many of its ping intervals is ended. The platform's own number is not known.
const SILENT_INTERVALS: u32 = 3;

/// Until it ends, on whichever side.
async fn serve(
    platform: &Platform,
    id: u64,
    upgraded: Upgraded,
    mut orders: mpsc::UnboundedReceiver<Order>,
    cutter: &Cutter,
) {
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    let mut silent = false;
    let mut heard_at = Instant::now();
    loop {
        let interval = Duration::from_secs(platform.world().knobs.long_connection.ping_interval.max(1));
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Send(_)) if silent => {}
                Some(Order::Send(frames)) => for frame in frames {
                    if socket.send(Message::Binary(frame)).await.is_err() {
                        return;
                    }
                },
                Some(Order::Silence) => silent = true,
                Some(Order::Close) => {
                    let _ = socket.close(None).await;
                    return;
                }
                Some(Order::Reset) => return cutter.cut(),
                None => return,
            },
            () = sleep_until(heard_at + interval * SILENT_INTERVALS) => return cutter.cut(),
            message = socket.next(), if !silent => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    heard_at = Instant::now();
                    if let Some(reply) = take(platform, id, &bytes)
                        && socket.send(Message::Binary(reply.encode_to_vec().into())).await.is_err()
                    {
                        return;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}

/// What a client's message is answered with.
fn take(platform: &Platform, id: u64, bytes: &Bytes) -> Option<Frame> {
    let frame = Frame::decode(bytes.as_ref()).ok()?;
    let now = platform.now();
    let mut world = platform.world();
    if frame.method == DATA {
        let code = frame.payload.as_deref().and_then(|payload| serde_json::from_slice::<Value>(payload).ok());
        let code = code.and_then(|payload| payload["code"].as_i64());
        let biz_rt = frame.header("biz_rt").map(str::to_owned);
        let message_id = frame.header("message_id")?;
        world.links.answered(message_id, code, biz_rt, now);
        return None;
    }
    if frame.header("type") != Some("ping") {
        return None;
    }
    world.links.pinged(id);
    let pong = match world.faults.meet_message(PONG_MESSAGE) {
        Some(FaultKind::NoPong) => Pong::None,
        Some(FaultKind::EmptyPong) => Pong::Empty,
        _ => world.knobs.long_connection.pong,
    };
    let payload = match pong {
        Pong::None => return None,
        Pong::Empty => Vec::new(),
        Pong::Settings => settings(&world.knobs.long_connection).to_string().into_bytes(),
    };
    Some(Frame::new(CONTROL, frame.service, &[("type", "pong".to_owned())], payload))
}
