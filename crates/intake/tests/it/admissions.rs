//! What may enter the grids.

use std::time::Duration;

use api::intake::v1::{
    Admission, AdmissionRefusal, AdmissionStatus, EndAdmissionRequest, GrantAdmissionRequest,
    GridTask, ListAdmissionsRequest, RefuseAdmissionRequest, RequestAdmissionRequest,
};
use kernel::Role;
use testkit::{Db, until};
use tonic::Code;

use crate::ground::{Ground, TOWNSHIP, refusal, wrong_fields};

on_both_databases! {
    what_is_granted_for_a_time_is_off_the_list_by_itself
    what_is_not_on_the_list_is_refused_with_its_reason
}

fn asking(request_id: &str, text: &str, until: &str) -> RequestAdmissionRequest {
    RequestAdmissionRequest {
        request_id: request_id.into(),
        category: "0601".into(),
        division: TOWNSHIP.into(),
        tasks: vec![GridTask::Campaign.into(), GridTask::Patrol.into()],
        text: text.into(),
        until: until.into(),
    }
}

async fn listed(ground: &Ground, division: &str) -> Vec<Admission> {
    ground.suite.settled().await;
    let mut client = ground.catalogue(Role::Supervisor, division);
    let request = ListAdmissionsRequest::default();
    client.list_admissions(request).await.unwrap().into_inner().admissions
}

async fn what_is_granted_for_a_time_is_off_the_list_by_itself(db: Db) {
    let mut ground = Ground::start(db).await;
    let last = intake::catalogue::days::day_of(ground.suite.clock_now().plus_millis(86_400_000));
    let mut desk = ground.catalogue(Role::Operator, TOWNSHIP);
    let asked =
        desk.request_admission(asking("ask", "排查充电场所", "")).await.unwrap().into_inner();
    let again =
        desk.request_admission(asking("ask", "排查充电场所", "")).await.unwrap().into_inner();
    assert_eq!(asked, again);
    let id = asked.admission_id;
    let grant = |request_id: &str, until: &str| GrantAdmissionRequest {
        request_id: request_id.into(),
        admission_id: id.clone(),
        until: until.into(),
    };
    let mut elsewhere = ground.catalogue(Role::Supervisor, "620821102");
    let foreign = elsewhere.grant_admission(grant("foreign", "")).await;
    assert_eq!(refusal(foreign), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let mut chief = ground.catalogue(Role::Supervisor, TOWNSHIP);
    let unknown =
        GrantAdmissionRequest { admission_id: "620821101000-nobody".into(), ..grant("u", "") };
    let unknown = chief.grant_admission(unknown).await;
    assert_eq!(refusal(unknown), (Code::NotFound, "ADMISSION_NOT_FOUND".into()));
    let past = chief.grant_admission(grant("past", "2020-01-01")).await;
    assert_eq!(refusal(past), (Code::FailedPrecondition, "ADMISSION_TERM_OVER".into()));
    chief.grant_admission(grant("grant", &last)).await.unwrap();
    let twice = chief.grant_admission(grant("twice", "")).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "ADMISSION_GRANTED".into()));

    let found = listed(&ground, "620821").await;
    let [admission] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (admission.status(), admission.until.as_str()),
        (AdmissionStatus::Granted, last.as_str())
    );
    assert_eq!((admission.text.as_str(), admission.tasks.len()), ("排查充电场所", 2));
    assert!(listed(&ground, "620821102").await.is_empty());

    ground.suite.clock().advance(Duration::from_hours(24));
    ground.suite = ground.suite.restart().await;
    assert_eq!(
        listed(&ground, TOWNSHIP).await[0].status(),
        AdmissionStatus::Granted,
        "its last day"
    );
    ground.suite.clock().advance(Duration::from_hours(24));
    until("its term is over", || async {
        listed(&ground, TOWNSHIP).await[0].status() == AdmissionStatus::Ended
    })
    .await;
    ground.suite = ground.suite.restart_without_databases().await;
    assert_eq!(listed(&ground, TOWNSHIP).await[0].version, 3);
    let end = EndAdmissionRequest { request_id: "end".into(), admission_id: id };
    let mut chief = ground.catalogue(Role::Supervisor, TOWNSHIP);
    assert_eq!(chief.end_admission(end).await.unwrap().into_inner().version, 3);
}

async fn what_is_not_on_the_list_is_refused_with_its_reason(db: Db) {
    let ground = Ground::start(db).await;
    let mut chief = ground.catalogue(Role::Supervisor, TOWNSHIP);
    let wifi = RequestAdmissionRequest {
        category: String::new(),
        ..asking("wifi", "登记居民无线网络使用情况", "")
    };
    // The supervisor asks, so another one decides.
    let id = chief.request_admission(wifi).await.unwrap().into_inner().admission_id;
    let refuse = RefuseAdmissionRequest {
        request_id: "refuse".into(),
        admission_id: id.clone(),
        reason: AdmissionRefusal::NotAdmitted.into(),
        explanation: "不属于网格事项".into(),
    };
    let own = chief.refuse_admission(refuse.clone()).await;
    assert_eq!(refusal(own), (Code::FailedPrecondition, "ADMISSION_OWN_REQUEST".into()));
    let mut county = ground.catalogue_of(2, Role::Supervisor, "620821");
    let no_reason = RefuseAdmissionRequest { reason: 0, ..refuse.clone() };
    assert_eq!(wrong_fields(county.refuse_admission(no_reason).await), ["reason"]);
    county.refuse_admission(refuse).await.unwrap();
    let refused = listed(&ground, TOWNSHIP).await.remove(0);
    assert_eq!(
        (refused.status(), refused.reason()),
        (AdmissionStatus::Refused, AdmissionRefusal::NotAdmitted)
    );
    assert_eq!((refused.explanation.as_str(), refused.category.as_str()), ("不属于网格事项", ""));

    let empty = RequestAdmissionRequest {
        request_id: "empty".into(),
        ..RequestAdmissionRequest::default()
    };
    assert_eq!(wrong_fields(chief.request_admission(empty).await), ["division", "tasks", "text"]);
    let hostile = RequestAdmissionRequest {
        category: "01".into(),
        division: "620821102".into(),
        tasks: vec![99],
        until: "2020-01-01".into(),
        ..asking("hostile", &"长".repeat(1_001), "")
    };
    let fields = wrong_fields(chief.request_admission(hostile).await);
    assert_eq!(fields, ["category", "tasks", "text", "until"]);
    let foreign =
        RequestAdmissionRequest { division: "620821102".into(), ..asking("foreign", "x", "") };
    let foreign = chief.request_admission(foreign).await;
    assert_eq!(refusal(foreign), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
}
