//! The ladder: an order that is late climbs by rule, once for each clock and tier. Whoever holds the
//! lease looks for those whose time has come, in every step of the ladder by itself, so that no step
//! waits for another; an order that is with nobody climbs as any other. The command's id follows from
//! the order, the clock and the tier, and the order knows to where it has climbed: a replica that dies
//! in the middle leaves nothing out and does nothing twice.

use std::{convert::Infallible, time::Duration};

use contracts::dispatch::{DeadlineKind, Tier};
use futures::{StreamExt as _, stream};
use kernel::id::WorkOrderId;
use platform::{executor::Executor, process::Cause, service::Context};

use super::target;
use crate::{
    config::Step,
    domain::work_order::{Upward, WorkOrder},
    facts::Facts,
    projections::work_orders,
};

const NAME: &str = "dispatch.escalate_late_orders";

/// How often the clock is read: the steps of a ladder are minutes.
const TICK: Duration = Duration::from_millis(500);

/// How many orders of a step are looked at together.
const ROWS: u32 = 500;

/// How many commands are under way at once.
const IN_FLIGHT: usize = 64;

/// Starts looking for late orders wherever the lease is won.
pub fn start(context: &Context, facts: Facts, executor: Executor<WorkOrder>) {
    let shared = context.clone();
    context.lifecycle.spawn(NAME, async move {
        let stop = shared.lifecycle.soft_token();
        let work = || async {
            loop {
                for step in facts.rules.ladder.steps() {
                    climb(&shared, &facts, &executor, step).await;
                }
                tokio::time::sleep(TICK).await;
            }
        };
        let _stopped: Option<Infallible> = shared.leases.hold(NAME, &stop, work).await;
        Ok::<(), Infallible>(())
    });
}

/// Lets the orders of one step climb whose time has come.
async fn climb(context: &Context, facts: &Facts, executor: &Executor<WorkOrder>, step: Step) {
    let since = context.clock.now().0.saturating_sub(step.after_ms);
    let from = work_orders::rung(step.to) - 1;
    let late = work_orders::late(&facts.orders, step.urgency, step.stage, from, since, ROWS).await;
    let rows = match late {
        Ok(rows) => rows,
        Err(error) => {
            tracing::warn!(%error, "late orders cannot be read; will try again");
            return;
        }
    };
    let orders = rows.into_iter().filter_map(|(id, _)| id.parse::<WorkOrderId>().ok());
    let reached: Vec<u64> = stream::iter(orders)
        .map(|order| escalate(facts, executor, order, step.stage, step.to))
        .buffer_unordered(IN_FLIGHT)
        .collect()
        .await;
    // What was written is to be seen before the table is read again.
    if let Some(last) = reached.into_iter().max() {
        let _next_time = facts.orders.wait(last, Duration::from_secs(5)).await;
    }
}

/// Lets one order climb, and answers with the place in the log where that is to be seen.
async fn escalate(
    facts: &Facts,
    executor: &Executor<WorkOrder>,
    order: WorkOrderId,
    stage: DeadlineKind,
    to: Tier,
) -> u64 {
    let request = Cause::moment(NAME, &format!("{order}/{stage}/{to}")).request();
    let desks = facts.desks(order.division());
    let make = move |now| Upward::EscalateOverdue(now, stage, to, desks.clone()).into();
    match executor.execute(target(&order, false), request, make).await {
        Ok(outcome) => outcome.position.sequence,
        Err(error) => {
            tracing::warn!(%order, %error, "a late order has not climbed; will try again");
            0
        }
    }
}
