//! What seals: an authenticated cipher and a keyed hash that belong together, behind one trait. The
//! first byte of what is sealed says which, so that a vault opens what it sealed before its
//! configuration was changed.
//!
//! SM4-GCM with SM3 is an option for those who must use them. It is not a certified cryptographic
//! module, and the implementation has not been audited.

mod aes;
mod sm;

use serde::Deserialize;

use aes::Aes256Gcm;
use sm::Sm4Gcm;

/// The bytes of a nonce, which stands before the ciphertext.
const NONCE_BYTES: usize = 12;

/// With what new values are sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum CipherName {
    /// AES-256-GCM (NIST SP 800-38D), and HMAC-SHA-256.
    #[default]
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
    /// SM4-GCM (RFC 8998), and HMAC-SM3 (GB/T 32905).
    #[serde(rename = "sm4-gcm")]
    Sm4Gcm,
}

/// A cipher that binds what it seals to further bytes, with a random 96-bit nonce for each sealing,
/// and a keyed hash. A key seals what one person writes, far below the 2^32 sealings up to which
/// random nonces are safe.
pub(super) trait Cipher: Sync {
    /// The first byte of what it sealed.
    fn form(&self) -> u8;

    /// The nonce, the ciphertext and the tag of 16 bytes.
    fn seal(&self, key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8>;

    /// What was sealed; none if a bit of it, of the key or of `aad` is another.
    fn open(&self, key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;

    /// A keyed hash, cut to 128 bits.
    fn token(&self, key: &[u8; 32], input: &[u8]) -> [u8; 16];
}

/// All of them: what is looked for may have been put under any.
pub(super) const ALL: [&dyn Cipher; 2] = [&Aes256Gcm, &Sm4Gcm];

/// The cipher of a name.
pub(super) fn named(name: CipherName) -> &'static dyn Cipher {
    match name {
        CipherName::Aes256Gcm => &Aes256Gcm,
        CipherName::Sm4Gcm => &Sm4Gcm,
    }
}

/// The cipher whose values begin with this byte.
pub(super) fn of_form(form: u8) -> Option<&'static dyn Cipher> {
    ALL.into_iter().find(|cipher| cipher.form() == form)
}

/// The first 128 bits of a hash.
fn cut(hash: &[u8]) -> [u8; 16] {
    std::array::from_fn(|place| hash.get(place).copied().unwrap_or_default())
}
