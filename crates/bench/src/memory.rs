//! The suite on a log of 100,000 events: how soon it is ready, and what it holds in memory.

use std::{path::Path, time::Duration};

use crate::{
    suite::Suite,
    table::{Table, say},
};

/// How long after the start its memory is read.
const SETTLE: Duration = Duration::from_mins(1);

pub(crate) fn measure(data: &Path) -> anyhow::Result<Table> {
    say("memory");
    let suite = Suite::start(data)?;
    let ready = suite.ready_after.as_secs_f64();
    let status = suite.weft(&["status", "--json"])?;
    let status: serde_json::Value = serde_json::from_slice(&status.stdout)?;
    let events = status["sequence"].as_u64().unwrap_or_default();
    std::thread::sleep(SETTLE);
    let (weft, nats) = suite.memory_mib()?;
    suite.stop()?;
    let mut table = Table::new(
        "A start on a filled log, databases intact",
        &["events", "ready after s", "weft MiB", "nats-server MiB", "together MiB"],
    );
    table.row(&[
        events.to_string(),
        format!("{ready:.2}"),
        format!("{weft:.0}"),
        format!("{nats:.0}"),
        format!("{:.0}", weft + nats),
    ]);
    table.demand("at least 100,000 events", events >= 100_000);
    table.demand("ready in under 2 s", ready < 2.0);
    table.demand("under 200 MB 60 s after the start", (weft + nats) * 1.048_576 < 200.0);
    Ok(table)
}
