//! The table `reports`: of each case what the rule looks at. How it was rated is not among it.

use contracts::intake::CaseEvent;
use kernel::{
    DecodeError, Division, StoredEvent as _,
    id::{CaseId, CategoryCode, PersonId},
};
use platform::{log::Recorded, projection::Projection, row};

row! {
    /// A report.
    pub struct ReportRow in "reports" version 2 {
        /// Who reported it.
        pub reporter: String,
        /// 1 where the reporter is staff on duty, else 0.
        pub by_staff: i64,
        /// 1 where a wish makes it confidential, else 0.
        pub confidential: i64,
        /// What it is about, as handled.
        pub category: String,
        /// Where it is handled.
        pub division: String,
        /// The place in the log of its last reopening; 0 where there was none.
        pub reopened: i64,
    }
    indexes []
}

/// What concerns this table.
pub enum Change {
    /// Reported.
    Reported(ReportRow),
    /// Filed under a category and a division.
    Filed(CategoryCode, Division),
    /// Taken up again.
    Reopened(CategoryCode, Division),
    /// Made confidential, or not.
    Confidential(bool),
}

/// Fills the table.
pub struct Reports;

impl Projection for Reports {
    type Row = ReportRow;
    type Event = (CaseId, Change);

    fn read(&self, event: &Recorded) -> Result<Option<(CaseId, Change)>, DecodeError> {
        if event.category() != CaseEvent::CATEGORY {
            return Ok(None);
        }
        Ok(match CaseEvent::decode(&event.ce_type, &event.payload)? {
            CaseEvent::CaseReported(event) => {
                let row = ReportRow {
                    reporter: event.reporter.to_string(),
                    by_staff: i64::from(event.by_staff),
                    confidential: i64::from(event.confidential),
                    category: event.category.to_string(),
                    division: event.place.division.to_string(),
                    reopened: 0,
                };
                Some((event.case, Change::Reported(row)))
            }
            CaseEvent::CaseAccepted(event) => {
                Some((event.case, Change::Filed(event.category, event.division)))
            }
            CaseEvent::CaseReopened(event) => {
                Some((event.case, Change::Reopened(event.category, event.division)))
            }
            CaseEvent::ConfidentialitySet(event) => {
                Some((event.case, Change::Confidential(event.confidential)))
            }
            CaseEvent::InformationAdded(_)
            | CaseEvent::CaseRefused(_)
            | CaseEvent::CaseResolved(_)
            | CaseEvent::CaseRated(_)
            | CaseEvent::CaseArchived(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseUnmerged(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseLapsed(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => None,
        })
    }

    fn keys(&self, (case, _): &(CaseId, Change)) -> Vec<String> {
        vec![case.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<ReportRow>,
        (_, change): &(CaseId, Change),
        recorded: &Recorded,
    ) -> Option<ReportRow> {
        let (category, division, reopened) = match change {
            Change::Reported(row) => return Some(row.clone()),
            Change::Confidential(confidential) => {
                return row.map(|row| ReportRow { confidential: i64::from(*confidential), ..row });
            }
            Change::Filed(category, division) => (category, division, None),
            Change::Reopened(category, division) => {
                (category, division, i64::try_from(recorded.meta.sequence).ok())
            }
        };
        let mut row = row?;
        row.category = category.to_string();
        row.division = division.to_string();
        row.reopened = reopened.unwrap_or(row.reopened);
        Some(row)
    }
}

impl ReportRow {
    /// The resident who reported it; none where it was staff on duty, and none whose report is
    /// confidential: such a reporter is in no list.
    pub fn resident(&self) -> Option<PersonId> {
        (self.by_staff == 0 && self.confidential == 0).then(|| self.reporter.parse().ok()).flatten()
    }

    /// Whether it was opened again after this place in the log.
    pub fn reopened_after(&self, sequence: u64) -> bool {
        u64::try_from(self.reopened).is_ok_and(|reopened| reopened > sequence)
    }
}
