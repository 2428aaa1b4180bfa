//! `intake.archive_rated_cases`: archives a case as soon as it is rated, or as soon as it is resolved
//! if staff on duty reported it, whom nobody asks for a rating.

use contracts::{intake::CaseEvent, subject};
use kernel::{DecodeError, StoredEvent as _, id::CaseId};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use crate::domain::case::{Case, Command};

/// The process.
pub struct ArchiveRatedCases {
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// The window for rating, in milliseconds.
    pub rating_window_ms: i64,
}

impl Process for ArchiveRatedCases {
    const NAME: &'static str = "intake.archive_rated_cases";
    const START: Start = Start::Beginning;
    type Command = CaseId;

    fn react(&self, event: &Recorded) -> Result<Vec<CaseId>, DecodeError> {
        if event.category() != CaseEvent::CATEGORY {
            return Ok(vec![]);
        }
        Ok(match CaseEvent::decode(&event.ce_type, &event.payload)? {
            CaseEvent::CaseRated(event) => vec![event.case],
            // Refused by the rules unless staff reported it: the reporter may still rate.
            CaseEvent::CaseResolved(event) => vec![event.case],
            CaseEvent::CaseHandledOnSite(event) => vec![event.case],
            CaseEvent::CaseAnswered(event) => vec![event.case],
            // Until then the check held it back.
            CaseEvent::SpotCheckConfirmed(event) => vec![event.case],
            CaseEvent::CaseReported(_)
            | CaseEvent::InformationAdded(_)
            | CaseEvent::CaseAccepted(_)
            | CaseEvent::CaseRefused(_)
            | CaseEvent::CaseReopened(_)
            | CaseEvent::CaseArchived(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseUnmerged(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseLapsed(_)
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => vec![],
        })
    }

    async fn carry_out(&self, rated: CaseId, cause: &Cause) -> Result<(), CarryOutError> {
        let target =
            Target { subject: subject::case(&rated), id: rated.to_string(), creates: false };
        let rating_window_ms = self.rating_window_ms;
        self.cases
            .execute(target, cause.request(), move |now| Command::ArchiveCase {
                at: now,
                rating_window_ms,
            })
            .await?;
        Ok(())
    }
}
