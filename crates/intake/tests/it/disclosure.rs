//! How a reporter can be reached: masked for those who see the case, told to those who must reach them,
//! after it was written down; and found by a number.

use std::time::Duration;

use api::intake::v1::{
    Channel, Contact, DisclosurePurpose, FindByPhoneRequest, ReportCaseRequest,
    RevealContactRequest, RevealContactResponse, report_case_request::Place,
};
use contracts::{
    dispatch::{WorkOrderCreated, WorkOrderEvent, WorkOrderRouted},
    intake::{DisclosureEvent, DisclosurePurpose as Purpose},
    subject,
};
use kernel::{Clock as _, Role, StoredEvent as _, id::WorkOrderId};
use platform::auth::scope::ScopeParts;
use testkit::Db;
use tonic::{Code, Status};

use crate::ground::{
    Client, GRID, Ground, OTHER_VILLAGE, TOWNSHIP, get, lamp, refusal, report, wrong_fields,
};

on_both_databases! {
    a_contact_is_masked_until_it_is_asked_for
    a_number_leads_to_the_cases_in_scope
    texts_are_masked_by_role
    what_is_restricted_or_erased_is_not_told
}

fn reveal(request_id: &str, case: &str) -> RevealContactRequest {
    RevealContactRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        purpose: DisclosurePurpose::CallBack.into(),
        note: "李四在13900139000等回电".into(),
    }
}

async fn revealed(
    client: &mut Client,
    request: RevealContactRequest,
) -> Result<RevealContactResponse, Status> {
    Ok(client.reveal_contact(request).await?.into_inner())
}

fn find(request_id: &str, phone: &str) -> FindByPhoneRequest {
    FindByPhoneRequest {
        request_id: request_id.into(),
        phone: phone.into(),
        purpose: DisclosurePurpose::PersonsRequest.into(),
        note: String::new(),
    }
}

async fn found(client: &mut Client, request_id: &str, phone: &str) -> Vec<String> {
    client.find_by_phone(find(request_id, phone)).await.unwrap().into_inner().case_ids
}

fn operator(ground: &Ground, number: u128, division: &str) -> Client {
    let scope = ScopeParts { division: division.parse().ok(), ..ScopeParts::default() };
    ground.client(ground.suite.bearer_for(&ground.suite.person(number), Role::Operator, scope))
}

fn member(ground: &Ground, number: u128) -> Client {
    let scope = ScopeParts { grid: GRID.parse().ok(), ..ScopeParts::default() };
    ground.client(ground.suite.bearer_for(&ground.suite.person(number), Role::GridMember, scope))
}

