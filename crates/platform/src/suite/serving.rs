//! gRPC served until a stop, and the order in which a stop ends what is under way.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;

use crate::{
    auth::AuthLayer,
    config::Config,
    grpc::{GrpcFront, GrpcServer, RequestObserver, ServerLimits},
    service::Context,
    telemetry::metrics::Metrics,
};

/// How long a stop waits for open calls, of which watches have no end of their own.
const DRAIN: Duration = Duration::from_secs(3);

/// What one client may take of the server.
pub(super) fn limits(config: &Config) -> ServerLimits {
    ServerLimits {
        max_concurrent_streams: config.grpc.max_concurrent_streams,
        concurrency_per_connection: config.grpc.max_concurrent_requests,
        request_timeout: config.grpc.request_timeout(),
        ..ServerLimits::default()
    }
}

/// The name of this process among those that hold leases. In containers the process id is the same
/// everywhere; the machine's name is not.
pub(super) fn holder(grpc: SocketAddr) -> String {
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    format!("{machine}-{}-{}", std::process::id(), grpc.port())
}

/// Serves until the soft stop; then open calls may end, commands under way are answered, and only then
/// do the tables stop following the log.
pub(super) fn begin(
    context: &Context,
    server: GrpcServer,
    (listener, front): (TcpListener, GrpcFront),
    auth: AuthLayer,
) {
    let observer = Arc::new(Observer(Arc::clone(&context.metrics)));
    let (tasks, drained) = (context.tasks.clone(), context.drained.clone());
    let stop = context.lifecycle.soft_token();
    context.lifecycle.spawn("grpc", async move {
        let stopping = stop.clone();
        let serving = server.serve(listener, front, auth, observer, stopping.cancelled_owned());
        tokio::pin!(serving);
        let ended = tokio::select! {
            ended = &mut serving => ended,
            () = stop.cancelled() => {
                // Open calls may end; watches never would.
                tokio::time::timeout(DRAIN, serving).await.unwrap_or(Ok(()))
            }
        };
        tasks.close();
        tasks.wait().await;
        drained.cancel();
        ended
    });
}

struct Observer(Arc<Metrics>);

impl RequestObserver for Observer {
    fn observe(&self, method: &str, code: tonic::Code, elapsed: Duration) {
        let method = if code == tonic::Code::Unimplemented { "unknown" } else { method };
        self.0.request(method, &format!("{code:?}"), elapsed);
    }
}
