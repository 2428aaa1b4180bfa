//! Process managers: events in, commands out. The command's id follows from the event, so that an
//! event delivered twice does what it does once. The checkpoint is in NATS, apart from any database:
//! rebuilding a read model never acts on the world again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_nats::jetstream::{self, kv};
use futures::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use kernel::{Actor, DecodeError};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    executor::{ExecuteError, Request},
    log::{EventLog, LogError, Recorded, feed::Batch, feed::Feed, hash_parts, writer::AppendError},
};

/// How many commands of one process may be under way at once.
const IN_FLIGHT: usize = 256;

/// How often a checkpoint is written while events come.
const SAVE_EVERY: Duration = Duration::from_millis(500);

/// Where a process begins that has no checkpoint yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the log's first event: it catches up on all that happened.
    Beginning,
    /// At what happens from now on.
    Now,
}

/// A process manager.
pub trait Process: Send + Sync + 'static {
    /// `<service>.<process>`.
    const NAME: &'static str;
    /// Where it begins.
    const START: Start;
    /// What it asks for.
    type Command: Clone + Send + Sync + 'static;

    /// What an event leads to. Pure.
    fn react(&self, event: &Recorded) -> Result<Vec<Self::Command>, DecodeError>;

    /// Carries out one command: looks up its facts and executes it.
    fn carry_out(
        &self,
        command: Self::Command,
        cause: &Cause,
    ) -> impl Future<Output = Result<(), CarryOutError>> + Send;
}

/// The event behind a command.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The event's id.
    pub event: String,
    /// Its place in the log: the facts that a command needs are at least as new.
    pub sequence: u64,
    /// Which of the event's commands this is.
    pub place: usize,
    process: &'static str,
    traceparent: Option<String>,
}

impl Cause {
    /// The request by which the command is executed.
    pub fn request(&self) -> Request {
        Request {
            caller: format!("process:{}", self.process),
            request_id: format!("{}/{}", self.event, self.place),
            // The event decides all: the same event is the same body.
            body: hash_parts(&[self.event.as_bytes()]),
            actor: Actor::Process(self.process),
            cause: Some(self.event.clone()),
            traceparent: self.traceparent.clone(),
        }
    }

    /// A cause that is not an event but a moment, such as a deadline: named so that the same moment
    /// is the same command.
    pub fn moment(process: &'static str, name: &str) -> Self {
        Self { event: name.to_owned(), sequence: 0, place: 0, process, traceparent: None }
    }
}

/// Why a command of a process was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CarryOutError {
    /// The rules refuse it: that is an answer, and the process goes on.
    #[error("refused: {0}")]
    Refused(String),
    /// It may work later: it is tried again.
    #[error("{0}")]
    Later(String),
}

impl<R: std::error::Error> From<ExecuteError<R>> for CarryOutError {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => Self::Refused(rejection.to_string()),
            ExecuteError::RequestIdReused => Self::Refused(error.to_string()),
            ExecuteError::Append(AppendError::Refused { description, .. }) => {
                Self::Refused(description)
            }
            ExecuteError::Conflict(_) | ExecuteError::Append(_) | ExecuteError::Load { .. } => {
                Self::Later(error.to_string())
            }
        }
    }
}

/// Why a process cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The checkpoint cannot be read or written.
    #[error("the checkpoint of {process} cannot be read or written: {reason}")]
    Checkpoint {
        /// The process.
        process: &'static str,
        /// Why.
        reason: String,
    },
    /// The checkpoint is of another log.
    #[error(
        "{process} has acted on another log of this name; move its checkpoint away only if no event \
         of this log was acted on before"
    )]
    OtherLog {
        /// The process.
        process: &'static str,
    },
}

impl ProcessError {
    /// Whether it may be over in a moment: a server that does not answer now.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Log(LogError::Stream(_)) | Self::Checkpoint { .. } => true,
            Self::Log(LogError::Malformed(_)) | Self::Decode(_) | Self::OtherLog { .. } => false,
        }
    }
}

/// The checkpoints of processes.
#[derive(Clone)]
pub struct Checkpoints {
    bucket: kv::Store,
}

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    created: String,
    sequence: u64,
}

impl Checkpoints {
    /// Opens the bucket.
    pub async fn open(client: async_nats::Client) -> Result<Self, ProcessError> {
        let bucket = jetstream::new(client)
            .create_or_update_key_value(kv::Config {
                bucket: "weft_processes".to_owned(),
                history: 1,
                ..kv::Config::default()
            })
            .await
            .map_err(|error| ProcessError::Checkpoint {
                process: "every process",
                reason: error.to_string(),
            })?;
        Ok(Self { bucket })
    }

    async fn load(&self, process: &'static str, log: &str) -> Result<Option<Saved>, ProcessError> {
        let failed = |reason: String| ProcessError::Checkpoint { process, reason };
        let value = self
            .bucket
            .get(format!("{process}.{log}"))
            .await
            .map_err(|error| failed(error.to_string()))?;
        value
            .map(|bytes| serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string())))
            .transpose()
    }

    async fn save(
        &self,
        process: &'static str,
        log: &str,
        saved: &Saved,
    ) -> Result<(), ProcessError> {
        let failed = |reason: String| ProcessError::Checkpoint { process, reason };
        let value = serde_json::to_vec(saved).map_err(|error| failed(error.to_string()))?;
        self.bucket
            .put(format!("{process}.{log}"), value.into())
            .await
            .map(|_| ())
            .map_err(|error| failed(error.to_string()))
    }
}

