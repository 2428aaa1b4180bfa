//! What lasts: events that come again, lost databases, and that no text is in the log.

use std::future::ready;

use async_nats::jetstream;
use futures::StreamExt as _;
use testkit::Db;

use crate::village::{EARNS, PROGRAMME, Village, by_hand, take_back};

on_both_databases! {
    what_is_delivered_twice_is_given_once
    deleted_databases_are_rebuilt_equal
    no_reason_is_in_the_log
}

/// Every process begins again at the first event of the log.
async fn forget_checkpoints(village: &Village) {
    let client = village.suite.context().log.stream().client().clone();
    let checkpoints = jetstream::new(client).get_key_value("weft_processes").await.unwrap();
    let keys = checkpoints.keys().await.unwrap();
    let keys: Vec<String> = keys.filter_map(|key| ready(key.ok())).collect().await;
    assert_eq!(keys.len(), 2, "{keys:?}");
    for key in keys {
        checkpoints.delete(key).await.unwrap();
    }
}

async fn what_is_delivered_twice_is_given_once(db: Db) {
    let village = Village::start(db).await;
    let stands = village.true_report("a", 1).await;
    let back = village.true_report("b", 2).await;
    village.suite.settled().await;
    village.reopened(&back, 2, EARNS, 2).await;
    let twice = village.true_report("c", 3).await;
    village.suite.settled().await;
    village.reopened(&twice, 3, EARNS, 2).await;
    village.suite.settled().await;
    village.resolved(&twice, true).await;
    village.suite.settled().await;
    let head = village.suite.head().await;

    forget_checkpoints(&village).await;
    let village = Village { suite: village.suite.restart().await };
    assert_eq!(village.balance(PROGRAMME, 1).await, 5, "{stands}");
    assert_eq!(village.balance(PROGRAMME, 2).await, 0);
    assert_eq!(village.balance(PROGRAMME, 3).await, 5);
    assert_eq!(village.suite.head().await, head, "nothing was written again");
}

async fn deleted_databases_are_rebuilt_equal(db: Db) {
    let village = Village::start(db).await;
    let case = village.true_report("a", 1).await;
    village.suite.settled().await;
    village.reopened(&case, 1, EARNS, 2).await;
    // So that the reversal gives room under the day's cap before the next award.
    village.suite.settled().await;
    village.true_report("b", 1).await;
    village.operator().award(by_hand("h", &village.person(1), 3)).await.unwrap();
    let before = village.statement(1).await;
    assert_eq!(before.len(), 4);

    let village = Village { suite: village.suite.restart_without_databases().await };
    assert_eq!(village.statement(1).await, before);
    assert_eq!(village.balance(PROGRAMME, 1).await, 8);
    for table in village.suite.context().running.tables() {
        if let Some(differences) = table.verify().await.unwrap() {
            assert_eq!(differences, [""; 0], "{}", table.table);
        }
    }
}

async fn no_reason_is_in_the_log(db: Db) {
    let village = Village::start(db).await;
    let mut operator = village.operator();
    let given = operator.award(by_hand("h", &village.person(1), 3)).await.unwrap().into_inner();
    operator.reverse_award(take_back("t", &given.award_id)).await.unwrap();
    let entries = village.statement(1).await;
    assert_eq!(entries[0].reason, "记错了人");
    let stream = village.suite.context().log.stream();
    for sequence in 1..=village.suite.head().await.sequence {
        let message = stream.read_sequence(sequence).await.unwrap().unwrap();
        let stored = format!("{} {:?}", String::from_utf8_lossy(&message.payload), message.headers);
        for text in ["记错了人", "帮邻居扫雪", "文明积分"] {
            assert!(!stored.contains(text), "{sequence}: {text}");
        }
    }
    // Whoever is erased takes the reasons along; the points stay.
    let owner = village.person(1).to_string();
    village.suite.context().vault.erase(&owner).await.unwrap();
    let entries = village.statement(1).await;
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.reason.is_empty()));
}
