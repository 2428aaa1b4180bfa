//! Group commit. One writer task a process and stream takes what waits and decides how to store it:
//! a few lone messages as concurrent plain publishes, many as one atomic batch (NATS ADR-50). Callers
//! never see the difference.
//!
//! With every write synced a lone publish costs one fsync, and a batch costs several whatever its
//! size. In throughput alone batches pay off from some twenty waiting messages on; they also cost the
//! server less work a message, so that the whole suite is fastest from about ten on (`make bench`).

mod send;
mod standing;

use std::{
    collections::{HashSet, VecDeque},
    num::NonZeroUsize,
    time::Duration,
};

use async_nats::HeaderMap;
use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use lru::LruCache;
use tokio::sync::{mpsc, oneshot};

use super::stream::StreamHandle;
use send::{batch, plain};
use standing::{Standing, standing, tails};

/// How the writer groups. The defaults are measured by `make bench`.
#[derive(Clone, Debug)]
pub struct WriterSettings {
    /// The most messages of one atomic batch; the server allows 1,000.
    pub max_batch: usize,
    /// How many plain publishes may be under way at once.
    pub plain_in_flight: usize,
    /// From how many waiting messages on a batch is cheaper than plain publishes.
    pub batch_from: usize,
    /// How many batches may be under way at once; the server allows 50 a stream.
    pub batches_in_flight: usize,
    /// How many commits may wait before callers are told to come back later.
    pub queue: usize,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self {
            max_batch: 500,
            plain_in_flight: 8,
            batch_from: 10,
            batches_in_flight: 1,
            queue: 4096,
        }
    }
}

/// Messages for one exact subject, to stand right after the message at `expected`.
#[derive(Clone, Debug)]
pub struct Run {
    /// The exact subject.
    pub subject: String,
    /// The sequence of the last message on it; 0 for none.
    pub expected: u64,
    /// Headers and payload of each message, in order; at least one.
    pub messages: Vec<(HeaderMap, Bytes)>,
}

/// What is stored as a whole or not at all: one run a subject, each on another subject.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Tells this commit's messages from others'; every message carries it as `weft-commit`.
    pub id: String,
    /// The runs.
    pub runs: Vec<Run>,
}

/// Where each run ended: the sequence of its last message, in the order of the runs.
pub type Appended = Vec<u64>;

/// Why a commit was not stored, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote to this subject first.
    #[error("{subject} has moved on; load it and decide again")]
    Conflict {
        /// The subject.
        subject: String,
    },
    /// The stream has reached its size.
    #[error("the storage of {stream} is full: {description}; raise its limit or add space")]
    Full {
        /// The stream.
        stream: String,
        /// The server's words.
        description: String,
    },
    /// The server refused it for another reason.
    #[error("{stream} refused the commit: {description}")]
    Refused {
        /// The stream.
        stream: String,
        /// The server's words.
        description: String,
    },
    /// Too much is waiting.
    #[error("too many writes are waiting; try again in a moment")]
    Busy,
    /// The server did not answer, and cannot be asked what became of it.
    #[error("the outcome is unknown: nats-server does not answer; send the same request again")]
    OutcomeUnknown,
    /// The writer has stopped.
    #[error("weft is stopping; send the same request again")]
    Stopping,
}

type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// The handle to a stream's writer.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Pending>,
}

struct Pending {
    commit: Commit,
    answer: Answer,
    /// How often it was sent without an answer, and was not stored.
    unanswered: u8,
    /// How often it was refused although its own expectations held: in a batch with one whose did not.
    refused: u8,
}

/// After so many unanswered sendings the caller hears that the outcome is unknown.
const MAX_UNANSWERED: u8 = 4;

/// After so many batches that were refused because of others a message is sent alone.
const ALONE_FROM: u8 = 2;

/// After so many refusals the caller decides again.
const MAX_REFUSED: u8 = 16;

impl Pending {
    fn messages(&self) -> usize {
        self.commit.runs.iter().map(|run| run.messages.len()).sum()
    }

    fn subjects(&self) -> impl Iterator<Item = &str> {
        self.commit.runs.iter().map(|run| run.subject.as_str())
    }

    fn answer(self, result: Result<Appended, AppendError>) {
        // Whoever asked may have given up; the commit stands all the same.
        let _gone = self.answer.send(result);
    }
}

impl Writer {
    /// The writer of a stream, and the task that must run for it to work. The task ends when the last
    /// handle is dropped and what was queued is answered.
    pub fn new(
        stream: StreamHandle,
        settings: WriterSettings,
        observe: impl Fn(Written) + Send + 'static,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = mpsc::channel(settings.queue);
        let task = Task {
            stream,
            settings,
            observe,
            queue: VecDeque::new(),
            busy: HashSet::new(),
            last: LruCache::new(NonZeroUsize::new(65_536).unwrap_or(NonZeroUsize::MIN)),
            stale: Vec::new(),
            under_way: FuturesUnordered::new(),
            plain: 0,
            batches: 0,
        };
        (Self { queue: sender }, task.run(receiver))
    }

