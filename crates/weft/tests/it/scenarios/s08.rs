//! Scenario 8: smoke over the ridge; an incident with its clocks, command and stand-down.
//!
//! Not played yet: the alarms of the device themselves, what is looked at, and the loudspeakers
//! (camera); the variant with the uplink cut.

use serde_json::json;

use super::stage::{Stage, position, text};

const TOWNSHIP: &str = "620821201";
const VILLAGE: &str = "620821201201";
const GRID: &str = "620821201201001";

pub(super) async fn smoke_over_the_ridge(stage: Stage) {
    stage.at("2026-04-04 13:58").await;
    stage.grid(GRID, 107.60, 35.45).await;
    let desk = stage.desk(TOWNSHIP);
    let county = stage.desk("620821");
    let (enforcement, enforcement_clerk) = stage.body("d012", TOWNSHIP).await;
    let (squad_body, squad_clerk) = stage.body("d018", TOWNSHIP).await;

    // 37 alarms of one device are one case with a counter; who reports the smoke is attached.
    let here = position(107.605, 35.455);
    let alarm = json!({ "channel": "CHANNEL_DEVICE", "category": "0701", "position": here });
    let case = text(&stage.tell(&desk, "intake.ReportCase", alarm).await, "case_id");
    for count in [2, 5, 10, 20, 37] {
        let again = json!({ "case_id": case, "count": count });
        stage.tell(&desk, "intake.CountAlarm", again).await;
    }
    for number in [1, 2] {
        stage.at(&format!("2026-04-04 14:0{}", number - 1)).await;
        let report = json!({
            "channel": if number == 1 { "CHANNEL_HOTLINE" } else { "CHANNEL_QR_PAGE" },
            "category": "0701", "position": here, "text": "山上冒烟",
        });
        let by = if number == 1 { stage.desk("620821") } else { stage.resident(2) };
        let smoke = text(&stage.tell(&by, "intake.ReportCase", report).await, "case_id");
        let merge = json!({ "case_id": smoke, "into_case_id": case, "reason": "同一火情" });
        stage.tell(&county, "intake.MergeCases", merge).await;
    }
    let alarms = stage.case(&case).await["alarms"].clone();
    assert_eq!(alarms, 20, "damped: the 37th is told with the 50th");

    // The officer on duty opens an incident of level 3: the clocks run.
    stage.at("2026-04-04 14:02").await;
    let team = async |organisation: &str, full: u32, auxiliary: u32| {
        let register = json!({
            "division": TOWNSHIP, "organisation_id": organisation, "name": "应急队伍", "full_time": full,
            "auxiliary": auxiliary,
        });
        text(&stage.tell(&desk, "dispatch.RegisterTeam", register).await, "team_id")
    };
    let enforcement_team = team(&enforcement, 12, 18).await;
    let squad = team(&squad_body, 0, 12).await;
    let post = |function: &str, person: &str| json!({ "function": function, "person_id": person });
    let (commander, deputy, chief) =
        (stage.supervisor(TOWNSHIP), stage.supervisor(TOWNSHIP), stage.supervisor("620821"));
    let open = json!({
        "division": VILLAGE, "grid": GRID, "place": here, "kind": "INCIDENT_KIND_NATURAL_DISASTER",
        "level": 3, "team_ids": [enforcement_team, squad], "case_ids": [case], "text": "山脊冒烟",
        "posts": [
            post("COMMAND_FUNCTION_DUTY_OFFICER", &desk.person),
            post("COMMAND_FUNCTION_COMMANDER", &commander.person),
            post("COMMAND_FUNCTION_DEPUTY_CHIEF", &deputy.person),
            post("COMMAND_FUNCTION_CHIEF", &chief.person),
        ],
    });
    let opened = stage.tell(&desk, "dispatch.OpenIncident", open).await;
    let incident = text(&opened, "incident_id");
    let of = |team: &str| json!({ "incident_id": incident, "team_id": team });
    stage.tell(&enforcement_clerk, "dispatch.TeamRespond", of(&enforcement_team)).await;
    stage.at("2026-04-04 14:04").await;

    // The replica is killed at 14:08; every clock rings once all the same.
    stage.at("2026-04-04 14:08").await;
    let stage = stage.restart().await;
    stage.tell(&squad_clerk, "dispatch.TeamRespond", of(&squad)).await;
    let mut assembled = of(&enforcement_team);
    assembled["strength"] = json!(28);
    stage.at("2026-04-04 14:11").await;
    stage.tell(&enforcement_clerk, "dispatch.TeamAssemble", assembled).await;
    stage.at("2026-04-04 14:13").await;
    stage.at("2026-04-04 14:30").await;
    stage.tell(&enforcement_clerk, "dispatch.TeamArrive", of(&enforcement_team)).await;
    stage.at("2026-04-04 14:40").await;
    let raise = json!({ "incident_id": incident, "level": 2, "reason": "起风" });
    stage.tell(&commander, "dispatch.RaiseIncidentLevel", raise).await;
    stage.at("2026-04-04 15:03").await;
    let stage = stage.restart().await;
    stage.rings("incident", &incident, "incident_clock_missed", 3).await;
    let facts = stage.facts("incident", &incident).await;
    let missed = facts.iter().filter(|fact| fact.contains("missed")).count();
    assert_eq!(
        missed, 3,
        "the squad answered, assembled and arrived late, each said once: {facts:?}"
    );

    stage.at("2026-04-04 20:00").await;
    let named = json!({ "incident_id": incident });
    let over = json!({ "incident_id": incident, "text": "明火已灭，留守至20时" });
    let refused = stage.refused(&commander, "dispatch.StandDown", over.clone()).await;
    assert_eq!(refused, "NOT_IN_COMMAND", "by the highest command alone");
    stage.tell(&chief, "dispatch.StandDown", over).await;
    let after = stage.tell(&county, "dispatch.GetIncident", named).await;
    assert_eq!(after["incident"]["open"], false);
    let timeline = after["timeline"].as_array().unwrap();
    assert!(timeline.len() >= 8, "the after-action timeline: {timeline:?}");
    let times: Vec<i64> = timeline.iter().filter_map(|entry| entry["at"].as_i64()).collect();
    assert!(times.is_sorted(), "in order");
}
