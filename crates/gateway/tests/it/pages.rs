//! What every page keeps: its headers, its languages, its safety.

use std::time::Duration;

use kernel::Role;

use crate::{
    browser::{Browser, suite, token},
    files::is_chinese,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_a_browser_safe() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    for (path, status) in [("/", 200), ("/sign-in", 200), ("/nope", 404), ("/console", 303)] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("strict-transport-security"), "", "not over plain http");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_changes_nothing() {
    let suite = suite().await;
    for (name, value) in
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://evil.example"), ("Origin", "null")]
    {
        let refused = Browser::of(&suite).with(name, value).post("/elder", "on=1&back=/").await;
        assert_eq!(refused.status, 403, "{name}: {value}");
        assert_eq!(refused.header("set-cookie"), "");
        assert!(refused.body.contains("CROSS_SITE"));
    }
    let own = Browser::of(&suite).with("Sec-Fetch-Site", "same-origin");
    assert_eq!({ own }.post("/elder", "on=1&back=/").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_the_visitors_language() {
    let suite = suite().await;
    let said = async |browser: &mut Browser, path: &str| {
        let body = browser.get(path).await.body;
        let lang = body.split("<html lang=\"").nth(1).unwrap();
        lang.split('"').next().unwrap().to_owned()
    };
    let mut browser = Browser::of(&suite);
    assert_eq!(said(&mut browser, "/sign-in").await, "zh-CN", "unless another is asked for");
    let mut english = Browser::of(&suite).with("Accept-Language", "fr,en;q=0.8");
    assert_eq!(said(&mut english, "/sign-in").await, "en");
    english.post("/language", "lang=zh-CN&back=/").await;
    assert_eq!(said(&mut english, "/sign-in").await, "zh-CN", "the cookie counts more");
    assert_eq!(said(&mut english, "/sign-in?lang=en").await, "en", "the link counts most");
    let page = browser.get("/components?lang=en").await.body;
    let other = page.replace(">\u{4e2d}\u{6587}<", "><");
    assert!(!is_chinese(&other), "an English page says something in Chinese");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_type_is_a_choice_that_stays() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    assert!(!browser.get("/").await.body.contains("is-elder"));
    let chosen = browser.post("/elder", "on=1&back=%2F").await;
    assert_eq!((chosen.status, chosen.header("location").as_str()), (303, "/"));
    assert!(browser.get("/").await.body.contains("is-elder"));
    browser.post("/elder", "on=0&back=%2F").await;
    assert!(!browser.get("/").await.body.contains("is-elder"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_somebody_typed_is_text() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    let typed = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for answer in [
        browser.get(&format!("/sign-in?back={typed}")).await,
        browser.get(&format!("/nope/{typed}")).await,
        browser.post("/sign-in", &format!("token=x&back={typed}")).await,
    ] {
        assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_is_a_page_or_a_part_of_one() {
    let suite = suite().await;
    let page = Browser::of(&suite).get("/nope").await;
    assert!(page.body.contains("<!doctype html>") && page.body.contains("NOT_FOUND"));
    let part = Browser::of(&suite).with("HX-Request", "true").get("/nope").await;
    assert_eq!(part.status, 404);
    assert!(!part.body.contains("<html"), "{}", part.body);
    assert!(part.body.contains("NOT_FOUND"));
    let method = Browser::of(&suite).post("/screen", "a=b").await;
    assert_eq!(method.status, 405);
    let large =
        Browser::of(&suite).post("/sign-in", &format!("token={}", "x".repeat(300_000))).await;
    assert_eq!(large.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_although_no_service_answers() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    let hour = Duration::from_hours(1);
    browser.post("/sign-in", &format!("token={}", token(&suite, Role::Operator, hour))).await;
    let page = browser.get("/console").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("620821"), "the code stands where the name is not known");
    for skin in ["console", "work", "resident", "screen"] {
        assert_eq!(browser.get(&format!("/components?skin={skin}")).await.status, 200, "{skin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_stream_is_for_who_is_signed_in() {
    let suite = suite().await;
    let refused = Browser::of(&suite).get("/events").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("location"), "", "a stream is not sent to a page");
}
