//! Posts to an address that an operator configured: not the platform, but reached from the same place and so kept by
//! the same guard from addresses inside the company, unless those are allowed. No redirect is followed.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::client::BuildError;
use crate::guard::{self, GuardedNames};
use crate::redact;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Where an operator wants posts. It may hold a token of its own, so it is shown only up to its host.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundUrl(Url);

impl OutboundUrl {
    /// Reads an http(s) address with a host, whatever else is in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(Self(url))
    }

    /// All of it.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for OutboundUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutboundUrl({}://{}/…)", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

/// Why a post did not arrive, fit for logs: no address, no secret.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address is one that may not be visited.
    #[error(
        "the address is, or leads to, a private one, which is refused unless the configuration allows it"
    )]
    Refused,
    /// The other side answered with something other than a success.
    #[error("the answer is HTTP {0}")]
    Status(u16),
    /// It could not be reached.
    #[error("{0}")]
    Network(String),
}

/// A poster. Clones share connections.
#[derive(Debug, Clone)]
pub struct Outbound {
    http: reqwest::Client,
    allow_private: bool,
}

impl Outbound {
    /// Posts as `user_agent`, to addresses inside the company only with `allow_private`.
    pub fn new(user_agent: &str, allow_private: bool) -> Result<Self, BuildError> {
        let mut http = reqwest::Client::builder()
            .user_agent(user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(std::sync::Arc::new(GuardedNames { allow_private }));
        if allow_private {
            // What is inside is not reached through the way out.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| BuildError::Http(redact::network_error(error)))?;
        Ok(Self { http, allow_private })
    }

    /// Posts a JSON body with these headers; good when the answer is 2xx.
    pub async fn post(
        &self,
        url: &OutboundUrl,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<(), OutboundError> {
        guard::check(&url.0, self.allow_private).map_err(|_| OutboundError::Refused)?;
        let mut request =
            self.http.post(url.0.clone()).header("content-type", "application/json; charset=utf-8");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response =
            request.body(body).send().await.map_err(|error| match guard::GuardRefusal::behind(&error) {
                Some(_) => OutboundError::Refused,
                None => OutboundError::Network(redact::network_error(error)),
            })?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(OutboundError::Status(status.as_u16())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> OutboundUrl {
        OutboundUrl::parse(text).unwrap()
    }

    #[test]
    fn an_address_shows_its_host_alone() {
        let url = at("https://user:of-theirs@hooks.example.com/of-theirs?key=of-theirs#of-theirs");
        assert_eq!(format!("{url:?}"), "OutboundUrl(https://hooks.example.com/…)");
        assert_eq!(OutboundUrl::parse("ftp://hooks.example.com/"), None);
        assert_eq!(OutboundUrl::parse("hooks.example.com"), None);
    }

    #[tokio::test]
    async fn inside_is_refused_unless_it_is_allowed() {
        let inside = Outbound::new("test", false).unwrap();
        for url in ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "https://10.0.0.1/"] {
            let error = inside.post(&at(url), &[], String::new()).await.unwrap_err();
            assert!(matches!(error, OutboundError::Refused), "{url}: {error}");
        }
        let allowed = Outbound::new("test", true).unwrap();
        let error = allowed.post(&at("http://127.0.0.1:9/"), &[], String::new()).await.unwrap_err();
        assert!(matches!(error, OutboundError::Network(_)), "{error}");
    }
}
