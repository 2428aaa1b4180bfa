//! Durable appends: the log's group commit, beside plain publishes to the same server and beside an
//! event table in PostgreSQL with one transaction an append.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_nats::{HeaderMap, jetstream};
use futures::future::join_all;
use kernel::hash::Sha256;
use platform::{
    log::{
        EventLog, LogSettings, hash_parts,
        writer::{Run, WriterSettings},
    },
    nats_server::{Account, ManagedNats, Options, connect},
};
use testkit::postgres::TestPostgres;

use crate::table::{Table, say};

const APPENDERS: [usize; 6] = [1, 4, 16, 64, 256, 1_024];

/// How long each figure is measured, after as long a warm-up as a fifth of it.
const WINDOW: Duration = Duration::from_secs(3);

/// How often each is measured, in turn with the others; the median counts.
const ROUNDS: usize = 3;

/// A payload of the size of an ordinary event.
const PAYLOAD: usize = 300;

pub(crate) async fn measure() -> anyhow::Result<Table> {
    let folder = tempfile::tempdir()?;
    let nats = ManagedNats::start(Options {
        county: "620821".parse().expect("a county"),
        data_dir: folder.path().to_owned(),
        server_binary: None,
        credentials: folder.path().join("keys/nats"),
        listen_port: 0,
        max_file_store: 8 << 30,
        gomemlimit_mib: 256,
        supervisor: None,
    })
    .await?;
    let client = connect(&nats.client_url(), nats.credentials(Account::Core), "bench").await?;
    let settings = LogSettings { county: "620821".parse()?, max_bytes: 4 << 30, replicas: 1 };
    let (log, writing) =
        EventLog::open(client.clone(), &settings, WriterSettings::default(), |_| {}).await?;
    #[expect(clippy::disallowed_methods, reason = "ends with the program")]
    let writer = tokio::spawn(writing);
    let context = jetstream::new(client);
    context
        .create_stream(jetstream::stream::Config {
            name: "PLAIN".to_owned(),
            subjects: vec!["plain.>".to_owned()],
            allow_direct: true,
            ..jetstream::stream::Config::default()
        })
        .await?;
    let postgres = TestPostgres::durable().await;
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(64)
        .acquire_timeout(Duration::from_mins(1))
        .connect(postgres.url())
        .await?;
    sqlx::raw_sql(
        "CREATE TABLE events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, \
         sequence bigint NOT NULL CHECK (sequence >= 0), event_type text NOT NULL, \
         event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL, \
         PRIMARY KEY (aggregate_type, aggregate_id, sequence))",
    )
    .execute(&pool)
    .await?;

    let mut table = Table::new(
        "Durable appends a second",
        &[
            "appenders",
            "weft",
            "plain publishes",
            "PostgreSQL",
            "weft / plain",
            "weft / PostgreSQL",
        ],
    );
    for appenders in APPENDERS {
        say(&format!("appends, {appenders} appenders"));
        let (mut weft, mut plain, mut sql) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            weft.push(rate(appenders, |n| append(log.clone(), n)).await);
            plain.push(rate(appenders, |n| publish(context.clone(), n)).await);
            sql.push(rate(appenders, |n| insert(pool.clone(), n)).await);
        }
        let (weft, plain, sql) = (median(weft), median(plain), median(sql));
        table.row(&[
            appenders.to_string(),
            format!("{weft:.0}"),
            format!("{plain:.0}"),
            format!("{sql:.0}"),
            format!("{:.2}", weft / plain),
            format!("{:.2}", weft / sql),
        ]);
        match appenders {
            1 | 4 => table.demand(
                &format!("at {appenders} not slower than 0.9 of plain publishes"),
                weft / plain >= 0.9,
            ),
            256 => table.demand("at 256 at least 1.5 times PostgreSQL", weft / sql >= 1.5),
            1_024 => table.demand("at 1,024 at least 2.5 times PostgreSQL", weft / sql >= 2.5),
            _ => {}
        }
    }
    drop(log);
    writer.abort();
    nats.stop().await;
    Ok(table)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// One appender: tells what to do for its nth append, over and over.
trait Appender {
    fn append(&mut self) -> impl Future<Output = ()>;
}

/// Appends a second by so many appenders, each of which waits for its answer.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
async fn rate<A: Appender>(appenders: usize, make: impl Fn(u64) -> A) -> f64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let done = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let warm = begun + WINDOW / 5;
    let end = warm + WINDOW;
    let work = (0..appenders).map(|_| {
        let done = Arc::clone(&done);
        let mut appender = make(NEXT.fetch_add(1, Ordering::Relaxed));
        async move {
            loop {
                let now = Instant::now();
                if now >= end {
                    return;
                }
                appender.append().await;
                if now >= warm {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    join_all(work).await;
    done.load(Ordering::Relaxed) as f64 / WINDOW.as_secs_f64()
}

/// Appends to an aggregate of its own, as a command would.
struct LogAppender {
    log: EventLog,
    subject: String,
    expected: u64,
    version: u64,
}

fn append(log: EventLog, number: u64) -> LogAppender {
    let subject = format!("weft.620821.101.203.bench.a{number}");
    LogAppender { log, subject, expected: 0, version: 0 }
}

impl Appender for LogAppender {
    async fn append(&mut self) {
        self.version += 1;
        let id: Sha256 = hash_parts(&[self.subject.as_bytes(), &self.version.to_be_bytes()]);
        let mut headers = HeaderMap::new();
        headers.insert("weft-commit", id.to_string());
        let run = Run {
            subject: self.subject.clone(),
            expected: self.expected,
            messages: vec![(headers, vec![b'x'; PAYLOAD].into())],
        };
        match self.log.append(id, vec![run]).await {
            Ok(ends) => self.expected = ends[0],
            Err(error) => say(&format!("an append failed: {error}")),
        }
    }
}

/// Publishes with nothing but the acknowledgement awaited.
struct Publisher {
    context: jetstream::Context,
    subject: String,
}

fn publish(context: jetstream::Context, number: u64) -> Publisher {
    Publisher { context, subject: format!("plain.{number}") }
}

impl Appender for Publisher {
    async fn append(&mut self) {
        let mut headers = HeaderMap::new();
        headers.insert("weft-commit", "0".repeat(64));
        #[expect(clippy::disallowed_methods, reason = "the reference")]
        let sent = self
            .context
            .publish_with_headers(self.subject.clone(), headers, vec![b'x'; PAYLOAD].into())
            .await;
        let stored = match sent {
            Ok(acknowledged) => acknowledged.await.map(|_| ()),
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            say(&format!("a publish failed: {error}"));
        }
    }
}

/// One transaction an append, as event tables in PostgreSQL are written.
struct Inserter {
    pool: sqlx::PgPool,
    aggregate: String,
    sequence: i64,
}

fn insert(pool: sqlx::PgPool, number: u64) -> Inserter {
    Inserter { pool, aggregate: format!("a{number}"), sequence: 0 }
}

impl Appender for Inserter {
    async fn append(&mut self) {
        self.sequence += 1;
        let payload = format!("{{\"x\":\"{}\"}}", "x".repeat(PAYLOAD - 8));
        let inserted = async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(
                "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, \
                 event_version, payload, metadata) VALUES ($1, $2, $3, $4, $5, $6::json, $7::json)",
            )
            .bind("bench")
            .bind(&self.aggregate)
            .bind(self.sequence)
            .bind("appended")
            .bind("1.0")
            .bind(&payload)
            .bind("{}")
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        };
        if let Err(error) = inserted.await {
            say(&format!("an insert failed: {error}"));
        }
    }
}
