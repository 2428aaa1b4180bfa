//! What the tests of log, executor, projections and processes stand on: one nats-server, and as many
//! handles on the log as there would be processes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use kernel::{Division, StoredEvent as _, hash::Sha256};
use platform::{
    executor::{Executor, Request},
    lifecycle::Lifecycle,
    log::{
        CommandStamp, EventLog, LogSettings, Recorded, Tail,
        feed::{Batch, Feed, FeedError},
        hash_parts, messages,
        verify::Verifier,
        writer::{AppendError, Appended, Run, WriterSettings},
    },
    nats_server::Account,
};
use testkit::{ManualClock, nats::TestNats};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::counter::{Counter, Event, id, subject};

pub(crate) struct Ground {
    pub(crate) nats: TestNats,
    pub(crate) life: Lifecycle,
    /// How many writes went to the server.
    pub(crate) writes: Arc<AtomicUsize>,
}

pub(crate) fn county() -> Division {
    "620821".parse().unwrap()
}

pub(crate) fn settings(max_bytes: i64) -> LogSettings {
    LogSettings { county: county(), max_bytes, replicas: 1 }
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let nats = TestNats::start().await;
        let life = Lifecycle::new(std::time::Duration::from_secs(1));
        Self { nats, life, writes: Arc::default() }
    }

    /// A handle on the log with a connection and a writer of its own, as another process has.
    pub(crate) async fn log(&self) -> EventLog {
        self.log_with(64 << 20, WriterSettings::default()).await
    }

    pub(crate) async fn log_with(&self, max_bytes: i64, writer: WriterSettings) -> EventLog {
        let client = self.nats.client(Account::Core).await;
        open(client, max_bytes, writer, &self.life, &self.writes).await
    }

    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// A feed of a log, and where it says why it stopped.
    pub(crate) fn feed(&self, log: &EventLog) -> (Feed, mpsc::Receiver<FeedError>) {
        let (feed, reading) = Feed::new(log.clone());
        let (say, said) = mpsc::channel(1);
        self.life.spawn("feed", async move {
            if let Err(error) = reading.await {
                say.send(error).await.unwrap_or_default();
            }
            Ok::<(), std::convert::Infallible>(())
        });
        (feed, said)
    }
}

/// Dropping the ground ends what runs on it.
impl Drop for Ground {
    fn drop(&mut self) {
        self.life.stop_now();
    }
}

pub(crate) async fn open(
    client: async_nats::Client,
    max_bytes: i64,
    grouping: WriterSettings,
    life: &Lifecycle,
    writes: &Arc<AtomicUsize>,
) -> EventLog {
    let count = Arc::clone(writes);
    let observe = move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    };
    let (log, work) =
        EventLog::open(client, &settings(max_bytes), grouping, observe).await.unwrap();
    life.spawn("writer", async move {
        work.await;
        Ok::<(), std::convert::Infallible>(())
    });
    log
}

pub(crate) fn executor(log: &EventLog) -> Executor<Counter> {
    Executor::new(log.clone(), Arc::new(ManualClock::default()), TaskTracker::new())
}

pub(crate) fn request(name: &str, body: &str) -> Request {
    Request {
        caller: "person:620821000000-p".to_owned(),
        request_id: name.to_owned(),
        body: hash_parts(&[body.as_bytes()]),
        actor: kernel::Actor::Person("620821000000-p".parse().unwrap()),
        cause: None,
        traceparent: None,
    }
}

pub(crate) fn commit(name: &str) -> Sha256 {
    hash_parts(&[name.as_bytes()])
}

pub(crate) fn stamp(name: &str) -> CommandStamp {
    CommandStamp {
        commit: commit(name),
        request: commit(name),
        actor: "process:test".to_owned(),
        cause: None,
        traceparent: None,
    }
}

/// A run of events for the counter of this key, to stand after `tail`.
pub(crate) fn run(name: &str, key: &str, tail: &Tail, events: &[Event]) -> Run {
    let messages = messages(&mut tail.clone(), &id(key), &stamp(name), events).unwrap();
    Run { subject: subject(key), expected: tail.sequence, messages }
}

pub(crate) fn counted(who: &str) -> Event {
    Event::Counted(who.to_owned(), testkit::clock::START.0)
}

/// Where the counter of this key ends now.
pub(crate) async fn tail(log: &EventLog, key: &str) -> Tail {
    after(&log.load(&subject(key), 1).await.unwrap())
}

/// Where a history ends.
pub(crate) fn after(history: &[Recorded]) -> Tail {
    history.last().map_or_else(Tail::default, |last| Tail {
        sequence: last.meta.sequence,
        version: last.meta.version,
        digest: last.digest(),
    })
}

/// Appends events to one counter, after what is there.
pub(crate) async fn append(
    log: &EventLog,
    name: &str,
    key: &str,
    events: &[Event],
) -> Result<Appended, AppendError> {
    let run = run(name, key, &tail(log, key).await, events);
    log.append(commit(name), vec![run]).await
}

/// Appends one event to a new counter for each number of the range; they are written together.
pub(crate) async fn fill(log: &EventLog, numbers: std::ops::Range<usize>) {
    let one = |number: usize| async move {
        let key = format!("f{number}");
        let run = run(&key, &key, &Tail::default(), &[counted(&key)]);
        log.append(commit(&key), vec![run]).await.unwrap();
    };
    futures::future::join_all(numbers.map(one)).await;
}

pub(crate) async fn head(log: &EventLog) -> u64 {
    log.stream().state().await.unwrap().last
}

/// Receives batches up to a sequence; each event once, in the order of the log.
pub(crate) async fn read_to(batches: &mut mpsc::Receiver<Batch>, end: u64) -> Vec<Recorded> {
    let mut read: Vec<Recorded> = Vec::new();
    let reading = async {
        while read.last().is_none_or(|last| last.meta.sequence < end) {
            let batch = batches.recv().await.expect("the feed goes on");
            let after = read.last().map_or(0, |last| last.meta.sequence);
            read.extend(batch.iter().filter(|event| event.meta.sequence > after).cloned());
        }
    };
    let within = tokio::time::timeout(std::time::Duration::from_mins(1), reading).await;
    assert!(within.is_ok(), "the feed does not reach {end}");
    read
}

/// Reads the whole log and checks it; gives its events.
pub(crate) async fn verified(ground: &Ground, log: &EventLog) -> Vec<Recorded> {
    let end = head(log).await;
    if end == 0 {
        return Vec::new();
    }
    let (feed, _) = ground.feed(log);
    let events = read_to(&mut feed.subscribe(0), end).await;
    let mut verifier = Verifier::default();
    for event in &events {
        verifier.check(event);
    }
    assert_eq!(verifier.findings(), []);
    assert_eq!(verifier.events(), end);
    events
}

pub(crate) fn decoded(event: &Recorded) -> Event {
    Event::decode(&event.ce_type, &event.payload).unwrap()
}
