//! The dates on which an agreement is looked at again. The next is a column of the table; whoever
//! holds the lease reads it against the clock, and it rings once.

use std::{convert::Infallible, time::Duration};

use contracts::subject;
use kernel::id::WorkOrderId;
use platform::{
    executor::{Executor, Target},
    process::Cause,
    projection::View,
    service::Context,
};

use crate::{
    domain::mediation::{Command, Mediation},
    projections::mediations::{self, MediationRow},
};

const NAME: &str = "dispatch.mediation_dates";

/// How often the clock is read: such a date is a day.
const TICK: Duration = Duration::from_millis(500);

/// How many mediations are looked at together.
const ROWS: u32 = 100;

/// Starts reading the dates wherever the lease is won.
pub fn start(context: &Context, rows: View<MediationRow>, executor: Executor<Mediation>) {
    let shared = context.clone();
    context.lifecycle.spawn(NAME, async move {
        let stop = shared.lifecycle.soft_token();
        let work = || async {
            loop {
                ring(&shared, &rows, &executor).await;
                tokio::time::sleep(TICK).await;
            }
        };
        let _stopped: Option<Infallible> = shared.leases.hold(NAME, &stop, work).await;
        Ok::<(), Infallible>(())
    });
}

/// Marks what has come.
async fn ring(context: &Context, rows: &View<MediationRow>, executor: &Executor<Mediation>) {
    let now = context.clock.now().0;
    let due = match mediations::due(rows, now, ROWS).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "the dates of mediations cannot be read; will try again");
            return;
        }
    };
    let mut last = 0;
    for (id, row) in due {
        let Ok(order) = id.parse::<WorkOrderId>() else { continue };
        for (number, moment) in row.dates().into_iter().filter(|(_, moment)| *moment <= now) {
            let request = Cause::moment(NAME, &format!("{order}/{number}/{moment}")).request();
            let target =
                Target { subject: subject::mediation(&order), id: id.clone(), creates: false };
            let make = move |at| Command::MarkFollowUpDue { at, number };
            match executor.execute(target, request, make).await {
                Ok(outcome) => last = last.max(outcome.position.sequence),
                Err(error) => {
                    tracing::warn!(%order, %error, "a date is not marked; will try again");
                }
            }
        }
    }
    // What was written is to be seen before the table is read again.
    if last > 0 {
        let _next_time = rows.wait(last, Duration::from_secs(5)).await;
    }
}
