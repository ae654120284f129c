//! Events as the webhook or the long connection brings them: from raw bytes to something that can be believed.
//! Feishu docs: event subscription guide, encrypt key and verification token.
//!
//! It keeps no memory: an event delivered twice opens twice, and the caller drops it by its id. Timestamps
//! are not compared with the clock, since a redelivery comes hours later and is genuine.

mod crypto;
mod notice;
#[cfg(any(test, fuzzing))]
pub(crate) mod seal;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use subtle::ConstantTimeEq;

pub use notice::{Garbled, Notice};

use crate::lenient;

/// The largest event body taken, in bytes.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// No id, kind or challenge of the platform is longer, in bytes.
const MAX_NAME_BYTES: usize = 512;

/// The three signature headers, `X-Lark-Request-Timestamp`, `X-Lark-Request-Nonce` and `X-Lark-Signature`.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventHeaders<'a> {
    /// `X-Lark-Request-Timestamp`.
    pub timestamp: Option<&'a str>,
    /// `X-Lark-Request-Nonce`.
    pub nonce: Option<&'a str>,
    /// `X-Lark-Signature`.
    pub signature: Option<&'a str>,
}

/// A body that proved to come from the platform.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// The check of the webhook's address: answer `{"challenge": …}` within a second.
    Challenge(String),
    /// An event: store it, then answer 200, within three seconds.
    Event(Event),
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What to deduplicate by: `header.event_id`, or `uuid` of a v1 event.
    pub id: String,
    /// `header.event_type`, such as `vc.meeting.recording_ready_v1`.
    pub kind: String,
    /// When it happened, Unix milliseconds.
    pub created_ms: Option<i64>,
    /// The company.
    pub tenant_key: Option<String>,
    /// The `event` object; read it with [`Notice::read`].
    pub body: Value,
}

/// Why a body was not believed. None of them changes anything; none shows the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Over [`MAX_EVENT_BYTES`].
    #[error("the event is larger than 1 MiB")]
    TooLarge,
    /// Not of the platform's shape; says what is wrong.
    #[error("the event is malformed: {0}")]
    Malformed(&'static str),
    /// Wrong, missing, or unneeded only for what this body is not.
    #[error("the event's signature is wrong or missing; is the Encrypt Key the app's?")]
    BadSignature,
    /// Not our Verification Token.
    #[error("the event's Verification Token is not the app's")]
    BadToken,
    /// Genuine, for another app.
    #[error("the event belongs to another app")]
    OtherApp,
    /// Encrypted with another key, or no key is configured.
    #[error("the event cannot be decrypted with the configured Encrypt Key")]
    CannotDecrypt,
    /// An Encrypt Key is configured and the event came in the clear.
    #[error("the event is not encrypted although an Encrypt Key is configured")]
    NotEncrypted,
    /// Neither key nor token: nothing could be believed.
    #[error("neither an Encrypt Key nor a Verification Token is configured, so no event can be believed")]
    Unconfigured,
}

/// Opens event bodies with the app's Encrypt Key and Verification Token.
#[derive(Debug)]
pub struct EventVerifier {
    encrypt_key: Option<SecretString>,
    verification_token: Option<SecretString>,
    app_id: String,
}

impl EventVerifier {
    /// Empty secrets count as none.
    #[must_use]
    pub fn new(
        encrypt_key: Option<SecretString>,
        verification_token: Option<SecretString>,
        app_id: String,
    ) -> Self {
        let set = |secret: Option<SecretString>| secret.filter(|secret| !secret.expose_secret().is_empty());
        Self { encrypt_key: set(encrypt_key), verification_token: set(verification_token), app_id }
    }

    /// Proves a body and opens it. Works on the raw bytes as received.
    pub fn open(&self, headers: &EventHeaders<'_>, body: &[u8]) -> Result<Incoming, Refusal> {
        if body.len() > MAX_EVENT_BYTES {
            return Err(Refusal::TooLarge);
        }
        match &self.encrypt_key {
            Some(key) => self.open_sealed(key.expose_secret(), headers, body),
            None if self.verification_token.is_some() => self.open_plain(body),
            None => Err(Refusal::Unconfigured),
        }
    }

    fn open_sealed(&self, key: &str, headers: &EventHeaders<'_>, body: &[u8]) -> Result<Incoming, Refusal> {
        let signature = headers.signature.filter(|signature| !signature.is_empty());
        if let Some(signature) = signature {
            let (timestamp, nonce) =
                (headers.timestamp.unwrap_or_default(), headers.nonce.unwrap_or_default());
            if !crypto::signature_matches(timestamp, nonce, key, body, signature) {
                return Err(Refusal::BadSignature);
            }
        }
        let outer = parse_object(body)?;
        let Some(sealed) = outer.get("encrypt") else {
            // Only the check of the address may come in the clear, and only with the right token.
            let provable = is_url_check(&outer) && self.verification_token.is_some();
            return if provable { self.challenge(&outer) } else { Err(Refusal::NotEncrypted) };
        };
        let plaintext = sealed
            .as_str()
            .ok_or(Refusal::Malformed("encrypt is not text"))
            .map(|sealed| crypto::decrypt(key, sealed))?;
        if signature.is_some() {
            return self.read(&parse_object(&plaintext.ok_or(Refusal::CannotDecrypt)?)?);
        }
        // The check of the address carries no signature. Everything else unsigned gets one and the same
        // answer, whether it decrypts or not: a difference would be a padding oracle.
        let inner = plaintext.and_then(|plaintext| parse_object(&plaintext).ok()).filter(is_url_check);
        inner
            .ok_or(Refusal::BadSignature)
            .and_then(|inner| self.challenge(&inner).map_err(|_| Refusal::BadSignature))
    }

