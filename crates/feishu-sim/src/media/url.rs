//! Download URLs: a code in the query names the recording and its end, and is signed.
//!
//! Feishu docs: minutes-v1/minute-media/get. The code is the credential; the host takes no other.

use sha2::{Digest, Sha256};

use super::MEDIA_PATH;
use crate::clock::Ms;

/// A URL that hands out this recording until `expires_ms`.
pub(crate) fn download_url(base: &str, secret: &str, minute_token: &str, expires_ms: Ms) -> String {
    let code = format!("{minute_token}.{expires_ms}.{}", signature(secret, minute_token, expires_ms));
    format!("{base}{MEDIA_PATH}?code={code}")
}

/// What a code says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) minute_token: String,
    pub(super) expires_ms: Ms,
}

pub(super) fn read(secret: &str, code: &str) -> Option<Code> {
    let mut parts = code.splitn(3, '.');
    let (minute_token, expires_ms, signed) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    (signed == signature(secret, minute_token, expires_ms))
        .then(|| Code { minute_token: minute_token.to_owned(), expires_ms })
}

/// Which recording a download is about, whether or not its code is valid.
pub(crate) fn minute_of_url_query(query: &str) -> Option<String> {
    let code = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code")?.1;
    code.split('.').next().map(str::to_owned)
}

fn signature(secret: &str, minute_token: &str, expires_ms: Ms) -> String {
    hex::encode(Sha256::digest(format!("{secret} {minute_token} {expires_ms}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_cannot_be_prolonged() {
        let url = download_url("http://host", "secret", "obcn1", 1_000);
        let code = url.split_once("code=").unwrap().1;
        assert_eq!(read("secret", code), Some(Code { minute_token: "obcn1".to_owned(), expires_ms: 1_000 }));
        assert_eq!(read("secret", &code.replace("1000", "2000")), None);
        assert_eq!(read("other", code), None);
    }
}
