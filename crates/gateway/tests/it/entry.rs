//! Signing in and out, and what is kept when a session ends.

use std::time::Duration;

use kernel::Role;

use crate::browser::{Browser, suite, token};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signs_in_and_out() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    let away = browser.get("/console?tab=open").await;
    assert_eq!(
        (away.status, away.header("location").as_str()),
        (303, "/sign-in?back=%2Fconsole%3Ftab%3Dopen")
    );

    let wrong = browser.post("/sign-in", "token=nonsense&back=%2Fconsole").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("field-error"), "{}", wrong.body);
    assert!(browser.cookies.is_empty());

    let token = token(&suite, Role::Operator, HOUR);
    let form = format!("token=%20{token}%0A&back=%2Fconsole%3Ftab%3Dopen");
    let signed = browser.post("/sign-in", &form).await;
    assert_eq!((signed.status, signed.header("location").as_str()), (303, "/console?tab=open"));
    let cookie = signed.header("set-cookie");
    for part in ["weft=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain loopback keeps no secure cookie: {cookie}");
    assert_eq!(browser.get("/console").await.status, 200);
    assert_eq!(browser.get("/home").await.header("location"), "/console");

    assert_eq!(browser.post("/sign-out", "").await.status, 303);
    assert_eq!(browser.get("/console").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_another_site() {
    let suite = suite().await;
    let token = token(&suite, Role::Operator, HOUR);
    for back in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
        let form = format!("token={token}&back={back}");
        let signed = Browser::of(&suite).post("/sign-in", &form).await;
        assert_eq!(signed.header("location"), "/", "{back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_residents_session_opens_no_page_of_staff() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    let form = format!("token={}", token(&suite, Role::Resident, HOUR));
    let signed = browser.post("/sign-in", &form).await;
    assert_eq!(signed.header("location"), "/");
    assert!(browser.cookies.contains_key("weft-resident"), "{:?}", browser.cookies);
    assert_eq!(browser.get("/console").await.status, 303);
    let moved = browser.cookies["weft-resident"].clone();
    browser.cookies.insert("weft".to_owned(), moved);
    assert_eq!(browser.get("/console").await.status, 303, "nor under the other cookie's name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_kept_when_its_session_has_ended() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    browser.post("/sign-in", &format!("token={}", token(&suite, Role::Operator, HOUR))).await;
    let form = "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E+%22x&request_id=r1";
    assert_eq!(browser.post("/components", form).await.status, 303);
    suite.clock().advance(HOUR + HOUR);
    let kept = browser.post("/components", form).await;
    assert_eq!(kept.status, 401);
    for part in [
        r#"<form method="post" action="/components">"#,
        r#"<input type="hidden" name="request_id" value="r1">"#,
        r#"name="text" value="&#60;script&#62;alert(1)&#60;/script&#62; &#34;x">"#,
        r#"href="/sign-in" target="_blank""#,
    ] {
        assert!(kept.body.contains(part), "{part} is not in {}", kept.body);
    }
    assert_eq!(browser.get("/console").await.status, 303, "a page is only asked for again");
}
