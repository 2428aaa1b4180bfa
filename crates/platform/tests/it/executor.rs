//! The executor: each command once, whoever asks however often.

use std::sync::Arc;

use futures::future::join_all;
use kernel::Timestamp;
use platform::{
    executor::{ExecuteError, Executor, Outcome, Target},
    log::EventLog,
};
use testkit::ManualClock;
use tokio_util::task::TaskTracker;

use crate::{
    counter::{Command, Counter, Event, FULL, Refused, subject, target},
    ground::{Ground, counted, executor, head, request, verified},
};

type Answer = Result<Outcome<Counter>, ExecuteError<Refused>>;

fn who(name: &str) -> impl Fn(Timestamp) -> Command + Send + 'static {
    let name = name.to_owned();
    move |now| Command::Count(name.clone(), now)
}

fn refused(answer: &Answer) -> bool {
    matches!(answer, Err(ExecuteError::Rejected(Refused)))
}

/// One whose clock is a minute ahead.
fn executor_later(log: &EventLog) -> Executor<Counter> {
    let clock = ManualClock::default();
    clock.advance(std::time::Duration::from_mins(1));
    Executor::new(log.clone(), Arc::new(clock), TaskTracker::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_for_a_hot_aggregate_are_written_together_and_each_once() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let executor = &executor(&log);
    executor.execute(target("a"), request("open", ""), Command::Open).await.unwrap();
    let before = ground.writes();
    let answers = join_all((0..500).map(|number| async move {
        let name = format!("n{number}");
        executor.execute(target("a"), request(&name, &name), who(&name)).await.unwrap()
    }))
    .await;
    assert!(ground.writes() - before < 50, "{} writes for 500 commands", ground.writes() - before);
    let mut versions: Vec<u64> = answers.iter().map(|answer| answer.version).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=501).collect::<Vec<u64>>());
    // Each answer says where its own event is.
    let events = verified(&ground, &log).await;
    for (number, answer) in answers.iter().enumerate() {
        let place = usize::try_from(answer.position.sequence).unwrap() - 1;
        assert_eq!(events[place].meta.version, answer.version);
        assert_eq!(answer.events, [counted(&format!("n{number}"))]);
        assert_eq!(crate::ground::decoded(&events[place]), answer.events[0]);
    }
}

#[tokio::test]
async fn a_request_sent_twice_is_answered_as_the_first_time() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    let (here, there) = (executor(&log), executor(&other));
    here.execute(target("a"), request("open", ""), Command::Open).await.unwrap();
    let all = |now| Command::CountAll(vec!["x".to_owned(), "y".to_owned()], now);
    let first = here.execute(target("a"), request("1", "all"), all).await.unwrap();
    assert_eq!((first.version, first.replayed), (3, false));
    here.execute(target("a"), request("2", "z"), who("z")).await.unwrap();
    for executor in [here, there] {
        let again = executor.execute(target("a"), request("1", "all"), all).await.unwrap();
        assert!(again.replayed);
        assert_eq!((again.version, &again.position), (first.version, &first.position));
        assert_eq!(again.events, first.events);
        let reused = executor.execute(target("a"), request("1", "other"), who("q")).await;
        assert!(matches!(reused, Err(ExecuteError::RequestIdReused)), "{reused:?}");
    }
    assert_eq!(head(&log).await, 4);
}

#[tokio::test]
async fn a_request_sent_twice_at_once_is_carried_out_once() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    let (here, there) = (executor(&log), executor(&other));
    here.execute(target("a"), request("open", ""), Command::Open).await.unwrap();
    let send = |executor: &Executor<Counter>| {
        let executor = executor.clone();
        async move { executor.execute(target("a"), request("1", "x"), who("x")).await.unwrap() }
    };
    let answers = join_all([&here, &there, &here, &there].map(send)).await;
    assert_eq!(head(&log).await, 2);
    assert!(answers.iter().all(|answer| answer.position.sequence == 2 && answer.version == 2));
}

#[tokio::test]
async fn a_no_from_memory_is_checked_against_the_log() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    let (here, there) = (executor(&log), executor(&other));
    // Here it is known to be closed; elsewhere it is opened.
    let closed = here.execute(target("a"), request("1", "x"), who("x")).await;
    assert!(refused(&closed), "{closed:?}");
    here.execute(target("a"), request("open", ""), Command::Open).await.unwrap();
    here.execute(target("a"), request("close", ""), Command::Close).await.unwrap();
    there.execute(target("a"), request("again", ""), Command::Open).await.unwrap();
    let counted = here.execute(target("a"), request("2", "x"), who("x")).await.unwrap();
    assert_eq!(counted.version, 4);
    // And the other way: here it is known to be open.
    there.execute(target("a"), request("end", ""), Command::Close).await.unwrap();
    let late = here.execute(target("a"), request("3", "y"), who("y")).await;
    assert!(refused(&late), "{late:?}");
    assert_eq!(head(&log).await, 5);
}

