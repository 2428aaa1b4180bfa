//! The keys that are files, which only their owner may read, outside NATS and its backups: the
//! generations of the master key, under which persons' keys are sealed, and the key of the index.
//! `vault.master` is generation 1, `vault.master.2` the next. Lose all, and the vault cannot be opened;
//! after a rotation an old generation may go.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::envelope::SealingKey;
use crate::secret::{self, SecretError};

const MASTER: &str = "vault.master";
const INDEX: &str = "vault.index";

/// The vault's keys, as one process has them.
pub struct Keyring {
    folder: PathBuf,
    generations: Mutex<BTreeMap<u32, SealingKey>>,
    index: SealingKey,
}

impl Keyring {
    /// Reads the keys of a folder, and makes the first master key and the key of the index where there
    /// is none.
    pub fn load_or_create(folder: &Path) -> Result<Self, SecretError> {
        if generations_in(folder)?.is_empty() {
            secret::load_or_create(&path_of(folder, 1))?;
        }
        let index = SealingKey::new(secret::load_or_create(&folder.join(INDEX))?);
        let keyring = Self { folder: folder.to_owned(), generations: Mutex::default(), index };
        keyring.read()?;
        Ok(keyring)
    }

    /// Makes the next generation of the master key in a folder and answers with its number. Nothing is
    /// sealed under it until the vault is told to rotate.
    pub fn create_next(folder: &Path) -> Result<u32, SecretError> {
        let newest = generations_in(folder)?.last().copied().unwrap_or(0);
        let next = newest.saturating_add(1);
        secret::load_or_create(&path_of(folder, next))?;
        Ok(next)
    }

    /// The newest generation of which a folder has the file; none where there is none.
    pub fn newest_in(folder: &Path) -> Result<Option<u32>, SecretError> {
        Ok(generations_in(folder)?.last().copied())
    }

    pub(super) fn index(&self) -> &SealingKey {
        &self.index
    }

    /// The newest generation that is here.
    pub(super) fn newest(&self) -> u32 {
        self.lock().last_key_value().map_or(1, |(generation, _)| *generation)
    }

    /// A generation's key; the folder is read again where it is not known yet.
    pub(super) fn generation(&self, generation: u32) -> Option<SealingKey> {
        if let Some(key) = self.lock().get(&generation) {
            return Some(key.clone());
        }
        if let Err(error) = self.read() {
            tracing::error!(%error, "the master keys cannot be read again");
        }
        self.lock().get(&generation).cloned()
    }

    /// Reads the generations that the folder has and that are not known yet.
    pub(super) fn read(&self) -> Result<(), SecretError> {
        for generation in generations_in(&self.folder)? {
            if !self.lock().contains_key(&generation) {
                let bytes = secret::load_or_create(&path_of(&self.folder, generation))?;
                self.lock().insert(generation, SealingKey::new(bytes));
            }
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, SealingKey>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn path_of(folder: &Path, generation: u32) -> PathBuf {
    match generation {
        1 => folder.join(MASTER),
        later => folder.join(format!("{MASTER}.{later}")),
    }
}

/// The generations whose files are in a folder, lowest first.
fn generations_in(folder: &Path) -> Result<Vec<u32>, SecretError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries
            .map_err(|source| SecretError::File { path: folder.display().to_string(), source })?,
    };
    let mut found: Vec<u32> =
        entries.filter_map(|entry| generation_of(entry.ok()?.file_name().to_str()?)).collect();
    found.sort_unstable();
    Ok(found)
}

fn generation_of(name: &str) -> Option<u32> {
    match name.strip_prefix(MASTER)? {
        "" => Some(1),
        later => later.strip_prefix('.')?.parse().ok().filter(|generation| *generation > 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_are_files_and_the_first_is_never_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::load_or_create(folder.path()).unwrap();
        assert_eq!(keyring.newest(), 1);
        assert_eq!(Keyring::create_next(folder.path()).unwrap(), 2);
        assert_eq!(keyring.newest(), 1, "not read yet");
        let second = keyring.generation(2).unwrap();
        assert_eq!(keyring.newest(), 2);
        assert!(keyring.generation(3).is_none());

        fs::remove_file(folder.path().join(MASTER)).unwrap();
        let again = Keyring::load_or_create(folder.path()).unwrap();
        assert!(again.generation(1).is_none() && !folder.path().join(MASTER).exists());
        assert_eq!(again.generation(2).unwrap().bytes(), second.bytes());
        assert_eq!(Keyring::create_next(folder.path()).unwrap(), 3);
        assert_eq!(generation_of("vault.master.1"), None);
        assert_eq!(generation_of("vault.master.77.new"), None);
    }
}
