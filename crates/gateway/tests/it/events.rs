//! `/events`: who hears of what, and that nothing is left out in silence.

use std::time::Duration;

use futures::future::join_all;
use kernel::Role;
use platform::auth::scope::ScopeParts;

use crate::{
    county::{County, GRID, NEXT_GRID, OTHER_GRID, OTHER_TOWNSHIP, TOWNSHIP, case, order, team},
    sse::Stream,
};

const COUNTY: &str = "620821";

async fn listen(county: &County, cookie: &str, after: &str) -> Stream {
    let path =
        if after.is_empty() { "/events".to_owned() } else { format!("/events?after={after}") };
    Stream::open(&county.suite, &path, &[("Cookie", cookie)]).await
}

/// Where a page of this person begins to listen, as it says itself.
async fn page(county: &County, cookie: &str) -> String {
    let mut stream = listen(county, cookie, "").await;
    stream.next().await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_joins_misses_nothing_and_hears_nothing_twice() {
    let county = County::start().await;
    let cookie = county.operator(COUNTY);
    county.reports(1, GRID).await;
    county.suite.settled().await;
    let from = page(&county, &cookie).await;
    // Some happens before the page listens, some while it begins to, some after.
    join_all((2..20).map(|n| county.reports(n, GRID))).await;
    let (mut stream, _) = tokio::join!(
        listen(&county, &cookie, &from),
        join_all((20..60).map(|n| county.reports(n, OTHER_GRID)))
    );
    county.suite.settled().await;
    let last = county.reports(60, GRID).await;
    let mut told = stream.until(&last).await;
    assert!(!told.contains(&case(1).to_string()), "the page had it");
    told.sort();
    let mut all: Vec<_> = (2..=60).map(|n| case(n).to_string()).collect();
    all.sort();
    assert_eq!(told, all, "each once");
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert_eq!(stream.header("cache-control"), "no-store, no-transform");
    assert_eq!(stream.header("x-accel-buffering"), "no");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_goes_on_after_the_gateway_was_restarted() {
    let county = County::start().await;
    let cookie = county.operator(COUNTY);
    let mut stream = listen(&county, &cookie, "").await;
    county.reports(1, GRID).await;
    let at = stream.change().await.unwrap().id;
    county.reports(2, GRID).await;
    county.reports(3, GRID).await;
    county.orders(2, GRID).await;
    let county = County { suite: county.suite.restart().await };
    while stream.next().await.is_some() {}
    // What the browser names itself counts more than where the page began.
    let headers = [("Cookie", cookie.as_str()), ("Last-Event-ID", at.as_str())];
    let stale = "/events?after=00000000-0-0";
    let mut stream = Stream::open(&county.suite, stale, &headers).await;
    let told = stream.until(&order(2).to_string()).await;
    assert_eq!(told, [case(2).to_string(), case(3).to_string(), order(2).to_string()]);
    county.reports(4, GRID).await;
    assert_eq!(stream.change().await.unwrap().text("id"), case(4).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_cannot_be_told_what_it_missed_is_asked_to_load_anew() {
    let county = County::start().await;
    let cookie = county.operator(COUNTY);
    let from = page(&county, &cookie).await;
    let epoch = from.split('-').next().unwrap();
    let ahead = format!("{epoch}-999999-0");
    for elsewhere in ["00000000-0-0", "nonsense", ahead.as_str()] {
        let mut stream = listen(&county, &cookie, elsewhere).await;
        assert_eq!(stream.next().await.unwrap().kind, "reset", "{elsewhere}");
        assert_eq!(stream.next().await, None, "{elsewhere}");
    }
    join_all((0..1_000).map(|n| county.reports(n, GRID))).await;
    county.suite.settled().await;
    let mut stream = listen(&county, &cookie, &from).await;
    for _ in 0..1_000 {
        assert_eq!(stream.next().await.unwrap().kind, "case");
    }
    county.reports(1_000, GRID).await;
    county.suite.settled().await;
    let mut stream = listen(&county, &cookie, &from).await;
    let reset = stream.next().await.unwrap();
    assert_eq!(reset.kind, "reset");
    assert_eq!(stream.next().await, None);
    // From there it goes on.
    let mut stream = listen(&county, &cookie, &reset.id).await;
    county.reports(1_001, GRID).await;
    assert_eq!(stream.change().await.unwrap().text("id"), case(1_001).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hears_of_what_is_theirs_and_of_no_more() {
    let county = County::start().await;
    let own = county.cookie_for(
        &county.person(2),
        Role::Resident,
        ScopeParts::default(),
        Duration::from_hours(1),
    );
    let mut here = listen(&county, &county.operator(TOWNSHIP), "").await;
    let mut there = listen(&county, &county.operator(OTHER_TOWNSHIP), "").await;
    let mut member = listen(&county, &county.member(9, OTHER_GRID), "").await;
    let first = listen(&county, &county.clerk(&team(1)), "").await;
    let second = listen(&county, &county.clerk(&team(2)), "").await;
    let mut reporter = listen(&county, &own, "").await;
    county.reports(1, GRID).await;
    county.reports(2, OTHER_GRID).await;
    county.orders(1, GRID).await;
    for (org, person) in [(Some(team(1)), None), (Some(team(2)), None), (None, Some(9))] {
        county.routes(1, org, person.map(|person| county.person(person))).await;
        county.suite.settled().await;
    }
    county.reports(3, OTHER_GRID).await;
    county.reports(4, GRID).await;

    let ids = |ids: &[String]| ids.to_vec();
    let (case, order) = (|n| case(n).to_string(), |n| order(n).to_string());
    let mut told = here.until(&case(4)).await;
    told.dedup();
    assert_eq!(told, ids(&[case(1), order(1), case(4)]), "a township");
    assert_eq!(there.until(&case(3)).await, ids(&[case(2), case(3)]), "another");
    let mut told = member.until(&case(3)).await;
    told.sort();
    let mut expected = ids(&[case(2), order(1), case(3)]);
    expected.sort();
    assert_eq!(told, expected, "a member: the grid, and what is assigned");
    for (team, mut stream) in [(1, first), (2, second)] {
        for kind in ["order", "gone"] {
            let event = stream.change().await.unwrap();
            assert_eq!(
                (event.kind.as_str(), event.text("id")),
                (kind, order(1).as_str()),
                "{team}"
            );
        }
    }
    county.adds(2).await;
    assert_eq!(reporter.until(&case(2)).await[0], case(2), "a resident: what is theirs");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_something_is_told_that_it_left_however_often_it_went_on() {
    let county = County::start().await;
    let (first, member) = (county.clerk(&team(1)), county.member(9, GRID));
    county.orders(1, OTHER_GRID).await;
    county.orders(2, OTHER_GRID).await;
    county.routes(1, Some(team(1)), None).await;
    county.reports(3, GRID).await;
    county.suite.settled().await;
    let away = page(&county, &first).await;
    let away_member = page(&county, &member).await;
    let mut here = listen(&county, &first, &away).await;
    let mut near = listen(&county, &member, &away_member).await;
    assert_eq!(here.next().await.unwrap().kind, "tick");
    assert_eq!(near.next().await.unwrap().kind, "tick");
    // Given on twice at once, with another order between, so that it comes as one batch.
    county.routes_on(1, [Some(team(2)), Some(team(3))]).await;
    county.accepts(3, NEXT_GRID).await;
    county.suite.settled().await;
    let mut later = listen(&county, &first, &away).await;
    for (stream, id) in [(&mut here, order(1)), (&mut later, order(1))] {
        let event = stream.change().await.unwrap();
        assert_eq!((event.kind.as_str(), event.text("id")), ("gone", id.to_string().as_str()));
        assert_eq!(event.data.as_object().unwrap().len(), 2, "its id and nothing more");
    }
    let mut later = listen(&county, &member, &away_member).await;
    for stream in [&mut near, &mut later] {
        let event = stream.change().await.unwrap();
        let case = case(3).to_string();
        assert_eq!((event.kind.as_str(), event.text("id")), ("gone", case.as_str()));
    }
    // Once: what happens to it later is nobody's who lost it.
    county.routes(1, Some(team(2)), None).await;
    county.suite.settled().await;
    county.routes(2, Some(team(1)), None).await;
    assert_eq!(here.change().await.unwrap().text("id"), order(2).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session() {
    let county = County::start().await;
    let parts = ScopeParts { division: Some(county.suite.county()), ..Default::default() };
    let person = county.person(5);
    let short = county.cookie_for(&person, Role::Operator, parts, Duration::from_mins(5));
    let mut stream = listen(&county, &short, "").await;
    assert_eq!(stream.next().await.unwrap().kind, "tick");
    county.suite.clock().advance(Duration::from_mins(6));
    county.reports(1, GRID).await;
    assert_eq!(stream.next().await, None);
    assert_eq!(listen(&county, &short, "").await.status, 401);
    let nobody = Stream::open(&county.suite, "/events", &[]).await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_opens_streams_without_end() {
    let county = County::start().await;
    let cookie = county.operator(COUNTY);
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(listen(&county, &cookie, "").await);
    }
    assert!(open.iter().all(|stream| stream.status == 200));
    let refused = listen(&county, &cookie, "").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "10"));
    assert_eq!(listen(&county, &county.member(9, GRID), "").await.status, 200, "others may");
    open.pop();
    testkit::until("the seat is free again", || async {
        listen(&county, &cookie, "").await.status == 200
    })
    .await;
}
