//! What takes tokens back, followed on the log: known before the first call is served, and known within
//! a second afterwards, whatever else the process is busy with.

use std::{sync::Arc, time::Duration};

use futures::{
    StreamExt as _,
    stream::{SelectAll, select_all},
};
use kernel::{Clock, DecodeError, Division, Revocation};

use super::verifier::Verifier;
use crate::log::{
    header,
    stream::{Stored, StreamError, StreamHandle},
};

/// How often the log is asked, also where nothing was heard: a broken connection swallows what would
/// have been.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// How many events are read at once.
const BLOCK: u64 = 500;

/// Which events take tokens back: the platform knows no contract, so it is told.
#[derive(Clone, Copy, Debug)]
pub struct Revocations {
    /// The aggregates among whose events they are: the tokens in their subjects.
    pub categories: &'static [&'static str],
    /// The same of aggregates of which there are ever more, and for how long an event of theirs matters,
    /// in milliseconds.
    pub passing: &'static [(&'static str, i64)],
    /// What an event takes back, from its type and its payload.
    pub of: fn(&str, &[u8]) -> Result<Vec<Revocation>, DecodeError>,
}

/// Why what takes tokens back cannot be known.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// The log.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// An event.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The connection.
    #[error("nats-server does not take the subscription to what takes tokens back")]
    Subscribe(#[from] async_nats::SubscribeError),
}

/// Follows the log and tells the verifier.
pub(crate) struct Follower {
    log: StreamHandle,
    verifier: Arc<Verifier>,
    clock: Arc<dyn Clock>,
    revocations: Revocations,
    /// The subjects of each category.
    subjects: Vec<String>,
    /// Up to where the log was read for them.
    read: u64,
    heard: SelectAll<async_nats::Subscriber>,
}

impl Follower {
    /// Reads all that was taken back so far.
    pub(crate) async fn start(
        log: StreamHandle,
        county: Division,
        verifier: Arc<Verifier>,
        clock: Arc<dyn Clock>,
        revocations: Revocations,
    ) -> Result<Self, RevocationError> {
        let of = |category: &str| format!("weft.{county}.*.*.{category}.*");
        let lasting: Vec<String> = revocations.categories.iter().map(|one| of(one)).collect();
        let passing = revocations.passing.iter().map(|(category, ms)| (of(category), *ms));
        let passing: Vec<(String, i64)> = passing.collect();
        let subjects: Vec<String> =
            lasting.iter().chain(passing.iter().map(|(subjects, _)| subjects)).cloned().collect();
        let mut heard = Vec::new();
        for subjects in &subjects {
            heard.push(log.client().subscribe(subjects.clone()).await?);
        }
        let state = log.state().await?;
        let heard = select_all(heard);
        let follower =
            Self { log, verifier, clock, revocations, subjects, read: state.last, heard };
        for subjects in &lasting {
            for event in follower.log.read_subject(subjects, 1).await? {
                follower.take_back(&event)?;
            }
        }
        for (subjects, ms) in &passing {
            let since = follower.log.first_since(state.at.plus_millis(-ms)).await?;
            if since > 0 {
                follower.look(subjects, since).await?;
            }
        }
        Ok(follower)
    }

    /// Follows for as long as the process lives.
    pub(crate) async fn run(mut self) -> Result<(), RevocationError> {
        loop {
            // What is heard may not be stored yet: then the next look finds it.
            let _heard = tokio::time::timeout(LOOK_EVERY, self.heard.next()).await;
            match self.catch_up().await {
                Ok(()) => {}
                Err(error @ RevocationError::Decode(_)) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "what takes tokens back cannot be read now");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// Reads what was stored since the last look, and nothing where nothing was.
    async fn catch_up(&mut self) -> Result<(), RevocationError> {
        let last = self.log.state().await?.last;
        if last > self.read {
            for subjects in &self.subjects {
                self.look(subjects, self.read + 1).await?;
            }
            self.read = last;
        }
        Ok(())
    }

    /// Takes back what events of these subjects say from a sequence on.
    async fn look(&self, subjects: &str, from: u64) -> Result<(), RevocationError> {
        let mut from = from;
        loop {
            let events = self.log.read_block(subjects, from, BLOCK).await?;
            for event in &events {
                self.take_back(event)?;
                from = event.sequence + 1;
            }
            if (events.len() as u64) < BLOCK {
                return Ok(());
            }
        }
    }

    fn take_back(&self, event: &Stored) -> Result<(), RevocationError> {
        let ce_type = event.headers.get(header::TYPE).map_or("", |value| value.as_str());
        for revocation in (self.revocations.of)(ce_type, &event.payload)? {
            self.verifier.take_back(&revocation, self.clock.now());
        }
        Ok(())
    }
}
