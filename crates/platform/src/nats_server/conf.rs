//! The server's configuration file, made from Weft's.

use std::path::{Path, PathBuf};

use super::{Error, accounts, child::Ports, files, integrators};

/// Where the server keeps what.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    dir: PathBuf,
}

impl Layout {
    /// `dir` is absolute.
    pub(super) const fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(super) fn config_file(&self) -> PathBuf {
        self.dir.join("nats-server.conf")
    }

    /// With the ports that the first start was given, for those after a crash.
    pub(super) fn config_again_file(&self) -> PathBuf {
        self.dir.join("nats-server.again.conf")
    }

    pub(super) fn ports_dir(&self) -> PathBuf {
        self.dir.join("ports")
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.dir.join("nats-server.log")
    }

    /// What the server says before it has read where its log is.
    pub(super) fn output_file(&self) -> PathBuf {
        self.dir.join("nats-server.out")
    }

    /// The users of the account INTEGRATORS: a file of its own, so that a user can be added while
    /// the server runs.
    pub(super) fn integrators_file(&self) -> PathBuf {
        self.dir.join(integrators::FILE)
    }

    /// Where the server's process id is.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.dir.join("nats-server.pid")
    }

    /// What a running server holds open.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.dir.join(files::LOCK)
    }

    /// Writes a configuration; a server reads it when it starts, and when a user is added.
    pub(super) fn write(
        &self,
        file: &Path,
        ports: Ports,
        max_file_store: u64,
        accounts: &accounts::Accounts<'_>,
    ) -> Result<(), Error> {
        files::replace(file, &self.render(ports, max_file_store, accounts))
    }

    fn render(
        &self,
        ports: Ports,
        max_file_store: u64,
        accounts: &accounts::Accounts<'_>,
    ) -> String {
        format!(
            r#"# Written by weft at each start; changes are lost. What can be chosen is in config.default.toml.
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
ports_file_dir: {ports_dir}
pid_file: {pid_file}
log_file: {log_file}
logfile_size_limit: 16MB
logfile_max_num: 4
{body}"#,
            client = port(ports.client),
            monitor = port(ports.monitor),
            ports_dir = quoted(&self.ports_dir()),
            pid_file = quoted(&self.pid_file()),
            log_file = quoted(&self.log_file()),
            body = body(&self.dir.join("store"), max_file_store, accounts),
        )
    }
}

/// What every nats-server has, whoever starts it: limits, a store that syncs, and the accounts.
pub(super) fn body(
    store_dir: &Path,
    max_file_store: u64,
    accounts: &accounts::Accounts<'_>,
) -> String {
    format!(
        r#"server_name: weft
max_payload: 1MB
max_pending: 64MB
max_connections: 256
write_deadline: "10s"
jetstream {{
  store_dir: {store_dir}
  # An acknowledged message is on the disk.
  sync_interval: always
  max_file_store: {max_file_store}
  max_memory_store: 64MB
}}
accounts {{
{accounts}}}
system_account: SYS
"#,
        store_dir = quoted(store_dir),
        accounts = accounts.render(),
    )
}

fn port(port: u16) -> i32 {
    if port == 0 { -1 } else { i32::from(port) }
}

/// The server's strings take backslash escapes.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::{
        super::keys::{Account, Seeds},
        *,
    };

    #[test]
    fn the_file_names_public_keys_only_and_syncs_always() {
        let dir = tempfile::tempdir().unwrap();
        let seeds = Seeds::read_or_make(dir.path()).unwrap();
        let layout = Layout::new(r#"/data/a "b" \c/nats"#.into());
        let text = layout.render(
            Ports { client: 0, monitor: 8222 },
            1024,
            &accounts::Accounts { county: "620821".parse().unwrap(), seeds: &seeds },
        );
        assert!(text.contains("listen: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:8222\"\n"), "{text}");
        assert!(text.contains("sync_interval: always") && text.contains("max_file_store: 1024"));
        assert!(text.contains(r#"store_dir: "/data/a \"b\" \\c/nats/store""#), "{text}");
        for account in Account::ALL {
            // The users of INTEGRATORS are in a file of their own.
            let here = account != Account::Integrators;
            assert_eq!(text.contains(seeds.public(account)), here);
            assert!(!text.contains(seeds.of(account)));
        }
    }
}
