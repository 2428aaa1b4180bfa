//! The command executor: load, decide, append, answer. Commands for one aggregate are decided in
//! turn in memory and appended as one run, each answered when it is on disk; a command sent twice is
//! answered from what it wrote the first time.

mod history;
mod request;

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{Aggregate, Clock, DecodeError, LogPosition, StoredEvent, Timestamp, hash::Sha256};
use lru::LruCache;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::log::{
    EventLog, LogError, messages,
    writer::{AppendError, Run},
};
use history::History;
pub use request::{Request, derived_key};

/// How often a command is decided again after another process wrote first.
const MAX_CONFLICTS: u32 = 8;

/// The most commands of one coalesced run: with a few events each they fit in one batch.
const MAX_RUN: usize = 200;

/// Which aggregate a command is for.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its exact subject.
    pub subject: String,
    /// Its public id.
    pub id: String,
    /// Whether the command creates it: then nothing is loaded before deciding, and a retry is found
    /// by the conflict that it meets.
    pub creates: bool,
}

/// What a command did, now or the first time that it was sent.
#[derive(Debug)]
pub struct Outcome<A: Aggregate> {
    /// The aggregate's version after it.
    pub version: u64,
    /// Where in the log it ends: what a reader can wait for.
    pub position: LogPosition,
    /// What it wrote; empty if all was so already.
    pub events: Vec<A::Event>,
    /// Whether this is the answer to an earlier sending.
    pub replayed: bool,
}

impl<A: Aggregate> Clone for Outcome<A> {
    fn clone(&self) -> Self {
        Self {
            version: self.version,
            position: self.position.clone(),
            events: self.events.clone(),
            replayed: self.replayed,
        }
    }
}

/// Why a command was not carried out, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error> {
    /// The rules refuse it.
    #[error(transparent)]
    Rejected(R),
    /// The same request id came before with another body.
    #[error("this request_id was used before with another body; use a new one")]
    RequestIdReused,
    /// Another process wrote first, again and again.
    #[error("others are writing to {0} at the same time; try again")]
    Conflict(String),
    /// The log did not take it.
    #[error(transparent)]
    Append(AppendError),
    /// The aggregate cannot be loaded.
    #[error("the history of {subject} cannot be read")]
    Load {
        /// The aggregate.
        subject: String,
        /// Why.
        #[source]
        source: Arc<LoadError>,
    },
}

/// Why an aggregate cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// An event does not follow the one before it: a part of the answer was lost on the way, or the
    /// log was changed.
    #[error(
        "the event at {sequence} does not follow the one before it; if this stays, run `weft verify`"
    )]
    Broken {
        /// The place.
        sequence: u64,
    },
}

/// How many commands may wait for one aggregate before callers are told to come back later.
const MAX_MAILBOX: usize = 4_096;

type Make<A> = Box<dyn Fn(Timestamp) -> <A as Aggregate>::Command + Send>;
type Reply<A> = oneshot::Sender<Result<Outcome<A>, ExecuteError<<A as Aggregate>::Rejection>>>;

struct Job<A: Aggregate> {
    target: Target,
    request: Request,
    make: Make<A>,
    reply: Reply<A>,
}

/// Executes the commands of one kind of aggregate.
pub struct Executor<A: Aggregate> {
    shared: Arc<Shared<A>>,
}

impl<A: Aggregate> Clone for Executor<A> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

struct Shared<A: Aggregate> {
    log: EventLog,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    /// Commands that wait, by subject. A subject that is here has a task that works on it.
    mailboxes: Mutex<HashMap<String, VecDeque<Job<A>>>>,
    /// Histories used lately; the expected sequence guards against a stale one.
    cache: Mutex<LruCache<String, History<A>>>,
}

impl<A: Aggregate> Executor<A>
where
    A::Event: StoredEvent,
{
    /// An executor that writes to this log. Its tasks are counted by `tasks`, so that a stop can wait
    /// for what is under way.
    pub fn new(log: EventLog, clock: Arc<dyn Clock>, tasks: TaskTracker) -> Self {
        let capacity = NonZeroUsize::new(8_192).unwrap_or(NonZeroUsize::MIN);
        Self {
            shared: Arc::new(Shared {
                log,
                clock,
                tasks,
                mailboxes: Mutex::default(),
                cache: Mutex::new(LruCache::new(capacity)),
            }),
        }
    }

    /// Carries out one command. `make` is given the time that the command may use: never below the
    /// aggregate's last event.
    pub async fn execute(
        &self,
        target: Target,
        request: Request,
        make: impl Fn(Timestamp) -> A::Command + Send + 'static,
    ) -> Result<Outcome<A>, ExecuteError<A::Rejection>> {
        let (reply, answer) = oneshot::channel();
        let subject = target.subject.clone();
        let job = Job { target, request, make: Box::new(make), reply };
        let idle = {
            let mut mailboxes =
                self.shared.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(mailbox) = mailboxes.get_mut(&subject) {
                if mailbox.len() >= MAX_MAILBOX {
                    return Err(ExecuteError::Append(AppendError::Busy));
                }
                mailbox.push_back(job);
                false
            } else {
                mailboxes.insert(subject.clone(), VecDeque::from([job]));
                true
            }
        };
        if idle {
            let shared = Arc::clone(&self.shared);
            self.shared.tasks.spawn(async move { shared.work(subject).await });
        }
        answer.await.unwrap_or(Err(ExecuteError::Append(AppendError::Stopping)))
    }

    /// The state of an aggregate as the log has it now, with its version; version 0 if it is not
    /// there.
    pub async fn load(&self, subject: &str) -> Result<(A::State, u64), ExecuteError<A::Rejection>> {
        let history = self.shared.load(subject, self.shared.cached(subject)).await?;
        Ok((history.state, history.tail.version))
    }
}

