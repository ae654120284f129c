//! Light or dark: as the browser's system has it, or as its person chose for this place (`?theme=dark`, kept in a
//! cookie). The server knows it before the first byte, so nothing flashes and no script is needed.

use axum::http::{HeaderMap, Uri};
use axum_extra::extract::cookie::CookieJar;
use url::form_urlencoded;

/// Where a browser keeps what its person chose.
pub(crate) const THEME_COOKIE: &str = "mv_theme";

/// How pages look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// For addresses and cookies.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Of its name for people.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::System => "theme-system",
            Self::Light => "theme-light",
            Self::Dark => "theme-dark",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }

    /// `?theme=dark`.
    pub(crate) fn asked_for(uri: &Uri) -> Option<Self> {
        let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
        pairs.find_map(|(name, value)| Self::from_word(&value).filter(|_| name == "theme"))
    }

    /// What counts for this request.
    pub(crate) fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let chosen = || Self::from_word(CookieJar::from_headers(headers).get(THEME_COOKIE)?.value());
        Self::asked_for(uri).or_else(chosen).unwrap_or_default()
    }

    /// For `<meta name="color-scheme">`: what the browser draws its own parts in.
    pub(crate) const fn color_scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// When the dark colours count, as a media query; none: never.
    pub(crate) const fn when_dark(self) -> Option<&'static str> {
        match self {
            Self::System => Some("screen and (prefers-color-scheme: dark)"),
            Self::Light => None,
            // Paper is white.
            Self::Dark => Some("screen"),
        }
    }

    /// Has the browser keep it, or forget it where the system is to decide.
    pub(crate) fn cookie(self, path: &str) -> String {
        let (word, age) = if self == Self::System { ("", 0) } else { (self.word(), 31_536_000) };
        format!("{THEME_COOKIE}={word}; Path={path}; Max-Age={age}; SameSite=Lax")
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::COOKIE;

    use super::*;

    #[test]
    fn the_address_counts_before_the_cookie_and_nonsense_before_nothing() {
        let of = |path: &'static str, cookie: &'static str| {
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookie))]);
            Theme::of(&headers, &Uri::from_static(path))
        };
        assert_eq!(of("/", ""), Theme::System);
        assert_eq!(of("/?theme=pink", "mv_theme=\"><script>"), Theme::System);
        assert_eq!(of("/?x=dark", "mv_theme=dark"), Theme::Dark);
        assert_eq!(of("/?theme=light&q=x", "mv_theme=dark"), Theme::Light);
        assert_eq!(of("/?theme=system", "mv_theme=dark"), Theme::System);
    }
}
