//! The township whistles (吹哨报到): bodies of the county are called, sign, report in, are reminded and
//! reported, agree on tasks, and are rated.

use api::dispatch::v1::{
    AllowAbsenceRequest, CloseConvocationRequest, CompleteTaskRequest, ConcludeConvocationRequest,
    ConveneDepartmentsRequest, ConveneDepartmentsResponse, ConvocationStatus,
    DeclineConvocationRequest, DutyLevel, GetConvocationRequest, GetConvocationResponse,
    ListConvocationsRequest, RateDepartmentRequest, ReportInRequest, SignConvocationRequest,
    TaskToDo,
};
use kernel::id::OrganisationId;
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{County, OTHER_TOWNSHIP, TOWNSHIP, refused},
    working::{Together, at},
};

crate::on_both_databases! {
    market_day_and_the_township_whistles
    a_convocation_is_nobody_elses
    what_a_called_body_may_not_do_is_refused
}

const COUNTY: &str = "620821";
/// Who whistles.
const CALLER: u128 = 31;

fn body(key: &str) -> OrganisationId {
    format!("620821000000-{key}").parse().unwrap()
}

/// With the three bodies of the county, on Friday at 14:30.
async fn friday(db: Db) -> County {
    let county = County::start(db).await;
    for (key, kind) in
        [("police", "d102"), ("market", "d103"), ("town", "d104"), ("forest", "d105")]
    {
        county.registers(&body(key), kind, COUNTY).await;
    }
    county.suite.settled().await;
    county.suite.clock().set(at("2026-06-05T14:30"));
    county
}

fn whistle(request: &str) -> ConveneDepartmentsRequest {
    ConveneDepartmentsRequest {
        request_id: request.to_owned(),
        division: TOWNSHIP.to_owned(),
        matter: "赶场天长期占道，商定固定场地".to_owned(),
        lead_id: body("police").to_string(),
        assist_ids: vec![body("market").to_string(), body("town").to_string()],
        meet_at: at("2026-06-08T09:30").0,
        category: "0502".to_owned(),
        ..ConveneDepartmentsRequest::default()
    }
}

async fn convened(county: &County) -> ConveneDepartmentsResponse {
    let mut desk = county.leader(CALLER, TOWNSHIP);
    desk.convene_departments(whistle("w")).await.unwrap().into_inner()
}

fn sign(id: &str, request: &str) -> SignConvocationRequest {
    SignConvocationRequest { request_id: request.to_owned(), convocation_id: id.to_owned() }
}

fn come(id: &str, request: &str, code: &str, why: &str) -> ReportInRequest {
    ReportInRequest {
        request_id: request.to_owned(),
        convocation_id: id.to_owned(),
        site_code: code.to_owned(),
        explanation: why.to_owned(),
    }
}

fn conclude(id: &str, request: &str, bodies: &[&str]) -> ConcludeConvocationRequest {
    let task = |key: &&str| TaskToDo {
        organisation_id: body(key).to_string(),
        what: "划出固定摊位".to_owned(),
        due: at("2026-06-12T18:00").0,
    };
    ConcludeConvocationRequest {
        request_id: request.to_owned(),
        convocation_id: id.to_owned(),
        conclusion: "自6月13日起摊位迁至北侧空地".to_owned(),
        tasks: bodies.iter().map(task).collect(),
    }
}

fn complete(id: &str, task: u32) -> CompleteTaskRequest {
    CompleteTaskRequest {
        request_id: format!("task{task}"),
        convocation_id: id.to_owned(),
        task,
        text: "已完成".to_owned(),
    }
}

fn rate(id: &str, key: &str) -> RateDepartmentRequest {
    RateDepartmentRequest {
        request_id: format!("rate-{key}"),
        convocation_id: id.to_owned(),
        organisation_id: body(key).to_string(),
        attendance: DutyLevel::Good.into(),
        performance: DutyLevel::Excellent.into(),
        effect: DutyLevel::Fair.into(),
        text: String::new(),
    }
}

