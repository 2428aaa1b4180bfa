//! Leases: of several processes that could do the same work, one does it and another takes over.
//! Only for liveness: every write that a leaseholder makes is guarded by its own compare-and-set.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{self, kv, stream::StorageType};
use tokio_util::sync::CancellationToken;

/// A lease that is not renewed for so long goes to another.
const TERM: Duration = Duration::from_secs(6);

/// How often a lease is renewed, and how often others look whether it is free.
const BEAT: Duration = Duration::from_secs(1);

/// The leases of a county.
#[derive(Clone)]
pub struct Leases {
    bucket: kv::Store,
    holder: Arc<str>,
}

/// The bucket of leases cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the bucket of leases cannot be opened")]
pub struct LeaseError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Leases {
    /// Opens the leases; `holder` names this process among the others.
    pub async fn open(client: async_nats::Client, holder: &str) -> Result<Self, LeaseError> {
        let bucket = jetstream::new(client)
            .create_or_update_key_value(kv::Config {
                bucket: "weft_leases".to_owned(),
                max_age: TERM,
                storage: StorageType::Memory,
                history: 1,
                ..kv::Config::default()
            })
            .await
            .map_err(|error| LeaseError(Box::new(error)))?;
        Ok(Self { bucket, holder: holder.into() })
    }

    /// Does `work` whenever this process holds the lease, until `stop`. The work is dropped when the
    /// lease is lost, and begins anew when it is won again; it ends the holding by ending itself.
    pub async fn hold<W, F, T>(&self, name: &str, stop: &CancellationToken, work: W) -> Option<T>
    where
        W: Fn() -> F,
        F: Future<Output = T>,
    {
        loop {
            let revision = tokio::select! {
                () = stop.cancelled() => return None,
                revision = self.acquire(name) => revision,
            };
            tracing::debug!(lease = name, "won");
            tokio::select! {
                done = work() => {
                    self.release(name).await;
                    return Some(done);
                }
                () = self.renew(name, revision) => {
                    tracing::warn!(lease = name, "lost; another process goes on");
                }
                () = stop.cancelled() => {
                    self.release(name).await;
                    return None;
                }
            }
        }
    }

    async fn acquire(&self, name: &str) -> u64 {
        loop {
            match self.bucket.create(name, self.holder.to_string().into()).await {
                Ok(revision) => return revision,
                Err(error) => {
                    tracing::trace!(lease = name, %error, "held or unreachable");
                    tokio::time::sleep(BEAT / 2).await;
                }
            }
        }
    }

    /// Returns when the lease is lost.
    async fn renew(&self, name: &str, mut revision: u64) {
        let mut failures = 0;
        loop {
            tokio::time::sleep(BEAT).await;
            match self.bucket.update(name, self.holder.to_string().into(), revision).await {
                Ok(renewed) => {
                    revision = renewed;
                    failures = 0;
                }
                Err(error)
                    if failures < 3 && error.kind() != kv::UpdateErrorKind::WrongLastRevision =>
                {
                    failures += 1;
                }
                Err(_lost) => return,
            }
        }
    }

    async fn release(&self, name: &str) {
        // If it cannot be given back, it runs out.
        match self.bucket.delete(name).await {
            Ok(()) => tracing::debug!(lease = name, "released"),
            Err(error) => tracing::debug!(lease = name, %error, "not released"),
        }
    }
}
