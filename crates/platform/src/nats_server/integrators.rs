//! The users of the account INTEGRATORS: who may read which part of the public stream.
//!
//! A user is one pull consumer on the mirror, under the user's own name, with a filter that lies in
//! the user's division. The server holds this without any code of Weft's: the filter is part of the
//! subject by which a consumer is made, and the permissions name that subject. The register is
//! `integrators.json` beside the seeds; the server's file of users is made from it.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use kernel::{Division, Level};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::{Error, Options, accounts::public_stream, conf::Layout, files, keys};
use crate::config::Config;

mod running;

pub use running::Running;

/// The file of users that the server's configuration includes.
pub(super) const FILE: &str = "integrators.conf";

/// The register, in the folder of the seeds.
const REGISTER: &str = "integrators.json";

/// The folder of the integrators' seeds, in the folder of the seeds.
const SEEDS: &str = "integrators";

/// An integrator, as the register has him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integrator {
    /// The user's name, which is also that of the consumer.
    pub name: String,
    /// The division whose events the user may read.
    pub division: Division,
    /// The public key that the user signs in with.
    pub key: String,
}

impl Integrator {
    /// Which subjects the user may read.
    pub fn prefix(&self) -> String {
        prefix(self.division)
    }

    /// The user as the server's configuration has him: what is not allowed here is refused.
    fn render(&self, county: Division) -> String {
        let (stream, name, prefix) = (public_stream(county), &self.name, self.prefix());
        format!(
            r#"  # {name}: {division}
  {{ nkey: {key}, permissions: {{
    publish: {{ allow: [
      "$JS.API.CONSUMER.CREATE.{stream}.{name}.{prefix}"
      "$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"
      "$JS.API.CONSUMER.INFO.{stream}.{name}"
      "$JS.API.CONSUMER.DELETE.{stream}.{name}"
      "$JS.ACK.{stream}.{name}.>"
      "$JS.ACK.*.*.{stream}.{name}.>"
    ] }}
    subscribe: {{ allow: [ "_INBOX_{name}.>" ] }}
  }} }}
"#,
            division = self.division,
            key = self.key,
        )
    }
}

/// Which subjects of the public stream lie in a division, such as `weft.pub.v1.620821.101.>`.
pub fn prefix(division: Division) -> String {
    format!("weft.pub.v1.{}.>", division.subject_tokens().trim_end_matches(".000"))
}

/// Why a user cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// A name that no token of a subject can be.
    #[error("{0:?} is no name for a user: write 1 to 32 of a-z, 0-9 and _")]
    Name(String),
    /// There is one of this name.
    #[error("there is a user {0} already: choose another name, or use the seed that you have")]
    Taken(String),
    /// The division lies elsewhere.
    #[error("{division} does not lie in {county}: name the county, a township or a village of it")]
    Elsewhere {
        /// What was asked for.
        division: Division,
        /// The county of this server.
        county: Division,
    },
    /// No server ever ran on this data.
    #[error("{} holds no nats-server: name the data folder of the suite with --data, or start it once with `weft up`", dir.display())]
    NoServer {
        /// The folder.
        dir: PathBuf,
    },
    /// No configuration was written there.
    #[error("{} holds no nats-server.conf: name the folder that `weft nats init --out` wrote", dir.display())]
    NotGiven {
        /// The folder.
        dir: PathBuf,
    },
    /// A file.
    #[error(transparent)]
    File(#[from] Error),
    /// The server runs and does not know the user.
    #[error("{name} is written down, but nats-server does not let the user in: see {}, and start the suite again", log.display())]
    NotTaken {
        /// The user.
        name: String,
        /// Where the server says why.
        log: PathBuf,
    },
}

/// The integrators of one managed server.
#[derive(Clone, Debug)]
pub struct Integrators {
    county: Division,
    credentials: PathBuf,
    layout: Layout,
}

impl Integrators {
    /// Those of the server that keeps its data where the configuration says.
    pub fn of_config(config: &Config) -> Result<Self, UserError> {
        let dir = config.data_dir.join("nats");
        let dir = fs::canonicalize(&dir).map_err(|_| UserError::NoServer { dir })?;
        Ok(Self::new(config.county, config.nats_credentials(), Layout::new(dir)))
    }

    /// Those of a server that others start, whose configuration [`write_given`](super::write_given)
    /// has written into `out`.
    pub fn of_given(config: &Config, out: &Path) -> Result<Self, UserError> {
        let layout = Layout::new(out.to_owned());
        if !layout.config_file().exists() {
            return Err(UserError::NotGiven { dir: out.to_owned() });
        }
        Ok(Self::new(config.county, config.nats_credentials(), layout))
    }

    pub(super) fn of(options: &Options, layout: &Layout) -> Self {
        Self::new(options.county, options.credentials.clone(), layout.clone())
    }

