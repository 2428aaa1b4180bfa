//! The clocks of 100,000 open orders: how long the scan for what is due takes, and how late clocks ring
//! while real time passes.

use std::time::{Duration, Instant};

use contracts::{
    dispatch::{WorkOrderCreated, WorkOrderEvent},
    intake::Urgency,
    subject,
};
use dispatch::projections::work_orders::{WorkOrders, due};
use kernel::{
    Division, StoredEvent as _, Timestamp,
    id::{CaseId, Key, WorkOrderId},
};
use platform::{
    database::{Database, DatabaseSettings},
    log::{CommandStamp, EventLog, Tail, feed::Feed, hash_parts, messages, writer::Run},
    projection::{Runner, View},
};
use testkit::{Db, Suite};
use tokio::sync::mpsc;

use crate::table::{Table, say};

const ORDERS: u32 = 100_000;

/// How many of them ring while it is watched, and how long that is.
const RINGING: u32 = 2_000;
const WATCHED: Duration = Duration::from_secs(20);

/// How many orders one append has.
const BATCH: u32 = 500;

/// How often the scan is measured.
const SCANS: usize = 200;

pub(crate) async fn measure() -> anyhow::Result<Table> {
    say("deadlines");
    let mut table = Table::new(
        "The clocks of 100,000 open orders",
        &["database", "scan median ms", "scan p99 ms", "rang", "late median ms", "late p99 ms"],
    );
    for (name, db) in [("SQLite", Db::Sqlite), ("PostgreSQL", Db::Postgres)] {
        let suite = Box::pin(Suite::start(vec![dispatch::service()], db)).await;
        let begin = suite.clock_now().plus_millis(120_000);
        fill(&suite, begin).await?;
        suite.settled().await;
        let head = suite.head().await.sequence;
        let (median, worst) = scans(&suite.context().log, head, begin).await?;
        let late = ring(&suite, begin).await?;
        table.row(&[
            name.to_owned(),
            format!("{median:.2}"),
            format!("{worst:.2}"),
            late.len().to_string(),
            format!("{:.0}", late[late.len() / 2]),
            format!("{:.0}", late[late.len() * 99 / 100]),
        ]);
        table.demand(&format!("{name}: a scan under 10 ms at the 99th percentile"), worst < 10.0);
        let p99 = late[late.len() * 99 / 100];
        table.demand(&format!("{name}: under 1 s late at the 99th percentile"), p99 < 1_000.0);
        table.demand(&format!("{name}: each rang once"), late.len() == RINGING as usize);
    }
    Ok(table)
}

/// When the clock of acceptance of an order runs out; the others are far off.
fn accept_due(begin: Timestamp, number: u32) -> Timestamp {
    if number < RINGING {
        let step = i64::try_from(WATCHED.as_millis()).unwrap_or(i64::MAX) / i64::from(RINGING);
        begin.plus_millis(step * i64::from(number))
    } else {
        begin.plus_millis(30 * 24 * 60 * 60_000 + i64::from(number))
    }
}

/// Orders as the log would have them, five hundred an append.
async fn fill(suite: &Suite, begin: Timestamp) -> anyhow::Result<()> {
    let village: Division = "620821101203".parse()?;
    for batch in 0..ORDERS / BATCH {
        let commit = hash_parts(&[b"deadlines", &batch.to_be_bytes()]);
        let stamp = CommandStamp {
            commit,
            request: commit,
            actor: "process:bench".to_owned(),
            cause: None,
            traceparent: None,
        };
        let mut runs = Vec::new();
        for number in batch * BATCH..(batch + 1) * BATCH {
            let id = WorkOrderId::new(village, Key::from_bits(u128::from(number)));
            let created = WorkOrderEvent::from(WorkOrderCreated {
                occurred_at: suite.clock_now(),
                work_order: id.clone(),
                case: CaseId::new(village, Key::from_bits(u128::from(number))),
                category: "0101".parse()?,
                catalogue_version: 1,
                urgency: Urgency::Normal,
                division: village,
                grid: None,
                reporter: "620821000000-r".parse()?,
                limit: "60wd".parse()?,
                accept_due: accept_due(begin, number),
                due: begin.plus_millis(80 * 24 * 60 * 60_000),
                calendar_version: 1,
                round: 1,
                origin: None,
                parent: None,
                instruction: None,
                at_risk: None,
                threefold_due: None,
            });
            let mut tail = Tail::default();
            let messages = messages(&mut tail, &id.to_string(), &stamp, &[created])?;
            runs.push(Run { subject: subject::work_order(&id), expected: 0, messages });
        }
        suite.context().log.append(commit, runs).await?;
    }
    Ok(())
}

/// The median and the 99th percentile of the scan that every tick does, in milliseconds, over a table
/// of its own.
async fn scans(log: &EventLog, head: u64, begin: Timestamp) -> anyhow::Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let settings = DatabaseSettings::Sqlite(folder.path().to_owned());
    let database = Database::open(&settings, "dispatch").await?;
    let (mut runner, view) = Runner::open(WorkOrders, database.clone(), log.clone()).await?;
    let (feed, reading) = Feed::new(log.clone());
    let batches = feed.subscribe(0);
    let (_nobody, mut requests) = mpsc::channel(1);
    let times = tokio::select! {
        times = async {
            view.wait(head, Duration::from_mins(10)).await?;
            scan(&view, begin).await
        } => times?,
        ended = runner.run(batches, &mut requests) => { ended?; Vec::new() }
        Err(error) = reading => return Err(error.into()),
    };
    anyhow::ensure!(!times.is_empty(), "the table was not filled");
    database.close().await;
    Ok((times[times.len() / 2], times[times.len() * 99 / 100]))
}

async fn scan(
    view: &View<dispatch::projections::work_orders::WorkOrderRow>,
    begin: Timestamp,
) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(SCANS);
    let now = begin.plus_millis(i64::try_from(WATCHED.as_millis())?);
    for _ in 0..SCANS {
        let started = Instant::now();
        let found = due(view, now.0, 500).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(found.len() == 500, "2,000 are due, and 500 are read together");
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Lets time pass as it does, and says how late each clock rang, in milliseconds.
async fn ring(suite: &Suite, begin: Timestamp) -> anyhow::Result<Vec<f64>> {
    let before = suite.head().await.sequence;
    suite.clock().set(begin);
    let started = Instant::now();
    let mut seen = 0;
    while started.elapsed() < WATCHED + Duration::from_secs(5) {
        let passed = i64::try_from(started.elapsed().as_millis())?;
        suite.clock().set(begin.plus_millis(passed));
        tokio::time::sleep(Duration::from_millis(2)).await;
        seen = suite.head().await.sequence.saturating_sub(before);
    }
    say(&format!("  {seen} events while clocks rang"));
    let village: Division = "620821101203".parse()?;
    let mut late = Vec::new();
    for number in 0..RINGING {
        let id = WorkOrderId::new(village, Key::from_bits(u128::from(number)));
        for recorded in suite.context().log.load(&subject::work_order(&id), 2).await? {
            let event = WorkOrderEvent::decode(&recorded.ce_type, &recorded.payload)?;
            if let WorkOrderEvent::WorkOrderOverdue(overdue) = event {
                let ms = overdue.occurred_at.0.saturating_sub(overdue.due.0);
                late.push(Duration::from_millis(u64::try_from(ms)?).as_secs_f64() * 1e3);
            }
        }
    }
    late.sort_by(f64::total_cmp);
    anyhow::ensure!(!late.is_empty(), "no clock rang");
    Ok(late)
}
