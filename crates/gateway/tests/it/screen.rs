//! The big screen's figures: what they count, and whose they are.

use std::time::Duration;

use contracts::intake::Satisfaction;
use serde_json::{Value, json};
use testkit::Suite;

use crate::{
    browser::{Answer, Browser},
    county::{County, GRID, OTHER_GRID, OTHER_TOWNSHIP, TOWNSHIP},
};

/// What is answered: the status, and the whole.
async fn get(suite: &Suite, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut browser = Browser::of(suite);
    for (name, value) in headers {
        browser = browser.with(name, value);
    }
    browser.get(path).await
}

async fn figures(county: &County, division: &str) -> Value {
    let cookie = county.operator(division);
    let answer = get(&county.suite, "/api/ui/figures", &[("Cookie", &cookie)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Two townships: here three cases of which one is late, one is rated and one is resolved; there one
/// that is open.
async fn a_morning() -> County {
    let county = County::start().await;
    county.reports(9, GRID).await;
    county.suite.clock().advance(Duration::from_hours(24));
    for n in 1..=3 {
        county.reports(n, GRID).await;
        county.accepts(n, GRID).await;
        county.orders(n, GRID).await;
    }
    county.reports(4, OTHER_GRID).await;
    county.runs_out(1).await;
    county.runs_out(2).await;
    for n in 2..=3 {
        county.closes(n).await;
        county.resolves(n).await;
    }
    county.rates(2, Satisfaction::FairlySatisfied).await;
    county.suite.settled().await;
    county
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_those_of_the_cases() {
    let county = a_morning().await;
    let all = figures(&county, "620821").await;
    let counted = json!({
        "new_today": all["new_today"], "resolved_today": all["resolved_today"],
        "open": all["open"], "overdue": all["overdue"], "on_time": all["on_time"],
        "satisfied": all["satisfied"], "unrated": all["unrated"],
    });
    let expected = json!({
        "new_today": 4, "resolved_today": 2, "open": 3, "overdue": 1,
        "on_time": { "met": 1, "of": 2 }, "satisfied": { "met": 1, "of": 1 }, "unrated": 1,
    });
    assert_eq!(counted, expected);
    assert_eq!(all["categories"], json!([["0101", 3]]));
    let mut grids = all["grids"].as_array().unwrap().clone();
    grids.sort_by_key(ToString::to_string);
    assert_eq!(grids, [json!([GRID, 2]), json!([OTHER_GRID, 1])]);
    let by_hour = all["reported_by_hour"].as_array().unwrap();
    assert_eq!((by_hour.len(), &by_hour[23]), (24, &json!(4)));
    let league: Vec<_> =
        all["places"].as_array().unwrap().iter().map(|place| place["code"].clone()).collect();
    assert_eq!(league, [TOWNSHIP, OTHER_TOWNSHIP], "where something is late comes first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_township_sees_its_own_and_no_more() {
    let county = a_morning().await;
    let here = figures(&county, TOWNSHIP).await;
    assert_eq!((&here["open"], &here["new_today"]), (&json!(2), &json!(3)));
    let there = figures(&county, OTHER_TOWNSHIP).await;
    assert_eq!((&there["open"], &there["overdue"]), (&json!(1), &json!(0)));
    assert_eq!(there["places"][0]["code"], "620821102201", "a township's league is its villages");
    assert!(!there.to_string().contains(TOWNSHIP));
    let nobody = get(&county.suite, "/api/ui/figures", &[]).await;
    assert_eq!(nobody.status, 303);
    assert!(nobody.header("location").starts_with("/sign-in"));
    let member = county.member(9, GRID);
    for path in ["/screen", "/screen/parts", "/api/ui/figures", "/api/ui/cases.geojson"] {
        let answer = get(&county.suite, path, &[("Cookie", &member)]).await;
        assert_eq!(answer.status, 403, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_stands_while_every_service_is_away() {
    let county = a_morning().await;
    let cookie = county.operator("620821");
    for (language, open, away) in
        [("zh-CN", "在办", "这部分暂时无法显示"), ("en", "Open", "This part cannot be shown")]
    {
        let headers = [("Cookie", cookie.as_str()), ("Accept-Language", language)];
        let Answer { status, body, .. } = get(&county.suite, "/screen", &headers).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains(open), "{language}");
        assert!(!body.contains(">screen-"), "a key has no text: {body}");
        // Without the catalogue nobody knows what is confidential: nothing of a case is shown.
        assert!(body.contains(away), "{language}");
        assert!(!body.contains("data-key"), "{language}");
    }
    let answer = get(&county.suite, "/api/ui/cases.geojson", &[("Cookie", &cookie)]).await;
    assert_eq!(answer.header("content-type"), "application/geo+json");
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["features"], json!([]));
    let tag = answer.header("etag");
    let again = [("Cookie", cookie.as_str()), ("If-None-Match", tag.as_str())];
    let answer = get(&county.suite, "/api/ui/cases.geojson", &again).await;
    assert_eq!((answer.status, answer.body.as_str()), (304, ""));
    let answer = get(&county.suite, "/api/ui/grids.geojson", &[("Cookie", &cookie)]).await;
    assert!(answer.status >= 500, "{}", answer.status);
}
