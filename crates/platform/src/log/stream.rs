//! A JetStream stream that keeps what it has acknowledged: how it is made, read by exact subject,
//! and written by one group-committing writer a process. The log is one; so are the vault's records
//! and keys.

mod read;

use std::time::Duration;

use async_nats::{
    Client, HeaderMap, Message,
    jetstream::{
        self,
        stream::{Config, DiscardPolicy, StorageType},
    },
};
use bytes::Bytes;
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::replies::Replies;

/// How long a single request to the server may take before its outcome counts as unknown.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How a stream is made.
#[derive(Clone, Debug)]
pub struct StreamSettings {
    /// The stream's name.
    pub name: String,
    /// Which subjects it holds.
    pub subjects: Vec<String>,
    /// The most it may hold; writing more is refused, nothing old is dropped.
    pub max_bytes: i64,
    /// Copies in a cluster.
    pub replicas: usize,
    /// Whether a message may be deleted: only the vault, which must be able to forget.
    pub erasable: bool,
}

/// A message as a stream holds it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its subject.
    pub subject: String,
    /// Its place in the stream.
    pub sequence: u64,
    /// When the server stored it.
    pub stored_at: Timestamp,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its payload.
    pub payload: Bytes,
}

/// Why a stream cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The server did not answer in time or not at all.
    #[error("nats-server does not answer about stream {stream}; see `weft status`")]
    Unavailable {
        /// The stream asked for.
        stream: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server answered with an error.
    #[error("stream {stream}: {description}")]
    Refused {
        /// The stream asked for.
        stream: String,
        /// The server's words.
        description: String,
    },
}

/// The state of a stream, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamState {
    /// When the stream was made: another value means another stream under the same name.
    pub created: String,
    /// The first sequence that is there; 0 when empty.
    pub first: u64,
    /// The last sequence.
    pub last: u64,
    /// How many messages are missing between.
    pub deleted: u64,
    /// How many messages there are.
    pub messages: u64,
    /// What it holds, in bytes.
    pub bytes: u64,
    /// The most that it may hold, in bytes; below 1 means no limit of its own.
    pub max_bytes: i64,
    /// When the last message was stored; the epoch where there never was one.
    pub last_at: Timestamp,
    /// The server's time when it answered.
    pub at: Timestamp,
}

/// A handle on one stream of one connection.
#[derive(Clone)]
pub struct StreamHandle {
    client: Client,
    context: jetstream::Context,
    name: String,
    replies: Replies,
}

impl StreamHandle {
    /// Makes the stream if it is not there, and checks its promises if it is.
    pub async fn open(client: Client, settings: &StreamSettings) -> Result<Self, StreamError> {
        let context = jetstream::new(client.clone());
        let unavailable =
            |source| StreamError::Unavailable { stream: settings.name.clone(), source };
        let mut stream = context
            .get_or_create_stream(Config {
                name: settings.name.clone(),
                subjects: settings.subjects.clone(),
                storage: StorageType::File,
                discard: DiscardPolicy::New,
                max_bytes: settings.max_bytes,
                num_replicas: settings.replicas,
                allow_direct: true,
                allow_atomic_publish: true,
                deny_delete: !settings.erasable,
                deny_purge: !settings.erasable,
                // The window costs memory for nothing: no message carries an id for it.
                duplicate_window: Duration::from_millis(100),
                ..Config::default()
            })
            .await
            .map_err(|error| unavailable(Box::new(error)))?;
        let config = &stream.info().await.map_err(|error| unavailable(Box::new(error)))?.config;
        let promises = config.allow_atomic_publish
            && config.discard == DiscardPolicy::New
            && config.max_age.is_zero()
            && config.max_messages <= 0
            && (settings.erasable || (config.deny_delete && config.deny_purge));
        if !promises {
            return Err(StreamError::Refused {
                stream: settings.name.clone(),
                description: "it exists with a configuration that may lose what it holds; \
                    move it away or point weft at another nats-server"
                    .to_owned(),
            });
        }
        // A limit that was raised since; it is never lowered, so that processes need not agree.
        if (1..settings.max_bytes).contains(&config.max_bytes) {
            let raised = Config { max_bytes: settings.max_bytes, ..config.clone() };
            let updated = context.update_stream(&raised).await;
            updated.map_err(|error| unavailable(Box::new(error)))?;
            tracing::info!(stream = settings.name, max_bytes = settings.max_bytes, "limit raised");
        }
        let replies =
            Replies::start(&client).await.map_err(|error| unavailable(Box::new(error)))?;
        Ok(Self { client, context, name: settings.name.clone(), replies })
    }

