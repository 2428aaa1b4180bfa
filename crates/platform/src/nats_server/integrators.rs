//! The integrators: who may read which part of the public stream.
//!
//! An integrator is an account of nats-server with one user, who reads one pull consumer on the mirror
//! under the user's own name, with a filter that is the user's division. The server holds this without
//! any code of Weft's: the account imports what concerns that consumer, and the permissions name
//! the same. The register is `integrators.json` beside the seeds; the server's file of accounts is made
//! from it.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use kernel::{Division, Level, Timestamp};
use rustix::fs::{FlockOperation, flock};

use super::{Error, Options, conf::Layout, files, keys};
use crate::config::Config;

mod consumers;
mod register;
mod render;
mod running;

pub use consumers::{Consumers, ConsumersError, Reading};
pub use register::{Former, Integrator, prefix};
pub use running::Running;

/// The file of accounts that the server's configuration includes.
pub(super) const FILE: &str = "integrators.conf";

/// What stands before the API's subjects where an integrator asks.
pub(super) const API: &str = "WEFT.API";

/// The register, in the folder of the seeds.
const REGISTER: &str = "integrators.json";

/// The folder of the integrators' seeds, in the folder of the seeds.
const SEEDS: &str = "integrators";

/// For how long a key may still let in after it was changed.
pub const LONGEST_OVERLAP: Duration = Duration::from_hours(30 * 24);

