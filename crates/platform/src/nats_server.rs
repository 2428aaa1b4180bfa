//! The nats-server as a child of this process: found, configured, locked to one owner, watched,
//! started again when it dies, and stopped with its parent.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

pub(crate) mod accounts;
mod binary;
mod child;
mod conf;
mod connect;
mod files;
mod given;
mod integrators;
mod keys;
pub(crate) mod monitor;
mod reach;
mod supervised;

pub use binary::{MIN_VERSION, Program, Version, find};
pub use connect::{ConnectError, connect, connect_with};
pub use given::{CA, Given, write_given};
pub use integrators::{
    Consumers, ConsumersError, Former, Integrator, Integrators, LONGEST_OVERLAP, Reading, Running,
    UserError, prefix, read_register,
};
pub use keys::{Account, read_seed};
pub use monitor::sync_always;
pub use reach::{Reach, ReachError};
pub use supervised::exec_supervised;

use kernel::Division;

use crate::config::Config;

/// How long a start may take: a large store is read through after a crash.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Why no nats-server runs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error(
        "no nats-server found: run `make tools`, put it on the PATH, or set nats.server_binary"
    )]
    NotFound,
    /// The one that was found does not run.
    #[error("{} can't be run: set nats.server_binary to a nats-server of this machine", path.display())]
    NotRunnable {
        /// The program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The one that was found is too old.
    #[error(
        "{} is nats-server {found}, but {MIN_VERSION} or later is needed: run `make tools` or set nats.server_binary",
        path.display()
    )]
    TooOld {
        /// The program.
        path: PathBuf,
        /// What it says of itself.
        found: String,
    },
    /// Another process has the folder.
    #[error(
        "{} is in use by process {owner}: stop that one, or choose another folder with --data",
        dir.display()
    )]
    InUse {
        /// The folder of the data.
        dir: PathBuf,
        /// Its process id, or `unknown`.
        owner: String,
    },
    /// A file of the server's can't be read or written.
    #[error("{} can't be used: make it readable and writable for this user", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A seed file that is none.
    #[error("{} holds no seed of a user: restore it from a copy; a new one would be another user", path.display())]
    Seed {
        /// The file.
        path: PathBuf,
    },
    /// The program ended before it was ready.
    #[error("nats-server ended ({status}) before it was ready: {reason}; see {}", log.display())]
    Died {
        /// How.
        status: ExitStatus,
        /// The last line it wrote.
        reason: String,
        /// Where the rest is.
        log: PathBuf,
    },
    /// It runs, but does not say that it is ready.
    #[error("nats-server was not ready after {} s; see {}", START_LIMIT.as_secs(), log.display())]
    NotReady {
        /// Where it says why.
        log: PathBuf,
    },
    /// The certificate of a server that others start.
    #[error(transparent)]
    Tls(#[from] crate::wires::TlsError),
    /// Another machine, and nobody is believed there.
    #[error(
        "{0} is on another machine, and no authority for its certificate is known: run `weft nats init`, name one with nats.ca, or accept plain text with nats.plaintext"
    )]
    Plain(String),
    /// The register of integrators cannot be read.
    #[error("{} is no register of integrators: restore it from a copy", path.display())]
    Register {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The operating system gave no thread to watch it.
    #[error("no thread can be started to watch nats-server: allow more processes for this user")]
    Thread(#[source] io::Error),
}

/// A program that runs another one and makes it die with its parent: `weft nats-child`, whose body
/// is [`exec_supervised`]. It is called with `args`, then the process id of its parent, the program,
/// and the program's arguments.
#[derive(Clone, Debug)]
pub struct Supervisor {
    /// The program, as a rule this one.
    pub exe: PathBuf,
    /// What stands before the process id, such as `nats-child`.
    pub args: Vec<String>,
}

/// What a managed server needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The county, whose public stream integrators read.
    pub county: Division,
    /// The data folder of the process; the server keeps to `nats` and `keys/nats` in it.
    pub data_dir: PathBuf,
    /// The program, if it need not be looked for.
    pub server_binary: Option<PathBuf>,
    /// The folder of the seeds.
    pub credentials: PathBuf,
    /// The port on 127.0.0.1, 0 for any.
    pub listen_port: u16,
    /// What all streams together may store, in bytes.
    pub max_file_store: u64,
    /// The soft memory limit of the server, in MiB.
    pub gomemlimit_mib: u32,
    /// How it is made to die with this process; without, it is run directly (tests).
    pub supervisor: Option<Supervisor>,
}

impl Options {
    /// As the configuration says.
    pub fn from_config(config: &Config, supervisor: Option<Supervisor>) -> Self {
        Self {
            county: config.county,
            data_dir: config.data_dir.clone(),
            server_binary: config.nats.server_binary.clone(),
            credentials: config.nats_credentials(),
            listen_port: config.nats.listen_port,
            max_file_store: config.nats.max_file_store,
            gomemlimit_mib: config.nats.gomemlimit_mib,
            supervisor,
        }
    }
}

/// A nats-server that lives as long as this. Call [`stop`](Self::stop) to end it in good order;
/// dropped, it is killed, which loses nothing that was acknowledged.
#[derive(Debug)]
pub struct ManagedNats {
    ports: child::Ports,
    seeds: keys::Seeds,
    integrators: Integrators,
    child: child::Child,
}

impl ManagedNats {
    /// Starts the server and waits until JetStream is ready.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let program = find(options.server_binary.as_deref()).await?;
        let dir = folder(&options.data_dir.join("nats"))?;
        let lock = files::own(&dir, &options.data_dir).await?;
        folder(&options.credentials)?;
        let seeds = keys::Seeds::read_or_make(&options.credentials)?;
        let layout = conf::Layout::new(dir);
        let wanted = child::Ports { client: options.listen_port, monitor: 0 };
        let accounts = accounts::Accounts { county: options.county, seeds: &seeds };
        let integrators = Integrators::of(&options, &layout);
        integrators.write()?;
        layout.write(&layout.config_file(), wanted, options.max_file_store, &accounts)?;
        files::clear(&layout.ports_dir())?;
        let child = child::start(&layout, &program, &options, lock).await?;
        let ports = child.ready(&layout).await?;
        // From now on with these ports, so that clients find a restarted server again.
        layout.write(&layout.config_again_file(), ports, options.max_file_store, &accounts)?;
        tracing::info!(port = ports.client, version = program.version, "nats-server is ready");
        Ok(Self { ports, seeds, integrators, child })
    }

    /// Where clients connect; the same after a restart.
    pub fn client_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.client)
    }

    /// Where the server tells about itself; the same after a restart.
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.monitor)
    }

    /// The seed to sign in to an account with. A secret.
    pub fn credentials(&self, account: Account) -> &str {
        self.seeds.of(account)
    }

    /// Who may read the public stream.
    pub fn integrators(&self) -> &Integrators {
        &self.integrators
    }

    /// The server's process id; none while it is being started again, or stopped.
    pub fn pid(&self) -> Option<u32> {
        self.child.pid()
    }

    /// Ends the server with SIGTERM and waits for it; after ten seconds it is killed.
    pub async fn stop(self) -> Option<ExitStatus> {
        self.child.stop().await
    }
}

/// Makes a folder that only its owner enters, and gives its absolute path.
fn folder(path: &Path) -> Result<PathBuf, Error> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| fs::canonicalize(path))
        .map_err(|source| Error::File { path: path.to_owned(), source })
}
