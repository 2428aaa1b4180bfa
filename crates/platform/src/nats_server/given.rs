//! What a nats-server needs that Weft does not start itself: its configuration with the accounts,
//! and the seeds of their users.

use std::path::{Path, PathBuf};

use super::{Error, conf, files, folder, keys::Seeds};

/// A server that others start.
#[derive(Clone, Debug)]
pub struct Given {
    /// Where clients connect, such as `0.0.0.0:4222`.
    pub listen: String,
    /// Where it tells about itself, such as `0.0.0.0:8222`.
    pub monitor: String,
    /// Where it keeps its store, as the server sees it.
    pub store_dir: PathBuf,
    /// What all streams together may store, in bytes.
    pub max_file_store: u64,
}

/// Writes `nats-server.conf` into `out` and makes the seeds that are missing in `credentials`; gives
/// the path of the configuration. It names public keys only. Run again, it changes nothing but what
/// `given` says.
pub fn write_given(out: &Path, credentials: &Path, given: &Given) -> Result<PathBuf, Error> {
    let seeds = Seeds::read_or_make(&folder(credentials)?)?;
    let path = folder(out)?.join("nats-server.conf");
    files::replace(&path, &render(given, &seeds))?;
    Ok(path)
}

fn render(given: &Given, seeds: &Seeds) -> String {
    let Given { listen, monitor, store_dir, max_file_store } = given;
    let (store_dir, accounts) = (conf::quoted(store_dir), conf::accounts(seeds));
    format!(
        r#"# Written by `weft nats init`; run that again rather than change this.
server_name: weft
listen: "{listen}"
http: "{monitor}"
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
{accounts}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_syncs_always_and_a_second_run_keeps_the_users() {
        let dir = tempfile::tempdir().unwrap();
        let (out, credentials) = (dir.path().join("out"), dir.path().join("keys/nats"));
        let given = Given {
            listen: "0.0.0.0:4222".to_owned(),
            monitor: "0.0.0.0:8222".to_owned(),
            store_dir: "/data".into(),
            max_file_store: 1024,
        };
        let path = write_given(&out, &credentials, &given).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(first.contains("sync_interval: always") && first.contains("max_file_store: 1024"));
        assert!(first.contains("listen: \"0.0.0.0:4222\"") && first.contains("CORE {"), "{first}");
        assert!(!first.contains("SU"), "no seed in the configuration: {first}");
        write_given(&out, &credentials, &given).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    }
}
