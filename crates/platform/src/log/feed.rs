//! The feed: one unfiltered ephemeral consumer a process and log, fanned out to every projection and
//! process. It is recreated on any error, never skips, and halts where the log has a gap.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use futures::StreamExt as _;
use kernel::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    time::MissedTickBehavior,
};

use super::{EventLog, LogError, Recorded, stream::StreamError};

/// Events in log order, without a gap.
pub type Batch = Arc<Vec<Recorded>>;

/// One reader of the feed.
struct Reader {
    /// The last sequence that the reader has already applied.
    after: u64,
    /// Where the batches go. A full channel holds the whole feed back.
    sender: mpsc::Sender<Batch>,
}

/// How many batches may wait for a reader before the feed waits for it.
const WAITING_BATCHES: usize = 8;

/// The handle by which readers join the feed.
#[derive(Clone)]
pub struct Feed {
    join: mpsc::UnboundedSender<Reader>,
    head: watch::Receiver<u64>,
}

impl Feed {
    /// The feed of a log, and the task that must run for it to work: it ends with an error where the
    /// log cannot be trusted, and without one when the last handle and reader are gone.
    pub fn new(log: EventLog) -> (Self, impl Future<Output = Result<(), FeedError>> + Send) {
        let (join, joining) = mpsc::unbounded_channel();
        let (sender, head) = watch::channel(0);
        (Self { join, head }, run(log, joining, sender))
    }

    /// Every event after this sequence, in order. A reader may be handed events again that it has
    /// applied; it skips them by their sequence.
    pub fn subscribe(&self, after: u64) -> mpsc::Receiver<Batch> {
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        // Where the feed has ended, the reader sees its channel closed.
        let _ended = self.join.send(Reader { after, sender });
        receiver
    }

    /// The last sequence that the feed has read.
    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }
}

/// Why the feed stopped for good.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Events are missing: the log was damaged or replaced.
    #[error(
        "the log {log} has a gap: after {expected_after} comes {found}; stop writing and restore it \
         from a copy (`weft verify` says what else is wrong)"
    )]
    Gap {
        /// The log.
        log: String,
        /// The last sequence read.
        expected_after: u64,
        /// The sequence that came.
        found: u64,
    },
    /// The log ends before what was already applied.
    #[error(
        "the log {log} ends at {last}, but {applied} was already applied: it lost events or is \
         another log; restore it from a copy"
    )]
    Shrunk {
        /// The log.
        log: String,
        /// The last sequence that it has.
        last: u64,
        /// What a reader has applied.
        applied: u64,
    },
    /// An event cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// How long the feed waits before it tries again.
const PAUSE: Duration = Duration::from_millis(200);

/// How often an idle feed compares itself with the log.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The most events of one batch to the readers.
const BATCH: usize = 1_000;

