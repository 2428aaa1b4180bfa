//! The clocks of working together: signatures and tasks of convocations, tasks of campaigns, teams of
//! incidents. The next that rings is a column of each table; whoever holds the lease reads it against
//! the clock. Each rings once and in time, also after a restart: the command's id follows from the row
//! and the moment, and the aggregate knows what has rung.

use std::{convert::Infallible, time::Duration};

use futures::{StreamExt as _, stream};
use kernel::{Aggregate, StoredEvent, Timestamp};
use platform::{
    database::table::Row,
    executor::{Executor, Target},
    process::Cause,
    projection::View,
    service::Context,
};

use crate::{
    coordination::{Addressed as _, Executors, Tables},
    domain::{
        campaign_task::Command as OfCampaignTask, convocation::Command as OfConvocation,
        incident::Command as OfIncident,
    },
    projections::scoped,
};

const NAME: &str = "dispatch.ring_coordination";

/// How often the clock is read.
const TICK: Duration = Duration::from_millis(200);

/// How many rows of a table are looked at together.
const ROWS: u32 = 500;

/// How many commands are under way at once.
const IN_FLIGHT: usize = 64;

/// Starts reading the clocks wherever the lease is won.
pub fn start(context: &Context, tables: Tables, executors: Executors) {
    let shared = context.clone();
    context.lifecycle.spawn(NAME, async move {
        let stop = shared.lifecycle.soft_token();
        let work = || async {
            loop {
                ring_all(shared.clock.now(), &tables, &executors).await;
                tokio::time::sleep(TICK).await;
            }
        };
        let _stopped: Option<Infallible> = shared.leases.hold(NAME, &stop, work).await;
        Ok::<(), Infallible>(())
    });
}

async fn ring_all(now: Timestamp, tables: &Tables, executors: &Executors) {
    // In minutes first, in days last.
    ring(now, &tables.incident_teams, &executors.incidents, |key, row| {
        let (incident, team) = key.split_once('/')?;
        let (incident, team) =
            (incident.parse::<kernel::id::IncidentId>().ok()?, team.parse().ok()?);
        let make = move |at| OfIncident::MarkClocks { at, team: kernel::id::TeamId::clone(&team) };
        Some((incident.target(false), row.next_due, make))
    })
    .await;
    ring(now, &tables.bodies, &executors.convocations, |key, row| {
        let (convocation, body) = key.split_once('/')?;
        let convocation = convocation.parse::<kernel::id::ConvocationId>().ok()?;
        let organisation = body.parse::<kernel::id::OrganisationId>().ok()?;
        let make = move |at| OfConvocation::MarkUnsigned { at, organisation: organisation.clone() };
        Some((convocation.target(false), row.next_due, make))
    })
    .await;
    ring(now, &tables.tasks, &executors.convocations, |key, row| {
        let convocation = key.split_once('/')?.0.parse::<kernel::id::ConvocationId>().ok()?;
        let task = u32::try_from(row.number).ok()?;
        let make = move |at| OfConvocation::MarkTaskOverdue { at, task };
        Some((convocation.target(false), row.next_due, make))
    })
    .await;
    ring(now, &tables.campaign_tasks, &executors.campaign_tasks, |key, row| {
        let task = key.parse::<kernel::id::CampaignTaskId>().ok()?;
        let make = |at| OfCampaignTask::RemindCampaignTask { at };
        Some((task.target(false), row.next_due, make))
    })
    .await;
}

/// Rings what is due now in one table: `command` says of a row which command, and of which moment.
async fn ring<R, A, M>(
    now: Timestamp,
    view: &View<R>,
    executor: &Executor<A>,
    command: impl Fn(&str, &R) -> Option<(Target, i64, M)>,
) where
    R: Row,
    A: Aggregate,
    A::Event: StoredEvent,
    M: Fn(Timestamp) -> A::Command + Send + 'static,
{
    let rows = match scoped::due(view, now.0, ROWS).await {
        Ok(rows) => rows,
        Err(error) => {
            tracing::warn!(%error, table = R::TABLE, "the clocks cannot be read; will try again");
            return;
        }
    };
    let commands: Vec<_> = rows
        .iter()
        .filter_map(|(key, row)| {
            let (target, due, make) = command(key, row)?;
            let request = Cause::moment(NAME, &format!("{}/{key}/{due}", R::TABLE)).request();
            Some(executor.execute(target, request, make))
        })
        .collect();
    let rung = stream::iter(commands).buffer_unordered(IN_FLIGHT);
    let reached: Vec<u64> = rung
        .map(|outcome| match outcome {
            Ok(outcome) => outcome.position.sequence,
            Err(error) => {
                tracing::warn!(%error, table = R::TABLE, "a clock is not rung; will try again");
                0
            }
        })
        .collect()
        .await;
    // What was written is to be seen before the table is read again.
    if let Some(last) = reached.into_iter().max() {
        let _next_time = view.wait(last, Duration::from_secs(5)).await;
    }
}
