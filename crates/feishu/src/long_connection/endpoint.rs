//! Where to connect to: asked for anew before each connection.

use std::fmt;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::error::LinkError;
use super::settings::LinkSettings;
use crate::budget::Api;
use crate::client::Client;
use crate::error::Detail;
use crate::guard::{self, GuardRefusal};
use crate::lenient;

/// Where one connection may be opened, once. Whoever has it receives the company's events, so it shows only its host.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkAddress {
    /// As HTTP sees it: `https` for `wss`.
    pub(super) url: Url,
    /// `service_id`, which every ping names.
    pub(super) service: i32,
    settings: LinkSettings,
}

impl LinkAddress {
    /// How the platform wants its connections kept.
    #[must_use]
    pub fn settings(&self) -> LinkSettings {
        self.settings
    }

    /// The host that it names.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    fn parse(text: &str, settings: LinkSettings) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme {
            "wss" => "https",
            "ws" => "http",
            _ => return None,
        };
        let url = Url::parse(&format!("{scheme}://{rest}")).ok().filter(Url::has_host)?;
        let service = url.query_pairs().find(|(name, _)| name == "service_id");
        let service = service.and_then(|(_, id)| id.parse().ok()).unwrap_or_default();
        Some(Self { url, service, settings })
    }
}

impl fmt::Debug for LinkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkAddress({}/…)", self.host())
    }
}

impl Client {
    /// Asks where to connect to. Nothing is connected by it, so it also proves that the app may.
    pub async fn link_address(&self) -> Result<LinkAddress, LinkError> {
        let app = &self.inner.app;
        let body = json!({"AppID": app.app_id, "AppSecret": app.app_secret.expose_secret()});
        let request = self.request(Method::POST, "/callback/ws/endpoint").header("locale", "zh").json(&body);
        let answer = self.call(Api::LongConnection, request).await?;
        let data = answer.data()?;
        let settings = LinkSettings::default().changed_by(data.get("ClientConfig").unwrap_or(&Value::Null));
        let text = lenient::text(data, "URL");
        let address = text.and_then(|text| LinkAddress::parse(&text, settings));
        let address = address.ok_or_else(|| answer.without("URL"))?;
        self.judge(&address).map_err(|refusal| {
            let api = Api::LongConnection.name();
            let detail = Detail { api, status: None, code: None, message: String::new(), log_id: None };
            LinkError::guarded(refusal, detail)
        })?;
        Ok(address)
    }

    fn judge(&self, address: &LinkAddress) -> Result<(), GuardRefusal> {
        // The address is a secret: where the API speaks TLS, the connection does.
        if address.url.scheme() == "http" && self.inner.open_base.scheme() == "https" {
            return Err(GuardRefusal::Downgrade);
        }
        guard::check(&address.url, self.inner.allow_private_media)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_its_host_alone() {
        let text = "wss://msg-frontier.feishu.cn/ws/v2?device_id=1&service_id=33554678&ticket=secret-ticket";
        let address = LinkAddress::parse(text, LinkSettings::default()).unwrap();
        assert_eq!((address.service, address.host()), (33_554_678, "msg-frontier.feishu.cn"));
        assert_eq!(format!("{address:?}"), "LinkAddress(msg-frontier.feishu.cn/…)");
        assert_eq!(address.url.scheme(), "https");
        for bad in ["", "https://x/", "ws://", "wss:x", "file:///etc/passwd"] {
            assert_eq!(LinkAddress::parse(bad, LinkSettings::default()), None, "{bad}");
        }
    }
}
