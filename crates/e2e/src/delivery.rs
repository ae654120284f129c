//! An event as the platform posts it: sealed, signed, ready to be sent by whoever measures.

use feishu_sim::{Ready, seal};
use serde_json::Value;

/// Headers and body of one delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The three headers that prove it.
    pub headers: [(&'static str, String); 3],
    /// The encrypted body.
    pub body: String,
}

impl Delivery {
    /// Seals `event` with the app's Encrypt Key; `number` makes the iv.
    #[must_use]
    pub fn seal(ready: &Ready, event: &Value, number: u64) -> Self {
        let mut iv = [0; 16];
        iv[..8].copy_from_slice(&number.to_be_bytes());
        let body = seal::encrypt(&ready.encrypt_key, &event.to_string(), iv);
        let signature = seal::sign("1763900000", "load", &ready.encrypt_key, &body);
        let headers = [
            ("X-Lark-Request-Timestamp", "1763900000".to_owned()),
            ("X-Lark-Request-Nonce", "load".to_owned()),
            ("X-Lark-Signature", signature),
        ];
        Self { headers, body }
    }

    /// As the bytes of a whole HTTP/1.1 request, for senders that cost next to nothing.
    #[must_use]
    pub fn request(&self, site: &str) -> String {
        let host = site.trim_start_matches("http://");
        let [timestamp, nonce, signature] =
            self.headers.each_ref().map(|(name, value)| format!("{name}: {value}"));
        format!(
            "POST /webhook/event HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n\
             Content-Length: {}\r\n{timestamp}\r\n{nonce}\r\n{signature}\r\n\r\n{}",
            self.body.len(),
            self.body
        )
    }
}