/// As dispatch would: an order of the case is with a person.
async fn assign(ground: &Ground, case: &str, number: u128) {
    let case: kernel::id::CaseId = case.parse().unwrap();
    let order = WorkOrderId::new(case.division(), case.key().clone());
    let golden = |name: &str, version: u32| -> serde_json::Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/golden");
        let file = format!("{folder}/weft.dispatch.{name}.v{version}.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    };
    let now = ground.suite.clock().now();
    let created: WorkOrderCreated =
        serde_json::from_value(golden("work_order_created", 2)).unwrap();
    let created = WorkOrderCreated {
        occurred_at: now,
        work_order: order.clone(),
        case: case.clone(),
        division: case.division(),
        ..created
    };
    let routed: WorkOrderRouted = serde_json::from_value(golden("work_order_routed", 1)).unwrap();
    let mut routed = WorkOrderRouted { occurred_at: now, work_order: order.clone(), ..routed };
    routed.assignee.person = Some(ground.suite.person(number));
    routed.assignee.organisation = None;
    let events: [WorkOrderEvent; 2] = [created.into(), routed.into()];
    ground.suite.append(&subject::work_order(&order), &order.to_string(), &events).await;
    ground.suite.settled().await;
}

async fn a_contact_is_masked_until_it_is_asked_for(db: Db) {
    let ground = Ground::start(db).await;
    let case = report(&mut ground.resident(1), lamp("r")).await.case_id;
    let masked = ground.seen(&case).await.contact.unwrap();
    assert_eq!((masked.name.as_str(), masked.phone.as_str()), ("张*", "138****8000"));

    let mut desk = operator(&ground, 50, TOWNSHIP);
    let first = revealed(&mut desk, reveal("one", &case)).await.unwrap();
    let contact = first.contact.clone().unwrap();
    assert_eq!((contact.name.as_str(), contact.phone.as_str()), ("张三", "13800138000"));
    assert_eq!(revealed(&mut desk, reveal("one", &case)).await.unwrap(), first, "a retry is one");

    // It is in the log: who, which case and what for; and nothing of what was typed.
    let account = subject::disclosure(&ground.suite.person(50));
    let history = ground.suite.context().log.load(&account, 1).await.unwrap();
    assert_eq!(history.len(), 1);
    let event = DisclosureEvent::decode(&history[0].ce_type, &history[0].payload).unwrap();
    let DisclosureEvent::ContactRevealed(event) = event else { unreachable!() };
    assert_eq!((event.case.to_string(), event.purpose), (case.clone(), Purpose::CallBack));
    assert_eq!(event.by, ground.suite.person(50));
    let note = ground.suite.context().vault.text(&event.note.unwrap()).await.unwrap();
    assert_eq!(note.unwrap(), "李四在13900139000等回电");

    // Whoever does not handle it is not told; whoever does is.
    let refused = |answer: Result<RevealContactResponse, Status>| refusal(answer);
    let mut stranger = operator(&ground, 51, OTHER_VILLAGE);
    let answer = revealed(&mut stranger, reveal("s", &case)).await;
    assert_eq!(refused(answer), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let answer = revealed(&mut member(&ground, 52), reveal("m", &case)).await;
    assert_eq!(refused(answer), (Code::PermissionDenied, "NOT_THE_HANDLER".into()));
    for role in [Role::Verifier, Role::Administrator, Role::Integrator, Role::SecurityAdministrator]
    {
        let mut other = ground.of_division(role, "620821");
        let answer = revealed(&mut other, reveal("o", &case)).await;
        assert_eq!(answer.unwrap_err().code(), Code::PermissionDenied, "{role}");
    }
    assign(&ground, &case, 52).await;
    let answer = revealed(&mut member(&ground, 52), reveal("m", &case)).await.unwrap();
    assert_eq!(answer.contact.unwrap().phone, "13800138000");

    // Without a purpose, a case or a contact there is nothing to tell.
    let nothing =
        RevealContactRequest { purpose: 0, note: "x".repeat(201), ..reveal("two", &case) };
    assert_eq!(wrong_fields(desk.reveal_contact(nothing).await), ["purpose", "note"]);
    let missing = revealed(&mut desk, reveal("two", "620821101203-nocase")).await;
    assert_eq!(refused(missing), (Code::NotFound, "CASE_NOT_FOUND".into()));
    let silent = ReportCaseRequest { contact: None, ..lamp("silent") };
    let silent = report(&mut ground.resident(1), silent).await.case_id;
    let answer = revealed(&mut desk, reveal("two", &silent)).await;
    assert_eq!(refused(answer), (Code::NotFound, "CASE_HAS_NO_CONTACT".into()));

    // Much is too much, for one person within an hour.
    for number in 0..59 {
        revealed(&mut desk, reveal(&format!("r{number}"), &case)).await.unwrap();
    }
    let answer = revealed(&mut desk, reveal("r59", &case)).await;
    assert_eq!(refused(answer).1, "DISCLOSURES_EXHAUSTED");
    revealed(&mut operator(&ground, 53, TOWNSHIP), reveal("r", &case)).await.unwrap();
    ground.suite.clock().advance(Duration::from_hours(1));
    revealed(&mut desk, reveal("r60", &case)).await.unwrap();
}

async fn a_number_leads_to_the_cases_in_scope(db: Db) {
    let ground = Ground::start(db).await;
    let here = report(&mut ground.resident(1), lamp("r")).await.case_id;
    ground.suite.clock().advance(Duration::from_secs(1));
    let elsewhere = Some(Place::Division(OTHER_VILLAGE.into()));
    let there = ReportCaseRequest { place: elsewhere.clone(), ..lamp("there") };
    let there = report(&mut ground.resident(2), there).await.case_id;
    ground.suite.clock().advance(Duration::from_secs(1));
    // What the hotline takes down is about somebody else than who reports it.
    let mut desk = operator(&ground, 50, "620821");
    let call = |id: &str, phone: &str| ReportCaseRequest {
        channel: Channel::Hotline.into(),
        contact: Some(Contact { phone: phone.into(), ..Contact::default() }),
        ..lamp(id)
    };
    let called = report(&mut desk, call("called", "+86 138 0013 8000")).await.case_id;
    report(&mut desk, call("other", "13900139000")).await;
    ground.suite.settled().await;

    assert_eq!(found(&mut desk, "all", "138-0013-8000").await, [&*called, &*there, &*here]);
    assert_eq!(
        found(&mut operator(&ground, 51, TOWNSHIP), "t", "13800138000").await,
        [called, here]
    );
    assert_eq!(found(&mut desk, "none", "13700137000").await, [""; 0]);
    assert_eq!(wrong_fields(desk.find_by_phone(find("w", "3321234")).await), ["phone"]);
    for role in [Role::Supervisor, Role::Verifier, Role::Administrator, Role::Integrator] {
        let answer =
            ground.of_division(role, "620821").find_by_phone(find("x", "13800138000")).await;
        assert_eq!(answer.unwrap_err().code(), Code::PermissionDenied, "{role}");
    }
    for number in 2..20 {
        found(&mut desk, &format!("f{number}"), "13700137000").await;
    }
    let answer = desk.find_by_phone(find("f20", "13700137000")).await;
    assert_eq!(refusal(answer).1, "DISCLOSURES_EXHAUSTED");
}

async fn texts_are_masked_by_role(db: Db) {
    let ground = Ground::start(db).await;
    let text = "我是张三，电话13800138000，甘L12345挡路，身份证622701199001011234";
    let masked = "我是张三，电话138********，甘L*****挡路，身份证******************";
    let request = ReportCaseRequest { text: text.into(), ..lamp("r") };
    let case = report(&mut ground.resident(1), request).await.case_id;
    ground.suite.settled().await;
    assign(&ground, &case, 52).await;
    for (reader, mut client, sees) in [
        ("its reporter", ground.resident(1), text),
        ("the desk", operator(&ground, 50, TOWNSHIP), text),
        ("who handles it", member(&ground, 52), text),
        ("another member of the grid", member(&ground, 53), masked),
        ("a supervisor", ground.of_division(Role::Supervisor, TOWNSHIP), masked),
        ("a verifier", ground.of_division(Role::Verifier, TOWNSHIP), masked),
        ("an administrator", ground.of_division(Role::Administrator, TOWNSHIP), ""),
        ("a portal", ground.of_division(Role::Integrator, TOWNSHIP), ""),
    ] {
        let seen = get(&mut client, &case, None).await.unwrap();
        assert_eq!(seen.text, sees, "{reader}");
        assert_eq!(seen.timeline[0].text, sees, "{reader}");
    }
}

async fn what_is_restricted_or_erased_is_not_told(db: Db) {
    let ground = Ground::start(db).await;
    let case = report(&mut ground.resident(1), lamp("r")).await.case_id;
    let vault = &ground.suite.context().vault;
    let owner = ground.suite.person(1).to_string();
    let mut desk = operator(&ground, 50, TOWNSHIP);
    ground.suite.settled().await;

    vault.restrict(&owner).await.unwrap();
    let answer = revealed(&mut desk, reveal("a", &case)).await;
    assert_eq!(refusal(answer), (Code::FailedPrecondition, "PERSON_RESTRICTED".into()));
    let seen = ground.seen(&case).await;
    assert_eq!(seen.contact.unwrap().name, platform::vault::RESTRICTED);
    assert_eq!(seen.text, platform::vault::RESTRICTED);
    assert_eq!(found(&mut desk, "r", "13800138000").await, [""; 0]);

    vault.lift(&owner).await.unwrap();
    assert_eq!(found(&mut desk, "l", "13800138000").await, [&*case]);

    vault.erase(&owner).await.unwrap();
    let answer = revealed(&mut desk, reveal("b", &case)).await;
    assert_eq!(refusal(answer), (Code::FailedPrecondition, "PERSON_ERASED".into()));
    assert_eq!(found(&mut desk, "e", "13800138000").await, [""; 0]);
    assert_eq!(ground.seen(&case).await.contact, None);
    // Nothing is in the account that was not told.
    let account = subject::disclosure(&ground.suite.person(50));
    let history = ground.suite.context().log.load(&account, 1).await.unwrap();
    assert!(history.iter().all(|event| event.ce_type.contains("cases_looked_up")));
}
