//! `GET /auth/callback`: what the platform sends a browser back with.

use archive::members::{AuthoriseError, Authoriser, Welcome};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tracing::{Instrument as _, Span, error, info, warn};

use super::auth::Reception;
use super::sign_in;
use crate::attempt::{Attempt, Attempts};
use crate::notice::{Notice, Way};
use crate::page::{WelcomePage, show};
use crate::visitor::Visitor;
use crate::whence::whence;
use crate::words::Words;

/// No error word of OAuth is longer.
const MAX_ERROR_BYTES: usize = 64;

/// The query, as the platform or anybody else made it.
#[derive(Default, Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

pub(super) async fn callback(
    State(reception): State<Reception>,
    mut visitor: Visitor,
    parts: Parts,
) -> Response {
    let Reception { authoriser, site, clock, .. } = reception.clone();
    let (headers, uri) = (&parts.headers, &parts.uri);
    let answer = Query::<Answer>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
    let attempts = Attempts::of(headers, &site);
    let state = answer.state.unwrap_or_default();
    let Some(attempt) = attempts.find(&state) else {
        return Notice::NotYours.page(&site, &visitor, None);
    };
    visitor.words = Words::new(attempt.language);
    let way = if attempt.errand.is_some() { Way::SignIn } else { Way::Authorise };
    if attempt.is_stale(clock.now_ms()) {
        let page = Notice::Stale.page_with(way, &site, &visitor, None);
        return (attempts.spend(&state), page).into_response();
    }
    // After an error the attempt stays good: who refused by a slip goes one page back and allows.
    if let Some(said) = answer.error {
        let (notice, detail) = why_refused(&said, way);
        return notice.page_with(way, &site, &visitor, detail);
    }
    let Some(code) = answer.code.filter(|code| !code.is_empty()) else {
        return Notice::NoCode.page_with(way, &site, &visitor, None);
    };
    if let Some(errand) = attempt.errand.clone() {
        let arrived = sign_in::arrive(&reception, &visitor, &parts, &code, &attempt, errand).await;
        return (attempts.spend(&state), arrived).into_response();
    }
    let from = whence(&parts, &site);
    let page = match finish(authoriser, code, attempt, from).await {
        Ok(welcome) => show(StatusCode::OK, &WelcomePage::new(&site, &visitor, &welcome)),
        Err(failure) => failure.notice.page_with(way, &site, &visitor, failure.detail.as_deref()),
    };
    (attempts.spend(&state), page).into_response()
}

/// `error=` instead of a code; it is shown only when it looks like a word of the platform's.
fn why_refused(said: &str, way: Way) -> (Notice, Option<&str>) {
    if said == "access_denied" {
        info!("a person declined to authorise or to sign in");
        let notice = if way == Way::SignIn { Notice::SignInDeclined } else { Notice::Declined };
        return (notice, None);
    }
    let is_word = said.len() <= MAX_ERROR_BYTES
        && said.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let word = is_word.then_some(said);
    warn!(error = word.unwrap_or("?"), "the authorize page sent a person back with an error");
    (Notice::Platform, word)
}

pub(super) struct Failure {
    pub(super) notice: Notice,
    /// What the platform said: its code and log id, never a token.
    pub(super) detail: Option<String>,
}

impl Failure {
    pub(super) fn of(failed: AuthoriseError) -> Self {
        let notice = Notice::of(&failed);
        let detail = match failed {
            AuthoriseError::StartAgain(said)
            | AuthoriseError::Administrator(said)
            | AuthoriseError::NotAllowed(said)
            | AuthoriseError::TryLater(said) => Some(said),
            // Paths and statements of our own are for the log.
            AuthoriseError::Catalog(_) => None,
        };
        Self { notice, detail }
    }
}

/// Runs to its end even when the browser goes away: the code works once, and what it bought must be kept.
async fn finish(
    authoriser: Authoriser,
    code: String,
    attempt: Attempt,
    from: String,
) -> Result<Welcome, Failure> {
    let work = async move {
        let language = Some(attempt.language.code());
        let (redirect_uri, verifier) = (&attempt.redirect_uri, attempt.verifier());
        authoriser.finish(&code, redirect_uri, &verifier, attempt.ask(), language, &from).await
    };
    match tokio::spawn(work.instrument(Span::current())).await {
        Ok(Ok(welcome)) => Ok(welcome),
        Ok(Err(failed)) => {
            warn!(error = %failed, "an authorisation came to nothing");
            Err(Failure::of(failed))
        }
        Err(stopped) => {
            error!(error = %stopped, "an authorisation was cut off");
            Err(Failure { notice: Notice::Broken, detail: None })
        }
    }
}
