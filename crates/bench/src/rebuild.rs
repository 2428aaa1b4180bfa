//! The work-order table rebuilt from the log that `simulate` wrote, beside a bare consumer of the same
//! log that only decodes.

use std::{path::Path, time::Instant};

use contracts::dispatch::WorkOrderEvent;
use dispatch::projections::work_orders::WorkOrders;
use kernel::StoredEvent as _;
use platform::{
    database::{Database, DatabaseSettings},
    log::{EventLog, LogSettings, feed::Feed, writer::WriterSettings},
    nats_server::{Account, ManagedNats, Options, connect},
    projection::Runner,
};
use testkit::postgres::TestPostgres;
use tokio::sync::mpsc;

use crate::table::{Table, say};

/// How often each is measured, in turn with the others; the median counts.
const ROUNDS: usize = 3;

pub(crate) async fn measure(data: &Path) -> anyhow::Result<Table> {
    say("rebuild");
    let nats = ManagedNats::start(Options {
        county: "620821".parse().expect("a county"),
        data_dir: data.to_owned(),
        server_binary: None,
        credentials: data.join("keys/nats"),
        listen_port: 0,
        max_file_store: 64 << 30,
        gomemlimit_mib: 256,
        supervisor: None,
    })
    .await?;
    let client = connect(&nats.client_url(), nats.credentials(Account::Core), "bench").await?;
    let settings = LogSettings { county: "620821".parse()?, max_bytes: 4 << 30, replicas: 1 };
    let (log, _writer) =
        EventLog::open(client, &settings, WriterSettings::default(), |_| {}).await?;
    let head = log.stream().state().await?.last;
    let (mut bare, mut sqlite, mut postgres) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(decode_only(&log, head).await?);
        let folder = tempfile::tempdir()?;
        sqlite
            .push(rebuild(&log, &DatabaseSettings::Sqlite(folder.path().to_owned()), head).await?);
        let server = TestPostgres::durable().await;
        postgres
            .push(rebuild(&log, &DatabaseSettings::Postgres(server.url().to_owned()), head).await?);
    }
    nats.stop().await;
    let (bare, sqlite, postgres) = (median(bare), median(sqlite), median(postgres));
    let mut table = Table::new(
        "Rebuild of the work-order table, events of the log a second",
        &["events", "bare consumer", "SQLite", "PostgreSQL", "SQLite / bare", "PostgreSQL / bare"],
    );
    table.row(&[
        head.to_string(),
        format!("{bare:.0}"),
        format!("{sqlite:.0}"),
        format!("{postgres:.0}"),
        format!("{:.2}", sqlite / bare),
        format!("{:.2}", postgres / bare),
    ]);
    table.demand("0.3 of a bare consumer on SQLite", sqlite / bare >= 0.3);
    table.demand("0.1 of a bare consumer on PostgreSQL", postgres / bare >= 0.1);
    Ok(table)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Reads the whole log and decodes what the table is made of.
async fn decode_only(log: &EventLog, head: u64) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let (feed, reading) = Feed::new(log.clone());
    let mut batches = feed.subscribe(0);
    let decode = async {
        let mut decoded = 0_u64;
        while let Some(batch) = batches.recv().await {
            for event in batch.iter().filter(|event| event.category() == WorkOrderEvent::CATEGORY) {
                WorkOrderEvent::decode(&event.ce_type, &event.payload)?;
                decoded += 1;
            }
            if batch.last().is_some_and(|last| last.meta.sequence >= head) {
                break;
            }
        }
        anyhow::ensure!(decoded > 0, "the log has no work orders");
        Ok(())
    };
    tokio::select! {
        decoded = decode => decoded?,
        Err(error) = reading => return Err(error.into()),
    }
    Ok(rate(head, begun))
}

async fn rebuild(log: &EventLog, settings: &DatabaseSettings, head: u64) -> anyhow::Result<f64> {
    let database = Database::open(settings, "dispatch").await?;
    let (mut runner, view) = Runner::open(WorkOrders, database.clone(), log.clone()).await?;
    let begun = Instant::now();
    let (feed, reading) = Feed::new(log.clone());
    let batches = feed.subscribe(0);
    let (_nobody, mut requests) = mpsc::channel(1);
    tokio::select! {
        caught_up = view.wait(head, std::time::Duration::from_mins(10)) => caught_up?,
        ended = runner.run(batches, &mut requests) => ended?,
        Err(error) = reading => return Err(error.into()),
    }
    let rate = rate(head, begun);
    database.close().await;
    Ok(rate)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(events: u64, begun: Instant) -> f64 {
    events as f64 / begun.elapsed().as_secs_f64()
}
