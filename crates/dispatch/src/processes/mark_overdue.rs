//! The clocks of the orders. The next that rings is a column of their table; whoever holds the lease
//! reads it against the clock. It rings once and in time, also after a restart: the command's id
//! follows from the order, the clock and its time, and the order knows what has rung.

use std::{convert::Infallible, time::Duration};

use futures::{StreamExt as _, stream};
use kernel::{Timestamp, id::WorkOrderId};
use platform::{executor::Executor, process::Cause, projection::View, service::Context};

use super::target;
use crate::{
    domain::work_order::{self, WorkOrder},
    projections::work_orders::{self, Clock, WorkOrderRow},
};

const NAME: &str = "dispatch.mark_overdue";

/// How often the clock is read.
const TICK: Duration = Duration::from_millis(200);

/// How many orders are looked at together.
const ROWS: u32 = 500;

/// How many commands are under way at once.
const IN_FLIGHT: usize = 64;

/// Starts reading the clocks wherever the lease is won.
pub fn start(context: &Context, orders: View<WorkOrderRow>, executor: Executor<WorkOrder>) {
    let shared = context.clone();
    context.lifecycle.spawn(NAME, async move {
        let stop = shared.lifecycle.soft_token();
        let work = || async {
            loop {
                ring(&shared, &orders, &executor).await;
                tokio::time::sleep(TICK).await;
            }
        };
        let _stopped: Option<Infallible> = shared.leases.hold(NAME, &stop, work).await;
        Ok::<(), Infallible>(())
    });
}

/// Marks what is due now.
async fn ring(context: &Context, orders: &View<WorkOrderRow>, executor: &Executor<WorkOrder>) {
    let now = context.clock.now();
    let rows = match work_orders::due(orders, now.0, ROWS).await {
        Ok(rows) => rows,
        Err(error) => {
            tracing::warn!(%error, "the deadlines cannot be read; will try again");
            return;
        }
    };
    let clocks: Vec<_> = rows.into_iter().flat_map(|(id, row)| clocks_of(&id, &row, now)).collect();
    let reached: Vec<u64> = stream::iter(clocks)
        .map(|(order, clock, due)| mark(executor.clone(), order, clock, due))
        .buffer_unordered(IN_FLIGHT)
        .collect()
        .await;
    // What was written is to be seen before the table is read again.
    if let Some(last) = reached.into_iter().max() {
        let _next_time = orders.wait(last, Duration::from_secs(5)).await;
    }
}

/// The clocks of an order that are due now, with the moments at which they are.
fn clocks_of(id: &str, row: &WorkOrderRow, now: Timestamp) -> Vec<(WorkOrderId, Clock, i64)> {
    let Ok(order) = id.parse::<WorkOrderId>() else { return Vec::new() };
    row.clocks_due(now.0).into_iter().map(|(clock, due)| (order.clone(), clock, due)).collect()
}

/// Marks one clock, and answers with the place in the log where that is to be seen.
async fn mark(executor: Executor<WorkOrder>, order: WorkOrderId, clock: Clock, due: i64) -> u64 {
    let request = Cause::moment(NAME, &format!("{order}/{clock}/{due}")).request();
    let make = move |now| match clock {
        Clock::AtRisk => work_order::Clock::MarkAtRisk { at: now }.into(),
        Clock::Deadline(deadline) => work_order::Clock::MarkOverdue { at: now, deadline }.into(),
    };
    match executor.execute(target(&order, false), request, make).await {
        Ok(outcome) => outcome.position.sequence,
        Err(error) => {
            tracing::warn!(%order, %error, "a deadline is not marked; will try again");
            0
        }
    }
}
