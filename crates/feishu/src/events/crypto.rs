//! The platform's event signature and encryption. Feishu docs: event subscription guide, encrypt key.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const BLOCK: usize = 16;

/// Whether `signature` is lowercase hex SHA-256 of timestamp, nonce, Encrypt Key and the raw body.
pub(super) fn signature_matches(
    timestamp: &str,
    nonce: &str,
    key: &str,
    body: &[u8],
    signature: &str,
) -> bool {
    let mut hash = Sha256::new();
    for part in [timestamp.as_bytes(), nonce.as_bytes(), key.as_bytes(), body] {
        hash.update(part);
    }
    hex::encode(hash.finalize()).as_bytes().ct_eq(signature.as_bytes()).into()
}

/// Opens base64 of IV and AES-256-CBC (PKCS#7) under SHA-256 of the Encrypt Key. CBC proves nothing: what
/// comes out is to be believed only after the signature.
pub(super) fn decrypt(key: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(sealed).ok()?;
    let (iv, ciphertext) = bytes.split_at_checked(BLOCK)?;
    let key = Sha256::digest(key.as_bytes());
    cbc::Decryptor::<Aes256>::new_from_slices(&key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(ciphertext).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_official_example_opens() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/webhook.json")).unwrap();
        let text = |key: &str| vectors["official"][key].as_str().unwrap();
        assert_eq!(
            decrypt(text("encrypt_key"), text("encrypt")).as_deref(),
            Some(text("plaintext").as_bytes())
        );
    }

    proptest! {
        #[test]
        fn no_sealed_text_breaks_the_opener(sealed in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = decrypt("key", &sealed);
            let _ = decrypt("key", &STANDARD.encode(bytes));
        }
    }
}
