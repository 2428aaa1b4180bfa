//! Whole cases through gRPC, from the report to the rating, everything on this machine.

use serde_json::Value;

use crate::{
    suite::Suite,
    table::{Table, say},
};

const CASES: usize = 8_000;

/// What the other measurements go on with.
pub(crate) struct Played {
    pub(crate) table: Table,
    pub(crate) data: tempfile::TempDir,
}

pub(crate) fn measure() -> anyhow::Result<Played> {
    say("lifecycles");
    let data = tempfile::tempdir()?;
    let suite = Suite::start(data.path())?;
    suite.import_county()?;
    // Members and departments are registered, caches are warm.
    suite.weft(&["simulate", "--cases", "500", "--concurrency", "32", "--seed", "1"])?;
    let mut table = Table::new(
        "Whole lifecycles through gRPC",
        &["concurrency", "cases", "lifecycles/s", "errors", "whole case p50 ms", "p99 ms"],
    );
    for (concurrency, cases) in [(8, CASES / 8), (32, CASES / 4), (128, CASES)] {
        let (cases_text, concurrency_text) = (cases.to_string(), concurrency.to_string());
        let played = suite.weft(&[
            "simulate",
            "--cases",
            &cases_text,
            "--concurrency",
            &concurrency_text,
            "--seed",
            &concurrency_text,
            "--json",
        ])?;
        let figures: Value = serde_json::from_slice(&played.stdout)?;
        let rate = figures["lifecycles_per_second"].as_f64().unwrap_or_default();
        let errors = figures["errors"].as_u64().unwrap_or(u64::MAX);
        let whole = &figures["steps"]["whole case"];
        table.row(&[
            concurrency_text,
            cases_text,
            format!("{rate:.0}"),
            errors.to_string(),
            format!("{:.0}", whole["p50_ms"].as_f64().unwrap_or_default()),
            format!("{:.0}", whole["p99_ms"].as_f64().unwrap_or_default()),
        ]);
        if concurrency == 128 {
            table.demand("200/s at 128 without an error", rate >= 200.0 && errors == 0);
        }
    }
    suite.weft(&["verify"])?;
    suite.stop()?;
    Ok(Played { table, data })
}