    fn open_plain(&self, body: &[u8]) -> Result<Incoming, Refusal> {
        let body = parse_object(body)?;
        if body.get("encrypt").is_some() {
            return Err(Refusal::CannotDecrypt);
        }
        self.read(&body)
    }

    fn read(&self, body: &Value) -> Result<Incoming, Refusal> {
        if is_url_check(body) { self.challenge(body) } else { self.event(body).map(Incoming::Event) }
    }

    fn challenge(&self, body: &Value) -> Result<Incoming, Refusal> {
        self.check_token(body)?;
        name(body, "challenge").map(Incoming::Challenge).ok_or(Refusal::Malformed("no challenge"))
    }

    /// Reads an event that came over the long connection: in the clear, and proved by the connection itself, which
    /// only the app's secret opens. So neither key nor token is asked for; whose event it is, is.
    pub fn read_unsealed(&self, body: &[u8]) -> Result<Event, Refusal> {
        if body.len() > MAX_EVENT_BYTES {
            return Err(Refusal::TooLarge);
        }
        self.proved_event(&parse_object(body)?)
    }

    fn event(&self, body: &Value) -> Result<Event, Refusal> {
        self.check_token(body.get("header").unwrap_or(body))?;
        self.proved_event(body)
    }

    fn proved_event(&self, body: &Value) -> Result<Event, Refusal> {
        let content = body.get("event").filter(|event| event.is_object());
        let content = content.ok_or(Refusal::Malformed("no event object"))?;
        // A v2 event keeps its facts in a header; a v1 event keeps some outside and some inside.
        let (outside, inside) = body.get("header").map_or((body, content), |header| (header, header));
        if name(inside, "app_id").is_some_and(|app_id| app_id != self.app_id) {
            return Err(Refusal::OtherApp);
        }
        Ok(Event {
            id: name(outside, "event_id")
                .or_else(|| name(outside, "uuid"))
                .ok_or(Refusal::Malformed("no event id"))?,
            kind: name(inside, "event_type")
                .or_else(|| name(inside, "type"))
                .ok_or(Refusal::Malformed("no event type"))?,
            created_ms: lenient::integer(outside, "create_time").or_else(|| seconds_as_ms(outside, "ts")),
            tenant_key: name(inside, "tenant_key"),
            body: content.clone(),
        })
    }

    fn check_token(&self, holder: &Value) -> Result<(), Refusal> {
        let Some(expected) = &self.verification_token else {
            return Ok(());
        };
        let token = lenient::text(holder, "token").unwrap_or_default();
        let matches = bool::from(token.as_bytes().ct_eq(expected.expose_secret().as_bytes()));
        if matches { Ok(()) } else { Err(Refusal::BadToken) }
    }
}

fn parse_object(bytes: &[u8]) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Refusal::Malformed("not JSON"))?;
    if value.is_object() { Ok(value) } else { Err(Refusal::Malformed("not a JSON object")) }
}

fn is_url_check(body: &Value) -> bool {
    body.get("type").and_then(Value::as_str) == Some("url_verification")
}

/// A short text without control characters.
fn name(object: &Value, key: &str) -> Option<String> {
    lenient::text(object, key).filter(|text| text.len() <= MAX_NAME_BYTES && !text.contains(char::is_control))
}

/// v1 events write `"1550038112.123"`.
fn seconds_as_ms(object: &Value, key: &str) -> Option<i64> {
    let text = lenient::text(object, key)?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let milliseconds: String = fraction.chars().chain("000".chars()).take(3).collect();
    seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(milliseconds.parse::<u16>().ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn open(plaintext: &Value, signed: bool) -> Result<Incoming, Refusal> {
        let body = json!({"encrypt": seal::encrypt("ek", plaintext.to_string().as_bytes())}).to_string();
        let signature = seal::sign("1763900000", "nonce", "ek", body.as_bytes());
        let headers = EventHeaders {
            timestamp: Some("1763900000"),
            nonce: Some("nonce"),
            signature: signed.then_some(signature.as_str()),
        };
        EventVerifier::new(Some("ek".into()), Some("vt".into()), "cli_a".to_owned())
            .open(&headers, body.as_bytes())
    }

    #[test]
    fn an_event_dressed_as_a_challenge_is_still_unsigned() {
        let mut body = json!({
            "schema": "2.0", "challenge": "c", "token": "vt",
            "header": {"event_id": "e", "event_type": "k", "token": "vt", "app_id": "cli_a"}, "event": {},
        });
        assert_eq!(open(&body, false), Err(Refusal::BadSignature));
        assert!(matches!(open(&body, true), Ok(Incoming::Event(event)) if event.id == "e"));
        body["type"] = json!("url_verification");
        assert_eq!(open(&body, false), Ok(Incoming::Challenge("c".to_owned())));
    }

    #[test]
    fn a_signed_event_still_needs_its_token_and_a_decent_name() {
        let event = |token: &str, id: &str| json!({"header": {"event_id": id, "event_type": "k", "token": token, "app_id": "cli_a"}, "event": {}});
        assert!(open(&event("vt", "e"), true).is_ok());
        assert_eq!(open(&event("other", "e"), true), Err(Refusal::BadToken));
        for bad in ["", "a\nb", &"x".repeat(600)] {
            assert_eq!(open(&event("vt", bad), true), Err(Refusal::Malformed("no event id")), "{bad:?}");
        }
        assert_eq!(open(&json!("text"), true), Err(Refusal::Malformed("not a JSON object")));
    }
}
