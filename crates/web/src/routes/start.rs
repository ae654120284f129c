//! `GET /auth/start`: what is granted and why, and one button to the platform.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::auth::Reception;
use crate::attempt::{Attempt, Attempts};
use crate::notice::Notice;
use crate::page::{StartPage, show};
use crate::visitor::Visitor;

pub(super) async fn start(
    State(Reception { authoriser, site, clock }): State<Reception>,
    visitor: Visitor,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some(redirect_uri) = site.redirect_uri(&headers, &uri) else {
        return Notice::BadHost.page(&site, &visitor, None);
    };
    let started = authoriser.start(redirect_uri.as_str());
    let attempt = Attempt::new(&started, redirect_uri.into(), visitor.words.language(), clock.now_ms());
    let attempts = Attempts::of(&headers, &site).keep(&attempt);
    let scopes = authoriser.features().user_scopes();
    let page = StartPage::new(&site, &visitor, &scopes, started.url.as_str());
    (attempts, show(StatusCode::OK, &page)).into_response()
}
