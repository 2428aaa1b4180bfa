//! Scenario 1: a street lamp lies beside the road, found on patrol on a Sunday.
//!
//! Not played yet: the patrol and its finding (grid), the registered lamp, the cameras that the desk is
//! shown.

use serde_json::json;

use super::stage::{Stage, feedback, moment, position, text};

const VILLAGE: &str = "620821108219";
const GRID: &str = "620821108219001";

pub(super) async fn a_street_lamp_lies_beside_the_road(stage: Stage) {
    stage.at("2026-05-24 08:40").await;
    stage.grid(GRID, 107.30, 35.30).await;
    let zhou = stage.member(GRID, "MEMBER_DUTY_FULL_TIME").await;
    let (service_centre, he) = stage.body("d001", "620821108").await;
    let xie = stage.verifier(VILLAGE);

    let report = json!({
        "channel": "CHANNEL_PATROL", "category": "0102", "position": position(107.305, 35.305),
        "text": "路灯杆倒在路边", "photos": ["620821000000-close", "620821000000-wide"],
    });
    let case = text(&stage.tell(&zhou, "intake.ReportCase", report).await, "case_id");
    let order = stage.order(&case).await;
    assert_eq!(order["due"], moment("2026-05-24 12:40").0, "a Sunday is as good for minutes");
    assert_eq!(order["assignee"]["organisation_id"], service_centre, "a facility's owner first");
    let id = text(&order, "work_order_id");

    stage.at("2026-05-24 08:47").await;
    let named = json!({ "work_order_id": id });
    stage.tell(&he, "dispatch.AcceptWorkOrder", named.clone()).await;
    stage.at("2026-05-24 09:20").await;
    stage.tell(&he, "dispatch.ArriveWorkOrder", named.clone()).await;
    stage.at("2026-05-24 11:05").await;
    stage.tell(&he, "dispatch.SubmitFeedback", feedback(&id)).await;
    let verify = json!({ "work_order_id": id, "passed": true, "found_true": true });
    assert_eq!(
        stage.refused(&he, "dispatch.VerifyWorkOrder", verify.clone()).await,
        "VERIFIER_IS_HANDLER"
    );
    stage.at("2026-05-24 11:30").await;
    stage.tell(&xie, "dispatch.VerifyWorkOrder", verify).await;
    stage.tell(&xie, "dispatch.CloseWorkOrder", named).await;

    assert_eq!(
        stage.facts("case", &case).await,
        ["case_reported", "case_accepted", "case_resolved", "case_archived"]
    );
    let log = stage.log_of("case", &case).await;
    assert_eq!(log[0].1["channel"], "patrol");
    assert_eq!(log[0].1["place"]["grid"], GRID);
    assert_eq!(log[0].1["photos"].as_array().unwrap().len(), 2);
    assert_eq!(log[3].1["reason"], "nobody_to_rate");
    assert_eq!(
        stage.facts("work_order", &id).await,
        [
            "work_order_created",
            "work_order_routed",
            "work_order_accepted",
            "work_order_arrived",
            "feedback_submitted",
            "work_order_verified",
            "work_order_closed",
        ]
    );
    let closed = stage.work_order(&id).await;
    assert_eq!(closed["status"], "WORK_ORDER_STATUS_CLOSED");
    assert_eq!(closed["overdue"], false, "closed on time");
}
