//! A page that does not keep up.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Mutex, PoisonError},
};

use futures::{FutureExt as _, StreamExt as _, stream};
use gateway::{
    live::{Limits, Live, audience::Audience, stream::Listen},
    projections::{live_cases::LiveCases, live_orders::LiveOrders},
};
use kernel::Timestamp;
use platform::{
    auth::ScopePredicate,
    service::{Context, Service, StartError},
};

use crate::county::{County, GRID, case};

/// The live parts of the suite of this test.
static LIVE: Mutex<Option<Live>> = Mutex::new(None);

/// The live parts alone, without pages.
fn live_alone() -> Service {
    Service {
        name: "gateway",
        defaults: "",
        methods: &[],
        start: |context, _routes| start(context).boxed(),
    }
}

async fn start(context: &Context) -> Result<(), StartError> {
    let database = context.database("gateway").await?;
    let cases = context.projection("gateway", &database, LiveCases).await?;
    let orders = context.projection("gateway", &database, LiveOrders).await?;
    let limits = Limits { streams: 3, streams_per_person: 1 };
    let (live, hearing) = Live::open(context, cases, orders, limits).await.unwrap();
    context.lifecycle.spawn("gateway live", hearing.map(Ok::<(), Infallible>));
    *LIVE.lock().unwrap_or_else(PoisonError::into_inner) = Some(live);
    Ok(())
}

const CASES: u128 = 700;

/// Does something to each case, some at a time: the server answers all of them in time.
async fn at_once<F: Future<Output = ()>>(act: impl Fn(u128) -> F) {
    stream::iter(0..CASES).for_each_concurrent(64, act).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_slow_reads_on_from_the_tables() {
    const ROUNDS: u128 = 8;
    let county = County::with(live_alone()).await;
    let live = LIVE.lock().unwrap().take().unwrap();
    let listen = Listen {
        audience: Audience::Scope(ScopePredicate::All),
        person: "a slow one".to_owned(),
        resident: false,
        until: Timestamp(i64::MAX),
        from: None,
    };
    // Of three places residents have two: the desk always finds one.
    let resident = |person: &str| {
        let audience = Audience::Scope(ScopePredicate::Nothing);
        let person = person.to_owned();
        live.listen(Listen { audience, person, resident: true, ..listen.clone() })
    };
    let residents = (resident("one"), resident("another"));
    assert!(residents.0.is_ok() && residents.1.is_ok());
    assert!(resident("a third").is_err());
    let slow = live.listen(listen.clone()).unwrap();
    drop(residents);
    assert!(resident("a third").is_ok());
    at_once(|n| county.reports(n, GRID).map(drop)).await;
    for _ in 1..ROUNDS {
        county.suite.settled().await;
        at_once(|n| county.adds(n)).await;
    }
    county.suite.settled().await;
    let before_last_round = county.suite.head().await.sequence - u64::try_from(CASES).unwrap();
    let last = county.reports(CASES, GRID).await;
    // Only now it reads.
    let (mut told, mut newest) = (0, BTreeMap::new());
    let mut slow = std::pin::pin!(slow);
    while !newest.contains_key(&last) {
        let Ok(event) = slow.next().await.expect("the stream goes on");
        let event = String::from_utf8(event.to_vec()).unwrap();
        assert!(!event.contains("event: reset"), "{event}");
        let Some((_, id)) = event.split_once("\"id\":\"") else { continue };
        let at = event.split('-').nth(1).unwrap().parse::<u64>().unwrap();
        newest.insert(id.split('"').next().unwrap().to_owned(), at);
        told += 1;
    }
    assert!(told < ROUNDS * CASES, "it was never behind: let more happen");
    assert_eq!(newest.len(), usize::try_from(CASES).unwrap() + 1, "and yet it knows each");
    assert!(newest.contains_key(&case(0).to_string()));
    assert!(newest.values().all(|at| *at > before_last_round), "as it stands now");
}
