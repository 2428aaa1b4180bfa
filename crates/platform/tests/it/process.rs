//! Process managers: what an event leads to is done once, however often the event comes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use async_nats::jetstream::{self, kv};
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    executor::Executor,
    lifecycle::Lifecycle,
    log::{EventLog, Recorded},
    nats_server::Account,
    process::{self, CarryOutError, Cause, Checkpoints, Process, ProcessError, Start},
};
use testkit::until;

use crate::{
    counter::{Command, Counter, Event, subject, target},
    ground::{Ground, append, counted, executor, fill, head, request},
};

/// Counts at `sum` whatever is counted elsewhere.
struct Summing<const NOW: bool> {
    executor: Executor<Counter>,
    carried_out: Arc<AtomicUsize>,
}

impl<const NOW: bool> Process for Summing<NOW> {
    const NAME: &'static str = "test.summing";
    const START: Start = if NOW { Start::Now } else { Start::Beginning };
    type Command = String;

    fn react(&self, event: &Recorded) -> Result<Vec<String>, DecodeError> {
        let counted = Event::decode(&event.ce_type, &event.payload)?;
        Ok(match counted {
            Event::Counted(who, _) if event.subject != subject("sum") => vec![who],
            Event::Counted(..) | Event::Opened(_) | Event::Closed(_) => Vec::new(),
        })
    }

    async fn carry_out(&self, who: String, cause: &Cause) -> Result<(), CarryOutError> {
        let make = move |now| Command::Count(who.clone(), now);
        self.carried_out.fetch_add(1, Ordering::SeqCst);
        self.executor.execute(target("sum"), cause.request(), make).await?;
        Ok(())
    }
}

/// A process as it runs in one life, with connections of its own.
struct Run {
    life: Lifecycle,
    position: Arc<AtomicU64>,
    carried_out: Arc<AtomicUsize>,
}

impl Run {
    async fn start<const NOW: bool>(ground: &Ground) -> Self {
        let log = ground.log().await;
        let checkpoints = Checkpoints::open(ground.nats.client(Account::Core).await).await.unwrap();
        let (position, carried_out) = (Arc::<AtomicU64>::default(), Arc::default());
        let process = Arc::new(Summing::<NOW> {
            executor: executor(&log),
            carried_out: Arc::clone(&carried_out),
        });
        let life = Lifecycle::new(std::time::Duration::ZERO);
        let (feed, reading) = platform::log::feed::Feed::new(log.clone());
        life.spawn("feed", reading);
        let progress = Arc::clone(&position);
        life.spawn("process", async move {
            let told = |at| progress.store(at, Ordering::SeqCst);
            process::run(process, log, feed, checkpoints, told).await
        });
        Self { life, position, carried_out }
    }

    async fn reaches(&self, sequence: u64) {
        until("the process has acted on all", || async {
            assert!(!self.life.is_stopping(), "it has failed");
            self.position.load(Ordering::SeqCst) >= sequence
        })
        .await;
    }

    async fn settles(&self, log: &EventLog) {
        loop {
            let end = head(log).await;
            self.reaches(end).await;
            if head(log).await == end {
                return;
            }
        }
    }

    fn carried_out(&self) -> usize {
        self.carried_out.load(Ordering::SeqCst)
    }
}

/// As a kill does: nothing is saved any more.
impl Drop for Run {
    fn drop(&mut self) {
        self.life.stop_now();
    }
}

async fn summed(log: &EventLog) -> usize {
    let (state, _) = executor(log).load(&subject("sum")).await.unwrap();
    let mut who = state.counted.clone();
    who.sort();
    who.dedup();
    assert_eq!(who.len(), state.counted.len(), "counted twice");
    who.len()
}

async fn opened(ground: &Ground) -> EventLog {
    let log = ground.log().await;
    executor(&log).execute(target("sum"), request("open", ""), Command::Open).await.unwrap();
    log
}

async fn bucket(ground: &Ground) -> kv::Store {
    let context = jetstream::new(ground.nats.client(Account::Core).await);
    context.get_key_value("weft_processes").await.unwrap()
}

