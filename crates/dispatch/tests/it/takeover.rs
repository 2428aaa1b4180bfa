//! The clocks go on where another process takes over, and ring once.

use std::time::Duration;

use api::dispatch::v1::{GetWorkOrderRequest, dispatch_service_client::DispatchServiceClient};
use kernel::{Role, Timestamp};
use platform::auth::scope::ScopeParts;
use testkit::{Db, until};

use crate::county::{County, FOR_THE_TEAM};

crate::on_both_databases! {
    a_replica_that_takes_over_rings_each_clock_once
}

async fn a_replica_that_takes_over_rings_each_clock_once(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let replica = county.suite.replica().await;
    let division = Some("620821".parse().unwrap());
    let scope = ScopeParts { division, ..ScopeParts::default() };
    let bearer = county.suite.bearer(Role::Operator, scope);
    let client = DispatchServiceClient::with_interceptor(replica.channel(), bearer);
    let rang = async || {
        let request = GetWorkOrderRequest { work_order_id: id.to_owned(), min_position: None };
        let timeline = client.clone().get_work_order(request).await.unwrap().into_inner().timeline;
        timeline
            .into_iter()
            .filter(|entry| entry.event.starts_with("work_order_") && entry.actor.contains("mark"))
            .map(|entry| (entry.event, entry.occurred_at))
            .collect::<Vec<_>>()
    };

    // The first process rings the first clock.
    county.suite.clock().set(Timestamp(order.accept_due));
    until("the clock of acceptance rings", async || rang().await.len() == 1).await;
    // It goes, with the second clock due a moment later; the lease goes to the other.
    county.suite.context().lifecycle.stop();
    county.suite.clock().set(Timestamp(order.due));
    until("the clock of handling rings", async || rang().await.len() == 2).await;
    // The clock steps back by a day, and comes again: nothing rings twice.
    county.suite.clock().set(Timestamp(order.due - 24 * 60 * 60_000));
    county.suite.clock().set(Timestamp(order.due));
    county.suite.clock().advance(Duration::from_hours(20 * 24));
    until("three times the limit is over", async || rang().await.len() == 3).await;
    let rang = rang().await;
    let times: Vec<i64> = rang.iter().map(|(_, at)| *at).collect();
    assert_eq!(times[..2], [order.accept_due, order.due]);
    assert!(rang.iter().all(|(event, _)| event == "work_order_overdue"), "{rang:?}");
}