fn close(id: &str, request: &str) -> CloseConvocationRequest {
    CloseConvocationRequest { request_id: request.to_owned(), convocation_id: id.to_owned() }
}

fn get(id: &str) -> GetConvocationRequest {
    GetConvocationRequest { convocation_id: id.to_owned(), min_position: None }
}

async fn got(county: &County, id: &str) -> GetConvocationResponse {
    county.suite.settled().await;
    county.desk_of(COUNTY).get_convocation(get(id)).await.unwrap().into_inner()
}

async fn history(county: &County, id: &str) -> Vec<String> {
    got(county, id).await.timeline.into_iter().map(|entry| entry.event).collect()
}

/// Waits until this has happened so often, and no more.
async fn happened(county: &County, id: &str, event: &str, times: usize) {
    let count = async || history(county, id).await.iter().filter(|name| *name == event).count();
    until(event, async || count().await >= times).await;
    assert_eq!(count().await, times, "{event}");
}

async fn market_day_and_the_township_whistles(db: Db) {
    let county = friday(db).await;
    let no_lead = ConveneDepartmentsRequest { lead_id: String::new(), ..whistle("n") };
    let answer = county.desk_of(TOWNSHIP).convene_departments(no_lead).await;
    refused(answer, Code::FailedPrecondition, "NEEDS_A_LEAD");

    // A township calls bodies of the county, which it does not own.
    let called = convened(&county).await;
    let (id, code) = (called.convocation_id.as_str(), called.code.as_str());
    assert_eq!(convened(&county).await, called, "the same request, the same answer");
    for key in ["police", "town"] {
        county.body(&body(key)).sign_convocation(sign(id, key)).await.unwrap();
    }
    let early = county.body(&body("police")).report_in(come(id, "early", code, "")).await;
    refused(early, Code::FailedPrecondition, "TOO_EARLY_TO_REPORT_IN");

    // Two hours of working time, then two more: 16:30, and on Monday at 09:00.
    county.suite.clock().set(at("2026-06-05T16:30"));
    happened(&county, id, "convocation_reminded", 1).await;
    let county = County { suite: county.suite.restart().await };
    county.suite.clock().set(at("2026-06-08T09:00"));
    happened(&county, id, "convocation_unanswered", 1).await;
    happened(&county, id, "convocation_reminded", 1).await;

    county.suite.clock().set(at("2026-06-08T09:20"));
    let mut police = county.body(&body("police"));
    let wrong = police.report_in(come(id, "wrong", "0000-0000-0000", "")).await;
    refused(wrong, Code::FailedPrecondition, "WRONG_SITE_CODE");
    police.report_in(come(id, "p", &code.to_lowercase(), "")).await.unwrap();
    county.body(&body("town")).report_in(come(id, "t", code, "")).await.unwrap();
    county.suite.clock().set(at("2026-06-08T10:20"));
    let mut market = county.body(&body("market"));
    let silent = market.report_in(come(id, "s", code, "")).await;
    refused(silent, Code::FailedPrecondition, "LATE_NEEDS_REASON");
    market.report_in(come(id, "m", code, "执法车辆故障")).await.unwrap();

    let bodies = ["police", "market", "town"];
    let mut desk = county.desk_of(TOWNSHIP);
    let above = county.desk_of(COUNTY).conclude_convocation(conclude(id, "c", &bodies)).await;
    refused(above, Code::PermissionDenied, "NOT_THE_CONVENER");
    let stranger = desk.conclude_convocation(conclude(id, "f", &["forest"])).await;
    refused(stranger, Code::FailedPrecondition, "NOT_CALLED");
    desk.conclude_convocation(conclude(id, "c", &bodies)).await.unwrap();
    county.body(&body("police")).complete_task(complete(id, 1)).await.unwrap();
    let others = county.body(&body("town")).complete_task(complete(id, 2)).await;
    refused(others, Code::PermissionDenied, "NOT_YOUR_TASK");
    refused(desk.close_convocation(close(id, "1")).await, Code::FailedPrecondition, "TASKS_OPEN");
    county.suite.clock().set(at("2026-06-12T18:00"));
    happened(&county, id, "convocation_task_overdue", 2).await;
    county.body(&body("market")).complete_task(complete(id, 2)).await.unwrap();
    desk.complete_task(complete(id, 3)).await.unwrap();
    let unrated = desk.close_convocation(close(id, "2")).await;
    refused(unrated, Code::FailedPrecondition, "BODIES_NOT_RATED");
    for key in bodies {
        desk.rate_department(rate(id, key)).await.unwrap();
    }
    desk.close_convocation(close(id, "3")).await.unwrap();

    told(&county, id).await;
    // What the tables say is what the log says.
    let before = got(&county, id).await;
    let county = County { suite: county.suite.restart_without_databases().await };
    let after = got(&county, id).await;
    assert_eq!((after.convocation, after.bodies), (before.convocation, before.bodies));
    assert_eq!(after.timeline, before.timeline, "nothing rings again");
}

