//! Hostile values: refused with the fields that are wrong, and nothing is written.

use api::intake::v1::{
    AcceptCaseRequest, AddInformationRequest, Contact, ListCasesRequest, RateCaseRequest,
    RefuseCaseRequest, ReopenCaseRequest, ReportCaseRequest,
};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::ground::{
    Client, GRID, Ground, OTHER_VILLAGE, TOWNSHIP, get, lamp, refusal, report, wrong_fields,
};

on_both_databases! {
    every_command_tells_all_that_is_wrong
    what_lies_elsewhere_is_refused_whether_it_is_there_or_not
}

/// A report of which every field is wrong.
fn all_wrong() -> ReportCaseRequest {
    let contact = Contact {
        name: "甲".repeat(101),
        phone: "not a number".into(),
        address: "\u{202e}".into(),
    };
    ReportCaseRequest {
        request_id: "a b".into(),
        channel: 999,
        category: "9999".into(),
        place: None,
        text: "长".repeat(2_001),
        contact: Some(contact),
        photos: vec!["../photo.jpg".into()],
        on_behalf_of: "me".into(),
        reference: "张三 13800138000".into(),
        ..ReportCaseRequest::default()
    }
}

async fn every_command_tells_all_that_is_wrong(db: Db) {
    let ground = Ground::start(db).await;
    let before = ground.suite.head().await;
    let (mut resident, mut desk) =
        (ground.resident(1), ground.of_division(Role::Operator, "620821"));
    let report = all_wrong();
    assert_eq!(
        wrong_fields(resident.report_case(report).await),
        [
            "request_id",
            "channel",
            "on_behalf_of",
            "on_behalf_of",
            "reference",
            "category",
            "place",
            "text",
            "contact.name",
            "contact.phone",
            "contact.address",
            "photos"
        ]
    );
    for text in ["\0", "a\u{1b}[2J", "\u{2066}x"] {
        let report = ReportCaseRequest { text: text.into(), ..lamp("r") };
        assert_eq!(wrong_fields(resident.report_case(report).await), ["text"]);
    }
    let (case_id, request_id) = ("620821;DROP".to_owned(), "x".repeat(65));
    let accept = AcceptCaseRequest {
        request_id: request_id.clone(),
        case_id: case_id.clone(),
        category: "'".into(),
        grid: "1".into(),
    };
    assert_eq!(
        wrong_fields(desk.accept_case(accept).await),
        ["request_id", "case_id", "category", "grid"]
    );
    let refuse = RefuseCaseRequest {
        request_id: request_id.clone(),
        case_id: case_id.clone(),
        reason: 77,
        explanation: "\u{7f}".into(),
    };
    assert_eq!(
        wrong_fields(desk.refuse_case(refuse).await),
        ["request_id", "case_id", "reason", "explanation"]
    );
    let add = AddInformationRequest {
        request_id: request_id.clone(),
        case_id: case_id.clone(),
        text: " \n ".into(),
        photos: Vec::new(),
    };
    assert_eq!(
        wrong_fields(resident.add_information(add).await),
        ["request_id", "case_id", "text"]
    );
    let rate = RateCaseRequest {
        request_id,
        case_id,
        satisfaction: -1,
        comment: "长".repeat(1_001),
        ..RateCaseRequest::default()
    };
    assert_eq!(
        wrong_fields(resident.rate_case(rate).await),
        ["request_id", "case_id", "satisfaction", "comment"]
    );
    let list = ListCasesRequest {
        page_size: -1,
        page_token: "你好".into(),
        status: 88,
        category: "x".into(),
        division: "620821000".into(),
        order_by: "reported_at; DROP TABLE cases".into(),
        ..ListCasesRequest::default()
    };
    let mut fields = wrong_fields(desk.list_cases(list).await);
    fields.sort();
    assert_eq!(fields, ["category", "division", "order_by", "page_size", "page_token", "status"]);
    let empty = ground.import("i", "").await;
    assert_eq!(wrong_fields(empty), ["csv"]);
    assert_eq!(ground.suite.head().await, before, "nothing was written");
}

/// What each method of a case answers.
async fn answers(client: &mut Client, case: &str) -> Vec<(Code, String)> {
    let (request_id, case_id) = ("r".to_owned(), case.to_owned());
    let rate = RateCaseRequest {
        request_id: request_id.clone(),
        case_id: case_id.clone(),
        satisfaction: 1,
        ..RateCaseRequest::default()
    };
    let add = AddInformationRequest {
        request_id: request_id.clone(),
        case_id: case_id.clone(),
        text: "x".into(),
        photos: Vec::new(),
    };
    let reopen = ReopenCaseRequest {
        request_id: request_id.clone(),
        case_id: case_id.clone(),
        text: "x".into(),
    };
    let accept = AcceptCaseRequest { request_id, case_id, ..AcceptCaseRequest::default() };
    vec![
        refusal(client.accept_case(accept).await),
        refusal(get(client, case, None).await),
        refusal(client.add_information(add).await),
        refusal(client.reopen_case(reopen).await),
        refusal(client.rate_case(rate).await),
    ]
}

async fn what_lies_elsewhere_is_refused_whether_it_is_there_or_not(db: Db) {
    let ground = Ground::start(db).await;
    let there = report(&mut ground.resident(1), lamp("r")).await.case_id;
    ground.suite.settled().await;
    let before = ground.suite.head().await;
    let denied = |reason: &str| (Code::PermissionDenied, reason.to_owned());
    let not_found = (Code::NotFound, "CASE_NOT_FOUND".to_owned());
    let (role, scope, own) =
        (denied("ROLE_NOT_ALLOWED"), denied("OUT_OF_SCOPE"), denied("NOT_THE_REPORTER"));
    for case in [&there, "620821101203-nothing", "620822101203-nothing"] {
        let elsewhere = answers(&mut ground.of_division(Role::Operator, OTHER_VILLAGE), case).await;
        let expected = [&scope, &scope, &scope, &scope, &role];
        assert_eq!(elsewhere.iter().collect::<Vec<_>>(), expected, "{case}");
        let stranger = answers(&mut ground.resident(2), case).await;
        let expected = [&role, &scope, &own, &own, &own];
        assert_eq!(stranger.iter().collect::<Vec<_>>(), expected, "{case}");
        let other_grid = answers(&mut ground.member("620821102200001"), case).await;
        let expected = [&role, &scope, &own, &own, &role];
        assert_eq!(other_grid.iter().collect::<Vec<_>>(), expected, "{case}");
    }
    let here = answers(&mut ground.of_division(Role::Operator, TOWNSHIP), "620821101203-no").await;
    let expected = [&not_found, &not_found, &not_found, &not_found, &role];
    assert_eq!(here.iter().collect::<Vec<_>>(), expected);
    let here = answers(&mut ground.member(GRID), "620821101203-no").await;
    let expected = [&role, &not_found, &not_found, &not_found, &role];
    assert_eq!(here.iter().collect::<Vec<_>>(), expected);
    assert_eq!(ground.suite.head().await, before, "nothing was written");
}
