//! Scenario 3: market day, and the township whistles (吹哨报到).
//!
//! Not played yet: points for the first true report.

use serde_json::json;

use super::stage::{Stage, moment, position, text};

const TOWNSHIP: &str = "620821101";
const GRID: &str = "620821101204001";

#[expect(clippy::too_many_lines, reason = "a day is told from its morning to its evening")]
pub(super) async fn on_market_day_the_township_whistles(stage: Stage) {
    stage.at("2026-05-23 09:10").await;
    stage.grid(GRID, 107.40, 35.35).await;
    let (_, team) = stage.body("d012", TOWNSHIP).await;
    let desk = stage.desk(TOWNSHIP);
    let county = stage.desk("620821");
    let chief = stage.verifier("620821101204");
    let driver = stage.resident(1);

    // Three market days, three reports: the place has become a hot spot.
    let mut cases = Vec::new();
    for (day, hour) in [("2026-05-23", "09:10"), ("2026-05-26", "09:15"), ("2026-05-29", "09:05")] {
        stage.at(&format!("{day} {hour}")).await;
        let report = json!({
            "channel": "CHANNEL_QR_PAGE", "category": "0502", "position": position(107.405, 35.355),
            "text": "又占道了",
        });
        let case = text(&stage.tell(&driver, "intake.ReportCase", report).await, "case_id");
        let order = text(&stage.order(&case).await, "work_order_id");
        stage.at(&format!("{day} 10:40")).await;
        stage.line(&order, &team, &chief).await;
        let rate = json!({
            "case_id": case, "contacted": true, "solved": true,
            "satisfaction": "SATISFACTION_FAIRLY_SATISFIED", "comment": "每逢赶场都这样",
        });
        stage.tell(&driver, "intake.RateCase", rate).await;
        cases.push(case);
    }
    let spots = stage.tell(&desk, "intake.ListHotspots", json!({})).await["hotspots"].clone();
    assert_eq!(spots.as_array().unwrap().len(), 1, "{spots}");
    assert_eq!((&spots[0]["category"], &spots[0]["count"]), (&json!("0502"), &json!(3)));
    let hot_spot = text(&spots[0], "hotspot_id");
    let acknowledge = json!({ "hotspot_id": hot_spot, "measure": "召集部门现场议定固定市场" });
    stage.tell(&desk, "intake.AcknowledgeHotspot", acknowledge).await;

    // The township calls bodies of the county, which it does not own.
    let (police, police_clerk) = stage.body("d010", "620821").await;
    let (market, market_clerk) = stage.body("d025", "620821").await;
    let (urban, urban_clerk) = stage.body("d021", "620821").await;
    stage.at("2026-06-01 08:30").await;
    let call = |lead: &str| {
        json!({
            "division": "620821101204", "grid": GRID, "place": position(107.405, 35.355),
            "matter": "固定赶场市场", "lead_id": lead, "assist_ids": [market, urban],
            "meet_at": moment("2026-06-01 15:00").0, "sign_within": "2wh",
            "case_ids": cases, "category": "0502",
        })
    };
    let refused = stage.refused(&desk, "dispatch.ConveneDepartments", call("")).await;
    assert_eq!(refused, "NEEDS_A_LEAD");
    let convened = stage.tell(&desk, "dispatch.ConveneDepartments", call(&police)).await;
    let (id, code) = (text(&convened, "convocation_id"), text(&convened, "code"));
    let named = json!({ "convocation_id": id });
    stage.at("2026-06-01 08:50").await;
    stage.tell(&police_clerk, "dispatch.SignConvocation", named.clone()).await;
    stage.tell(&urban_clerk, "dispatch.SignConvocation", named.clone()).await;

    // The market bureau does not sign: it is reminded, then the county supervises.
    stage.at("2026-06-01 10:31").await;
    let of = |bodies: &serde_json::Value, organisation: &str| {
        let bodies = bodies.as_array().unwrap();
        bodies.iter().find(|body| body["organisation_id"] == organisation).unwrap().clone()
    };
    stage.rings("convocation", &id, "convocation_reminded", 1).await;
    let seen = stage.tell(&desk, "dispatch.GetConvocation", named.clone()).await;
    assert_eq!(of(&seen["bodies"], &market)["reminded"], true);
    assert_eq!(of(&seen["bodies"], &police)["reminded"], false);
    stage.at("2026-06-01 14:35").await;
    stage.rings("convocation", &id, "convocation_unanswered", 1).await;
    let report_in = json!({ "convocation_id": id, "site_code": code });
    stage.tell(&police_clerk, "dispatch.ReportIn", report_in.clone()).await;
    stage.tell(&urban_clerk, "dispatch.ReportIn", report_in.clone()).await;
    let seen = stage.tell(&county, "dispatch.GetConvocation", named.clone()).await;
    assert_eq!(of(&seen["bodies"], &market)["unanswered"], true, "the county knows");
    let refused = stage.refused(&market_clerk, "dispatch.DeclineConvocation", named.clone()).await;
    assert_eq!(refused, "ABSENCE_NOT_ALLOWED", "without the county's consent");
    stage.at("2026-06-01 15:20").await;
    stage.tell(&market_clerk, "dispatch.SignConvocation", named.clone()).await;
    let refused = stage.refused(&market_clerk, "dispatch.ReportIn", report_in.clone()).await;
    assert_eq!(refused, "LATE_NEEDS_REASON", "it is late and says not why");
    let late = json!({ "convocation_id": id, "site_code": code, "explanation": "另有检查任务" });
    stage.tell(&market_clerk, "dispatch.ReportIn", late).await;

    // Stalls move to plot P from 13 June; three tasks; the township rates each body.
    let due = moment("2026-06-13 18:00").0;
    let task = |body: &str| json!({ "organisation_id": body, "what": "迁至P地块", "due": due });
    let conclude = json!({
        "convocation_id": id, "conclusion": "6月13日起迁入固定市场",
        "tasks": [task(&police), task(&market), task(&urban)],
    });
    stage.tell(&desk, "dispatch.ConcludeConvocation", conclude).await;
    stage.tell(&desk, "intake.ConcludeHotspot", json!({ "hotspot_id": hot_spot })).await;
    stage.at("2026-06-12 10:00").await;
    for (number, clerk) in [(1, &police_clerk), (2, &market_clerk), (3, &urban_clerk)] {
        let done = json!({ "convocation_id": id, "task": number, "text": "已完成" });
        stage.tell(clerk, "dispatch.CompleteTask", done).await;
    }
    for (body, attendance) in
        [(&police, "DUTY_LEVEL_GOOD"), (&market, "DUTY_LEVEL_POOR"), (&urban, "DUTY_LEVEL_GOOD")]
    {
        let rate = json!({
            "convocation_id": id, "organisation_id": body, "attendance": attendance,
            "performance": "DUTY_LEVEL_GOOD", "effect": "DUTY_LEVEL_GOOD",
        });
        stage.tell(&desk, "dispatch.RateDepartment", rate).await;
    }
    stage.tell(&desk, "dispatch.CloseConvocation", named.clone()).await;

    // The figures show who signed and reported in on time; the hot spot falls silent.
    let seen = stage.tell(&desk, "dispatch.GetConvocation", named).await;
    let on_time: Vec<bool> = [&police, &market, &urban]
        .map(|body| of(&seen["bodies"], body)["signed_late"] == false)
        .into();
    assert_eq!(on_time, [true, false, true]);
    assert_eq!(seen["case_ids"].as_array().unwrap().len(), 3, "one story");
    let facts = stage.facts("convocation", &id).await;
    assert_eq!(facts[0], "departments_convened");
    assert_eq!(facts.iter().filter(|fact| *fact == "convocation_signed").count(), 3);
    assert_eq!(facts.iter().filter(|fact| *fact == "department_reported_in").count(), 3);
    assert_eq!(facts.iter().filter(|fact| *fact == "department_rated").count(), 3);
    stage.at("2026-06-26 12:00").await;
    stage.rings("hotspot", &hot_spot, "hotspot_cleared", 1).await;
    let spots = stage.tell(&desk, "intake.ListHotspots", json!({})).await["hotspots"].clone();
    let silent =
        spots.as_array().unwrap().iter().all(|spot| spot["status"] == "HOTSPOT_STATUS_CLEARED");
    assert!(silent, "{spots}");
}
