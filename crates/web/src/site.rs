//! How this place is seen from outside: the addresses under which a browser finds it.

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use axum_extra::extract::cookie::Key;
use url::Url;

const CALLBACK: &str = "/auth/callback";

/// How this place is seen from outside.
#[derive(Clone)]
pub struct Site {
    /// Where employees' browsers find us; all addresses are built on it when it is set. May have a path.
    pub public_url: Option<Url>,
    /// Whether `X-Forwarded-Host` and `X-Forwarded-Proto` come from a proxy of ours.
    pub trust_proxy: bool,
    /// Seals the cookies in which a browser carries its own authorisation.
    pub cookie_key: [u8; 64],
    /// Whose archive this is, for people to read.
    pub company_name: Option<String>,
    /// Whether an administrator may be asked for the company's own record of its meetings.
    pub has_administrators: bool,
}

impl Site {
    /// Where the platform sends a browser back to; none when the browser names no proper host.
    ///
    /// The platform compares it with the app's list of redirect URLs exactly.
    pub(crate) fn redirect_uri(&self, headers: &HeaderMap, uri: &Uri) -> Option<Url> {
        let Some(public_url) = &self.public_url else {
            return self.origin_of(headers, uri)?.join(CALLBACK).ok();
        };
        let mut url = public_url.clone();
        url.set_path(&self.path(CALLBACK));
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    }

    /// A path of ours as a browser has to ask for it, for links and cookies.
    pub(crate) fn path(&self, path: &str) -> String {
        let base = self.public_url.as_ref().map_or("", |url| url.path().trim_end_matches('/'));
        format!("{base}{path}")
    }

    /// A path of ours with our address before it, as it is configured or was asked for; for what leaves the browser.
    pub(crate) fn address(&self, path: &str, headers: &HeaderMap, uri: &Uri) -> String {
        let home = self.public_url.clone().or_else(|| self.origin_of(headers, uri));
        let origin = home.map(|url| url.origin().ascii_serialization());
        format!("{}{}", origin.unwrap_or_default(), self.path(path))
    }

    pub(crate) fn key(&self) -> Key {
        Key::from(&self.cookie_key)
    }

    fn origin_of(&self, headers: &HeaderMap, uri: &Uri) -> Option<Url> {
        let forwarded = |name: &str| {
            // A chain of proxies appends; what the browser asked for comes first.
            let value = headers.get(name).filter(|_| self.trust_proxy)?.to_str().ok()?;
            value.split(',').next().map(str::trim).filter(|value| !value.is_empty())
        };
        let scheme = match forwarded("x-forwarded-proto") {
            None => "http",
            Some(proto) => ["http", "https"].into_iter().find(|scheme| proto.eq_ignore_ascii_case(scheme))?,
        };
        let host = match forwarded("x-forwarded-host") {
            Some(host) => host,
            None => match headers.get(HOST) {
                Some(host) => host.to_str().ok()?,
                None => uri.authority()?.as_str(), // HTTP/2 has no Host header
            },
        };
        is_host(host).then(|| Url::parse(&format!("{scheme}://{host}/")).ok()).flatten()
    }
}

/// A name or address, perhaps with a port, and nothing that could end the host part of a URL early.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn site(public_url: Option<&str>, trust_proxy: bool) -> Site {
        let public_url = public_url.map(|url| Url::parse(url).unwrap());
        Site { public_url, trust_proxy, cookie_key: [7; 64], company_name: None, has_administrators: false }
    }

    fn seen(site: &Site, headers: &[(&'static str, &str)]) -> Option<String> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        site.redirect_uri(&headers, &Uri::from_static("/auth/start")).map(Into::into)
    }

    #[test]
    fn the_public_address_wins_over_every_header() {
        let headers = [("host", "10.0.0.9:29090"), ("x-forwarded-host", "evil.example")];
        for (public_url, expected) in [
            ("https://vault.example.com", "https://vault.example.com/auth/callback"),
            ("https://vault.example.com/", "https://vault.example.com/auth/callback"),
            ("https://example.com:8443/vault/?x=1#y", "https://example.com:8443/vault/auth/callback"),
        ] {
            assert_eq!(seen(&site(Some(public_url), true), &headers).as_deref(), Some(expected));
        }
    }

    #[test]
    fn forwarded_headers_count_only_from_a_proxy_of_ours() {
        let headers = [
            ("host", "10.0.0.9:29090"),
            ("x-forwarded-host", "vault.example.com, inner"),
            ("x-forwarded-proto", "https"),
        ];
        let trusted = seen(&site(None, true), &headers);
        assert_eq!(trusted.as_deref(), Some("https://vault.example.com/auth/callback"));
        let untrusted = seen(&site(None, false), &headers);
        assert_eq!(untrusted.as_deref(), Some("http://10.0.0.9:29090/auth/callback"));
        let odd = [("host", "vault"), ("x-forwarded-proto", "javascript")];
        assert_eq!(seen(&site(None, true), &odd), None);
    }

    #[test]
    fn hosts_that_could_lead_elsewhere_are_refused() {
        for host in ["", "a b", "user@evil", "evil/x", "evil?x", "evil#x", "a\\b", "[::1", "a:99999", "%61"] {
            assert_eq!(seen(&site(None, false), &[("host", host)]), None, "{host}");
        }
        let six = seen(&site(None, false), &[("host", "[::1]:29090")]);
        assert_eq!(six.as_deref(), Some("http://[::1]:29090/auth/callback"));
        assert_eq!(seen(&site(None, false), &[]), None);
    }

    proptest! {
        #[test]
        fn whatever_the_host_the_callback_is_ours(host in "[ -~]{0,40}") {
            if let Some(uri) = seen(&site(None, false), &[("host", &host)]) {
                let url = Url::parse(&uri).unwrap();
                prop_assert_eq!(url.path(), CALLBACK);
                prop_assert_eq!((url.scheme(), url.username(), url.query(), url.fragment()), ("http", "", None, None));
            }
        }
    }
}
