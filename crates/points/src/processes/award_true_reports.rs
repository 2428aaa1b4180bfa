//! `points.award_true_reports`: a report that is found true earns what the rule of its village gives,
//! else its township's, else the county's. How anybody rated is not asked.

use contracts::{
    intake::{CaseEvent, CaseResolved},
    subject,
};
use kernel::{
    DecodeError, Division, StoredEvent as _,
    id::{AwardId, PersonId, ProgrammeId},
};
use platform::{
    executor::Executor,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};

use super::{PATIENCE, behind, database, target};
use crate::{
    domain::ledger::{Command, Ledger, TrueReport},
    projections::{
        earning_categories::EarningCategory, programmes::ProgrammeRow, reports::ReportRow,
    },
};

/// The process.
pub struct AwardTrueReports {
    /// What is known of the cases.
    pub reports: View<ReportRow>,
    /// What may earn points.
    pub categories: View<EarningCategory>,
    /// The programmes and since when each has a rule.
    pub programmes: View<ProgrammeRow>,
    /// Executes on ledgers.
    pub ledgers: Executor<Ledger>,
}

/// The type of the event, of any version.
const RESOLVED: &str = "weft.intake.case_resolved.v";

impl Process for AwardTrueReports {
    const NAME: &'static str = "points.award_true_reports";
    const START: Start = Start::Beginning;
    type Command = CaseResolved;

    fn react(&self, event: &Recorded) -> Result<Vec<CaseResolved>, DecodeError> {
        // Of the many events of a case only one concerns points.
        if !event.ce_type.starts_with(RESOLVED) {
            return Ok(vec![]);
        }
        let event = CaseEvent::decode(&event.ce_type, &event.payload)?;
        Ok(match event {
            CaseEvent::CaseResolved(resolved) if resolved.found_true => vec![resolved],
            CaseEvent::CaseReported(_)
            | CaseEvent::InformationAdded(_)
            | CaseEvent::CaseAccepted(_)
            | CaseEvent::CaseRefused(_)
            | CaseEvent::CaseResolved(_)
            | CaseEvent::CaseRated(_)
            | CaseEvent::CaseReopened(_)
            | CaseEvent::CaseArchived(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseUnmerged(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseLapsed(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => vec![],
        })
    }

    async fn carry_out(&self, resolved: CaseResolved, cause: &Cause) -> Result<(), CarryOutError> {
        self.reach(cause.sequence).await?;
        let Some(report) = self.report(&resolved).await? else { return Ok(()) };
        let Some((person, programme)) = self.earned_by(&report, &resolved) else { return Ok(()) };
        if !report.reopened_after(cause.sequence) {
            let given = self.give(&resolved, person, &programme, cause).await?;
            // A reopening that came in between has found nothing to take back yet.
            self.reports.wait(given, PATIENCE).await.map_err(|error| behind(&error))?;
        }
        match self.report(&resolved).await? {
            Some(now) if now.reopened_after(cause.sequence) => {
                self.take_back(&resolved, &programme, now.reopened, cause).await
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl AwardTrueReports {
    /// Gives the award, and answers with the place in the log where it stands.
    async fn give(
        &self,
        resolved: &CaseResolved,
        person: PersonId,
        programme: &ProgrammeId,
        cause: &Cause,
    ) -> Result<u64, CarryOutError> {
        let request = cause.request();
        let report = TrueReport {
            programme: programme.clone(),
            award: AwardId::new(programme.division(), request.key("award")),
            case: resolved.case.clone(),
            person,
            resolution: cause.sequence,
            resolved_at: resolved.occurred_at,
            at: resolved.occurred_at,
        };
        let make = move |at| Command::AwardTrueReport(TrueReport { at, ..report.clone() });
        let outcome = self.ledgers.execute(target(programme), request, make).await?;
        Ok(outcome.position.sequence)
    }

    async fn take_back(
        &self,
        resolved: &CaseResolved,
        programme: &ProgrammeId,
        reopened: i64,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let mut request = cause.request();
        request.request_id.push_str("/reopened");
        let (programme, of) = (programme.clone(), resolved.case.clone());
        let before = u64::try_from(reopened).unwrap_or_default();
        let to = target(&programme);
        let make = move |at| Command::ReverseReopened {
            programme: programme.clone(),
            case: of.clone(),
            before,
            at,
        };
        self.ledgers.execute(to, request, make).await?;
        Ok(())
    }

    async fn reach(&self, sequence: u64) -> Result<(), CarryOutError> {
        let late = |error| behind(&error);
        self.reports.wait(sequence, PATIENCE).await.map_err(late)?;
        self.categories.wait(sequence, PATIENCE).await.map_err(late)?;
        self.programmes.wait(sequence, PATIENCE).await.map_err(late)
    }

    async fn report(&self, resolved: &CaseResolved) -> Result<Option<ReportRow>, CarryOutError> {
        self.reports.get(&resolved.case.to_string()).await.map_err(|error| database(&error))
    }

    /// Who earns points in which programme, if anybody does: a resident, for a category that may.
    fn earned_by(
        &self,
        report: &ReportRow,
        resolved: &CaseResolved,
    ) -> Option<(PersonId, ProgrammeId)> {
        let person = report.resident()?;
        let may_earn = |rows: &std::collections::HashMap<String, EarningCategory>| {
            rows.get(&report.category).is_some_and(EarningCategory::may_earn)
        };
        if !self.categories.cached(may_earn) {
            return None;
        }
        let division: Division = report.division.parse().ok()?;
        let around = [division.village(), division.township(), division.county()];
        let mut programmes = around.into_iter().flatten().map(subject::programme_id);
        // A rule that came later was not promised when the report was found true.
        let ruled = |programme: &ProgrammeId| {
            self.programmes.cached(|rows| {
                rows.get(&programme.to_string())
                    .and_then(|row| row.ruled_since)
                    .is_some_and(|since| since <= resolved.occurred_at.0)
            })
        };
        Some((person, programmes.find(ruled)?))
    }
}
