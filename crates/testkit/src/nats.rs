//! A nats-server for one test, in a folder of its own, gone with the test.

use std::path::{Path, PathBuf};

use platform::nats_server::{Account, ManagedNats, Options, Supervisor, connect};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::until;

/// A running server. Dropping it kills it and removes what it stored.
#[derive(Debug)]
pub struct TestNats {
    // The server goes before its folder.
    managed: ManagedNats,
    dir: TempDir,
}

impl TestNats {
    /// Starts a server that syncs always, as in production.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let managed = ManagedNats::start(options(dir.path()))
            .await
            .expect("nats-server starts; `make tools` installs it");
        Self { managed, dir }
    }

    /// The server as the platform manages it.
    pub fn managed(&self) -> &ManagedNats {
        &self.managed
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        self.managed.client_url()
    }

    /// Where its streams' files are.
    pub fn store_dir(&self) -> PathBuf {
        self.dir.path().join("nats")
    }

    /// The folder of the accounts' seeds.
    pub fn credentials(&self) -> PathBuf {
        self.dir.path().join("keys").join("nats")
    }

    /// A new connection of an account.
    pub async fn client(&self, account: Account) -> async_nats::Client {
        connect(&self.url(), self.managed.credentials(account), "test")
            .await
            .expect("a server that has started takes connections")
    }

    /// Kills the server with SIGKILL, as a power cut would, and waits until another runs in its
    /// place, on the same port and the same files.
    pub async fn crash(&self) {
        let first = self.managed.pid().expect("a server runs");
        let number = first.try_into().ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(number, Signal::KILL).expect("our own child can be killed");
        until("another nats-server in place of the killed one", || async {
            self.managed.pid().is_some_and(|now| now != first)
        })
        .await;
    }
}

/// The options of a server in this folder, which dies with this process.
pub fn options(data_dir: &Path) -> Options {
    Options {
        county: "620821".parse().expect("a county"),
        data_dir: data_dir.to_owned(),
        server_binary: None,
        credentials: data_dir.join("keys").join("nats"),
        listen_port: 0,
        max_file_store: 2 << 30,
        gomemlimit_mib: 128,
        supervisor: supervisor(),
    }
}

/// A shell that drops the process id it is given and becomes the server, to be killed when the
/// thread that started it ends. (`weft nats-child` does this in production.)
fn supervisor() -> Option<Supervisor> {
    const SETPRIV: &str = "/usr/bin/setpriv";
    let script = format!(r#"shift; exec {SETPRIV} --pdeathsig KILL -- "$@""#);
    Path::new(SETPRIV).exists().then(|| Supervisor {
        exe: "/bin/sh".into(),
        args: vec!["-c".to_owned(), script, "sh".to_owned()],
    })
}
