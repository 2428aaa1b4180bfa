//! The gRPC server: the services' routes, health, reflection, authentication, measurement, limits.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prost::Message;
use prost_types::FileDescriptorSet;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{service::Routes, transport::Server};
use tonic_health::{
    ServingStatus,
    pb::health_server::HealthServer,
    server::{HealthReporter, HealthService},
};

use super::{
    incoming::GrpcFront,
    observe::{ObserveLayer, RequestObserver},
};
use crate::auth::layer::AuthLayer;

/// What one client may take of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Open streams of one connection.
    pub max_concurrent_streams: u32,
    /// Calls of one connection that are worked on at once; the others wait.
    pub concurrency_per_connection: usize,
    /// Time to the first byte of an answer; a stream may go on for longer.
    pub request_timeout: Duration,
    /// Time between pings of a silent connection; one that does not answer within 20 s is closed.
    pub keepalive: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            max_concurrent_streams: 256,
            concurrency_per_connection: 128,
            request_timeout: Duration::from_secs(30),
            keepalive: Duration::from_secs(30),
        }
    }
}

/// Why the server does not listen. The text is the whole line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program listens there.
    #[error("{0} is in use: stop the other program or choose another with --grpc")]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address} ({source}): choose another with --grpc")]
    Other {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// Why the server did not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A descriptor set that reflection does not take.
    #[error("a file descriptor set cannot be reflected: build the api crate again")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the gRPC server stopped: start again")]
    Transport(#[from] tonic::transport::Error),
}

/// Listens on an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            BindError::InUse(address)
        } else {
            BindError::Other { address, source }
        }
    })
}

/// Reports which services serve. The server as a whole (the empty name) serves while all do.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    serving: Arc<Mutex<BTreeMap<String, bool>>>,
    /// Held from a change until it is reported, so that no report overtakes a newer one.
    reporting: Arc<tokio::sync::Mutex<()>>,
}

impl Health {
    fn new(services: Vec<String>) -> Self {
        let serving = services.into_iter().map(|name| (name, false)).collect();
        Self {
            reporter: HealthReporter::new(),
            serving: Arc::new(Mutex::new(serving)),
            reporting: Arc::default(),
        }
    }

    /// A service, such as `weft.intake.v1.IntakeService`, is ready.
    pub async fn set_serving(&self, service: &str) {
        self.set(service, true).await;
    }

    /// A service is not ready.
    pub async fn set_not_serving(&self, service: &str) {
        self.set(service, false).await;
    }

    /// No service is ready any more: the stop has begun.
    pub async fn shut_down(&self) {
        let all: Vec<String> = self.lock().keys().cloned().collect();
        for service in all {
            self.set(&service, false).await;
        }
        let _in_turn = self.reporting.lock().await;
        self.report("", false).await;
    }

    /// Reports every service as it stands.
    async fn report_all(&self) {
        let _in_turn = self.reporting.lock().await;
        let all = self.lock().clone();
        for (service, serving) in &all {
            self.report(service, *serving).await;
        }
        self.report("", all.values().all(|serving| *serving)).await;
    }

    /// Whether every service is ready.
    pub fn is_serving(&self) -> bool {
        self.lock().values().all(|serving| *serving)
    }

    /// The services that are not ready.
    pub fn not_serving(&self) -> Vec<String> {
        self.lock().iter().filter(|(_, serving)| !**serving).map(|(name, _)| name.clone()).collect()
    }

    async fn set(&self, service: &str, serving: bool) {
        let _in_turn = self.reporting.lock().await;
        self.lock().insert(service.to_owned(), serving);
        self.report(service, serving).await;
        self.report("", self.is_serving()).await;
    }

    async fn report(&self, service: &str, serving: bool) {
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.reporter.set_service_status(service, status).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, bool>> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A gRPC server in the making.
#[derive(Debug)]
pub struct GrpcServer {
    limits: ServerLimits,
    routes: Routes,
    descriptors: Vec<&'static [u8]>,
    health: Health,
}

impl GrpcServer {
    /// A server of these routes, whose services the descriptor sets describe. Each of them is
    /// NOT_SERVING until [`Health::set_serving`].
    pub fn new(limits: ServerLimits, routes: Routes, descriptors: Vec<&'static [u8]>) -> Self {
        let health = Health::new(service_names(&descriptors));
        Self { limits, routes, descriptors, health }
    }

    /// The handle with which services report their health; it stays valid while the server runs.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Serves until `shutdown`, then answers what has begun and ends.
    pub async fn serve(
        self,
        listener: TcpListener,
        front: GrpcFront,
        auth: AuthLayer,
        observer: Arc<dyn RequestObserver>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), ServeError> {
        self.health.report_all().await;
        let health = HealthService::from_health_reporter(self.health.reporter.clone());
        let reflection = || {
            let base = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            self.descriptors
                .iter()
                .fold(base, |reflection, set| reflection.register_encoded_file_descriptor_set(set))
        };
        let newer = reflection().build_v1().map_err(ServeError::Reflection)?;
        // Many clients, such as Python's, still ask by the older name only.
        let older = reflection().build_v1alpha().map_err(ServeError::Reflection)?;
        let routes = self
            .routes
            .add_service(HealthServer::new(health))
            .add_service(newer)
            .add_service(older)
            .prepare();
        let limits = self.limits;
        let (taken, incoming) = mpsc::channel(16);
        let serving = Server::builder()
            .timeout(limits.request_timeout)
            .concurrency_limit_per_connection(limits.concurrency_per_connection)
            .max_concurrent_streams(limits.max_concurrent_streams)
            .http2_keepalive_interval(Some(limits.keepalive))
            .http2_keepalive_timeout(Some(Duration::from_secs(20)))
            .http2_max_header_list_size(16 * 1024)
            .layer(ObserveLayer(observer))
            .layer(auth)
            .add_routes(routes)
            .serve_with_incoming_shutdown(ReceiverStream::new(incoming), shutdown);
        // What is accepted ends when the server takes no more.
        let (served, ()) = tokio::join!(serving, front.accept(listener, taken));
        Ok(served?)
    }
}

/// The full names of the services in these sets; a set that does not decode has none, and the
/// method table, which is made of the same sets, refuses it.
fn service_names(descriptors: &[&[u8]]) -> Vec<String> {
    let files = descriptors
        .iter()
        .filter_map(|set| FileDescriptorSet::decode(*set).ok())
        .flat_map(|s| s.file);
    files
        .flat_map(|file| {
            let package = file.package().to_owned();
            file.service.into_iter().map(move |service| format!("{package}.{}", service.name()))
        })
        .collect()
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
