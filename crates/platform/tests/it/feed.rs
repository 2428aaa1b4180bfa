//! The feed: every event to every reader, and a halt where events are missing.

use platform::{
    log::{
        feed::FeedError,
        stream::{StreamHandle, StreamSettings},
    },
    nats_server::Account,
};
use testkit::until;

use crate::ground::{Ground, append, counted, fill, read_to, settings};

fn sequences(events: &[platform::log::Recorded]) -> Vec<u64> {
    events.iter().map(|event| event.meta.sequence).collect()
}

#[tokio::test]
async fn every_reader_gets_every_event_whenever_it_joins() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let (feed, _) = ground.feed(&log);
    fill(&log, 0..300).await;
    let (mut one, mut behind) = (feed.subscribe(0), feed.subscribe(250));
    assert_eq!(sequences(&read_to(&mut one, 300).await), (1..=300).collect::<Vec<u64>>());
    // What it has applied already may come again.
    let behind = sequences(&read_to(&mut behind, 300).await);
    assert!(behind.ends_with(&(251..=300).collect::<Vec<u64>>()), "{behind:?}");
    let mut late = feed.subscribe(0);
    assert_eq!(sequences(&read_to(&mut late, 300).await).len(), 300);
    fill(&log, 300..310).await;
    for reader in [&mut one, &mut late] {
        assert_eq!(read_to(reader, 310).await.last().unwrap().meta.sequence, 310);
    }
    assert_eq!(feed.head(), 310);
}

#[tokio::test]
async fn a_reader_that_went_away_does_not_hold_the_others_back() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let (feed, _) = ground.feed(&log);
    let (gone, mut stays) = (feed.subscribe(0), feed.subscribe(0));
    drop(gone);
    fill(&log, 0..50).await;
    assert_eq!(read_to(&mut stays, 50).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_costs_the_readers_nothing() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    let (feed, _) = ground.feed(&log);
    let mut reader = feed.subscribe(0);
    fill(&log, 0..100).await;
    read_to(&mut reader, 50).await;
    ground.nats.crash().await;
    fill(&log, 100..200).await;
    // Joins while the feed may still be reconnecting.
    let mut late = feed.subscribe(0);
    assert_eq!(sequences(&read_to(&mut late, 200).await), (1..=200).collect::<Vec<u64>>());
    assert_eq!(read_to(&mut reader, 200).await.last().unwrap().meta.sequence, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_while_events_flow_is_no_gap() {
    let ground = Ground::new().await;
    let (log, writer) = (ground.log().await, ground.log().await);
    let (feed, mut halted) = ground.feed(&log);
    let mut reader = feed.subscribe(0);
    let writing = async {
        for round in 0..20 {
            fill(&writer, round * 200..(round + 1) * 200).await;
        }
    };
    let breaking = async {
        for round in 1..=10_u64 {
            until("events flow", || async { feed.head() > round * 300 }).await;
            log.stream().client().force_reconnect().await.unwrap();
        }
    };
    let (read, (), ()) = futures::join!(read_to(&mut reader, 4_000), writing, breaking);
    assert_eq!(sequences(&read), (1..=4_000).collect::<Vec<u64>>());
    assert!(halted.try_recv().is_err());
}

#[tokio::test]
async fn events_that_are_missing_halt_it_with_where_and_what_to_do() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    // The log refuses to lose anything: put a stream in its place that does not.
    let core = ground.nats.client(Account::Core).await;
    async_nats::jetstream::new(core.clone()).delete_stream(log.name()).await.unwrap();
    let loose = StreamSettings {
        name: log.name().to_owned(),
        subjects: vec!["weft.620821.>".to_owned()],
        max_bytes: settings(1 << 20).max_bytes,
        replicas: 1,
        erasable: true,
    };
    let loose = StreamHandle::open(core, &loose).await.unwrap();
    fill(&log, 0..10).await;
    loose.erase(4).await.unwrap();
    let (feed, mut halted) = ground.feed(&log);
    let mut reader = feed.subscribe(0);
    let error = halted.recv().await.unwrap();
    assert!(matches!(error, FeedError::Gap { expected_after: 3, found: 5, .. }), "{error:?}");
    assert!(error.to_string().contains("weft verify"), "{error}");
    let mut before = Vec::new();
    while let Some(batch) = reader.recv().await {
        before.extend(sequences(&batch));
    }
    assert!(before.iter().all(|sequence| *sequence <= 3), "{before:?}");
}

#[tokio::test]
async fn a_log_that_ends_before_what_was_applied_halts_it() {
    let ground = Ground::new().await;
    let log = ground.log().await;
    append(&log, "1", "a", &[counted("x")]).await.unwrap();
    let (feed, mut halted) = ground.feed(&log);
    let mut reader = feed.subscribe(7);
    let error = halted.recv().await.unwrap();
    assert!(matches!(error, FeedError::Shrunk { last: 1, applied: 7, .. }), "{error:?}");
    assert!(reader.recv().await.is_none());
}
