//! `intake.end_admissions`: a timer. What was admitted to the grids for a time is off the list when its
//! last day is over.

use contracts::subject;
use kernel::{Timestamp, id::AdmissionId};
use platform::{
    database::SqlError,
    executor::{Executor, Target},
    process::Cause,
    projection::View,
};

use super::due::{CATCH_UP, Due};
use crate::{
    domain::admission::{Admission, Command},
    projections::admissions::{self, AdmissionRow},
};

/// How many are ended in one go.
const BATCH: i64 = 100;

/// The timer.
pub struct EndAdmissions {
    /// The list.
    pub admissions: View<AdmissionRow>,
    /// Executes on admissions.
    pub executor: Executor<Admission>,
}

impl Due for EndAdmissions {
    const NAME: &'static str = "intake.end_admissions";

    fn position(&self) -> u64 {
        self.admissions.position()
    }

    async fn next(&self) -> Result<Option<Timestamp>, SqlError> {
        let first = admissions::ending(&self.admissions, 1).await?;
        Ok(first.first().and_then(|(_, row)| row.until).map(Timestamp))
    }

    async fn ring(&self, now: Timestamp) -> Result<(), SqlError> {
        let ending = admissions::ending(&self.admissions, BATCH).await?;
        let due = ending.into_iter().filter_map(|(id, row)| Some((id, row.until?)));
        let mut last = 0;
        for (id, until) in due.take_while(|(_, until)| *until <= now.0) {
            let Ok(admission) = id.parse::<AdmissionId>() else { continue };
            let request = Cause::moment(Self::NAME, &format!("{id}@{until}")).request();
            let target = Target { subject: subject::admission(&admission), id, creates: false };
            let make = |at| Command::EndAdmission { at, by: None };
            match self.executor.execute(target, request, make).await {
                Ok(outcome) => last = last.max(outcome.position.sequence),
                Err(error) => tracing::warn!(%admission, %error, "not ended now"),
            }
        }
        let _later = self.admissions.wait(last, CATCH_UP).await;
        Ok(())
    }
}
