//! The shape of every JSON answer: `{"code":0,"msg":…,"data":…}`, where a `code` other than 0 is an error
//! whatever the HTTP status. Feishu docs: calling process, generic error codes.
//!
//! It does not decide what an error means; [`Error`](crate::Error) and [`TokenError`](crate::TokenError) do.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::error::Detail;
use crate::{lenient, redact};

/// The code of "request trigger frequency limit", sent with 429 or, by older APIs, with 400.
const RATE_LIMITED: i64 = 99_991_400;
/// How long to wait when the platform limits us and does not say how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(10);

/// One HTTP answer, read whole within its bound.
pub(crate) struct Reply {
    pub(crate) api: &'static str,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) log_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// The platform's clock, from the `Date` header, in Unix milliseconds.
    pub(crate) served_at_ms: Option<i64>,
    pub(crate) body: Bytes,
}

/// Why a call failed, before it is known what that means for the caller.
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) detail: Detail,
}

pub(crate) enum Cause {
    Network,
    /// An answer that is not of the platform's shape.
    Garbled,
    RateLimited(Duration),
    /// The platform's own error; `scopes` are those it named as missing.
    Platform {
        code: i64,
        scopes: Vec<String>,
    },
}

/// A successful JSON answer.
pub(crate) struct Envelope {
    api: &'static str,
    status: u16,
    log_id: Option<String>,
    pub(crate) served_at_ms: Option<i64>,
    /// The whole answer; the OAuth token endpoint is flat.
    pub(crate) body: Value,
}

impl Reply {
    /// Reads the body as the platform's JSON.
    pub(crate) fn into_envelope(self) -> Result<Envelope, Failure> {
        if self.status == 429 {
            return Err(self.rate_limited());
        }
        let Some(body) = self.json_object() else {
            return Err(self.garbled(&self.unexpected("JSON")));
        };
        match lenient::integer(&body, "code") {
            Some(0) if self.status < 400 => Ok(Envelope {
                api: self.api,
                status: self.status,
                log_id: self.log_id,
                served_at_ms: self.served_at_ms,
                body,
            }),
            Some(0) | None => Err(self.garbled("the answer carries no usable code")),
            Some(code) => Err(self.platform_error(code, &body)),
        }
    }

    /// Takes the body as a file, unless it is an error: those are JSON even where a success is bytes.
    pub(crate) fn into_file(self) -> Result<Bytes, Failure> {
        if self.status == 429 {
            return Err(self.rate_limited());
        }
        let json = self.json_object().filter(|body| body.get("code").is_some());
        if let Some(code) =
            json.as_ref().and_then(|body| lenient::integer(body, "code")).filter(|code| *code != 0)
        {
            return Err(self.platform_error(code, &json.unwrap_or_default()));
        }
        let is_page = self.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html"));
        if self.status != 200 || json.is_some() || is_page {
            return Err(self.garbled(&self.unexpected("a file")));
        }
        Ok(self.body)
    }

    fn json_object(&self) -> Option<Value> {
        serde_json::from_slice::<Value>(&self.body).ok().filter(Value::is_object)
    }

    fn unexpected(&self, wanted: &str) -> String {
        let kind = self.content_type.as_deref().unwrap_or("an unnamed type");
        format!("the answer is {} bytes of {kind}, not {wanted}", self.body.len())
    }

    fn platform_error(&self, code: i64, body: &Value) -> Failure {
        if code == RATE_LIMITED {
            return self.rate_limited();
        }
        let error = body.get("error").unwrap_or(&Value::Null);
        let scopes = lenient::list(error, "permission_violations")
            .iter()
            .filter_map(|violation| lenient::text(violation, "subject"))
            .map(|subject| redact::plain(&subject))
            .take(50)
            .collect();
        let message = ["msg", "error_description", "message"].iter().find_map(|key| lenient::text(body, key));
        let mut detail =
            self.detail(&message.unwrap_or_else(|| "the platform gave no words for it".to_owned()));
        detail.code = Some(code);
        detail.log_id = self
            .log_id
            .clone()
            .or_else(|| lenient::text(error, "log_id").as_deref().and_then(redact::log_id));
        Failure { cause: Cause::Platform { code, scopes }, detail }
    }

    fn rate_limited(&self) -> Failure {
        let mut detail = self.detail("too many requests");
        detail.code = self.json_object().and_then(|body| lenient::integer(&body, "code"));
        Failure { cause: Cause::RateLimited(self.retry_after.unwrap_or(DEFAULT_WAIT)), detail }
    }

    fn garbled(&self, message: &str) -> Failure {
        Failure { cause: Cause::Garbled, detail: self.detail(message) }
    }

    fn detail(&self, message: &str) -> Detail {
        Detail {
            api: self.api,
            status: Some(self.status),
            code: None,
            message: redact::plain(message),
            log_id: self.log_id.clone(),
        }
    }
}

impl Envelope {
    /// The `data` object, which every API but the token endpoint has.
    pub(crate) fn data(&self) -> Result<&Value, Failure> {
        self.body.get("data").filter(|data| data.is_object()).ok_or_else(|| self.without("data"))
    }

    /// The failure of an answer that says success and lacks what makes it one.
    pub(crate) fn without(&self, field: &str) -> Failure {
        Failure {
            cause: Cause::Garbled,
            detail: Detail {
                api: self.api,
                status: Some(self.status),
                code: Some(0),
                message: format!("the answer says success but has no usable {field}"),
                log_id: self.log_id.clone(),
            },
        }
    }
}
