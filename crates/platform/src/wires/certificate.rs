//! The certificate of a port: the operator's own, or one that is made at the first start. It is read
//! again when its file changes, so that a new one needs no restart.

use std::{
    fs,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use kernel::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};
use tokio::time::Instant;
use tokio_rustls::rustls::{
    self, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};

use super::der;

/// The file of a certificate that is made here.
pub(crate) const CERTIFICATE: &str = "cert.pem";
/// The file of its key.
pub(crate) const KEY: &str = "key.pem";
/// Whom a service's certificate names, before its name.
const SERVICE: &str = "weft://service/";
/// How often a certificate's files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Before the certificate stands for which names it was made.
const NAMES: &str = "names: ";

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("{path} cannot be read or made")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not PEM.
    #[error("{path} holds no certificate or key in PEM")]
    Pem {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// A name of the configuration cannot stand in a certificate.
    #[error("no certificate can be made for {0:?}: mend http.names, or grpc.names")]
    Names(Vec<String>, #[source] rcgen::Error),
    /// Nobody could be believed.
    #[error("{path} names no authority for the certificates of clients")]
    Authority {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: rustls::server::VerifierBuilderError,
    },
    /// The certificate and the key cannot be used.
    #[error("the certificate {path} and its key cannot be used")]
    Unusable {
        /// The certificate.
        path: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
}

/// What a port needs.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Further names of a certificate that is made here.
    pub(crate) names: &'a [String],
    /// The operator's own certificate and key.
    pub(crate) own: Option<(&'a Path, &'a Path)>,
    /// Who signs the certificates that clients must show; none where they need none.
    pub(crate) client_ca: Option<&'a Path>,
    /// What is spoken, the first first.
    pub(crate) protocols: &'a [&'a [u8]],
}

/// TLS with the operator's certificate, or with the one in `folder`, which is made where it is missing
/// or has none of a name that the configuration asks for.
pub(crate) fn server(
    wanted: &Wanted<'_>,
    folder: &Path,
    now: Timestamp,
) -> Result<Arc<ServerConfig>, TlsError> {
    if let Some((certificate, key)) = wanted.own {
        return of_files(certificate, key, wanted);
    }
    let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
    let asked_for = asked_for(wanted);
    if has_names(&certificate, &asked_for)
        && let Ok(server) = of_files(&certificate, &key, wanted)
    {
        return Ok(server);
    }
    let mut names = asked_for;
    names.extend(of_this_host(wanted.listen));
    names.sort_unstable();
    names.dedup();
    make(folder, &names, now)?;
    of_files(&certificate, &key, wanted)
}

/// Until when the first certificate of a file is good.
pub fn expires(certificate: &Path) -> Result<Timestamp, TlsError> {
    let chain = chain(certificate)?;
    chain.first().and_then(|first| der::not_after(first)).ok_or_else(|| TlsError::Pem {
        path: certificate.display().to_string(),
        source: pem::Error::NoItemsFound,
    })
}

/// The services that a certificate names, such as `gateway` of `weft://service/gateway`.
pub(crate) fn services_of(certificate: &[u8]) -> Vec<String> {
    let uris = der::uris(certificate);
    uris.iter().filter_map(|uri| uri.strip_prefix(SERVICE)).map(str::to_owned).collect()
}

fn failed(path: &Path) -> impl Fn(pem::Error) -> TlsError {
    let path = path.display().to_string();
    move |source| {
        let path = path.clone();
        if let pem::Error::Io(source) = source {
            TlsError::File { path, source }
        } else {
            TlsError::Pem { path, source }
        }
    }
}

/// The certificates of a file, that of its owner first.
pub(super) fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed(path))
}

/// The key of a file.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(failed(path))
}

/// The authorities of a file.
pub(super) fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for authority in chain(path)? {
        let path = path.display().to_string();
        roots.add(authority).map_err(|source| TlsError::Unusable { path, source })?;
    }
    Ok(roots)
}

