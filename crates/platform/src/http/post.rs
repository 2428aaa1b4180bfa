//! Requests to addresses that somebody gave: one POST each, to nothing inside, with no redirect.
//!
//! A name is resolved once, every address that it has is judged, and the connection goes to one of
//! those; what the name says a moment later does not matter.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures::future::{Either, select};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body as _;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::cidr::Cidr;

/// The most characters of an address.
pub const MAX_URL_CHARS: usize = 2_000;

/// How much of an answer's body is read at most: nobody looks at it.
const MAX_ANSWER_BYTES: u64 = 4_096;

/// How much of a body that is asked for is read at most.
pub const MAX_READ_BYTES: u64 = 256 * 1024;

/// To what requests may go, and how long they may take.
#[derive(Clone, Debug)]
pub struct PostSettings {
    /// Blocks that are let through although they are not public.
    pub allow: Vec<Cidr>,
    /// Whether plain HTTP is allowed to this host itself.
    pub plain_http: bool,
    /// A file with certificates of authorities in PEM; those of the system where there is none.
    pub ca_file: Option<PathBuf>,
    /// How long a request may take, from resolving to the answer.
    pub limit: Duration,
}

/// Why no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file of authorities.
    #[error("{path} holds no certificates in PEM: mend it, or leave the setting out")]
    CaFile {
        /// The file.
        path: String,
    },
    /// TLS.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// Why a text is no address to send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// It has another form.
    #[error("this is no address like https://host/path: mend it")]
    Form,
    /// Not https.
    #[error("an address begins with https://: nothing is sent in plain text")]
    Plain,
    /// It has a user or a password.
    #[error("an address carries no user and no password: requests are signed")]
    UserInfo,
    /// It is too long.
    #[error("an address has at most {MAX_URL_CHARS} characters")]
    Long,
    /// Its host is an address inside.
    #[error("nothing is sent to addresses of this host or of private networks")]
    Inside,
}

/// Why a request was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The name stands for an address to which nothing is sent.
    #[error("the address is inside")]
    Forbidden,
    /// No connection, no TLS, no answer, or none in time.
    #[error("{0}")]
    Unreachable(String),
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    secure: bool,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    /// Scheme, host and port: what may be shown.
    pub fn origin(&self) -> String {
        let Self { secure, host, port, .. } = self;
        let scheme = if *secure { "https" } else { "http" };
        let usual = *port == if *secure { 443 } else { 80 };
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        if usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") }
    }
}

/// Sends requests.
#[derive(Clone)]
pub struct Poster {
    settings: Arc<PostSettings>,
    tls: TlsConnector,
}

