//! What a nats-server needs that Weft does not start itself: its configuration with the accounts,
//! and the seeds of their users.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use kernel::{Division, Timestamp};

use super::{
    Error, Integrators,
    accounts::Accounts,
    conf::{self, Layout},
    files, folder,
    keys::Seeds,
};
use crate::wires::certificate::{self, Wanted};

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
    /// Under which names clients reach it, beside localhost and this host's.
    pub names: Vec<String>,
}

/// Beside the seeds: who signs the certificate of a server that others start.
pub const CA: &str = "ca.pem";

/// The folder of the certificate, beside the configuration.
const TLS: &str = "tls";

/// Writes `nats-server.conf` and the users of integrators into `out`, and makes the seeds that are
/// missing in `credentials`; gives the path of the configuration. It names public keys only. Run
/// again, it changes nothing but what `given` says.
///
/// A server that other machines reach speaks TLS: its certificate, which is its own authority, is made
/// in the folder `tls` of `out`, and given to clients beside their seeds.
pub fn write_given(
    out: &Path,
    credentials: &Path,
    given: &Given,
    now: Timestamp,
) -> Result<PathBuf, Error> {
    let (out, credentials) = (folder(out)?, folder(credentials)?);
    let seeds = Seeds::read_or_make(&credentials)?;
    let layout = Layout::new(out.clone());
    Integrators::new(given.county, credentials.clone(), layout.clone()).write()?;
    let tls = given.listens_outside().map(|listen| certificate(given, listen, &out, now));
    let tls = tls.transpose()?;
    if let Some((certificate, _)) = &tls {
        let shown = fs::read_to_string(certificate)
            .map_err(|source| Error::File { path: certificate.clone(), source })?;
        files::replace(&credentials.join(CA), &shown)?;
    }
    files::replace(&layout.config_file(), &render(given, &seeds, tls.as_ref()))?;
    Ok(layout.config_file())
}

impl Given {
    /// Where it listens, if other machines reach it there.
    fn listens_outside(&self) -> Option<SocketAddr> {
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 4222));
        let listen = self.listen.parse().unwrap_or(everywhere);
        (!listen.ip().is_loopback()).then_some(listen)
    }
}

/// The certificate and its key, made where they are missing.
fn certificate(
    given: &Given,
    listen: SocketAddr,
    out: &Path,
    now: Timestamp,
) -> Result<(PathBuf, PathBuf), Error> {
    let folder = out.join(TLS);
    let wanted = Wanted { listen, names: &given.names, own: None, client_ca: None, protocols: &[] };
    let _served = certificate::server(&wanted, &folder, now)?;
    Ok((folder.join(certificate::CERTIFICATE), folder.join(certificate::KEY)))
}

fn render(given: &Given, seeds: &Seeds, tls: Option<&(PathBuf, PathBuf)>) -> String {
    let Given { county, listen, monitor, store_dir, max_file_store, names: _ } = given;
    let tls = tls.map_or_else(String::new, |(certificate, key)| {
        let (certificate, key) = (conf::quoted(certificate), conf::quoted(key));
        format!("tls {{\n  cert_file: {certificate}\n  key_file: {key}\n  timeout: 5\n}}\n")
    });
    let accounts = Accounts { county: *county, seeds };
    format!(
        r#"# Written by `weft nats init`; run that again rather than change this.
listen: "{listen}"
http: "{monitor}"
{tls}{body}"#,
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
            names: vec!["nats".to_owned()],
        };
        let path = write_given(&out, &credentials, &given, Timestamp(1_790_000_000_000)).unwrap();
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
        write_given(&out, &credentials, &given, Timestamp(1_790_000_000_000)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
        // Other machines reach it: with TLS, and clients have its authority beside their seeds.
        let certificate = std::fs::read_to_string(out.join("tls/cert.pem")).unwrap();
        assert_eq!(std::fs::read_to_string(credentials.join(CA)).unwrap(), certificate);
        assert!(first.contains("tls {\n  cert_file:"), "{first}");
        let names = certificate.lines().find_map(|line| line.strip_prefix("names: ")).unwrap();
        assert!(names.split_whitespace().any(|name| name == "nats"), "{names}");
        let here = Given { listen: "127.0.0.1:4222".to_owned(), ..given };
        let now = Timestamp(1_790_000_000_000);
        let path = write_given(&dir.path().join("here"), &credentials, &here, now).unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains("tls {"));
    }
}
