//! Scenario 4: a courier's photo of a charging hazard, a return, and then the whole county looks.
//!
//! Not played yet: the courier as a part-time member, the objects that are checked (grid), points.

use serde_json::json;

use super::stage::{Stage, moment, position, text};

const TOWNSHIP: &str = "620821001";
const VILLAGE: &str = "620821001006";

#[expect(clippy::too_many_lines, reason = "a day is told from its morning to its evening")]
pub(super) async fn a_charging_hazard_becomes_a_campaign(stage: Stage) {
    let administrator = stage.administrator();
    let calendar = stage.tell(&administrator, "dispatch.GetCalendar", json!({})).await;
    let put = json!({
        "based_on_version": calendar["calendar_version"], "effective_from": "2026-01-01",
        "holidays": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"],
        "make_up_days": ["2026-09-20", "2026-10-10"],
    });
    stage.tell(&administrator, "dispatch.PutCalendar", put).await;
    stage.at("2026-10-09 15:00").await;
    let grids = ["001", "002", "003", "004"].map(|serial| format!("{VILLAGE}{serial}"));
    let mut members = Vec::new();
    for (place, grid) in grids.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a place on a small map")]
        stage.grid(grid, 107.36 + 0.01 * place as f64, 35.33).await;
        members.push(stage.member(grid, "MEMBER_DUTY_FULL_TIME").await);
    }
    let (emergency, emergency_clerk) = stage.body("d011", TOWNSHIP).await;
    let (power, power_clerk) = stage.body("d003", TOWNSHIP).await;
    let desk = stage.desk(TOWNSHIP);
    let county = stage.desk("620821");

    let courier = stage.resident(1);
    let report = json!({
        "channel": "CHANNEL_SNAP", "category": "0601", "position": position(107.365, 35.335),
        "text": "充电桩过载", "photos": ["620821000000-post"],
    });
    let case = text(&stage.tell(&courier, "intake.ReportCase", report).await, "case_id");
    let order = stage.order(&case).await;
    assert_eq!(order["due"], moment("2026-10-13 18:00").0, "Saturday 10 October is worked");
    let id = text(&order, "work_order_id");

    // It goes to the power station, which finds that it is the owner's side.
    let to = |organisation: &str| json!({ "work_order_id": id, "assignee": { "organisation_id": organisation } });
    stage.tell(&desk, "dispatch.AssignWorkOrder", to(&power)).await;
    stage.at("2026-10-09 15:40").await;
    let give_back = json!({
        "work_order_id": id, "reason": "RETURN_REASON_NOT_OUR_REMIT", "explanation": "属用户侧",
        "basis": "供用电合同产权分界",
    });
    stage.tell(&power_clerk, "dispatch.ReturnWorkOrder", give_back.clone()).await;
    assert_eq!(stage.work_order(&id).await["status"], "WORK_ORDER_STATUS_RETURNED");
    stage.tell(&desk, "dispatch.UpholdReturn", to(&emergency)).await;
    assert_eq!(stage.work_order(&id).await["due"], order["due"], "the clock did not stop");
    // A second return of the same order needs the county.
    stage.tell(&emergency_clerk, "dispatch.ReturnWorkOrder", give_back).await;
    let back = json!({ "work_order_id": id, "explanation": "属地管理" });
    assert_eq!(
        stage.refused(&desk, "dispatch.RejectReturn", back.clone()).await,
        "RETURN_NEEDS_COUNTY"
    );
    stage.tell(&county, "dispatch.RejectReturn", back).await;
    stage.at("2026-10-09 16:00").await;
    stage.tell(&emergency_clerk, "dispatch.AcceptWorkOrder", json!({ "work_order_id": id })).await;
    stage.at("2026-10-12 17:30").await;
    stage.line(&id, &emergency_clerk, &stage.verifier(VILLAGE)).await;
    let rang = stage.log_of("work_order", &id).await;
    let late: Vec<_> = rang.iter().filter(|(name, _)| name == "work_order_overdue").collect();
    let handled_late = late.iter().any(|(_, event)| event["deadline"] != "acceptance");
    assert!(!handled_late, "handled in time: {late:?}");

    // The county has every grid check its charging places.
    stage.at("2026-10-13 09:00").await;
    let launch = |category: &str| {
        json!({
            "division": TOWNSHIP, "category": category, "matter": "排查充电场所",
            "due_within": "5wd",
            "questions": [
                { "kind": "QUESTION_KIND_YES_NO", "text": "是否有充电场所", "required": true },
                {
                    "kind": "QUESTION_KIND_YES_NO", "text": "是否有隐患", "required": true,
                    "finding_category": "0601",
                },
                { "kind": "QUESTION_KIND_NUMBER", "text": "充电桩数量", "required": false },
            ],
        })
    };
    assert_eq!(
        stage.refused(&county, "dispatch.LaunchCampaign", launch("0608")).await,
        "NOT_ADMITTED"
    );
    let launched = stage.tell(&county, "dispatch.LaunchCampaign", launch("0601")).await;
    let campaign = text(&launched, "campaign_id");
    assert_eq!(launched["grid_count"], 4);
    let listed = json!({ "campaign_id": campaign });
    let tasks = stage.tell(&county, "dispatch.ListCampaignTasks", listed.clone()).await;
    let tasks = tasks["tasks"].as_array().unwrap().clone();
    assert_eq!(tasks.len(), 4, "one a grid");
    // Three answer, two of them find something; one is late and reminded.
    for (member, grid) in members.iter().zip(&grids).take(3) {
        let task = tasks.iter().find(|task| task["grid"] == grid.as_str()).unwrap();
        let finds = grid != &grids[0];
        let answer = json!({
            "task_id": task["task_id"],
            "answers": [
                { "question": 1, "yes": true },
                { "question": 2, "yes": finds, "text": if finds { "插座外露" } else { "" } },
            ],
        });
        stage.tell(member, "dispatch.AnswerCampaignTask", answer).await;
    }
    let cases = stage.tell(&county, "intake.ListCases", json!({ "category": "0601" })).await;
    let found = cases["cases"].as_array().unwrap();
    let found = found.iter().filter(|case| case["channel"] == "CHANNEL_CAMPAIGN").count();
    assert_eq!(found, 2, "findings became cases in one step");
    stage.at("2026-10-20 18:01").await;
    let late = tasks.iter().find(|task| task["grid"] == grids[3].as_str()).unwrap();
    stage.rings("campaign_task", &text(late, "task_id"), "campaign_task_reminded", 1).await;
    let progress = stage.tell(&county, "dispatch.GetCampaign", listed.clone()).await;
    let township = &progress["progress"][0];
    assert_eq!(
        (&township["grids"], &township["answered"], &township["reminded"], &township["findings"]),
        (&json!(4), &json!(3), &json!(1), &json!(2))
    );
    stage.tell(&county, "dispatch.CloseCampaign", listed).await;
    let facts = stage.facts("campaign", &campaign).await;
    assert_eq!(facts.first().map(String::as_str), Some("campaign_launched"));
    assert_eq!(facts.last().map(String::as_str), Some("campaign_closed"));
}
