//! The log of a county: the one truth. A fact exists when JetStream has acknowledged it.
//!
//! | file | what |
//! |---|---|
//! | `log/stream.rs` | a stream that keeps what it acknowledged: made, read by subject |
//! | `log/writer.rs` | group commit: one writer a process and stream |
//! | `log/recorded.rs` | an event as stored, and its hash chain |
//! | `log/feed.rs` | the one consumer a process, fanned out |
//! | `log/verify.rs` | gapless, chained, in order |

mod recorded;
pub(crate) mod replies;

pub mod feed;
pub mod stream;
pub mod verify;
pub mod writer;

use async_nats::HeaderMap;
use bytes::Bytes;
use kernel::{Division, StoredEvent, hash::Sha256};

pub use recorded::{Malformed, Recorded, hash_parts};
pub(crate) use recorded::{digest, header};
use stream::{StreamError, StreamHandle, StreamSettings};
use writer::{AppendError, Appended, Commit, Run, Writer};

/// The most bytes that an event's payload may have.
pub const MAX_EVENT_BYTES: usize = 64 * 1024;

/// How the log of a county is made.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// The county whose log it is.
    pub county: Division,
    /// The most it may hold, in bytes.
    pub max_bytes: i64,
    /// Copies in a cluster.
    pub replicas: usize,
}

/// The log of a county, as one process reads and writes it.
#[derive(Clone)]
pub struct EventLog {
    county: Division,
    stream: StreamHandle,
    writer: Writer,
}

/// Where an aggregate's stream ends: what the next event must follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// The log sequence of the last event; 0 for none.
    pub sequence: u64,
    /// How many events there are.
    pub version: u64,
    /// The hash of the last event; zeros for none.
    pub digest: Sha256,
}

/// What every event of one command shares.
#[derive(Clone, Debug)]
pub struct CommandStamp {
    /// The command's id.
    pub commit: Sha256,
    /// The hash of the request's canonical body.
    pub request: Sha256,
    /// Who acts: `person:<id>` or `process:<name>`.
    pub actor: String,
    /// The event or request that led to it.
    pub cause: Option<String>,
    /// How the request travels, for tracing.
    pub traceparent: Option<String>,
}

/// Why the log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A message that is no event.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// The name of a county's log.
pub fn log_name(county: Division) -> String {
    format!("WEFT_{county}")
}

impl LogSettings {
    fn stream(&self) -> StreamSettings {
        StreamSettings {
            name: log_name(self.county),
            subjects: vec![format!("weft.{}.>", self.county)],
            max_bytes: self.max_bytes,
            replicas: self.replicas,
            erasable: false,
        }
    }
}

impl EventLog {
    /// Opens the log, making it if it is not there. The returned future is its writer and must run.
    pub async fn open<F: Fn(writer::Written) + Send + 'static>(
        client: async_nats::Client,
        settings: &LogSettings,
        writer: writer::WriterSettings,
        observe: F,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<F>), StreamError> {
        let stream = StreamHandle::open(client, &settings.stream()).await?;
        let (writer, task) = Writer::new(stream.clone(), writer, observe);
        Ok((Self { county: settings.county, stream, writer }, task))
    }

    /// The county.
    pub fn county(&self) -> Division {
        self.county
    }

    /// The log's name, as positions carry it.
    pub fn name(&self) -> &str {
        self.stream.name()
    }

    /// The stream underneath.
    pub fn stream(&self) -> &StreamHandle {
        &self.stream
    }

    /// How many commits wait to be written.
    pub fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// The history of one aggregate, oldest first, from a sequence on.
    pub async fn load(&self, subject: &str, from: u64) -> Result<Vec<Recorded>, LogError> {
        let stored = self.stream.read_subject(subject, from).await?;
        stored
            .into_iter()
            .map(|message| {
                Ok(Recorded::read(
                    &message.subject,
                    message.sequence,
                    message.stored_at,
                    message.headers,
                    message.payload,
                )?)
            })
            .collect()
    }

    /// Stores runs of events of several aggregates as a whole or not at all, and answers with the
    /// sequence at which each run ends.
    pub async fn append(&self, id: Sha256, runs: Vec<Run>) -> Result<Appended, AppendError> {
        self.writer.append(Commit { id: id.to_string(), runs }).await
    }
}

/// One command's events for one aggregate, as messages that follow `tail`, which moves to the last.
/// The sequence of the tail is known only when they are stored.
pub fn messages<E: StoredEvent>(
    tail: &mut Tail,
    aggregate_id: &str,
    stamp: &CommandStamp,
    events: &[E],
) -> Result<Vec<(HeaderMap, Bytes)>, AppendError> {
    let count = events.len();
    let mut messages = Vec::with_capacity(count);
    for (place, event) in events.iter().enumerate() {
        let payload = event.encode();
        if payload.len() > MAX_EVENT_BYTES {
            return Err(AppendError::Refused {
                stream: aggregate_id.to_owned(),
                description: format!(
                    "{} has {} bytes, an event holds at most {MAX_EVENT_BYTES}",
                    event.ce_type(),
                    payload.len()
                ),
            });
        }
        let service = event.ce_type().split('.').nth(1).unwrap_or_default();
        let mut headers = HeaderMap::new();
        let commit = stamp.commit.to_string();
        headers.insert(header::ID, format!("{}-{}", &commit[..32], place + 1));
        headers.insert(header::TYPE, event.ce_type());
        headers.insert(header::SOURCE, format!("/weft/{service}"));
        headers.insert(header::SUBJECT, aggregate_id);
        headers.insert(header::TIME, event.occurred_at().to_rfc3339());
        headers.insert(header::CONTENT_TYPE, "application/json");
        headers.insert(header::VERSION, (tail.version + 1).to_string());
        headers.insert(header::COMMIT, commit);
        headers.insert(header::REQUEST, stamp.request.to_string());
        headers.insert(header::INDEX, (place + 1).to_string());
        headers.insert(header::COUNT, count.to_string());
        headers.insert(header::PREV, tail.digest.to_string());
        headers.insert(header::ACTOR, stamp.actor.as_str());
        if let Some(cause) = &stamp.cause {
            headers.insert(header::CAUSE, cause.as_str());
        }
        if let Some(traceparent) = &stamp.traceparent {
            headers.insert(header::TRACEPARENT, traceparent.as_str());
        }
        tail.version += 1;
        tail.digest = recorded::digest(&headers, &payload);
        messages.push((headers, Bytes::from(payload)));
    }
    Ok(messages)
}
