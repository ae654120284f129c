//! What only our own pages know to send: a hash of what the browser holds, so that nothing has to be kept for it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The token of one session's forms.
#[derive(Clone, PartialEq, Eq)]
pub struct Csrf(String);

impl Csrf {
    pub(super) fn of(held: &SecretString) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"minutes-vault form ");
        hash.update(held.expose_secret());
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    /// Whether a form brought it.
    #[must_use]
    pub fn is(&self, brought: &str) -> bool {
        self.0.as_bytes().ct_eq(brought.as_bytes()).into()
    }
}

/// For the form.
impl fmt::Display for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Not for logs.
impl fmt::Debug for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Csrf(…)")
    }
}