const CHECKPOINT: &str = "test.summing.WEFT_620821";

async fn saved(ground: &Ground) -> u64 {
    let bytes = bucket(ground).await.get(CHECKPOINT).await.unwrap().unwrap();
    serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["sequence"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_delivered_again_after_an_old_checkpoint_is_acted_on_once() {
    let ground = Ground::new().await;
    let log = opened(&ground).await;
    let run = Run::start::<false>(&ground).await;
    let old = bucket(&ground).await.get(CHECKPOINT).await.unwrap().unwrap();
    fill(&log, 0..60).await;
    run.settles(&log).await;
    assert_eq!((run.carried_out(), summed(&log).await), (60, 60));
    let end = head(&log).await;
    drop(run);
    bucket(&ground).await.put(CHECKPOINT, old).await.unwrap();
    let run = Run::start::<false>(&ground).await;
    run.settles(&log).await;
    assert_eq!(run.carried_out(), 60, "all were delivered again");
    assert_eq!((summed(&log).await, head(&log).await), (60, end));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkpoint_survives_so_that_nothing_is_delivered_again() {
    let ground = Ground::new().await;
    let log = opened(&ground).await;
    let run = Run::start::<false>(&ground).await;
    fill(&log, 0..20).await;
    run.settles(&log).await;
    let end = head(&log).await;
    until("the checkpoint is saved", || async { saved(&ground).await == end }).await;
    drop(run);
    fill(&log, 20..25).await;
    let run = Run::start::<false>(&ground).await;
    run.settles(&log).await;
    assert_eq!((run.carried_out(), summed(&log).await), (5, 25));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_starts_now_acts_on_what_comes_and_not_on_what_was() {
    let ground = Ground::new().await;
    let log = opened(&ground).await;
    fill(&log, 0..10).await;
    let run = Run::start::<true>(&ground).await;
    until("now is written down", || async {
        bucket(&ground).await.get(CHECKPOINT).await.unwrap().is_some()
    })
    .await;
    drop(run);
    // While it is down, things go on; "now" stays when it was.
    fill(&log, 10..13).await;
    let run = Run::start::<true>(&ground).await;
    fill(&log, 13..15).await;
    run.settles(&log).await;
    assert_eq!((run.carried_out(), summed(&log).await), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_an_answer_and_the_process_goes_on() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let run = Run::start::<false>(&ground).await;
    append(&log, "1", "a", &[counted("before it is open")]).await.unwrap();
    run.reaches(1).await;
    executor(&log).execute(target("sum"), request("open", ""), Command::Open).await.unwrap();
    append(&log, "2", "a", &[counted("after")]).await.unwrap();
    run.settles(&log).await;
    assert_eq!(summed(&log).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_makes_it_try_again_and_act_once() {
    let ground = Ground::new().await;
    let log = opened(&ground).await;
    let run = Run::start::<false>(&ground).await;
    fill(&log, 0..100).await;
    ground.nats.crash().await;
    fill(&log, 100..200).await;
    run.settles(&log).await;
    assert_eq!(summed(&log).await, 200);
}

#[tokio::test]
async fn a_checkpoint_of_another_log_stops_it() {
    let ground = Ground::new().await;
    let log = opened(&ground).await;
    let run = Run::start::<false>(&ground).await;
    run.settles(&log).await;
    drop(run);
    let other = r#"{"created":"2020-01-01T00:00:00Z","sequence":5}"#;
    bucket(&ground).await.put(CHECKPOINT, other.into()).await.unwrap();
    let checkpoints = Checkpoints::open(ground.nats.client(Account::Core).await).await.unwrap();
    let process = Summing::<false> { executor: executor(&log), carried_out: Arc::default() };
    let (feed, _) = ground.feed(&log);
    let ended = process::run(Arc::new(process), log.clone(), feed, checkpoints, |_| {}).await;
    assert!(matches!(ended, Err(ProcessError::OtherLog { .. })), "{ended:?}");
}