impl<A: Aggregate> Shared<A>
where
    A::Event: StoredEvent,
{
    /// Works off one subject's mailbox until it is empty.
    async fn work(&self, subject: String) {
        let mut working = Working { mailboxes: &self.mailboxes, subject: &subject, ended: false };
        loop {
            let jobs: Vec<Job<A>> = {
                let mut mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(mailbox) = mailboxes.get_mut(&subject) else { return };
                if mailbox.is_empty() {
                    mailboxes.remove(&subject);
                    working.ended = true;
                    return;
                }
                let some = mailbox.len().min(MAX_RUN);
                // Whoever has gone away will ask again.
                mailbox.drain(..some).filter(|job| !job.reply.is_closed()).collect()
            };
            self.run(&subject, jobs).await;
        }
    }

    /// Decides jobs in turn and appends what they write as one run.
    async fn run(&self, subject: &str, mut jobs: Vec<Job<A>>) {
        // What is known from before is good enough to write on, for the log checks it; a "no" must be
        // certain.
        let mut known = self.take(subject);
        if known.is_none() && jobs.iter().all(|job| job.target.creates) {
            known = Some(History::default());
        }
        let mut certain = known.is_none();
        for _attempt in 0..MAX_CONFLICTS {
            let history = match known.take() {
                Some(history) if !certain => history,
                known => match self.load(subject, known).await {
                    Ok(history) => history,
                    Err(error) => return fail_all(jobs, &error),
                },
            };
            let mut decided = self.decide(subject, history, jobs);
            if decided.messages.is_empty() {
                if certain {
                    self.answer(subject, decided, None);
                    return;
                }
                certain = true;
                jobs = decided.jobs.into_iter().map(|(job, _)| job).collect();
                known = Some(decided.history);
                continue;
            }
            let expected = decided.expected;
            let messages = std::mem::take(&mut decided.messages);
            let run = Run { subject: subject.to_owned(), expected, messages };
            match self.log.append(decided.commit, vec![run]).await {
                Ok(ends) => {
                    let end = ends.first().copied().unwrap_or_default();
                    self.answer(subject, decided, Some(end));
                    return;
                }
                Err(AppendError::Conflict { .. }) => {
                    certain = true;
                    jobs = decided.take_back();
                }
                Err(error) => {
                    for job in decided.take_back() {
                        answer(job.reply, Err(ExecuteError::Append(error.clone())));
                    }
                    return;
                }
            }
        }
        for job in jobs {
            answer(job.reply, Err(ExecuteError::Conflict(subject.to_owned())));
        }
    }

    /// Decides every job against the history as the jobs before it leave it.
    fn decide(&self, subject: &str, history: History<A>, jobs: Vec<Job<A>>) -> Decided<A> {
        let mut decided = Decided {
            expected: history.tail.sequence,
            commit: jobs.first().map(|job| job.request.commit(subject)).unwrap_or_default(),
            messages: Vec::new(),
            jobs: Vec::with_capacity(jobs.len()),
            history,
        };
        for job in jobs {
            let commit = job.request.commit(subject);
            let verdict = match decided.history.seen(&commit) {
                Some(seen) if seen.request == job.request.body => Verdict::Seen,
                Some(_) => Verdict::Failed(ExecuteError::RequestIdReused),
                None => self.decide_one(subject, &mut decided, &job),
            };
            if matches!(verdict, Verdict::Wrote) && decided.messages.len() == 1 {
                decided.commit = commit;
            }
            decided.jobs.push((job, verdict));
        }
        decided
    }

    fn decide_one(&self, subject: &str, decided: &mut Decided<A>, job: &Job<A>) -> Verdict<A> {
        let now = self.clock.now().max(decided.history.last_time);
        let events = match A::decide(&decided.history.state, (job.make)(now)) {
            Ok(events) if events.is_empty() => return Verdict::AlreadySo,
            Ok(events) => events,
            Err(rejection) => return Verdict::Failed(ExecuteError::Rejected(rejection)),
        };
        let stamp = job.request.stamp(subject);
        let mut tail = decided.history.tail.clone();
        match messages(&mut tail, &job.target.id, &stamp, &events) {
            Ok(messages) => {
                decided.messages.extend(messages);
                decided.history.wrote(stamp.commit, job.request.body, tail, &events);
                Verdict::Wrote
            }
            Err(error) => Verdict::Failed(ExecuteError::Append(error)),
        }
    }

    /// Answers every job of a run that ends at `end`, or that wrote nothing.
    fn answer(&self, subject: &str, decided: Decided<A>, end: Option<u64>) {
        let Decided { mut history, jobs, expected, .. } = decided;
        history.settle(expected, end);
        for (job, verdict) in jobs {
            let outcome = match verdict {
                Verdict::Failed(error) => Err(error),
                Verdict::AlreadySo => Ok(Outcome {
                    version: history.tail.version,
                    position: self.position(history.tail.sequence),
                    events: Vec::new(),
                    replayed: false,
                }),
                Verdict::Seen | Verdict::Wrote => {
                    let replayed = matches!(verdict, Verdict::Seen);
                    let seen = history.seen(&job.request.commit(subject));
                    seen.map_or(Err(ExecuteError::Conflict(subject.to_owned())), |seen| {
                        Ok(Outcome {
                            version: seen.version,
                            position: self.position(seen.sequence),
                            events: seen.events.clone(),
                            replayed,
                        })
                    })
                }
            };
            answer(job.reply, outcome);
        }
        if history.tail.version > 0 {
            self.cache
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .put(subject.to_owned(), history);
        }
    }

    fn position(&self, sequence: u64) -> LogPosition {
        LogPosition { log: self.log.name().to_owned(), sequence }
    }

    fn cached(&self, subject: &str) -> Option<History<A>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(subject).cloned()
    }

    /// Takes a history out of the cache, to go on with it: it comes back with what is written.
    fn take(&self, subject: &str) -> Option<History<A>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).pop(subject)
    }

    /// Brings a history up to what the log has now.
    async fn load(
        &self,
        subject: &str,
        known: Option<History<A>>,
    ) -> Result<History<A>, ExecuteError<A::Rejection>> {
        let failed = |error: LoadError| ExecuteError::Load {
            subject: subject.to_owned(),
            source: Arc::new(error),
        };
        let mut history = known.unwrap_or_default();
        if history.tail.sequence > 0 {
            // Whether anything came since is a look at one message; reading on from there would have the
            // server search to the end of its block.
            let tail = self.log.stream().read_tail(subject).await;
            let tail = tail.map_err(|error| failed(LogError::from(error).into()))?;
            if tail.is_some_and(|last| last.sequence == history.tail.sequence) {
                return Ok(history);
            }
        }
        let recorded = self
            .log
            .load(subject, history.tail.sequence + 1)
            .await
            .map_err(|error| failed(error.into()))?;
        for event in &recorded {
            history.read(event).map_err(failed)?;
        }
        Ok(history)
    }
}

