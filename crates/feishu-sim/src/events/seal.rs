//! Encryption and signature of event bodies.
//!
//! Feishu docs: event-subscription-guide/encrypt-key-encryption-configuration-case. AES-256-CBC with
//! PKCS#7, key = SHA-256(encrypt_key), the first 16 bytes are the iv; the signature is
//! SHA-256(timestamp ‖ nonce ‖ encrypt_key ‖ body) in hexadecimal.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sha2::{Digest, Sha256};

/// `{"encrypt":"…"}` of this text.
#[must_use]
pub fn encrypt(encrypt_key: &str, plaintext: &str, iv: [u8; 16]) -> String {
    let key: [u8; 32] = Sha256::digest(encrypt_key).into();
    let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into());
    let sealed = [&iv[..], &cipher.encrypt_padded_vec::<Pkcs7>(plaintext.as_bytes())].concat();
    json!({ "encrypt": BASE64.encode(sealed) }).to_string()
}

/// `X-Lark-Signature`
#[must_use]
pub fn sign(timestamp: &str, nonce: &str, encrypt_key: &str, body: &str) -> String {
    let mut hash = Sha256::new();
    for part in [timestamp, nonce, encrypt_key, body] {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use aes::cipher::BlockModeDecrypt;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Made by other code and checked with the official SDK.
    const VECTORS: &str = include_str!("../../tests/data/webhook.json");

    fn decrypt(encrypt_key: &str, encrypted: &str) -> Vec<u8> {
        let key: [u8; 32] = Sha256::digest(encrypt_key).into();
        let sealed = BASE64.decode(encrypted).unwrap();
        let (iv, sealed) = sealed.split_at(16);
        let iv: [u8; 16] = iv.try_into().unwrap();
        cbc::Decryptor::<Aes256>::new(&key.into(), &iv.into()).decrypt_padded_vec::<Pkcs7>(sealed).unwrap()
    }

    fn text<'a>(value: &'a Value, name: &str) -> &'a str {
        value[name].as_str().unwrap()
    }

    #[test]
    fn sealing_the_vectors_again_with_their_iv_gives_the_vectors() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let official = &vectors["official"];
        let sealed = text(official, "encrypt");
        assert_eq!(decrypt(text(official, "encrypt_key"), sealed), text(official, "plaintext").as_bytes());

        for event in vectors["events"].as_array().unwrap() {
            let (key, plaintext) = (text(event, "encrypt_key"), text(event, "plaintext"));
            let body: Value = serde_json::from_str(text(event, "encrypted_body")).unwrap();
            let sealed = BASE64.decode(text(&body, "encrypt")).unwrap();
            let ours: Value =
                serde_json::from_str(&encrypt(key, plaintext, sealed[..16].try_into().unwrap())).unwrap();
            assert_eq!(ours, body, "{}", event["name"]);

            let headers = &event["headers"];
            let (timestamp, nonce) =
                (text(headers, "X-Lark-Request-Timestamp"), text(headers, "X-Lark-Request-Nonce"));
            let signature = sign(timestamp, nonce, key, text(event, "encrypted_body"));
            assert_eq!(signature, text(headers, "X-Lark-Signature"), "{}", event["name"]);
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_can_be_opened(key in ".+", plaintext in ".*", iv in any::<[u8; 16]>()) {
            let body: Value = serde_json::from_str(&encrypt(&key, &plaintext, iv)).unwrap();
            prop_assert_eq!(decrypt(&key, text(&body, "encrypt")), plaintext.into_bytes());
        }
    }
}
