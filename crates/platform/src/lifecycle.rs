//! How a process lives: its tasks, when it is ready, and in which order it stops.
//!
//! A soft stop asks: take nothing new, end what is under way. A hard stop drops what is left. After
//! the tasks come the flushes, the last registered first. A task that fails while nobody has asked
//! for a stop is a crash: it stops the process, and the exit says so.

use std::{
    collections::BTreeMap,
    error::Error as StdError,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt as _;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod signals;

/// What a task ends with.
pub type TaskError = Box<dyn StdError + Send + Sync>;

type Flush = (String, Pin<Box<dyn Future<Output = ()> + Send>>);

/// How long one flush may take.
const FLUSH_LIMIT: Duration = Duration::from_secs(10);

/// The life of a process. Clones are the same life.
#[derive(Clone)]
pub struct Lifecycle {
    inner: Arc<Inner>,
}

struct Inner {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    grace: Duration,
    crash: Mutex<Option<Crash>>,
    flushes: Mutex<Vec<Flush>>,
    gates: watch::Sender<BTreeMap<String, bool>>,
}

/// The first task that failed unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// The task.
    pub task: String,
    /// Its error, with the causes.
    pub error: String,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum ExitOutcome {
    /// Everything was ended and flushed.
    Clean,
    /// Some tasks did not end in time and were dropped; everything was flushed.
    Forced,
    /// A task failed.
    Crashed(Crash),
}

impl ExitOutcome {
    /// The exit code: 0 done, 1 failed.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Forced | Self::Crashed(_) => 1,
        }
    }
}

