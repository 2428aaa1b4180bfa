//! Scenario 6: mediation climbs from the village to the county's women's federation.
//!
//! Not played yet: the visit on which the dispute was found.

use serde_json::json;

use super::stage::{Stage, text};

const VILLAGE: &str = "620821108203";
const TOWNSHIP: &str = "620821108";
const GRID: &str = "620821108203001";

pub(super) async fn mediation_climbs_to_the_county(stage: Stage) {
    stage.at("2026-03-16 09:00").await;
    stage.grid(GRID, 107.50, 35.40).await;
    let member = stage.member(GRID, "MEMBER_DUTY_FULL_TIME").await;
    let (_, mediator) = stage.body("d029", VILLAGE).await;
    let (federation, federation_clerk) = stage.body("d036", "620821").await;
    let desk = stage.desk(TOWNSHIP);
    let county = stage.desk("620821");
    let village = stage.desk(VILLAGE);

    let report = json!({
        "channel": "CHANNEL_VISIT", "category": "0901", "grid": GRID, "text": "夫妻争吵",
    });
    let case = text(&stage.tell(&member, "intake.ReportCase", report).await, "case_id");
    assert_eq!(stage.case(&case).await["confidential"], true);
    let order = stage.order(&case).await;
    let id = text(&order, "work_order_id");
    let named = json!({ "work_order_id": id });
    stage.tell(&mediator, "dispatch.AcceptWorkOrder", named.clone()).await;
    let open = json!({
        "work_order_id": id, "kind": "MEDIATION_KIND_PEOPLES",
        "parties": [{ "name": "甲方某", "phone": "13800000011" }, { "name": "乙方某" }],
    });
    stage.tell(&mediator, "dispatch.OpenMediation", open).await;
    for party in [1, 2] {
        let agrees = json!({ "work_order_id": id, "party": party, "agrees": true });
        stage.tell(&mediator, "dispatch.RecordPartyConsent", agrees).await;
    }
    let session = |place: &str, result: &str, words: &str| json!({ "work_order_id": id, "place": place, "result": result, "text": words });
    let (site, telephone, video) =
        ("SESSION_PLACE_ON_SITE", "SESSION_PLACE_TELEPHONE", "SESSION_PLACE_VIDEO");
    let nothing = "SESSION_RESULT_NO_RESULT";
    stage.tell(&mediator, "dispatch.RecordSession", session(site, nothing, "村里谈过")).await;

    // Up to the township, and up to the county: one order, one history.
    let up = json!({ "work_order_id": id, "explanation": "村级调解未成" });
    stage.tell(&mediator, "dispatch.EscalateWorkOrder", up).await;
    stage.at("2026-03-18 10:00").await;
    stage.tell(&desk, "dispatch.RecordSession", session(site, nothing, "双方关系暂时紧张")).await;
    let up = json!({ "work_order_id": id, "explanation": "镇级调解未成" });
    stage.tell(&desk, "dispatch.EscalateWorkOrder", up).await;
    stage.at("2026-03-20 10:00").await;
    let give = json!({ "work_order_id": id, "assignee": { "organisation_id": federation } });
    stage.tell(&county, "dispatch.AssignWorkOrder", give).await;
    stage.tell(&federation_clerk, "dispatch.AcceptWorkOrder", named.clone()).await;
    for (day, place, result) in [
        ("2026-03-21", telephone, nothing),
        ("2026-03-24", video, "SESSION_RESULT_PROGRESS"),
        ("2026-03-27", telephone, "SESSION_RESULT_PROGRESS"),
        ("2026-03-30", video, "SESSION_RESULT_AGREED"),
    ] {
        stage.at(&format!("{day} 10:00")).await;
        stage
            .tell(&federation_clerk, "dispatch.RecordSession", session(place, result, "县级笔录"))
            .await;
    }
    let assess = json!({ "work_order_id": id, "level": "DISPUTE_LEVEL_LOW" });
    stage.tell(&federation_clerk, "dispatch.AssessMediation", assess).await;
    let conclude = json!({
        "work_order_id": id, "outcome": "MEDIATION_OUTCOME_SETTLED_ORALLY", "text": "各退一步",
    });
    stage.tell(&federation_clerk, "dispatch.ConcludeMediation", conclude).await;
    assert_eq!(stage.orders(&case).await.len(), 1, "the ladder keeps one order");

    // The village sees how it stands, and not what the county wrote.
    let seen = stage.tell(&village, "dispatch.GetMediation", named.clone()).await.to_string();
    assert!(seen.contains("MEDIATION_STATUS_SETTLED") && !seen.contains("县级笔录"), "{seen}");

    for (day, number) in [("2026-04-29", 1), ("2026-06-28", 2)] {
        stage.at(&format!("{day} 10:00")).await;
        let follow = json!({
            "work_order_id": id, "number": number, "state": "FOLLOW_UP_STATE_KEPT", "text": "稳定",
        });
        stage.tell(&federation_clerk, "dispatch.FollowUpMediation", follow).await;
    }
    for (party, how) in [(1, "SATISFACTION_SATISFIED"), (2, "SATISFACTION_FAIRLY_SATISFIED")] {
        let rate =
            json!({ "work_order_id": id, "party": party, "solved": true, "satisfaction": how });
        stage.tell(&federation_clerk, "dispatch.RateMediation", rate).await;
    }
    let facts = stage.facts("mediation", &id).await;
    let count = |name: &str| facts.iter().filter(|fact| *fact == name).count();
    assert_eq!(facts[0], "mediation_opened");
    assert_eq!(count("mediation_session_held"), 6, "{facts:?}");
    assert_eq!(count("mediation_concluded"), 1);
    assert_eq!(count("mediation_followed_up"), 2);
    let order_facts = stage.facts("work_order", &id).await;
    let climbed = order_facts.iter().filter(|fact| *fact == "work_order_escalated").count();
    assert_eq!(climbed, 2, "village to township to county");
}
