//! Files that are sent whole or in part, so that a player can seek and a broken download goes on (RFC 9110 §13, §14).

use std::io;
use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;

use crate::figures::{from_http_date, http_date};
use crate::range::{Wanted, wanted};

/// A file as a whole.
pub(crate) struct Whole {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its ETag, in quotes: another file never has it.
    pub(crate) etag: String,
    /// Since when it is as it is, unix ms; none where the tag alone can tell.
    pub(crate) modified_ms: Option<i64>,
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
        if let Some(modified_ms) = self.modified_ms {
            put(LAST_MODIFIED, &http_date(modified_ms));
        }
        put(ACCEPT_RANGES, "bytes");
        // Kept by this browser alone, and asked for again each time: rights may have changed.
        put(CACHE_CONTROL, "private, no-cache");
        if self.is_other_than(headers) {
            *answer.status_mut() = StatusCode::PRECONDITION_FAILED;
            return answer;
        }
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

    /// Whether more of a file is asked for that is not this one: browsers that fetch parts side by side say of which.
    fn is_other_than(&self, headers: &HeaderMap) -> bool {
        if headers.contains_key(IF_MATCH) {
            let lines = headers.get_all(IF_MATCH).iter().filter_map(|line| line.to_str().ok());
            return !lines.flat_map(tags).any(|tag| tag == "*" || tag == self.etag);
        }
        seconds(headers, IF_UNMODIFIED_SINCE).is_some_and(|since| self.modified() > Some(since))
    }

    /// Whether the browser has it already.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        match text(headers, IF_NONE_MATCH) {
            Some(known) => tags(known).any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.etag),
            None => seconds(headers, IF_MODIFIED_SINCE)
                .is_some_and(|since| self.modified().is_some_and(|modified| modified <= since)),
        }
    }

    /// The part that is asked for, unless it is asked for of another file than this.
    fn part(&self, method: &Method, headers: &HeaderMap) -> Wanted {
        let is_of_this = !headers.contains_key(IF_RANGE)
            || text(headers, IF_RANGE) == Some(&self.etag)
            || seconds(headers, IF_RANGE).is_some_and(|since| self.modified() == Some(since));
        match text(headers, RANGE).filter(|_| is_of_this && method == Method::GET) {
            Some(range) => wanted(range, self.bytes),
            None => Wanted::Whole,
        }
    }

    /// Since when it is as it is, as exactly as HTTP tells it.
    fn modified(&self) -> Option<i64> {
        self.modified_ms.map(|ms| ms.div_euclid(1_000))
    }
}

/// Whether this answer is a part of a file that does not begin with it.
pub(crate) fn is_later_part(answer: &Response) -> bool {
    answer.status() == StatusCode::PARTIAL_CONTENT
        && text(answer.headers(), CONTENT_RANGE).is_some_and(|range| !range.starts_with("bytes 0-"))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn seconds(headers: &HeaderMap, name: HeaderName) -> Option<i64> {
    text(headers, name).and_then(from_http_date).map(|ms| ms.div_euclid(1_000))
}

fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}
