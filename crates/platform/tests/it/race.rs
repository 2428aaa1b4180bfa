//! Three processes write to the same few hundred aggregates at once: this test binary again, each
//! with an executor of its own. Every command counts exactly once, whatever the others do.

use std::{
    collections::HashMap,
    process::{Child, Command as Program, Stdio},
};

use futures::StreamExt as _;
use kernel::{Timestamp, fold};
use platform::{
    executor::ExecuteError,
    lifecycle::Lifecycle,
    log::writer::{AppendError, WriterSettings},
    nats_server::{Account, connect},
};

use crate::{
    counter::{Command, Counter, State, target},
    ground::{self, Ground, decoded, executor, request, verified},
};

const WORKERS: usize = 3;
const AGGREGATES: usize = 200;
const COMMANDS: usize = 1_000;

fn worker(ground: &Ground, name: usize) -> Child {
    Program::new(std::env::current_exe().unwrap())
        .args(["--exact", "race::worker_process", "--nocapture"])
        .env("RACE_WORKER", name.to_string())
        .env("RACE_NATS", ground.nats.url())
        .env("RACE_SEED", ground.nats.managed().credentials(Account::Core))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_on_the_same_aggregates_lose_and_double_nothing() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let mut workers: Vec<Child> = (0..WORKERS).map(|name| worker(&ground, name)).collect();
    for worker in &mut workers {
        let status = tokio::task::block_in_place(|| worker.wait()).unwrap();
        assert!(status.success(), "a worker failed, see above");
    }
    let events = verified(&ground, &log).await;
    let mut states: HashMap<String, State> = HashMap::new();
    for event in &events {
        let state = states.remove(&event.subject).unwrap_or_default();
        states.insert(event.subject.clone(), fold::<Counter>(state, [&decoded(event)]));
    }
    assert_eq!(states.len(), AGGREGATES);
    let opened = events.iter().filter(|event| event.ce_type.contains("opened")).count();
    assert_eq!(opened, AGGREGATES, "each is opened once, by whoever was first");
    let mut counted: Vec<String> = states.into_values().flat_map(|state| state.counted).collect();
    counted.sort();
    let mut expected: Vec<String> = (0..WORKERS)
        .flat_map(|name| (0..COMMANDS).map(move |number| format!("{name}-{number}")))
        .collect();
    expected.sort();
    assert_eq!(counted, expected);
}

/// Does nothing unless it is told, by its environment, that it is a worker.
#[tokio::test(flavor = "multi_thread")]
async fn worker_process() {
    let (Some(name), Some(url), Some(seed)) =
        (variable("RACE_WORKER"), variable("RACE_NATS"), variable("RACE_SEED"))
    else {
        return;
    };
    let client = connect(&url, &seed, "worker").await.unwrap();
    let life = Lifecycle::new(std::time::Duration::ZERO);
    let log =
        ground::open(client, 64 << 20, WriterSettings::default(), &life, &<_>::default()).await;
    let executor = &executor(&log);
    let name = &name;
    futures::stream::iter(0..COMMANDS)
        .for_each_concurrent(64, |number| async move {
            // Each in an order of its own, so that they meet on different aggregates.
            let stride = [7, 11, 13][usize::from(name.as_bytes()[0] - b'0')];
            let key = format!("k{}", number * stride % AGGREGATES);
            let who = format!("{name}-{number}");
            let count = {
                let who = who.clone();
                move |now: Timestamp| Command::Count(who.clone(), now)
            };
            // Whoever is refused, or told to try again, sends the same again.
            loop {
                let sent = request(&who, &who);
                match executor.execute(target(&key), sent, count.clone()).await {
                    Ok(_) => return,
                    Err(ExecuteError::Rejected(_)) => {
                        let open = format!("open-{key}");
                        let opening = request(&open, &open);
                        let opened = executor.execute(target(&key), opening, Command::Open).await;
                        assert!(matches!(opened, Ok(_) | Err(ExecuteError::Conflict(_))));
                    }
                    Err(ExecuteError::Conflict(_) | ExecuteError::Append(AppendError::Busy)) => {}
                    Err(error) => unreachable!("{error}"),
                }
            }
        })
        .await;
    life.stop_now();
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how a test's process is told what it is")]
    std::env::var(name).ok()
}
