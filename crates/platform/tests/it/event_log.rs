//! The event log on a real nats-server.

use futures::future::join_all;
use platform::log::{
    Tail,
    writer::{AppendError, WriterSettings},
};

use crate::{
    counter::{Event, subject},
    ground::{Ground, after, append, commit, counted, decoded, head, run, verified},
};

fn conflict(key: &str) -> AppendError {
    AppendError::Conflict { subject: subject(key) }
}

#[tokio::test]
async fn what_is_appended_is_read_back_in_order_with_its_chain() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    assert_eq!(append(&log, "1", "a", &[counted("x")]).await, Ok(vec![1]));
    assert_eq!(append(&log, "2", "b", &[counted("y")]).await, Ok(vec![2]));
    assert_eq!(append(&log, "3", "a", &[counted("z"), counted("w")]).await, Ok(vec![4]));
    let events = verified(&ground, &log).await;
    let there: Vec<Event> = events.iter().map(decoded).collect();
    assert_eq!(there, ["x", "y", "z", "w"].map(counted));
    let last = &events[3];
    assert_eq!((last.meta.version, last.index, last.count), (3, 2, 2));
    assert_eq!((last.meta.commit, last.aggregate_id()), (commit("3"), "620821101203-a"));
}

#[tokio::test]
async fn who_decided_on_an_older_state_is_refused() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    append(&log, "1", "a", &[counted("x")]).await.unwrap();
    let stale = || run("late", "a", &Tail::default(), &[counted("y")]);
    // By this process, which knows better, and by one that does not.
    assert_eq!(log.append(commit("late"), vec![stale()]).await, Err(conflict("a")));
    assert_eq!(other.append(commit("late"), vec![stale()]).await, Err(conflict("a")));
    assert_eq!(head(&log).await, 1);
}

#[tokio::test]
async fn a_commit_on_several_aggregates_is_stored_as_a_whole_or_not_at_all() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    let none = Tail::default();
    let both =
        || vec![run("1", "a", &none, &[counted("x")]), run("1", "b", &none, &[counted("x")])];
    assert_eq!(log.append(commit("1"), both()).await, Ok(vec![1, 2]));
    for log in [&log, &other] {
        let some =
            || vec![run("2", "c", &none, &[counted("y")]), run("2", "b", &none, &[counted("y")])];
        assert_eq!(log.append(commit("2"), some()).await, Err(conflict("b")));
    }
    assert_eq!(head(&log).await, 2, "nothing of the refused commit is there");
    verified(&ground, &log).await;
}

#[tokio::test]
async fn in_a_batch_only_the_stale_commit_is_refused() {
    let ground = Ground::new().await;
    let (log, other) = (ground.log().await, ground.log().await);
    append(&other, "first", "k7", &[counted("x")]).await.unwrap();
    let (log, none) = (&log, &Tail::default());
    let answers = join_all((0..100).map(|number| async move {
        let key = format!("k{number}");
        log.append(commit(&key), vec![run(&key, &key, none, &[counted(&key)])]).await
    }))
    .await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), number != 7, "{number}: {answer:?}");
    }
    assert_eq!(answers[7], Err(conflict("k7")));
    assert_eq!(verified(&ground, log).await.len(), 100);
    assert!(ground.writes() < 60, "{} writes for 100 commits", ground.writes());
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_sent_again_and_is_there_once() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let none = Tail::default();
    let both =
        || vec![run("1", "a", &none, &[counted("x")]), run("1", "b", &none, &[counted("x")])];
    let alone = || vec![run("2", "c", &none, &[counted("y"), counted("z")])];
    let (ends, end) =
        (log.append(commit("1"), both()).await, log.append(commit("2"), alone()).await);
    assert_eq!((&ends, &end), (&Ok(vec![1, 2]), &Ok(vec![4])));
    for again in [&log, &ground.log().await] {
        assert_eq!(again.append(commit("1"), both()).await, ends);
        assert_eq!(again.append(commit("2"), alone()).await, end);
    }
    assert_eq!(head(&log).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_writes_loses_and_doubles_nothing() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let until_stored = |number: usize| {
        let log = log.clone();
        async move {
            let key = format!("k{}", number % 40);
            let name = format!("n{number}");
            loop {
                // The tail is read before each sending, as whoever decides anew would; a commit that
                // is there already is told by its id.
                let Ok(history) = log.load(&subject(&key), 1).await else { continue };
                if history.iter().any(|event| event.meta.commit == commit(&name)) {
                    return;
                }
                let run = run(&name, &key, &after(&history), &[counted(&name)]);
                if log.append(commit(&name), vec![run]).await.is_ok() {
                    return;
                }
            }
        }
    };
    let writing = join_all((0..400).map(until_stored));
    let crashing = async {
        let some = || async { head(&log).await > 20 };
        testkit::until("some events", some).await;
        ground.nats.crash().await;
    };
    futures::join!(writing, crashing);
    let events = verified(&ground, &log).await;
    assert_eq!(events.len(), 400, "each once");
}

