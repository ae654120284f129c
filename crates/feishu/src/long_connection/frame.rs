//! One binary message: a protobuf frame (proto2) of numbers, headers and a payload.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use crate::events::MAX_EVENT_BYTES;

/// The largest message taken, in bytes: an event and its headers.
pub const MAX_FRAME_BYTES: usize = MAX_EVENT_BYTES + 64 * 1024;
/// The platform sends six.
const MAX_HEADERS: usize = 64;

const CONTROL: i32 = 0;
const DATA: i32 = 1;

/// `required` in the definition: sent even when zero.
#[derive(Clone, PartialEq, Message)]
struct Wire {
    #[prost(uint64, required, tag = "1")]
    seq_id: u64,
    #[prost(uint64, required, tag = "2")]
    log_id: u64,
    #[prost(int32, required, tag = "3")]
    service: i32,
    #[prost(int32, required, tag = "4")]
    method: i32,
    #[prost(message, repeated, tag = "5")]
    headers: Vec<Header>,
    #[prost(string, optional, tag = "6")]
    payload_encoding: Option<String>,
    #[prost(string, optional, tag = "7")]
    payload_type: Option<String>,
    #[prost(bytes = "bytes", optional, tag = "8")]
    payload: Option<Bytes>,
    #[prost(string, optional, tag = "9")]
    log_id_new: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(string, required, tag = "1")]
    key: String,
    #[prost(string, required, tag = "2")]
    value: String,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// The other side wants to know whether we are there.
    Ping,
    /// The other side is there; the payload may carry new settings as JSON, or nothing.
    Pong,
    /// An event, or a part of one: store it durably, then answer within three seconds.
    Event,
    /// Somebody used a card; to be answered like an event.
    Card,
    /// Nothing that this version knows.
    Other,
}

/// What is answered to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is stored durably.
    Stored,
    /// It could not be stored: the platform sends it again.
    Redeliver,
}

/// Why a message cannot be used. None of them shows the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// Over [`MAX_FRAME_BYTES`], or an event put together that is over [`MAX_EVENT_BYTES`].
    #[error("the message is larger than any event")]
    TooLarge,
    /// Not a frame.
    #[error("the message is not a frame of the long connection")]
    Malformed,
    /// Part 7 of 3, or a part of nothing.
    #[error("the message is a part with impossible numbers")]
    Misnumbered,
}

/// One message of the long connection.
#[derive(Clone, PartialEq)]
pub struct Frame(Wire);

impl Frame {
    /// Reads a binary message.
    pub fn decode(message: Bytes) -> Result<Self, BadFrame> {
        if message.len() > MAX_FRAME_BYTES {
            return Err(BadFrame::TooLarge);
        }
        let wire = Wire::decode(message).map_err(|_| BadFrame::Malformed)?;
        if wire.headers.len() > MAX_HEADERS { Err(BadFrame::Malformed) } else { Ok(Self(wire)) }
    }

    /// The binary message.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        self.0.encode_to_vec().into()
    }

    /// "Are you there?", for the service that the connection's address names (`service_id`).
    #[must_use]
    pub fn ping(service: i32) -> Self {
        let headers = vec![Header { key: "type".to_owned(), value: "ping".to_owned() }];
        Self(Wire { service, method: CONTROL, headers, ..Wire::default() })
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> FrameKind {
        match (self.0.method, self.header("type")) {
            (CONTROL, Some("ping")) => FrameKind::Ping,
            (CONTROL, Some("pong")) => FrameKind::Pong,
            (DATA, Some("event")) => FrameKind::Event,
            (DATA, Some("card")) => FrameKind::Card,
            _ => FrameKind::Other,
        }
    }

    /// What it carries; for an event the same JSON as by webhook, never encrypted.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.0.payload.as_deref().unwrap_or_default()
    }

    /// The platform's name for the message, which all of its parts share.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        self.header("message_id")
    }

    /// What to follow this message in logs by.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.header("trace_id")
    }

    /// The answer to an event: the same frame with the verdict in place of the payload, and how long it took.
    #[must_use]
    pub fn answer(&self, verdict: Verdict, took: Duration) -> Self {
        let code = match verdict {
            Verdict::Stored => 200,
            Verdict::Redeliver => 500,
        };
        let mut wire = self.0.clone();
        wire.headers.push(Header { key: "biz_rt".to_owned(), value: took.as_millis().to_string() });
        wire.payload = Some(format!(r#"{{"code":{code},"headers":null,"data":null}}"#).into());
        Self(wire)
    }

    pub(super) fn with_payload(mut self, payload: Bytes) -> Self {
        self.0.payload = Some(payload);
        self
    }

    /// Which part of how many this is, both as the platform counts: from 0, and 1 for a whole message.
    pub(crate) fn part(&self) -> Result<(usize, usize), BadFrame> {
        let number = |key, absent| self.header(key).map_or(Ok(absent), str::parse::<usize>);
        match (number("seq", 0), number("sum", 1)) {
            (Ok(seq), Ok(sum)) if seq < sum => Ok((seq, sum)),
            // Some senders leave the count of a whole message at zero.
            (Ok(0), Ok(0)) => Ok((0, 1)),
            _ => Err(BadFrame::Misnumbered),
        }
    }

    fn header(&self, key: &str) -> Option<&str> {
        self.0.headers.iter().find(|header| header.key == key).map(|header| header.value.as_str())
    }
}

/// Without the payload: it is somebody's meeting.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("kind", &self.kind())
            .field("message_id", &self.message_id())
            .field("trace_id", &self.trace_id())
            .field("payload_bytes", &self.payload().len())
            .finish_non_exhaustive()
    }
}
