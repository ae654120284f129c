//! The media host: bytes for a code, with ranges, names and validators.
//!
//! Not documented by the platform; what was seen: `Content-Type`, `Content-Disposition` with a
//! title-based name, Range honoured (or not), errors as JSON. HEAD is unknown, so it is a knob.

use std::ops::Range;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::file::MediaFile;
use super::range::{Asked, asked};
use super::url;
use crate::calls::Met;
use crate::clock::{MINUTE, Ms, http_date};
use crate::faults::{Bend, FaultKind, bend};
use crate::line::Cutter;
use crate::platform::{Platform, Shared};
use crate::scenario::Knobs;

/// The largest piece given to a connection at once.
const PIECE: u64 = 256 * 1024;
/// What RFC 8187 lets stand unescaped, nearly.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

#[derive(Deserialize)]
pub(crate) struct Download {
    #[serde(default)]
    code: String,
}

/// `GET` or `HEAD /space/api/box/stream/download/authcode/?code=…`
pub(crate) async fn download(
    State(platform): State<Shared>,
    Extension(cutter): Extension<Cutter>,
    met: Option<Extension<Met>>,
    method: Method,
    Query(download): Query<Download>,
    headers: HeaderMap,
) -> Response {
    let leaked = headers.contains_key(header::AUTHORIZATION);
    let fault = met.map(|Extension(Met(fault))| fault);
    let (object, knobs) = match find(&platform, &download.code, leaked, fault.as_deref()) {
        Ok(found) => found,
        Err(refused) => return refused.into_response(),
    };
    if method == Method::HEAD && !knobs.media_head {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let range_header = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let ranges = knobs.media_ranges && !matches!(fault.as_deref(), Some(FaultKind::IgnoreRange));
    let fresh = headers.get(header::IF_RANGE).is_none_or(|validator| object.has(validator));
    let length = object.file.length();
    let wanted = match asked(range_header.filter(|_| ranges && fresh), length) {
        Asked::Unsatisfiable => return unsatisfiable(length),
        Asked::Whole => None,
        Asked::Part(range) => Some(range),
    };
    let response = object.answer(&platform, &method, wanted, ranges, fault.as_deref());
    match knobs.media_bytes_per_second {
        Some(_) => bend(
            response,
            Bend { bytes_per_second: knobs.media_bytes_per_second, ..Bend::default() },
            &cutter,
        ),
        None => response,
    }
}

/// A recording's file with all that its headers say.
struct Object {
    file: MediaFile,
    minute_token: String,
    title: String,
    etag: Option<String>,
    modified: Option<String>,
}

fn find(
    platform: &Platform,
    code: &str,
    leaked: bool,
    fault: Option<&FaultKind>,
) -> Result<(Object, Knobs), Refused> {
    let now = platform.now();
    let mut world = platform.world();
    world.calls.media_authorization_leaks += u64::from(leaked);
    let Some(code) = url::read(&world.app.app_secret, code) else {
        return Err(Refused(StatusCode::FORBIDDEN, "invalid code"));
    };
    if now >= code.expires_ms {
        return Err(Refused(StatusCode::FORBIDDEN, "code expired"));
    }
    let row = world.minute(&code.minute_token).filter(|row| !row.minute.deleted);
    let Some((row, spec)) = row.and_then(|row| Some((row, row.minute.media.as_ref()?))) else {
        return Err(Refused(StatusCode::NOT_FOUND, "file not found"));
    };
    let version = row.minute.media_version + u32::from(matches!(fault, Some(FaultKind::ChangedObject)));
    let file = MediaFile::new(spec, &code.minute_token, version.into());
    let other_etag = matches!(fault, Some(FaultKind::ChangedEtag));
    let other_date = other_etag || matches!(fault, Some(FaultKind::ChangedModified));
    let validators = !matches!(fault, Some(FaultKind::NoValidators));
    let etag = if other_etag { format!("{}x\"", file.etag().trim_end_matches('"')) } else { file.etag() };
    let modified_ms = row.created_ms() + MINUTE * (Ms::from(version) + Ms::from(other_date));
    let object = Object {
        title: row.minute.title.clone(),
        etag: validators.then_some(etag),
        modified: validators.then(|| http_date(modified_ms)),
        minute_token: code.minute_token,
        file,
    };
    Ok((object, world.knobs.clone()))
}

impl Object {
    fn has(&self, validator: &HeaderValue) -> bool {
        let is =
            |own: &Option<String>| own.as_ref().is_some_and(|own| own.as_bytes() == validator.as_bytes());
        is(&self.etag) || is(&self.modified)
    }

    fn answer(
        self,
        platform: &Shared,
        method: &Method,
        wanted: Option<Range<u64>>,
        ranges: bool,
        fault: Option<&FaultKind>,
    ) -> Response {
        let length = self.file.length();
        let shifted = |range: &Range<u64>, by: u64| {
            let start = (range.start + by).min(length - (range.end - range.start));
            start..start + (range.end - range.start)
        };
        let mut stated = wanted.clone();
        let mut sent = wanted.unwrap_or(0..length);
        match (fault, &mut stated) {
            (Some(FaultKind::WrongBytes { shift_bytes }), Some(_)) => sent = shifted(&sent, *shift_bytes),
            (Some(FaultKind::WrongRange { shift_bytes }), Some(stated)) => {
                sent = shifted(&sent, *shift_bytes);
                *stated = sent.clone();
            }
            _ => {}
        }
        let headers = self.headers(&sent, stated.as_ref(), ranges);
        let status = if stated.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        self.count(platform, method, stated.is_some());
        let body = if method == Method::HEAD { Body::empty() } else { self.body(platform.clone(), sent) };
        (status, headers, body).into_response()
    }

    fn headers(&self, sent: &Range<u64>, stated: Option<&Range<u64>>, ranges: bool) -> HeaderMap {
        let length = self.file.length();
        let mut headers = HeaderMap::new();
        let mut add = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        add(header::CONTENT_TYPE, self.file.content_type());
        add(header::CONTENT_LENGTH, &(sent.end - sent.start).to_string());
        add(header::CONTENT_DISPOSITION, &disposition(&self.title, self.file.extension()));
        if let Some(etag) = &self.etag {
            add(header::ETAG, etag);
        }
        if let Some(modified) = &self.modified {
            add(header::LAST_MODIFIED, modified);
        }
        if ranges {
            add(header::ACCEPT_RANGES, "bytes");
        }
        if let Some(stated) = stated {
            add(header::CONTENT_RANGE, &format!("bytes {}-{}/{length}", stated.start, stated.end - 1));
        }
        headers
    }

    fn count(&self, platform: &Platform, method: &Method, partial: bool) {
        let mut world = platform.world();
        let Some(row) = world.minute_mut(&self.minute_token) else { return };
        let counter = match (method == Method::HEAD, partial) {
            (true, _) => &mut row.served.heads,
            (false, true) => &mut row.served.range_gets,
            (false, false) => &mut row.served.whole_gets,
        };
        *counter += 1;
    }

    fn body(self, platform: Shared, range: Range<u64>) -> Body {
        Body::from_stream(stream::unfold(
            (self, platform, range),
            |(object, platform, mut range)| async move {
                if range.is_empty() {
                    return None;
                }
                let bytes = object.file.read(&range, PIECE);
                range.start += bytes.len() as u64;
                if let Some(row) = platform.world().minute_mut(&object.minute_token) {
                    row.served.bytes += bytes.len() as u64;
                }
                Some((Ok::<_, std::convert::Infallible>(bytes), (object, platform, range)))
            },
        ))
    }
}

/// Both forms of the name, as the real host sends: percent-encoded in `filename`, and `filename*`.
fn disposition(title: &str, extension: &str) -> String {
    let name = format!("{title}.{extension}");
    let name = utf8_percent_encode(&name, PLAIN);
    format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
}

fn unsatisfiable(length: u64) -> Response {
    let content_range = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
    (StatusCode::RANGE_NOT_SATISFIABLE, content_range).into_response()
}

/// The status of a dead URL is not known of the real host; that the body is JSON is.
struct Refused(StatusCode, &'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "code": self.0.as_u16(), "msg": self.1 }))).into_response()
    }
}
