//! What is refused, and with which reason.

use api::dispatch::v1::{
    AssignWorkOrderRequest, Assignee, GetWorkOrderRequest, ListWorkOrdersRequest,
    ReturnWorkOrderRequest, SubmitFeedbackRequest, VerifyWorkOrderRequest, WatchWorkOrdersRequest,
};
use kernel::Role;
use testkit::Db;
use tonic::{Code, Status};

use crate::{
    county::{
        CHIEF, County, FOR_MEMBERS, FOR_THE_TEAM, MEMBER, OTHER_TOWNSHIP, TOWNSHIP, refused, team,
    },
    orders::{accept, assign, close, feedback, give_back, verify},
};

crate::on_both_databases! {
    every_command_out_of_turn_is_refused_with_its_reason
    what_lies_elsewhere_is_refused_whether_it_is_there_or_not
    hostile_values_are_refused_on_every_command
}

fn get(id: &str) -> GetWorkOrderRequest {
    GetWorkOrderRequest { work_order_id: id.to_owned(), min_position: None }
}

fn some_person(county: &County) -> Assignee {
    Assignee { organisation_id: String::new(), person_id: county.person(77).to_string() }
}

async fn every_command_out_of_turn_is_refused_with_its_reason(db: Db) {
    const DONE: &str = "";
    let county = County::start(db).await;
    let mut member = county.member(MEMBER);
    let mut chief = county.member(CHIEF);
    let mut operator = county.operator(TOWNSHIP);
    // How far the order is taken, and what accept, return, assign, feedback, verify and close then
    // answer. What would be done is left out.
    for (steps, answers) in [
        (0, [DONE, DONE, DONE, "ORDER_NOT_ACCEPTED", "ORDER_NOT_HANDLED", "ORDER_NOT_VERIFIED"]),
        (1, [DONE, DONE, DONE, DONE, "ORDER_NOT_HANDLED", "ORDER_NOT_VERIFIED"]),
        (
            2,
            [
                "ORDER_ALREADY_HANDLED",
                "ORDER_ALREADY_HANDLED",
                "ORDER_ALREADY_HANDLED",
                "ORDER_ALREADY_HANDLED",
                DONE,
                "ORDER_NOT_VERIFIED",
            ],
        ),
        (
            3,
            ["ORDER_ALREADY_VERIFIED"; 5]
                .into_iter()
                .chain([DONE])
                .collect::<Vec<_>>()
                .try_into()
                .unwrap(),
        ),
        (4, ["ORDER_CLOSED"; 5].into_iter().chain([DONE]).collect::<Vec<_>>().try_into().unwrap()),
    ] {
        let order = county.order(&format!("c{steps}"), FOR_MEMBERS).await;
        let id = order.work_order_id.as_str();
        for step in 0..steps {
            match step {
                0 => drop(member.accept_work_order(accept(id, "1")).await.unwrap()),
                1 => drop(member.submit_feedback(feedback(id, "2")).await.unwrap()),
                2 => drop(chief.verify_work_order(verify(id, "3", true)).await.unwrap()),
                _ => drop(operator.close_work_order(close(id, "4")).await.unwrap()),
            }
        }
        let before = county.history(id).await;
        for (place, expected) in answers.iter().enumerate().filter(|(_, answer)| **answer != DONE) {
            let request = format!("x{place}");
            let answer: Result<(), Status> = match place {
                0 => member.accept_work_order(accept(id, &request)).await.map(drop),
                1 => member.return_work_order(give_back(id, &request)).await.map(drop),
                2 => {
                    let to = assign(id, &request, some_person(&county));
                    operator.assign_work_order(to).await.map(drop)
                }
                3 => member.submit_feedback(feedback(id, &request)).await.map(drop),
                4 => chief.verify_work_order(verify(id, &request, false)).await.map(drop),
                _ => operator.close_work_order(close(id, &request)).await.map(drop),
            };
            refused(answer, Code::FailedPrecondition, expected);
        }
        assert_eq!(county.history(id).await, before, "what is refused leaves nothing");
    }
}

