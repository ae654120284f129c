//! What only our own pages know to send: a hash of what the browser holds, so that nothing has to be kept for it. Pages
//! are compressed, and some say what was asked for: each form has the hash under a mask of its own, so that no length of
//! an answer tells anything of it (BREACH).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

const BYTES: usize = 32;

/// The token of one session's forms.
#[derive(Clone, PartialEq, Eq)]
pub struct Csrf([u8; BYTES]);

impl Csrf {
    pub(super) fn of(held: &SecretString) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"minutes-vault form ");
        hash.update(held.expose_secret());
        Self(hash.finalize().into())
    }

    /// Whether a form brought it.
    #[must_use]
    pub fn is(&self, brought: &str) -> bool {
        let Ok(brought) = URL_SAFE_NO_PAD.decode(brought) else { return false };
        let Some((mask, masked)) = brought.split_first_chunk::<BYTES>() else { return false };
        let Ok(masked) = masked.try_into() else { return false };
        under(mask, masked).ct_eq(&self.0).into()
    }
}

fn under(mask: &[u8; BYTES], bytes: &[u8; BYTES]) -> [u8; BYTES] {
    std::array::from_fn(|place| mask[place] ^ bytes[place])
}

/// For the form: another text each time.
impl fmt::Display for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mask = rand::rng().random::<[u8; BYTES]>();
        f.write_str(&URL_SAFE_NO_PAD.encode([mask, under(&mask, &self.0)].concat()))
    }
}

/// Not for logs.
impl fmt::Debug for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Csrf(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_has_another_text_for_the_same_token() {
        let (ours, others) = (Csrf::of(&"held".into()), Csrf::of(&"other".into()));
        let (one, another) = (ours.to_string(), ours.to_string());
        assert_ne!(one, another);
        assert!(ours.is(&one) && ours.is(&another));
        assert!(!others.is(&one) && !ours.is(""));
    }

    proptest! {
        #[test]
        fn nothing_else_is_a_token(brought in "[A-Za-z0-9_-]{0,100}", flipped in 0..86_usize) {
            let ours = Csrf::of(&"held".into());
            prop_assert!(!ours.is(&brought));
            let mut token = ours.to_string().into_bytes();
            token[flipped] = if token[flipped] == b'A' { b'Q' } else { b'A' };
            prop_assert!(!ours.is(std::str::from_utf8(&token).unwrap()));
        }
    }
}