impl Lifecycle {
    /// A life whose soft stop becomes a hard one after `grace`.
    pub fn new(grace: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                soft: CancellationToken::new(),
                hard: CancellationToken::new(),
                tracker: TaskTracker::new(),
                grace,
                crash: Mutex::default(),
                flushes: Mutex::default(),
                gates: watch::Sender::default(),
            }),
        }
    }

    /// Runs a task until it ends or a hard stop drops it. An error or a panic before the soft stop
    /// is a crash. This is the only place that spawns.
    pub fn spawn<F, E>(&self, name: impl Into<String>, task: F) -> JoinHandle<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<TaskError>,
    {
        let name = name.into();
        let life = self.clone();
        let task = AssertUnwindSafe(task).catch_unwind();
        let watched = async move {
            tokio::select! {
                biased;
                ended = task => match ended {
                    Ok(Ok(())) => tracing::debug!(task = name, "task ended"),
                    Ok(Err(error)) => life.failed(name, chain(error.into().as_ref())),
                    Err(_) => life.failed(name, "panicked, see above".to_owned()),
                },
                () = life.inner.hard.cancelled() => {
                    tracing::warn!(task = name, "task dropped, it did not end in time");
                }
            }
        };
        #[expect(clippy::disallowed_methods, reason = "the place that the lint points to")]
        tokio::spawn(self.inner.tracker.track_future(watched))
    }

    /// Registers what must be written or closed after all tasks have ended. The last registered
    /// runs first, so register when the thing is opened.
    pub fn on_stop(
        &self,
        name: impl Into<String>,
        flush: impl Future<Output = ()> + Send + 'static,
    ) {
        lock(&self.inner.flushes).push((name.into(), Box::pin(flush)));
    }

    /// A condition for being ready, closed at first.
    pub fn gate(&self, name: impl Into<String>) -> Gate {
        let gate = Gate { life: self.clone(), name: name.into() };
        gate.close();
        gate
    }

    /// The gates that are closed, sorted.
    pub fn closed_gates(&self) -> Vec<String> {
        let gates = self.inner.gates.borrow();
        gates.iter().filter(|(_, open)| !**open).map(|(name, _)| name.clone()).collect()
    }

    /// Whether all gates are open and nobody has asked for a stop.
    pub fn is_ready(&self) -> bool {
        !self.is_stopping() && self.inner.gates.borrow().values().all(|open| *open)
    }

    /// Waits until all gates are open. False if a stop came first.
    pub async fn ready(&self) -> bool {
        let mut gates = self.inner.gates.subscribe();
        let all_open = gates.wait_for(|gates| gates.values().all(|open| *open));
        tokio::select! {
            biased;
            () = self.inner.soft.cancelled() => false,
            open = all_open => open.is_ok(),
        }
    }

    /// Cancelled when nothing new may be begun.
    pub fn soft_token(&self) -> CancellationToken {
        self.inner.soft.clone()
    }

    /// Cancelled when everything must end at once.
    pub fn hard_token(&self) -> CancellationToken {
        self.inner.hard.clone()
    }

    /// Whether a stop was asked for.
    pub fn is_stopping(&self) -> bool {
        self.inner.soft.is_cancelled()
    }

    /// Asks for a soft stop.
    pub fn stop(&self) {
        self.inner.soft.cancel();
    }

    /// Demands a hard stop.
    pub fn stop_now(&self) {
        self.inner.soft.cancel();
        self.inner.hard.cancel();
    }

    /// Records a failure from outside of the tasks, such as a child process that can't be kept
    /// alive, and asks for a soft stop.
    pub fn crashed(&self, part: impl Into<String>, error: &(dyn StdError + 'static)) {
        self.failed(part.into(), chain(error));
    }

    /// Lives until SIGTERM, SIGINT, a crash or [`stop`](Self::stop), then ends tasks and flushes.
    /// A second signal, or `grace` after the first, is a hard stop.
    pub async fn run_until_stopped(&self) -> ExitOutcome {
        match signals::listen() {
            Ok(signals) => self.run(signals).await,
            Err(error) => {
                self.crashed("signals", &error);
                self.run(futures::stream::pending()).await
            }
        }
    }

    async fn run(&self, signals: impl futures::Stream<Item = &'static str>) -> ExitOutcome {
        let wait_and_flush = async {
            self.inner.soft.cancelled().await;
            tracing::info!("stopping");
            self.drain().await;
            self.flush().await;
        };
        let mut signals = std::pin::pin!(signals);
        let mut wait_and_flush = std::pin::pin!(wait_and_flush);
        loop {
            tokio::select! {
                biased;
                () = &mut wait_and_flush => return self.outcome(),
                Some(signal) = futures::StreamExt::next(&mut signals) => {
                    if self.is_stopping() {
                        tracing::warn!(signal, "stopping now");
                        self.stop_now();
                    } else {
                        tracing::info!(signal, "asked to stop; once more to stop now");
                        self.stop();
                    }
                }
            }
        }
    }

    async fn drain(&self) {
        self.inner.tracker.close();
        if tokio::time::timeout(self.inner.grace, self.inner.tracker.wait()).await.is_err() {
            self.inner.hard.cancel();
            self.inner.tracker.wait().await;
        }
    }

    async fn flush(&self) {
        loop {
            let next = lock(&self.inner.flushes).pop();
            let Some((name, flush)) = next else { return };
            if tokio::time::timeout(FLUSH_LIMIT, flush).await.is_err() {
                tracing::error!(name, "did not close in time");
                self.inner.hard.cancel();
            }
        }
    }

    fn outcome(&self) -> ExitOutcome {
        match lock(&self.inner.crash).clone() {
            Some(crash) => ExitOutcome::Crashed(crash),
            None if self.inner.hard.is_cancelled() => ExitOutcome::Forced,
            None => ExitOutcome::Clean,
        }
    }

    fn failed(&self, task: String, error: String) {
        if self.is_stopping() {
            tracing::warn!(task, error, "task failed while stopping");
            return;
        }
        tracing::error!(task, error, "task failed, stopping");
        lock(&self.inner.crash).get_or_insert(Crash { task, error });
        self.stop();
    }
}

/// A named condition for being ready.
#[derive(Clone)]
pub struct Gate {
    life: Lifecycle,
    name: String,
}

impl Gate {
    /// The condition holds.
    pub fn open(&self) {
        self.set(true);
    }

    /// The condition does not hold (any more).
    pub fn close(&self) {
        self.set(false);
    }

    fn set(&self, open: bool) {
        self.life
            .inner
            .gates
            .send_if_modified(|gates| gates.insert(self.name.clone(), open) != Some(open));
    }
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
