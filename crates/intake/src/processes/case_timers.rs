//! Two timers. `intake.archive_unrated_cases`: when a resolved case's window for rating ends, it is
//! archived. `intake.lapse_unanswered_cases`: when nobody answered what was asked before acceptance, the
//! case ends. The table of cases is the list of what is due, the clock says what is due now, and the
//! command's id follows from the case and the moment: so each fires once, also after a restart.

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

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// How many cases are acted on in one go.
const BATCH: i64 = 200;

/// How many of them at once.
const AT_ONCE: usize = 64;

/// How long the table may take to show what was done.
const CATCH_UP: Duration = Duration::from_secs(5);

/// What a timer does when it is due.
#[derive(Clone, Copy, Debug)]
pub enum Then {
    /// Archives a resolved case when the window for rating, in milliseconds, is over.
    Archive {
        /// The window.
        rating_window_ms: i64,
    },
    /// Ends a case whose reporter did not answer.
    Lapse,
}

impl Then {
    /// The timer's name, under which it holds its lease and acts.
    const fn name(self) -> &'static str {
        match self {
            Self::Archive { .. } => "intake.archive_unrated_cases",
            Self::Lapse => "intake.lapse_unanswered_cases",
        }
    }

    fn command(self, now: Timestamp) -> Command {
        match self {
            Self::Archive { rating_window_ms } => {
                Command::ArchiveCase { at: now, rating_window_ms }
            }
            Self::Lapse => Command::LapseCase { at: now },
        }
    }
}

/// A timer over cases.
pub struct CaseTimer {
    /// What it does.
    pub then: Then,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The cases, by the time when they are due.
    pub rows: View<CaseRow>,
    /// Executes on cases.
    pub cases: Executor<Case>,
}

impl CaseTimer {
    /// Runs wherever the lease is won, until the process stops.
    pub fn start(self, context: &Context) {
        let (leases, stop) = (context.leases.clone(), context.lifecycle.soft_token());
        let name = self.then.name();
        context.lifecycle.spawn(name, async move {
            leases.hold(name, &stop, || self.watch()).await;
            Ok::<(), Infallible>(())
        });
    }

    async fn watch(&self) {
        let mut seen = None;
        let mut next = None;
        loop {
            let position = self.rows.position();
            if seen != Some(position) {
                match self.waiting(1).await {
                    Ok(first) => {
                        next = first.first().map(|(_, due)| *due);
                        seen = Some(position);
                    }
                    Err(error) => {
                        tracing::warn!(%error, timer = self.then.name(), "will look for due cases later")
                    }
                }
            }
            if next.is_some_and(|due| due <= self.clock.now()) {
                if let Err(error) = self.act_on_due().await {
                    tracing::warn!(%error, timer = self.then.name(), "will act on due cases later");
                }
                seen = None;
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// The cases that have waited longest, and when they are due.
    async fn waiting(&self, limit: i64) -> Result<Vec<(String, Timestamp)>, SqlError> {
        let found = match self.then {
            Then::Archive { .. } => cases::unrated(&self.rows, limit).await?,
            Then::Lapse => cases::unanswered(&self.rows, limit).await?,
        };
        Ok(found.into_iter().map(|(id, row)| (id, self.due(&row))).collect())
    }

    fn due(&self, row: &CaseRow) -> Timestamp {
        match self.then {
            Then::Archive { rating_window_ms } => {
                cases::resolved_at(row).plus_millis(rating_window_ms)
            }
            Then::Lapse => Timestamp(row.answer_due.unwrap_or(i64::MAX)),
        }
    }

    async fn act_on_due(&self) -> Result<(), SqlError> {
        let now = self.clock.now();
        let due = self.waiting(BATCH).await?;
        let due = due.into_iter().take_while(|(_, due)| *due <= now);
        let ends: Vec<u64> = stream::iter(due)
            .map(|(id, due)| self.act(id, due))
            .buffer_unordered(AT_ONCE)
            .filter_map(|end| async move { end })
            .collect()
            .await;
        // What was acted on is gone from the list before it is read again.
        if let Some(end) = ends.into_iter().max() {
            let _later = self.rows.wait(end, CATCH_UP).await;
        }
        Ok(())
    }

    /// Acts on one case and tells where in the log; none if the rules refuse it or it must wait.
    async fn act(&self, id: String, due: Timestamp) -> Option<u64> {
        let case: CaseId = id.parse().ok()?;
        let target = Target { subject: subject::case(&case), id, creates: false };
        let request = Cause::moment(self.then.name(), &format!("{case}@{}", due.0)).request();
        let then = self.then;
        let done = self
            .cases
            .execute(target, request, move |now| then.command(now))
            .await
            .map_err(CarryOutError::from);
        match done {
            Ok(outcome) => Some(outcome.position.sequence),
            Err(error) => {
                tracing::warn!(%case, %error, timer = then.name(), "not done now");
                None
            }
        }
    }
}
