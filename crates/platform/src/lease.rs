//! Leases: of several processes that could do the same work, one does it and another takes over.
//! Only for liveness: every write that a leaseholder makes is guarded by its own compare-and-set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::{self, kv, stream::StorageType};
use kernel::Division;
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
    pub async fn open(
        client: async_nats::Client,
        county: Division,
        holder: &str,
    ) -> Result<Self, LeaseError> {
        let bucket = jetstream::new(client)
            .create_or_update_key_value(kv::Config {
                bucket: format!("weft_leases_{county}"),
                max_age: TERM,
                // On disk: a bucket in memory would be gone with its name after the server's restart.
                storage: StorageType::File,
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
            let held = AtomicU64::new(revision);
            tokio::select! {
                done = work() => {
                    self.release(name, &held).await;
                    return Some(done);
                }
                () = self.renew(name, &held) => {
                    tracing::warn!(lease = name, "lost; another process goes on");
                }
                () = stop.cancelled() => {
                    self.release(name, &held).await;
                    return None;
                }
            }
        }
    }

    /// Who holds a lease; none if nobody does, or if the leases cannot be read.
    pub async fn holder(&self, name: &str) -> Option<String> {
        let held = self.bucket.get(name).await.ok().flatten()?;
        Some(String::from_utf8_lossy(&held).into_owned())
    }

    async fn acquire(&self, name: &str) -> u64 {
        let mut told = false;
        loop {
            match self.bucket.create(name, self.holder.to_string().into()).await {
                Ok(revision) => return revision,
                Err(error) => {
                    let held = error.kind() == kv::CreateErrorKind::AlreadyExists;
                    if !held && !told {
                        tracing::warn!(lease = name, %error, "the leases cannot be reached");
                        told = true;
                    }
                    tokio::time::sleep(BEAT / 2).await;
                }
            }
        }
    }

    /// Returns when the lease is lost: another has it, or its term may be over.
    async fn renew(&self, name: &str, held: &AtomicU64) {
        let mut renewed_at = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(BEAT).await;
            let revision = held.load(Ordering::Relaxed);
            let beat = tokio::time::Instant::now();
            let update = self.bucket.update(name, self.holder.to_string().into(), revision);
            match tokio::time::timeout(BEAT, update).await {
                Ok(Ok(revision)) => {
                    held.store(revision, Ordering::Relaxed);
                    renewed_at = beat;
                }
                Ok(Err(error)) if error.kind() == kv::UpdateErrorKind::WrongLastRevision => {
                    // Perhaps a renewal whose answer was lost.
                    match self.bucket.entry(name).await {
                        Ok(Some(entry)) if entry.value == self.holder.as_bytes() => {
                            held.store(entry.revision, Ordering::Relaxed);
                        }
                        Ok(_) => return,
                        Err(_unreachable) => {}
                    }
                }
                Ok(Err(_)) | Err(_) => {}
            }
            if renewed_at.elapsed() >= TERM {
                return;
            }
        }
    }

    async fn release(&self, name: &str, held: &AtomicU64) {
        // If it cannot be given back, it runs out; what another holds by now stays theirs.
        let revision = held.load(Ordering::Relaxed);
        match self.bucket.delete_expect_revision(name, Some(revision)).await {
            Ok(()) => tracing::debug!(lease = name, "released"),
            Err(error) => tracing::debug!(lease = name, %error, "not released"),
        }
    }
}