#[tokio::test]
async fn what_is_already_so_is_answered_with_where_it_stands_and_writes_nothing() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let executor = executor(&log);
    executor.execute(target("b"), request("other", ""), Command::Open).await.unwrap();
    executor.execute(target("a"), request("open", ""), Command::Open).await.unwrap();
    let again = executor.execute(target("a"), request("again", ""), Command::Open).await.unwrap();
    assert_eq!((again.version, again.position.sequence), (1, 2));
    assert_eq!((again.events, again.replayed), (Vec::new(), false));
    assert_eq!(head(&log).await, 2);
    let nothing =
        executor.execute(target("c"), request("close", ""), Command::Close).await.unwrap();
    assert_eq!((nothing.version, nothing.position.sequence), (0, 0));
}

#[tokio::test]
async fn what_two_create_at_once_is_created_once() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    let new = |key| Target { creates: true, ..target(key) };
    let (here, there) = (executor(&log), executor_later(&other));
    let first = here.execute(new("a"), request("1", ""), Command::Open).await.unwrap();
    assert_eq!((first.version, first.replayed), (1, false));
    // Sent again, to a process whose time is another: the first answer counts.
    let retried = there.execute(new("a"), request("1", ""), Command::Open).await.unwrap();
    assert!(retried.replayed);
    assert_eq!((retried.position, retried.events), (first.position, first.events));
    let same = there.execute(new("a"), request("2", ""), Command::Open).await.unwrap();
    assert_eq!((same.version, same.events), (1, Vec::new()), "already so, found by the conflict");
    there.execute(target("a"), request("3", "x"), who("x")).await.unwrap();
    assert_eq!(verified(&ground, &log).await.len(), 2);
}

#[tokio::test]
async fn of_commands_queued_together_the_rules_hold_for_each() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let executor = &executor(&log);
    executor.execute(target("a"), request("open", ""), Command::Open).await.unwrap();
    let names: Vec<String> = (0..FULL - 10).map(|number| format!("n{number}")).collect();
    for some in names.chunks(330) {
        let some = some.to_vec();
        let name = some[0].clone();
        let all = move |now| Command::CountAll(some.clone(), now);
        executor.execute(target("a"), request(&name, &name), all).await.unwrap();
    }
    let answers = join_all((0..40).map(|number| async move {
        let name = format!("m{number}");
        executor.execute(target("a"), request(&name, &name), who(&name)).await
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert_eq!(answers.iter().filter(|answer| refused(answer)).count(), 30);
    let (state, version) = executor.load(&subject("a")).await.unwrap();
    assert_eq!((state.counted.len(), version), (FULL, FULL as u64 + 1));
}

#[tokio::test]
async fn time_never_runs_back_within_an_aggregate() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let clock = Arc::new(ManualClock::default());
    let executor = Executor::<Counter>::new(log.clone(), clock.clone(), TaskTracker::new());
    let opened = executor.execute(target("a"), request("1", ""), Command::Open).await.unwrap();
    clock.set(testkit::clock::START.plus_millis(-60_000));
    let closed = executor.execute(target("a"), request("2", ""), Command::Close).await.unwrap();
    assert_eq!(opened.events, [Event::Opened(testkit::clock::START.0)]);
    assert_eq!(closed.events, [Event::Closed(testkit::clock::START.0)]);
    verified(&ground, &log).await;
}

#[tokio::test]
async fn one_request_on_two_aggregates_is_two_commands() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let executor = &executor(&log);
    for counter in ["a", "b"] {
        let opened = executor.execute(target(counter), request("r1", ""), Command::Open).await;
        assert!(!opened.unwrap().replayed, "{counter}");
    }
    let events = verified(&ground, &log).await;
    assert_ne!(events[0].meta.commit, events[1].meta.commit);
    assert_ne!(events[0].meta.id, events[1].meta.id, "what follows from them is apart too");
}

#[test]
fn a_record_follows_from_its_text_and_a_creation_does_not() {
    let (one, other) = (request("r1", "text"), request("r1", "another text"));
    assert_ne!(one.record("text"), other.record("text"));
    assert_ne!(one.record("text"), one.record("contact"));
    assert_eq!(one.key("case"), other.key("case"), "a retry meets the same subject");
}
