//! Bodies that come slowly, break off, or say a wrong length.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::line::Cutter;

/// What happens when the allowed part of a body is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection closes.
    Close,
    /// It is reset.
    Reset,
    /// Nothing, for ever.
    Stall,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bend {
    /// Only so many bytes come, and then?
    pub(crate) stop: Option<(u64, End)>,
    /// Added to the body and to the promised length.
    pub(crate) extra_bytes: u64,
    pub(crate) bytes_per_second: Option<u64>,
}

/// A slow body comes in this many pieces a second, if it has as many bytes.
const PIECES_PER_SECOND: u64 = 20;

pub(crate) fn bend(response: Response, bend: Bend, cutter: &Cutter) -> Response {
    let (mut parts, body) = response.into_parts();
    let stated =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(length) = stated.or_else(|| body.size_hint().exact()) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length + bend.extra_bytes));
    }
    let body = Bent {
        body: body.into_data_stream(),
        pending: Bytes::new(),
        bend,
        sent: 0,
        start: Instant::now(),
        cutter: cutter.clone(),
    };
    let stream = stream::unfold(body, |mut body| async move { body.next().await.map(|next| (next, body)) });
    Response::from_parts(parts, Body::from_stream(stream))
}

struct Bent {
    body: BodyDataStream,
    pending: Bytes,
    bend: Bend,
    sent: u64,
    start: Instant,
    cutter: Cutter,
}

impl Bent {
    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        if let Some((bytes, end)) = self.bend.stop
            && self.sent >= bytes
        {
            if end == End::Stall {
                std::future::pending::<()>().await;
            }
            // Ending a connection throws away what is still in its buffers.
            self.cutter.quiet().await;
            if end == End::Reset {
                self.cutter.cut();
            }
            return Some(Err(axum::Error::new("the body ends here by order")));
        }
        while self.pending.is_empty() {
            match self.body.next().await {
                Some(Ok(bytes)) => self.pending = bytes,
                Some(Err(error)) => return Some(Err(error)),
                None if self.bend.extra_bytes > 0 => {
                    let piece = self.bend.extra_bytes.min(64 * 1024);
                    self.bend.extra_bytes -= piece;
                    self.pending = Bytes::from(vec![0x5a; usize::try_from(piece).unwrap_or_default()]);
                }
                None => return None,
            }
        }
        let mut limit = u64::MAX;
        if let Some((bytes, _)) = self.bend.stop {
            limit = bytes - self.sent;
        }
        if let Some(rate) = self.bend.bytes_per_second {
            limit = limit.min((rate / PIECES_PER_SECOND).max(1));
        }
        let length = self.pending.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
        let piece = self.pending.split_to(length);
        self.sent += length as u64;
        if let Some(rate) = self.bend.bytes_per_second {
            let due_us = self.sent.saturating_mul(1_000_000) / rate.max(1);
            tokio::time::sleep_until(self.start + Duration::from_micros(due_us)).await;
        }
        Some(Ok(piece))
    }
}