    /// Stores a commit. Answers when it is on disk.
    pub async fn append(&self, commit: Commit) -> Result<Appended, AppendError> {
        debug_assert!(commit.runs.iter().all(|run| !run.messages.is_empty()));
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Pending { commit, answer, unanswered: 0, refused: 0 }).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => AppendError::Busy,
                mpsc::error::TrySendError::Closed(_) => AppendError::Stopping,
            },
        )?;
        answered.await.unwrap_or(Err(AppendError::OutcomeUnknown))
    }

    /// How many commits wait.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }
}

/// What one write was, for the metrics.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// How many messages it carried.
    pub messages: usize,
    /// How long the server took.
    pub elapsed: Duration,
    /// Whether it was stored.
    pub stored: bool,
}

/// What came back for a group of commits sent together.
struct Sent {
    group: Vec<Pending>,
    outcome: Outcome,
    batch: bool,
    elapsed: Duration,
}

enum Outcome {
    /// Stored; the sequence of the last message.
    Stored(u64),
    /// Nothing was stored: an expectation did not hold.
    Conflict,
    Failed(AppendError),
    Unknown,
}

struct Task<F> {
    stream: StreamHandle,
    settings: WriterSettings,
    observe: F,
    queue: VecDeque<Pending>,
    /// Subjects with a write under way.
    busy: HashSet<String>,
    /// The last sequence of subjects written lately: a stale commit is refused without asking.
    last: LruCache<String, u64>,
    stale: Vec<Pending>,
    under_way: FuturesUnordered<BoxFuture<'static, Sent>>,
    plain: usize,
    batches: usize,
}

