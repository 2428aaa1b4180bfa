use std::{net::Ipv4Addr, sync::Arc};

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::*;
use crate::lifecycle::ExitOutcome;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A server of its own for a test.
struct Served {
    lifecycle: Lifecycle,
    keys: tempfile::TempDir,
    address: SocketAddr,
}

impl Served {
    async fn with(listen: &str, behind: &[&str], patience: Patience) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let config = HttpConfig {
            listen: listen.parse().unwrap(),
            behind_proxy: behind.iter().map(|block| block.parse().unwrap()).collect(),
            names: Vec::new(),
            certificate: None,
            key: None,
            max_connections_per_address: 64,
        };
        let front = Front { patience, ..Front::of(&config, keys.path(), NOW).unwrap() };
        let router = Router::new()
            .route("/peer", get(async |peer: Peer| format!("{} {}", peer.address, peer.secure)))
            .route(
                "/host",
                get(async |headers: HeaderMap| headers[header::HOST].to_str().unwrap().to_owned()),
            )
            .route("/for-ever", get(async || std::future::pending::<StatusCode>().await))
            .route("/length", post(async |body: Bytes| body.len().to_string()));
        let lifecycle = Lifecycle::new(Duration::from_secs(30));
        let mut address = serve(config.listen, front, router, &lifecycle).await.unwrap();
        address.set_ip(Ipv4Addr::LOCALHOST.into());
        Self { lifecycle, keys, address }
    }

    async fn off_loopback(patience: Patience) -> Self {
        Self::with("0.0.0.0:0", &[], patience).await
    }

    async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection that trusts what was made here, and nothing else.
    async fn tls(&self, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
        let made = self.keys.path().join("tls/cert.pem");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(made).unwrap()).unwrap();
        let mut client =
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
        client.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(client)).connect(name, self.plain().await).await.unwrap()
    }

    async fn stop(self) {
        self.lifecycle.stop();
        assert_eq!(self.lifecycle.run_until_stopped().await, ExitOutcome::Clean);
    }
}

/// Asks, and reads until the server closes.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _reset = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

const PEER: &str = "GET /peer HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn off_the_loopback_it_is_https_with_a_certificate_made_here() {
    let served = Served::off_loopback(Patience::default()).await;
    let answer = ask(served.tls(&[]).await, PEER).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1 true"), "{answer}");
    let stream = served.tls(&[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut ask, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    served.lifecycle.spawn("client", async move {
        let _ended = connection.await;
        Ok::<(), Infallible>(())
    });
    let request = http::Request::get("https://localhost/peer").body(String::new()).unwrap();
    assert_eq!(ask.send_request(request).await.unwrap().status(), StatusCode::OK);
    // HTTP/2 names the host beside the path; pages find it where they always do.
    let request = http::Request::get("https://weft.example/host").body(String::new()).unwrap();
    let answer = ask.send_request(request).await.unwrap();
    let said = axum::body::to_bytes(Body::new(answer.into_body()), 100).await.unwrap();
    assert_eq!(said, "weft.example");
    drop(ask);
    served.stop().await;
}

#[tokio::test]
async fn plain_http_where_tls_is_spoken_is_told_so() {
    let served = Served::off_loopback(Patience::default()).await;
    let answer = ask(served.plain().await, PEER).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("Content-Length: {}", body.len())) && body.contains("https"));
    assert_eq!(
        ask(served.plain().await, "\x16\x03\x01nonsense and more of it\r\n\r\n").await.find("HTTP"),
        None
    );
    assert!(ask(served.tls(&[]).await, PEER).await.ends_with("127.0.0.1 true"));
    served.stop().await;
}

#[tokio::test]
async fn who_is_silent_blocks_nobody_and_loses_the_connection() {
    let soon = Duration::from_millis(150);
    let impatient = Patience { handshake: soon, first: soon, head: soon, body: soon };
    for listen in ["0.0.0.0:0", "127.0.0.1:0"] {
        let served = Served::with(listen, &[], impatient).await;
        let mut silent = Vec::new();
        for _ in 0..64 {
            silent.push(served.plain().await);
        }
        let answer = if listen.starts_with("127") {
            ask(served.plain().await, PEER).await
        } else {
            ask(served.tls(&[]).await, PEER).await
        };
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        for client in silent {
            assert_eq!(ask(client, "").await, "", "closed without a word");
        }
        served.stop().await;
    }
}

#[tokio::test]
async fn heads_and_bodies_that_drip_are_cut_off() {
    let soon = Duration::from_millis(150);
    let served = Served::with(
        "127.0.0.1:0",
        &[],
        Patience { head: soon, body: soon, ..Patience::default() },
    )
    .await;
    let head = ask(served.plain().await, "GET /peer HTTP/1.1\r\nHo").await;
    assert!(!head.contains("200"), "{head}");
    let begun = "POST /length HTTP/1.1\r\nHost: weft\r\nContent-Length: 10\r\n\r\n12345";
    let body = ask(served.plain().await, begun).await;
    assert!(!body.contains("200"), "{body}");
    let whole = "POST /length HTTP/1.1\r\nHost: weft\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345";
    assert!(ask(served.plain().await, whole).await.ends_with("\r\n\r\n5"));
    served.stop().await;
}

#[tokio::test]
async fn forwarded_headers_are_believed_from_the_proxy_alone() {
    let claiming = "GET /peer HTTP/1.1\r\nHost: weft\r\nX-Forwarded-For: 203.0.113.9\r\n\
        X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n";
    for (behind, expected) in [
        (&["127.0.0.0/8"][..], "203.0.113.9 true"),
        (&["10.0.0.0/8"], "127.0.0.1 false"),
        (&[], "127.0.0.1 false"),
    ] {
        let served = Served::with("127.0.0.1:0", behind, Patience::default()).await;
        let answer = ask(served.plain().await, claiming).await;
        assert!(answer.ends_with(expected), "{behind:?}: {answer}");
        served.stop().await;
    }
    let proxied = Served::with("0.0.0.0:0", &["127.0.0.0/8"], Patience::default()).await;
    let answer = ask(proxied.plain().await, claiming).await;
    assert!(answer.ends_with("203.0.113.9 true"), "behind a proxy it is plain: {answer}");
    proxied.stop().await;
}

#[tokio::test]
async fn a_stop_ends_what_has_no_end() {
    let served = Served::with("127.0.0.1:0", &[], Patience::default()).await;
    let mut endless = served.plain().await;
    endless.write_all(b"GET /for-ever HTTP/1.1\r\nHost: weft\r\n\r\n").await.unwrap();
    let idle = served.plain().await;
    // The server has read it once it answers somebody later.
    assert!(ask(served.plain().await, PEER).await.ends_with("127.0.0.1 false"));
    served.stop().await;
    drop((endless, idle));
}