    /// The stream's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The connection.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn context(&self) -> &jetstream::Context {
        &self.context
    }

    pub(crate) fn replies(&self) -> &Replies {
        &self.replies
    }

    /// The stream's state now.
    pub async fn state(&self) -> Result<StreamState, StreamError> {
        #[derive(Deserialize)]
        struct State {
            first_seq: u64,
            last_seq: u64,
            messages: u64,
            bytes: u64,
            #[serde(default)]
            last_ts: String,
            #[serde(default)]
            num_deleted: u64,
        }
        #[derive(Deserialize)]
        struct Limits {
            max_bytes: i64,
        }
        #[derive(Deserialize)]
        struct Info {
            config: Limits,
            created: String,
            state: State,
            #[serde(default)]
            ts: String,
        }
        let info: Info = self.api(&format!("STREAM.INFO.{}", self.name), &json!({})).await?;
        Ok(StreamState {
            created: info.created,
            first: info.state.first_seq,
            last: info.state.last_seq,
            deleted: info.state.num_deleted,
            messages: info.state.messages,
            bytes: info.state.bytes,
            max_bytes: info.config.max_bytes,
            last_at: Timestamp::from_rfc3339(&info.state.last_ts).unwrap_or_default(),
            at: Timestamp::from_rfc3339(&info.ts).unwrap_or_default(),
        })
    }

    /// The message at a sequence, read at the leader.
    pub async fn read_sequence(&self, sequence: u64) -> Result<Option<Stored>, StreamError> {
        self.read_at_leader(&json!({ "seq": sequence })).await
    }

    /// The last message of one exact subject, read at the leader: what an unknown outcome needs.
    pub async fn read_tail(&self, subject: &str) -> Result<Option<Stored>, StreamError> {
        self.read_at_leader(&json!({ "last_by_subj": subject })).await
    }

    async fn read_at_leader(
        &self,
        request: &serde_json::Value,
    ) -> Result<Option<Stored>, StreamError> {
        #[derive(Deserialize)]
        struct Raw {
            subject: String,
            seq: u64,
            #[serde(default)]
            hdrs: String,
            #[serde(default)]
            data: String,
            time: String,
        }
        #[derive(Deserialize)]
        struct Got {
            message: Raw,
        }
        let answer = self.api::<Got>(&format!("STREAM.MSG.GET.{}", self.name), request).await;
        let raw = match answer {
            Ok(got) => got.message,
            Err(StreamError::Refused { description, .. }) if description.contains("10037") => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let base64 = |text: &str| {
            data_encoding::BASE64.decode(text.as_bytes()).map_err(|error| self.odd(&error))
        };
        Ok(Some(Stored {
            subject: raw.subject,
            sequence: raw.seq,
            stored_at: Timestamp::from_rfc3339(&raw.time).unwrap_or_default(),
            headers: headers_of(&base64(&raw.hdrs)?),
            payload: base64(&raw.data)?.into(),
        }))
    }

    /// Stores the first message of a subject; does nothing where there is one.
    pub async fn create_with(
        &self,
        subject: &str,
        mut headers: HeaderMap,
        payload: Vec<u8>,
    ) -> Result<(), StreamError> {
        #[derive(Deserialize)]
        struct Answer {
            error: Option<serde_json::Value>,
        }
        headers.insert("Nats-Expected-Last-Subject-Sequence", "0");
        let request = async_nats::Request::new().headers(headers).payload(payload.into());
        let answer = self.client.send_request(subject.to_owned(), request);
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, answer)
            .await
            .map_err(|error| self.unavailable(error))?
            .map_err(|error| self.unavailable(error))?;
        let answer: Answer =
            serde_json::from_slice(&answer.payload).map_err(|error| self.odd(&error))?;
        match answer.error {
            // 10071: there is one.
            Some(error) if error["err_code"] != 10071 => Err(StreamError::Refused {
                stream: self.name.clone(),
                description: error.to_string(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Overwrites the message at a sequence with random bytes and takes it out of the stream.
    pub async fn erase(&self, sequence: u64) -> Result<(), StreamError> {
        #[derive(Deserialize)]
        struct Done {}
        let subject = format!("STREAM.MSG.DELETE.{}", self.name);
        match self.api::<Done>(&subject, &json!({ "seq": sequence, "no_erase": false })).await {
            Ok(Done {}) => Ok(()),
            // Gone already: 10043 "sequence not found" and 10057 "message delete failed: no message".
            Err(StreamError::Refused { description, .. })
                if description.contains("10043") || description.contains("no message") =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// One request to the JetStream API; a refusal's description ends with the server's code.
    async fn api<T: for<'de> Deserialize<'de>>(
        &self,
        subject: &str,
        request: &serde_json::Value,
    ) -> Result<T, StreamError> {
        #[derive(Deserialize)]
        struct ApiError {
            err_code: u64,
            #[serde(default)]
            description: String,
        }
        #[derive(Deserialize)]
        struct MaybeError {
            error: Option<ApiError>,
        }
        let subject = format!("$JS.API.{subject}");
        let answer = self.client.request(subject, request.to_string().into());
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, answer)
            .await
            .map_err(|error| self.unavailable(error))?
            .map_err(|error| self.unavailable(error))?;
        let outcome: MaybeError =
            serde_json::from_slice(&answer.payload).map_err(|error| self.odd(&error))?;
        if let Some(error) = outcome.error {
            return Err(StreamError::Refused {
                stream: self.name.clone(),
                description: format!("{} ({})", error.description, error.err_code),
            });
        }
        serde_json::from_slice(&answer.payload).map_err(|error| self.odd(&error))
    }

    fn unavailable(&self, source: impl std::error::Error + Send + Sync + 'static) -> StreamError {
        StreamError::Unavailable { stream: self.name.clone(), source: Box::new(source) }
    }

    fn odd(&self, what: &dyn std::fmt::Display) -> StreamError {
        StreamError::Refused {
            stream: self.name.clone(),
            description: format!("the server's answer cannot be read: {what}"),
        }
    }
}

fn header<'a>(message: &'a Message, name: &'static str) -> Option<&'a str> {
    Some(message.headers.as_ref()?.get(name)?.as_str())
}

/// Reads the wire form of headers: a version line, then `name: value` lines.
fn headers_of(wire: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in String::from_utf8_lossy(wire).split("\r\n").skip(1) {
        if let Some((name, value)) = line.split_once(':') {
            headers.append(name, value.trim());
        }
    }
    headers
}
