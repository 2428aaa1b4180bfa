//! Hostile values: refused with the fields that are wrong, and nothing is written.

use api::intake::v1::{
    AcceptCaseRequest, AddInformationRequest, Contact, GetCaseRequest, ListCasesRequest,
    RateCaseRequest, RefuseCaseRequest, ReportCaseRequest,
};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::ground::{Ground, lamp, refusal, wrong_fields};

on_both_databases! {
    every_command_tells_all_that_is_wrong
    a_case_that_is_not_there_is_not_found
}

async fn every_command_tells_all_that_is_wrong(db: Db) {
    let ground = Ground::start(db).await;
    let before = ground.suite.head().await;
    let (mut resident, mut desk) =
        (ground.resident(1), ground.of_division(Role::Operator, "620821"));
    let contact = Contact {
        name: "甲".repeat(101),
        phone: "not a number".into(),
        address: "\u{202e}".into(),
    };
    let report = ReportCaseRequest {
        request_id: "a b".into(),
        channel: 999,
        category: "9999".into(),
        place: None,
        text: "长".repeat(2_001),
        contact: Some(contact),
    };
    assert_eq!(
        wrong_fields(resident.report_case(report).await),
        [
            "request_id",
            "channel",
            "category",
            "place",
            "text",
            "contact.name",
            "contact.phone",
            "contact.address"
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

async fn a_case_that_is_not_there_is_not_found(db: Db) {
    let ground = Ground::start(db).await;
    let mut desk = ground.of_division(Role::Operator, "620821");
    for case_id in ["620821101203-nothing", "620822101203-nothing"] {
        let case_id = case_id.to_owned();
        let accept = AcceptCaseRequest {
            request_id: "r".into(),
            case_id: case_id.clone(),
            ..AcceptCaseRequest::default()
        };
        let not_found = (Code::NotFound, "CASE_NOT_FOUND".to_owned());
        assert_eq!(refusal(desk.accept_case(accept).await), not_found);
        let add = AddInformationRequest {
            request_id: "r".into(),
            case_id: case_id.clone(),
            text: "x".into(),
        };
        assert_eq!(refusal(desk.add_information(add).await), not_found);
    }
    let case_id = "620821101203-nothing".to_owned();
    let read = desk.get_case(GetCaseRequest { case_id, min_position: None }).await;
    assert_eq!(refusal(read), (Code::NotFound, "CASE_NOT_FOUND".to_owned()));
}
