//! Posts to an address of the operator's: a signed JSON body, so that alarms reach whatever system the company watches.

use feishu::{Outbound, OutboundError, OutboundUrl};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;

/// When it was sent, unix seconds; part of what is signed.
const TIMESTAMP: &str = "x-minutes-vault-timestamp";
/// Lowercase hex HMAC-SHA256 of `timestamp.body` with the secret.
const SIGNATURE: &str = "x-minutes-vault-signature";

/// Where to post, and with which secret.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The address.
    pub url: OutboundUrl,
    /// Signs; without it posts are not signed.
    pub secret: Option<SecretString>,
    /// What posts.
    pub outbound: Outbound,
}

impl Webhook {
    pub(super) async fn post(&self, body: &Value, now_ms: i64) -> Result<(), OutboundError> {
        let body = body.to_string();
        let timestamp = (now_ms / 1_000).to_string();
        let mut headers = Vec::new();
        if let Some(secret) = &self.secret {
            headers.push((SIGNATURE, sign(secret, &timestamp, &body)));
        }
        headers.push((TIMESTAMP, timestamp));
        self.outbound.post(&self.url, &headers, body).await
    }
}

fn sign(secret: &SecretString, timestamp: &str, body: &str) -> String {
    let mut mac = <Hmac<Sha256>>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length (RFC 2104)");
    mac.update(format!("{timestamp}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// printf '1763900000.{"a":1}' | openssl dgst -sha256 -hmac secret
    #[test]
    fn the_signature_is_the_one_that_openssl_makes() {
        assert_eq!(sign(&"secret".into(), "1763900000", r#"{"a":1}"#), OPENSSL);
    }

    const OPENSSL: &str = "8df30bd95678bdf143c94f6640fcdffeb5c5732bbe5d0d85fa790caa2da61bba";
}
