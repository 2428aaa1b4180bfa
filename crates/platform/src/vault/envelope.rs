//! AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce for each sealing. A key seals what one
//! person writes, far below the 2^32 sealings up to which random nonces are safe.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand,
};

/// The form of a sealed value: this byte, the nonce, the ciphertext, the tag of 16 bytes.
const FORM: u8 = 1;

/// A key of 256 bits.
#[derive(Clone)]
pub(super) struct PersonKey([u8; 32]);

impl PersonKey {
    pub(super) fn generate() -> Self {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    pub(super) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).expect("a key of AES-256 has 32 bytes")
    }

    pub(super) fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut text = plain.to_vec();
        let nonce = self
            .cipher()
            .seal_in_place_append_tag(Aad::from(aad), &mut text)
            .expect("a record is far below the limits of GCM");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len());
        sealed.push(FORM);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        sealed
    }

    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (&form, rest) = sealed.split_first()?;
        if form != FORM || rest.len() < NONCE_LEN {
            return None;
        }
        let (nonce, text) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let plain = self.cipher().open_in_place(nonce, Aad::from(aad), &mut text).ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        let key = PersonKey::generate();
        let sealed = key.seal(b"record-1", "王小明 13800000000".as_bytes());
        assert_eq!(key.open(b"record-1", &sealed).unwrap(), "王小明 13800000000".as_bytes());
        assert_eq!(key.open(b"record-2", &sealed), None, "bound to its record");
        assert_eq!(PersonKey::generate().open(b"record-1", &sealed), None, "bound to its key");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(b"record-1", &changed), None, "byte {place} changed");
        }
        assert_eq!(key.open(b"record-1", &sealed[..5]), None);
        assert_eq!(key.open(b"record-1", b""), None);
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same() {
        let key = PersonKey::generate();
        assert_ne!(key.seal(b"", b"a"), key.seal(b"", b"a"));
    }
}
