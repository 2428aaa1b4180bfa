//! The master key: 32 random bytes in a file that only its owner may read, outside NATS and its
//! backups. Lose it, and the vault cannot be opened.

use std::path::Path;

use super::envelope::PersonKey;
use crate::secret::{self, SecretError};

/// The key that seals persons' keys.
pub struct MasterKey(PersonKey);

impl MasterKey {
    /// Reads the key, or makes it where there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        secret::load_or_create(path).map(|bytes| Self(PersonKey::new(bytes)))
    }

    pub(super) fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        self.0.seal(aad, plain)
    }

    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(aad, sealed)
    }
}