impl Poster {
    /// A client with these settings.
    pub fn new(settings: PostSettings) -> Result<Self, ClientError> {
        let roots = match &settings.ca_file {
            Some(path) => roots_of(path)?,
            None => roots_of_system(),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { settings: Arc::new(settings), tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Reads an address. A name is judged when it is resolved.
    pub fn target(&self, url: &str) -> Result<Target, InvalidTarget> {
        if url.chars().nth(MAX_URL_CHARS).is_some() {
            return Err(InvalidTarget::Long);
        }
        if url.contains(['#', '\\']) || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidTarget::Form);
        }
        let uri: Uri = url.parse().map_err(|_| InvalidTarget::Form)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(InvalidTarget::Form);
        };
        if authority.as_str().contains('@') {
            return Err(InvalidTarget::UserInfo);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let literal: Option<IpAddr> = host.parse().ok();
        let here = literal.is_some_and(|address| address.to_canonical().is_loopback());
        let secure = match scheme {
            "https" => true,
            "http" if self.settings.plain_http && here => false,
            _ => return Err(InvalidTarget::Plain),
        };
        if host.is_empty() || (literal.is_none() && !is_name(&host)) {
            return Err(InvalidTarget::Form);
        }
        if literal.is_some_and(|address| !self.settings.permits(address)) {
            return Err(InvalidTarget::Inside);
        }
        // A port that is written is a number, or the address is none.
        let written = authority.port_u16();
        if written.is_none() && authority.as_str().len() != authority.host().len() {
            return Err(InvalidTarget::Form);
        }
        let port = written.unwrap_or(if secure { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Target { secure, host, port, path })
    }

    /// Sends a body, and answers with the status that came; redirects are not followed.
    pub async fn post(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<StatusCode, PostError> {
        let request = request(Method::POST, target, headers, body)?;
        let sent = self.send(target, request, MAX_ANSWER_BYTES);
        let sent = tokio::time::timeout(self.settings.limit, sent).await;
        let late = |_| PostError::Unreachable("no answer in time".to_owned());
        sent.map_err(late)?.map(|(status, _)| status)
    }

    /// Asks something, and answers with the status and the body that came; redirects are not followed,
    /// and a body of more than [`MAX_READ_BYTES`] is refused.
    pub async fn ask(
        &self,
        method: Method,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, Vec<u8>), PostError> {
        let request = request(method, target, headers, body)?;
        let asked = self.send(target, request, MAX_READ_BYTES + 1);
        let asked = tokio::time::timeout(self.settings.limit, asked).await;
        let late = |_| PostError::Unreachable("no answer in time".to_owned());
        let (status, body) = asked.map_err(late)??;
        if body.len() as u64 > MAX_READ_BYTES {
            return Err(PostError::Unreachable("the answer is too long".to_owned()));
        }
        Ok((status, body))
    }

    async fn send(
        &self,
        target: &Target,
        request: Request<Whole>,
        most: u64,
    ) -> Result<(StatusCode, Vec<u8>), PostError> {
        let address = self.resolve(target).await?;
        let stream = TcpStream::connect(address).await.map_err(unreachable)?;
        if !target.secure {
            return exchange(stream, request, most).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(unreachable)?;
        let stream = self.tls.connect(name, stream).await.map_err(unreachable)?;
        exchange(stream, request, most).await
    }

    /// The one address to which the connection goes: all that the name has must be permitted.
    async fn resolve(&self, target: &Target) -> Result<SocketAddr, PostError> {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let found: Vec<SocketAddr> = found.map_err(unreachable)?.collect();
        let inside = |address: &SocketAddr| {
            let ip = address.ip();
            !self.settings.permits(ip) || (!target.secure && !ip.to_canonical().is_loopback())
        };
        if found.iter().any(inside) {
            return Err(PostError::Forbidden);
        }
        found.first().copied().ok_or_else(|| PostError::Unreachable("no address".to_owned()))
    }
}

impl PostSettings {
    fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allow.iter().any(|block| block.contains(address)) || is_public(address)
    }
}

/// Whether an address is one of the internet's, after the registries of special addresses
/// (RFC 6890 and those that amend it).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // What is routed is 2000::/3; of that not Teredo and its neighbours, documentation, and 6to4.
    (first & 0xe000) == 0x2000
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        && first != 0x2002
        && !(first == 0x3fff && second < 0x1000)
}

/// Whether a text is a name of the DNS; numbers alone are none, for they may be read as an address.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.split('.').all(label)
        && last.bytes().any(|b| b.is_ascii_alphabetic())
        && !last.to_ascii_lowercase().starts_with("0x")
}

fn request(
    method: Method,
    target: &Target,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Whole>, PostError> {
    let origin = target.origin();
    let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
    let mut request = Request::builder()
        .method(method)
        .uri(&target.path)
        .header(header::HOST, host)
        .header(header::CONTENT_LENGTH, body.len())
        .header(header::CONNECTION, "close")
        .body(Whole(Some(body)))
        .map_err(unreachable)?;
    request.headers_mut().extend(headers);
    Ok(request)
}

/// Sends a request over a connection, and reads as much of the answer as is polite.
async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    request: Request<Whole>,
    most: u64,
) -> Result<(StatusCode, Vec<u8>), PostError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(64 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(unreachable)?;
    let asked = pin!(async move {
        let response = sender.send_request(request).await.map_err(unreachable)?;
        let status = response.status();
        Ok((status, read(response, most).await))
    });
    match select(asked, pin!(connection)).await {
        Either::Left((answered, _)) => answered,
        // The connection has done its part; what it read is still there.
        Either::Right((_, asked)) => asked.await,
    }
}

/// What comes of a body, until it is at least so long.
async fn read(response: Response<Incoming>, most: u64) -> Vec<u8> {
    let mut body = pin!(response.into_body());
    let mut read = Vec::new();
    while (read.len() as u64) < most {
        let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await;
        let Some(Ok(frame)) = frame else { break };
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    read
}

/// A body that is all there.
struct Whole(Option<Bytes>);

impl http_body::Body for Whole {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}

fn unreachable(error: impl std::error::Error) -> PostError {
    PostError::Unreachable(error.to_string())
}

fn roots_of(path: &Path) -> Result<RootCertStore, ClientError> {
    let wrong = || ClientError::CaFile { path: path.display().to_string() };
    let pem: io::Result<Vec<u8>> = fs::read(path);
    let pem = pem.map_err(|_| wrong())?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| wrong())?;
        roots.add(certificate).map_err(|_| wrong())?;
    }
    if roots.is_empty() { Err(wrong()) } else { Ok(roots) }
}

fn roots_of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    // A test machine may have none, and send nothing: then nothing is trusted.
    if roots.is_empty() {
        tracing::warn!(
            "no certificate authorities: install ca-certificates, or name a file of them"
        );
    }
    roots
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
