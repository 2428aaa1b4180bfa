//! Who sees what: lists, pages, scopes, confidential matters, and changes as they come.

use api::intake::v1::{
    AcceptCaseRequest, CaseStatus, ListCasesRequest, ReportCaseRequest, WatchCasesRequest,
    report_case_request::Place,
};
use contracts::{
    access::{PersonEvent, RoleRevoked},
    subject,
};
use kernel::{Role, id::AssignmentId};
use platform::{
    auth::{Basis, Claims, Scope},
    grpc::Bearer,
};
use testkit::Db;
use tonic::Code;

use crate::ground::{
    Client, GRID, Ground, OTHER_VILLAGE, TOWNSHIP, VILLAGE, get, lamp, refusal, report,
};

on_both_databases! {
    everybody_lists_what_is_theirs
    a_confidential_text_is_for_the_desk
    a_watch_ends_with_its_token
    changes_are_seen_as_they_come
}

async fn ids(client: &mut Client, request: ListCasesRequest) -> Vec<String> {
    let list = client.list_cases(request).await.unwrap().into_inner();
    list.cases.into_iter().map(|case| case.case_id).collect()
}

fn elsewhere(request_id: &str) -> ReportCaseRequest {
    ReportCaseRequest { place: Some(Place::Division(OTHER_VILLAGE.into())), ..lamp(request_id) }
}

async fn everybody_lists_what_is_theirs(db: Db) {
    let ground = Ground::start(db).await;
    let (mut one, mut two) = (ground.resident(1), ground.resident(2));
    let mut here = Vec::new();
    for number in 0..3 {
        here.push(report(&mut one, lamp(&format!("r{number}"))).await.case_id);
        ground.suite.clock().advance(std::time::Duration::from_secs(1));
    }
    let there = report(&mut two, elsewhere("r")).await;
    let all = || ListCasesRequest { min_position: there.position.clone(), ..Default::default() };

    let newest_first: Vec<String> = here.iter().rev().cloned().collect();
    assert_eq!(ids(&mut one, all()).await, newest_first);
    assert_eq!(ids(&mut two, all()).await, [there.case_id.as_str()]);
    assert_eq!(ids(&mut ground.of_division(Role::Operator, TOWNSHIP), all()).await, newest_first);
    assert_eq!(ids(&mut ground.member(GRID), all()).await, newest_first);
    assert_eq!(ids(&mut ground.member("620821102200001"), all()).await, [""; 0]);
    let mut county = ground.of_division(Role::Supervisor, "620821");
    assert_eq!(ids(&mut county, all()).await.len(), 4);
    let village = ListCasesRequest { division: VILLAGE.into(), ..all() };
    assert_eq!(ids(&mut county, village.clone()).await, newest_first);
    assert_eq!(ids(&mut ground.of_division(Role::Supervisor, "620822"), all()).await, [""; 0]);
    let mut foreign = ground.of_division(Role::Operator, OTHER_VILLAGE);
    let refused = foreign.list_cases(village).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let refused = get(&mut foreign, &here[0], None).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));

    // Page by page, oldest first, is the same list; a token opens no other list.
    let page = |token: String| ListCasesRequest {
        page_size: 2,
        page_token: token,
        order_by: "reported_at".into(),
        ..all()
    };
    let first = county.list_cases(page(String::new())).await.unwrap().into_inner();
    let second = county.list_cases(page(first.next_page_token.clone())).await.unwrap().into_inner();
    assert_eq!(second.next_page_token, "");
    let paged: Vec<String> =
        first.cases.into_iter().chain(second.cases).map(|case| case.case_id).collect();
    assert_eq!(paged, [&here[..], std::slice::from_ref(&there.case_id)].concat());
    let other_list = ListCasesRequest { category: "0102".into(), ..page(first.next_page_token) };
    assert_eq!(crate::ground::wrong_fields(county.list_cases(other_list).await), ["page_token"]);

    ground.suite.settled().await;
    let accepted = ListCasesRequest { status: CaseStatus::Accepted.into(), ..all() };
    assert_eq!(ids(&mut county, accepted).await.len(), 4);
    let reported = ListCasesRequest { status: CaseStatus::Reported.into(), ..all() };
    assert_eq!(ids(&mut county, reported).await.len(), 0);
}

