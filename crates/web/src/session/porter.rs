//! The porter knows the cookie: sets it, reads it, takes it back, and sends those without one to the sign-in page.

use std::sync::Arc;

use archive::catalog::{Catalog, CatalogError};
use archive::members::{ApiTokens, Roster, Sessions};
use archive::model::{Clock, Viewer};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use secrecy::{ExposeSecret as _, SecretString};
use tracing::warn;
use url::form_urlencoded;

use super::choices::chosen;
use super::{Csrf, SignedIn};
use crate::crowd::Crowd;
use crate::notice::Notice;
use crate::site::Site;
use crate::whence::whence;

const COOKIE: &str = "mv_session";
/// Lax, not Strict: links to a recording are followed from chats and mails.
const ATTRIBUTES: &str = "session=; HttpOnly; SameSite=Lax";

type SetCookie = AppendHeaders<[(HeaderName, String); 1]>;

/// What it takes to know who has signed in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Porter {
    pub(crate) catalog: Catalog,
    pub(crate) sessions: Sessions,
    pub(crate) tokens: ApiTokens,
    /// How often somebody may come, by their session.
    pub(crate) steps: Arc<Crowd>,
    /// How often a program may come, by its token.
    pub(crate) pace: Arc<Crowd>,
    /// How often somebody may bring a token that is none, by their address: however many do, programs still come in.
    pub(crate) guesses: Arc<Crowd>,
    pub(crate) roster: Roster,
    pub(crate) site: Arc<Site>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Porter {
    /// Who sent this request, if they have signed in and do not come too fast.
    pub(crate) async fn recognise(&self, parts: &Parts) -> Result<Option<SignedIn>, Notice> {
        let not_now = |error: CatalogError| {
            warn!(%error, "cannot look for a session");
            Notice::NotNow
        };
        let Some(held) = held(&parts.headers) else { return Ok(None) };
        let Some(session) = self.sessions.find(&held).await.map_err(not_now)? else { return Ok(None) };
        // Only sessions that there are are counted: whoever invents cookies fills no memory.
        if !self.steps.admits(&session.hash, self.clock.now_ms()) {
            return Err(Notice::TooFast);
        }
        let role = self.roster.role(&session.open_id).await.map_err(not_now)?;
        if let Some(chosen) = chosen(parts) {
            // The cookie has it, too: no page is refused for this.
            if let Err(error) = self.catalog.prefer(&session.open_id, &chosen).await {
                warn!(%error, "what somebody chose cannot be noted");
            }
        }
        Ok(Some(SignedIn {
            viewer: Viewer { open_id: session.open_id, role },
            name: session.name,
            csrf: Csrf::of(&held),
            from: whence(parts, &self.site),
            at_ms: self.clock.now_ms(),
            session: session.hash,
        }))
    }

    /// To the sign-in page, which leads back to what was asked for.
    pub(crate) fn turn_away(&self, parts: &Parts) -> Response {
        let asked_for = match &parts.method {
            &Method::GET | &Method::HEAD => parts.uri.path_and_query().map_or("/", |asked| asked.as_str()),
            _ => "/",
        };
        let to: String = form_urlencoded::byte_serialize(asked_for.as_bytes()).collect();
        Redirect::to(&self.site.path(&format!("/auth/sign-in?to={to}"))).into_response()
    }

    /// Has the browser hold this from now on.
    pub(crate) fn hand_over(&self, held: &SecretString, is_https: bool) -> SetCookie {
        let mut cookie = Cookie::parse(ATTRIBUTES).unwrap_or_else(|_| Cookie::from(""));
        cookie.set_name(COOKIE);
        cookie.set_value(held.expose_secret().to_owned());
        cookie.set_secure(is_https);
        cookie.set_path(self.site.path("/"));
        AppendHeaders([(SET_COOKIE, cookie.to_string())])
    }

    /// Has the browser forget it.
    pub(crate) fn take_back(&self) -> SetCookie {
        let cookie = format!("{COOKIE}=; Path={}; Max-Age=0; HttpOnly; SameSite=Lax", self.site.path("/"));
        AppendHeaders([(SET_COOKIE, cookie)])
    }
}

/// What a browser holds of a session, good or not.
pub(crate) fn held(headers: &HeaderMap) -> Option<SecretString> {
    CookieJar::from_headers(headers).get(COOKIE).map(|cookie| cookie.value().into())
}
