//! Connections to the gRPC port: with TLS or without, so many of one address, and none that is silent.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use kernel::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};
use tokio_util::either::Either;
use tonic::transport::server::Connected;

use crate::{
    config::GrpcConfig,
    wires::{
        TlsError,
        certificate::{self, Wanted},
        crowd::{Crowd, Place},
        trust::FOLDER,
    },
};

/// How long the hand-shake of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How many hand-shakes are under way at once; further clients wait outside.
const HANDSHAKES: usize = 256;

/// How clients of the gRPC port are met.
#[derive(Clone, Debug)]
pub struct GrpcFront {
    tls: Option<Arc<ServerConfig>>,
    /// Whether a client must show whose certificate it has.
    named: bool,
    crowd: Crowd,
}

impl GrpcFront {
    /// Plain text on the loopback, and elsewhere where the operator says so; TLS otherwise, and with a
    /// certificate of the operator's own. `keys` is where a certificate is made that is missing.
    pub fn of(config: &GrpcConfig, keys: &Path, now: Timestamp) -> Result<Self, TlsError> {
        let own = config.certificate.as_deref().zip(config.key.as_deref());
        let wanted = Wanted {
            listen: config.listen,
            names: &config.names,
            own,
            client_ca: config.client_ca.as_deref(),
            protocols: &[b"h2"],
        };
        let tls = if config.is_secure() {
            Some(certificate::server(&wanted, &keys.join(FOLDER), now)?)
        } else {
            None
        };
        let crowd = Crowd::of(config.max_connections_per_address);
        Ok(Self { tls, named: config.client_ca.is_some(), crowd })
    }

    /// Plain text from everybody.
    pub fn plain() -> Self {
        Self { tls: None, named: false, crowd: Crowd::of(0) }
    }

    /// Whether this end speaks TLS.
    pub const fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Accepts until nobody takes the connections any more.
    pub(super) async fn accept(
        &self,
        listener: TcpListener,
        taken: mpsc::Sender<io::Result<Wire>>,
    ) {
        let mut meeting = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = taken.closed() => return,
                Some(met) = meeting.next(), if !meeting.is_empty() => {
                    if let Some(wire) = met && taken.send(Ok(wire)).await.is_err() {
                        return;
                    }
                }
                next = listener.accept(), if meeting.len() < HANDSHAKES => match next {
                    Ok((stream, from)) => meeting.extend(self.meet(stream, from)),
                    Err(error) if is_of_one_client(&error) => {}
                    Err(error) => {
                        // As a rule there are too many open files: some will be closed.
                        tracing::error!(error = &error as &dyn std::error::Error, "cannot accept now");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                },
            }
        }
    }

    /// The connection once its client is met; none where the address holds more than its share.
    fn meet(
        &self,
        stream: TcpStream,
        from: SocketAddr,
    ) -> Option<impl Future<Output = Option<Wire>> + use<>> {
        let place = self.crowd.enter(from.ip(), false)?;
        let (tls, named) = (self.tls.clone(), self.named);
        Some(async move {
            stream.set_nodelay(true).ok()?;
            let address = from.ip().to_canonical();
            let Some(tls) = tls else {
                let peer = GrpcPeer { address, service: None };
                return Some(Wire { io: Either::Left(stream), peer, _place: place });
            };
            let met = timeout(HANDSHAKE, TlsAcceptor::from(tls).accept(stream)).await.ok()?;
            let stream = met
                .inspect_err(|error| tracing::debug!(%error, "a client of gRPC was not met"))
                .ok()?;
            let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let service =
                shown.and_then(|shown| certificate::services_of(shown).into_iter().next());
            if named && service.is_none() {
                tracing::warn!("a certificate that names no weft://service/… was shown: refused");
                return None;
            }
            let peer = GrpcPeer { address, service: service.map(Into::into) };
            Some(Wire { io: Either::Right(Box::new(stream)), peer, _place: place })
        })
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

/// Who is at the other end of a call, as an extension of its request. A certificate narrows who may
/// call at all; who it is that calls is what the token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrpcPeer {
    /// The address: for limits, never stored.
    pub address: IpAddr,
    /// The service that the certificate names, where certificates are asked for.
    pub service: Option<Arc<str>>,
}

/// A connection that is met.
pub(super) struct Wire {
    io: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    peer: GrpcPeer,
    _place: Place,
}

impl Connected for Wire {
    type ConnectInfo = GrpcPeer;

    fn connect_info(&self) -> GrpcPeer {
        self.peer.clone()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
#[path = "incoming_tests.rs"]
mod tests;