/// Why a user cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// A name that no token of a subject can be.
    #[error(
        "{0:?} is no name for a user: write 1 to 30 of a-z, 0-9 and _, a letter first, not `weft…`"
    )]
    Name(String),
    /// There is one of this name.
    #[error("there is a user {0} already: choose another name, or use the seed that you have")]
    Taken(String),
    /// There was one of this name.
    #[error("the user {0} was revoked: names are not given again, choose another")]
    Revoked(String),
    /// There is none of this name.
    #[error("there is no user {0}: `weft nats users list` shows those that there are")]
    Unknown(String),
    /// An old key would let in for too long.
    #[error("a changed key lets in for at most {} days: give a shorter --overlap", LONGEST_OVERLAP.as_secs() / 86_400)]
    Overlap,
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
    /// The server runs and does not do what was written down.
    #[error("{name} is written down, but nats-server does not act on it: see {}, and start the suite again", log.display())]
    NotTaken {
        /// The user.
        name: String,
        /// Where the server says why.
        log: PathBuf,
    },
    /// The server runs and does not make or remove the user's consumer.
    #[error(transparent)]
    Consumers(#[from] ConsumersError),
    /// The server is there and does not let Weft itself in.
    #[error(transparent)]
    Connect(#[from] super::ConnectError),
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

    /// Everybody, by name, those who were taken out among them.
    pub fn list(&self) -> Result<Vec<Integrator>, Error> {
        read_register(&self.credentials)
    }

    /// Makes a user who may read the events of a division, and answers with the file of the seed,
    /// which is a secret: mode 0600. A server that runs is told by [`Integrators::tell`].
    pub fn add(
        &self,
        name: &str,
        division: Division,
        now: Timestamp,
    ) -> Result<PathBuf, UserError> {
        if !register::is_name(name) {
            return Err(UserError::Name(name.chars().take(64).collect()));
        }
        if division.level() < Level::County || !self.county.contains(division) {
            return Err(UserError::Elsewhere { division, county: self.county });
        }
        let _alone = self.lock()?;
        let mut everybody = self.list()?;
        match everybody.iter().find(|user| user.name == name) {
            Some(user) if user.is_active() => return Err(UserError::Taken(name.to_owned())),
            Some(_) => return Err(UserError::Revoked(name.to_owned())),
            None => {}
        }
        let mut user = Integrator::new(name, division, String::new(), now);
        // One that an interrupted run left is this user's: nobody has been let in with it.
        let path = self.seeds()?.join(user.seed_file(0));
        user.key = keys::seed(&path)?.public;
        everybody.push(user);
        everybody.sort_by(|one, other| one.name.cmp(&other.name));
        self.keep(&everybody, now)?;
        Ok(path)
    }

    /// Gives a user another key, and answers with the file of its seed. The key before lets in for
    /// `overlap` more, and not at all if that is zero.
    pub fn rotate(
        &self,
        name: &str,
        overlap: Duration,
        now: Timestamp,
    ) -> Result<PathBuf, UserError> {
        if overlap > LONGEST_OVERLAP {
            return Err(UserError::Overlap);
        }
        let _alone = self.lock()?;
        let mut everybody = self.list()?;
        let user = active(&mut everybody, name)?;
        let (before, rotations) = (user.seed_file(user.rotations), user.rotations + 1);
        let path = self.seeds()?.join(user.seed_file(rotations));
        let key = keys::seed(&path)?.public;
        let millis = i64::try_from(overlap.as_millis()).unwrap_or(0);
        let former = Former { key: user.key.clone(), until: now.plus_millis(millis) };
        *user = Integrator {
            key,
            rotations,
            rotated: Some(now),
            former: (!overlap.is_zero()).then_some(former),
            ..user.clone()
        };
        self.keep(&everybody, now)?;
        self.forget(&before)?;
        Ok(path)
    }

    /// Takes a user out for good: the entry stays in the register, and the name is not given again.
    pub fn revoke(&self, name: &str, now: Timestamp) -> Result<(), UserError> {
        let _alone = self.lock()?;
        let mut everybody = self.list()?;
        let user = active(&mut everybody, name)?;
        user.revoked = Some(now);
        user.former = None;
        let file = user.seed_file(user.rotations);
        self.keep(&everybody, now)?;
        self.forget(&file)?;
        Ok(())
    }

    /// Ends what has ended by `now`, keys that let in beside the ones that follow them; says whether
    /// there were any, and then the server must be told.
    pub fn lapse(&self, now: Timestamp) -> Result<bool, Error> {
        let over = |user: &Integrator| user.former.as_ref().is_some_and(|key| key.until <= now);
        if !self.list()?.iter().any(over) {
            return Ok(false);
        }
        let _alone = self.lock()?;
        let everybody = self.list()?;
        self.keep(&everybody, now)?;
        Ok(true)
    }

    /// Writes the register and the server's file, without the keys that no longer let in.
    fn keep(&self, everybody: &[Integrator], now: Timestamp) -> Result<(), Error> {
        let mut everybody = everybody.to_vec();
        for user in &mut everybody {
            user.former.take_if(|former| former.until <= now);
        }
        let register = serde_json::to_string_pretty(&everybody).unwrap_or_default();
        files::replace(&self.credentials.join(REGISTER), &register)?;
        self.write_accounts(&everybody)
    }

    /// Writes the server's file from the register.
    pub(super) fn write(&self) -> Result<(), Error> {
        let everybody = self.list()?;
        self.write_accounts(&everybody)
    }

    fn write_accounts(&self, everybody: &[Integrator]) -> Result<(), Error> {
        let path = self.credentials.join(keys::Account::Integrators.seed_file());
        let own = keys::seed(&path)?.public;
        let text = render::render(self.county, &own, everybody);
        files::replace(&self.layout.integrators_file(), &text)
    }

    fn seeds(&self) -> Result<PathBuf, Error> {
        super::folder(&self.credentials.join(SEEDS))
    }

    /// Removes a seed that lets nobody in any more, or that the user has by now.
    fn forget(&self, file: &str) -> Result<(), Error> {
        let path = self.seeds()?.join(file);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::File { path, source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
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

/// The register in a folder of credentials; empty where there is none.
pub fn read_register(credentials: &Path) -> Result<Vec<Integrator>, Error> {
    let path = credentials.join(REGISTER);
    if !path.exists() {
        return Ok(Vec::new());
    }
    serde_json::from_str(&files::read(&path)?).map_err(|source| Error::Register { path, source })
}

fn active<'a>(
    everybody: &'a mut [Integrator],
    name: &str,
) -> Result<&'a mut Integrator, UserError> {
    let shown = || name.chars().take(64).collect();
    match everybody.iter_mut().find(|user| user.name == name) {
        Some(user) if user.is_active() => Ok(user),
        Some(_) => Err(UserError::Revoked(shown())),
        None => Err(UserError::Unknown(shown())),
    }
}

/// The seed in a file that [`Integrators::add`] made.
fn seed_of(path: &Path) -> Result<String, Error> {
    Ok(keys::seed(path)?.text)
}

#[cfg(test)]
mod tests;
