//! The client's side of gRPC: whom it believes, what it shows, and a connection to an address.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{self, ClientConfig, crypto::aws_lc_rs, pki_types::ServerName},
};
use tokio_util::either::Either;
use tonic::transport::{Channel, Endpoint, Uri};

use super::certificate::{self, CERTIFICATE, TlsError};
use crate::config::Config;

/// Whom a client believes, and what it shows to those who ask for a certificate. The files are read at
/// each connection, so that new ones need no restart.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    ca: Option<PathBuf>,
    identity: Option<(PathBuf, PathBuf)>,
}

/// Why a connection with TLS is not made.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Nobody is believed.
    #[error("no authority is known for {0}: name it with grpc.ca")]
    Nobody(String),
    /// A file.
    #[error(transparent)]
    Files(#[from] TlsError),
    /// The files do not go together.
    #[error(
        "the certificate and the key that a client shows cannot be used: check grpc.client_certificate"
    )]
    Identity(#[source] rustls::Error),
}

type Wire = TokioIo<Either<TcpStream, Box<TlsStream<TcpStream>>>>;

impl Trust {
    /// As the configuration says; without `grpc.ca` the certificate that the services of this data
    /// folder serve is its own authority.
    pub fn of(config: &Config) -> Self {
        let grpc = &config.grpc;
        let own = config.data_dir.join("keys").join(FOLDER).join(CERTIFICATE);
        Self {
            ca: Some(grpc.ca.clone().or_else(|| grpc.certificate.clone()).unwrap_or(own)),
            identity: grpc.client_certificate.clone().zip(grpc.client_key.clone()),
        }
    }

    /// With this authority, and no certificate to show.
    pub fn in_authority(ca: &Path) -> Self {
        Self { ca: Some(ca.to_owned()), identity: None }
    }

    /// The same, and this certificate with its key is shown to those who ask for one.
    #[must_use]
    pub fn showing(mut self, certificate: &Path, key: &Path) -> Self {
        self.identity = Some((certificate.to_owned(), key.to_owned()));
        self
    }

    /// A channel that connects when it is first used, and again whenever it must.
    pub fn lazy(&self, endpoint: &Endpoint) -> Channel {
        endpoint.connect_with_connector_lazy(self.connector())
    }

    /// A channel that is connected.
    pub async fn connect(&self, endpoint: &Endpoint) -> Result<Channel, tonic::transport::Error> {
        endpoint.connect_with_connector(self.connector()).await
    }

    fn connector(
        &self,
    ) -> impl tower_service::Service<Uri, Response = Wire, Error = io::Error, Future: Send + 'static>
    + Send
    + 'static {
        let trust = Arc::new(self.clone());
        tower::service_fn(move |uri: Uri| {
            let trust = Arc::clone(&trust);
            async move { trust.reach(&uri).await.map(TokioIo::new) }
        })
    }

    async fn reach(&self, uri: &Uri) -> io::Result<Either<TcpStream, Box<TlsStream<TcpStream>>>> {
        let host = uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let stream = TcpStream::connect((bare, port)).await?;
        stream.set_nodelay(true)?;
        if !secure {
            return Ok(Either::Left(stream));
        }
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|source| io::Error::new(io::ErrorKind::InvalidInput, source))?;
        let config = self.tls(host).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        Ok(Either::Right(Box::new(stream)))
    }

    fn tls(&self, host: &str) -> Result<ClientConfig, TrustError> {
        let ca = self.ca.as_deref().filter(|ca| ca.exists());
        let ca = ca.ok_or_else(|| TrustError::Nobody(host.to_owned()))?;
        let roots = certificate::authorities(ca)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TrustError::Identity)?
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder
                .with_client_auth_cert(certificate::chain(chain)?, certificate::key(key)?)
                .map_err(TrustError::Identity)?,
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}

/// The folder of the keys with the certificate of gRPC.
pub(crate) const FOLDER: &str = "grpc";

/// Whether a connection failed because the other end is not believed, or does not believe this one.
pub(crate) fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<rustls::Error>()
            || inner.is_some_and(|inner| inner.is::<rustls::Error>() || inner.is::<TrustError>())
        {
            return true;
        }
        cause = error.source();
    }
    false
}
