//! XChaCha20-Poly1305 over each token. The associated data names member, field and version, so that a
//! sealed value moved to another row does not open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::RngExt as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256, Sha512};

const NONCE_BYTES: usize = 24;

/// A sealed value does not open with this key.
#[derive(Debug, thiserror::Error)]
#[error(
    "a stored token does not open with the present key. Put back the key file (or MINUTES_VAULT_VAULT_KEY) that belongs to this data folder, or have the member authorise again"
)]
pub struct SealError;

/// Seals and opens tokens.
pub struct Seal {
    cipher: XChaCha20Poly1305,
    key: secrecy::SecretBox<[u8; 32]>,
    key_id: String,
}

impl Seal {
    /// A seal with this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let mut id = Sha256::new();
        id.update(b"minutes-vault key id");
        id.update(key);
        Self {
            cipher: XChaCha20Poly1305::new(key.into()),
            key: secrecy::SecretBox::new(Box::new(*key)),
            key_id: hex::encode(&id.finalize()[..8]),
        }
    }

    /// Names the key without telling it; stored with every sealed value, for rotation.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// A key for another purpose, bound to this one.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 64] {
        let mut hash = Sha512::new();
        hash.update(self.key.expose_secret());
        hash.update(purpose.as_bytes());
        hash.finalize().into()
    }

    /// The key of another seal, bound to this one's.
    pub(super) fn derive_key(&self, purpose: &str) -> [u8; 32] {
        let derived = self.derive(purpose);
        std::array::from_fn(|at| derived[at])
    }

    /// Seals `secret` for this place.
    #[must_use]
    pub fn seal(&self, secret: &SecretString, place: &Place<'_>) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = rand::rng().random();
        let aad = place.to_bytes();
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: secret.expose_secret().as_bytes(), aad: &aad })
            .unwrap_or_default(); // fails only beyond 256 GiB
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, sealed: &[u8], place: &Place<'_>) -> Result<SecretString, SealError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SealError)?;
        let aad = place.to_bytes();
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: &aad })
            .map_err(|_| SealError)?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| SealError)
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Where a sealed value belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The member.
    pub member: &'a str,
    /// Which token.
    pub field: &'a str,
    /// Which pair.
    pub version: i64,
}

impl Place<'_> {
    fn to_bytes(self) -> Vec<u8> {
        format!("{}/{}/{}", self.member, self.field, self.version).into_bytes()
    }
}

/// A random text of 256 bits that is safe in URLs and cookies.
#[must_use]
pub(super) fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>())
}

/// What the catalogue keeps of a text that somebody brings to come in: whoever reads it cannot come in by it.
pub(super) fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACE: Place<'_> = Place { member: "ou_a", field: "refresh", version: 3 };

    proptest! {
        #[test]
        fn opens_only_where_it_belongs(token in "\\PC{0,2000}", flip in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let seal = Seal::new(&[7; 32]);
            let sealed = seal.seal(&SecretString::from(token.clone()), &PLACE);
            let opened = seal.open(&sealed, &PLACE).unwrap();
            prop_assert_eq!(opened.expose_secret(), token.as_str());
            let elsewhere =
                [Place { member: "ou_b", ..PLACE }, Place { field: "access", ..PLACE }, Place { version: 4, ..PLACE }];
            for place in &elsewhere {
                prop_assert!(seal.open(&sealed, place).is_err());
            }
            prop_assert!(Seal::new(&[8; 32]).open(&sealed, &PLACE).is_err());
            let mut torn = sealed;
            let at = flip.index(torn.len());
            torn[at] ^= 1 << bit;
            prop_assert!(seal.open(&torn, &PLACE).is_err());
        }
    }
}
