//! The client itself: its settings, its HTTP clients, and how one JSON call is made.
//!
//! JSON calls have a total timeout and follow no redirects, since they carry secrets. Media has its own HTTP
//! client (see [`media`](crate::media)) with none of that.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use tokio::sync::Mutex;
use url::{Host, Url};

use crate::auth::AppCredentials;
use crate::budget::{Api, Budgets, Priority, searches_a_minute};
use crate::envelope::{Cause, Envelope, Failure, Reply};
use crate::error::{Detail, Error};
use crate::messages::Spacing;
use crate::tenant::TenantToken;
use crate::{long_connection, media, redact};

/// No JSON answer of these APIs comes near this, in bytes.
const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;
/// A wait that the platform asks for is believed up to here.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Where the platform is and who we are to it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The self-built app.
    pub app: AppCredentials,
    /// `https://open.feishu.cn` or `https://open.larksuite.com`.
    pub open_base: Url,
    /// `https://accounts.feishu.cn` or `https://accounts.larksuite.com`.
    pub accounts_base: Url,
    /// Whether media may come from private addresses, and the long connection lead to one: for company proxies that resolve the media host into
    /// 198.18.0.0/15, and for tests.
    pub allow_private_media: bool,
    /// The `User-Agent` of every request.
    pub user_agent: String,
    /// How much of each published rate limit is ours, finite and above 0: 1 for all of it, 0.5 where another tool
    /// uses the same app, more where the platform has raised the limits.
    pub rate_factor: f64,
}

/// How long to wait for the platform.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For a whole JSON answer, from the request on.
    pub answer: Duration,
    /// For a whole transcript, which is larger.
    pub transcript: Duration,
    /// For the next bytes of media. Media has no total timeout: a long recording takes its time.
    pub stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            transcript: Duration::from_mins(2),
            stall: Duration::from_mins(1),
        }
    }
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A base address that is not `http(s)://host`; names the setting.
    #[error("{0} must be an http or https address with a host")]
    BadBase(&'static str),
    /// `rate_factor` is no number above 0.
    #[error("rate_factor must be a finite number above 0")]
    BadRateFactor,
    /// The HTTP client would not start: a bad user agent, or no trusted certificates on this machine.
    #[error("the HTTP client cannot start: {0}")]
    Http(String),
}

/// A client of the platform. Clones are cheap and share rate budgets, connections and the tenant token.
///
/// While several wait for one API's budget the most urgent goes first: see [`Client::at`].
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
    priority: Priority,
}

pub(crate) struct Inner {
    pub(crate) app: AppCredentials,
    pub(crate) accounts_base: Url,
    pub(crate) allow_private_media: bool,
    pub(crate) media: reqwest::Client,
    /// For the long connection.
    pub(crate) socket: reqwest::Client,
    pub(crate) tenant_token: Mutex<Option<TenantToken>>,
    pub(crate) timeouts: Timeouts,
    pub(crate) spacing: Spacing,
    pub(crate) open_base: Url,
    http: reqwest::Client,
    budgets: Budgets,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("open_base", &self.inner.open_base.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with the usual timeouts.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        Self::with_timeouts(settings, Timeouts::default())
    }

