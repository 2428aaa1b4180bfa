use std::io;

use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;

use super::*;

const LONG: Duration = Duration::from_hours(1);

fn silent() -> impl futures::Stream<Item = &'static str> {
    stream::pending()
}

#[tokio::test]
async fn a_signal_ends_the_tasks_and_then_flushes_the_last_opened_first() {
    let life = Lifecycle::new(LONG);
    let (done, mut order) = mpsc::unbounded_channel();
    let (soft, ended) = (life.soft_token(), done.clone());
    life.spawn("worker", async move {
        soft.cancelled().await;
        ended.send("task")
    });
    for name in ["opened first", "opened last"] {
        let done = done.clone();
        life.on_stop(name, async move { done.send(name).unwrap() });
    }
    let signals = stream::iter(["SIGTERM"]).chain(silent());
    assert_eq!(life.run(signals).await, ExitOutcome::Clean);
    drop(done);
    let mut seen = Vec::new();
    while let Ok(name) = order.try_recv() {
        seen.push(name);
    }
    assert_eq!(seen, ["task", "opened last", "opened first"]);
}

#[tokio::test]
async fn a_second_signal_drops_what_does_not_end() {
    let life = Lifecycle::new(LONG);
    life.spawn("stubborn", std::future::pending::<io::Result<()>>());
    let signals = stream::iter(["SIGINT", "SIGINT"]).chain(silent());
    let outcome = life.run(signals).await;
    assert_eq!((outcome.code(), outcome), (1, ExitOutcome::Forced));
}

#[tokio::test(start_paused = true)]
async fn the_grace_ends_a_soft_stop() {
    let life = Lifecycle::new(Duration::from_secs(20));
    life.spawn("stubborn", std::future::pending::<io::Result<()>>());
    life.stop();
    assert_eq!(life.run(silent()).await, ExitOutcome::Forced);
}

#[tokio::test]
async fn a_task_that_fails_unasked_stops_the_process_and_is_named() {
    let life = Lifecycle::new(LONG);
    let soft = life.soft_token();
    life.spawn("other", async move {
        soft.cancelled().await;
        Err(io::Error::other("too late to matter"))
    });
    life.spawn("projection intake.cases", async { Err(io::Error::other("gap at 7")) });
    let crash = Crash { task: "projection intake.cases".into(), error: "gap at 7".into() };
    let outcome = life.run(silent()).await;
    assert_eq!((outcome.code(), outcome), (1, ExitOutcome::Crashed(crash)));
}

#[tokio::test]
async fn a_panic_is_a_crash() {
    let life = Lifecycle::new(LONG);
    life.spawn("worker", async {
        assert!(std::hint::black_box(false), "on purpose");
        io::Result::Ok(())
    });
    let ExitOutcome::Crashed(crash) = life.run(silent()).await else { unreachable!() };
    assert_eq!(crash.task, "worker");
}

#[tokio::test]
async fn a_task_that_ends_well_stops_nothing() {
    let life = Lifecycle::new(LONG);
    life.spawn("short", async { io::Result::Ok(()) }).await.unwrap();
    assert!(!life.is_stopping());
}

#[tokio::test]
async fn ready_means_all_gates_open_and_no_stop() {
    let life = Lifecycle::new(LONG);
    let (log, projection) = (life.gate("log"), life.gate("projection"));
    assert_eq!(life.closed_gates(), ["log", "projection"]);
    log.open();
    assert!(!life.is_ready());
    let waiting = life.ready();
    projection.open();
    assert!(waiting.await && life.is_ready());
    log.close();
    assert_eq!(life.closed_gates(), ["log"]);
    log.open();
    life.stop();
    assert!(!life.is_ready() && !life.ready().await);
}