/// What everybody who may see the convocation sees of it at the end.
async fn told(county: &County, id: &str) {
    let got = got(county, id).await;
    let summary = got.convocation.unwrap();
    assert_eq!(summary.status(), ConvocationStatus::Closed);
    // Late were one signature and one arrival.
    assert_eq!((summary.called, summary.signed, summary.reported_in, summary.late), (3, 3, 3, 2));
    assert_eq!((summary.tasks, summary.tasks_completed), (3, 3));
    assert_eq!(got.matter, "赶场天长期占道，商定固定场地");
    let market = &got.bodies[1];
    assert!(market.reminded && market.unanswered && market.signed_late && market.reported_in_late);
    assert_eq!(market.late_reason, "执法车辆故障");
    assert_eq!(market.performance(), DutyLevel::Excellent);
    assert!(got.bodies[0].lead && !got.bodies[0].signed_late);
    let events: Vec<&str> = got.timeline.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(
        events[..9],
        [
            "departments_convened",
            "convocation_signed",
            "convocation_signed",
            "convocation_reminded",
            "convocation_unanswered",
            "department_reported_in",
            "department_reported_in",
            "convocation_signed",
            "department_reported_in",
        ]
    );
    assert_eq!(events.len(), 9 + 1 + 3 + 2 + 3 + 1);
}

