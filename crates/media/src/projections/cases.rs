//! The table `photo_cases`: where a case is handled, and who reported it. Keyed by the case's id.

use contracts::intake::CaseEvent;
use kernel::{DecodeError, Division, GridCode, division::InvalidDivision};
use platform::{auth::Placement, log::Recorded, projection::Projection, row};

row! {
    /// A case.
    pub struct CaseRow in "photo_cases" version 1 {
        /// The code of the division where it is handled.
        pub division: String,
        /// The grid, or empty.
        pub grid: String,
        /// Who reported it.
        pub reporter: String,
        /// What it is about.
        pub category: String,
    }
    indexes []
}

/// Folds cases.
pub struct Cases;

impl Projection for Cases {
    type Row = CaseRow;
    type Event = CaseEvent;

    fn read(&self, event: &Recorded) -> Result<Option<CaseEvent>, DecodeError> {
        super::read(CaseEvent::CATEGORY, event)
    }

    fn keys(&self, event: &CaseEvent) -> Vec<String> {
        let case = match event {
            CaseEvent::CaseReported(event) => &event.case,
            CaseEvent::CaseAccepted(event) => &event.case,
            CaseEvent::CaseReopened(event) => &event.case,
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
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => return Vec::new(),
        };
        vec![case.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<CaseRow>,
        event: &CaseEvent,
        _recorded: &Recorded,
    ) -> Option<CaseRow> {
        let shown = |division: &Division, grid: Option<GridCode>, category: &dyn ToString| {
            let grid = grid.map(|grid| grid.to_string()).unwrap_or_default();
            (division.to_string(), grid, category.to_string())
        };
        let (division, grid, category) = match event {
            CaseEvent::CaseReported(event) => {
                shown(&event.place.division, event.place.grid, &event.category)
            }
            CaseEvent::CaseAccepted(event) => shown(&event.division, event.grid, &event.category),
            CaseEvent::CaseReopened(event) => shown(&event.division, event.grid, &event.category),
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
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => return row,
        };
        let reporter = match event {
            CaseEvent::CaseReported(event) => event.reporter.to_string(),
            CaseEvent::CaseAccepted(_)
            | CaseEvent::CaseReopened(_)
            | CaseEvent::InformationAdded(_)
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
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => row?.reporter,
        };
        Some(CaseRow { division, grid, reporter, category })
    }
}

impl CaseRow {
    /// Where the case stands, as far as a scope asks.
    pub fn placement(&self) -> Result<Placement, InvalidDivision> {
        let (grid, reporter) = (self.grid.parse().ok(), self.reporter.parse().ok());
        Ok(Placement { grid, reporter, ..Placement::of_division(self.division.parse()?) })
    }
}
