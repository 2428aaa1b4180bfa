//! Telling a running server of a change: it reads its configuration again at SIGHUP. Who is not
//! concerned stays connected.

use std::{convert::Infallible, fs, path::Path, sync::Arc, time::Duration};

use kernel::Clock;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::{Consumers, Integrators, UserError, seed_of};
use crate::nats_server::{Account, connect, monitor, read_seed};

const TRIES: u32 = 250;
const PAUSE: Duration = Duration::from_millis(20);

/// How often it is looked whether an overlap has ended.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What became of a server that may or may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Running {
    /// It acts on the change, at this address.
    Told(String),
    /// None runs on this data; it acts on the change at the next start.
    NotRunning,
}

impl Integrators {
    /// Has a running server read its users again, and waits until it lets this one in; the user's
    /// consumer is made, if the public stream is there.
    pub async fn tell(&self, name: &str, seed: &Path) -> Result<Running, UserError> {
        let seed = seed_of(seed)?;
        let Running::Told(url) = self.reload(name).await? else { return Ok(Running::NotRunning) };
        connect(&url, &seed, name).await?;
        Ok(Running::Told(url))
    }

    /// Has a running server read its users again, which closes the connections of those who are no
    /// longer in; the consumers of those who are in are made. Those of others the outlet removes, when it
    /// has entered what was read.
    ///
    /// It is asked twice: what an account imports that comes with a reading, nats-server 2.15 takes in
    /// with the next one, even of the same file.
    pub async fn reload(&self, name: &str) -> Result<Running, UserError> {
        for _ in 0..2 {
            if !self.read_again(name).await? {
                return Ok(Running::NotRunning);
            }
        }
        let Some(url) = self.address(|listening| listening.nats) else {
            return Ok(Running::NotRunning);
        };
        self.make_consumers(&url).await?;
        Ok(Running::Told(url))
    }

    /// Sends SIGHUP and waits until the server has taken in its configuration; false where none runs.
    async fn read_again(&self, name: &str) -> Result<bool, UserError> {
        let Some(pid) = self.server() else { return Ok(false) };
        let before = self.loaded_at().await;
        if let Err(error) = kill_process(pid, Signal::HUP) {
            tracing::debug!(%error, "nats-server has just ended");
            return Ok(false);
        }
        for _ in 0..TRIES {
            // One that is just being started again has other files of ports for a moment.
            let loaded = self.loaded_at().await;
            if loaded.is_some() && loaded != before {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(UserError::NotTaken { name: name.to_owned(), log: self.layout.log_file() })
    }

    /// Ends keys when their overlap ends, as long as it runs.
    pub async fn watch(self, clock: Arc<dyn Clock>) -> Result<(), Infallible> {
        loop {
            match self.lapse(clock.now()) {
                Ok(false) => {}
                Ok(true) => {
                    if let Err(error) = self.reload("a changed key").await {
                        tracing::error!(%error, "a key that was changed may still let in");
                    }
                }
                Err(error) => tracing::error!(%error, "the integrators' register is not read"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// When the server last took in its configuration, in its own words.
    async fn loaded_at(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Varz {
            config_load_time: String,
        }
        let url = self.address(|listening| listening.monitoring)?;
        let address = url.strip_prefix("http://").unwrap_or(&url);
        let Ok((200, body)) = monitor::get(address, "/varz").await else { return None };
        serde_json::from_str::<Varz>(&body).ok().map(|varz| varz.config_load_time)
    }

    /// Makes the consumers that the register asks for on the server at `url`.
    pub async fn make_consumers(&self, url: &str) -> Result<(), UserError> {
        let seed = read_seed(&self.credentials, Account::Integrators)?;
        let client = connect(url, &seed, "weft-users").await?;
        let consumers = Consumers::new(client, self.county);
        if !consumers.make(&self.list()?).await? {
            tracing::debug!("there is no public stream yet; the outlet makes the consumers");
        }
        Ok(())
    }

    /// The process of the server, if it runs: a number that a dead one left may be anybody's by now,
    /// but only the server has the lock of its folder as its standard input.
    fn server(&self) -> Option<Pid> {
        let pid = fs::read_to_string(self.layout.pid_file()).ok()?;
        let pid = Pid::from_raw(pid.trim().parse().ok()?)?;
        let input = fs::read_link(format!("/proc/{}/fd/0", pid.as_raw_nonzero())).ok()?;
        (input == self.layout.lock_file()).then_some(pid)
    }

    /// Where the server listens.
    fn address(&self, of: fn(Listening) -> Vec<String>) -> Option<String> {
        let files = fs::read_dir(self.layout.ports_dir()).ok()?.flatten();
        let text = files
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "ports"))
            .find_map(|file| fs::read_to_string(file.path()).ok())?;
        of(serde_json::from_str(&text).ok()?).into_iter().next()
    }
}

/// The file that the server writes when it listens.
#[derive(Deserialize)]
struct Listening {
    nats: Vec<String>,
    monitoring: Vec<String>,
}
