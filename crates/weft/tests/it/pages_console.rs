//! The desk's pages over the services that they ask.

use crate::pages_screen::{County, GRID, OTHER_GRID};

/// A category that no rule accepts: it waits for the desk.
const ENQUIRY: &str = "1301";

/// Sends a form of the desk and answers the head and the body.
async fn send(county: &County, path: &str, cookie: &str, form: &str) -> (String, String) {
    county.post(path, &[("Cookie", cookie), ("Accept-Language", "zh-CN")], form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_shows_what_waits_in_ones_own_township_only() {
    let county = County::start().await;
    let here = county.reports("a", ENQUIRY, GRID).await.case_id;
    let there = county.reports("b", ENQUIRY, OTHER_GRID).await.case_id;
    let cookie = county.operator("620821101");
    let (head, body) = county.get("/console", &[("Cookie", &cookie)]).await;
    assert!(head.contains(" 200 "), "{head}");
    assert!(body.contains(&here) && !body.contains(&there), "{body}");
    let (head, body) = county.get(&format!("/console/cases/{there}"), &[("Cookie", &cookie)]).await;
    assert!(head.contains(" 403 ") && !body.contains("alert(1)"), "{head}");
    let (head, body) = county.get(&format!("/console/cases/{here}"), &[("Cookie", &cookie)]).await;
    assert!(head.contains(" 200 "), "{head}");
    assert!(body.contains("alert(1)") && !body.contains("<script>alert"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_keeps_what_was_typed_and_is_sent_once() {
    let county = County::start().await;
    let case = county.reports("a", ENQUIRY, GRID).await.case_id;
    let cookie = county.operator("620821101");
    let path = format!("/console/cases/{case}/refuse");
    let (head, body) = send(&county, &path, &cookie, "request_id=r1&reason=&text=kept-words").await;
    assert!(head.contains(" 422 "), "{head}");
    assert!(body.contains("kept-words") && body.contains("value=\"r1\""), "{body}");
    let form = "request_id=r1&reason=out-of-remit&text=kept-words";
    for _ in 0..2 {
        let (head, _) = send(&county, &path, &cookie, form).await;
        assert!(head.contains(" 303 ") && head.contains("done=refuse"), "{head}");
    }
    let (_, body) = county.get(&format!("/console/cases/{case}"), &[("Cookie", &cookie)]).await;
    assert_eq!(body.matches("kept-words").count(), 1, "{body}");
}
