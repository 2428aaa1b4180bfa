//! AES-256-GCM and HMAC-SHA-256.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    hmac,
};

use super::{Cipher, NONCE_BYTES, cut};

pub(super) struct Aes256Gcm;

fn keyed(key: &[u8; 32]) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM, key).expect("a key of AES-256 has 32 bytes")
}

impl Cipher for Aes256Gcm {
    fn form(&self) -> u8 {
        1
    }

    fn seal(&self, key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut text = plain.to_vec();
        let nonce = keyed(key)
            .seal_in_place_append_tag(Aad::from(aad), &mut text)
            .expect("a record is far below the limits of GCM");
        let mut sealed = Vec::with_capacity(NONCE_BYTES + text.len());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        sealed
    }

    fn open(&self, key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let plain = keyed(key).open_in_place(nonce, Aad::from(aad), &mut text).ok()?;
        Some(plain.to_vec())
    }

    fn token(&self, key: &[u8; 32], input: &[u8]) -> [u8; 16] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        cut(hmac::sign(&key, input).as_ref())
    }
}
