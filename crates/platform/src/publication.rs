//! The public stream of a county, and its mirror in the account of the integrators.
//!
//! One writer, in order, each event once: every message names the sequence that it follows, so that
//! of two writers one is refused, and carries the place in the log that it comes from, so that a
//! writer that starts finds where to go on. Old messages go by age and size. A stream whose messages
//! are all gone still knows how many there were; a mark beside it says how far in the log some of
//! them reached, and the next writer counts on from there.

use std::time::Duration;

use async_nats::{
    Client, HeaderMap, HeaderValue,
    jetstream::{
        self, ErrorCode,
        consumer::{AckPolicy, DeliverPolicy, push},
        kv,
        stream::{
            Config, DiscardPolicy, External, PersistenceMode, Source, StorageType,
            StreamConsumerSource,
        },
    },
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::nats_server::{
    Account, Consumers, Reach, ReachError,
    accounts::{MIRROR_CONSUMER, OUT_API, mirror_subject, public_stream},
};

mod read;
mod send;

pub use read::Told;

/// The header that says where in the log a message comes from.
pub const POSITION: &str = "weft-position";

/// The key of the mark.
const MARK: &str = "position";

/// How the public stream is made.
#[derive(Clone, Copy, Debug)]
pub struct PublicationSettings {
    /// The most it holds, in bytes; the mirror holds as much again.
    pub max_bytes: i64,
    /// How long it holds a message.
    pub max_age: Duration,
}

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The place in the log of the event that it comes from.
    pub position: u64,
    /// Its subject.
    pub subject: String,
    /// Its headers; the position comes beside them.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Where a writer goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// The log's sequence up to which everything is published, but for `skip`.
    pub after: u64,
    /// How many messages that come from what follows are published, and gone by age.
    pub skip: u64,
    /// The last sequence of the public stream, which the next message names.
    pub last: u64,
}

/// How far the log was published when the stream ended at `sequence`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// In the log.
    pub position: u64,
    /// In the public stream.
    pub sequence: u64,
}

/// Why something cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// An account.
    #[error("the public stream: {0}")]
    Reach(#[from] ReachError),
    /// The server did not do it; it may the next time.
    #[error(
        "nats-server does not take the public stream {what}; see its log, or nats.max_file_store"
    )]
    Server {
        /// What was asked.
        what: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another writer was faster.
    #[error("another process publishes; this one goes back to where the public stream ends")]
    Overtaken,
    /// A message without its place.
    #[error(
        "message {0} of the public stream does not say where it comes from: weft did not write it"
    )]
    Foreign(u64),
}

impl PublicationError {
    /// Whether another try may do.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Server { .. } | Self::Overtaken => true,
            Self::Reach(_) | Self::Foreign(_) => false,
        }
    }
}

fn at<E: std::error::Error + Send + Sync + 'static>(
    what: &'static str,
) -> impl FnOnce(E) -> PublicationError {
    move |source| PublicationError::Server { what, source: Box::new(source) }
}

/// The public stream, as its writer has it.
#[derive(Clone)]
pub struct Publication {
    context: jetstream::Context,
    name: String,
    marks: kv::Store,
    consumers: Consumers,
}

impl Publication {
    /// Opens the stream, its mirror and what lies between, making what is not there.
    pub async fn open(
        reach: &Reach,
        settings: PublicationSettings,
    ) -> Result<Self, PublicationError> {
        let name = public_stream(reach.county);
        let context = jetstream::new(reach.connect(Account::Out, "weft-outlet").await?);
        let marks = kv::Config {
            bucket: format!("weft_outlet_{}", reach.county),
            history: 1,
            storage: StorageType::File,
            ..kv::Config::default()
        };
        let marks = context.create_or_update_key_value(marks).await.map_err(at("mark"))?;
        let stream = Config {
            subjects: vec![format!("weft.pub.v1.{}.>", reach.county)],
            allow_direct: true,
            ..kept(&context, &name, settings).await
        };
        context.create_or_update_stream(stream).await.map_err(at("stream"))?;
        let consumer = push::Config {
            durable_name: Some(MIRROR_CONSUMER.to_owned()),
            deliver_subject: mirror_subject(reach.county),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::FlowControl,
            flow_control: true,
            idle_heartbeat: Duration::from_secs(1),
            max_deliver: -1,
            ..push::Config::default()
        };
        let between = context.create_consumer_on_stream(consumer, name.clone()).await;
        between.map_err(at("consumer of the mirror"))?;
        let client = mirror(reach, &name, settings).await?;
        let consumers = Consumers::new(client, reach.county);
        Ok(Self { context, name, marks, consumers })
    }

