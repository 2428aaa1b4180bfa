//! What each key means is said once, in `config.default.toml`; here are the types.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use kernel::{Division, Level};
use serde::{Deserialize, Deserializer, de};

use super::Error;
use crate::{http::Cidr, vault::CipherName};

/// Everything that the platform is told.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    /// The county whose log is served.
    #[serde(deserialize_with = "digits")]
    pub county: Division,
    /// Where everything that lasts is kept.
    pub data_dir: PathBuf,
    /// The gRPC server.
    pub grpc: GrpcConfig,
    /// The HTTP server.
    pub http: HttpConfig,
    /// The nats-server, managed or given.
    pub nats: NatsConfig,
    /// The vault.
    pub vault: VaultConfig,
    /// The read models' database.
    pub database: DatabaseConfig,
    /// Logs and traces.
    pub telemetry: TelemetryConfig,
    /// What a token must say.
    pub auth: AuthConfig,
    /// The writer of the log.
    pub log: LogConfig,
}

/// The top level, which can't be `deny_unknown_fields` because the services' sections are there.
pub(super) const NAMES: [&str; 10] =
    ["county", "data_dir", "grpc", "http", "nats", "vault", "database", "telemetry", "auth", "log"];

/// The gRPC server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrpcConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Open calls of one connection.
    pub max_concurrent_streams: u32,
    /// Open calls of all connections.
    pub max_concurrent_requests: usize,
    /// Calls a second of one caller.
    pub calls_per_second: u32,
    /// Calls at once of one caller.
    pub calls_burst: u32,
    /// The deadline of a call that brings none, in seconds.
    pub request_timeout_seconds: u64,
    /// How many connections one address may hold; 0 for as many as come.
    pub max_connections_per_address: usize,
    /// Plain text although it leaves this host.
    pub plaintext: bool,
    /// Further names of the certificate that is made here.
    pub names: Vec<String>,
    /// A certificate with its chain, in PEM; none for one that is made here.
    pub certificate: Option<PathBuf>,
    /// Its key, in PEM.
    pub key: Option<PathBuf>,
    /// Who signs the certificates that clients must show; none where they need none.
    pub client_ca: Option<PathBuf>,
    /// Whom this process believes as a client; none for the certificate that is made here.
    pub ca: Option<PathBuf>,
    /// What this process shows as a client where it must, in PEM.
    pub client_certificate: Option<PathBuf>,
    /// Its key, in PEM.
    pub client_key: Option<PathBuf>,
}

impl GrpcConfig {
    /// Whether it is served with TLS: off the loopback, unless plain text is accepted, and wherever a
    /// certificate is named or asked for.
    pub const fn is_secure(&self) -> bool {
        (!self.listen.ip().is_loopback() && !self.plaintext)
            || self.certificate.is_some()
            || self.client_ca.is_some()
    }

    /// The deadline of a call that brings none.
    pub const fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}

/// The HTTP server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Where proxies stand that do TLS and say who their client is.
    pub behind_proxy: Vec<Cidr>,
    /// Further names of the certificate that is made here.
    pub names: Vec<String>,
    /// A certificate with its chain, in PEM; none for one that is made here.
    pub certificate: Option<PathBuf>,
    /// Its key, in PEM.
    pub key: Option<PathBuf>,
    /// How many connections one address may hold; 0 for as many as come.
    pub max_connections_per_address: usize,
}

/// The nats-server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatsConfig {
    /// A server that is there; none for a managed child.
    pub url: Option<String>,
    /// The monitoring address of the server at `url`.
    pub monitor_url: Option<String>,
    /// The program of the child.
    pub server_binary: Option<PathBuf>,
    /// Further names of the certificate that `weft nats init` makes for the server at `url`.
    pub names: Vec<String>,
    /// Who signs the server's certificate, in PEM; none for `ca.pem` in the folder of the seeds, and
    /// where there is none for plain text.
    pub ca: Option<PathBuf>,
    /// Plain text although the server at `url` is on another machine.
    pub plaintext: bool,
    /// The folder of the seeds; none for `<data_dir>/keys/nats`.
    pub credentials: Option<PathBuf>,
    /// The port of the child, 0 for any.
    pub listen_port: u16,
    /// What the child stores at most, in bytes.
    pub max_file_store: u64,
    /// What the log holds at most, in bytes.
    pub log_max_bytes: i64,
    /// What the vault holds at most, in bytes.
    pub vault_max_bytes: i64,
    /// What the photos take at most, in bytes.
    pub media_max_bytes: i64,
    /// What the audit trail takes at most, in bytes.
    pub audit_max_bytes: i64,
    /// The soft memory limit of the child, in MiB.
    pub gomemlimit_mib: u32,
    /// Serve although the server does not sync every write.
    pub allow_unsynced: bool,
}

/// The vault.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultConfig {
    /// With what new values are sealed.
    pub cipher: CipherName,
}

/// The database of the read models.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// PostgreSQL; none for SQLite files in `<data_dir>/db`.
    pub url: Option<String>,
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.as_deref().map(super::print::redact_url);
        f.debug_struct("DatabaseConfig").field("url", &url).finish()
    }
}

