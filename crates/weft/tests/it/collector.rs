//! A collector of traces as OpenTelemetry's exporters know it: it takes what they send over gRPC and
//! keeps the bytes.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::TcpListener,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response};
use http_body::Body as _;
use tonic::{body::Body, server::NamedService, transport::Server};
use tower_service::Service;

type Taken = Arc<Mutex<Vec<u8>>>;

/// A collector that runs until it is dropped.
pub(crate) struct Collector {
    taken: Taken,
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let taken = Taken::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // The port is free again for the server, which binds it in its own way.
        drop(listener);
        let server = Server::builder().add_service(TraceService(Arc::clone(&taken)));
        runtime.spawn(server.serve(address));
        Self { taken, address: format!("http://{address}"), _runtime: runtime }
    }

    /// Where it is, for `telemetry.otlp_endpoint`.
    pub(crate) fn url(&self) -> &str {
        &self.address
    }

    /// All that was sent so far.
    pub(crate) fn taken(&self) -> Vec<u8> {
        self.taken.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct TraceService(Taken);

impl NamedService for TraceService {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl Service<Request<Body>> for TraceService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let taken = Arc::clone(&self.0);
        Box::pin(async move {
            let mut body = pin!(request.into_body());
            while let Some(Ok(frame)) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
                if let Some(data) = frame.data_ref() {
                    taken.lock().unwrap().extend_from_slice(data);
                }
            }
            let mut answer = Response::new(Body::default());
            let headers = answer.headers_mut();
            headers.insert("content-type", HeaderValue::from_static("application/grpc"));
            headers.insert("grpc-status", HeaderValue::from_static("0"));
            Ok(answer)
        })
    }
}
