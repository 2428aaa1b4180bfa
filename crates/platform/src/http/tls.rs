//! The certificate: the operator's own, or one that is made at the first start.

use std::{
    fs,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use kernel::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
};

use crate::config::HttpConfig;

/// The file of the certificate in the folder `tls` of the keys.
const CERTIFICATE: &str = "cert.pem";
/// The file of its key.
const KEY: &str = "key.pem";
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
    #[error("no certificate can be made for {0:?}: mend http.names")]
    Names(Vec<String>, #[source] rcgen::Error),
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

/// TLS with the operator's certificate, or with the one in `<keys>/tls`, which is made where it is
/// missing or has none of a name that the configuration asks for.
pub(super) fn server(
    config: &HttpConfig,
    keys: &Path,
    now: Timestamp,
) -> Result<Arc<ServerConfig>, TlsError> {
    if let (Some(certificate), Some(key)) = (&config.certificate, &config.key) {
        return of_files(certificate, key);
    }
    let folder = keys.join("tls");
    let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
    let asked_for = asked_for(config);
    if has_names(&certificate, &asked_for)
        && let Ok(server) = of_files(&certificate, &key)
    {
        return Ok(server);
    }
    let mut names = asked_for;
    names.extend(of_this_host(config.listen));
    names.sort_unstable();
    names.dedup();
    make(&folder, &names, now)?;
    of_files(&certificate, &key)
}

fn of_files(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| {
            if let pem::Error::Io(source) = source {
                TlsError::File { path, source }
            } else {
                TlsError::Pem { path, source }
            }
        }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key))?;
    let unusable = |source| TlsError::Unusable { path: certificate.display().to_string(), source };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

/// The names that the certificate must have.
fn asked_for(config: &HttpConfig) -> Vec<String> {
    let listen = config.listen.ip();
    let mut names = config.names.clone();
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
pub(super) fn outward() -> Option<IpAddr> {
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
#[path = "tls_tests.rs"]
mod tests;
