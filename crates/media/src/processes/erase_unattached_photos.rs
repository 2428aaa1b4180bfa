//! `media.erase_unattached_photos`: a timer. A photo that its uploader has attached to nothing within a
//! day is erased, and so is what is left of a person who was erased. The photos themselves are the
//! list of what is due, so that it fires once, also after a restart.

use std::{convert::Infallible, time::Duration};

use kernel::Timestamp;
use platform::{grpc::ServiceError, media::Walked, projection::View, service::Context};

use crate::projections::attachments::{self, AttachmentRow};

/// The timer's name, under which it holds its lease.
pub const NAME: &str = "media.erase_unattached_photos";

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(500);

/// How long the table may take to know all that has happened.
const CATCH_UP: Duration = Duration::from_secs(5);

/// The timer.
pub struct EraseUnattachedPhotos {
    /// The photos, the log and the time.
    pub context: Context,
    /// What is attached to what.
    pub attachments: View<AttachmentRow>,
    /// How long a photo may be attached to nothing, in milliseconds.
    pub keep_ms: i64,
}

/// Where the walk over the photos is.
#[derive(Clone, Copy, Debug, Default)]
struct Walk {
    /// Up to here all photos are attached or gone.
    done: u64,
    /// Before this time nothing more is due.
    next: Timestamp,
}

impl EraseUnattachedPhotos {
    /// Runs wherever the lease is won, until the process stops.
    pub fn start(self) {
        let (leases, stop) = (self.context.leases.clone(), self.context.lifecycle.soft_token());
        self.context.lifecycle.clone().spawn(NAME, async move {
            leases.hold(NAME, &stop, || self.watch()).await;
            Ok::<(), Infallible>(())
        });
    }

    async fn watch(&self) {
        let mut walk = Walk::default();
        loop {
            if walk.next <= self.context.clock.now() {
                match self.erase_due(walk).await {
                    Ok(further) => walk = further,
                    Err(error) => {
                        tracing::warn!(reason = error.reason, "will erase unattached photos later");
                    }
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Erases what is due and tells how far that went.
    async fn erase_due(&self, mut walk: Walk) -> Result<Walk, ServiceError> {
        let now = self.context.clock.now();
        let photos = self.context.media.walk(walk.done).await?;
        // The table must know every command that came before: it says what may be erased.
        let head = self.context.log.stream().state().await?.last;
        self.attachments.wait(head, CATCH_UP).await?;
        for photo in photos {
            if let Some(due) = self.due(&photo).filter(|due| *due > now) {
                walk.next = due;
                return Ok(walk);
            }
            if !self.is_attached(&photo).await? {
                self.context.media.erase(&photo.id).await?;
                tracing::info!(photo = %photo.id, "erased: no command has named it");
            }
            walk.done = photo.sequence;
        }
        // What comes from now on has its whole time.
        walk.next = now.plus_millis(self.keep_ms);
        Ok(walk)
    }

    /// When a photo may be erased; none for what is left of an erased person: at once.
    fn due(&self, photo: &Walked) -> Option<Timestamp> {
        photo.header.as_ref().map(|header| header.uploaded_at.plus_millis(self.keep_ms))
    }

    async fn is_attached(&self, photo: &Walked) -> Result<bool, ServiceError> {
        let Some(header) = &photo.header else { return Ok(false) };
        let found = attachments::of(&self.attachments, &photo.id, &header.uploader).await?;
        Ok(!found.is_empty())
    }
}
