//! A browser's authorisations under way. Each is kept in a cookie of its own that only we can read, so
//! that several tabs work and nothing is kept here. The cookie outlives the attempt, so that somebody who
//! comes back late is told so.

use archive::members::Ask;
use axum::http::HeaderMap;
use axum::response::{IntoResponseParts, ResponseParts};
use axum_extra::extract::cookie::{Cookie, CookieJar, PrivateCookieJar};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::site::Site;
use crate::words::Language;

/// How long a person may take, in ms.
const LIFETIME_MS: u64 = 3_600_000;
/// Older ones are dropped: a browser sends them all with every request.
const MOST: usize = 5;
const PREFIX: &str = "mv_auth_";
/// A day, and not a session, since a browser may be closed on the way. Lax, not Strict: the platform's
/// redirect comes from another site.
const ATTRIBUTES: &str = "attempt=; Max-Age=86400; HttpOnly; SameSite=Lax";

/// An authorisation under way.
#[derive(Serialize, Deserialize)]
pub(crate) struct Attempt {
    state: String,
    verifier: String,
    /// Where the platform was told to come back to; the token endpoint wants it again.
    pub(crate) redirect_uri: String,
    issued_at_ms: i64,
    /// Whether the company's own record was asked for, too.
    #[serde(default)]
    company_record: bool,
    /// Set: the person signs in.
    #[serde(default)]
    pub(crate) errand: Option<Errand>,
    /// What the person read before they left.
    pub(crate) language: Language,
}

/// What somebody who signs in came for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// Where they go then: a path of ours, with its query, without the public address's own path.
    pub(crate) to: String,
    /// What the one-time link of the first administrator held.
    pub(crate) first: Option<String>,
}

impl Attempt {
    pub(crate) fn new(
        started: &archive::members::Started,
        redirect_uri: String,
        language: Language,
        ask: Ask,
        now_ms: i64,
    ) -> Self {
        Self {
            state: started.state.clone(),
            verifier: started.verifier.expose_secret().to_owned(),
            redirect_uri,
            issued_at_ms: now_ms,
            company_record: ask == Ask::CompanyRecord,
            errand: None,
            language,
        }
    }

    /// The same, to sign in.
    pub(crate) fn on(self, errand: Errand) -> Self {
        Self { errand: Some(errand), ..self }
    }

    pub(crate) fn verifier(&self) -> SecretString {
        self.verifier.as_str().into()
    }

    pub(crate) fn ask(&self) -> Ask {
        if self.company_record { Ask::CompanyRecord } else { Ask::Own }
    }

    pub(crate) fn is_stale(&self, now_ms: i64) -> bool {
        self.issued_at_ms.abs_diff(now_ms) > LIFETIME_MS
    }
}

/// All attempts of one browser, as its request brought them.
pub(crate) struct Attempts {
    opened: PrivateCookieJar,
    /// As they came: a cookie that we cannot read must go, too.
    sealed: CookieJar,
    path: String,
}

impl Attempts {
    pub(crate) fn of(headers: &HeaderMap, site: &Site) -> Self {
        Self {
            opened: PrivateCookieJar::from_headers(headers, site.key()),
            sealed: CookieJar::from_headers(headers),
            path: site.path("/auth"),
        }
    }

    /// The attempt that began with this state in this browser.
    pub(crate) fn find(&self, state: &str) -> Option<Attempt> {
        let attempt: Attempt = serde_json::from_str(self.opened.get(&name(state))?.value()).ok()?;
        bool::from(attempt.state.as_bytes().ct_eq(state.as_bytes())).then_some(attempt)
    }

    /// Has the browser keep one more attempt, and let go of the oldest.
    pub(crate) fn keep(mut self, attempt: &Attempt) -> Self {
        let mut others: Vec<(i64, String)> = self
            .sealed
            .iter()
            .filter(|cookie| cookie.name().starts_with(PREFIX))
            .map(|cookie| {
                let opened = self.opened.get(cookie.name());
                let attempt = opened.and_then(|cookie| serde_json::from_str::<Attempt>(cookie.value()).ok());
                (attempt.map_or(i64::MIN, |attempt| attempt.issued_at_ms), cookie.name().to_owned())
            })
            .collect();
        others.sort_unstable_by(|one, other| other.cmp(one));
        let readable = others.iter().take_while(|(issued_at_ms, _)| *issued_at_ms > i64::MIN).count();
        for (_, name) in others.split_off(readable.min(MOST - 1)) {
            self = self.drop(name);
        }
        let content = serde_json::to_string(attempt).unwrap_or_default(); // fails only on maps with odd keys
        let mut cookie = Cookie::parse(ATTRIBUTES).unwrap_or_else(|_| Cookie::from(""));
        cookie.set_name(name(&attempt.state));
        cookie.set_value(content);
        cookie.set_secure(attempt.redirect_uri.starts_with("https:"));
        cookie.set_path(self.path.clone());
        self.opened = self.opened.add(cookie);
        self
    }

    /// Has the browser forget the attempt: a state is good for one answer.
    pub(crate) fn spend(self, state: &str) -> Self {
        self.drop(name(state))
    }

    fn drop(mut self, name: String) -> Self {
        let mut cookie = Cookie::from(name);
        cookie.set_path(self.path.clone());
        self.sealed = self.sealed.remove(cookie);
        self
    }
}

impl IntoResponseParts for Attempts {
    type Error = <CookieJar as IntoResponseParts>::Error;

    fn into_response_parts(self, response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        self.sealed.into_response_parts(self.opened.into_response_parts(response)?)
    }
}

/// A cookie's name must not tell the state that it belongs to.
fn name(state: &str) -> String {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(state));
    format!("{PREFIX}{}", hash.get(..16).unwrap_or_default())
}
