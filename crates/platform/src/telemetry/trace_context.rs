//! The W3C `traceparent` header, with or without an exporter.

use std::{fmt, future::Future};

use data_encoding::HEXLOWER;
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The only flag of version 00.
const SAMPLED: u8 = 1;

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// Which trace a piece of work belongs to, and which span caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    sampled: bool,
}

impl TraceContext {
    /// The name of the header that carries one.
    pub const HEADER: &str = "traceparent";

    /// A trace that begins here.
    pub fn random() -> Self {
        Self { trace_id: random_bytes(), span_id: random_bytes(), sampled: true }
    }

    /// Reads a `traceparent` header (<https://www.w3.org/TR/trace-context/>); none where it is
    /// malformed or all zeros. Versions after 00 may carry more fields, which are ignored.
    pub fn parse(header: &str) -> Option<Self> {
        let mut fields = header.trim().split('-');
        let version: [u8; 1] = bytes(fields.next()?)?;
        let trace_id = bytes(fields.next()?)?;
        let span_id = bytes(fields.next()?)?;
        let [flags] = bytes(fields.next()?)?;
        let ends_well = match version {
            [0] => fields.next().is_none(),
            [0xff] => false,
            [_] => true,
        };
        let named = trace_id != [0; 16] && span_id != [0; 8];
        let sampled = flags & SAMPLED == SAMPLED;
        (ends_well && named).then_some(Self { trace_id, span_id, sampled })
    }

    /// The context for what this task sends: of its span where traces are exported, else that of
    /// [`scope`](Self::scope), else a new one.
    pub fn current() -> Self {
        let context = tracing::Span::current().context();
        Self::from_span(context.span().span_context())
            .or_else(|| CURRENT.try_with(|current| *current).ok())
            .unwrap_or_else(Self::random)
    }

    /// Runs a future in this context, so that [`current`](Self::current) continues it.
    pub fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// Makes this the parent of a span; without an exporter nothing happens.
    pub fn adopt(self, span: &tracing::Span) {
        let remote = SpanContext::new(
            TraceId::from_bytes(self.trace_id),
            SpanId::from_bytes(self.span_id),
            TraceFlags::default().with_sampled(self.sampled),
            true,
            TraceState::NONE,
        );
        if span.set_parent(Context::new().with_remote_span_context(remote)).is_err() {
            tracing::trace!("traces are not exported, the span keeps no parent");
        }
    }

    /// The same trace with a new span: what a caller hands on as cause of its own call.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span_id: random_bytes(), ..self }
    }

    /// 32 hexadecimal digits, for log lines.
    pub fn trace_id(&self) -> String {
        HEXLOWER.encode(&self.trace_id)
    }

    fn from_span(span: &SpanContext) -> Option<Self> {
        span.is_valid().then(|| Self {
            trace_id: span.trace_id().to_bytes(),
            span_id: span.span_id().to_bytes(),
            sampled: span.is_sampled(),
        })
    }
}

/// The header's value.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span_id = HEXLOWER.encode(&self.span_id);
        write!(f, "00-{}-{span_id}-{:02x}", self.trace_id(), u8::from(self.sampled))
    }
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written_alike() {
        assert_eq!(TraceContext::parse(HEADER).unwrap().to_string(), HEADER);
        assert_eq!(TraceContext::HEADER, "traceparent");
    }

    #[test]
    fn a_malformed_header_is_none() {
        let zeros = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        let forbidden = HEADER.replacen("00", "ff", 1);
        let longer = format!("{HEADER}-x");
        let upper = HEADER.to_uppercase();
        for header in ["", "00-1-2-3", zeros, &forbidden, &longer, &upper] {
            assert_eq!(TraceContext::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        let later = format!("{}-x", HEADER.replacen("00", "01", 1));
        assert_eq!(TraceContext::parse(&later), TraceContext::parse(HEADER));
    }

    #[tokio::test]
    async fn without_an_exporter_the_scope_is_continued_and_else_a_trace_begins() {
        let given = TraceContext::parse(HEADER).unwrap();
        let seen = given.scope(async { TraceContext::current() }).await;
        assert_eq!(seen, given);
        assert_eq!(seen.child().trace_id(), given.trace_id());
        assert_ne!(seen.child(), given);
        assert_ne!(TraceContext::current().trace_id(), TraceContext::current().trace_id());
    }
}