async fn a_convocation_is_nobody_elses(db: Db) {
    let county = friday(db).await;
    let id = convened(&county).await.convocation_id;
    county.suite.settled().await;
    let listed = async |mut who: Together| {
        let request = ListConvocationsRequest { open: true, ..ListConvocationsRequest::default() };
        who.list_convocations(request).await.unwrap().into_inner().convocations.len()
    };
    for key in ["police", "market", "town"] {
        assert_eq!(listed(county.body(&body(key))).await, 1, "{key}");
    }
    assert_eq!(listed(county.desk_of(TOWNSHIP)).await, 1);
    assert_eq!(listed(county.desk_of(COUNTY)).await, 1);
    // A body that was not called, and another township.
    assert_eq!(listed(county.body(&body("forest"))).await, 0);
    assert_eq!(listed(county.desk_of(OTHER_TOWNSHIP)).await, 0);
    for id in [id.as_str(), "620821101000-nothing"] {
        let mut forest = county.body(&body("forest"));
        refused(forest.get_convocation(get(id)).await, Code::NotFound, "NO_SUCH_THING");
        let signed = forest.sign_convocation(sign(id, "s")).await;
        refused(signed, Code::NotFound, "NO_SUCH_THING");
        let mut elsewhere = county.desk_of(OTHER_TOWNSHIP);
        let denied = Code::PermissionDenied;
        refused(elsewhere.get_convocation(get(id)).await, denied, "OUT_OF_SCOPE");
        refused(elsewhere.close_convocation(close(id, "c")).await, denied, "OUT_OF_SCOPE");
    }
    let abroad = ConveneDepartmentsRequest { division: OTHER_TOWNSHIP.to_owned(), ..whistle("a") };
    let answer = county.desk_of(TOWNSHIP).convene_departments(abroad).await;
    refused(answer, Code::PermissionDenied, "OUT_OF_SCOPE");
    let mut police = county.body(&body("police"));
    let whistled = police.convene_departments(whistle("b")).await;
    refused(whistled, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
}

async fn what_a_called_body_may_not_do_is_refused(db: Db) {
    let county = friday(db).await;
    let called = convened(&county).await;
    let (id, code) = (called.convocation_id.as_str(), called.code.as_str());
    let decline = |request: &str| DeclineConvocationRequest {
        request_id: request.to_owned(),
        convocation_id: id.to_owned(),
    };
    let allow = |request: &str| AllowAbsenceRequest {
        request_id: request.to_owned(),
        convocation_id: id.to_owned(),
        organisation_id: body("town").to_string(),
        reason: "防汛值守".to_owned(),
    };
    let mut town = county.body(&body("town"));
    let alone = town.decline_convocation(decline("1")).await;
    refused(alone, Code::FailedPrecondition, "ABSENCE_NOT_ALLOWED");
    let township = county.desk_of(TOWNSHIP).allow_absence(allow("a")).await;
    refused(township, Code::PermissionDenied, "ONLY_THE_COUNTY");
    county.desk_of(COUNTY).allow_absence(allow("a")).await.unwrap();
    town.decline_convocation(decline("2")).await.unwrap();

    county.suite.clock().set(at("2026-06-08T09:30"));
    // Nobody is reminded who may stay away.
    happened(&county, id, "convocation_reminded", 2).await;
    let mut desk = county.desk_of(TOWNSHIP);
    let nobody = desk.conclude_convocation(conclude(id, "1", &[])).await;
    refused(nobody, Code::FailedPrecondition, "NOBODY_ON_SITE");
    county.body(&body("police")).report_in(come(id, "p", code, "")).await.unwrap();
    let stays_away = desk.conclude_convocation(conclude(id, "2", &["town"])).await;
    refused(stays_away, Code::FailedPrecondition, "BODY_DECLINED");
    desk.conclude_convocation(conclude(id, "3", &["police"])).await.unwrap();
    let after = county.body(&body("market")).report_in(come(id, "m", code, "来晚了")).await;
    refused(after, Code::FailedPrecondition, "CONVOCATION_CONCLUDED");
    let rated = desk.rate_department(rate(id, "town")).await;
    refused(rated, Code::FailedPrecondition, "BODY_DECLINED");

    let code = Code::InvalidArgument;
    for bad in ["", "x", "620821101000-", "620821101000-a.b"] {
        refused(town.sign_convocation(sign(bad, "r")).await, code, "convocation_id");
        refused(desk.close_convocation(close(bad, "r")).await, code, "convocation_id");
    }
    let long = ConveneDepartmentsRequest { matter: "长".repeat(2_001), ..whistle("l") };
    refused(desk.convene_departments(long).await, code, "matter");
    let twice =
        ConveneDepartmentsRequest { assist_ids: vec![body("police").to_string()], ..whistle("t") };
    refused(desk.convene_departments(twice).await, code, "assist_ids");
    let past = ConveneDepartmentsRequest { meet_at: 1, ..whistle("p") };
    refused(desk.convene_departments(past).await, Code::FailedPrecondition, "TIME_IS_PAST");
    let unknown = ConveneDepartmentsRequest { lead_id: body("none").to_string(), ..whistle("u") };
    let answer = desk.convene_departments(unknown).await;
    refused(answer, Code::FailedPrecondition, "UNKNOWN_ORGANISATION");
}
