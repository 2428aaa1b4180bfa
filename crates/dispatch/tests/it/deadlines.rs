//! The clocks of an order, with a clock that the test moves.

use std::time::Duration;

use kernel::Timestamp;
use testkit::{Db, until};

use crate::{
    county::{County, FOR_MEMBERS, FOR_THE_TEAM, MEMBER},
    orders::{accept, feedback},
};

crate::on_both_databases! {
    each_clock_rings_once_at_its_time
    clocks_ring_after_a_restart_and_not_again
    a_warning_comes_before_the_time_and_another_ring_at_three_times_the_limit
}

/// Waits until an order has so many overdue events, and gives when they happened.
async fn rung(county: &County, id: &str, times: usize) -> Vec<i64> {
    let count = async || {
        let timeline = county.get(id).await.timeline;
        let overdue = timeline.into_iter().filter(|entry| entry.event == "work_order_overdue");
        overdue.map(|entry| entry.occurred_at).collect::<Vec<_>>()
    };
    until("the clock rings", async || count().await.len() >= times).await;
    county.suite.settled().await;
    let rung = count().await;
    assert_eq!(rung.len(), times);
    rung
}

async fn each_clock_rings_once_at_its_time(db: Db) {
    let county = County::start(db).await;
    let in_time = county.order("c1", FOR_MEMBERS).await;
    let mut member = county.member(MEMBER);
    member.accept_work_order(accept(&in_time.work_order_id, "a")).await.unwrap();
    member.submit_feedback(feedback(&in_time.work_order_id, "f")).await.unwrap();
    let first = county.order("c2", FOR_THE_TEAM).await;
    county.suite.clock().advance(Duration::from_millis(1));
    let second = county.order("c3", FOR_THE_TEAM).await;
    let id = second.work_order_id.as_str();

    // When the first rings, the second was looked at and had a millisecond left.
    county.suite.clock().set(Timestamp(second.accept_due - 1));
    assert_eq!(rung(&county, &first.work_order_id, 1).await, [first.accept_due]);
    assert!(!county.get(id).await.work_order.unwrap().overdue);
    county.suite.clock().set(Timestamp(second.accept_due));
    assert_eq!(rung(&county, id, 1).await, [second.accept_due]);
    assert!(county.get(id).await.work_order.unwrap().overdue);
    county.suite.clock().set(Timestamp(second.due));
    assert_eq!(rung(&county, id, 2).await, [second.accept_due, second.due]);
    rung(&county, &first.work_order_id, 2).await;
    let history = county.history(&in_time.work_order_id).await;
    assert!(!history.contains(&"work_order_overdue".to_owned()), "{history:?}");
}

async fn clocks_ring_after_a_restart_and_not_again(db: Db) {
    let county = County::start(db).await;
    let first = county.order("c1", FOR_THE_TEAM).await;
    let accepted = county.order("c2", FOR_MEMBERS).await;
    let mut member = county.member(MEMBER);
    member.accept_work_order(accept(&accepted.work_order_id, "a")).await.unwrap();
    drop(member);
    county.suite.settled().await;
    let county = County { suite: county.suite.restart().await };
    county.suite.clock().set(Timestamp(first.accept_due));
    rung(&county, &first.work_order_id, 1).await;
    rung(&county, &accepted.work_order_id, 1).await;

    let county = County { suite: county.suite.restart_without_databases().await };
    // The sweep that rings this one looks at the others too, and leaves them alone.
    let later = county.order("c3", FOR_THE_TEAM).await;
    county.suite.clock().set(Timestamp(later.accept_due));
    rung(&county, &later.work_order_id, 1).await;
    rung(&county, &first.work_order_id, 1).await;
    // Two working hours from ten: three times that is over at six, too.
    rung(&county, &accepted.work_order_id, 2).await;
}

async fn a_warning_comes_before_the_time_and_another_ring_at_three_times_the_limit(db: Db) {
    let county = County::start(db).await;
    // Three working days from Monday at ten.
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let seen = async || {
        let timeline = county.get(id).await.timeline.into_iter();
        let clocks = timeline.filter(|entry| {
            ["work_order_at_risk", "work_order_overdue"].contains(&entry.event.as_str())
        });
        clocks.map(|entry| (entry.event, entry.occurred_at)).collect::<Vec<_>>()
    };
    let at = |text: &str| Timestamp::from_rfc3339(&format!("{text}:00+08:00")).unwrap();
    county.suite.clock().set(Timestamp(order.accept_due));
    until("acceptance is overdue", async || seen().await.len() == 1).await;
    // Of 6 + 3 × 7.5 hours a fifth is left on Thursday at 10:18.
    let warned = at("2026-06-04T10:18");
    county.suite.clock().set(Timestamp(warned.0 - 1));
    let tick = county.order("c2", FOR_MEMBERS).await;
    county.suite.clock().set(warned);
    until("the order is at risk", async || seen().await.len() == 2).await;
    county.suite.clock().set(Timestamp(order.due));
    until("the order is overdue", async || seen().await.len() == 3).await;
    // The clock steps back by a day, before the warning; what rang stays silent.
    county.suite.clock().set(Timestamp(warned.0 - 24 * 60 * 60_000));
    county.suite.clock().set(at("2026-06-12T18:00"));
    until("three times the limit is over", async || seen().await.len() == 4).await;
    county.suite.clock().advance(Duration::from_hours(24));
    rung(&county, &tick.work_order_id, 3).await;
    let expected = [
        ("work_order_overdue", order.accept_due),
        ("work_order_at_risk", warned.0),
        ("work_order_overdue", order.due),
        ("work_order_overdue", at("2026-06-12T18:00").0),
    ];
    assert_eq!(seen().await, expected.map(|(event, at)| (event.to_owned(), at)));
}
