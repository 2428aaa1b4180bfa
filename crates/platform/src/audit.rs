//! The audit trail: who read what of whom, who was refused what, and what became of the log, for the
//! audit administrator and for whoever checks him. Changes are not written here a second time: the log
//! has them, and an export merges both.
//!
//! | file | what |
//! |---|---|
//! | `audit/record.rs` | a record as stored, and its hash |
//! | `audit/chain.rs` | one chain a process: each record holds the hash of the one before it |
//! | `audit/task.rs` | group commit of what waits |
//! | `audit/refusals.rs` | equal refusals in a short time are one record with a count |
//! | `audit/seal.rs` | the log joins the chain: a digest of every stretch of it |
//! | `audit/read.rs` | the trail read by place and by time |
//! | `audit/export.rs` | the trail as a file, with the changes of the log |
//! | `audit/verify.rs` | chains and seals computed again |
//!
//! A record holds ids, codes, words and hashes; never a name, a text or an address in clear.

mod chain;
pub mod export;
mod read;
mod record;
mod refusals;
mod seal;
mod task;
pub mod verify;

use std::sync::Arc;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use kernel::{Clock, Division, ErrorCode, Timestamp};
use tokio::{
    sync::{mpsc, oneshot},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

use crate::{
    grpc::ServiceError,
    log::{
        stream::{StreamError, StreamHandle, StreamSettings},
        writer::{AppendError, Writer, WriterSettings},
    },
};
use chain::Chain;
pub use read::{BLOCK, Line, SLACK_MS};
pub use record::{AuditRecord, Entry, Object, Outcome, lines_of};
use refusals::Refusals;
pub use seal::{Head, Seal};

/// How many records may wait to be written before whoever notes one waits too.
const QUEUE: usize = 4_096;

/// How long a record may take until it counts as not written.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the trail of a county is kept.
#[derive(Clone, Debug)]
pub struct AuditSettings {
    /// The county.
    pub county: Division,
    /// What writes here: the last token of the subject, such as `access` or `weft`.
    pub process: String,
    /// The most that the trail may take, in bytes.
    pub max_bytes: i64,
    /// Copies in a cluster.
    pub replicas: usize,
}

/// The trail, as one process writes it. Clones write the same chain.
#[derive(Clone)]
pub struct Audit {
    county: Division,
    stream: StreamHandle,
    writer: Writer,
    queue: mpsc::Sender<Waiting>,
    refusals: Arc<Refusals>,
    clock: Arc<dyn Clock>,
    peers: Arc<hmac::Key>,
}

/// A record on its way; who must know that it is stored waits for the answer.
struct Waiting {
    at: Timestamp,
    entry: Entry,
    stored: Option<oneshot::Sender<Result<(), AppendError>>>,
}

/// A record was not stored, or may not have been: what it is about must not happen.
#[derive(Debug, thiserror::Error)]
#[error("the audit trail takes no record now; try again")]
pub struct AuditError;

impl From<AuditError> for ServiceError {
    fn from(error: AuditError) -> Self {
        Self::new(
            ErrorCode::Unavailable,
            "AUDIT_UNAVAILABLE",
            error.to_string(),
            "审计记录暂时无法写入, 请稍后重试",
        )
        .retry_after(Duration::from_secs(1))
    }
}

/// The name of a county's trail.
pub fn audit_name(county: Division) -> String {
    format!("AUDIT_{county}")
}

impl Audit {
    /// Opens the trail, making it if it is not there. `secret` keys the hashes of addresses. The returned
    /// future writes and must run; it ends once `stop` is cancelled and what waits is written.
    pub async fn open(
        client: async_nats::Client,
        settings: &AuditSettings,
        clock: Arc<dyn Clock>,
        secret: &[u8; 32],
        stop: CancellationToken,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), StreamError> {
        let county = settings.county;
        let stream = StreamSettings {
            name: audit_name(county),
            subjects: vec![format!("audit.{county}.>")],
            max_bytes: settings.max_bytes,
            replicas: settings.replicas,
            erasable: false,
        };
        let stream = StreamHandle::open(client, &stream).await?;
        let (writer, grouping) = Writer::new(stream.clone(), WriterSettings::default(), |_| {});
        let (queue, noted) = mpsc::channel(QUEUE);
        let refusals = Arc::new(Refusals::default());
        let peers = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret));
        let chain = Chain::new(county, &settings.process, stream.clone(), writer.clone());
        let noting = task::run(chain, noted, Arc::clone(&refusals), stop);
        let task = async move {
            // The writer ends with its last handle; what is noted ends with the stop.
            futures::future::select(std::pin::pin!(noting), std::pin::pin!(grouping)).await;
        };
        Ok((Self { county, stream, writer, queue, refusals, clock, peers }, task))
    }

    /// Writes a record and returns when it is durable. Where it fails, what it is about must not happen.
    pub async fn record(&self, entry: Entry) -> Result<(), AuditError> {
        let (stored, answer) = oneshot::channel();
        let waiting = Waiting { at: self.clock.now(), entry, stored: Some(stored) };
        let written = async {
            self.queue.send(waiting).await.map_err(|_stopped| AuditError)?;
            answer.await.map_err(|_stopped| AuditError)?.map_err(|error| {
                tracing::error!(%error, "an audit record was not stored");
                AuditError
            })
        };
        tokio::time::timeout(PATIENCE, written).await.unwrap_or(Err(AuditError))
    }

    /// Hands a record over to be written; waits only where too many wait already. It is written again
    /// until it is stored, as long as this process runs.
    pub async fn note(&self, entry: Entry) {
        let waiting = Waiting { at: self.clock.now(), entry, stored: None };
        if self.queue.send(waiting).await.is_err() {
            tracing::error!("an audit record came after the stop and was not written");
        }
    }

    /// Notes a refusal without waiting. Equal ones of the same caller within a few seconds become one
    /// record with a count, so that a flood of them does not fill the trail.
    pub fn refused(&self, entry: Entry) {
        self.refusals.add(self.clock.now(), entry);
    }

    /// A hash of a caller's address under a secret of this county: equal for equal addresses, and no way
    /// back from it.
    pub fn peer(&self, address: std::net::IpAddr) -> String {
        let tag = hmac::sign(&self.peers, address.to_string().as_bytes());
        HEXLOWER.encode(&tag.as_ref()[..8])
    }

    /// The county.
    pub fn county(&self) -> Division {
        self.county
    }

    /// The stream underneath.
    pub fn stream(&self) -> &StreamHandle {
        &self.stream
    }

    /// How many records wait to be written.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Another chain of the same trail, for what one of several processes writes.
    fn chain(&self, name: &str) -> Chain {
        Chain::new(self.county, name, self.stream.clone(), self.writer.clone())
    }
}
