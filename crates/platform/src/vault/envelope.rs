//! A key, and what is sealed under it: a byte for the cipher, then what the cipher gives.

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::cipher::{self, CipherName};

/// A key of 256 bits. Its bytes are overwritten when it is dropped.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// A new one, from the operating system's random bytes.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice()).expect("the operating system gives random bytes");
        Self(bytes)
    }

    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals bytes, bound to `aad`: they open with the same key and the same `aad` alone.
    pub fn seal(&self, name: CipherName, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let cipher = cipher::named(name);
        let mut sealed = cipher.seal(&self.0, aad, plain);
        sealed.insert(0, cipher.form());
        sealed
    }

    /// Opens what any of the ciphers sealed; none if it was changed.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (&form, rest) = sealed.split_first()?;
        cipher::of_form(form)?.open(&self.0, aad, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIPHERS: [CipherName; 2] = [CipherName::Aes256Gcm, CipherName::Sm4Gcm];

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        for cipher in CIPHERS {
            let key = SealingKey::generate();
            let sealed = key.seal(cipher, b"record-1", "王小明 13800000000".as_bytes());
            assert_eq!(key.open(b"record-1", &sealed).unwrap(), "王小明 13800000000".as_bytes());
            assert_eq!(key.open(b"record-2", &sealed), None, "bound to its record");
            assert_eq!(SealingKey::generate().open(b"record-1", &sealed), None, "and to its key");
            for place in 0..sealed.len() {
                for bit in 0..8 {
                    let mut changed = sealed.clone();
                    changed[place] ^= 1 << bit;
                    assert_eq!(key.open(b"record-1", &changed), None, "{cipher:?} byte {place}");
                }
            }
            assert_eq!(key.open(b"record-1", &sealed[..5]), None);
            assert_eq!(key.open(b"record-1", b""), None);
        }
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same() {
        for cipher in CIPHERS {
            let key = SealingKey::generate();
            assert_ne!(key.seal(cipher, b"", b"a"), key.seal(cipher, b"", b"a"));
        }
    }
}