    pub(super) const fn new(county: Division, credentials: PathBuf, layout: Layout) -> Self {
        Self { county, credentials, layout }
    }

    /// Everybody, by name.
    pub fn list(&self) -> Result<Vec<Integrator>, Error> {
        let path = self.credentials.join(REGISTER);
        if !path.exists() {
            return Ok(Vec::new());
        }
        serde_json::from_str(&files::read(&path)?)
            .map_err(|source| Error::Register { path, source })
    }

    /// Makes a user who may read the events of a division, and answers with the file of the seed,
    /// which is a secret: mode 0600. A server that runs is told; what comes back says how.
    pub fn add(&self, name: &str, division: Division) -> Result<PathBuf, UserError> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(good) {
            return Err(UserError::Name(name.chars().take(64).collect()));
        }
        if division.level() < Level::County || !self.county.contains(division) {
            return Err(UserError::Elsewhere { division, county: self.county });
        }
        let _alone = self.lock()?;
        let mut everybody = self.list()?;
        if everybody.iter().any(|user| user.name == name) {
            return Err(UserError::Taken(name.to_owned()));
        }
        let path = super::folder(&self.credentials.join(SEEDS))?.join(format!("{name}.nk"));
        // One that an interrupted run left is this user's: nobody has been let in with it.
        let key = keys::seed(&path)?.public;
        everybody.push(Integrator { name: name.to_owned(), division, key });
        everybody.sort_by(|one, other| one.name.cmp(&other.name));
        let register = serde_json::to_string_pretty(&everybody).unwrap_or_default();
        files::replace(&self.credentials.join(REGISTER), &register)?;
        self.write_users(&everybody)?;
        Ok(path)
    }

    /// Writes the server's file of users from the register.
    pub(super) fn write(&self) -> Result<(), Error> {
        let everybody = self.list()?;
        self.write_users(&everybody)
    }

    fn write_users(&self, everybody: &[Integrator]) -> Result<(), Error> {
        let path = self.credentials.join(keys::Account::Integrators.seed_file());
        let own = keys::seed(&path)?.public;
        let users: String = everybody.iter().map(|user| user.render(self.county)).collect();
        let text = format!(
            "# Written by weft from {REGISTER}; changes are lost. `weft nats users add` adds one.\n\
             users: [\n  # weft itself, which makes the mirror\n  {{ nkey: {own} }}\n{users}]\n"
        );
        files::replace(&self.layout.integrators_file(), &text)
    }

    /// One change at a time.
    fn lock(&self) -> Result<File, Error> {
        let path = self.credentials.join(format!("{SEEDS}.lock"));
        let lock = || {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)?;
            flock(&file, FlockOperation::LockExclusive)?;
            Ok(file)
        };
        lock().map_err(|source| Error::File { path: path.clone(), source })
    }
}

/// The seed in a file that [`Integrators::add`] made.
fn seed_of(path: &Path) -> Result<String, Error> {
    Ok(keys::seed(path)?.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integrators(dir: &Path) -> Integrators {
        fs::create_dir_all(dir.join("nats")).unwrap();
        let county = "620821".parse().unwrap();
        Integrators::new(county, dir.join("keys"), Layout::new(dir.join("nats")))
    }

    #[test]
    fn a_user_is_made_once_and_stays_through_a_start() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("keys")).unwrap();
        let integrators = integrators(dir.path());
        let township = "620821101".parse().unwrap();
        let seed = integrators.add("portal", township).unwrap();
        let text = seed_of(&seed).unwrap();
        assert!(text.starts_with("SU"));
        let again = integrators.add("portal", township).unwrap_err();
        assert!(matches!(again, UserError::Taken(_)), "{again}");
        let users = fs::read_to_string(integrators.layout.integrators_file()).unwrap();
        fs::remove_file(integrators.layout.integrators_file()).unwrap();
        integrators.write().unwrap();
        assert_eq!(fs::read_to_string(integrators.layout.integrators_file()).unwrap(), users);
        assert!(users.contains("WEFT_PUBLIC_620821.portal.weft.pub.v1.620821.101.>\""), "{users}");
        assert!(!users.contains(&text), "a seed is in the server's file");
    }

    #[test]
    fn a_name_or_a_place_that_would_open_more_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("keys")).unwrap();
        let integrators = integrators(dir.path());
        let county: Division = "620821".parse().unwrap();
        for name in ["", "*", ">", "a.b", "a b", "INTEGRATORS", "x\"", &"x".repeat(33)] {
            let error = integrators.add(name, county).unwrap_err();
            assert!(matches!(error, UserError::Name(_)), "{name}: {error}");
        }
        for division in ["62", "6208", "620822", "620822101"] {
            let error = integrators.add("portal", division.parse().unwrap()).unwrap_err();
            assert!(matches!(error, UserError::Elsewhere { .. }), "{division}: {error}");
        }
        assert_eq!(integrators.list().unwrap(), []);
    }
}
