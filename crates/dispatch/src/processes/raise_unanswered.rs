//! A step of a supervision that stays without an answer leads to the next. Whoever holds the lease
//! reads the table against the clock; the command's id follows from the supervision and its step, so
//! that each step is taken once.

use std::{convert::Infallible, sync::Arc, time::Duration};

use contracts::{dispatch::supervision::SupervisionStep, subject};
use kernel::id::SupervisionId;
use platform::{
    executor::{Executor, Target},
    process::Cause,
    projection::View,
    service::Context,
};

use crate::{
    domain::supervision::{Command, Supervision, Terms},
    facts::Facts,
    projections::supervisions::{self, SupervisionRow},
};

const NAME: &str = "dispatch.raise_unanswered";

/// How often the clock is read.
const TICK: Duration = Duration::from_millis(500);

/// How many supervisions are looked at together.
const ROWS: u32 = 200;

/// What raises unanswered steps.
#[derive(Clone)]
pub struct RaiseUnanswered {
    /// The supervisions.
    pub rows: View<SupervisionRow>,
    /// The limits and the calendar.
    pub facts: Facts,
    /// Executes on supervisions.
    pub executor: Executor<Supervision>,
}

impl RaiseUnanswered {
    /// Starts wherever the lease is won.
    pub fn start(self, context: &Context) {
        let shared = context.clone();
        context.lifecycle.spawn(NAME, async move {
            let stop = shared.lifecycle.soft_token();
            let work = || async {
                loop {
                    self.look(shared.clock.now().0).await;
                    tokio::time::sleep(TICK).await;
                }
            };
            let _stopped: Option<Infallible> = shared.leases.hold(NAME, &stop, work).await;
            Ok::<(), Infallible>(())
        });
    }

    async fn look(&self, now: i64) {
        let rows = match supervisions::unanswered(&self.rows, now, ROWS).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "unanswered supervisions cannot be read; will try again");
                return;
            }
        };
        let mut last = None;
        for (id, row) in rows {
            let (Ok(id), Ok(step)) = (id.parse(), row.step.parse()) else { continue };
            last = last.max(self.raise(id, step).await);
        }
        // What was written is to be seen before the table is read again.
        if let Some(last) = last {
            let _next_time = self.rows.wait(last, Duration::from_secs(5)).await;
        }
    }

    /// Takes one a step further, and answers with the place in the log where that is to be seen.
    async fn raise(&self, id: SupervisionId, step: SupervisionStep) -> Option<u64> {
        let target =
            Target { subject: subject::supervision(&id), id: id.to_string(), creates: false };
        let request = Cause::moment(NAME, &format!("{id}/{step}")).request();
        let terms: Arc<Terms> = Arc::new(self.facts.supervision_terms());
        let make = move |now| Command::RaiseUnanswered(now, step, (*terms).clone());
        match self.executor.execute(target, request, make).await {
            Ok(outcome) => Some(outcome.position.sequence),
            Err(error) => {
                tracing::warn!(supervision = %id, %error, "not raised; will try again");
                None
            }
        }
    }
}
