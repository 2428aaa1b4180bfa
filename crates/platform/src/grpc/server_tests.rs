//! The whole server in one process: who gets through to which method.

use tokio::sync::oneshot;
use tonic::{Code, Request, Status, body::Body, service::Interceptor, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tower::{Service, ServiceExt};

use super::*;
use crate::{
    auth::{
        Access, AuthLayer, Claims, Issuer, MethodRow, Policy, Principal, RequestSecret, Role,
        Scope, policy::tests::descriptors,
    },
    grpc::{
        client::{Bearer, connect},
        status::{message_of, reason_of},
    },
    telemetry::TraceContext,
};

const NOW: kernel::Timestamp = kernel::Timestamp(1_800_000_000_000);
const READ: &str = "/weft.test.v1.TestService/Read";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct Fixed;

impl kernel::Clock for Fixed {
    fn now(&self) -> kernel::Timestamp {
        NOW
    }
}

#[derive(Default)]
struct Seen(Mutex<Vec<(String, Code)>>);

impl RequestObserver for Seen {
    fn observe(&self, method: &str, code: Code, _: Duration) {
        self.0.lock().unwrap().push((method.to_owned(), code));
    }
}

/// A service without generated code: answers with an empty message and says whom it saw.
#[derive(Clone)]
struct TestService;

impl tonic::server::NamedService for TestService {
    const NAME: &'static str = "weft.test.v1.TestService";
}

impl Service<http::Request<Body>> for TestService {
    type Response = http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let caller = request.extensions().get::<Principal>().map(Principal::caller);
        let trace = TRACE.contains(&TraceContext::current().trace_id());
        let token = request.headers().contains_key("authorization");
        let seen = format!("{} trace={trace} token={token}", caller.unwrap_or_default());
        std::future::ready(Ok(Status::not_found(seen).into_http()))
    }
}

struct Suite {
    _data: tempfile::TempDir,
    issuer: Issuer,
    channel: Channel,
    health: Health,
    seen: Arc<Seen>,
    stop: oneshot::Sender<()>,
    running: tokio::task::JoinHandle<Result<(), ServeError>>,
}

#[expect(clippy::disallowed_methods, reason = "the test holds the handle and joins it")]
async fn suite_with(settings: impl FnOnce(AuthLayer) -> AuthLayer) -> Suite {
    let data = tempfile::tempdir().unwrap();
    let issuer = Issuer::load_or_create(data.path()).unwrap();
    let set: &'static [u8] = Vec::leak(descriptors(&["Read", "Track"]));
    let rows: [MethodRow; 2] = [
        (READ, Access::Roles(&[Role::Operator])),
        ("/weft.test.v1.TestService/Track", Access::Public),
    ];
    let policy = Policy::new(&rows, &[set]).unwrap();
    let verifier = issuer.verifier(Duration::ZERO);
    let secret = RequestSecret::new([7; 32]);
    let auth = AuthLayer::new(Arc::new(verifier), Arc::new(policy), Arc::new(Fixed), secret);
    let auth = settings(auth);
    let server = GrpcServer::new(ServerLimits::default(), Routes::new(TestService), vec![set]);
    let health = server.health();
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Seen::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let observer = Arc::clone(&seen);
    let running = tokio::spawn(server.serve(listener, GrpcFront::plain(), auth, observer, async {
        let _ = stopped.await;
    }));
    let channel = connect(&address.to_string()).await.unwrap();
    Suite { _data: data, issuer, channel, health, seen, stop, running }
}

async fn suite() -> Suite {
    suite_with(|auth| auth).await
}

impl Suite {
    fn bearer(&self, role: Role) -> Bearer {
        let scope = match role {
            Role::Resident => Scope::Own,
            Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Operator
            | Role::Supervisor
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator
            | Role::Integrator => Scope::Division("620821".parse().unwrap()),
        };
        let claims = Claims {
            person: "620821000000-p1".parse().unwrap(),
            role,
            scope,
            ttl: Duration::from_mins(1),
            basis: crate::auth::Basis::default(),
        };
        Bearer::new(&self.issuer.issue(&claims, NOW).unwrap())
            .unwrap()
            .traced(|| Some(TRACE.into()))
    }