async fn what_lies_elsewhere_is_refused_whether_it_is_there_or_not(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    let id = order.work_order_id.as_str();
    let nowhere = "620821101203-nothing";
    let mut elsewhere = county.operator(OTHER_TOWNSHIP);
    let denied = Code::PermissionDenied;
    for id in [id, nowhere] {
        refused(elsewhere.get_work_order(get(id)).await, denied, "OUT_OF_SCOPE");
        refused(elsewhere.close_work_order(close(id, "c")).await, denied, "OUT_OF_SCOPE");
        let verified = elsewhere.verify_work_order(verify(id, "v", true)).await;
        refused(verified, denied, "OUT_OF_SCOPE");
        let assigned = elsewhere.assign_work_order(assign(id, "m", some_person(&county))).await;
        refused(assigned, denied, "OUT_OF_SCOPE");
    }
    let mut here = county.operator(TOWNSHIP);
    refused(here.get_work_order(get(nowhere)).await, Code::NotFound, "NO_SUCH_WORK_ORDER");
    let closed = here.close_work_order(close(nowhere, "c")).await;
    refused(closed, Code::NotFound, "NO_SUCH_WORK_ORDER");
    // A clerk of another organisation, who covers the whole county.
    let mut clerk = county.clerk(&crate::county::desk());
    let absent = (Code::NotFound, "NO_SUCH_WORK_ORDER");
    refused(clerk.accept_work_order(accept(id, "a")).await, absent.0, absent.1);
    refused(clerk.get_work_order(get(id)).await, absent.0, absent.1);

    let list = |division: &str| ListWorkOrdersRequest {
        division: division.to_owned(),
        ..ListWorkOrdersRequest::default()
    };
    let seen = elsewhere.list_work_orders(list("")).await.unwrap().into_inner();
    assert!(seen.work_orders.is_empty());
    refused(elsewhere.list_work_orders(list(TOWNSHIP)).await, denied, "OUT_OF_SCOPE");
    let watch = WatchWorkOrdersRequest { division: TOWNSHIP.to_owned() };
    refused(elsewhere.watch_work_orders(watch).await.map(drop), denied, "OUT_OF_SCOPE");
    // Roles that the method is not for.
    refused(county.resident().get_work_order(get(id)).await, denied, "ROLE_NOT_ALLOWED");
    refused(here.accept_work_order(accept(id, "a")).await, denied, "ROLE_NOT_ALLOWED");
    let closed = county.clerk(&team()).close_work_order(close(id, "c")).await;
    refused(closed, denied, "ROLE_NOT_ALLOWED");
    let integrator = county.office(Role::Integrator, TOWNSHIP).get_work_order(get(id)).await;
    assert!(integrator.is_ok());
    assert_eq!(county.history(id).await.len(), 2);
}

async fn hostile_values_are_refused_on_every_command(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    let mut member = county.member(MEMBER);
    let mut operator = county.operator(TOWNSHIP);
    let long = "长".repeat(2_001);
    let code = Code::InvalidArgument;
    for bad in ["", "x", "620821101203-", "620821101203-a.b", "620821101203-a>", "999999999999-*"] {
        refused(member.accept_work_order(accept(bad, "r")).await, code, "work_order_id");
        refused(member.return_work_order(give_back(bad, "r")).await, code, "work_order_id");
        refused(member.submit_feedback(feedback(bad, "r")).await, code, "work_order_id");
        refused(member.verify_work_order(verify(bad, "r", true)).await, code, "work_order_id");
        refused(operator.close_work_order(close(bad, "r")).await, code, "work_order_id");
        let to = assign(bad, "r", some_person(&county));
        refused(operator.assign_work_order(to).await, code, "work_order_id");
        refused(operator.get_work_order(get(bad)).await, code, "work_order_id");
    }
    for bad in ["", "a b", &"r".repeat(65), "请求", "a\n"] {
        refused(member.accept_work_order(accept(id, bad)).await, code, "request_id");
        refused(member.return_work_order(give_back(id, bad)).await, code, "request_id");
        refused(member.submit_feedback(feedback(id, bad)).await, code, "request_id");
        refused(member.verify_work_order(verify(id, bad, true)).await, code, "request_id");
        refused(operator.close_work_order(close(id, bad)).await, code, "request_id");
        let to = assign(id, bad, some_person(&county));
        refused(operator.assign_work_order(to).await, code, "request_id");
    }
    for text in ["", "  ", &long, "a\u{202E}b", "a\0"] {
        let text = text.to_owned();
        let returned = ReturnWorkOrderRequest { explanation: text.clone(), ..give_back(id, "r") };
        refused(member.return_work_order(returned).await, code, "explanation");
        let verified = VerifyWorkOrderRequest { text: text.clone(), ..verify(id, "r", false) };
        refused(operator.verify_work_order(verified).await, code, "text");
        let unsolved = SubmitFeedbackRequest { text, result: 4, ..feedback(id, "r") };
        refused(member.submit_feedback(unsolved).await, code, "text");
    }
    for word in [0, 99, -1] {
        let returned = ReturnWorkOrderRequest { reason: word, ..give_back(id, "r") };
        refused(member.return_work_order(returned).await, code, "reason");
        let done = SubmitFeedbackRequest { result: word, ..feedback(id, "r") };
        refused(member.submit_feedback(done).await, code, "result");
    }
    let photo = |key: &str| format!("620821101203-{key}");
    for photos in [
        vec![String::new()],
        vec!["../../etc/passwd".to_owned()],
        vec![photo("a"), photo("a")],
        (0..6).map(|number| photo(&number.to_string())).collect(),
    ] {
        let before = SubmitFeedbackRequest { photos_before: photos.clone(), ..feedback(id, "r") };
        refused(member.submit_feedback(before).await, code, "photos_before");
        let after = SubmitFeedbackRequest { photos_after: photos, ..feedback(id, "r") };
        refused(member.submit_feedback(after).await, code, "photos_after");
    }
    for assignee in [
        None,
        Some(Assignee::default()),
        Some(Assignee {
            organisation_id: "620821101000-none".to_owned(),
            person_id: String::new(),
        }),
        Some(Assignee { organisation_id: String::new(), person_id: "'; DROP TABLE".to_owned() }),
    ] {
        let to = AssignWorkOrderRequest { assignee, ..assign(id, "r", Assignee::default()) };
        refused(operator.assign_work_order(to).await, code, "assignee");
    }
    assert_eq!(county.history(id).await.len(), 2, "nothing came of it");
}