/// Logs and traces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// How a line looks.
    pub log_format: LogFormat,
    /// Which lines, in the directives of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
    /// Where traces go.
    pub otlp_endpoint: Option<String>,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines: one object a line.
    Json,
}

/// What a token must say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// How far the clocks may be apart, in seconds.
    pub leeway_seconds: u64,
}

/// The writer of the log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// The most messages of one atomic batch; the server takes 1,000.
    pub max_batch: usize,
    /// How many messages may be under way one by one.
    pub plain_in_flight: usize,
    /// From how many waiting messages on they go as one batch.
    pub batch_from: usize,
    /// How many batches may be under way at once; the server takes 50.
    pub batches_in_flight: usize,
    /// How many messages may wait.
    pub queue: usize,
}

impl Config {
    /// What the types can't say.
    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |key, what| Err(Error::value(key, what));
        if self.county.level() != Level::County {
            return wrong("county", "a county has six digits; give the county, not a part of it");
        }
        if self.http.certificate.is_some() != self.http.key.is_some() {
            return wrong("http.key", "a certificate and its key belong together; give both");
        }
        if self.grpc.certificate.is_some() != self.grpc.key.is_some() {
            return wrong("grpc.key", "a certificate and its key belong together; give both");
        }
        if self.grpc.client_certificate.is_some() != self.grpc.client_key.is_some() {
            return wrong(
                "grpc.client_key",
                "a certificate and its key belong together; give both",
            );
        }
        if self.grpc.plaintext && self.grpc.client_ca.is_some() {
            return wrong(
                "grpc.plaintext",
                "certificates of clients need TLS; leave one of them out",
            );
        }
        if !(1..=1000).contains(&self.log.max_batch) {
            return wrong("log.max_batch", "the server takes 1 to 1000; give a number of them");
        }
        if self.log.plain_in_flight == 0 || !(1..=50).contains(&self.log.batches_in_flight) {
            return wrong(
                "log.plain_in_flight",
                "nothing could be written; give 1 or more, and log.batches_in_flight from 1 to 50",
            );
        }
        if self.log.queue < self.log.max_batch {
            return wrong("log.queue", "smaller than log.max_batch; make it at least as large");
        }
        if self.grpc.calls_per_second == 0 || self.grpc.calls_burst == 0 {
            return wrong(
                "grpc.calls_per_second",
                "nobody could call; give 1 or more, and grpc.calls_burst too",
            );
        }
        if self.grpc.request_timeout_seconds == 0 {
            return wrong("grpc.request_timeout_seconds", "0 would end every call; give 1 or more");
        }
        let NatsConfig { log_max_bytes, vault_max_bytes, media_max_bytes, audit_max_bytes, .. } =
            self.nats;
        let stores = [log_max_bytes, vault_max_bytes, media_max_bytes, audit_max_bytes];
        if stores.iter().any(|bytes| *bytes <= 0) {
            return wrong(
                "nats.log_max_bytes",
                "the log, the vault, the photos and the audit trail need a limit; give bytes above 0",
            );
        }
        let parts = stores.into_iter().fold(0_i64, i64::saturating_add);
        if self.nats.url.is_none() && parts.unsigned_abs() > self.nats.max_file_store {
            return wrong(
                "nats.max_file_store",
                "smaller than log_max_bytes, vault_max_bytes, media_max_bytes and audit_max_bytes together; make it larger or them smaller",
            );
        }
        Ok(())
    }

    /// Who signs the certificate of the nats-server at `nats.url`; none where plain text is spoken.
    pub fn nats_ca(&self) -> Option<PathBuf> {
        let made = self.nats_credentials().join(crate::nats_server::CA);
        let ca = self.nats.ca.clone().or_else(|| made.exists().then_some(made));
        let off_loopback = self.nats.url.as_deref().is_some_and(|url| !is_here(url));
        ca.filter(|_| self.nats.ca.is_some() || (off_loopback && !self.nats.plaintext))
    }

    /// Whether what is said to the nats-server leaves this host in plain text, which only happens where
    /// `nats.plaintext` allows it.
    pub fn nats_is_plain(&self) -> bool {
        self.nats.url.as_deref().is_some_and(|url| !is_here(url)) && self.nats_ca().is_none()
    }

    /// The folder of the seeds of the NATS users.
    pub fn nats_credentials(&self) -> PathBuf {
        self.nats.credentials.clone().unwrap_or_else(|| self.data_dir.join("keys").join("nats"))
    }
}

/// Whether a URL names this host.
fn is_here(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(long) => long.split(']').next().unwrap_or_default(),
        None => host.split([':', '/']).next().unwrap_or_default(),
    };
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The environment and `--set` make a number of `620821`.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Division, D::Error> {
    struct Digits;
    impl de::Visitor<'_> for Digits {
        type Value = Division;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a county's six digits")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Division, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Division, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Division, E> {
            self.visit_str(&number.to_string())
        }
    }
    deserializer.deserialize_any(Digits)
}
