//! Sends one event over one connection, chosen by chance, and waits for the answer.

use std::time::Instant;

use bytes::Bytes;
use prost::Message as _;
use rand::seq::SliceRandom as _;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::frame::{DATA, Frame};
use super::register::Outgoing;
use crate::api::EVENT_MESSAGE;
use crate::events::{Attempt, PATIENCE};
use crate::faults::FaultKind;
use crate::platform::Platform;
use crate::scenario::PartOrder;
use crate::world::World;

/// `service_id` of every address.
const SERVICE: i32 = 33_554_678;

/// One attempt to deliver an event, by the platform's patience of 3 s.
pub(crate) async fn attempt(platform: &Platform, event_id: &str, body: &Value) -> Attempt {
    let at_ms = platform.now();
    let start = Instant::now();
    let sent = {
        let mut world = platform.world();
        let fault = world.faults.meet_message(EVENT_MESSAGE);
        let sent = send(&mut world, event_id, body, fault.as_ref(), at_ms);
        if matches!(fault, Some(FaultKind::Duplicate)) {
            // Nobody waits for the second one's answer; it is noted all the same.
            let _ = send(&mut world, event_id, body, None, at_ms);
        }
        sent
    };
    let Some((message_id, connection, answered)) = sent else {
        return Attempt {
            at_ms,
            status: None,
            error: Some("nobody is connected"),
            took_ms: 0,
            connection: None,
        };
    };
    let (status, error) = match timeout(PATIENCE, answered).await {
        Ok(Ok(code)) => (u16::try_from(code).ok(), None),
        Ok(Err(_)) => (None, Some("the connection ended")),
        Err(_) => {
            platform.world().links.too_late(&message_id);
            (None, Some("no answer within 3 s"))
        }
    };
    let took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Attempt { at_ms, status, error, took_ms, connection: Some(connection) }
}

/// The message's id, its connection, and what its answer comes by; none when nobody is connected.
fn send(
    world: &mut World,
    event_id: &str,
    body: &Value,
    fault: Option<&FaultKind>,
    now: i64,
) -> Option<(String, u64, oneshot::Receiver<i64>)> {
    let connection = world.links.choose(&mut world.random)?;
    let knobs = &world.knobs.long_connection;
    let (sum, order) = match fault {
        Some(FaultKind::Split { parts, order }) => (*parts, *order),
        Some(FaultKind::PartLost) => (knobs.parts.max(2), knobs.part_order),
        _ => (knobs.parts, knobs.part_order),
    };
    let payload = body.to_string().into_bytes();
    let sum = sum.clamp(1, payload.len());
    let mut parts: Vec<usize> = (0..sum).collect();
    match order {
        PartOrder::Straight => {}
        PartOrder::Reversed => parts.reverse(),
        PartOrder::Shuffled => parts.shuffle(&mut world.random),
    }
    if matches!(fault, Some(FaultKind::PartLost)) {
        parts.pop();
    }
    let message_id = message_id(&world.random_hex(32));
    let trace_id = world.random_hex(32);
    // Cut between bytes, in the middle of a character if need be.
    let bounds = |seq: usize| payload.len() * seq / sum;
    let frame = |&seq: &usize| {
        let headers = [
            ("type", "event".to_owned()),
            ("message_id", message_id.clone()),
            ("sum", sum.to_string()),
            ("seq", seq.to_string()),
            ("trace_id", trace_id.clone()),
            ("timestamp", now.to_string()),
        ];
        let part = payload[bounds(seq)..bounds(seq + 1)].to_vec();
        let frame = Frame::new(DATA, SERVICE, &headers, part);
        Bytes::from(frame.encode_to_vec())
    };
    let frames = parts.iter().map(frame).collect();
    let message = Outgoing {
        event_id: event_id.to_owned(),
        message_id: message_id.clone(),
        connection,
        parts,
        sum,
        frames,
    };
    Some((message_id, connection, world.links.send(message, now)))
}

/// In the form of a UUID.
fn message_id(hex: &str) -> String {
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
