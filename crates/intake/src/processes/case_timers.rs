//! Two timers over cases. `intake.archive_unrated_cases`: when a resolved case's window for rating ends,
//! it is archived. `intake.lapse_unanswered_cases`: when nobody answered what was asked before
//! acceptance, the case ends. A command's id follows from the case and the moment.

use contracts::subject;
use futures::{StreamExt as _, stream};
use kernel::{Timestamp, id::CaseId};
use platform::{
    database::SqlError,
    executor::{Executor, Target},
    process::{CarryOutError, Cause},
    projection::View,
};

use super::due::{CATCH_UP, Due};
use crate::{
    domain::case::{Case, Command},
    projections::cases::{self, CaseRow},
};

/// How many cases are acted on in one go.
const BATCH: i64 = 200;

/// How many of them at once.
const AT_ONCE: usize = 64;

/// A case's id and when it is due.
type Waiting = (String, Timestamp);

/// Archives resolved cases whose window for rating is over.
pub struct ArchiveUnratedCases {
    /// The cases, by the time of their resolution.
    pub rows: View<CaseRow>,
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// The window for rating, in milliseconds.
    pub rating_window_ms: i64,
}

impl ArchiveUnratedCases {
    async fn waiting(&self, limit: i64) -> Result<Vec<Waiting>, SqlError> {
        let found = cases::unrated(&self.rows, limit).await?;
        let due = |row: &CaseRow| cases::resolved_at(row).plus_millis(self.rating_window_ms);
        Ok(found.into_iter().map(|(id, row)| (id, due(&row))).collect())
    }
}

impl Due for ArchiveUnratedCases {
    const NAME: &'static str = "intake.archive_unrated_cases";

    fn position(&self) -> u64 {
        self.rows.position()
    }

    async fn next(&self) -> Result<Option<Timestamp>, SqlError> {
        Ok(self.waiting(1).await?.first().map(|(_, due)| *due))
    }

    async fn ring(&self, now: Timestamp) -> Result<(), SqlError> {
        let rating_window_ms = self.rating_window_ms;
        let archive = move |at| Command::ArchiveCase { at, rating_window_ms };
        let waiting = self.waiting(BATCH).await?;
        act(Self::NAME, &self.cases, &self.rows, waiting, now, archive).await;
        Ok(())
    }
}

/// Ends cases whose reporters did not answer in time.
pub struct LapseUnansweredCases {
    /// The cases, by the time until which they can be answered.
    pub rows: View<CaseRow>,
    /// Executes on cases.
    pub cases: Executor<Case>,
}

impl LapseUnansweredCases {
    async fn waiting(&self, limit: i64) -> Result<Vec<Waiting>, SqlError> {
        let found = cases::unanswered(&self.rows, limit).await?;
        let due = |row: &CaseRow| Timestamp(row.answer_due.unwrap_or(i64::MAX));
        Ok(found.into_iter().map(|(id, row)| (id, due(&row))).collect())
    }
}

impl Due for LapseUnansweredCases {
    const NAME: &'static str = "intake.lapse_unanswered_cases";

    fn position(&self) -> u64 {
        self.rows.position()
    }

    async fn next(&self) -> Result<Option<Timestamp>, SqlError> {
        Ok(self.waiting(1).await?.first().map(|(_, due)| *due))
    }

    async fn ring(&self, now: Timestamp) -> Result<(), SqlError> {
        let waiting = self.waiting(BATCH).await?;
        let lapse = |at| Command::LapseCase { at };
        act(Self::NAME, &self.cases, &self.rows, waiting, now, lapse).await;
        Ok(())
    }
}

/// Acts on the cases that are due, and waits until the table shows it.
async fn act(
    name: &'static str,
    cases: &Executor<Case>,
    rows: &View<CaseRow>,
    waiting: Vec<Waiting>,
    now: Timestamp,
    command: impl Fn(Timestamp) -> Command + Copy + Send + 'static,
) {
    let due = waiting.into_iter().take_while(|(_, due)| *due <= now);
    let ends: Vec<u64> = stream::iter(due)
        .map(|waiting| act_on(name, cases, waiting, command))
        .buffer_unordered(AT_ONCE)
        .filter_map(|end| async move { end })
        .collect()
        .await;
    // What was acted on is gone from the list before it is read again.
    if let Some(end) = ends.into_iter().max() {
        let _later = rows.wait(end, CATCH_UP).await;
    }
}

/// Acts on one case and tells where in the log; none if the rules refuse it or it must wait.
async fn act_on(
    name: &'static str,
    cases: &Executor<Case>,
    (id, due): Waiting,
    command: impl Fn(Timestamp) -> Command + Send + 'static,
) -> Option<u64> {
    let case: CaseId = id.parse().ok()?;
    let target = Target { subject: subject::case(&case), id, creates: false };
    let request = Cause::moment(name, &format!("{case}@{}", due.0)).request();
    match cases.execute(target, request, command).await.map_err(CarryOutError::from) {
        Ok(outcome) => Some(outcome.position.sequence),
        Err(error) => {
            tracing::warn!(%case, %error, timer = name, "not done now");
            None
        }
    }
}