    /// A client with timeouts of your own.
    pub fn with_timeouts(settings: Settings, timeouts: Timeouts) -> Result<Self, BuildError> {
        check_base("open_base", &settings.open_base)?;
        check_base("accounts_base", &settings.accounts_base)?;
        if !(settings.rate_factor.is_finite() && settings.rate_factor > 0.0) {
            return Err(BuildError::BadRateFactor);
        }
        let mut http = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(timeouts.connect)
            .redirect(reqwest::redirect::Policy::none());
        let mut media = media::http_client(&settings, timeouts);
        let mut socket = long_connection::http_client(&settings, timeouts);
        if is_loopback(&settings.open_base) {
            http = http.no_proxy();
            media = media.no_proxy();
            socket = socket.no_proxy();
        }
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| BuildError::Http(redact::network_error(error)))
        };
        Ok(Self {
            inner: Arc::new(Inner {
                http: build(http)?,
                media: build(media)?,
                socket: build(socket)?,
                app: settings.app,
                open_base: settings.open_base,
                accounts_base: settings.accounts_base,
                allow_private_media: settings.allow_private_media,
                timeouts,
                spacing: Spacing::default(),
                budgets: Budgets::new(settings.rate_factor),
                tenant_token: Mutex::new(None),
            }),
            priority: Priority::Person,
        })
    }

    /// The same client for work of this urgency; a new client is for a person who looks on.
    #[must_use]
    pub fn at(&self, priority: Priority) -> Self {
        Self { inner: Arc::clone(&self.inner), priority }
    }

    /// How many searches for minutes this client and its clones make in a minute of steady work at most.
    #[must_use]
    pub fn searches_a_minute(&self) -> f64 {
        searches_a_minute(self.inner.budgets.rate_factor())
    }

    /// The platform's clock in Unix milliseconds (whole seconds), from the `Date` header of a cheap answer
    /// that needs no credentials.
    pub async fn server_time(&self) -> Result<i64, Error> {
        // Without a token this is refused at once, and a refusal has a date, too.
        let request = self.request(Method::GET, "/open-apis/authen/v1/user_info");
        let reply = self.send(Api::UserInfo, request, self.inner.timeouts.answer, MAX_JSON_BYTES).await?;
        let detail = Detail {
            api: reply.api,
            status: Some(reply.status),
            code: None,
            message: "the answer has no readable Date header".to_owned(),
            log_id: reply.log_id.clone(),
        };
        let served_at_ms = reply.served_at_ms;
        // Being told to wait concerns the others, too; the time has come all the same.
        let _ = self.heed(Api::UserInfo, reply.into_envelope());
        served_at_ms.ok_or(Error::Transient(detail))
    }

    /// A request to a path below the API's base, such as `/open-apis/minutes/v1/minutes/search`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.inner.http.request(method, endpoint(&self.inner.open_base, path))
    }

    /// Makes a call whose answer is the platform's JSON.
    pub(crate) async fn call(&self, api: Api, request: RequestBuilder) -> Result<Envelope, Failure> {
        let reply = self.send(api, request, self.inner.timeouts.answer, MAX_JSON_BYTES).await?;
        self.heed(api, reply.into_envelope())
    }

    /// Makes a call whose answer is a file of at most `max_bytes`.
    pub(crate) async fn call_for_file(
        &self,
        api: Api,
        request: RequestBuilder,
        timeout: Duration,
        max_bytes: usize,
    ) -> Result<Bytes, Failure> {
        let reply = self.send(api, request, timeout, max_bytes).await?;
        self.heed(api, reply.into_file())
    }

    /// Where the platform says that it is too much, all callers of this API wait and not only this one.
    fn heed<T>(&self, api: Api, outcome: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(Failure { cause: Cause::RateLimited(wait), .. }) = &outcome {
            self.inner.budgets.pause(api, *wait);
            metrics::counter!("vault_platform_rate_limited_total", "api" => api.name()).increment(1);
        }
        outcome
    }

    /// Waits for the API's turn, sends, and reads the whole answer within its bound.
    async fn send(
        &self,
        api: Api,
        request: RequestBuilder,
        timeout: Duration,
        max_bytes: usize,
    ) -> Result<Reply, Failure> {
        let failure = |cause, status, message, log_id| Failure {
            cause,
            detail: Detail { api: api.name(), status, code: None, message, log_id },
        };
        self.inner.budgets.turn(api, self.priority).await.map_err(|wait| {
            let message = "the platform wants this API left alone for now; it was not asked".to_owned();
            failure(Cause::RateLimited(wait), None, message, None)
        })?;
        let response = request
            .timeout(timeout)
            .send()
            .await
            .map_err(|error| failure(Cause::Network, None, redact::network_error(error), None))?;
        let status = response.status().as_u16();
        let headers = response.headers();
        let log_id = header(headers, "x-tt-logid").and_then(redact::log_id);
        let mut reply = Reply {
            api: api.name(),
            status,
            content_type: header(headers, CONTENT_TYPE).map(str::to_ascii_lowercase),
            log_id: log_id.clone(),
            retry_after: wait_asked_for(headers),
            served_at_ms: header(headers, DATE).and_then(unix_ms),
            body: Bytes::new(),
        };
        reply.body = match read_bounded(response, max_bytes).await {
            Ok(Some(body)) => body,
            Ok(None) => {
                let message = format!("the answer is larger than {max_bytes} bytes");
                return Err(failure(Cause::Garbled, Some(status), message, log_id));
            }
            Err(error) => {
                let message = redact::network_error(error);
                return Err(failure(Cause::Network, Some(status), message, log_id));
            }
        };
        Ok(reply)
    }
}

/// How long the platform asks us to wait, from its own header or the standard one, both in seconds.
pub(crate) fn wait_asked_for(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |name: &str| header(headers, name)?.trim().parse::<f64>().ok();
    let seconds = seconds("x-ogw-ratelimit-reset").or_else(|| seconds(RETRY_AFTER.as_str()))?;
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    Some(wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

/// A path below a base address that may itself have a path.
pub(crate) fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

async fn read_bounded(mut response: Response, max_bytes: usize) -> Result<Option<Bytes>, reqwest::Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_bytes {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

fn header(headers: &HeaderMap, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn unix_ms(date: &str) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(date).ok().map(jiff::Timestamp::as_millisecond)
}

fn check_base(setting: &'static str, base: &Url) -> Result<(), BuildError> {
    let fits = matches!(base.scheme(), "http" | "https") && base.has_host();
    if fits { Ok(()) } else { Err(BuildError::BadBase(setting)) }
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
