//! How far a webhook is. It is written when a delivery is done and not before: a crash between sends
//! once more, with the same `webhook-id`, and never leaves out.

use async_nats::jetstream::kv;
use contracts::outlet::FailureReason;
use kernel::{Division, Timestamp};
use platform::publication::Publication;
use serde::{Deserialize, Serialize};

/// Where a webhook is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// The version of the event that said where to begin.
    pub(crate) start_version: i64,
    /// The place in the log up to which everything is sent or given up.
    pub(crate) position: u64,
    /// The same in the public stream: only a hint, for its end may be lost and written again.
    pub(crate) sequence: u64,
    /// Tries of the next event.
    pub(crate) attempt: Option<Attempt>,
    /// Since when nothing was taken.
    pub(crate) failing_since: Option<Timestamp>,
    /// What is sent and not yet in the register.
    pub(crate) sent: Option<Sent>,
}

/// Tries of an event that failed so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The event.
    pub(crate) position: u64,
    /// How many.
    pub(crate) count: u32,
    /// When the first was.
    pub(crate) since: Timestamp,
    /// When the next is.
    pub(crate) next: Timestamp,
    /// Why the last failed.
    pub(crate) reason: FailureReason,
}

/// Events that were sent, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The first.
    pub(crate) from: u64,
    /// The last.
    pub(crate) to: u64,
    /// How many.
    pub(crate) count: u64,
    /// When the first was sent.
    pub(crate) since: Timestamp,
}

impl Cursor {
    /// An event is done with.
    pub(crate) fn pass(&mut self, position: u64, sequence: u64) {
        self.position = position;
        self.sequence = sequence;
        self.attempt = None;
    }

    /// An event was taken.
    pub(crate) fn deliver(&mut self, position: u64, sequence: u64, now: Timestamp) {
        self.pass(position, sequence);
        self.failing_since = None;
        let sent = self.sent.get_or_insert(Sent { from: position, to: 0, count: 0, since: now });
        sent.to = position;
        sent.count += 1;
    }
}

/// The cursors cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("how far the webhooks are cannot be read or written; see the log of nats-server")]
pub(crate) struct CursorError(#[source] Box<dyn std::error::Error + Send + Sync>);

fn failed<E: std::error::Error + Send + Sync + 'static>(error: E) -> CursorError {
    CursorError(Box::new(error))
}

/// The cursors of a county, and how far integrators are noted.
#[derive(Clone)]
pub(crate) struct Cursors {
    bucket: kv::Store,
}

impl Cursors {
    /// Opens the bucket, beside the public stream.
    pub(crate) async fn open(
        publication: &Publication,
        county: Division,
    ) -> Result<Self, CursorError> {
        let config = kv::Config {
            bucket: format!("weft_deliveries_{county}"),
            history: 1,
            ..kv::Config::default()
        };
        let bucket = publication.context().create_or_update_key_value(config).await;
        Ok(Self { bucket: bucket.map_err(failed)? })
    }

    /// Where something is that may be anybody's; none if it was never noted.
    pub(crate) async fn peek(&self, webhook: &str) -> Result<Option<Cursor>, CursorError> {
        self.load(webhook).await
    }

    /// What was noted under a key.
    pub(crate) async fn load<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, CursorError> {
        let found = self.bucket.get(key).await.map_err(failed)?;
        found.map(|bytes| serde_json::from_slice(&bytes).map_err(failed)).transpose()
    }

    /// Notes something under a key; on the disk when it returns.
    pub(crate) async fn save<T: Serialize + Sync>(
        &self,
        key: &str,
        what: &T,
    ) -> Result<(), CursorError> {
        let bytes = serde_json::to_vec(what).map_err(failed)?;
        self.bucket.put(key, bytes.into()).await.map(|_| ()).map_err(failed)
    }

    /// Forgets a key.
    pub(crate) async fn forget(&self, key: &str) -> Result<(), CursorError> {
        self.bucket.purge(key).await.map_err(failed)
    }
}