async fn run(
    log: EventLog,
    mut joining: mpsc::UnboundedReceiver<Reader>,
    head: watch::Sender<u64>,
) -> Result<(), FeedError> {
    let mut readers = Vec::new();
    let mut after = u64::MAX;
    loop {
        if readers.is_empty() {
            let Some(reader) = joining.recv().await else { return Ok(()) };
            after = reader.after;
            admit(&log, reader, &mut readers, &mut after).await?;
        }
        while let Ok(reader) = joining.try_recv() {
            admit(&log, reader, &mut readers, &mut after).await?;
        }
        match read(&log, &mut after, &mut readers, &mut joining, &head).await {
            Ok(()) => {}
            Err(Ended::Halt(error)) => return Err(error),
            Err(Ended::Again(reason)) => {
                tracing::warn!(log = log.name(), after, reason, "the feed is reconnecting");
                tokio::time::sleep(PAUSE).await;
            }
            // What the log has, a broken connection swallowed; what it lacks is lost.
            Err(Ended::Missed { expected_after, found }) => {
                match log.stream().read_sequence(expected_after + 1).await {
                    Ok(None) => {
                        let log = log.name().to_owned();
                        return Err(FeedError::Gap { log, expected_after, found });
                    }
                    Ok(Some(_)) | Err(_) => {
                        tracing::warn!(log = log.name(), expected_after, found, "reading again");
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Takes in a reader, going back to where it must start.
async fn admit(
    log: &EventLog,
    reader: Reader,
    readers: &mut Vec<Reader>,
    after: &mut u64,
) -> Result<(), FeedError> {
    let last = loop {
        match log.stream().state().await {
            Ok(state) => break state.last,
            Err(error @ StreamError::Unavailable { .. }) => {
                tracing::warn!(log = log.name(), %error, "a reader waits to join");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(LogError::from(error).into()),
        }
    };
    if last < reader.after {
        return Err(FeedError::Shrunk { log: log.name().to_owned(), last, applied: reader.after });
    }
    *after = reader.after.min(*after);
    readers.push(reader);
    Ok(())
}

enum Ended {
    Halt(FeedError),
    /// The next event that came is not the next one of the log.
    Missed {
        expected_after: u64,
        found: u64,
    },
    Again(String),
}

async fn consumer(log: &EventLog, after: u64) -> Result<Consumer<pull::Config>, Ended> {
    let again = |error: &dyn std::fmt::Display| Ended::Again(error.to_string());
    let stream = log
        .stream()
        .context()
        .get_stream_no_info(log.name())
        .await
        .map_err(|error| again(&error))?;
    stream
        .create_consumer(pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            inactive_threshold: Duration::from_secs(30),
            ..pull::Config::default()
        })
        .await
        .map_err(|error| again(&error))
}

/// Where the log ends, seen from where the feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Here,
    Further,
    /// The server does not answer now.
    Unknown,
}

/// Compares the feed with the log, which must never end before what was read of it.
async fn check_end(log: &EventLog, after: u64) -> Result<End, Ended> {
    match log.stream().state().await {
        Ok(state) if state.last < after => Err(Ended::Halt(FeedError::Shrunk {
            log: log.name().to_owned(),
            last: state.last,
            applied: after,
        })),
        Ok(state) if state.last > after => Ok(End::Further),
        Ok(_) => Ok(End::Here),
        Err(_not_now) => Ok(End::Unknown),
    }
}

async fn read(
    log: &EventLog,
    after: &mut u64,
    readers: &mut Vec<Reader>,
    joining: &mut mpsc::UnboundedReceiver<Reader>,
    head: &watch::Sender<u64>,
) -> Result<(), Ended> {
    let again = |error: &dyn std::fmt::Display| Ended::Again(error.to_string());
    check_end(log, *after).await?;
    let mut messages = consumer(log, *after)
        .await?
        .stream()
        .max_messages_per_batch(2_000)
        .heartbeat(Duration::from_secs(1))
        .expires(Duration::from_secs(10))
        .messages()
        .await
        .map_err(|error| again(&error))?
        .ready_chunks(BATCH);
    let mut look = tokio::time::interval(LOOK_EVERY);
    // Looks that piled up behind a slow reader say nothing.
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked = Look { after: u64::MAX, behind: false };
    loop {
        let chunk = tokio::select! {
            _ = look.tick() => {
                let idle = looked.after == *after;
                let behind = idle && check_end(log, *after).await? == End::Further;
                if behind && looked.behind {
                    return Err(Ended::Again("the last events did not come".to_owned()));
                }
                looked = Look { after: *after, behind };
                continue;
            }
            chunk = messages.next() => match chunk {
                Some(chunk) => chunk,
                None => return Err(Ended::Again("the consumer ended".to_owned())),
            },
            joined = joining.recv(), if !joining.is_closed() => match joined {
                Some(reader) => {
                    let back = reader.after < *after;
                    admit(log, reader, readers, after).await.map_err(Ended::Halt)?;
                    if back {
                        return Ok(());
                    }
                    continue;
                }
                None => continue,
            },
        };
        let mut batch = Vec::with_capacity(chunk.len());
        let mut broken = None;
        for message in chunk {
            match message {
                Ok(message) => batch.push(recorded(*after + batch.len() as u64, message)?),
                Err(error) => {
                    broken = Some(error.to_string());
                    break;
                }
            }
        }
        if let Some(last) = batch.last().map(|event: &Recorded| event.meta.sequence) {
            hand_out(readers, Arc::new(batch)).await;
            *after = last;
            head.send_replace(last);
            if readers.is_empty() {
                return Ok(());
            }
        }
        if let Some(reason) = broken {
            return Err(Ended::Again(reason));
        }
    }
}

/// What was seen at the last look: a connection that broke may have swallowed the last events, and
/// nothing would come after them that tells.
struct Look {
    after: u64,
    /// Nothing had come since the look before, and the log had more.
    behind: bool,
}

fn recorded(after: u64, message: async_nats::jetstream::Message) -> Result<Recorded, Ended> {
    let (sequence, stored_at) = message
        .info()
        .map(|info| {
            let millis = info.published.unix_timestamp_nanos() / 1_000_000;
            (info.stream_sequence, Timestamp(i64::try_from(millis).unwrap_or_default()))
        })
        .map_err(|error| Ended::Again(error.to_string()))?;
    if sequence != after + 1 {
        return Err(Ended::Missed { expected_after: after, found: sequence });
    }
    let message = message.message;
    let headers = message.headers.unwrap_or_default();
    Recorded::read(&message.subject, sequence, stored_at, headers, message.payload)
        .map_err(|error| Ended::Halt(FeedError::Log(error.into())))
}

async fn hand_out(readers: &mut Vec<Reader>, batch: Batch) {
    let last = batch.last().map_or(0, |event| event.meta.sequence);
    let mut gone = Vec::new();
    for (place, reader) in readers.iter().enumerate() {
        if last > reader.after && reader.sender.send(Arc::clone(&batch)).await.is_err() {
            gone.push(place);
        }
    }
    for place in gone.into_iter().rev() {
        readers.swap_remove(place);
    }
}
