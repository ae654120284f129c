//! What every request passes through: a number, a line in the log, headers that keep pages safe, and a
//! page where there would be an empty answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt as _;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info, info_span};

use crate::notice::Notice;
use crate::site::Site;
use crate::theme::Theme;
use crate::visitor::{LANGUAGE_COOKIE, RequestId, Visitor, ZONE_COOKIE, asked_for, zone_asked_for};

const SAFETY: [(HeaderName, HeaderValue); 7] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // The address of the callback holds a code.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Numbers, logs and dresses one request.
pub(crate) async fn pass(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let id = RequestId(URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 9]>()));
    let visitor = Visitor::new(request.headers(), request.uri(), id.clone());
    request.extensions_mut().insert(id);
    let language = asked_for(request.uri()).map(|language| (LANGUAGE_COOKIE, language.code().to_owned()));
    let zone =
        zone_asked_for(request.uri()).and_then(|zone| Some((ZONE_COOKIE, zone.iana_name()?.to_owned())));
    let theme = Theme::asked_for(request.uri());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let span = info_span!("request", id = %visitor.request_id);
    let mut response = next.run(request).instrument(span.clone()).await;

    span.in_scope(|| {
        let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis());
        // Never the query: the callback's holds a code.
        if is_routine(&path) {
            debug!(%method, path, status, ms, "answered");
        } else {
            info!(%method, path, status, ms, "answered");
        }
    });
    if let Some(notice) = response.extensions().get::<Notice>().copied() {
        response = notice.answer(&site, &visitor);
    }
    let headers = response.headers_mut();
    headers.extend(SAFETY);
    let path = site.path("/");
    let chosen = language.into_iter().chain(zone);
    let chosen =
        chosen.map(|(name, value)| format!("{name}={value}; Path={path}; Max-Age=31536000; SameSite=Lax"));
    for cookie in chosen.chain(theme.map(|theme| theme.cookie(&path))) {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
    if let Ok(id) = HeaderValue::from_str(&visitor.request_id) {
        headers.insert("x-request-id", id);
    }
    response
}

/// Asked for by machines, over and over.
fn is_routine(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics" | "/webhook/event") || path.starts_with("/static/")
}
