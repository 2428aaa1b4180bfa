//! The issuer's key: an Ed25519 key pair in a file that only its owner reads.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    digest,
    signature::{Ed25519KeyPair, KeyPair},
};
use data_encoding::BASE64URL_NOPAD;

/// The file's name in the directory of keys.
pub const FILE: &str = "issuer.pk8";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refuses.
    #[error("cannot {what} {path}: check that the directory exists, is ours and is not full")]
    File {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others can read the key.
    #[error(
        "{path} can be read by others (mode {mode:04o}): run 'chmod 600 {path}', and delete it to get a new key if others may have read it"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds something else.
    #[error(
        "{path} is no Ed25519 key in PKCS#8: restore it from a backup, or delete it to get a new one (all tokens end)"
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// No random bytes.
    #[error("the system gives no random bytes for a key: start again")]
    Random,
}

/// The key pair: the private half for the issuer, the public half for verifiers.
pub(super) struct IssuerKey {
    pub(super) pkcs8: Vec<u8>,
    pub(super) public: Vec<u8>,
}

/// Reads the key of a directory; at the first start, makes the directory (0700) and the key (0600).
///
/// Two processes that start at once end with the same key: a file is linked into place whole, and
/// only if there is none.
pub(super) fn load_or_create(dir: &Path) -> Result<IssuerKey, KeyError> {
    let path = dir.join(FILE);
    match load(&path) {
        Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            create(dir, &path)?;
            load(&path)
        }
        other => other,
    }
}

fn load(path: &Path) -> Result<IssuerKey, KeyError> {
    let failed = |source| KeyError::File { what: "read", path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let pkcs8 = fs::read(path).map_err(failed)?;
    let pair = Ed25519KeyPair::from_pkcs8(&pkcs8)
        .map_err(|_| KeyError::NoKey { path: path.to_owned() })?;
    Ok(IssuerKey { public: pair.public_key().as_ref().to_vec(), pkcs8 })
}

fn create(dir: &Path, path: &Path) -> Result<(), KeyError> {
    let failed = |what, path: &Path| {
        let path = path.to_owned();
        move |source| KeyError::File { what, path, source }
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed("make", dir))?;
    let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Random)?;
    let pkcs8 = pair.to_pkcs8().map_err(|_| KeyError::Random)?;
    let draft =
        dir.join(format!("{FILE}.{}.{:?}", std::process::id(), std::thread::current().id()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(pkcs8.as_ref()).and_then(|()| file.sync_all()))
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        })
        .and_then(|()| File::open(dir)?.sync_all())
        .map_err(failed("write", path));
    // What is left of a failed start is a key that nobody uses: the first failure says what to do.
    let removed = fs::remove_file(&draft).map_err(failed("remove", &draft));
    written.and(removed)
}

/// The name of a public key in token headers: its thumbprint after RFC 7638 and RFC 8037.
pub fn key_id(public: &[u8]) -> String {
    let jwk =
        format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, BASE64URL_NOPAD.encode(public));
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, jwk.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_makes_a_key_that_only_the_owner_reads_and_later_ones_find_it() {
        let data = tempfile::tempdir().unwrap();
        let dir = data.path().join("keys");
        let first = load_or_create(&dir).unwrap();
        let again = load_or_create(&dir).unwrap();
        assert_eq!(first.public, again.public);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&dir.join(FILE))), (0o700, 0o600));
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "no draft stays");
    }

    #[test]
    fn starting_at_once_ends_with_one_key() {
        let data = tempfile::tempdir().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let start = || load_or_create(data.path()).unwrap().public;
            let running: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_key_that_others_read_and_a_file_that_is_no_key_are_refused() {
        let data = tempfile::tempdir().unwrap();
        load_or_create(data.path()).unwrap();
        let path = data.path().join(FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = load_or_create(data.path()).err().unwrap().to_string();
        assert!(refused.contains("mode 0644") && refused.contains("chmod 600"), "{refused}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, b"hello").unwrap();
        assert!(matches!(load_or_create(data.path()), Err(KeyError::NoKey { .. })));
    }

    #[test]
    fn the_key_id_is_the_thumbprint_of_the_standard() {
        // RFC 8037, appendix A.3.
        let x = BASE64URL_NOPAD.decode(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(key_id(&x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
