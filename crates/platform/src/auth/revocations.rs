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
    stream::{StreamError, StreamHandle},
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
    /// The subjects of each category, and the last event of them that was read.
    read: Vec<(String, u64)>,
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
        let read: Vec<(String, u64)> = revocations
            .categories
            .iter()
            .map(|category| (format!("weft.{county}.*.*.{category}.*"), 0))
            .collect();
        let mut heard = Vec::new();
        for (subjects, _) in &read {
            heard.push(log.client().subscribe(subjects.clone()).await?);
        }
        let mut follower =
            Self { log, verifier, clock, revocations, read, heard: select_all(heard) };
        follower.catch_up().await?;
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

    async fn catch_up(&mut self) -> Result<(), RevocationError> {
        for (subjects, read) in &mut self.read {
            loop {
                let events = self.log.read_block(subjects, *read + 1, BLOCK).await?;
                let count = events.len() as u64;
                for event in events {
                    let ce_type =
                        event.headers.get(header::TYPE).map_or("", |value| value.as_str());
                    for revocation in (self.revocations.of)(ce_type, &event.payload)? {
                        self.verifier.take_back(&revocation, self.clock.now());
                    }
                    *read = event.sequence;
                }
                if count < BLOCK {
                    break;
                }
            }
        }
        Ok(())
    }
}
