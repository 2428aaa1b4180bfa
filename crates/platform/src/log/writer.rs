//! Group commit. One writer task a process and stream takes what waits and decides how to store it:
//! a few lone messages as concurrent plain publishes, many as one atomic batch (NATS ADR-50). Callers
//! never see the difference.
//!
//! With every write synced a lone publish costs one fsync, and a batch costs several whatever its
//! size, so that batches pay off from some twenty waiting messages on; `make bench` shows where.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    num::NonZeroUsize,
    time::Duration,
};

use async_nats::HeaderMap;
use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use kernel::hash::Sha256;
use lru::LruCache;
use tokio::sync::{mpsc, oneshot};

use super::{
    recorded::digest,
    stream::{REQUEST_TIMEOUT, StreamError, StreamHandle},
};

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
            batch_from: 20,
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
    /// How often it was sent and not stored.
    attempts: u8,
}

/// After so many unanswered or contradicted sendings the caller hears that the outcome is unknown.
const MAX_ATTEMPTS: u8 = 4;

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
        self.queue.try_send(Pending { commit, answer, attempts: 0 }).map_err(
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
    async fn run(mut self, mut receiver: mpsc::Receiver<Pending>) {
        let mut open = true;
        while open || !self.queue.is_empty() || !self.under_way.is_empty() {
            tokio::select! {
                biased;
                Some(sent) = self.under_way.next() => self.settle(sent).await,
                received = receiver.recv(), if open && self.queue.len() < self.settings.queue => {
                    match received {
                        Some(pending) => self.queue.push_back(pending),
                        None => open = false,
                    }
                    // Take all that is there: the more wait together, the cheaper each is.
                    while self.queue.len() < self.settings.queue {
                        let Ok(pending) = receiver.try_recv() else { break };
                        self.queue.push_back(pending);
                    }
                }
            }
            self.send();
            // Commits that this process itself has overtaken, or sent before: the tails decide.
            let stale = std::mem::take(&mut self.stale);
            if !stale.is_empty() {
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
            let lone = self.queue.front().is_some_and(|pending| pending.messages() == 1);
            if waiting < self.settings.batch_from && lone {
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
    async fn settle(&mut self, sent: Sent) {
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
                for pending in sent.group {
                    pending.answer(Err(error.clone()));
                }
            }
            Outcome::Conflict | Outcome::Unknown => self.resolve(sent.group).await,
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
        for mut pending in group {
            match standing(&pending.commit, &tails) {
                Standing::Stored(ends) => {
                    for (run, end) in pending.commit.runs.iter().zip(&ends) {
                        self.last.put(run.subject.clone(), *end);
                    }
                    pending.answer(Ok(ends));
                }
                Standing::Unwritten if pending.attempts < MAX_ATTEMPTS => {
                    pending.attempts += 1;
                    self.queue.push_front(pending);
                }
                Standing::Unwritten => pending.answer(Err(AppendError::OutcomeUnknown)),
                Standing::Overtaken { subject, last } => {
                    self.last.put(subject.clone(), last);
                    pending.answer(Err(AppendError::Conflict { subject }));
                }
            }
        }
    }
}

/// The last sequence of each subject that has messages, and the digest of the message there.
type Tails = HashMap<String, (u64, Sha256)>;

async fn tails(stream: &StreamHandle, group: &[Pending]) -> Result<Tails, StreamError> {
    let subjects: Vec<&str> = group.iter().flat_map(Pending::subjects).collect();
    let mut tails = Tails::new();
    // At the leader one by one where few are asked for; many in one read, whose answer a race can
    // make stale but never wrong: the server checks every expectation again.
    let stored = if subjects.len() <= 4 {
        let mut found = Vec::new();
        for subject in subjects {
            found.extend(stream.read_tail(subject).await?);
        }
        found
    } else {
        let mut found = Vec::new();
        for page in subjects.chunks(1_000) {
            found.extend(stream.read_last(page).await?);
        }
        found
    };
    for message in stored {
        let digest = digest(&message.headers, &message.payload);
        tails.insert(message.subject, (message.sequence, digest));
    }
    Ok(tails)
}

enum Standing {
    Stored(Appended),
    Unwritten,
    Overtaken { subject: String, last: u64 },
}

/// A run is stored where the tail is its own last message, to the byte: the same command decided at
/// another time has the same id and is another's all the same, for what follows must chain to what
/// is stored.
fn standing(commit: &Commit, tails: &Tails) -> Standing {
    let ends: Option<Appended> = commit
        .runs
        .iter()
        .map(|run| match tails.get(&run.subject) {
            Some((last, stored))
                if run
                    .messages
                    .last()
                    .is_some_and(|(headers, payload)| digest(headers, payload) == *stored) =>
            {
                Some(*last)
            }
            Some(_) | None => None,
        })
        .collect();
    if let Some(ends) = ends {
        return Standing::Stored(ends);
    }
    for run in &commit.runs {
        let last = tails.get(&run.subject).map_or(0, |(last, _)| *last);
        if last != run.expected {
            return Standing::Overtaken { subject: run.subject.clone(), last };
        }
    }
    Standing::Unwritten
}

async fn plain(stream: StreamHandle, pending: Pending) -> Sent {
    let started = tokio::time::Instant::now();
    let mut answers = stream.replies().open();
    let run = &pending.commit.runs[0];
    let (mut headers, payload) = run.messages[0].clone();
    headers.insert(EXPECTED, run.expected.to_string());
    let published = stream
        .client()
        .publish_with_reply_and_headers(
            run.subject.clone(),
            answers.subject.clone(),
            headers,
            payload,
        )
        .await;
    let outcome = match published {
        Ok(()) => outcome(&stream, &mut answers).await,
        Err(_closed) => Outcome::Unknown,
    };
    Sent { group: vec![pending], outcome, batch: false, elapsed: started.elapsed() }
}

const EXPECTED: &str = "Nats-Expected-Last-Subject-Sequence";

async fn batch(stream: StreamHandle, group: Vec<Pending>) -> Sent {
    let started = tokio::time::Instant::now();
    let mut answers = stream.replies().open();
    let outcome = match publish_batch(&stream, &group, &answers.subject).await {
        Ok(()) => outcome(&stream, &mut answers).await,
        Err(_closed) => Outcome::Unknown,
    };
    Sent { group, outcome, batch: true, elapsed: started.elapsed() }
}

async fn publish_batch(
    stream: &StreamHandle,
    group: &[Pending],
    reply: &str,
) -> Result<(), async_nats::PublishError> {
    let client = stream.client();
    let batch_id = reply.rsplit_once('.').map_or(reply, |(inbox, _)| inbox);
    // Unique while the server may remember it: the inbox is the connection's, the token counts up.
    let batch_id = format!(
        "{}-{}",
        batch_id.rsplit('.').next().unwrap_or_default(),
        reply.rsplit('.').next().unwrap_or_default()
    );
    let total: usize = group.iter().map(Pending::messages).sum();
    let mut number = 0;
    for run in group.iter().flat_map(|pending| &pending.commit.runs) {
        for (place, (headers, payload)) in run.messages.iter().enumerate() {
            number += 1;
            let mut headers = headers.clone();
            headers.insert("Nats-Batch-Id", batch_id.as_str());
            headers.insert("Nats-Batch-Sequence", number.to_string());
            if place == 0 {
                headers.insert(EXPECTED, run.expected.to_string());
            }
            let (subject, payload) = (run.subject.clone(), payload.clone());
            if number == total {
                headers.insert("Nats-Batch-Commit", "1");
                client
                    .publish_with_reply_and_headers(subject, reply.to_owned(), headers, payload)
                    .await?;
            } else if number == 1 {
                // Answered empty when the batch is opened, or with why it is not.
                client
                    .publish_with_reply_and_headers(subject, reply.to_owned(), headers, payload)
                    .await?;
            } else {
                client.publish_with_headers(subject, headers, payload).await?;
            }
        }
    }
    Ok(())
}

/// Waits for the server's word on a publish or a batch.
async fn outcome(stream: &StreamHandle, answers: &mut super::replies::Answers) -> Outcome {
    #[derive(serde::Deserialize)]
    struct ServerError {
        err_code: u64,
        #[serde(default)]
        description: String,
    }
    #[derive(serde::Deserialize)]
    struct Ack {
        seq: Option<u64>,
        error: Option<ServerError>,
    }
    loop {
        let Ok(Some(message)) = tokio::time::timeout(REQUEST_TIMEOUT, answers.next()).await else {
            return Outcome::Unknown;
        };
        if message.status.is_some_and(|status| status.as_u16() == 503) {
            // No responders: the stream is not there now, so nothing was stored; a later part of a
            // batch may have been, which the tails will tell.
            return Outcome::Unknown;
        }
        if message.payload.is_empty() {
            continue;
        }
        let Ok(ack) = serde_json::from_slice::<Ack>(&message.payload) else {
            return Outcome::Unknown;
        };
        let Some(error) = ack.error else {
            return ack.seq.map_or(Outcome::Unknown, Outcome::Stored);
        };
        let name = || stream.name().to_owned();
        return match error.err_code {
            // 10071 wrong last sequence; 10164 the same, while another write is in flight (clusters).
            10071 | 10164 => Outcome::Conflict,
            // 10077 maximum bytes or messages exceeded, 10047 insufficient storage, 10023 resources.
            10077 | 10047 | 10023 => Outcome::Failed(AppendError::Full {
                stream: name(),
                description: error.description,
            }),
            code => Outcome::Failed(AppendError::Refused {
                stream: name(),
                description: format!("{} ({code})", error.description),
            }),
        };
    }
}
