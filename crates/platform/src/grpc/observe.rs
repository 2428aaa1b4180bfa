//! Measures and traces every call of the gRPC server: method, code, time to its end, and the trace that
//! it belongs to.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;
use tracing::Instrument as _;

use crate::telemetry::TraceContext;

/// Is told about every call once it is over: answered, streamed to its end, or given up.
pub trait RequestObserver: Send + Sync + 'static {
    /// A call is over. `method` is the path of the request: a method that does not exist comes
    /// with [`Code::Unimplemented`] and must not become a label of its own.
    fn observe(&self, method: &str, code: Code, elapsed: Duration);
}

/// Tells an observer about every call that passes.
#[derive(Clone)]
pub(super) struct ObserveLayer(pub(super) Arc<dyn RequestObserver>);

impl<S> Layer<S> for ObserveLayer {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observed { observer: Arc::clone(&self.0), inner }
    }
}

/// A service behind the [`ObserveLayer`].
#[derive(Clone)]
pub(super) struct Observed<S> {
    observer: Arc<dyn RequestObserver>,
    inner: S,
}

/// One call: tells its end once, at the latest when it is dropped.
struct Call {
    observer: Arc<dyn RequestObserver>,
    method: String,
    start: Instant,
    code: Option<Code>,
}

impl Call {
    fn note(&mut self, headers: &HeaderMap) {
        if self.code.is_none() {
            self.code = Status::from_header_map(headers).map(|status| status.code());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let code = self.code.unwrap_or(Code::Cancelled);
        self.observer.observe(&self.method, code, self.start.elapsed());
    }
}

impl<S, ReqBody> Service<Request<ReqBody>> for Observed<S>
where
    S: Service<Request<ReqBody>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let mut call = Call {
            observer: Arc::clone(&self.observer),
            method: request.uri().path().to_owned(),
            start: Instant::now(),
            code: None,
        };
        let trace = trace_of(request.headers());
        let span = tracing::info_span!(
            "call",
            otel.name = span_name(&call.method),
            otel.kind = "server",
            trace_id = trace.trace_id()
        );
        trace.adopt(&span);
        trace
            .scope(self.inner.call(request))
            .instrument(span)
            .map(move |result| {
                result.map(|response| {
                    call.note(response.headers());
                    response.map(|body| Body::new(Counted { body, call }))
                })
            })
            .boxed()
    }
}

/// The caller's trace, continued; a new one where the caller has none.
fn trace_of(headers: &HeaderMap) -> TraceContext {
    headers
        .get(TraceContext::HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(TraceContext::parse)
        .map_or_else(TraceContext::random, TraceContext::child)
}

/// `/weft.intake.v1.IntakeService/ReportCase` is `intake.report_case`: one behaviour, one name.
fn span_name(path: &str) -> String {
    let service = path.split('.').nth(1).unwrap_or("unknown");
    let mut method = String::new();
    for c in path.rsplit('/').next().unwrap_or_default().chars() {
        if c.is_ascii_uppercase() && !method.is_empty() {
            method.push('_');
        }
        method.push(c.to_ascii_lowercase());
    }
    format!("{service}.{method}")
}

/// An answer's body; its trailers say how the call ended.
struct Counted {
    body: Body,
    call: Call,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.call.note(trailers);
                }
            }
            Some(Err(status)) => self.call.code = Some(status.code()),
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_the_name_of_its_behaviour() {
        assert_eq!(span_name("/weft.intake.v1.IntakeService/ReportCase"), "intake.report_case");
        assert_eq!(
            span_name("/weft.dispatch.v1.DispatchService/AcceptWorkOrder"),
            "dispatch.accept_work_order"
        );
        assert_eq!(span_name("/nonsense"), "unknown.nonsense");
    }

    #[test]
    fn a_callers_trace_goes_on_and_nonsense_begins_a_new_one() {
        let mut headers = HeaderMap::new();
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        headers.insert(TraceContext::HEADER, http::HeaderValue::from_static(given));
        let trace = trace_of(&headers);
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(trace.to_string(), given, "with a span of its own");
        headers.insert(TraceContext::HEADER, http::HeaderValue::from_static("nonsense"));
        assert_ne!(trace_of(&headers).trace_id(), trace.trace_id());
    }
}
