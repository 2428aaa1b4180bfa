//! The working calendar as versions that are put, and deadlines that move with it.

use api::dispatch::v1::{
    GetCalendarRequest, PutCalendarRequest, PutCalendarResponse, WorkOrder, WorkingHours,
    rules_service_client::RulesServiceClient,
};
use contracts::intake::CategoryKind;
use kernel::{Role, Timestamp};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use testkit::{Db, until};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};

use crate::county::{County, FOR_THE_TEAM, GRID, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, refused};

crate::on_both_databases! {
    a_monday_off_that_is_declared_late_moves_the_running_deadlines
    every_order_is_planned_anew_once_though_the_process_is_stopped_in_the_middle
    another_limit_of_a_category_moves_its_orders
    what_is_no_calendar_is_refused
    of_two_who_put_at_once_one_is_told_what_changed
}

pub(crate) type RulesClient = RulesServiceClient<InterceptedService<Channel, Bearer>>;

/// A client of the rules, for a role of a division.
pub(crate) fn rules(county: &County, role: Role, division: &str) -> RulesClient {
    let division = Some(division.parse().unwrap());
    let bearer = county.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() });
    RulesServiceClient::with_interceptor(county.suite.channel(), bearer)
}

/// The calendar of the scenarios, from 1 June 2026 on.
fn fixture(request_id: &str, based_on_version: u32) -> PutCalendarRequest {
    let october = (1..=7).map(|day| format!("2026-10-0{day}"));
    let june = (19..=21).map(|day| format!("2026-06-{day}"));
    PutCalendarRequest {
        request_id: request_id.to_owned(),
        based_on_version,
        effective_from: "2026-06-01".to_owned(),
        holidays: june.chain(october).collect(),
        make_up_days: vec!["2026-09-20".to_owned(), "2026-10-10".to_owned()],
        hours: Vec::new(),
    }
}

/// The same with Monday 22 June off.
fn monday_off(request_id: &str, based_on_version: u32) -> PutCalendarRequest {
    let mut put = fixture(request_id, based_on_version);
    put.holidays.push("2026-06-22".to_owned());
    put
}

async fn put(county: &County, request: PutCalendarRequest) -> Result<PutCalendarResponse, Status> {
    let answer = rules(county, Role::Operator, "620821").put_calendar(request).await;
    county.suite.settled().await;
    answer.map(tonic::Response::into_inner)
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(&format!("{text}:00+08:00")).unwrap()
}

async fn order_of(county: &County, id: &str) -> WorkOrder {
    county.get(id).await.work_order.unwrap()
}

async fn replanned(county: &County, id: &str) -> usize {
    let history = county.history(id).await;
    history.iter().filter(|event| *event == "deadline_replanned").count()
}

async fn a_monday_off_that_is_declared_late_moves_the_running_deadlines(db: Db) {
    let county = County::start(db).await;
    let first = put(&county, fixture("c1", 1)).await.unwrap();
    assert_eq!(first.calendar_version, 2);
    let [gap] = first.gaps.as_slice() else { panic!("{:?}", first.gaps) };
    assert_eq!((gap.from.as_str(), gap.to.as_str()), ("2026-10-01", "2026-10-07"));

    county.suite.clock().set(at("2026-06-18T16:30"));
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    assert_eq!(order.due, at("2026-06-24T18:00").0);
    assert_eq!(replanned(&county, id).await, 0);

    county.suite.clock().set(at("2026-06-20T10:00"));
    assert_eq!(put(&county, monday_off("c2", 2)).await.unwrap().calendar_version, 3);
    assert_eq!(order_of(&county, id).await.due, at("2026-06-25T18:00").0);
    assert_eq!(replanned(&county, id).await, 1);
    // What says that it moved says by which version.
    let timeline = county.get(id).await.timeline;
    let moved = timeline.iter().find(|entry| entry.event == "deadline_replanned").unwrap();
    assert!(moved.data.contains("\"calendar_version\":3"), "{}", moved.data);
    assert!(moved.data.contains("calendar_changed"), "{}", moved.data);
    // The same put again is the same answer, and moves nothing.
    assert_eq!(put(&county, monday_off("c2", 2)).await.unwrap().calendar_version, 3);
    assert_eq!(replanned(&county, id).await, 1);

    county.suite.clock().set(at("2026-10-09T15:00"));
    let october = county.order("c3", FOR_THE_TEAM).await;
    assert_eq!(october.due, at("2026-10-13T18:00").0);
    let mut reader = rules(&county, Role::Verifier, "620821");
    let shown = reader.get_calendar(GetCalendarRequest::default()).await.unwrap().into_inner();
    let versions: Vec<u32> = shown.versions.iter().map(|one| one.calendar_version).collect();
    assert_eq!((shown.calendar_version, versions), (3, vec![3, 2]));
    assert_eq!(shown.versions[1].holidays.len(), 10);
}

