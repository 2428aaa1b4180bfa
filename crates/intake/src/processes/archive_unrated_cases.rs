//! `intake.archive_unrated_cases`: a timer. When a resolved case's window for rating ends, it is
//! archived unrated. The table of cases is the list of what is due, the clock says what is due now,
//! and the command's id follows from the case and the moment: so it fires once, also after a restart.

use std::{convert::Infallible, sync::Arc, time::Duration};

use contracts::subject;
use futures::{StreamExt as _, stream};
use kernel::{Clock, Timestamp, id::CaseId};
use platform::{
    database::SqlError,
    executor::{Executor, Target},
    process::{CarryOutError, Cause},
    projection::View,
    service::Context,
};

use crate::{
    domain::case::{Case, Command},
    projections::cases::{self, CaseRow},
};

/// The timer's name, under which it holds its lease and acts.
pub const NAME: &str = "intake.archive_unrated_cases";

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// How many cases are archived in one go.
const BATCH: i64 = 200;

/// How many of them at once.
const AT_ONCE: usize = 64;

/// How long the table may take to show what was archived.
const CATCH_UP: Duration = Duration::from_secs(5);

/// The timer.
pub struct ArchiveUnratedCases {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The cases, by the time of their resolution.
    pub rows: View<CaseRow>,
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// The window for rating, in milliseconds.
    pub rating_window_ms: i64,
}

impl ArchiveUnratedCases {
    /// Runs wherever the lease is won, until the process stops.
    pub fn start(self, context: &Context) {
        let (leases, stop) = (context.leases.clone(), context.lifecycle.soft_token());
        context.lifecycle.spawn(NAME, async move {
            leases.hold(NAME, &stop, || self.watch()).await;
            Ok::<(), Infallible>(())
        });
    }

    async fn watch(&self) {
        let mut seen = None;
        let mut next = None;
        loop {
            let position = self.rows.position();
            if seen != Some(position) {
                match cases::unrated(&self.rows, 1).await {
                    Ok(first) => {
                        next = first.first().map(|(_, row)| self.due(row));
                        seen = Some(position);
                    }
                    Err(error) => tracing::warn!(%error, "will look for unrated cases later"),
                }
            }
            if next.is_some_and(|due| due <= self.clock.now()) {
                if let Err(error) = self.archive_due().await {
                    tracing::warn!(%error, "will archive unrated cases later");
                }
                seen = None;
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn due(&self, row: &CaseRow) -> Timestamp {
        cases::resolved_at(row).plus_millis(self.rating_window_ms)
    }

    async fn archive_due(&self) -> Result<(), SqlError> {
        let now = self.clock.now();
        let due = cases::unrated(&self.rows, BATCH).await?;
        let due = due
            .into_iter()
            .map(|(id, row)| (id, self.due(&row)))
            .take_while(|(_, due)| *due <= now);
        let ends: Vec<u64> = stream::iter(due)
            .map(|(id, due)| self.archive(id, due))
            .buffer_unordered(AT_ONCE)
            .filter_map(|end| async move { end })
            .collect()
            .await;
        // What was archived is gone from the list before it is read again.
        if let Some(end) = ends.into_iter().max() {
            let _later = self.rows.wait(end, CATCH_UP).await;
        }
        Ok(())
    }

    /// Archives one case and tells where in the log; none if the rules refuse it or it must wait.
    async fn archive(&self, id: String, due: Timestamp) -> Option<u64> {
        let case: CaseId = id.parse().ok()?;
        let target = Target { subject: subject::case(&case), id, creates: false };
        let request = Cause::moment(NAME, &format!("{case}@{}", due.0)).request();
        let rating_window_ms = self.rating_window_ms;
        let done = self
            .cases
            .execute(target, request, move |now| Command::ArchiveCase { at: now, rating_window_ms })
            .await
            .map_err(CarryOutError::from);
        match done {
            Ok(outcome) => Some(outcome.position.sequence),
            Err(error) => {
                tracing::warn!(%case, %error, "not archived now");
                None
            }
        }
    }
}