    /// The integrators' consumers on the mirror.
    pub fn consumers(&self) -> &Consumers {
        &self.consumers
    }

    /// The public stream, for who reads it in the account OUT.
    pub fn context(&self) -> &jetstream::Context {
        &self.context
    }

    /// The stream's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where to go on.
    pub async fn resume(&self) -> Result<Resume, PublicationError> {
        let stream = self.context.get_stream(&self.name).await.map_err(at("state"))?;
        let last = stream.cached_info().state.last_sequence;
        if stream.cached_info().state.messages > 0 {
            match stream.get_raw_message(last).await {
                Ok(message) => {
                    let position = message.headers.get(POSITION).map(HeaderValue::as_str);
                    let after = position
                        .and_then(|position| position.parse().ok())
                        .ok_or(PublicationError::Foreign(last))?;
                    return Ok(Resume { after, skip: 0, last });
                }
                // Gone by age in this moment.
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(at("last message")(error)),
            }
        }
        let mark = self.marks.get(MARK).await.map_err(at("mark"))?;
        let mark: Mark =
            mark.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        // A power cut took what the mark is about: from the beginning, the same messages again.
        let mark = if mark.sequence > last { Mark::default() } else { mark };
        Ok(Resume { after: mark.position, skip: last.saturating_sub(mark.sequence), last })
    }

    /// Notes how far the log is published, for when the messages are gone.
    pub async fn mark(&self, mark: Mark) -> Result<(), PublicationError> {
        let text = serde_json::to_vec(&mark).unwrap_or_default();
        self.marks.put(MARK, text.into()).await.map(|_| ()).map_err(at("mark"))
    }
}

fn is_absent(error: &jetstream::stream::RawMessageError) -> bool {
    use jetstream::stream::LastRawMessageErrorKind as Kind;
    match error.kind() {
        Kind::NoMessageFound => true,
        Kind::JetStream(error) => error.error_code() == ErrorCode::NO_MESSAGE_FOUND,
        Kind::InvalidSubject | Kind::Other => false,
    }
}

/// What the stream and its mirror have in common.
///
/// Neither is synced at each write, as the log is: what a power cut takes from the end is published
/// again from the log, the same messages at the same sequences (ADR 11). How a stream is kept cannot be
/// changed, so one that was made otherwise stays so.
async fn kept(context: &jetstream::Context, name: &str, settings: PublicationSettings) -> Config {
    let made = context.get_stream(name).await.ok();
    let persist_mode = match &made {
        Some(stream) => stream.cached_info().config.persist_mode,
        None => Some(PersistenceMode::Async),
    };
    Config {
        persist_mode,
        name: name.to_owned(),
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_bytes: settings.max_bytes,
        max_age: settings.max_age,
        num_replicas: 1,
        ..Config::default()
    }
}

/// The mirror: the same sequences, and no subjects, so that nobody can write to it.
async fn mirror(
    reach: &Reach,
    name: &str,
    settings: PublicationSettings,
) -> Result<Client, PublicationError> {
    let client = reach.connect(Account::Integrators, "weft-mirror").await?;
    let context = jetstream::new(client.clone());
    let config = Config {
        mirror: Some(Source {
            name: name.to_owned(),
            external: Some(External { api_prefix: OUT_API.to_owned(), delivery_prefix: None }),
            consumer: Some(StreamConsumerSource::new(
                MIRROR_CONSUMER,
                mirror_subject(reach.county),
            )),
            ..Source::default()
        }),
        ..kept(&context, name, settings).await
    };
    context.create_or_update_stream(config).await.map_err(at("mirror"))?;
    Ok(client)
}
