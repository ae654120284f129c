//! A program that brings a token of somebody's, in `Authorization: Bearer …` (RFC 6750); feed readers, which know
//! passwords alone, bring it as one (RFC 7617), whatever the name beside it. A session is of no use here: what a
//! browser sends by itself opens no door of programs.

use archive::members::{ApiScope, ApiToken};
use archive::model::Viewer;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use tracing::{error, warn};

use super::{Csrf, Porter, SignedIn};
use crate::notice::Notice;
use crate::whence::whence;

/// Whose token it is, behind what the token is good for.
#[derive(Debug)]
pub(crate) struct Caller {
    who: SignedIn,
    scopes: Vec<ApiScope>,
}

impl Caller {
    /// Whoever made the token, when it is good for this.
    pub(crate) fn with(self, scope: ApiScope) -> Result<SignedIn, Notice> {
        if self.scopes.contains(&scope) { Ok(self.who) } else { Err(Notice::LacksScope) }
    }

    /// Whoever made the token, whatever it is good for, and what that is.
    pub(crate) fn whoever(self) -> (SignedIn, Vec<ApiScope>) {
        (self.who, self.scopes)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(porter) = parts.extensions.get::<Porter>().cloned() else {
            error!("a door for programs was hung without a porter");
            return Err(Notice::Broken.into_response());
        };
        let now_ms = porter.clock.now_ms();
        let from = whence(parts, &porter.site);
        let Some(token) = brought(&parts.headers) else { return Err(Notice::BadToken.into_response()) };
        let not_now = |error: archive::catalog::CatalogError| {
            warn!(%error, "cannot look for a token");
            Notice::NotNow.into_response()
        };
        let Some(token) = porter.tokens.find(&token).await.map_err(not_now)? else {
            // Whoever guesses is slowed down by their address, whoever has a token by that.
            let is_patient = porter.guesses.admits(&from, now_ms);
            return Err(if is_patient { Notice::BadToken } else { Notice::TooMany }.into_response());
        };
        if !porter.pace.admits(&token.hash, now_ms) {
            return Err(Notice::TooFast.into_response());
        }
        let role = porter.roster.role(&token.open_id).await.map_err(not_now)?;
        Ok(Self::of(token, role, from, now_ms))
    }
}

impl Caller {
    fn of(token: ApiToken, role: archive::model::Role, from: String, at_ms: i64) -> Self {
        let scopes = token.scopes().collect();
        let who = SignedIn {
            viewer: Viewer { open_id: token.open_id, role },
            name: token.label,
            csrf: Csrf::of(&SecretString::default()),
            from,
            at_ms,
            session: token.hash,
        };
        Self { who, scopes }
    }
}

fn brought(headers: &HeaderMap) -> Option<SecretString> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().into());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    Some(decoded.split_once(':')?.1.into())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    fn of(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).ok()?);
        brought(&headers).map(|token| token.expose_secret().to_owned())
    }

    #[test]
    fn a_token_comes_by_itself_or_as_a_password() {
        assert_eq!(of("Bearer mvt_x").as_deref(), Some("mvt_x"));
        assert_eq!(of("bearer  mvt_x ").as_deref(), Some("mvt_x"));
        let basic = format!("Basic {}", STANDARD.encode("anybody:mvt_x:y"));
        assert_eq!(of(&basic).as_deref(), Some("mvt_x:y"));
        for other in ["mvt_x", "Digest mvt_x", "Basic %%%", "Basic bXZ0X3g="] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_token_or_none(value in "[ -~]{0,60}") {
            let _ = of(&value);
            let _ = of(&format!("Basic {}", STANDARD.encode(&value)));
        }
    }
}
