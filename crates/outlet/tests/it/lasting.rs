//! In order, and each once: over restarts, crashes, and a stream whose messages are gone.

use crate::ground::{Told, assert_once_and_in_order, out, report, suite, told};

const VILLAGE: &str = "620821101203";

fn cases(told: &[Told]) -> usize {
    told.iter().filter(|told| told.name() == "case_reported").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_tells_nothing_twice() {
    let mut suite = suite().await;
    for round in 0..3 {
        report(&suite, VILLAGE, round * 200, 200).await;
        // Not settled: the outlet is somewhere in between.
        suite = suite.restart().await;
    }
    suite.settled().await;
    let told = told(&suite).await;
    assert_once_and_in_order(&told);
    assert_eq!(cases(&told), 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_server_in_the_middle_tells_nothing_twice() {
    let suite = suite().await;
    for round in 0..2 {
        report(&suite, VILLAGE, round * 200, 200).await;
        suite.nats().crash().await;
    }
    report(&suite, VILLAGE, 400, 50).await;
    suite.settled().await;
    let told = told(&suite).await;
    assert_once_and_in_order(&told);
    assert_eq!(cases(&told), 450);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_by_age_is_not_told_again() {
    let suite = suite().await;
    report(&suite, VILLAGE, 0, 20).await;
    suite.settled().await;
    // The same as age: the messages go, the sequence stays. The mark may be anywhere behind.
    let stream = out(&suite).await.get_stream("WEFT_PUBLIC_620821").await.unwrap();
    stream.purge().await.unwrap();
    let suite = suite.restart().await;
    report(&suite, VILLAGE, 20, 5).await;
    suite.settled().await;
    let told = told(&suite).await;
    assert_once_and_in_order(&told);
    let subjects: Vec<&str> = told.iter().map(|told| told.header("ce-subject")).collect();
    let expected: Vec<String> = (20..25).map(|number| format!("{VILLAGE}-c{number}")).collect();
    assert_eq!(subjects, expected);
}
