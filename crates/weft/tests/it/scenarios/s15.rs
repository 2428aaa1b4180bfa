//! Scenario 15: a village's week: what is settled on the spot, checked by sample, handled by orders,
//! and what must climb.
//!
//! Not played yet: the cut line and tier nodes, visits and tags (grid), points, broadcasts.

use serde_json::json;

use super::stage::{Stage, position, text};

const VILLAGE: &str = "620821201211";
const GRID: &str = "620821201211001";

pub(super) async fn a_week_of_a_village(stage: Stage) {
    stage.at("2026-10-12 09:00").await;
    stage.grid(GRID, 107.70, 35.40).await;
    let member = stage.member(GRID, "MEMBER_DUTY_FULL_TIME").await;
    let chief = stage.verifier(VILLAGE);
    let (_, committee) = stage.body("d007", VILLAGE).await;
    let (transport, transport_clerk) = stage.body("d009", "620821").await;
    let here = position(107.705, 35.405);

    // Nine matters and more are settled on the spot, until two of them are drawn for a check.
    let mut settled: Vec<(String, bool)> = Vec::new();
    for number in 0..180 {
        if number >= 9 && settled.iter().filter(|(_, drawn)| *drawn).count() >= 2 {
            break;
        }
        stage.at(&format!("2026-10-12 1{}:{:02}", number / 60, number % 60)).await;
        let handle = json!({
            "report": {
                "channel": "CHANNEL_PATROL", "category": "0311", "position": here,
                "text": format!("第{number}处清扫"),
            },
            "text": "当场清理", "photos_before": ["620821000000-before"],
            "photos_after": ["620821000000-after"],
        });
        let answer = stage.tell(&member, "intake.HandleOnSite", handle).await;
        settled.push((text(&answer, "case_id"), answer["to_be_checked"] == true));
    }
    for (case, drawn) in &settled {
        let facts = stage.facts("case", case).await;
        assert!(facts.contains(&"case_handled_on_site".to_owned()), "{facts:?}");
        assert_eq!(facts.contains(&"spot_check_drawn".to_owned()), *drawn, "{facts:?}");
    }
    let drawn: Vec<&String> =
        settled.iter().filter(|(_, drawn)| *drawn).map(|(case, _)| case).collect();
    assert!(drawn.len() >= 2, "one in ten of {} is drawn", settled.len());
    // Of what is drawn, the first is found untrue and taken up again.
    for (place, case) in drawn.iter().enumerate() {
        let check = json!({ "case_id": case, "found_true": place > 0, "note": "现场核查" });
        let by_handler = stage.in_office(&member, VILLAGE);
        let refused = stage.refused(&by_handler, "intake.ConfirmSpotCheck", check.clone()).await;
        assert_eq!(refused, "CHECKER_IS_HANDLER");
        stage.tell(&chief, "intake.ConfirmSpotCheck", check).await;
    }
    if let Some(untrue) = drawn.first() {
        assert!(stage.facts("case", untrue).await.contains(&"case_reopened".to_owned()));
        assert_eq!(stage.orders(untrue).await.len(), 1, "it has an order now");
    }

    // Five go by the village's orders; two residents rate, the others' window ends.
    let mut cases = Vec::new();
    for number in 0..5_u128 {
        stage.at(&format!("2026-10-13 09:{number:02}")).await;
        let resident = stage.resident(10 + number);
        let report = json!({
            "channel": "CHANNEL_QR_PAGE", "category": "0301",
            "position": position(107.702 + 0.001 * f64::from(u32::try_from(number).unwrap()), 35.402),
            "text": format!("垃圾{number}"),
        });
        let case = text(&stage.tell(&resident, "intake.ReportCase", report).await, "case_id");
        let order = stage.order(&case).await;
        let id = text(&order, "work_order_id");
        let handler = if order["assignee"]["person_id"] == member.person.as_str() {
            &member
        } else {
            &committee
        };
        stage.line(&id, handler, &chief).await;
        if number < 2 {
            let rate = json!({
                "case_id": case, "contacted": true, "solved": true,
                "satisfaction": "SATISFACTION_VERY_SATISFIED",
            });
            stage.tell(&resident, "intake.RateCase", rate).await;
        }
        cases.push(case);
    }

    // One needs the county: the bridge's rail. It is routed there by the table of the day.
    let report = json!({
        "channel": "CHANNEL_QR_PAGE", "category": "0203", "position": here, "text": "桥栏断了",
    });
    let rail = text(&stage.tell(&stage.resident(30), "intake.ReportCase", report).await, "case_id");
    let order = stage.order(&rail).await;
    let id = text(&order, "work_order_id");
    assert_eq!(order["assignee"]["organisation_id"], transport.as_str());
    stage.at("2026-10-13 17:00").await;
    stage.line(&id, &transport_clerk, &chief).await;
    let routed = stage.log_of("work_order", &id).await;
    let routed = routed.iter().find(|(name, _)| name == "work_order_routed").unwrap();
    assert!(routed.1["rule_version"].is_number(), "it says by which version");

    stage.at("2026-11-02 12:00").await;
    for (place, case) in cases.iter().enumerate() {
        stage.rings("case", case, "case_archived", 1).await;
        let last = stage.log_of("case", case).await.pop().unwrap();
        let reason = if place < 2 { "rated" } else { "unrated" };
        assert_eq!((last.0.as_str(), &last.1["reason"]), ("case_archived", &json!(reason)));
    }
}
