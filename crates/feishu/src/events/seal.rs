//! The platform's half of [`crypto`](super::crypto), for tests: how a body is sealed and signed before it is sent.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What stands in `encrypt`. The platform draws an IV each time; one will do here.
pub(crate) fn encrypt(key: &str, plaintext: &[u8]) -> String {
    let (key, iv) = (Sha256::digest(key.as_bytes()), [7; 16]);
    let cipher = cbc::Encryptor::<Aes256>::new(&key, &iv.into());
    STANDARD.encode([iv.to_vec(), cipher.encrypt_padded_vec::<Pkcs7>(plaintext)].concat())
}

/// What stands in `X-Lark-Signature`.
pub(crate) fn sign(timestamp: &str, nonce: &str, key: &str, body: &[u8]) -> String {
    hex::encode(Sha256::digest([timestamp.as_bytes(), nonce.as_bytes(), key.as_bytes(), body].concat()))
}
