//! A timer over a table: whoever holds the lease looks at what is due next against the clock, and
//! rings when it is. The table is the list of what is due and the commands' ids follow from what is due
//! when: so each rings once, also after a restart.

use std::{convert::Infallible, sync::Arc, time::Duration};

use kernel::Timestamp;
use platform::{database::SqlError, service::Context};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// How long a table may take to show what was written.
pub const CATCH_UP: Duration = Duration::from_secs(5);

/// What is due, and what is done then.
pub trait Due: Send + Sync + 'static {
    /// The name, under which it holds its lease and acts.
    const NAME: &'static str;

    /// How far its table is; what is due next is looked up when that changes.
    fn position(&self) -> u64;

    /// When the next is due.
    fn next(&self) -> impl Future<Output = Result<Option<Timestamp>, SqlError>> + Send;

    /// Does what is due now, and waits until the table shows it.
    fn ring(&self, now: Timestamp) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// Runs wherever the lease is won, until the process stops.
pub fn start<D: Due>(due: D, context: &Context) {
    let (leases, stop) = (context.leases.clone(), context.lifecycle.soft_token());
    let clock = Arc::clone(&context.clock);
    context.lifecycle.spawn(D::NAME, async move {
        leases.hold(D::NAME, &stop, || watch(&due, &*clock)).await;
        Ok::<(), Infallible>(())
    });
}

async fn watch<D: Due>(due: &D, clock: &dyn kernel::Clock) {
    let (mut seen, mut next) = (None, None);
    loop {
        let position = due.position();
        if seen != Some(position) {
            match due.next().await {
                Ok(first) => (seen, next) = (Some(position), first),
                Err(error) => tracing::warn!(%error, timer = D::NAME, "will look again later"),
            }
        }
        let now = clock.now();
        if next.is_some_and(|next| next <= now) {
            if let Err(error) = due.ring(now).await {
                tracing::warn!(%error, timer = D::NAME, "will ring again later");
            }
            seen = None;
        }
        tokio::time::sleep(TICK).await;
    }
}