fn of_files(
    certificate: &Path,
    key: &Path,
    wanted: &Wanted<'_>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let reloading = Reloading::of(certificate, key, Arc::clone(&provider))?;
    let unusable = |source| TlsError::Unusable { path: certificate.display().to_string(), source };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = match wanted.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let roots = Arc::new(authorities(path)?);
            let path = path.display().to_string();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|source| TlsError::Authority { path, source })?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut server = builder.with_cert_resolver(Arc::new(reloading));
    server.alpn_protocols = wanted.protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(server))
}

/// A certificate that is looked after: where its files change, those that come are served.
#[derive(Debug)]
struct Reloading {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    served: Arc<CertifiedKey>,
    files: [Option<(SystemTime, u64)>; 2],
    looked: Instant,
}

impl Reloading {
    fn of(certificate: &Path, key: &Path, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let files = [certificate, key].map(stamp);
        let served = Arc::new(load(certificate, key, &provider)?);
        let held = Mutex::new(Held { served, files, looked: Instant::now() });
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), provider, held })
    }

    fn current(&self) -> Arc<CertifiedKey> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.looked.elapsed() < LOOK_EVERY {
            return Arc::clone(&held.served);
        }
        held.looked = Instant::now();
        let files = [&*self.certificate, &self.key].map(stamp);
        if files != held.files {
            match load(&self.certificate, &self.key, &self.provider) {
                Ok(served) => {
                    tracing::info!(certificate = %self.certificate.display(), "a new certificate is served");
                    held.served = Arc::new(served);
                    held.files = files;
                }
                // Its key may come a moment later.
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the certificate has changed and cannot be used: the one before is served"
                ),
            }
        }
        Arc::clone(&held.served)
    }
}

impl ResolvesServerCert for Reloading {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

/// What tells a file from the one that was there before.
fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

fn load(
    certificate: &Path,
    key_file: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let unusable = |source| TlsError::Unusable { path: certificate.display().to_string(), source };
    let (chain, key) = (chain(certificate)?, key(key_file)?);
    CertifiedKey::from_der(chain, key, provider).map_err(unusable)
}

/// The names that the certificate must have.
fn asked_for(wanted: &Wanted<'_>) -> Vec<String> {
    let listen = wanted.listen.ip();
    let mut names = wanted.names.to_vec();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names
}

/// The names that a new certificate has beside: they may change with a container or a lease, and a
/// certificate that browsers were told to trust is not thrown away for that.
fn of_this_host(listen: SocketAddr) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if !host.is_empty() && host.bytes().all(good) {
        names.push(host);
    }
    if listen.ip().is_unspecified() {
        names.extend(outward().map(|address| address.to_string()));
    }
    names
}

/// The address under which this host is seen from outside, as far as it knows: that of the route
/// outward. Nothing is sent.
pub(crate) fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|local| local.ip()).filter(|ip| !ip.is_unspecified())
}

/// Whether the certificate was made for all of these names.
fn has_names(certificate: &Path, asked_for: &[String]) -> bool {
    let Ok(text) = fs::read_to_string(certificate) else { return false };
    let line = text.lines().find_map(|line| line.strip_prefix(NAMES)).unwrap_or_default();
    asked_for.iter().all(|name| line.split(' ').any(|made| made == name))
}

/// Makes a key and a certificate for it, valid for ten years: no authority renews it, and nobody
/// would notice in time.
fn make(folder: &Path, names: &[String], now: Timestamp) -> Result<(), TlsError> {
    let refused = |source| TlsError::Names(names.to_vec(), source);
    let mut params = CertificateParams::new(names).map_err(refused)?;
    let year = 1970 + i32::try_from(now.0 / 31_556_952_000).unwrap_or_default();
    params.not_before = date_time_ymd(year - 1, 1, 1);
    params.not_after = date_time_ymd(year + 10, 1, 1);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Weft");
    let key = KeyPair::generate().map_err(refused)?;
    let certificate = params.self_signed(&key).map_err(refused)?;
    let text = format!("{NAMES}{}\n{}", names.join(" "), certificate.pem());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| TlsError::File { path: folder.display().to_string(), source })?;
    // The key first: a certificate without its key is made anew.
    write(&folder.join(KEY), &key.serialize_pem())?;
    write(&folder.join(CERTIFICATE), &text)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), TlsError> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = || {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    written().map_err(|source| TlsError::File { path: path.display().to_string(), source })
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
