//! User tokens that describe and sign themselves, as the platform's (JWTs of 1 to 2 KB) do.
//!
//! A stand-in that is started again with the same app still recognises what it issued before, as the
//! platform would: it did not go away because a test did.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Ms;

/// `{"alg":"ES256","typ":"JWT"}`, for looks: the signature is our own.
const HEADER: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9";
/// Real tokens are 1 to 2 KB; storage that is too small for them must show.
const LENGTH: usize = 1_400;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) kind: Kind,
    pub(crate) open_id: String,
    /// The authorisation it came from; each refresh stays in its family.
    pub(crate) family: String,
    /// This token's own id.
    pub(crate) id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) authorised_ms: Ms,
    pub(crate) expires_ms: Ms,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Access,
    Refresh,
}

/// Signs and reads the tokens of one app.
pub(crate) struct Signer {
    secret: String,
}

impl Signer {
    pub(crate) fn new(app_id: &str, app_secret: &str) -> Self {
        Self { secret: format!("{app_id} {app_secret}") }
    }

    pub(crate) fn sign(&self, claims: &Claims) -> String {
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let body = format!("{HEADER}.{}", BASE64.encode(claims));
        let mut signature = self.signature(&body);
        while body.len() + signature.len() < LENGTH {
            signature.push_str(&self.signature(&signature));
        }
        format!("{body}.{signature}")
    }

    /// What the token says, unless it is none of ours.
    pub(crate) fn read(&self, token: &str) -> Option<Claims> {
        let (body, signature) = token.rsplit_once('.')?;
        let claims = body.strip_prefix(HEADER)?.strip_prefix('.')?;
        let claims = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
        let valid = self.sign(&claims).rsplit_once('.').is_some_and(|(_, valid)| valid == signature);
        valid.then_some(claims)
    }

    fn signature(&self, text: &str) -> String {
        BASE64.encode(Sha256::digest(format!("{} {text}", self.secret)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claims() -> Claims {
        Claims {
            kind: Kind::Refresh,
            open_id: "ou_1".to_owned(),
            family: "f1".to_owned(),
            id: "t1".to_owned(),
            scopes: vec!["offline_access".to_owned()],
            authorised_ms: 1,
            expires_ms: 2,
        }
    }

    #[test]
    fn a_token_is_as_long_as_the_platforms_and_says_what_was_signed() {
        let signer = Signer::new("cli_a", "secret");
        let token = signer.sign(&claims());
        assert!((1_024..2_048).contains(&token.len()), "{}", token.len());
        assert_eq!(signer.read(&token), Some(claims()));
        assert_eq!(Signer::new("cli_a", "other").read(&token), None);
    }

    proptest! {
        #[test]
        fn any_changed_character_spoils_it(at in 0..1_400_usize) {
            let signer = Signer::new("cli_a", "secret");
            let mut token = signer.sign(&claims()).into_bytes();
            let at = at % token.len();
            token[at] = if token[at] == b'A' { b'B' } else { b'A' };
            prop_assert_eq!(signer.read(&String::from_utf8(token).unwrap()), None);
        }

        #[test]
        fn garbage_is_no_token(text in ".*") {
            prop_assert_eq!(Signer::new("cli_a", "secret").read(&text), None);
        }
    }
}
