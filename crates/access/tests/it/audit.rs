//! The audit trail: what is in it, for whom it is, and what a file of it is worth.

use api::access::v1::{
    AuditRecord, DescribePersonsRequest, ExportAuditRequest, ListAuditRecordsRequest,
};
use kernel::Role;
use platform::audit::export::{FileReport, check_file};
use testkit::until;

use crate::world::{Client, World, fields, organisation, person, reason};

fn auditor(world: &World) -> Client {
    world.caller(Role::AuditAdministrator, "620821")
}

async fn all(auditor: &mut Client, ask: ListAuditRecordsRequest) -> Vec<AuditRecord> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListAuditRecordsRequest { page_token, ..ask.clone() };
        let page = auditor.list_audit_records(ask).await.unwrap().into_inner();
        found.extend(page.records);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

fn of(action: &str) -> ListAuditRecordsRequest {
    ListAuditRecordsRequest { action: action.into(), ..Default::default() }
}

pub(crate) async fn reads_and_refusals_are_in_the_trail(world: World) {
    let mut admin = world.administrator();
    let li = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    let ask = DescribePersonsRequest {
        person_ids: vec![li.person_id.clone()],
        min_position: li.position.clone(),
    };
    let mut colleague = world.caller(Role::Operator, "620821102");
    colleague.describe_persons(ask.clone()).await.unwrap();
    let mut auditor = auditor(&world);
    let read = all(&mut auditor, of("read_names")).await;
    assert_eq!(read.len(), 1, "it was written before the answer went out: {read:?}");
    let one = &read[0];
    assert_eq!((one.role(), one.unit.as_str()), (api::access::v1::Role::Operator, "620821102"));
    assert_eq!((one.object_kind.as_str(), one.object_count, one.refused), ("person", 1, false));
    assert_eq!(one.method, "/weft.access.v1.AccessService/DescribePersons");
    assert_eq!((one.trace_id.len(), one.peer.len()), (32, 16));
    assert!(!one.peer.contains("127") && one.person_id.starts_with("620821000000-"));

    for _ in 0..50 {
        reason(world.anybody().describe_persons(ask.clone()).await);
    }
    reason(world.holder("a.b.c").describe_persons(ask.clone()).await);
    reason(colleague.register_person(person("q", "620821102")).await);
    let mut town = world.caller(Role::Administrator, "620821101");
    reason(town.register_organisation(organisation("o", "620821102")).await);
    let refused = |wanted: &'static str| {
        let mut auditor = auditor.clone();
        async move {
            let found = all(&mut auditor, of("refused")).await;
            found.into_iter().filter(|record| record.reason == wanted).collect::<Vec<_>>()
        }
    };
    for wanted in ["TOKEN_MISSING", "TOKEN_MALFORMED", "ROLE_NOT_ALLOWED", "OUT_OF_SCOPE"] {
        until(wanted, || async { !refused(wanted).await.is_empty() }).await;
    }
    let known = refused("OUT_OF_SCOPE").await;
    assert!(known[0].refused && !known[0].person_id.is_empty());
    until("the flood is counted", || async {
        refused("TOKEN_MISSING").await.iter().map(|record| record.times).sum::<u64>() == 50
    })
    .await;
    assert!(refused("TOKEN_MISSING").await.len() <= 3, "a flood is a few records");

    // A stop writes what waits, and the next start goes on with the same chain.
    reason(world.anybody().describe_persons(ask).await);
    drop((admin, colleague, town, auditor));
    let world = World { suite: world.suite.restart().await };
    let records = all(&mut super::audit::auditor(&world), ListAuditRecordsRequest::default()).await;
    let numbers: Vec<u64> =
        records.iter().filter(|record| record.chain == "access").map(|r| r.number).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "newest first: {numbers:?}");
}

