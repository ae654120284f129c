//! The media host: one recording as a stream of bytes, from an address that is itself the key to it.
//!
//! No Authorization header is ever sent there. The guard keeps a forged address from reaching inside the
//! company's network. Nothing here knows what a whole file is: the caller checks, hashes and resumes.

pub(crate) mod headers;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use url::Url;

pub use headers::ContentRange;

use crate::client::{Client, Settings, Timeouts, wait_asked_for};
use crate::envelope::{DEFAULT_WAIT, RATE_LIMITED};
use crate::error::Detail;
use crate::guard::{self, GuardRefusal};
use crate::{lenient, redact};

const API: &str = "GET media";
/// An error body is a line or two; more of it is not worth reading.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Where one recording's media can be fetched for a day. Whoever has it has the recording, so it shows only
/// its host.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaUrl(Url);

impl MediaUrl {
    /// Takes an absolute http or https address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(Self(url))
    }

    /// The host that it names; redirects may lead on.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Display for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme(), self.host())
    }
}

impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({self})")
    }
}

/// Which bytes of the media to ask for, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub start: u64,
    /// The first byte that is no longer wanted; `None`: all to the end of the file.
    pub end: Option<u64>,
}

impl ByteRange {
    /// RFC 9110 §14.1.2; there the last byte is named, not the one behind it.
    fn header(self) -> String {
        match self.end {
            Some(end) => format!("bytes={}-{}", self.start, end.saturating_sub(1)),
            None => format!("bytes={}-", self.start),
        }
    }
}

/// Why media could not be opened or read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The address no longer works (401, 403, 404, 410, or a JSON error instead of media): get a new one.
    #[error("the media address has expired: {0}")]
    UrlExpired(Detail),
    /// Over the host's limit: wait `after`.
    #[error("the media host limits us, wait {} s", after.as_secs())]
    RateLimited {
        /// How long to wait, as the host said.
        after: Duration,
    },
    /// The range begins at or behind the end of the file: what was kept does not belong to it.
    #[error("the media host has no bytes from there on")]
    RangeNotSatisfiable {
        /// The file's length in bytes, where the host says it.
        total: Option<u64>,
    },
    /// Our own guard refused to go there.
    #[error("{0}")]
    Refused(GuardRefusal),
    /// The connection failed or broke off, or the host is in trouble: go on later from what is there.
    #[error("the transfer broke off: {0}")]
    Transient(Detail),
    /// No byte came for too long: go on from what is there.
    #[error("the media host sent nothing for too long")]
    Stalled,
    /// The host refuses in a way that trying again does not mend.
    #[error("the media host refuses: {0}")]
    Permanent(Detail),
}

/// An open media stream with what its headers say; a status of 200 has the whole file, 206 a part.
pub struct MediaResponse {
    /// 200 or 206.
    pub status: u16,
    /// Lowercase, such as `video/mp4`.
    pub content_type: Option<String>,
    /// Bytes in this body, not in the file.
    pub content_length: Option<u64>,
    /// Which part of the file this body is.
    pub content_range: Option<ContentRange>,
    /// Compare it before appending to what another response sent.
    pub etag: Option<String>,
    /// As the host wrote it.
    pub last_modified: Option<String>,
    /// The host's name for the file: decoded, one path segment, at most 255 characters. Not safe as a name.
    pub file_name: Option<String>,
    body: Response,
}

impl fmt::Debug for MediaResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("content_length", &self.content_length)
            .field("content_range", &self.content_range)
            .finish_non_exhaustive()
    }
}

impl MediaResponse {
    /// The next bytes; `None` at the end of a body that is as long as it said.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MediaError> {
        self.body.chunk().await.map_err(broken)
    }
}

impl Client {
    /// Opens the media, a part of it or all. The host may ignore the range and send a 200.
    ///
    /// `unless_changed`: the ETag or Last-Modified of the file that the part must belong to (If-Range, RFC 9110
    /// §13.1.5): a changed file is sent whole.
    pub async fn open_media(
        &self,
        url: &MediaUrl,
        range: Option<ByteRange>,
        unless_changed: Option<&str>,
    ) -> Result<MediaResponse, MediaError> {
        guard::check(&url.0, self.inner.allow_private_media).map_err(MediaError::Refused)?;
        let mut request = self.inner.media.get(url.0.clone()).header(ACCEPT_ENCODING, "identity");
        if let Some(range) = range {
            request = request.header(RANGE, range.header());
            if let Some(validator) = unless_changed {
                request = request.header(IF_RANGE, validator);
            }
        }
        let response = request.send().await.map_err(broken)?;
        let text = |name: HeaderName| {
            let bytes = response.headers().get(name)?.as_bytes();
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let content_type = text(CONTENT_TYPE).map(|kind| kind.to_ascii_lowercase());
        let content_range = text(CONTENT_RANGE);
        let is_json = content_type.as_deref().is_some_and(|kind| kind.contains("json"));
        match response.status().as_u16() {
            416 => Err(MediaError::RangeNotSatisfiable {
                total: content_range.as_deref().and_then(headers::unsatisfied_total),
            }),
            status @ (200 | 206) if !is_json => Ok(MediaResponse {
                status,
                content_length: response.content_length(),
                content_range: content_range.as_deref().and_then(ContentRange::parse),
                etag: text(ETAG),
                last_modified: text(LAST_MODIFIED),
                file_name: text(CONTENT_DISPOSITION).as_deref().and_then(headers::file_name),
                content_type,
                body: response,
            }),
            _ => Err(refusal(response, is_json).await),
        }
    }
}

/// The HTTP client for media: stall timeout instead of a total one, guarded names and redirects, and no
/// Referer, which would hand the address on. HTTP/1.1 only: with HTTP/2 all ranges of a file would share one
/// connection, and with it the host's limit per connection.
pub(crate) fn http_client(settings: &Settings, timeouts: Timeouts) -> reqwest::ClientBuilder {
    let allow_private = settings.allow_private_media;
    reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.stall)
        .http1_only()
        .referer(false)
        .redirect(guard::redirects(allow_private))
        .dns_resolver(guard::GuardedNames { allow_private })
}

async fn refusal(mut response: Response, is_json: bool) -> MediaError {
    let status = response.status().as_u16();
    let after = wait_asked_for(response.headers()).unwrap_or(DEFAULT_WAIT);
    let mut detail = Detail {
        api: API,
        status: Some(status),
        code: None,
        message: format!("the media host answered HTTP {status}"),
        log_id: None,
    };
    if is_json {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ERROR_BYTES {
                break;
            }
        }
        if let Ok(body) = serde_json::from_slice(&body) {
            detail.code = lenient::integer(&body, "code");
            detail.message =
                lenient::text(&body, "msg").map_or(detail.message, |words| redact::plain(&words));
        }
    }
    match status {
        429 => MediaError::RateLimited { after },
        _ if detail.code == Some(RATE_LIMITED) => MediaError::RateLimited { after },
        408 | 425 | 500.. => MediaError::Transient(detail),
        401 | 403 | 404 | 410 => MediaError::UrlExpired(detail),
        _ if is_json => MediaError::UrlExpired(detail),
        _ => MediaError::Permanent(detail),
    }
}

fn broken(error: reqwest::Error) -> MediaError {
    if let Some(refusal) = GuardRefusal::behind(&error) {
        return MediaError::Refused(refusal);
    }
    if error.is_timeout() && !error.is_connect() {
        return MediaError::Stalled;
    }
    let message = redact::network_error(error);
    MediaError::Transient(Detail { api: API, status: None, code: None, message, log_id: None })
}
