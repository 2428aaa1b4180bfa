//! The server of the HTTP port: each connection in a task of its own, from its first byte on, so that
//! nobody waits for one who is silent.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header::HOST},
    response::Response,
};
use hyper::{body::Incoming, server::conn, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use kernel::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    Cidr, Error, Peer,
    patience::{InTime, Patience},
};
use crate::{
    config::HttpConfig,
    lifecycle::Lifecycle,
    wires::{
        TlsError,
        certificate::{self, Wanted},
        crowd::{Crowd, Place},
    },
};

/// How many connections are served at the same time; further ones wait in the backlog.
const MOST: usize = 4_096;

/// How long a stop waits for what is under way; pages that follow events have no end of their own.
const DRAIN: Duration = Duration::from_secs(3);

/// What a client is told that speaks HTTP where HTTPS is spoken.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 55\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nthis port speaks https: write https:// in the address\r\n";

/// How clients are met: with TLS or without, and whom of them one believes.
#[derive(Clone)]
pub struct Front {
    tls: Option<Arc<ServerConfig>>,
    proxies: Arc<[Cidr]>,
    pub(super) patience: Patience,
    crowd: Crowd,
}

impl Front {
    /// Plain HTTP on the loopback and behind a proxy; TLS everywhere else, and with a certificate of
    /// the operator's own. `keys` is where a certificate is made that is missing.
    pub fn of(config: &HttpConfig, keys: &Path, now: Timestamp) -> Result<Self, TlsError> {
        let outside = !config.listen.ip().is_loopback() && config.behind_proxy.is_empty();
        let tls = if outside || config.certificate.is_some() {
            let wanted = Wanted {
                listen: config.listen,
                names: &config.names,
                own: config.certificate.as_deref().zip(config.key.as_deref()),
                client_ca: None,
                protocols: &[b"h2", b"http/1.1"],
            };
            Some(certificate::server(&wanted, &keys.join("tls"), now)?)
        } else {
            None
        };
        Ok(Self {
            tls,
            proxies: config.behind_proxy.clone().into(),
            patience: Patience::default(),
            crowd: Crowd::of(config.max_connections_per_address),
        })
    }

    /// Plain HTTP from everybody.
    #[cfg(test)]
    pub(super) fn plain() -> Self {
        Self {
            tls: None,
            proxies: Arc::default(),
            patience: Patience::default(),
            crowd: Crowd::of(0),
        }
    }

    /// Whether this end speaks HTTPS.
    pub const fn is_secure(&self) -> bool {
        self.tls.is_some()
    }
}

/// Listens, then serves `router` until the soft stop; calls under way are ended. Gives the address,
/// which tells the port where `listen` left it open.
pub async fn serve(
    listen: SocketAddr,
    front: Front,
    router: Router,
    lifecycle: &Lifecycle,
) -> Result<SocketAddr, Error> {
    let refused = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            Error::InUse(listen)
        } else {
            Error::Listen { listen, source }
        }
    };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let stop = lifecycle.soft_token();
    lifecycle.spawn("http", async move {
        accept(listener, front, router, stop).await;
        Ok::<(), Infallible>(())
    });
    Ok(address)
}

async fn accept(listener: TcpListener, front: Front, router: Router, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MOST));
    let mut connections = JoinSet::new();
    loop {
        let (place, stream, from) = tokio::select! {
            () = stop.cancelled() => break,
            Some(_ended) = connections.join_next() => continue,
            next = next(&listener, &places) => next,
        };
        let proxy = front.proxies.iter().any(|block| block.contains(from.ip().to_canonical()));
        // Whoever holds more than their share is not answered: an answer would cost what they take.
        let Some(seat) = front.crowd.enter(from.ip(), proxy) else { continue };
        let connection = Connection {
            from,
            front: front.clone(),
            router: router.clone(),
            watcher: graceful.watcher(),
        };
        connections.spawn(async move {
            connection.run(stream).await;
            drop::<(_, Place)>((place, seat));
        });
    }
    drop(listener);
    // What has not ended by then ends with the set.
    let _some_are_left = timeout(DRAIN, graceful.shutdown()).await;
}

/// The next connection, with a place for it: first the place, so that whoever can't be served waits
/// outside.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => return (place, stream, from),
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                // As a rule there are too many open files: some will be closed.
                tracing::error!(error = &error as &dyn std::error::Error, "cannot accept now");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

struct Connection {
    from: SocketAddr,
    front: Front,
    router: Router,
    watcher: Watcher,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        let _slower = stream.set_nodelay(true);
        let Some(tls) = self.front.tls.clone() else { return self.http1(stream).await };
        let limit = self.front.patience.handshake;
        let Ok(Some(stream)) = timeout(limit, shake_hands(stream, tls.into())).await else {
            return;
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream).await;
        } else {
            self.http1(stream).await;
        }
    }

    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let asked = Arc::new(AtomicBool::new(false));
        let mut builder = conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.front.patience.head);
        let service = service_fn(self.answering(&asked));
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let limit = self.front.patience.first;
        // A connection ends as its client likes; there is nothing to do about it.
        tokio::select! {
            _ended = self.watcher.watch(connection) => {}
            () = silence(&asked, limit) => {}
        }
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let asked = Arc::new(AtomicBool::new(false));
        let mut builder = conn::http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20))
            .max_concurrent_streams(128)
            .max_header_list_size(16 * 1024);
        let service = service_fn(self.answering(&asked));
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let limit = self.front.patience.first;
        tokio::select! {
            _ended = self.watcher.watch(connection) => {}
            () = silence(&asked, limit) => {}
        }
    }

    /// What answers the requests of this connection, and notes that there was one.
    fn answering(
        &self,
        asked: &Arc<AtomicBool>,
    ) -> impl Fn(hyper::Request<Incoming>) -> Answer + use<> {
        let (router, front) = (self.router.clone(), self.front.clone());
        let (from, asked) = (self.from.ip(), Arc::clone(asked));
        move |request| {
            asked.store(true, Ordering::Relaxed);
            let limit = front.patience.body;
            let mut request = request.map(|body| Body::new(InTime::new(body, limit)));
            let secure = front.is_secure();
            let peer = Peer::of(request.headers_mut(), from, secure, &front.proxies);
            request.extensions_mut().insert(peer);
            // HTTP/2 names the host beside the path, and has no such header.
            let authority = request.uri().authority().map(http::uri::Authority::as_str);
            if let Some(host) = authority.and_then(|host| HeaderValue::from_str(host).ok()) {
                request.headers_mut().insert(HOST, host);
            }
            Box::pin(router.clone().oneshot(request))
        }
    }
}

type Answer = futures::future::BoxFuture<'static, Result<Response, Infallible>>;

/// The hand-shake of TLS; none where the client wants something else.
async fn shake_hands(
    mut stream: TcpStream,
    tls: TlsAcceptor,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    const HANDSHAKE: u8 = 0x16;
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if first[0] != HANDSHAKE {
        let _gone = stream.write_all(SPEAK_TLS).await;
        let _gone = stream.shutdown().await;
        // What came must be read, or the answer is thrown away with it.
        let _gone = stream.take(16 * 1024).read_to_end(&mut Vec::new()).await;
        return None;
    }
    tls.accept(stream).await.ok()
}

/// Ends where nobody has asked anything in time; a connection that did has limits of its own.
async fn silence(asked: &AtomicBool, limit: Duration) {
    tokio::time::sleep(limit).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
