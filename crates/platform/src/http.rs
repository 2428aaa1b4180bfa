//! The HTTP face of a process: is it alive, is it ready, what are its figures; and the pages, where
//! the process has the service that makes them.

mod cidr;
mod patience;
mod peer;
pub mod post;
pub mod schedule;
mod server;
pub mod signature;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    extract::Request,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tower::ServiceExt as _;

pub use crate::wires::TlsError;
pub use cidr::{Cidr, InvalidCidr};
pub use peer::Peer;
pub use server::{Front, serve};

use crate::{lifecycle::Lifecycle, telemetry::metrics::Metrics};

/// Why HTTP can't be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program listens there.
    #[error("{0} is in use: stop the other program or choose another with --http")]
    InUse(SocketAddr),
    /// The address can't be listened on.
    #[error("can't listen on {listen}: choose another with --http")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Where a service puts its pages. The port is bound before any service starts, so the pages come
/// later than it: until they are there every other path is 503, for what a visitor asked for may well
/// exist. In a process that has none it is 404 once all its services have started.
#[derive(Clone, Default)]
pub struct Pages {
    /// Not set while services start; then the pages, if one of them makes any.
    router: Arc<OnceLock<Option<Router>>>,
}

/// What a browser shows while the services start; it asks again by itself.
const STARTING: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
    <meta http-equiv=\"refresh\" content=\"2\"><title>正在启动 · starting</title>\
    <p>系统正在启动，请稍候。<p lang=\"en\">The system is starting; this page comes in a moment.";

impl Pages {
    /// Serves these pages from now on. The first stay: one service of a process makes pages.
    pub fn mount(&self, pages: Router) {
        if self.router.set(Some(pages)).is_err() {
            tracing::error!(
                "two services of one process make pages: those of the first are served"
            );
        }
    }

    /// All services have started: pages that are not there by now do not come.
    pub fn complete(&self) {
        self.router.get_or_init(|| None);
    }

    async fn answer(self, request: Request) -> Response {
        let pages = match self.router.get() {
            Some(Some(pages)) => pages.clone(),
            Some(None) => return StatusCode::NOT_FOUND.into_response(),
            None => {
                let again = [(RETRY_AFTER, "2")];
                return (StatusCode::SERVICE_UNAVAILABLE, again, Html(STARTING)).into_response();
            }
        };
        match pages.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// `/healthz`: 200 while the process runs. `/readyz`: 200, or 503 with the gates that are closed.
/// `/metrics`: Prometheus's text format. All else is the pages'.
pub fn router(lifecycle: Lifecycle, metrics: Arc<Metrics>, pages: Pages) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(move || std::future::ready(readiness(&lifecycle))))
        .route("/metrics", get(move || std::future::ready(text(&metrics))))
        .fallback(move |request| pages.clone().answer(request))
}

fn readiness(lifecycle: &Lifecycle) -> impl IntoResponse + use<> {
    let ready = lifecycle.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready,
        "stopping": lifecycle.is_stopping(),
        "closed": lifecycle.closed_gates(),
    });
    (status, [(CONTENT_TYPE, "application/json")], body.to_string())
}

fn text(metrics: &Metrics) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.encode())
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use tokio::net::TcpListener;

    use super::*;
    use crate::{lifecycle::ExitOutcome, nats_server::monitor::get};

    const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    async fn serving(lifecycle: &Lifecycle, pages: Pages) -> String {
        let metrics = Arc::new(Metrics::new());
        metrics.append_queue(5);
        let router = router(lifecycle.clone(), metrics, pages);
        serve(ANY, Front::plain(), router, lifecycle).await.unwrap().to_string()
    }

    #[tokio::test]
    async fn it_is_alive_before_it_is_ready_and_names_what_is_missing() {
        let lifecycle = Lifecycle::new(Duration::from_secs(5));
        let gate = lifecycle.gate("projection intake.cases");
        let address = serving(&lifecycle, Pages::default()).await;
        assert_eq!(get(&address, "/healthz").await.unwrap(), (200, "ok\n".to_owned()));
        let (status, body) = get(&address, "/readyz").await.unwrap();
        assert_eq!(status, 503);
        assert_eq!(
            body,
            r#"{"closed":["projection intake.cases"],"ready":false,"stopping":false}"#
        );
        gate.open();
        assert_eq!(get(&address, "/readyz").await.unwrap().0, 200);
        assert!(get(&address, "/metrics").await.unwrap().1.contains("weft_log_append_queue 5"));
        lifecycle.stop();
        assert_eq!(lifecycle.run_until_stopped().await, ExitOutcome::Clean);
        assert!(get(&address, "/healthz").await.is_err());
    }

    #[tokio::test]
    async fn pages_are_served_once_their_service_has_started() {
        let lifecycle = Lifecycle::new(Duration::from_secs(5));
        let pages = Pages::default();
        let address = serving(&lifecycle, pages.clone()).await;
        let (status, body) = get(&address, "/console").await.unwrap();
        assert_eq!(status, 503, "what is asked for may exist: it is not told as missing");
        assert!(body.contains("正在启动"), "{body}");
        pages.mount(Router::new().route("/console", axum::routing::get(async || "the queue")));
        pages.complete();
        assert_eq!(get(&address, "/console").await.unwrap(), (200, "the queue".to_owned()));
        assert_eq!(get(&address, "/healthz").await.unwrap().0, 200);
        let none = Pages::default();
        let without = serving(&lifecycle, none.clone()).await;
        none.complete();
        assert_eq!(get(&without, "/console").await.unwrap().0, 404, "no service of it makes pages");
        lifecycle.stop();
        assert_eq!(lifecycle.run_until_stopped().await, ExitOutcome::Clean);
    }

    #[tokio::test]
    async fn a_port_in_use_is_refused_with_what_to_do() {
        let other = TcpListener::bind(ANY).await.unwrap();
        let listen = other.local_addr().unwrap();
        let lifecycle = Lifecycle::new(Duration::from_secs(5));
        let line =
            serve(listen, Front::plain(), Router::new(), &lifecycle).await.unwrap_err().to_string();
        assert_eq!(
            line,
            format!("{listen} is in use: stop the other program or choose another with --http")
        );
    }
}
