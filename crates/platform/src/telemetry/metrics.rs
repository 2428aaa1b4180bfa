//! What is counted, for `/metrics`. A value and not a global, so that a test sees only its own.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector, exponential_buckets,
};

/// The process's figures. Labels take words of the code, never what a person typed.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    appends: IntCounterVec,
    append_batch: Histogram,
    append_seconds: Histogram,
    append_queue: IntGauge,
    commands: IntCounterVec,
    projection_position: IntGaugeVec,
    projection_lag: IntGaugeVec,
    process_lag: IntGaugeVec,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero, in a registry of their own.
    pub fn new() -> Self {
        let registry = Registry::new();
        let r = &registry;
        // 0.25 ms to 8 s.
        let seconds = exponential_buckets(0.000_25, 2.0, 16).expect("the bounds rise");
        let sizes = exponential_buckets(1.0, 2.0, 11).expect("the bounds rise");
        let histogram = |name, help, buckets: &[f64]| {
            Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))
                .expect("the name is a metric's")
        };
        Self {
            appends: counters(r, "weft_log_appends_total", "Appends to the log", &["outcome"]),
            append_batch: kept(
                r,
                histogram("weft_log_append_batch_messages", "Messages written at once", &sizes),
            ),
            append_seconds: kept(
                r,
                histogram("weft_log_append_seconds", "From append to acknowledgement", &seconds),
            ),
            append_queue: kept(
                r,
                IntGauge::new("weft_log_append_queue", "Messages that wait for the writer")
                    .expect("the name is a metric's"),
            ),
            commands: counters(
                r,
                "weft_commands_total",
                "Commands decided",
                &["aggregate", "outcome"],
            ),
            projection_position: gauges(
                r,
                "weft_projection_position",
                "Sequence of the log that the table has reached",
                &["service", "table"],
            ),
            projection_lag: gauges(
                r,
                "weft_projection_lag_events",
                "Events of the log that the table has not seen",
                &["service", "table"],
            ),
            process_lag: gauges(
                r,
                "weft_process_lag_events",
                "Events of the log that the process manager has not seen",
                &["service", "process"],
            ),
            requests: counters(r, "weft_grpc_requests_total", "gRPC calls", &["method", "code"]),
            request_seconds: kept(
                r,
                HistogramVec::new(
                    HistogramOpts::new("weft_grpc_request_seconds", "Time of a gRPC call")
                        .buckets(seconds),
                    &["method"],
                )
                .expect("the name is a metric's"),
            ),
            registry,
        }
    }

    /// The registry, for figures that a service adds of its own.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// An append was answered with `outcome` (such as `stored`, `conflict`, `unknown`, `full`)
    /// after `took`.
    pub fn appended(&self, outcome: &str, took: Duration) {
        self.appends.with_label_values(&[outcome]).inc();
        self.append_seconds.observe(took.as_secs_f64());
    }

    /// The writer sent this many messages at once.
    pub fn append_batch(&self, messages: usize) {
        self.append_batch.observe(f64::from(u32::try_from(messages).unwrap_or(u32::MAX)));
    }

    /// This many messages wait for the writer.
    pub fn append_queue(&self, messages: usize) {
        self.append_queue.set(i64::try_from(messages).unwrap_or(i64::MAX));
    }

    /// A command on an aggregate was decided: `written`, `unchanged`, `refused`, `conflict`, …
    pub fn command(&self, aggregate: &str, outcome: &str) {
        self.commands.with_label_values(&[aggregate, outcome]).inc();
    }

    /// A table stands at `position` of a log that ends at `end`.
    pub fn projection(&self, service: &str, table: &str, position: u64, end: u64) {
        let labels = [service, table];
        self.projection_position.with_label_values(&labels).set(signed(position));
        self.projection_lag.with_label_values(&labels).set(signed(end.saturating_sub(position)));
    }

    /// A process manager stands at `position` of a log that ends at `end`.
    pub fn process(&self, service: &str, process: &str, position: u64, end: u64) {
        let lag = signed(end.saturating_sub(position));
        self.process_lag.with_label_values(&[service, process]).set(lag);
    }

    /// A gRPC call of `/package.Service/Method` ended with `code` after `took`.
    pub fn request(&self, method: &str, code: &str, took: Duration) {
        self.requests.with_label_values(&[method, code]).inc();
        self.request_seconds.with_label_values(&[method]).observe(took.as_secs_f64());
    }

    /// Everything, in Prometheus's text format.
    pub fn encode(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_else(|error| {
            tracing::warn!(%error, "the metrics can't be written");
            String::new()
        })
    }
}

fn signed(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

fn kept<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> C {
    registry.register(Box::new(metric.clone())).expect("each name is taken once");
    metric
}

fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    let metric = IntCounterVec::new(Opts::new(name, help), labels).expect("the name is a metric's");
    kept(registry, metric)
}

fn gauges(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    let metric = IntGaugeVec::new(Opts::new(name, help), labels).expect("the name is a metric's");
    kept(registry, metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_in_the_text_and_nobody_elses() {
        let metrics = Metrics::new();
        metrics.appended("stored", Duration::from_millis(3));
        metrics.append_batch(40);
        metrics.append_queue(7);
        metrics.command("case", "refused");
        metrics.projection("intake", "cases", 90, 100);
        metrics.process("dispatch", "orders", 99, 100);
        metrics.request("/weft.intake.v1.IntakeService/ReportCase", "OK", Duration::from_millis(9));
        let text = metrics.encode();
        for line in [
            "weft_log_appends_total{outcome=\"stored\"} 1",
            "weft_log_append_batch_messages_bucket{le=\"64\"} 1",
            "weft_log_append_seconds_count 1",
            "weft_log_append_queue 7",
            "weft_commands_total{aggregate=\"case\",outcome=\"refused\"} 1",
            "weft_projection_position{service=\"intake\",table=\"cases\"} 90",
            "weft_projection_lag_events{service=\"intake\",table=\"cases\"} 10",
            "weft_process_lag_events{process=\"orders\",service=\"dispatch\"} 1",
            "weft_grpc_requests_total{code=\"OK\",method=\"/weft.intake.v1.IntakeService/ReportCase\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!Metrics::new().encode().contains("stored"));
    }
}
