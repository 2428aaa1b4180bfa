//! Leases: one of several works, and another takes over.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use platform::{lease::Leases, nats_server::Account};
use testkit::until;
use tokio_util::sync::CancellationToken;

use crate::ground::Ground;

/// Whoever holds the lease, counted while it does.
#[derive(Clone, Default)]
struct Work {
    working: Arc<AtomicUsize>,
    both: Arc<AtomicBool>,
}

struct Shift(Work);

impl Work {
    async fn forever(&self) {
        let others = self.working.fetch_add(1, Ordering::SeqCst);
        self.both.fetch_or(others > 0, Ordering::SeqCst);
        let _ends_when_dropped = Shift(self.clone());
        std::future::pending::<()>().await;
    }

    fn is_done(&self) -> bool {
        self.working.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::SeqCst);
    }
}

fn hold(
    ground: &Ground,
    leases: Leases,
    work: &Work,
) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let (stop, work) = (CancellationToken::new(), work.clone());
    let stopped = stop.clone();
    let task = ground.life.spawn("holder", async move {
        leases.hold("the.work", &stopped, || work.forever()).await;
        Ok::<(), std::convert::Infallible>(())
    });
    (stop, task)
}

async fn leases(ground: &Ground, holder: &str) -> Leases {
    Leases::open(ground.nats.client(Account::Core).await, "620821".parse().unwrap(), holder)
        .await
        .unwrap()
}

#[tokio::test]
async fn one_works_and_another_takes_over_at_once_when_it_stops() {
    let ground = Ground::new().await;
    let (first, second) = (Work::default(), Work::default());
    let (stop, task) = hold(&ground, leases(&ground, "first").await, &first);
    until("the first works", || async { first.is_done() }).await;
    let (_other, _) = hold(&ground, leases(&ground, "second").await, &second);
    // Longer than a term, so that the first must have renewed.
    let begun = Instant::now();
    until("a term has passed", || async {
        assert!(!second.is_done(), "two work at once");
        begun.elapsed() > Duration::from_millis(7_500)
    })
    .await;
    assert!(first.is_done());
    stop.cancel();
    task.await.unwrap();
    let released = Instant::now();
    until("the second works", || async { second.is_done() }).await;
    assert!(released.elapsed() < Duration::from_secs(2), "{:?}", released.elapsed());
    assert!(!first.is_done());
}

#[tokio::test]
async fn another_takes_over_from_one_that_died() {
    let ground = Ground::new().await;
    let (first, second) = (Work::default(), Work::default());
    let (_stop, task) = hold(&ground, leases(&ground, "first").await, &first);
    until("the first works", || async { first.is_done() }).await;
    task.abort();
    let (_other, _) = hold(&ground, leases(&ground, "second").await, &second);
    until("the second works", || async { second.is_done() }).await;
    assert!(!first.is_done());
}

#[tokio::test]
async fn a_lease_is_held_again_after_nats_server_was_killed() {
    let ground = Ground::new().await;
    let (first, second) = (Work::default(), Work::default());
    let (stop, task) = hold(&ground, leases(&ground, "first").await, &first);
    until("the first works", || async { first.is_done() }).await;
    ground.nats.crash().await;
    // Whatever became of the first's holding, the bucket is there and somebody works.
    let (_other, _) = hold(&ground, leases(&ground, "second").await, &second);
    until("one of the two works", || async { first.is_done() || second.is_done() }).await;
    stop.cancel();
    task.await.unwrap();
    until("the second works", || async { second.is_done() }).await;
}
