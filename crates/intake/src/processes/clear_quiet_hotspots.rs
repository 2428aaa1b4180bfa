//! `intake.clear_quiet_hotspots`: a timer. A hot spot that has been quiet for long enough is cleared.

use contracts::subject;
use kernel::{Timestamp, id::HotspotId};
use platform::{
    database::SqlError,
    executor::{Executor, Target},
    process::Cause,
    projection::View,
};

use super::{
    due::{CATCH_UP, Due},
    raise_hotspots::RULE_VERSION,
};
use crate::{
    domain::hotspot::{Command, Hotspot, quiet_at},
    projections::hotspots::{self, HotspotRow},
};

/// How many are cleared in one go.
const BATCH: i64 = 100;

/// The timer.
pub struct ClearQuietHotspots {
    /// The hot spots.
    pub hotspots: View<HotspotRow>,
    /// Executes on hot spots.
    pub executor: Executor<Hotspot>,
    /// How many days of 24 hours one has to be quiet.
    pub quiet_days: u32,
}

impl Due for ClearQuietHotspots {
    const NAME: &'static str = "intake.clear_quiet_hotspots";

    fn position(&self) -> u64 {
        self.hotspots.position()
    }

    async fn next(&self) -> Result<Option<Timestamp>, SqlError> {
        let first = hotspots::quietest(&self.hotspots, 1).await?;
        let since = first.first().map(|(_, row)| Timestamp(row.quiet_since));
        Ok(since.map(|since| quiet_at(since, self.quiet_days)))
    }

    async fn ring(&self, now: Timestamp) -> Result<(), SqlError> {
        let quiet_days = self.quiet_days;
        let quietest = hotspots::quietest(&self.hotspots, BATCH).await?;
        let due = quietest
            .into_iter()
            .take_while(|(_, row)| quiet_at(Timestamp(row.quiet_since), quiet_days) <= now);
        let mut last = 0;
        for (id, row) in due {
            let Ok(hotspot) = id.parse::<HotspotId>() else { continue };
            let name = format!("{id}@{}", row.quiet_since);
            let target = Target { subject: subject::hotspot(&hotspot), id, creates: false };
            let last_reported_at = Timestamp(row.last_reported_at);
            let make = move |at| Command::ClearHotspot {
                at,
                last_reported_at,
                quiet_days,
                rule_version: RULE_VERSION,
            };
            match self
                .executor
                .execute(target, Cause::moment(Self::NAME, &name).request(), make)
                .await
            {
                Ok(outcome) => last = last.max(outcome.position.sequence),
                Err(error) => tracing::warn!(%hotspot, %error, "not cleared now"),
            }
        }
        let _later = self.hotspots.wait(last, CATCH_UP).await;
        Ok(())
    }
}
