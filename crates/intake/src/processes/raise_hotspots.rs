//! `intake.raise_hotspots`: warns of a category that comes up often in one place. It counts cases, not
//! people: one person who reports three lamps makes as hot a spot as three, and who they are is not
//! looked at. Of a confidential category there are no hot spots.

use std::time::Duration;

use contracts::{
    intake::{CaseEvent, hotspot::HotspotRaised},
    subject,
};
use kernel::{
    DecodeError, Division, StoredEvent as _, Timestamp,
    id::{CaseId, HotspotId},
};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::{Behind, View},
};

use crate::{
    catalogue::days::DAY_MS,
    domain::hotspot::{Command, Hotspot},
    projections::{
        categories::CategoryRow,
        hotspot_reports::{self, HotspotReportRow},
        hotspots::HotspotRow,
    },
};

/// The version of the rule: so many cases that count, of one category in one grid or division, within
/// so many days, since it was last cleared.
pub const RULE_VERSION: u32 = 1;

/// How long the tables may take to reach a case.
const TABLES_WAIT: Duration = Duration::from_secs(5);

/// How many cases are counted at most: what is more is as hot.
const COUNTED: i64 = 1_000;

/// The process.
pub struct RaiseHotspots {
    /// The county, for which as a whole there is no hot spot.
    pub county: Division,
    /// What counts.
    pub reports: View<HotspotReportRow>,
    /// What is hot.
    pub hotspots: View<HotspotRow>,
    /// The catalogue.
    pub categories: View<CategoryRow>,
    /// Executes on hot spots.
    pub executor: Executor<Hotspot>,
    /// How many cases make a hot spot.
    pub needed: u32,
    /// Within how many days of 24 hours.
    pub window_days: u32,
}

impl Process for RaiseHotspots {
    const NAME: &'static str = "intake.raise_hotspots";
    const START: Start = Start::Beginning;
    type Command = CaseId;

    fn react(&self, event: &Recorded) -> Result<Vec<CaseId>, DecodeError> {
        if event.category() != CaseEvent::CATEGORY {
            return Ok(vec![]);
        }
        Ok(react(CaseEvent::decode(&event.ce_type, &event.payload)?))
    }

    async fn carry_out(&self, reported: CaseId, cause: &Cause) -> Result<(), CarryOutError> {
        let behind = |error: Behind| CarryOutError::Later(error.to_string());
        let later = |error: platform::database::SqlError| CarryOutError::Later(error.to_string());
        self.reports.wait(cause.sequence, TABLES_WAIT).await.map_err(behind)?;
        self.hotspots.wait(cause.sequence, TABLES_WAIT).await.map_err(behind)?;
        self.categories.wait(cause.sequence, TABLES_WAIT).await.map_err(behind)?;
        let report = self.reports.get(&reported.to_string()).await.map_err(later)?;
        let Some(report) = report.filter(|report| report.counted != 0) else { return Ok(()) };
        let known = self.categories.cached(|rows| rows.get(&report.category).cloned());
        if known.is_none_or(|category| category.confidential != 0) {
            return Ok(());
        }
        let Some((hotspot, raised)) = self.raised(&report).await.map_err(later)? else {
            return Ok(());
        };
        let target =
            Target { subject: subject::hotspot(&hotspot), id: hotspot.to_string(), creates: false };
        let needed = self.needed;
        let make = move |at| {
            let raised = HotspotRaised { occurred_at: at, ..raised.clone() };
            Command::RaiseHotspot { raised, needed }
        };
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}

impl RaiseHotspots {
    /// The hot spot that a case makes; none where there are too few cases.
    async fn raised(
        &self,
        report: &HotspotReportRow,
    ) -> Result<Option<(HotspotId, HotspotRaised)>, platform::database::SqlError> {
        let parsed = (|| {
            let hotspot: HotspotId = report.hotspot.parse().ok()?;
            let division: Division = report.division.parse().ok()?;
            Some((hotspot, division, report.category.parse().ok()?))
        })();
        let Some((hotspot, division, category)) = parsed else { return Ok(None) };
        if division == self.county {
            return Ok(None);
        }
        let until = Timestamp(report.reported_at);
        let window = i64::from(self.window_days) * DAY_MS;
        let known = self.hotspots.get(&report.hotspot).await?;
        let cleared =
            known.filter(|row| row.standing != "open").map(|row| Timestamp(row.updated_at));
        let after = until.plus_millis(-window).max(cleared.unwrap_or_default());
        let count =
            hotspot_reports::count(&self.reports, &report.hotspot, (after, until), COUNTED).await?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let raised = HotspotRaised {
            occurred_at: until,
            hotspot: hotspot.clone(),
            division,
            grid: report.grid.parse().ok(),
            category,
            count,
            window_days: self.window_days,
            rule_version: RULE_VERSION,
        };
        Ok((count >= self.needed).then_some((hotspot, raised)))
    }
}

fn react(event: CaseEvent) -> Vec<CaseId> {
    match event {
        CaseEvent::CaseReported(event) => vec![event.case],
        // It may have come to another category or place.
        CaseEvent::CaseAccepted(event) => vec![event.case],
        // It counts again.
        CaseEvent::CaseUnmerged(event) => vec![event.case],
        CaseEvent::InformationAdded(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => vec![],
    }
}
