//! The users of the accounts: a key pair each, whose seed is a file of its own.

use std::{fmt, path::Path};

use nkeys::{KeyPair, KeyPairType};

use super::{Error, files};

/// An account that services sign in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// The log.
    Core,
    /// Keys, sealed records, media.
    Vault,
    /// The public stream.
    Out,
    /// Its mirror, which integrators read; this user makes the mirror and does nothing else.
    Integrators,
}

impl Account {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Core, Self::Vault, Self::Out, Self::Integrators];

    /// The account's name in the server's configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Core => "CORE",
            Self::Vault => "VAULT",
            Self::Out => "OUT",
            Self::Integrators => "INTEGRATORS",
        }
    }

    /// The file of its user's seed, in the folder of the credentials.
    pub const fn seed_file(self) -> &'static str {
        match self {
            Self::Core => "core.nk",
            Self::Vault => "vault.nk",
            Self::Out => "out.nk",
            Self::Integrators => "integrators.nk",
        }
    }
}

/// The seeds of the users. Never printed.
pub(super) struct Seeds {
    core: Seed,
    vault: Seed,
    out: Seed,
    integrators: Seed,
}

/// The seed of a user, and the key that stands for him in the server's configuration.
pub(super) struct Seed {
    pub(super) text: String,
    pub(super) public: String,
}

impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seeds(***)")
    }
}

impl Seeds {
    /// Reads the files, and makes those that are missing: once, with mode 0600.
    pub(super) fn read_or_make(dir: &Path) -> Result<Self, Error> {
        let seed = |account: Account| seed(&dir.join(account.seed_file()));
        Ok(Self {
            core: seed(Account::Core)?,
            vault: seed(Account::Vault)?,
            out: seed(Account::Out)?,
            integrators: seed(Account::Integrators)?,
        })
    }

    pub(super) fn of(&self, account: Account) -> &str {
        &self.get(account).text
    }

    pub(super) fn public(&self, account: Account) -> &str {
        &self.get(account).public
    }

    const fn get(&self, account: Account) -> &Seed {
        match account {
            Account::Core => &self.core,
            Account::Vault => &self.vault,
            Account::Out => &self.out,
            Account::Integrators => &self.integrators,
        }
    }
}

/// Reads the seed of an account's user from the folder of the credentials, for a server that is
/// not managed.
pub fn read_seed(credentials: &Path, account: Account) -> Result<String, Error> {
    let path = credentials.join(account.seed_file());
    let text = files::read(&path)?;
    parse(&text).map(|seed| seed.text).ok_or(Error::Seed { path })
}

/// Reads the seed of a file, and makes it where there is none.
pub(super) fn seed(path: &Path) -> Result<Seed, Error> {
    if !path.exists() {
        let made = KeyPair::new(KeyPairType::User).seed().unwrap_or_default();
        files::write_new(path, &format!("{made}\n"))?;
    }
    parse(&files::read(path)?).ok_or_else(|| Error::Seed { path: path.to_owned() })
}

fn parse(text: &str) -> Option<Seed> {
    let text = text.trim().to_owned();
    let pair = KeyPair::from_seed(&text).ok()?;
    let public = pair.public_key();
    public.starts_with('U').then_some(Seed { text, public })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_made_once_and_differ() {
        let dir = tempfile::tempdir().unwrap();
        let first = Seeds::read_or_make(dir.path()).unwrap();
        let again = Seeds::read_or_make(dir.path()).unwrap();
        assert_eq!(first.of(Account::Core), again.of(Account::Core));
        assert_ne!(first.of(Account::Core), first.of(Account::Vault));
        assert_eq!(read_seed(dir.path(), Account::Vault).unwrap(), first.of(Account::Vault));
        assert!(!format!("{first:?}").contains("SU"));
    }

    #[test]
    fn a_damaged_seed_is_refused_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("core.nk");
        std::fs::write(&path, "SUnonsense").unwrap();
        let line = Seeds::read_or_make(dir.path()).unwrap_err().to_string();
        assert!(line.contains("core.nk holds no seed"), "{line}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "SUnonsense");
    }
}
