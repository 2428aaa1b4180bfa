//! Scenario 2: the river is full of duckweed; three reporters, a merger that is undone, and a holiday.
//!
//! Not played yet: points for who reported first.

use serde_json::json;

use super::stage::{Actor, Stage, moment, position, text};

const TOWNSHIP: &str = "620821109";
const BANK: &str = "620821109204001";
const OTHER_BANK: &str = "620821109205001";

#[expect(clippy::too_many_lines, reason = "a day is told from its morning to its evening")]
pub(super) async fn the_river_is_full_of_duckweed(stage: Stage) {
    holidays(&stage, &[]).await;
    stage.at("2026-06-18 16:30").await;
    stage.grid(BANK, 107.20, 35.30).await;
    stage.grid(OTHER_BANK, 107.21, 35.30).await;
    let (water_station, station) = stage.body("d015", TOWNSHIP).await;
    let desk = stage.desk(TOWNSHIP);
    let (a, b, c) = (stage.resident(1), stage.resident(2), stage.portal());

    // A reports; B is shown it and joins; C's portal does not look.
    let here = position(107.2095, 35.305);
    let report = json!({
        "channel": "CHANNEL_QR_PAGE", "category": "0401", "position": here,
        "text": "河面长满浮萍", "contact": { "phone": "13800000001" },
        "photos": ["620821000000-river"],
    });
    let first = text(&stage.tell(&a, "intake.ReportCase", report).await, "case_id");
    stage.at("2026-06-18 16:50").await;
    let look = json!({ "category": "0401", "position": here });
    let similar = stage.tell(&b, "intake.FindSimilarCases", look).await["cases"].clone();
    assert_eq!(similar.as_array().unwrap().len(), 1, "已有人反映");
    let join = json!({
        "join_code": similar[0]["join_code"], "category": "0401", "geo_position": here,
        "text": "我也看到了",
    });
    let joined = stage.tell(&b, "intake.JoinCase", join).await;
    let b_code = text(&joined, "tracking_code");
    let report = json!({
        "channel": "CHANNEL_PORTAL", "category": "0401", "position": position(107.2105, 35.305),
        "text": "对岸浮萍",
    });
    let reported = stage.tell(&c, "intake.ReportCase", report).await;
    let (second, c_code) = (text(&reported, "case_id"), text(&reported, "tracking_code"));
    assert_ne!(first, second);

    // The desk sees the two 90 m apart and merges; the village objects; all is as it was.
    let similar = stage.tell(&desk, "intake.ListSimilar", json!({ "case_id": second })).await;
    let nearest = &similar["cases"][0];
    assert_eq!(nearest["case"]["case_id"], first.as_str());
    assert_eq!(nearest["distance_m"], 100, "91 m, rounded up to tens");
    for case in [&first, &second] {
        let named = json!({ "work_order_id": stage.order(case).await["work_order_id"] });
        stage.tell(&station, "dispatch.AcceptWorkOrder", named).await;
    }
    let before = stage.order(&second).await;
    let merge = json!({ "case_id": second, "into_case_id": first, "reason": "同一河段" });
    stage.tell(&desk, "intake.MergeCases", merge).await;
    let track = json!({ "tracking_code": c_code });
    let tracked = stage.tell(&c, "intake.TrackCase", track.clone()).await;
    assert_eq!(tracked["merged"], true);
    let id = text(&before, "work_order_id");
    assert_eq!(stage.work_order(&id).await["status"], "WORK_ORDER_STATUS_WITHDRAWN");
    stage.at("2026-06-19 09:00").await;
    let unmerge = json!({ "case_id": second, "reason": "对岸属另一责任段" });
    stage.tell(&desk, "intake.UnmergeCase", unmerge).await;
    let after = stage.work_order(&id).await;
    assert_eq!(
        (&after["status"], &after["due"], &after["accept_due"]),
        (&before["status"], &before["due"], &before["accept_due"]),
        "as if it had never been merged"
    );
    let history = stage.facts("case", &second).await;
    assert_eq!(
        history,
        ["case_reported", "case_accepted", "case_merged", "case_unmerged"],
        "both decisions are visible"
    );

    // One water station, two stretches: A's order is split.
    let order = stage.order(&first).await;
    assert_eq!(order["assignee"]["organisation_id"], water_station.as_str());
    let wednesday = moment("2026-06-24 18:00").0;
    assert_eq!(order["due"], wednesday, "19 to 21 are holidays");
    let parent = text(&order, "work_order_id");
    let part = |grid: &str| {
        json!({
            "assignee": { "organisation_id": water_station }, "grid": grid,
            "division": &grid[..12], "instruction": "清理本段",
        })
    };
    let split = json!({ "work_order_id": parent, "children": [part(BANK), part(OTHER_BANK)] });
    let split = stage.tell(&desk, "dispatch.SplitWorkOrder", split).await;
    let children: Vec<String> = split["child_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|child| child.as_str().unwrap().to_owned())
        .collect();
    for child in &children {
        let named = json!({ "work_order_id": child });
        stage.tell(&station, "dispatch.AcceptWorkOrder", named).await;
    }

    // On Saturday the county declares Monday a day off as well.
    stage.at("2026-06-20 10:00").await;
    holidays(&stage, &["2026-06-22"]).await;
    let thursday = moment("2026-06-25 18:00").0;
    for running in children.iter().chain([&id]) {
        stage.rings("work_order", running, "deadline_replanned", 1).await;
        assert_eq!(stage.work_order(running).await["due"], thursday, "{running} moved");
        let facts = stage.facts("work_order", running).await;
        let replanned = facts.iter().filter(|fact| *fact == "deadline_replanned").count();
        assert_eq!(replanned, 1, "and says so: {facts:?}");
    }

    stage.at("2026-06-23 15:00").await;
    let (chief, other_chief) = (stage.verifier("620821109204"), stage.verifier("620821109205"));
    stage.line(&children[0], &station, &chief).await;
    stage.line(&children[1], &station, &other_chief).await;
    stage.line(&id, &station, &other_chief).await;
    assert_eq!(stage.work_order(&parent).await["status"], "WORK_ORDER_STATUS_CLOSED");
    for case in [&first, &second] {
        assert_eq!(stage.case(case).await["status"], "CASE_STATUS_RESOLVED");
    }

    // A is satisfied, B fairly, C says nothing.
    let rating = |how: &str| json!({ "contacted": true, "solved": true, "satisfaction": how });
    let mut by_a = rating("SATISFACTION_SATISFIED");
    by_a["case_id"] = json!(first);
    stage.tell(&a, "intake.RateCase", by_a).await;
    let mut by_b = rating("SATISFACTION_FAIRLY_SATISFIED");
    by_b["tracking_code"] = json!(b_code);
    stage.tell(&b, "intake.RateCase", by_b).await;
    stage.at("2026-07-15 12:00").await;
    for case in [&first, &second] {
        stage.rings("case", case, "case_archived", 1).await;
    }
    for case in [&first, &second] {
        assert_eq!(stage.case(case).await["status"], "CASE_STATUS_ARCHIVED");
    }
    let facts = stage.facts("case", &first).await;
    assert_eq!(facts.iter().filter(|fact| *fact == "case_rated").count(), 2, "{facts:?}");
    let last = stage.log_of("case", &second).await.pop().unwrap();
    assert_eq!((last.0.as_str(), &last.1["reason"]), ("case_archived", &json!("unrated")));
    each_status_once(&stage, &[(&b, b_code), (&c, c_code)]).await;
}

/// 19 to 21 June are holidays, and these days besides.
async fn holidays(stage: &Stage, besides: &[&str]) {
    let county = stage.administrator();
    let calendar = stage.tell(&county, "dispatch.GetCalendar", json!({})).await;
    let mut days = vec!["2026-06-19"];
    days.extend(besides);
    let put = json!({
        "based_on_version": calendar["calendar_version"], "effective_from": "2026-01-01",
        "holidays": days, "make_up_days": ["2026-09-20", "2026-10-10"],
    });
    stage.tell(&county, "dispatch.PutCalendar", put).await;
}

/// Whoever follows a case hears of each status once.
async fn each_status_once(stage: &Stage, followers: &[(&Actor, String)]) {
    for (actor, code) in followers {
        let track = json!({ "tracking_code": code });
        let tracked = stage.tell(actor, "intake.TrackCase", track).await;
        let mut kinds: Vec<String> = tracked["timeline"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned())
            .filter(|kind| kind.starts_with("case_") && kind != "case_rated")
            .collect();
        let all = kinds.len();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), all, "each status once: {kinds:?}");
    }
}
