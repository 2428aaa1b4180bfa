//! Who gets a connection to the gRPC port, and what it costs.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};
use tokio::sync::oneshot;
use tonic::{
    body::Body,
    service::Routes,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tower::{Service as _, ServiceExt as _};

use super::*;
use crate::{
    auth::{Access, AuthLayer, Policy, RequestSecret, Role, policy::tests::descriptors},
    grpc::{
        GrpcServer, RequestObserver, ServerLimits,
        client::{ConnectError, connect_with},
    },
    wires::Trust,
};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const READ: &str = "/weft.test.v1.TestService/Read";

struct Still;

impl kernel::Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Unseen;

impl RequestObserver for Unseen {
    fn observe(&self, _: &str, _: tonic::Code, _: Duration) {}
}

struct Served {
    data: tempfile::TempDir,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

fn config(listen: &str) -> GrpcConfig {
    GrpcConfig {
        listen: listen.parse().unwrap(),
        max_concurrent_streams: 8,
        max_concurrent_requests: 8,
        request_timeout_seconds: 5,
        calls_per_second: 100,
        calls_burst: 100,
        max_connections_per_address: 0,
        plaintext: false,
        names: Vec::new(),
        certificate: None,
        key: None,
        client_ca: None,
        ca: None,
        client_certificate: None,
        client_key: None,
    }
}

impl Served {
    #[expect(clippy::disallowed_methods, reason = "ends with the test")]
    async fn with(data: tempfile::TempDir, config: &GrpcConfig) -> Self {
        let front = GrpcFront::of(config, data.path(), NOW).unwrap();
        let set: &'static [u8] = Vec::leak(descriptors(&["Read"]));
        let policy = Policy::new(&[(READ, Access::Roles(&[Role::Operator]))], &[set]).unwrap();
        let issuer = crate::auth::Issuer::load_or_create(data.path()).unwrap();
        let auth = AuthLayer::new(
            Arc::new(issuer.verifier(Duration::ZERO)),
            Arc::new(policy),
            Arc::new(Still),
            RequestSecret::new([7; 32]),
        );
        let server = GrpcServer::new(ServerLimits::default(), Routes::default(), vec![set]);
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
        let (stop, stopped) = oneshot::channel();
        let _ended = tokio::spawn(server.serve(listener, front, auth, Arc::new(Unseen), async {
            let _stop: Result<(), _> = stopped.await;
        }));
        Self { data, address, _stop: stop }
    }

    fn own(&self) -> Trust {
        Trust::in_authority(&self.data.path().join("grpc/cert.pem"))
    }

    async fn reached(&self, scheme: &str, trust: &Trust) -> Result<Channel, ConnectError> {
        connect_with(&format!("{scheme}://{}", self.address), trust).await
    }
}

async fn is_answered(channel: Channel) -> bool {
    HealthClient::new(channel).check(HealthCheckRequest::default()).await.is_ok()
}

/// A certificate with this name, signed by the authority or by itself, in two files of a folder.
fn certificate(
    folder: &Path,
    name: &str,
    uri: Option<&str>,
    authority: Option<&Issuer<'_, KeyPair>>,
) -> (PathBuf, PathBuf) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    let uri = uri.map(|uri| SanType::URI(uri.try_into().unwrap()));
    params.subject_alt_names.extend(uri);
    let key = KeyPair::generate().unwrap();
    let made = match authority {
        Some(authority) => params.signed_by(&key, authority).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let (certificate, file) =
        (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    std::fs::write(&certificate, made.pem()).unwrap();
    std::fs::write(&file, key.serialize_pem()).unwrap();
    (certificate, file)
}

#[tokio::test]
async fn off_the_loopback_it_is_tls_and_only_who_is_believed_is_spoken_to() {
    let served = Served::with(tempfile::tempdir().unwrap(), &config("0.0.0.0:0")).await;
    assert!(is_answered(served.reached("https", &served.own()).await.unwrap()).await);
    // Plain text gets no answer, and another's authority does not believe this one.
    let plain = served.reached("http", &Trust::default()).await;
    assert!(match plain {
        Ok(channel) => !is_answered(channel).await,
        Err(_) => true,
    });
    let (other, _) = certificate(served.data.path(), "other", None, None);
    let refused = served.reached("https", &Trust::in_authority(&other)).await.unwrap_err();
    assert!(matches!(refused, ConnectError::NotBelieved { .. }), "{refused:?}");
    assert!(refused.to_string().contains("grpc.ca"), "{refused}");
    let nobody = served.reached("https", &Trust::default()).await.unwrap_err();
    assert!(matches!(nobody, ConnectError::NotBelieved { .. }), "{nobody:?}");
    let plain = GrpcConfig { plaintext: true, ..config("0.0.0.0:0") };
    assert!(!GrpcFront::of(&plain, served.data.path(), NOW).unwrap().is_secure());
    assert!(!GrpcFront::of(&config("127.0.0.1:0"), served.data.path(), NOW).unwrap().is_secure());
}

#[tokio::test]
async fn where_certificates_are_asked_for_a_service_shows_one_and_a_token_besides() {
    let data = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let ca = data.path().join("clients.pem");
    std::fs::write(&ca, params.self_signed(&key).unwrap().pem()).unwrap();
    let authority = Issuer::new(params, key);
    let named = Some("weft://service/gateway");
    let good = certificate(data.path(), "good", named, Some(&authority));
    let nameless = certificate(data.path(), "nameless", None, Some(&authority));
    let foreign = certificate(data.path(), "foreign", named, None);
    let served =
        Served::with(data, &GrpcConfig { client_ca: Some(ca), ..config("0.0.0.0:0") }).await;
    for shown in [None, Some(&nameless), Some(&foreign)] {
        let trust = match shown {
            None => served.own(),
            Some((certificate, key)) => served.own().showing(certificate, key),
        };
        let met = match served.reached("https", &trust).await {
            Ok(channel) => is_answered(channel).await,
            Err(_) => false,
        };
        assert!(!met, "{shown:?}");
    }
    let trust = served.own().showing(&good.0, &good.1);
    let mut channel = served.reached("https", &trust).await.unwrap();
    assert!(is_answered(channel.clone()).await);
    // It narrows; who it is says the token, and there was none.
    let request = http::Request::post(format!("https://{}{READ}", served.address))
        .header("content-type", "application/grpc")
        .body(Body::empty())
        .unwrap();
    let answer = channel.ready().await.unwrap().call(request).await.unwrap();
    assert_eq!(answer.headers()["grpc-status"], "16");
}

#[tokio::test]
async fn a_new_certificate_needs_no_restart() {
    let data = tempfile::tempdir().unwrap();
    let (first, key) = certificate(data.path(), "localhost", None, None);
    let own = GrpcConfig {
        certificate: Some(first.clone()),
        key: Some(key.clone()),
        ..config("127.0.0.1:0")
    };
    let served = Served::with(data, &own).await;
    let url = format!("https://localhost:{}", served.address.port());
    assert!(connect_with(&url, &Trust::in_authority(&first)).await.is_ok());
    let renewed = tempfile::tempdir().unwrap();
    let (second, new_key) = certificate(renewed.path(), "localhost", None, None);
    std::fs::copy(new_key, &key).unwrap();
    std::fs::copy(&second, &first).unwrap();
    let begun = std::time::Instant::now();
    while connect_with(&url, &Trust::in_authority(&second)).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the new one is not served");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn who_is_silent_blocks_nobody() {
    let served = Served::with(tempfile::tempdir().unwrap(), &config("0.0.0.0:0")).await;
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(TcpStream::connect(served.address).await.unwrap());
    }
    let url = format!("https://{}", served.address);
    let endpoint = Endpoint::from_shared(url).unwrap();
    assert!(is_answered(served.own().lazy(&endpoint)).await);
    drop(silent);
}
