//! What a run came to: cases a second, how long each step took, what went wrong.

use std::{collections::BTreeMap, fmt::Write as _, fs::File, io::Write as _, time::Duration};

use hdrhistogram::Histogram;
use serde_json::json;

use crate::cli::Simulate;

pub(super) struct Report {
    steps: BTreeMap<&'static str, Histogram<u64>>,
    failures: Vec<String>,
    failed: usize,
    played: usize,
    acknowledged: u64,
    elapsed: Duration,
    journal: Option<File>,
}

impl Report {
    pub(super) fn new(journal: Option<File>) -> Self {
        Self {
            steps: BTreeMap::new(),
            failures: Vec::new(),
            failed: 0,
            played: 0,
            acknowledged: 0,
            elapsed: Duration::ZERO,
            journal,
        }
    }

    /// A step was answered after so long.
    pub(super) fn took(&mut self, step: &'static str, elapsed: Duration) {
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.steps
            .entry(step)
            .or_insert_with(|| {
                Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("the bounds are in order")
            })
            .saturating_record(micros);
    }

    /// A command was acknowledged: from now on it must never be missing.
    pub(super) fn acknowledged(&mut self, step: &'static str, case: &str, sequence: u64) {
        self.acknowledged += 1;
        if let Some(journal) = &mut self.journal {
            // A journal that cannot be written shows as a missing line, which its reader counts.
            let _missing = writeln!(journal, "{case} {step} {sequence}");
        }
    }

    pub(super) fn played(&mut self) {
        self.played += 1;
    }

    pub(super) fn failed(&mut self, number: usize, reason: &str) {
        self.failed += 1;
        if self.failures.len() < 10 {
            self.failures.push(format!("case {number}: {reason}"));
        }
    }

    pub(super) fn finish(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }

    pub(super) fn errors(&self) -> usize {
        self.failed
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn rate(&self) -> f64 {
        self.played as f64 / self.elapsed.as_secs_f64().max(0.001)
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "{} cases in {:.1} s: {:.1} lifecycles/s, {} commands acknowledged, {} errors\n",
            self.played,
            self.elapsed.as_secs_f64(),
            self.rate(),
            self.acknowledged,
            self.failed
        );
        let _ = writeln!(text, "{:<22} {:>8} {:>10} {:>10}", "step", "count", "p50 ms", "p99 ms");
        for (step, times) in &self.steps {
            let _ = writeln!(
                text,
                "{step:<22} {:>8} {:>10.2} {:>10.2}",
                times.len(),
                millis(times, 0.5),
                millis(times, 0.99)
            );
        }
        for failure in &self.failures {
            let _ = writeln!(text, "FAILED {failure}");
        }
        text.trim_end().to_owned()
    }

    pub(super) fn to_json(&self, options: &Simulate) -> serde_json::Value {
        let steps: serde_json::Map<String, serde_json::Value> = self
            .steps
            .iter()
            .map(|(step, times)| {
                let figures = json!({
                    "count": times.len(),
                    "p50_ms": millis(times, 0.5),
                    "p99_ms": millis(times, 0.99),
                });
                ((*step).to_owned(), figures)
            })
            .collect();
        json!({
            "cases": options.cases,
            "concurrency": options.concurrency,
            "seed": options.seed,
            "played": self.played,
            "seconds": self.elapsed.as_secs_f64(),
            "lifecycles_per_second": self.rate(),
            "acknowledged": self.acknowledged,
            "errors": self.failed,
            "failures": self.failures,
            "steps": steps,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time for people")]
fn millis(times: &Histogram<u64>, quantile: f64) -> f64 {
    times.value_at_quantile(quantile) as f64 / 1_000.0
}
