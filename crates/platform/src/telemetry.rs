//! Logs on standard error, traces over OTLP where configured, metrics in [`metrics`].

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{LogFormat, TelemetryConfig};

pub mod metrics;
mod trace_context;

pub use trace_context::TraceContext;

/// How long the last traces may take to leave.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Why logs or traces could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `telemetry.log_filter` can't be read.
    #[error(
        "telemetry.log_filter {filter:?} is no filter; write it like info or info,platform=debug"
    )]
    Filter {
        /// As configured.
        filter: String,
        /// Why.
        source: tracing_subscriber::filter::ParseError,
    },
    /// `telemetry.otlp_endpoint` can't be used.
    #[error(
        "telemetry.otlp_endpoint {endpoint:?} can't be used; write it like http://127.0.0.1:4317"
    )]
    Endpoint {
        /// As configured.
        endpoint: String,
        /// Why.
        source: opentelemetry_otlp::ExporterBuildError,
    },
    /// Something else has taken the process's log before.
    #[error("the process logs already; call telemetry::init once, and first")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Keeps the exporter. What it still holds is sent when this is dropped or shut down.
#[must_use = "dropping it ends the export of traces"]
#[derive(Debug)]
pub struct Guard {
    provider: Option<SdkTracerProvider>,
}

/// Starts logging, and exporting when an endpoint is configured (then in a tokio runtime).
pub fn init(config: &TelemetryConfig) -> Result<Guard, Error> {
    let filter = EnvFilter::try_new(&config.log_filter)
        .map_err(|source| Error::Filter { filter: config.log_filter.clone(), source })?;
    let provider = config.otlp_endpoint.as_deref().map(exporter).transpose()?;
    let traces = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("weft")));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(traces)
        .with(lines)
        .with(filter)
        .try_init()
        .map_err(Error::Twice)?;
    Ok(Guard { provider })
}

fn exporter(endpoint: &str) -> Result<SdkTracerProvider, Error> {
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|source| Error::Endpoint { endpoint: endpoint.to_owned(), source })?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("weft").build())
        .build())
}

impl Guard {
    /// Sends what is left, off the runtime's threads, and gives up after five seconds.
    pub async fn shutdown(mut self) {
        if let Some(provider) = self.provider.take() {
            let flushed = tokio::task::spawn_blocking(move || flush(&provider));
            flushed.await.unwrap_or_default();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take() {
            flush(&provider);
        }
    }
}

fn flush(provider: &SdkTracerProvider) {
    if let Err(error) = provider.shutdown_with_timeout(FLUSH_LIMIT) {
        tracing::warn!(%error, "the last traces were not sent");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(filter: &str) -> TelemetryConfig {
        TelemetryConfig {
            log_format: LogFormat::Json,
            log_filter: filter.to_owned(),
            otlp_endpoint: None,
        }
    }

    #[test]
    fn a_filter_that_is_none_is_refused_with_an_example() {
        let line = init(&config("info,=nonsense=")).unwrap_err().to_string();
        assert!(
            line.contains("telemetry.log_filter") && line.contains("info,platform=debug"),
            "{line}"
        );
    }

    #[test]
    fn with_an_exporter_a_call_continues_the_trace_of_its_caller() {
        let provider = SdkTracerProvider::builder().build();
        let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer("weft"));
        let subscriber = tracing_subscriber::registry().with(traces);
        let caller = TraceContext::random();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("intake.report_case");
            caller.adopt(&span);
            let outgoing = span.in_scope(TraceContext::current);
            assert_eq!(outgoing.trace_id(), caller.trace_id());
            assert_ne!(outgoing, caller);
        });
    }

    #[tokio::test]
    async fn an_endpoint_that_does_not_answer_delays_neither_the_start_nor_the_end_for_long() {
        let provider = Some(exporter("http://127.0.0.1:1").unwrap());
        Guard { provider }.shutdown().await;
    }
}
