//! Files that are sent whole or in part, so that a player can seek and a broken download goes on (RFC 9110 §13, §14).

use std::io;
use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;

use crate::range::{Wanted, wanted};

/// A file as a whole.
pub(crate) struct Whole {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its ETag, in quotes: another file never has it.
    pub(crate) etag: String,
    /// Since when it is as it is, as HTTP writes it; none where the tag alone can tell.
    pub(crate) modified: Option<String>,
    pub(crate) content_type: &'static str,
    pub(crate) disposition: HeaderValue,
}

impl Whole {
    /// What a request gets of it; `content` brings these of its bytes.
    pub(crate) fn answer<S>(
        self,
        method: &Method,
        headers: &HeaderMap,
        content: impl FnOnce(Range<u64>) -> S,
    ) -> Response
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let mut answer = Response::default();
        let mut put = |name: HeaderName, value: &str| {
            answer.headers_mut().extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        };
        put(ETAG, &self.etag);
        if let Some(modified) = &self.modified {
            put(LAST_MODIFIED, modified);
        }
        put(ACCEPT_RANGES, "bytes");
        // Kept by this browser alone, and asked for again each time: rights may have changed.
        put(CACHE_CONTROL, "private, no-cache");
        if self.is_known(headers) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        put(CONTENT_TYPE, self.content_type);
        let length = self.bytes;
        let range = match self.part(method, headers) {
            Wanted::Whole => 0..length,
            Wanted::Part(range) => {
                put(CONTENT_RANGE, &format!("bytes {}-{}/{length}", range.start, range.end - 1));
                *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
                range
            }
            Wanted::Beyond => {
                put(CONTENT_RANGE, &format!("bytes */{length}"));
                *answer.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                return answer;
            }
        };
        let headers = answer.headers_mut();
        headers.insert(CONTENT_DISPOSITION, self.disposition);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
        if method != Method::HEAD {
            *answer.body_mut() = Body::from_stream(content(range));
        }
        answer
    }

    /// Whether the browser has it already.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        match text(headers, IF_NONE_MATCH) {
            Some(known) => {
                let mut known = known.split(',').map(str::trim);
                known.any(|it| it == "*" || it.trim_start_matches("W/") == self.etag)
            }
            None => self.modified.is_some() && text(headers, IF_MODIFIED_SINCE) == self.modified.as_deref(),
        }
    }

    /// The part that is asked for, unless it is asked for of another file than this (If-Range).
    fn part(&self, method: &Method, headers: &HeaderMap) -> Wanted {
        let is_of_this = text(headers, IF_RANGE)
            .is_none_or(|known| known == self.etag || self.modified.as_deref() == Some(known));
        match text(headers, RANGE).filter(|_| is_of_this && method == Method::GET) {
            Some(range) => wanted(range, self.bytes),
            None => Wanted::Whole,
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