    /// Calls a path with an empty message; the status stands in the answer's headers.
    async fn call(&self, path: &'static str, bearer: Option<Bearer>) -> Status {
        let mut headers = Request::new(());
        if let Some(mut bearer) = bearer {
            headers = bearer.call(headers).unwrap();
        }
        let mut request = http::Request::post(path).body(Body::empty()).unwrap();
        *request.headers_mut() = headers.into_parts().0.into_headers();
        request
            .headers_mut()
            .insert("content-type", http::HeaderValue::from_static("application/grpc"));
        let mut channel = self.channel.clone();
        let answer = channel.ready().await.unwrap().call(request).await.unwrap();
        Status::from_header_map(answer.headers()).unwrap()
    }

    async fn health_of(&self, service: &str) -> Result<i32, Code> {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = HealthClient::new(self.channel.clone()).check(request).await;
        answer.map(|answer| answer.into_inner().status).map_err(|status| status.code())
    }
}

#[tokio::test]
async fn a_call_needs_a_token_of_a_role_in_the_methods_row() {
    let suite = suite().await;
    let none = suite.call(READ, None).await;
    assert_eq!(
        (none.code(), reason_of(&none).as_deref()),
        (Code::Unauthenticated, Some("TOKEN_MISSING"))
    );
    assert_eq!(message_of(&none, "zh-CN").as_deref(), Some("请先登录"));

    let forged = suite.call(READ, Some(Bearer::new("a.b.c").unwrap())).await;
    assert_eq!(
        (forged.code(), reason_of(&forged).as_deref()),
        (Code::Unauthenticated, Some("TOKEN_MALFORMED"))
    );

    let resident = suite.call(READ, Some(suite.bearer(Role::Resident))).await;
    assert_eq!(
        (resident.code(), reason_of(&resident).as_deref()),
        (Code::PermissionDenied, Some("ROLE_NOT_ALLOWED"))
    );

    let operator = suite.call(READ, Some(suite.bearer(Role::Operator))).await;
    assert_eq!(operator.message(), "person:620821000000-p1 trace=true token=false", "{operator:?}");

    let tracking = suite.call("/weft.test.v1.TestService/Track", None).await;
    assert_eq!(tracking.message(), " trace=false token=false");
    let old =
        suite.call("/weft.test.v1.TestService/Track", Some(Bearer::new("old").unwrap())).await;
    assert_eq!(old.message(), " trace=false token=false");
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_go_on() {
    let suite =
        suite_with(|auth| auth.with_limits(crate::auth::CallLimits { per_second: 1, burst: 2 }))
            .await;
    for _ in 0..2 {
        let taken = suite.call(READ, Some(suite.bearer(Role::Operator))).await;
        assert_eq!(taken.code(), Code::NotFound, "the service answers");
    }
    let refused = suite.call(READ, Some(suite.bearer(Role::Operator))).await;
    assert_eq!(
        (refused.code(), reason_of(&refused).as_deref()),
        (Code::ResourceExhausted, Some("TOO_MANY_REQUESTS"))
    );
    assert!(refused.details().windows(9).any(|part| part == b"RetryInfo"), "{refused:?}");
    for _ in 0..9 {
        let tracking = suite.call("/weft.test.v1.TestService/Track", None).await;
        assert_eq!(tracking.code(), Code::NotFound, "this host's gateway limits visitors itself");
    }
}

#[tokio::test]
async fn what_is_no_method_is_unimplemented_with_and_without_a_token() {
    let suite = suite().await;
    for bearer in [None, Some(suite.bearer(Role::Operator))] {
        for path in ["/weft.test.v1.TestService/Nothing", "/weft.none.v1.None/Read", "/"] {
            let status = suite.call(path, bearer.clone()).await;
            assert_eq!(
                (status.code(), reason_of(&status).as_deref()),
                (Code::Unimplemented, Some("METHOD_UNKNOWN"))
            );
        }
    }
}

#[tokio::test]
async fn health_is_public_and_the_whole_serves_while_every_service_does() {
    let suite = suite().await;
    let (serving, not_serving) = (ServingStatus::Serving as i32, ServingStatus::NotServing as i32);
    let name = "weft.test.v1.TestService";
    assert_eq!(
        (suite.health_of("").await, suite.health_of(name).await),
        (Ok(not_serving), Ok(not_serving))
    );
    assert_eq!(suite.health_of("weft.none.v1.None").await, Err(Code::NotFound));
    suite.health.set_serving(name).await;
    assert_eq!(
        (suite.health_of("").await, suite.health_of(name).await),
        (Ok(serving), Ok(serving))
    );
    suite.health.set_not_serving(name).await;
    assert_eq!(
        (suite.health_of("").await, suite.health.not_serving()),
        (Ok(not_serving), vec![name.to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_while_the_server_starts_stays_ready() {
    let names: Vec<String> = (0..300).map(|number| format!("weft.test.v1.Test{number}")).collect();
    for _ in 0..30 {
        let health = Health::new(names.clone());
        let (starting, ready, ours) = (health.clone(), health.clone(), names.clone());
        let at_once = Arc::new(tokio::sync::Barrier::new(2));
        let with = Arc::clone(&at_once);
        #[expect(clippy::disallowed_methods, reason = "two that run at the same time")]
        let (starting, ready) = (
            tokio::spawn(async move {
                at_once.wait().await;
                starting.report_all().await;
            }),
            tokio::spawn(async move {
                with.wait().await;
                // From the other end, so that the two meet.
                for name in ours.iter().rev() {
                    ready.set_serving(name).await;
                }
            }),
        );
        starting.await.unwrap();
        ready.await.unwrap();
        let service = HealthService::from_health_reporter(health.reporter.clone());
        for name in names.iter().map(String::as_str).chain([""]) {
            let asked = Request::new(HealthCheckRequest { service: name.to_owned() });
            let answer = tonic_health::pb::health_server::Health::check(&service, asked).await;
            let status = answer.unwrap().get_ref().status();
            assert_eq!(status, ServingStatus::Serving.into(), "{name:?}");
        }
    }
}

#[tokio::test]
async fn reflection_is_public_and_names_the_services() {
    let suite = suite().await;
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = ServerReflectionClient::new(suite.channel.clone())
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap()
        .into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        unreachable!("a list was asked for")
    };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    for name in
        ["weft.test.v1.TestService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"]
    {
        assert!(names.iter().any(|n| n == name), "{names:?}");
    }
}

#[tokio::test]
async fn every_call_is_measured_with_its_code_and_a_stop_ends_the_server() {
    let suite = suite().await;
    suite.call(READ, None).await;
    suite.call(READ, Some(suite.bearer(Role::Operator))).await;
    suite.health_of("").await.unwrap();
    let Suite { stop, running, seen, channel, .. } = suite;
    drop(channel);
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    let seen = seen.0.lock().unwrap().clone();
    let check = "/grpc.health.v1.Health/Check".to_owned();
    assert_eq!(
        seen,
        [
            (READ.to_owned(), Code::Unauthenticated),
            (READ.to_owned(), Code::NotFound),
            (check, Code::Ok)
        ]
    );
}

#[tokio::test]
async fn a_stream_that_the_client_gives_up_is_measured_as_cancelled() {
    let suite = suite().await;
    let request = HealthCheckRequest { service: String::new() };
    let mut watch =
        HealthClient::new(suite.channel.clone()).watch(request).await.unwrap().into_inner();
    assert!(watch.message().await.unwrap().is_some());
    drop(watch);
    let Suite { stop, running, seen, channel, .. } = suite;
    drop(channel);
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    let seen = seen.0.lock().unwrap().clone();
    assert_eq!(seen, [("/grpc.health.v1.Health/Watch".to_owned(), Code::Cancelled)]);
}

#[tokio::test]
async fn an_address_in_use_is_one_line_that_says_what_to_do() {
    let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = first.local_addr().unwrap();
    let refused = bind(address).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        format!("{address} is in use: stop the other program or choose another with --grpc")
    );
}
