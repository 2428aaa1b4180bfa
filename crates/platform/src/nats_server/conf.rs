//! The server's configuration file, made from Weft's.

use std::path::{Path, PathBuf};

use super::{
    Error,
    child::Ports,
    files,
    keys::{Account, Seeds},
};

/// Accounts of later faces: they have no user yet, so nobody enters. OUT gets the public stream,
/// INTEGRATORS its mirror, DEVICES comes with MQTT. Nothing is exported or imported.
const WITHOUT_USERS: &str =
    "  OUT { jetstream: enabled }\n  INTEGRATORS {}\n  DEVICES {}\n  SYS {}\n";

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

    /// Writes the configuration; the server reads it when it starts.
    pub(super) fn write(
        &self,
        ports: Ports,
        max_file_store: u64,
        seeds: &Seeds,
    ) -> Result<(), Error> {
        files::replace(&self.config_file(), &self.render(ports, max_file_store, seeds))
    }

    fn render(&self, ports: Ports, max_file_store: u64, seeds: &Seeds) -> String {
        format!(
            r#"# Written by weft at each start; changes are lost. What can be chosen is in config.default.toml.
server_name: weft
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
ports_file_dir: {ports_dir}
pid_file: {pid_file}
log_file: {log_file}
logfile_size_limit: 16MB
logfile_max_num: 4
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
{accounts}"#,
            accounts = accounts(seeds),
            client = port(ports.client),
            monitor = port(ports.monitor),
            ports_dir = quoted(&self.ports_dir()),
            pid_file = quoted(&self.dir.join("nats-server.pid")),
            log_file = quoted(&self.log_file()),
            store_dir = quoted(&self.dir.join("store")),
        )
    }
}

/// The accounts with their users' public keys.
pub(super) fn accounts(seeds: &Seeds) -> String {
    let users = Account::ALL
        .map(|account| {
            let (name, key) = (account.name(), seeds.public(account));
            format!("  {name} {{ jetstream: enabled, users: [ {{ nkey: {key} }} ] }}\n")
        })
        .concat();
    format!("accounts {{\n{users}{WITHOUT_USERS}}}\nsystem_account: SYS\n")
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
    use super::*;

    #[test]
    fn the_file_names_public_keys_only_and_syncs_always() {
        let dir = tempfile::tempdir().unwrap();
        let seeds = Seeds::read_or_make(dir.path()).unwrap();
        let layout = Layout::new(r#"/data/a "b" \c/nats"#.into());
        let text = layout.render(Ports { client: 0, monitor: 8222 }, 1024, &seeds);
        assert!(text.contains("listen: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:8222\"\n"), "{text}");
        assert!(text.contains("sync_interval: always") && text.contains("max_file_store: 1024"));
        assert!(text.contains(r#"store_dir: "/data/a \"b\" \\c/nats/store""#), "{text}");
        for account in Account::ALL {
            assert!(text.contains(seeds.public(account)) && !text.contains(seeds.of(account)));
        }
    }
}