impl<F: Fn(Written) + Send + 'static> Task<F> {
    async fn run(mut self, mut incoming: mpsc::Receiver<Pending>) {
        let mut open = true;
        while open || !self.queue.is_empty() || !self.under_way.is_empty() {
            tokio::select! {
                biased;
                Some(sent) = self.under_way.next() => self.settle(sent).await,
                received = incoming.recv(), if open && self.queue.len() < self.settings.queue => {
                    match received {
                        Some(pending) => self.queue.push_back(pending),
                        None => open = false,
                    }
                    // Take all that is there: the more wait together, the cheaper each is.
                    while self.queue.len() < self.settings.queue {
                        let Ok(pending) = incoming.try_recv() else { break };
                        self.queue.push_back(pending);
                    }
                }
            }
            self.send();
            // Commits that this process itself has overtaken, or sent before: the tails decide.
            while !self.stale.is_empty() {
                let mut stale = std::mem::take(&mut self.stale);
                for pending in &mut stale {
                    pending.refused += 1;
                }
                self.resolve(stale).await;
                self.send();
            }
        }
    }

    /// Sends as much of the queue as may be under way now.
    fn send(&mut self) {
        while !self.queue.is_empty() {
            let waiting: usize =
                self.queue.iter().map(Pending::messages).take(self.settings.batch_from).sum();
            let alone = self.queue.front().is_some_and(|pending| {
                let few = waiting < self.settings.batch_from || pending.refused >= ALONE_FROM;
                few && pending.messages() == 1
            });
            if alone {
                if self.plain >= self.settings.plain_in_flight {
                    return;
                }
                let Some(place) = self.queue.iter().position(|pending| self.free(pending)) else {
                    return;
                };
                let Some(pending) = self.queue.remove(place) else { return };
                if self.is_stale(&pending) {
                    self.stale.push(pending);
                } else if pending.messages() == 1 {
                    self.send_plain(pending);
                } else {
                    self.send_batch(vec![pending]);
                }
            } else {
                if self.batches >= self.settings.batches_in_flight {
                    return;
                }
                let group = self.gather();
                if group.is_empty() {
                    return;
                }
                self.send_batch(group);
            }
        }
    }

    /// Whether a message stands on one of its subjects that the commit does not know of.
    fn is_stale(&self, pending: &Pending) -> bool {
        pending
            .commit
            .runs
            .iter()
            .any(|run| self.last.peek(&run.subject).is_some_and(|last| *last > run.expected))
    }

    fn free(&self, pending: &Pending) -> bool {
        pending.subjects().all(|subject| !self.busy.contains(subject))
    }

    /// Takes commits from the front until the batch is full, at most one run a subject.
    fn gather(&mut self) -> Vec<Pending> {
        let mut group = Vec::new();
        let mut taken: HashSet<String> = HashSet::new();
        let mut messages = 0;
        let mut rest = VecDeque::with_capacity(self.queue.len());
        while let Some(pending) = self.queue.pop_front() {
            if self.free(&pending) && self.is_stale(&pending) {
                self.stale.push(pending);
                continue;
            }
            let fits = group.is_empty() || messages + pending.messages() <= self.settings.max_batch;
            let apart =
                self.free(&pending) && pending.subjects().all(|subject| !taken.contains(subject));
            if fits && apart {
                messages += pending.messages();
                taken.extend(pending.subjects().map(str::to_owned));
                group.push(pending);
            } else {
                // What waits behind it on the same subject must stay behind it.
                taken.extend(pending.subjects().map(str::to_owned));
                rest.push_back(pending);
            }
            if messages >= self.settings.max_batch {
                break;
            }
        }
        rest.append(&mut self.queue);
        self.queue = rest;
        group
    }

    fn send_plain(&mut self, pending: Pending) {
        self.occupy(&pending);
        self.plain += 1;
        self.under_way.push(plain(self.stream.clone(), pending).boxed());
    }

    fn send_batch(&mut self, group: Vec<Pending>) {
        for pending in &group {
            self.occupy(pending);
        }
        self.batches += 1;
        self.under_way.push(batch(self.stream.clone(), group).boxed());
    }

    fn occupy(&mut self, pending: &Pending) {
        self.busy.extend(pending.subjects().map(str::to_owned));
    }

    /// Answers what came back, and finds out what became of what did not.
    async fn settle(&mut self, mut sent: Sent) {
        if sent.batch {
            self.batches -= 1;
        } else {
            self.plain -= 1;
        }
        let messages = sent.group.iter().map(Pending::messages).sum();
        (self.observe)(Written {
            messages,
            elapsed: sent.elapsed,
            stored: matches!(sent.outcome, Outcome::Stored(_)),
        });
        for pending in &sent.group {
            for subject in pending.subjects() {
                self.busy.remove(subject);
            }
        }
        match sent.outcome {
            Outcome::Stored(last) => self.stored(sent.group, last, messages),
            Outcome::Failed(error) => {
                // An earlier sending without an answer may still be stored: then "failed" would lie.
                let (mut doubtful, failed): (Vec<_>, Vec<_>) =
                    sent.group.into_iter().partition(|pending| pending.unanswered > 0);
                for pending in failed {
                    pending.answer(Err(error.clone()));
                }
                for pending in &mut doubtful {
                    pending.unanswered = MAX_UNANSWERED;
                }
                if !doubtful.is_empty() {
                    self.resolve(doubtful).await;
                }
            }
            Outcome::Conflict => {
                for pending in &mut sent.group {
                    pending.refused += 1;
                }
                self.resolve(sent.group).await;
            }
            Outcome::Unknown => {
                for pending in &mut sent.group {
                    pending.unanswered += 1;
                }
                self.resolve(sent.group).await;
            }
        }
    }

    fn stored(&mut self, group: Vec<Pending>, last: u64, messages: usize) {
        // A batch is contiguous in the stream.
        let mut end = last - messages as u64;
        for pending in group {
            let mut ends = Vec::with_capacity(pending.commit.runs.len());
            for run in &pending.commit.runs {
                end += run.messages.len() as u64;
                self.last.put(run.subject.clone(), end);
                ends.push(end);
            }
            pending.answer(Ok(ends));
        }
    }

    /// Reads the tails: my messages there = stored; the tail as expected = send it again; another's =
    /// a conflict.
    async fn resolve(&mut self, group: Vec<Pending>) {
        let tails = match tails(&self.stream, &group).await {
            Ok(tails) => tails,
            Err(_unreachable) => {
                for pending in group {
                    pending.answer(Err(AppendError::OutcomeUnknown));
                }
                return;
            }
        };
        for pending in group {
            match standing(&pending.commit, &tails) {
                Standing::Stored(ends) => {
                    for (run, end) in pending.commit.runs.iter().zip(&ends) {
                        self.last.put(run.subject.clone(), *end);
                    }
                    pending.answer(Ok(ends));
                }
                Standing::Unwritten if pending.unanswered >= MAX_UNANSWERED => {
                    pending.answer(Err(AppendError::OutcomeUnknown));
                }
                Standing::Unwritten if pending.refused >= MAX_REFUSED => {
                    let subject = pending.subjects().next().unwrap_or_default().to_owned();
                    pending.answer(Err(AppendError::Conflict { subject }));
                }
                Standing::Unwritten => {
                    // The tails are as the commit expects, whatever was believed before.
                    for run in &pending.commit.runs {
                        self.last.put(run.subject.clone(), run.expected);
                    }
                    self.queue.push_front(pending);
                }
                Standing::Overtaken { subject, last } => {
                    self.last.put(subject.clone(), last);
                    pending.answer(Err(AppendError::Conflict { subject }));
                }
            }
        }
    }
}