/// Runs a process from its checkpoint until the feed ends. `progress` is told the last sequence all of
/// whose commands are done.
pub async fn run<P: Process>(
    process: Arc<P>,
    log: EventLog,
    feed: Feed,
    checkpoints: Checkpoints,
    progress: impl Fn(u64) + Send,
) -> Result<(), ProcessError> {
    let state = log.stream().state().await.map_err(LogError::from)?;
    let start = match checkpoints.load(P::NAME, log.name()).await? {
        Some(saved) if saved.created == state.created => saved.sequence,
        Some(_) => return Err(ProcessError::OtherLog { process: P::NAME }),
        None => {
            let sequence = match P::START {
                Start::Beginning => 0,
                Start::Now => state.last,
            };
            // Written before anything is done, so that "now" stays what it is today.
            let saved = Saved { created: state.created.clone(), sequence };
            checkpoints.save(P::NAME, log.name(), &saved).await?;
            sequence
        }
    };
    progress(start);
    let batches = feed.subscribe(start);
    let mut running = Running {
        process,
        log,
        checkpoints,
        created: state.created,
        read: start,
        saved: start,
        open: BTreeMap::new(),
        progress,
    };
    running.go(batches).await
}

struct Running<P, G> {
    process: Arc<P>,
    log: EventLog,
    checkpoints: Checkpoints,
    created: String,
    /// The last sequence read.
    read: u64,
    /// The sequence of the stored checkpoint.
    saved: u64,
    /// Events with commands under way, and how many.
    open: BTreeMap<u64, usize>,
    progress: G,
}

impl<P: Process, G: Fn(u64) + Send> Running<P, G> {
    async fn go(&mut self, mut batches: mpsc::Receiver<Batch>) -> Result<(), ProcessError> {
        let mut under_way = FuturesUnordered::new();
        let mut save = tokio::time::interval(SAVE_EVERY);
        let mut ended = false;
        while !(ended && under_way.is_empty()) {
            tokio::select! {
                Some(sequence) = under_way.next() => {
                    self.done(sequence);
                    while let Some(Some(sequence)) = under_way.next().now_or_never() {
                        self.done(sequence);
                    }
                }
                batch = batches.recv(), if !ended && under_way.len() < IN_FLIGHT => match batch {
                    Some(batch) => {
                        for event in batch.iter() {
                            for (command, cause) in self.take(event)? {
                                let process = Arc::clone(&self.process);
                                under_way.push(carry_out(process, command, cause));
                            }
                        }
                        (self.progress)(self.floor());
                    }
                    None => ended = true,
                },
                _ = save.tick() => self.save().await?,
            }
        }
        self.save().await
    }

    fn take(&mut self, event: &Recorded) -> Result<Vec<(P::Command, Cause)>, ProcessError> {
        let sequence = event.meta.sequence;
        if sequence <= self.read {
            return Ok(Vec::new());
        }
        self.read = sequence;
        let commands = self.process.react(event)?;
        if !commands.is_empty() {
            self.open.insert(sequence, commands.len());
        }
        Ok(commands
            .into_iter()
            .enumerate()
            .map(|(place, command)| {
                let cause = Cause {
                    event: event.meta.id.clone(),
                    sequence,
                    place,
                    process: P::NAME,
                    traceparent: event.traceparent().map(str::to_owned),
                };
                (command, cause)
            })
            .collect())
    }

    fn done(&mut self, sequence: u64) {
        if let Some(left) = self.open.get_mut(&sequence) {
            *left -= 1;
            if *left == 0 {
                self.open.remove(&sequence);
            }
        }
        (self.progress)(self.floor());
    }

    /// The last sequence up to which everything is done.
    fn floor(&self) -> u64 {
        self.open.first_key_value().map_or(self.read, |(sequence, _)| sequence - 1)
    }

    async fn save(&mut self) -> Result<(), ProcessError> {
        let sequence = self.floor();
        if sequence == self.saved {
            return Ok(());
        }
        let saved = Saved { created: self.created.clone(), sequence };
        match self.checkpoints.save(P::NAME, self.log.name(), &saved).await {
            Ok(()) => self.saved = sequence,
            // Only a hint where to go on: what was done is not done twice without it.
            Err(error) => tracing::warn!(%error, "will save the checkpoint later"),
        }
        Ok(())
    }
}

/// Carries out one command, again and again until there is an answer.
async fn carry_out<P: Process>(process: Arc<P>, command: P::Command, cause: Cause) -> u64 {
    let mut pause = Duration::from_millis(20);
    loop {
        match process.carry_out(command.clone(), &cause).await {
            Ok(()) => return cause.sequence,
            Err(CarryOutError::Refused(reason)) => {
                tracing::debug!(process = P::NAME, event = cause.event, reason, "refused");
                return cause.sequence;
            }
            Err(CarryOutError::Later(reason)) => {
                tracing::warn!(process = P::NAME, event = cause.event, reason, "will try again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        }
    }
}
