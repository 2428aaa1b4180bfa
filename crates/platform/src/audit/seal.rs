//! The log joins the chain. After every thousand events, or a minute after the last, one record in the
//! chain `log` holds the digest of that stretch of the log, and where every other chain ends: who changes
//! an event, or cuts the end off the log or off a chain, must change the seals that came after it too.

use std::{convert::Infallible, sync::Arc};

use aws_lc_rs::digest;
use kernel::hash::Sha256;
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, Instant};

use super::{
    Audit,
    record::{AuditRecord, Entry, hash_of, lines_of},
};
use crate::log::{Recorded, feed::Feed, stream::StreamError, writer::AppendError};

/// The chain of the seals.
pub(super) const CHAIN: &str = "log";

/// So many events are sealed together at most.
const EVENTS: u64 = 1_000;

/// An event is sealed after this time at the latest.
const EVERY: Duration = Duration::from_mins(1);

/// A stretch of the log, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The sequence of its first event.
    pub from: u64,
    /// The sequence of its last event.
    pub to: u64,
    /// The SHA-256 over the digests of its events, in order.
    pub digest: Sha256,
    /// Where the other chains of the trail ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<Head>,
}

/// Where a chain ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The chain.
    pub chain: String,
    /// The place of its last record.
    pub number: u64,
    /// The hash of its last record.
    pub hash: Sha256,
}

/// Why sealing ended; it begins again where the last seal ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The trail cannot be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The trail takes no record.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The feed ended.
    #[error("the feed of the log ended")]
    Ended,
}

/// The digest of a stretch of events that grows.
pub(super) struct Stretch {
    from: u64,
    to: u64,
    context: digest::Context,
}

impl Stretch {
    /// Nothing yet, after this sequence.
    pub(super) fn after(sequence: u64) -> Self {
        let context = digest::Context::new(&digest::SHA256);
        Self { from: sequence + 1, to: sequence, context }
    }

    pub(super) fn add(&mut self, sequence: u64, digest: &Sha256) {
        self.to = sequence;
        self.context.update(&digest.0);
    }

    pub(super) fn events(&self) -> u64 {
        self.to + 1 - self.from
    }

    pub(super) fn seal(self) -> Seal {
        let mut digest = Sha256::default();
        digest.0.copy_from_slice(self.context.finish().as_ref());
        Seal { from: self.from, to: self.to, digest, heads: Vec::new() }
    }
}

impl Audit {
    /// Seals the log as it grows. One process of the county does; where two meet, one of them ends with
    /// a conflict and begins anew after the other's last seal.
    pub(crate) async fn seal(&self, feed: &Feed) -> Result<Infallible, SealError> {
        let mut chain = self.chain(CHAIN);
        let last = chain.last().await?.and_then(|record| record.entry.seal);
        let sealed = last.map_or(0, |seal| seal.to);
        let mut batches = feed.subscribe(sealed);
        let mut stretch = Stretch::after(sealed);
        let mut due = Instant::now() + EVERY;
        loop {
            let batch = tokio::select! {
                batch = batches.recv() => batch.ok_or(SealError::Ended)?,
                () = tokio::time::sleep_until(due), if stretch.events() > 0 => Arc::default(),
            };
            let events: Vec<&Recorded> =
                batch.iter().filter(|event| event.meta.sequence > stretch.to).collect();
            for event in events {
                if stretch.events() == 0 {
                    due = Instant::now() + EVERY;
                }
                stretch.add(event.meta.sequence, &event.digest());
                if stretch.events() >= EVENTS {
                    stretch = self.close(&mut chain, stretch).await?;
                }
            }
            if stretch.events() > 0 && Instant::now() >= due {
                stretch = self.close(&mut chain, stretch).await?;
            }
        }
    }

    async fn close(
        &self,
        chain: &mut super::Chain,
        stretch: Stretch,
    ) -> Result<Stretch, SealError> {
        let seal = Seal { heads: self.heads().await?, ..stretch.seal() };
        let next = Stretch::after(seal.to);
        let entry = Entry { seal: Some(seal), ..Entry::new("log_sealed") };
        chain.append_here(std::iter::once((self.clock.now(), &entry))).await?;
        Ok(next)
    }

    /// Where every chain but that of the seals ends.
    pub(super) async fn heads(&self) -> Result<Vec<Head>, StreamError> {
        let ends = self.stream.read_last(&[&format!("audit.{}.>", self.county)]).await?;
        let read = ends.iter().filter_map(|stored| {
            let line = lines_of(&stored.payload).next_back()?;
            let (record, hash) = (AuditRecord::read(line).ok()?, hash_of(line));
            Some(Head { chain: record.chain, number: record.number, hash })
        });
        Ok(read.filter(|head| head.chain != CHAIN).collect())
    }
}