/// A subject that is being worked on. If the work ends by a panic, its mailbox is given up, so that
/// callers hear of it and the next command starts anew.
struct Working<'a, A: Aggregate> {
    mailboxes: &'a Mutex<HashMap<String, VecDeque<Job<A>>>>,
    subject: &'a str,
    ended: bool,
}

impl<A: Aggregate> Drop for Working<'_, A> {
    fn drop(&mut self) {
        if !self.ended {
            self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner).remove(self.subject);
        }
    }
}

/// What became of a job, before the log has taken the run.
enum Verdict<A: Aggregate> {
    Wrote,
    AlreadySo,
    Seen,
    Failed(ExecuteError<A::Rejection>),
}

struct Decided<A: Aggregate> {
    expected: u64,
    commit: Sha256,
    messages: Vec<(async_nats::HeaderMap, bytes::Bytes)>,
    jobs: Vec<(Job<A>, Verdict<A>)>,
    history: History<A>,
}

impl<A: Aggregate> Decided<A> {
    fn take_back(self) -> Vec<Job<A>> {
        self.jobs.into_iter().map(|(job, _)| job).collect()
    }
}

fn answer<A: Aggregate>(reply: Reply<A>, outcome: Result<Outcome<A>, ExecuteError<A::Rejection>>) {
    // A caller that has gone away will ask again with the same request id.
    let _gone = reply.send(outcome);
}

fn fail_all<A: Aggregate>(jobs: Vec<Job<A>>, error: &ExecuteError<A::Rejection>) {
    for job in jobs {
        let again = match error {
            ExecuteError::Load { subject, source } => {
                ExecuteError::Load { subject: subject.clone(), source: Arc::clone(source) }
            }
            ExecuteError::Rejected(_)
            | ExecuteError::RequestIdReused
            | ExecuteError::Conflict(_)
            | ExecuteError::Append(_) => ExecuteError::Append(AppendError::OutcomeUnknown),
        };
        answer(job.reply, Err(again));
    }
}
