//! `access.erase_old_texts`: a timer. What was written and photographed with a case is erased when it was
//! kept as long after the case's end as its category is. The register is the list of what is due; a case
//! that was opened again is not in it.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use kernel::{Clock, id::CaseId};
use platform::{grpc::ServiceError, process::Cause, service::Context};

use crate::{
    config::{Keeping, days_ms},
    keeper::Keeper,
    projections::personal_records,
};

/// The timer's name, under which it holds its lease and acts.
pub const NAME: &str = "access.erase_old_texts";

/// How often the clock is looked at; the periods are days.
const TICK: Duration = Duration::from_millis(500);

/// How many cases in one go.
const BATCH: i64 = 100;

/// How long the register may take to show what was erased.
const CATCH_UP: Duration = Duration::from_secs(5);

/// The timer.
pub struct EraseOldTexts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Does it.
    pub keeper: Keeper,
    /// How long, for every category.
    pub days: u32,
    /// How long, for some.
    pub days_of: BTreeMap<String, u32>,
}

impl EraseOldTexts {
    /// With the periods of the configuration.
    pub fn new(clock: Arc<dyn Clock>, keeper: Keeper, keeping: &Keeping) -> Self {
        let (days, days_of) = (keeping.retention_days, keeping.retention_days_of.clone());
        Self { clock, keeper, days, days_of }
    }

    /// Runs wherever the lease is won, until the process stops.
    pub fn start(self, context: &Context) {
        let (leases, stop) = (context.leases.clone(), context.lifecycle.soft_token());
        context.lifecycle.spawn(NAME, async move {
            leases.hold(NAME, &stop, || self.watch()).await;
            Ok::<(), Infallible>(())
        });
    }

    async fn watch(&self) {
        let mut seen = (u64::MAX, i64::MIN);
        loop {
            // Nothing comes due but by an event or by a minute that passed.
            let now = (self.keeper.records().position(), self.clock.now().0 / 60_000);
            if now != seen {
                match self.erase_due().await {
                    Ok(()) => seen = now,
                    Err(error) => {
                        tracing::warn!(reason = error.reason, "will erase old texts later");
                    }
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    async fn erase_due(&self) -> Result<(), ServiceError> {
        let now = self.clock.now().0;
        let by_category = self.days_of.iter().map(|(code, days)| (Some(code.as_str()), *days));
        for (category, days) in by_category.chain([(None, self.days)]) {
            let before = now - days_ms(days);
            let except: Vec<&str> = match category {
                Some(_) => Vec::new(),
                None => self.days_of.keys().map(String::as_str).collect(),
            };
            let wanted = personal_records::Closed { before, category, except: &except };
            loop {
                let due = personal_records::closed(self.keeper.records(), &wanted, BATCH).await?;
                let mut end = None;
                for (id, row) in &due {
                    let case: CaseId = id.parse().map_err(ServiceError::corrupt)?;
                    let moment = format!("{case}@{}", row.closed_at);
                    let request = Cause::moment(NAME, &moment).request();
                    end = end.max(Some(self.keeper.erase_case(&case, request).await?));
                }
                // What was erased is gone from the list before it is read again.
                let Some(end) = end else { break };
                if self.keeper.records().wait(end, CATCH_UP).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
