//! The one task of a process that writes its chain: what waits together is stored together.

use std::{pin::pin, sync::Arc};

use tokio::{
    sync::mpsc,
    time::{Duration, Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{Waiting, chain::Chain, refusals::Refusals};

/// The most records of one write.
const GROUP: usize = 256;

/// How often counted refusals are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long a write that failed waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a stop waits for a trail that takes nothing.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(
    mut chain: Chain,
    mut waiting: mpsc::Receiver<Waiting>,
    refusals: Arc<Refusals>,
    stop: CancellationToken,
) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut group = Vec::with_capacity(GROUP);
    let mut stopped = pin!(stop.cancelled());
    loop {
        tokio::select! {
            biased;
            count = waiting.recv_many(&mut group, GROUP) => if count == 0 { return },
            _ = look.tick() => group.extend(refusals.due()),
            () = &mut stopped => break,
        }
        write(&mut chain, &mut group, None).await;
    }
    waiting.close();
    let until = Instant::now() + LAST_PATIENCE;
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        write(&mut chain, &mut group, Some(until)).await;
    }
    group.extend(refusals.all());
    write(&mut chain, &mut group, Some(until)).await;
}

/// Writes a group. Whoever waits for a record hears at once that it failed; what was only noted is
/// written again until it is stored, or until the time is over.
async fn write(chain: &mut Chain, group: &mut Vec<Waiting>, until: Option<Instant>) {
    while !group.is_empty() {
        let written = chain.append(group.iter().map(|waiting| (waiting.at, &waiting.entry))).await;
        let Err(error) = written else {
            for waiting in group.drain(..) {
                answer(waiting, Ok(()));
            }
            return;
        };
        let (asked, noted): (Vec<_>, Vec<_>) =
            group.drain(..).partition(|waiting| waiting.stored.is_some());
        for waiting in asked {
            answer(waiting, Err(error.clone()));
        }
        *group = noted;
        if group.is_empty() {
            return;
        }
        if until.is_some_and(|until| Instant::now() >= until) {
            tracing::error!(%error, lost = group.len(), "audit records were not written before the end");
            group.clear();
            return;
        }
        tracing::warn!(%error, waiting = group.len(), "the audit trail will be written again");
        tokio::time::sleep(PAUSE).await;
    }
}

fn answer(waiting: Waiting, outcome: Result<(), crate::log::writer::AppendError>) {
    if let Some(stored) = waiting.stored {
        // Whoever asked may have given up; the record stands all the same.
        let _gone = stored.send(outcome);
    }
}
