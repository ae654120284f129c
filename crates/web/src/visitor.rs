//! Who is asking, as far as an answer has to fit them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum_extra::extract::cookie::CookieJar;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use crate::theme::Theme;
use crate::words::{Language, Words};

/// The number of a request, for logs and for people who report trouble.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestId(pub(crate) String);

/// Where a browser keeps the language that its person chose.
pub(crate) const LANGUAGE_COOKIE: &str = "mv_lang";
/// The same for the time zone in which they read times.
pub(crate) const ZONE_COOKIE: &str = "mv_zone";

/// Who is asking.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Texts in the language that they read.
    pub(crate) words: Words,
    /// The time zone that they chose.
    zone: Option<TimeZone>,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// A browser that shows pages, not a program.
    pub(crate) reads_html: bool,
    /// The number of this request.
    pub(crate) request_id: String,
    /// What was asked for besides language and theme, ready to have more put behind it: `?q=x&`, or `?`.
    pub(crate) wish: String,
}

impl Visitor {
    pub(crate) fn new(headers: &HeaderMap, uri: &Uri, RequestId(request_id): RequestId) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let chosen = || Language::from_tag(CookieJar::from_headers(headers).get(LANGUAGE_COOKIE)?.value());
        let language = asked_for(uri)
            .or_else(chosen)
            .unwrap_or_else(|| Language::from_accept_language(text(ACCEPT_LANGUAGE)));
        let zone =
            zone_asked_for(uri).or_else(|| zone(CookieJar::from_headers(headers).get(ZONE_COOKIE)?.value()));
        Self {
            words: Words::new(language),
            zone,
            theme: Theme::of(headers, uri),
            reads_html: !uri.path().starts_with("/api/")
                && text(ACCEPT).is_some_and(|accept| accept.contains("text/html")),
            request_id,
            wish: wish(uri),
        }
    }

    /// The time zone that they chose, else this one.
    pub(crate) fn zone_or<'a>(&'a self, usual: &'a TimeZone) -> &'a TimeZone {
        self.zone.as_ref().unwrap_or(usual)
    }

    /// The name of the time zone that they chose.
    pub(crate) fn chosen_zone(&self) -> Option<&str> {
        self.zone.as_ref()?.iana_name()
    }

    /// Whoever sent this request.
    pub(crate) fn of(parts: &Parts) -> Self {
        let id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default();
        Self::new(&parts.headers, &parts.uri, id)
    }
}

fn wish(uri: &Uri) -> String {
    let mut wish = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    wish.extend_pairs(pairs.filter(|(name, _)| !["lang", "theme", "zone"].contains(&&**name)));
    let wish = wish.finish();
    if wish == "?" { wish } else { format!("{wish}&") }
}

/// `?lang=en` or `?lang=zh`.
pub(crate) fn asked_for(uri: &Uri) -> Option<Language> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find_map(|(name, value)| Language::from_tag(&value).filter(|_| name == "lang"))
}

/// `?zone=Asia/Shanghai`
pub(crate) fn zone_asked_for(uri: &Uri) -> Option<TimeZone> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find_map(|(name, value)| (name == "zone").then(|| zone(&value))?)
}

/// A zone by its name in the IANA database.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some())
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}
