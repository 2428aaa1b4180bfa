//! `points.reverse_reopened`: what a report has earned is taken back when its case is opened again.

use contracts::intake::{CaseEvent, CaseReopened};
use kernel::{DecodeError, StoredEvent as _, id::ProgrammeId};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};

use super::{PATIENCE, behind, database, target};
use crate::{
    domain::ledger::{Command, Ledger},
    projections::entries::{self, EntryRow},
};

/// The process.
pub struct ReverseReopened {
    /// In which programmes a case has earned.
    pub entries: View<EntryRow>,
    /// Executes on ledgers.
    pub ledgers: Executor<Ledger>,
}

/// The type of the event, of any version.
const REOPENED: &str = "weft.intake.case_reopened.v";

impl Process for ReverseReopened {
    const NAME: &'static str = "points.reverse_reopened";
    const START: Start = Start::Beginning;
    type Command = CaseReopened;

    fn react(&self, event: &Recorded) -> Result<Vec<CaseReopened>, DecodeError> {
        // Of the many events of a case only one concerns reversals.
        if !event.ce_type.starts_with(REOPENED) {
            return Ok(vec![]);
        }
        let event = CaseEvent::decode(&event.ce_type, &event.payload)?;
        Ok(if let CaseEvent::CaseReopened(reopened) = event { vec![reopened] } else { vec![] })
    }

    async fn carry_out(&self, reopened: CaseReopened, cause: &Cause) -> Result<(), CarryOutError> {
        self.entries.wait(cause.sequence, PATIENCE).await.map_err(|error| behind(&error))?;
        let found = entries::programmes_of(&self.entries, &reopened.case).await;
        let programmes = found.map_err(|error| database(&error))?;
        for programme in programmes.iter().filter_map(|id| id.parse::<ProgrammeId>().ok()) {
            let (of, before) = (reopened.case.clone(), cause.sequence);
            let to = target(&programme);
            let make = move |now| Command::ReverseReopened {
                programme: programme.clone(),
                case: of.clone(),
                before,
                at: now,
            };
            self.ledgers.execute(to, cause.request(), make).await?;
        }
        Ok(())
    }
}
