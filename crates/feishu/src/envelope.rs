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
pub(crate) const RATE_LIMITED: i64 = 99_991_400;
/// How long to wait when the platform limits us and does not say how long.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(10);

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
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) detail: Detail,
}

#[derive(Debug)]
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::error::{Error, ScopeHolder};
    use proptest::prelude::*;

    /// An answer as it comes off the wire.
    pub(crate) fn reply(status: u16, body: &str) -> Reply {
        Reply {
            api: "GET test",
            status,
            content_type: None,
            log_id: Some("20261123log".to_owned()),
            retry_after: None,
            served_at_ms: None,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn error(status: u16, body: &str) -> Error {
        reply(status, body).into_envelope().err().expect("not a success").into()
    }

    fn kind(error: &Error) -> &'static str {
        match error {
            Error::Unauthorized(_) => "unauthorized",
            Error::MissingScope { .. } => "missing scope",
            Error::NotReady(_) => "not ready",
            Error::Denied(_) => "denied",
            Error::Gone(_) => "gone",
            Error::NotFound(_) => "not found",
            Error::RateLimited { .. } => "rate limited",
            Error::Transient(_) => "transient",
            Error::Permanent(_) => "permanent",
        }
    }

    #[test]
    fn every_code_says_what_to_do() {
        for (status, code, expected) in [
            (400, 99_991_663, "unauthorized"),
            (400, 99_991_664, "unauthorized"),
            (400, 99_991_668, "unauthorized"),
            (401, 99_991_677, "unauthorized"),
            (200, 20_005, "unauthorized"),
            (401, 2_094_011, "unauthorized"),
            (401, 4_242_424, "unauthorized"),
            (400, 99_991_672, "missing scope"),
            (400, 99_991_679, "missing scope"),
            (400, 2_091_003, "not ready"),
            (400, 124_002, "not ready"),
            (400, 122_001, "not ready"),
            (403, 2_091_005, "denied"),
            (403, 121_005, "denied"),
            (400, 230_013, "denied"),
            (400, 230_029, "denied"),
            (403, 40_004, "denied"),
            (400, 230_006, "missing scope"),
            (400, 230_020, "rate limited"),
            (400, 230_049, "transient"),
            (400, 230_099, "permanent"),
            (500, 121_005, "denied"),
            (400, 2_091_004, "gone"),
            (404, 2_091_002, "not found"),
            (404, 121_004, "not found"),
            (404, 122_002, "not found"),
            (429, 99_991_400, "rate limited"),
            (400, 99_991_400, "rate limited"),
            (500, 2_091_006, "transient"),
            (400, 2_094_005, "transient"),
            (500, 2_095_101, "transient"),
            (503, 7_777_777, "transient"),
            (400, 2_091_001, "permanent"),
            (400, 2_094_102, "permanent"),
            (200, 10_014, "permanent"),
            (400, 7_777_777, "permanent"),
            (200, -1, "permanent"),
        ] {
            for body in
                [format!(r#"{{"code":{code},"msg":"m"}}"#), format!(r#"{{"code":"{code}","msg":"m"}}"#)]
            {
                let error = error(status, &body);
                assert_eq!(kind(&error), expected, "{status} {body}");
                assert_eq!((error.code(), error.detail().status), (Some(code), Some(status)), "{body}");
            }
        }
    }

    #[test]
    fn an_unknown_code_is_called_unknown_and_a_known_one_is_not() {
        assert!(error(400, r#"{"code":7777777,"msg":"odd"}"#).to_string().contains("does not know"));
        assert!(!error(400, r#"{"code":2091001,"msg":"odd"}"#).to_string().contains("does not know"));
    }

    #[test]
    fn a_missing_scope_is_named_with_its_holder() {
        let body = r#"{"code":99991672,"msg":"Access denied","error":{"log_id":"other","permission_violations":
            [{"type":"action_scope","subject":"minutes:minutes.media:export"},{"type":"x"}]}}"#;
        let Error::MissingScope { holder, scopes, detail } = error(400, body) else {
            panic!("not a missing scope")
        };
        assert_eq!((holder, scopes), (ScopeHolder::App, vec!["minutes:minutes.media:export".to_owned()]));
        assert_eq!(detail.log_id.as_deref(), Some("20261123log"));
        let Error::MissingScope { holder, scopes, .. } = error(400, r#"{"code":99991679}"#) else {
            panic!("not a missing scope")
        };
        assert_eq!((holder, scopes), (ScopeHolder::User, vec![]));
    }

    #[test]
    fn the_log_id_comes_from_the_body_where_the_header_has_none() {
        let mut reply = reply(400, r#"{"code":2091003,"error":{"log_id":"from-the-body"}}"#);
        reply.log_id = None;
        let error = Error::from(reply.into_envelope().err().unwrap());
        assert_eq!(error.detail().log_id.as_deref(), Some("from-the-body"));
    }

    #[test]
    fn what_is_not_the_platforms_json_is_temporary_trouble_with_its_status() {
        for (status, body) in [
            (200, ""),
            (200, "<html>portal</html>"),
            (403, "Forbidden"),
            (404, "no route"),
            (502, "<html>bad gateway</html>"),
            (200, r#"{"code":0,"data":{"minute""#),
            (200, "[]"),
            (200, "{}"),
            (200, r#"{"code":null}"#),
            (500, r#"{"code":0,"msg":"success"}"#),
        ] {
            let error = error(status, body);
            assert_eq!((kind(&error), error.detail().status), ("transient", Some(status)), "{body}");
        }
        assert_eq!(kind(&error(429, "slow down")), "rate limited");
    }

    #[test]
    fn success_without_its_object_is_temporary_trouble() {
        for body in [r#"{"code":0}"#, r#"{"code":"0","data":null}"#, r#"{"code":0,"data":[]}"#] {
            let envelope = reply(200, body).into_envelope().expect("a success");
            assert_eq!(kind(&Error::from(envelope.data().expect_err("no data"))), "transient", "{body}");
        }
    }

    #[test]
    fn a_file_is_taken_as_it_is_unless_it_is_an_error() {
        let file =
            |status, body: &str| reply(status, body).into_file().map_err(|failure| kind(&failure.into()));
        for body in ["", "张三 00:01\n你好", "{ not json", r#"{"said":"in JSON"}"#, "[1]"] {
            assert_eq!(file(200, body), Ok(Bytes::copy_from_slice(body.as_bytes())), "{body}");
        }
        assert_eq!(file(200, r#"{"code":2091003,"msg":"not ready"}"#), Err("not ready"));
        assert_eq!(file(403, r#"{"code":2091005,"msg":"denied"}"#), Err("denied"));
        assert_eq!(file(200, r#"{"code":0,"data":{}}"#), Err("transient"));
        assert_eq!(file(500, "oops"), Err("transient"));
        assert_eq!(file(429, ""), Err("rate limited"));
        let page =
            Reply { content_type: Some("text/html; charset=utf-8".to_owned()), ..reply(200, "<html>") };
        assert_eq!(page.into_file().map_err(|failure| kind(&failure.into())), Err("transient"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader_or_pass_for_a_success(status in 100_u16..600, body in any::<String>()) {
            if let Err(failure) = reply(status, &body).into_envelope() {
                let _ = Error::from(failure).to_string();
            } else {
                prop_assert!(serde_json::from_str::<Value>(&body).is_ok_and(|value| value.get("code").is_some()));
            }
        }

        #[test]
        fn any_code_and_words_stay_one_short_line(code in 1_i64.., words in any::<String>()) {
            let error = error(400, &serde_json::json!({"code": code, "msg": words}).to_string());
            let line = error.to_string();
            prop_assert!(!line.contains(char::is_control) && line.chars().count() < 600);
        }
    }
}