async fn a_confidential_text_is_for_the_desk(db: Db) {
    let ground = Ground::start(db).await;
    let confidential = crate::ground::CATALOGUE
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>())
        .find(|cells| cells.len() == 20 && cells[10] == "yes")
        .unwrap()[2];
    let request = ReportCaseRequest { category: confidential.into(), ..lamp("r") };
    let secret = report(&mut ground.resident(1), request).await.case_id;
    let open = report(&mut ground.resident(1), lamp("open")).await.case_id;
    ground.suite.settled().await;
    let mut member = ground.member(GRID);
    assert_eq!(get(&mut member, &open, None).await.unwrap().text, "村口的路灯坏了");
    let hidden = get(&mut member, &secret, None).await.unwrap();
    assert_eq!(hidden.text, "");
    assert!(hidden.timeline.iter().all(|entry| entry.text.is_empty() && entry.actor.is_empty()));
    for role in [Role::Verifier, Role::Integrator, Role::Administrator] {
        let mut reader = ground.of_division(role, TOWNSHIP);
        assert_eq!(get(&mut reader, &secret, None).await.unwrap().text, "", "{role}");
    }
    for role in [Role::Operator, Role::Supervisor] {
        let mut desk = ground.of_division(role, TOWNSHIP);
        assert_eq!(get(&mut desk, &secret, None).await.unwrap().text, "村口的路灯坏了", "{role}");
    }
}

async fn a_watch_ends_with_its_token(db: Db) {
    let ground = Ground::start(db).await;
    let person = ground.suite.person(77);
    let assignment: AssignmentId = "620821101000-a77".parse().unwrap();
    let claims = Claims {
        person: person.clone(),
        role: Role::Operator,
        scope: Scope::Division(TOWNSHIP.parse().unwrap()),
        ttl: std::time::Duration::from_hours(1),
        basis: Basis { assignment: Some(assignment.clone()), ..Basis::default() },
    };
    let context = ground.suite.context();
    let token = context.issuer.issue(&claims, context.clock.now()).unwrap();
    let mut desk = ground.client(Bearer::new(&token).unwrap());
    let mut changes = desk.watch_cases(WatchCasesRequest::default()).await.unwrap().into_inner();

    let revoked =
        RoleRevoked { occurred_at: context.clock.now(), person: person.clone(), assignment };
    let events = [PersonEvent::from(revoked)];
    ground.suite.append(&subject::person(&person), &person.to_string(), &events).await;
    let begun = tokio::time::Instant::now();
    let limit = std::time::Duration::from_secs(30);
    let ended = tokio::time::timeout(limit, changes.message()).await.unwrap();
    assert_eq!(refusal(ended.map(|_| ())), (Code::Unauthenticated, "TOKEN_REVOKED".into()));
    assert!(begun.elapsed() < std::time::Duration::from_millis(1_500), "{:?}", begun.elapsed());
    let again = desk.watch_cases(WatchCasesRequest::default()).await;
    assert_eq!(refusal(again.map(|_| ())), (Code::Unauthenticated, "TOKEN_REVOKED".into()));
}

async fn changes_are_seen_as_they_come(db: Db) {
    let ground = Ground::start(db).await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let mut changes = desk.watch_cases(WatchCasesRequest::default()).await.unwrap().into_inner();
    report(&mut ground.resident(1), elsewhere("there")).await;
    let here = report(&mut ground.resident(1), lamp("here")).await.case_id;
    let limit = std::time::Duration::from_secs(30);
    loop {
        let change = tokio::time::timeout(limit, changes.message()).await.unwrap();
        let case = change.unwrap().unwrap().case.unwrap();
        assert_eq!(case.case_id, here, "nothing of another township is seen");
        if case.status() == CaseStatus::Accepted {
            break;
        }
    }
    // It goes to the next grid: the first one's member is told that it left, and of nothing after.
    let mut member = ground.member(GRID);
    let mut near = member.watch_cases(WatchCasesRequest::default()).await.unwrap().into_inner();
    let enquiry = ReportCaseRequest { category: "1301".into(), ..lamp("moving") };
    let moving = report(&mut ground.resident(1), enquiry).await.case_id;
    let came = near.message().await.unwrap().unwrap();
    assert_eq!((came.case.unwrap().case_id, came.left.as_str()), (moving.clone(), ""));
    let accept = AcceptCaseRequest {
        request_id: "moving".into(),
        case_id: moving.clone(),
        grid: format!("{VILLAGE}002"),
        ..AcceptCaseRequest::default()
    };
    ground.draw(accept.grid.parse().unwrap()).await;
    ground.suite.settled().await;
    desk.accept_case(accept).await.unwrap();
    let left = near.message().await.unwrap().unwrap();
    assert_eq!((left.case, left.left), (None, moving.clone()));
    let foreign = WatchCasesRequest { division: OTHER_VILLAGE.into() };
    let refused = desk.watch_cases(foreign).await;
    assert_eq!(refusal(refused.map(|_| ())), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
}
