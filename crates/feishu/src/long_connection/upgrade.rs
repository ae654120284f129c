//! From an address to an open WebSocket (RFC 6455 §4): an HTTP request like any other, so that proxy, certificates,
//! time-outs and the address guard are those of the rest of the client.

use std::time::Duration;

use reqwest::header::{
    CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{Response, StatusCode, Upgraded};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::endpoint::LinkAddress;
use super::error::{AUTH_FAILED, LinkError};
use super::frame::MAX_FRAME_BYTES;
use crate::client::{Client, Settings, Timeouts};
use crate::error::Detail;
use crate::guard::{GuardRefusal, GuardedNames};
use crate::redact;

const API: &str = "long connection";
/// What is too large for an event is refused as a message and does not cost the connection, up to here.
const MAX_MESSAGE_BYTES: usize = 8 * MAX_FRAME_BYTES;

pub(super) type Socket = WebSocketStream<Upgraded>;

/// The HTTP client that opens connections: guarded names, no redirects, and HTTP/1.1, which alone can be upgraded so.
pub(crate) fn http_client(settings: &Settings, timeouts: Timeouts) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .connect_timeout(timeouts.connect)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(GuardedNames { allow_private: settings.allow_private_media })
}

impl Client {
    /// The open socket behind an address.
    pub(super) async fn open_socket(&self, address: &LinkAddress) -> Result<Socket, LinkError> {
        let key = generate_key();
        let request = self
            .inner
            .socket
            .get(address.url.clone())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &key);
        let response = within(self.inner.timeouts.answer, request.send()).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refusal(&response));
        }
        let accepts =
            response.headers().get(SEC_WEBSOCKET_ACCEPT).map(reqwest::header::HeaderValue::as_bytes);
        if accepts != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(broken("the answer to the upgrade is no WebSocket's"));
        }
        let stream = within(self.inner.timeouts.answer, response.upgrade()).await?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        Ok(WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await)
    }
}

async fn within<T>(
    patience: Duration,
    step: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, LinkError> {
    match timeout(patience, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(match GuardRefusal::behind(&error) {
            Some(refusal) => LinkError::guarded(refusal, detail(String::new())),
            None => broken(&redact::network_error(error)),
        }),
        Err(_) => Err(broken("the host did not answer the upgrade in time")),
    }
}

/// A failed upgrade says why in headers of its own; without them it was not the platform that answered.
fn refusal(response: &Response) -> LinkError {
    let headers = response.headers();
    let status = response.status().as_u16();
    let mut detail = detail(format!("the connection was not upgraded: HTTP {status}"));
    detail.status = Some(status);
    let Some(said) = number(headers, "handshake-status") else { return LinkError::passing(detail) };
    let closer = (said == AUTH_FAILED).then(|| number(headers, "handshake-autherrcode")).flatten();
    let code = closer.unwrap_or(said);
    detail.code = Some(code);
    if let Some(words) = text(headers, "handshake-msg") {
        detail.message = redact::plain(words);
    }
    // Codes of this size are HTTP's, and those of a server in trouble pass.
    if (500..AUTH_FAILED).contains(&code) {
        return LinkError::passing(detail);
    }
    LinkError::of_code(code, detail)
}

pub(super) fn broken(message: &str) -> LinkError {
    LinkError::passing(detail(message.to_owned()))
}

fn detail(message: String) -> Detail {
    Detail { api: API, status: None, code: None, message, log_id: None }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    text(headers, name)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6455 §1.3.
    #[test]
    fn the_rfcs_example_is_accepted() {
        assert_eq!(derive_accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
