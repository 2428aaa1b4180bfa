//! The master key: 32 random bytes in a file that only its owner may read, outside NATS and its
//! backups.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use super::envelope::PersonKey;

/// The key that seals persons' keys.
pub struct MasterKey(PersonKey);

/// Why the master key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file.
    #[error("the master key {path} cannot be read or made")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("the master key {0} can be read by others; run `chmod 600` on it")]
    Open(String),
    /// It is not a key.
    #[error("the master key {0} does not have 32 bytes; restore it from where it is kept")]
    Form(String),
}

impl MasterKey {
    /// Reads the key, or makes it where there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, MasterKeyError> {
        let name = || path.display().to_string();
        let failed = |source| MasterKeyError::File { path: name(), source };
        if !path.exists() {
            let key = PersonKey::generate();
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(failed)?;
            file.write_all(key.bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Open(name()));
        }
        let bytes = fs::read(path).map_err(failed)?;
        PersonKey::from_bytes(&bytes).map(Self).ok_or_else(|| MasterKeyError::Form(name()))
    }

    pub(super) fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        self.0.seal(aad, plain)
    }

    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(aad, sealed)
    }
}
