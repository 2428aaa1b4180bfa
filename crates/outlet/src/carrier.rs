//! From the log to the public stream, in order, each event once.
//!
//! Of several outlets the one that holds the lease publishes. That they never publish twice does not
//! hang on the lease: every message names the one that it follows, and who is overtaken starts over
//! from the public stream's end.

use std::{num::NonZeroUsize, time::Duration};

use contracts::public;
use kernel::{DecodeError, Division};
use platform::{
    log::{LogError, Recorded, feed::Batch, stream::StreamError},
    publication::{Mark, Notice, Publication, PublicationError, Resume},
    service::{Context, ProcessState},
};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    NAME,
    discretion::{self, Discretion},
    envelope,
};

/// How long after an error the next try begins.
const PAUSE: Duration = Duration::from_millis(500);

/// How long nothing comes before the mark is set.
const IDLE: Duration = Duration::from_secs(1);

/// Why nothing more is published.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// What may be told is not known.
    #[error(transparent)]
    Discretion(#[from] discretion::Error),
    /// An event that this program does not know. To leave it out would be for ever.
    #[error("event {sequence} of the log cannot be made public: {source}")]
    Event {
        /// Which.
        sequence: u64,
        /// Why.
        source: DecodeError,
    },
    /// The public stream.
    #[error(transparent)]
    Publication(#[from] PublicationError),
}

impl Error {
    /// Whether another try may do.
    fn may_pass(&self) -> bool {
        match self {
            Self::Discretion(discretion::Error::Log(LogError::Stream(error))) => {
                matches!(error, StreamError::Unavailable { .. })
            }
            Self::Publication(error) => error.may_pass(),
            Self::Discretion(
                discretion::Error::Log(LogError::Malformed(_)) | discretion::Error::Event { .. },
            )
            | Self::Event { .. } => false,
        }
    }
}

/// Publishes whenever the lease is held, until the stop.
pub(crate) async fn run(
    context: &Context,
    publication: &Publication,
    remembered: NonZeroUsize,
) -> Result<(), Error> {
    let stop = context.lifecycle.soft_token();
    loop {
        let carry = || async {
            let ended = carry(context, publication, remembered).await;
            // The next holder of the lease says where it is.
            ended.inspect_err(|_| context.running.report(NAME, ProcessState::default()))
        };
        match context.leases.hold(NAME, &stop, carry).await {
            None | Some(Ok(())) => return Ok(()),
            Some(Err(error)) if error.may_pass() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the outlet will go on");
                tokio::time::sleep(PAUSE).await;
            }
            Some(Err(error)) => return Err(error),
        }
    }
}

/// Publishes from where the public stream ends until the feed ends.
async fn carry(
    context: &Context,
    publication: &Publication,
    remembered: NonZeroUsize,
) -> Result<(), Error> {
    let Resume { after, skip, last } = publication.resume().await?;
    tracing::debug!(after, skip, last, "the outlet goes on");
    let discretion = Discretion::open(context.log.clone(), remembered).await?;
    let mut carrier = Carrier { county: context.county, discretion, position: after, skip };
    let mut marked = Mark { position: after, sequence: last };
    let mut sequence = last;
    let mut batches = context.feed.subscribe(after);
    let report = |position| context.running.report(NAME, ProcessState { position, active: true });
    report(after);
    loop {
        let batch = if let Some(batch) = next(&mut batches).await {
            batch
        } else {
            // Nothing came for a while: a good moment to note how far it is.
            if carrier.position >= context.feed.head() {
                carrier.skip = 0;
            }
            let mark = Mark { position: carrier.position, sequence };
            if carrier.skip == 0 && mark.sequence != marked.sequence {
                publication.mark(mark).await?;
                marked = mark;
            }
            let Some(batch) = batches.recv().await else { return Ok(()) };
            batch
        };
        sequence = publication.publish(sequence, &carrier.notices(&batch).await?).await?;
        report(carrier.position);
    }
}

/// The next batch, if it comes soon.
async fn next(batches: &mut mpsc::Receiver<Batch>) -> Option<Batch> {
    timeout(IDLE, batches.recv()).await.ok().flatten()
}

/// What turns events into messages.
struct Carrier {
    county: Division,
    discretion: Discretion,
    /// The last event of the log that was looked at.
    position: u64,
    /// How many messages are still published from before, and gone.
    skip: u64,
}

impl Carrier {
    async fn notices(&mut self, batch: &Batch) -> Result<Vec<Notice>, Error> {
        let mut notices = Vec::new();
        for recorded in batch.iter() {
            // The feed may come back to what was read.
            if recorded.meta.sequence <= self.position {
                continue;
            }
            if let Some(notice) = self.notice(recorded).await? {
                if self.skip > 0 {
                    self.skip -= 1;
                } else {
                    notices.push(notice);
                }
            }
            self.position = recorded.meta.sequence;
        }
        Ok(notices)
    }

    async fn notice(&mut self, recorded: &Recorded) -> Result<Option<Notice>, Error> {
        let sequence = recorded.meta.sequence;
        let event = public::translate(&recorded.ce_type, &recorded.payload)
            .map_err(|source| Error::Event { sequence, source })?;
        // Asked of every event, for what is not told may still say what is confidential.
        let permitted = self.discretion.permits(recorded).await?;
        Ok(event.filter(|_| permitted).map(|event| envelope::seal(self.county, recorded, &event)))
    }
}