async fn every_order_is_planned_anew_once_though_the_process_is_stopped_in_the_middle(db: Db) {
    let county = County::start(db).await;
    put(&county, fixture("c1", 1)).await.unwrap();
    county.suite.clock().set(at("2026-06-18T16:30"));
    let mut cases = Vec::new();
    for number in 0..60 {
        let case = format!("c{number}");
        cases.push(county.accepts(&case, FOR_THE_TEAM, VILLAGE, Some(GRID)).await);
    }
    county.suite.settled().await;
    // Stopped as soon as the first have moved.
    let before = county.suite.head().await.sequence;
    let request = monday_off("c2", 2);
    rules(&county, Role::Operator, "620821").put_calendar(request).await.unwrap();
    until("the first order moves", async || county.suite.head().await.sequence > before + 3).await;
    let county = County { suite: county.suite.restart().await };
    county.suite.settled().await;
    for case in &cases {
        let order = county.order_of(case).await;
        assert_eq!(order.due, at("2026-06-25T18:00").0, "{case}");
        assert_eq!(replanned(&county, &order.work_order_id).await, 1, "{case}");
    }
    // Every event once more, with all tables new: nothing moves again.
    let county = County { suite: county.suite.restart_without_databases().await };
    county.suite.settled().await;
    let first = county.order_of(&cases[0]).await;
    assert_eq!(replanned(&county, &first.work_order_id).await, 1);
}

async fn another_limit_of_a_category_moves_its_orders(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    county.defines(FOR_THE_TEAM, CategoryKind::Component, "d012", "5wd").await;
    county.suite.settled().await;
    let moved = order_of(&county, id).await;
    assert_eq!((moved.limit.as_str(), moved.due), ("5wd", at("2026-06-08T18:00").0));
    assert_eq!(replanned(&county, id).await, 1);
    // The same limit again moves nothing.
    county.defines(FOR_THE_TEAM, CategoryKind::Component, "d012", "5wd").await;
    county.suite.settled().await;
    assert_eq!(replanned(&county, id).await, 1);
}

async fn what_is_no_calendar_is_refused(db: Db) {
    let county = County::start(db).await;
    let with = |change: fn(&mut PutCalendarRequest)| {
        let mut request = fixture("bad", 1);
        change(&mut request);
        request
    };
    let no_work = with(|put| {
        let mut day = jiff::civil::date(2027, 1, 1);
        put.holidays.clear();
        while day.year() == 2027 {
            put.holidays.push(day.to_string());
            day = day.tomorrow().unwrap();
        }
    });
    let both = with(|put| put.make_up_days.push("2026-10-01".to_owned()));
    let early = with(|put| put.holidays.push("2026-05-01".to_owned()));
    let no_day = with(|put| put.holidays.push("2026-02-30".to_owned()));
    let hours = with(|put| put.hours.push(WorkingHours { from_minute: 9, to_minute: 9 }));
    for (request, named) in [
        (no_work, "2027"),
        (both, "2026-10-01"),
        (early, "2026-05-01"),
        (no_day, "holidays"),
        (hours, "hours"),
    ] {
        let status = put(&county, request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{named}: {status:?}");
        let details = String::from_utf8_lossy(status.details()).into_owned();
        assert!(details.contains(named), "{named} is not in {details:?}");
    }
    for (role, division) in [
        (Role::Operator, TOWNSHIP),
        (Role::Operator, OTHER_TOWNSHIP),
        (Role::Administrator, TOWNSHIP),
    ] {
        let foreign = rules(&county, role, division).put_calendar(fixture("t", 1)).await;
        refused(foreign, Code::PermissionDenied, "OUT_OF_SCOPE");
    }
    let verifier = rules(&county, Role::Verifier, "620821").put_calendar(fixture("v", 1)).await;
    refused(verifier, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
    let read = GetCalendarRequest::default();
    let shown = rules(&county, Role::Operator, TOWNSHIP).get_calendar(read).await.unwrap();
    assert_eq!(shown.into_inner().calendar_version, 1);
}

async fn of_two_who_put_at_once_one_is_told_what_changed(db: Db) {
    let county = County::start(db).await;
    put(&county, fixture("one", 1)).await.unwrap();
    refused(put(&county, monday_off("two", 1)).await, Code::FailedPrecondition, "CALENDAR_CHANGED");
    // The same content from an older version is already so.
    assert_eq!(put(&county, fixture("three", 1)).await.unwrap().calendar_version, 2);
    put(&county, monday_off("four", 2)).await.unwrap();
}
