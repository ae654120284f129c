//! `GET /auth/start`: what is granted and why, and one button to the platform. With `?for=company-record` an
//! administrator is asked for the company's own record of its meetings, too; only where the configuration names one.

use archive::members::Ask;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::auth::Reception;
use crate::attempt::{Attempt, Attempts};
use crate::notice::Notice;
use crate::page::{COMPANY_RECORD, StartPage, show};
use crate::visitor::Visitor;

pub(super) async fn start(
    State(Reception { authoriser, site, clock, .. }): State<Reception>,
    visitor: Visitor,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some(redirect_uri) = site.redirect_uri(&headers, &uri) else {
        return Notice::BadHost.page(&site, &visitor, None);
    };
    let ask =
        if asks_for_company_record(&uri) && site.has_administrators { Ask::CompanyRecord } else { Ask::Own };
    let started = authoriser.start(redirect_uri.as_str(), ask);
    let language = visitor.words.language();
    let attempt = Attempt::new(&started, redirect_uri.into(), language, ask, clock.now_ms());
    let attempts = Attempts::of(&headers, &site).keep(&attempt);
    let page = StartPage::new(&site, &visitor, ask, &authoriser.scopes(ask), started.url.as_str());
    (attempts, show(StatusCode::OK, &page)).into_response()
}

#[derive(Default, Deserialize)]
struct Wish {
    r#for: Option<String>,
}

fn asks_for_company_record(uri: &Uri) -> bool {
    let wish = Query::<Wish>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
    wish.r#for.as_deref() == Some(COMPANY_RECORD)
}
