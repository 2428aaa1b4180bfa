//! `intake.report_successors`: a transferred case goes on as a case of the place it was handed to, with
//! the first time, the reporter, what was written and shown, and everybody who joined.

use std::sync::Arc;

use contracts::{
    intake::{CaseEvent, CaseJoined, CaseReported, CaseTransferred, Place, PlaceSource},
    subject,
};
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use crate::{
    domain::case::{Case, Command, Report},
    tracking::TrackingCode,
};

/// The type of the event, of any version.
const TRANSFERRED: &str = "weft.intake.case_transferred.v";

/// The process.
pub struct ReportSuccessors {
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// From which tracking codes follow.
    pub tracking_secret: Arc<[u8; 32]>,
}

impl Process for ReportSuccessors {
    const NAME: &'static str = "intake.report_successors";
    const START: Start = Start::Beginning;
    type Command = CaseTransferred;

    fn react(&self, event: &Recorded) -> Result<Vec<CaseTransferred>, DecodeError> {
        // Of the many events of a case only one concerns others.
        if !event.ce_type.starts_with(TRANSFERRED) {
            return Ok(vec![]);
        }
        let event = CaseEvent::decode(&event.ce_type, &event.payload)?;
        Ok(if let CaseEvent::CaseTransferred(event) = event { vec![event] } else { vec![] })
    }

    async fn carry_out(&self, event: CaseTransferred, cause: &Cause) -> Result<(), CarryOutError> {
        let (state, _) = self
            .cases
            .load(&subject::case(&event.case))
            .await
            .map_err(|error| CarryOutError::Later(error.to_string()))?;
        let Some(before) = state.report() else { return Ok(()) };
        let code = TrackingCode::of(&self.tracking_secret, &event.successor);
        let (report, joined) = successor(before, &event, &code);
        let (subject, id) = (subject::case(&event.successor), event.successor.to_string());
        let target = Target { subject, id, creates: true };
        self.cases
            .execute(target, cause.request(), move |now| {
                let at = |joined: &CaseJoined| CaseJoined { occurred_at: now, ..joined.clone() };
                let report = Box::new(CaseReported { occurred_at: now, ..report.clone() });
                Command::ReportSuccessor(report, joined.iter().map(at).collect())
            })
            .await?;
        Ok(())
    }
}

/// What goes on, at a time that is still to be written.
fn successor(
    before: &Report,
    event: &CaseTransferred,
    code: &TrackingCode,
) -> (CaseReported, Vec<CaseJoined>) {
    let first = &before.reported;
    let report = CaseReported {
        case: event.successor.clone(),
        category: before.category.clone(),
        place: Place {
            source: PlaceSource::Division,
            division: event.to,
            grid: None,
            position: first.place.position,
        },
        tracking: code.hash(),
        confidential: before.confidential,
        predecessor: Some(event.case.clone()),
        texts_of: Some(first.texts_of.clone().unwrap_or_else(|| event.case.clone())),
        ..first.clone()
    };
    let joined = before
        .joiners
        .iter()
        .map(|joiner| CaseJoined { case: event.successor.clone(), ..joiner.joined.clone() });
    (report, joined.collect())
}