#[tokio::test]
async fn a_full_log_says_so_and_keeps_what_it_has() {
    let ground = Ground::new().await;
    let log = ground.log_with(40_000, WriterSettings::default()).await;
    let mut stored = 0;
    let error = loop {
        let key = format!("k{stored}");
        match append(&log, &key, &key, &[counted("x")]).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AppendError::Full { .. }), "{error}");
    assert!(error.to_string().contains("raise its limit"), "{error}");
    let (log, none) = (&log, &Tail::default());
    let together = join_all((0..50).map(|number| async move {
        let key = format!("m{number}");
        log.append(commit(&key), vec![run(&key, &key, none, &[counted("x")])]).await
    }))
    .await;
    for answer in together {
        assert!(matches!(answer, Err(AppendError::Full { .. })), "{answer:?}");
    }
    assert_eq!(verified(&ground, log).await.len(), stored);
}

#[tokio::test]
async fn beyond_the_queue_callers_are_told_to_come_back() {
    let ground = Ground::new().await;
    let few = WriterSettings { queue: 4, ..WriterSettings::default() };
    let log = &ground.log_with(64 << 20, few).await;
    let none = &Tail::default();
    let answers = join_all((0..200).map(|number| async move {
        let key = format!("k{number}");
        log.append(commit(&key), vec![run(&key, &key, none, &[counted("x")])]).await
    }))
    .await;
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    let busy = answers.iter().filter(|answer| **answer == Err(AppendError::Busy)).count();
    assert_eq!(stored + busy, 200, "{answers:?}");
    assert!(stored >= 4 && busy > 100, "{stored} stored, {busy} refused");
    assert_eq!(verified(&ground, log).await.len(), stored, "what was refused is not there");
}

#[tokio::test]
async fn a_wildcard_finds_every_subject_and_keeps_the_order_of_the_log() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    for (commit, key) in [("1", "b"), ("2", "a"), ("3", "c"), ("4", "a")] {
        append(&log, commit, key, &[counted(key)]).await.unwrap();
    }
    let every = subject("*");
    let found = |events: Vec<platform::log::Recorded>| {
        events.iter().map(|event| (event.meta.sequence, event.aggregate_id().to_owned())).collect()
    };
    let all: Vec<(u64, String)> = found(log.load(&every, 1).await.unwrap());
    let id = |key: &str| format!("620821101203-{key}");
    assert_eq!(all, [(1, id("b")), (2, id("a")), (3, id("c")), (4, id("a"))]);
    let late: Vec<(u64, String)> = found(log.load(&every, 3).await.unwrap());
    assert_eq!(late, [(3, id("c")), (4, id("a"))]);
    let none = log.load(&every.replace("620821", "620822"), 1).await.unwrap();
    assert!(none.is_empty());
    // From a moment on, by the server's clock.
    let stream = log.stream();
    let third = stream.read_sequence(3).await.unwrap().unwrap().stored_at;
    let first = stream.first_since(third).await.unwrap();
    assert!((1..=3).contains(&first), "{first}: stored in the same millisecond at the earliest");
    let later = stream.state().await.unwrap().at.plus_millis(60_000);
    assert_eq!(stream.first_since(later).await.unwrap(), 0);
}
