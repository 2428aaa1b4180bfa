//! Telling a running server of a new user: it reads its configuration again at SIGHUP.

use std::{fs, path::Path, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::{Integrators, UserError, seed_of};
use crate::nats_server::connect;

const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// What became of a server that may or may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Running {
    /// It lets the user in, at this address.
    Told(String),
    /// None runs on this data; the user is let in at the next start.
    NotRunning,
}

impl Integrators {
    /// Has a running server read its users again, and waits until it lets this one in.
    pub async fn tell(&self, name: &str, seed: &Path) -> Result<Running, UserError> {
        let Some(pid) = self.server() else { return Ok(Running::NotRunning) };
        if let Err(error) = kill_process(pid, Signal::HUP) {
            tracing::debug!(%error, "nats-server has just ended");
            return Ok(Running::NotRunning);
        }
        let seed = seed_of(seed)?;
        for _ in 0..TRIES {
            // One that is just being started again has other files of ports for a moment.
            if let Some(url) = self.url()
                && connect(&url, &seed, name).await.is_ok()
            {
                return Ok(Running::Told(url));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(UserError::NotTaken { name: name.to_owned(), log: self.layout.log_file() })
    }

    /// The process of the server, if it runs: a number that a dead one left may be anybody's by now,
    /// but only the server has the lock of its folder as its standard input.
    fn server(&self) -> Option<Pid> {
        let pid = fs::read_to_string(self.layout.pid_file()).ok()?;
        let pid = Pid::from_raw(pid.trim().parse().ok()?)?;
        let input = fs::read_link(format!("/proc/{}/fd/0", pid.as_raw_nonzero())).ok()?;
        (input == self.layout.lock_file()).then_some(pid)
    }

    /// Where clients connect.
    fn url(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Listening {
            nats: Vec<String>,
        }
        let files = fs::read_dir(self.layout.ports_dir()).ok()?.flatten();
        let text = files
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "ports"))
            .find_map(|file| fs::read_to_string(file.path()).ok())?;
        let listening: Listening = serde_json::from_str(&text).ok()?;
        listening.nats.into_iter().next()
    }
}
