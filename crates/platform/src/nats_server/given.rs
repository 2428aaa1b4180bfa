//! What a nats-server needs that Weft does not start itself: its configuration with the accounts,
//! and the seeds of their users.

use std::path::{Path, PathBuf};

use kernel::Division;

use super::{
    Error, Integrators,
    accounts::Accounts,
    conf::{self, Layout},
    files, folder,
    keys::Seeds,
};

/// A server that others start.
#[derive(Clone, Debug)]
pub struct Given {
    /// The county, whose public stream integrators read.
    pub county: Division,
    /// Where clients connect, such as `0.0.0.0:4222`.
    pub listen: String,
    /// Where it tells about itself, such as `0.0.0.0:8222`.
    pub monitor: String,
    /// Where it keeps its store, as the server sees it.
    pub store_dir: PathBuf,
    /// What all streams together may store, in bytes.
    pub max_file_store: u64,
}

/// Writes `nats-server.conf` and the users of integrators into `out`, and makes the seeds that are
/// missing in `credentials`; gives the path of the configuration. It names public keys only. Run
/// again, it changes nothing but what `given` says.
pub fn write_given(out: &Path, credentials: &Path, given: &Given) -> Result<PathBuf, Error> {
    let (out, credentials) = (folder(out)?, folder(credentials)?);
    let seeds = Seeds::read_or_make(&credentials)?;
    let layout = Layout::new(out);
    Integrators::new(given.county, credentials, layout.clone()).write()?;
    files::replace(&layout.config_file(), &render(given, &seeds))?;
    Ok(layout.config_file())
}

fn render(given: &Given, seeds: &Seeds) -> String {
    let Given { county, listen, monitor, store_dir, max_file_store } = given;
    let accounts = Accounts { county: *county, seeds };
    format!(
        r#"# Written by `weft nats init`; run that again rather than change this.
listen: "{listen}"
http: "{monitor}"
{body}"#,
        body = conf::body(store_dir, *max_file_store, &accounts),
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
            county: "620821".parse().unwrap(),
            listen: "0.0.0.0:4222".to_owned(),
            monitor: "0.0.0.0:8222".to_owned(),
            store_dir: "/data".into(),
            max_file_store: 1024,
        };
        let path = write_given(&out, &credentials, &given).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(first.contains("sync_interval: always") && first.contains("max_file_store: 1024"));
        assert!(first.contains("listen: \"0.0.0.0:4222\"") && first.contains("CORE {"), "{first}");
        let users = std::fs::read_to_string(out.join("integrators.conf")).unwrap();
        let seeds = Seeds::read_or_make(&credentials).unwrap();
        for account in super::super::Account::ALL {
            let seed = seeds.of(account);
            assert!(!first.contains(seed) && !users.contains(seed), "{}", account.name());
        }
        assert!(first.contains("include \"integrators.conf\"") && users.contains("nkey: U"));
        write_given(&out, &credentials, &given).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    }
}
