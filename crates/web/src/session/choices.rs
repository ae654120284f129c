//! What somebody chooses by an address (`?lang=`, `?zone=`, `?theme=`) is theirs wherever they sign in next.

use archive::members::Preferences;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum_extra::extract::cookie::CookieJar;

use crate::theme::{THEME_COOKIE, Theme};
use crate::visitor::{LANGUAGE_COOKIE, ZONE_COOKIE, asked_for, zone, zone_asked_for};
use crate::words::Language;

/// What this request chooses, if anything, and if one of our own pages or the person asks: a link from elsewhere changes
/// this browser alone.
pub(super) fn chosen(parts: &Parts) -> Option<Preferences> {
    let from = parts.headers.get("sec-fetch-site").and_then(|from| from.to_str().ok());
    let uri = &parts.uri;
    let chosen = Preferences {
        language: asked_for(uri).map(|language| language.code().to_owned()),
        zone: zone_asked_for(uri).and_then(|zone| zone.iana_name().map(str::to_owned)),
        theme: Theme::asked_for(uri).map(|theme| theme.word().to_owned()),
    };
    let is_ours = matches!(from, None | Some("same-origin" | "none"));
    (is_ours && chosen != Preferences::default()).then_some(chosen)
}

/// Cookies for a browser in which somebody has just signed in: whoever used it before may have chosen otherwise.
pub(crate) fn remembered(preferences: Preferences, path: &str) -> Vec<(HeaderName, String)> {
    let Preferences { language, zone, theme } = preferences;
    [(LANGUAGE_COOKIE, language), (ZONE_COOKIE, zone), (THEME_COOKIE, theme)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| {
            (SET_COOKIE, format!("{name}={value}; Path={path}; Max-Age=31536000; SameSite=Lax"))
        })
        .collect()
}

/// What was chosen in this browser, as far as its person has not chosen anything yet.
pub(crate) fn not_chosen_yet(preferences: &Preferences, headers: &HeaderMap) -> Option<Preferences> {
    let held = CookieJar::from_headers(headers);
    let value = |name: &str, chosen: &Option<String>| {
        held.get(name).filter(|_| chosen.is_none()).map(|cookie| cookie.value().to_owned())
    };
    let new = Preferences {
        language: value(LANGUAGE_COOKIE, &preferences.language)
            .filter(|tag| Language::from_tag(tag).is_some()),
        zone: value(ZONE_COOKIE, &preferences.zone).filter(|name| zone(name).is_some()),
        theme: value(THEME_COOKIE, &preferences.theme).filter(|word| Theme::from_word(word).is_some()),
    };
    (new != Preferences::default()).then_some(new)
}