pub(crate) async fn the_trail_is_for_its_administrator(world: World) {
    for role in Role::ALL.into_iter().filter(|role| *role != Role::AuditAdministrator) {
        let Ok(scope) = platform::auth::Scope::for_role(
            role,
            platform::auth::scope::ScopeParts {
                division: "620821".parse().ok(),
                ..Default::default()
            },
        ) else {
            continue;
        };
        let bearer = world.suite.bearer(role, scope.parts());
        let channel = world.suite.channel();
        let mut other =
            api::access::v1::access_service_client::AccessServiceClient::with_interceptor(
                channel, bearer,
            );
        assert_eq!(reason(other.list_audit_records(of("")).await), "ROLE_NOT_ALLOWED", "{role}");
        let file = other.export_audit(ExportAuditRequest::default()).await;
        assert_eq!(reason(file.map(|_| ())), "ROLE_NOT_ALLOWED", "{role}");
    }
    let mut town = world.caller(Role::AuditAdministrator, "620821101");
    assert_eq!(reason(town.list_audit_records(of("")).await), "OUT_OF_SCOPE");

    let mut auditor = auditor(&world);
    for _ in 0..7 {
        all(&mut auditor, of("nothing")).await;
    }
    let own = all(&mut auditor, of("list_audit_records")).await;
    assert!(own.len() >= 7, "his own looking is in it: {own:?}");
    let page = ListAuditRecordsRequest { page_size: 2, ..of("list_audit_records") };
    let first = auditor.list_audit_records(page.clone()).await.unwrap().into_inner();
    assert_eq!(first.records.len(), 2);
    assert!(first.records[0].number > first.records[1].number);
    let next =
        ListAuditRecordsRequest { page_token: first.next_page_token.clone(), ..page.clone() };
    let second = auditor.list_audit_records(next).await.unwrap().into_inner();
    assert!(second.records[0].number < first.records[1].number);
    let stolen = ListAuditRecordsRequest { page_token: first.next_page_token, ..of("refused") };
    assert_eq!(fields(auditor.list_audit_records(stolen).await), ["page_token"]);
    let oldest = ListAuditRecordsRequest { oldest_first: true, page_size: 3, ..of("") };
    let oldest = all(&mut auditor, oldest).await;
    assert!(oldest.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    let now = world.suite.context().clock.now().0;
    let later = ListAuditRecordsRequest { from: now + 1, ..of("") };
    assert!(all(&mut auditor, later).await.is_empty());
    let before = ListAuditRecordsRequest { until: now, ..of("") };
    assert!(all(&mut auditor, before).await.is_empty());
    let wrong = ListAuditRecordsRequest { from: -1, person_id: "x".into(), ..of("") };
    assert_eq!(fields(auditor.list_audit_records(wrong).await), ["person_id", "from"]);
}

async fn file(world: &World) -> String {
    let mut auditor = auditor(world);
    let mut parts = auditor.export_audit(ExportAuditRequest::default()).await.unwrap().into_inner();
    let mut bytes = Vec::new();
    while let Some(part) = parts.message().await.unwrap() {
        bytes.extend(part.lines);
    }
    String::from_utf8(bytes).unwrap()
}

fn checked(file: &str) -> FileReport {
    check_file(file.lines().map(|line| Ok(line.as_bytes().to_vec()))).unwrap()
}

pub(crate) async fn a_file_shows_what_was_changed_in_it(world: World) {
    let mut admin = world.administrator();
    // More than a thousand events are sealed at once.
    for number in 0..4 {
        let person: kernel::id::PersonId = format!("620821101000-s{number}").parse().unwrap();
        let registered = contracts::access::PersonRegistered {
            occurred_at: world.suite.context().clock.now(),
            person: person.clone(),
            profile: None,
            organisation: None,
        };
        let events = vec![contracts::access::PersonEvent::from(registered); 300];
        let subject = contracts::subject::person(&person);
        world.suite.append(&subject, &person.to_string(), &events).await;
    }
    let made = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    let ask = DescribePersonsRequest { person_ids: vec![made.person_id], min_position: None };
    for _ in 0..3 {
        admin.describe_persons(ask.clone()).await.unwrap();
    }
    let mut auditor = auditor(&world);
    until("the log is sealed", || {
        let mut auditor = auditor.clone();
        async move { !all(&mut auditor, of("log_sealed")).await.is_empty() }
    })
    .await;
    assert!(!all(&mut auditor, of("read_names")).await.is_empty());

    let good = file(&world).await;
    let report = checked(&good);
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!((report.changes, report.records > 4), (1_201, true), "{report:?}");
    assert!(!good.contains("李静怡") && !good.contains("13993390001"));

    let lines: Vec<&str> = good.lines().collect();
    let without = |left_out: usize| {
        let kept = lines.iter().enumerate().filter(|(place, _)| *place != left_out);
        kept.flat_map(|(_, line)| [*line, "\n"]).collect::<String>()
    };
    let place = |what: &str| lines.iter().position(|line| line.contains(what)).unwrap();
    let found = |file: &str, what: &str| {
        let findings = checked(file).findings;
        assert!(findings.iter().any(|finding| finding.contains(what)), "{what}: {findings:?}");
    };
    found(&without(lines.len() - 1), "was cut off");
    // The first of a chain may be where the file begins; one in the middle is missed.
    found(&without(place("\"read_names\"") + 1), "missing");
    found(&without(place("\"sequence\":700")), "comes");
    found(&good.replacen("\"read_names\"", "\"read_nothing\"", 1), "was changed");
    found(&good.replacen("person:620821", "person:620822", 1), "last line");
    let actor = good.replacen("process:testkit", "process:another", 1);
    found(&actor, "is not what was sealed");
}

pub(crate) async fn where_no_trail_is_nobody_reads(world: World) {
    let mut admin = world.administrator();
    let li = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    let ask = DescribePersonsRequest { person_ids: vec![li.person_id], min_position: li.position };
    admin.describe_persons(ask.clone()).await.unwrap();
    let client = world.suite.nats().client(platform::nats_server::Account::Core).await;
    let gone = client.request("$JS.API.STREAM.DELETE.AUDIT_620821", "".into()).await.unwrap();
    assert!(gone.payload.windows(4).any(|part| part == b"true"), "{gone:?}");
    let refused = admin.describe_persons(ask).await;
    assert_eq!(refused.as_ref().unwrap_err().code(), tonic::Code::Unavailable);
    assert_eq!(reason(refused), "AUDIT_UNAVAILABLE");
    let organisation = admin.register_organisation(organisation("o", "620821101")).await;
    organisation.expect("what shows nothing goes on");
}
