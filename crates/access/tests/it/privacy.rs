//! What persons may ask over what is kept of them, and what comes of it.

use std::time::Duration;

use api::access::v1::{
    DataRequest, ExportPersonalDataRequest, GetDataRequestRequest, LiftRestrictionRequest,
    ListSessionsRequest, RequestBasis, RequestErasureRequest, RestrictProcessingRequest,
    privacy_service_client::PrivacyServiceClient,
};
use contracts::{
    dispatch::{FeedbackSubmitted, WorkOrderCreated, WorkOrderEvent},
    intake::{ArchiveReason, CaseArchived, CaseEvent, CaseReopened, CaseReported},
    privacy::{DataRequestEvent, RetentionEvent},
    subject,
};
use kernel::{
    Clock as _, Role, StoredEvent,
    id::{CaseId, PersonId, RecordId, WorkOrderId},
};
use platform::{
    auth::scope::ScopeParts,
    grpc::Bearer,
    nats_server::Account,
    vault::{RESTRICTED, Standing},
};
use tonic::{Code, service::interceptor::InterceptedService, transport::Channel};

use crate::{
    staff::{next_code, typed},
    world::World,
};

type Client = PrivacyServiceClient<InterceptedService<Channel, Bearer>>;

const SAID: &str = "村口的路灯坏了，我住东街三号";
const CONTACT: &str = r#"{"name":"张三","phone":"13800138000","address":""}"#;
const FEEDBACK: &str = "已联系张三，灯已修好";

fn officer(world: &World, division: &str) -> Client {
    let scope = ScopeParts { division: division.parse().ok(), ..ScopeParts::default() };
    let bearer = world.suite.bearer(Role::SecurityAdministrator, scope);
    PrivacyServiceClient::with_interceptor(world.suite.channel(), bearer)
}

fn resident(world: &World, number: u128) -> Client {
    let person = world.suite.person(number);
    let bearer = world.suite.bearer_for(&person, Role::Resident, ScopeParts::default());
    PrivacyServiceClient::with_interceptor(world.suite.channel(), bearer)
}

fn golden<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/golden");
    let file = std::fs::read(format!("{folder}/weft.{name}.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

/// A case as it is after its report and the feedback on it.
struct Played {
    case: CaseId,
    person: PersonId,
    text: RecordId,
    contact: RecordId,
    feedback: RecordId,
}

async fn append<E: StoredEvent>(world: &World, subject: &str, id: &str, event: E) {
    world.suite.append(subject, id, &[event]).await;
}

async fn on_case(world: &World, case: &CaseId, event: impl Into<CaseEvent>) {
    append(world, &subject::case(case), &case.to_string(), event.into()).await;
}

/// As intake and dispatch would: reported by a resident, ordered, and worked on.
async fn played(world: &World, key: &str, number: u128) -> Played {
    let record =
        |what: &str| RecordId::new(world.suite.county(), format!("{key}{what}").parse().unwrap());
    let case = CaseId::new("620821101203".parse().unwrap(), key.parse().unwrap());
    let person = world.suite.person(number);
    let (text, contact, feedback) = (record("t"), record("c"), record("f"));
    let vault = &world.suite.context().vault;
    let owner = person.to_string();
    vault.seal(&owner, &text, SAID.as_bytes()).await.unwrap();
    vault.seal(&owner, &contact, CONTACT.as_bytes()).await.unwrap();
    vault.index_put("phone", "+8613800138000", &owner).await.unwrap();
    // What staff write is sealed under their own key.
    let staff = world.suite.person(900).to_string();
    vault.seal(&staff, &feedback, FEEDBACK.as_bytes()).await.unwrap();
    let now = world.suite.clock().now();
    let reported: CaseReported = golden("intake.case_reported.v1");
    let (said, way) = (Some(text.clone()), Some(contact.clone()));
    let reported = CaseReported {
        occurred_at: now,
        case: case.clone(),
        reporter: person.clone(),
        text: said,
        contact: way,
        ..reported
    };
    on_case(world, &case, reported).await;
    let order = WorkOrderId::new(case.division(), case.key().clone());
    let created: WorkOrderCreated = golden("dispatch.work_order_created.v2");
    let created = WorkOrderCreated {
        occurred_at: now,
        work_order: order.clone(),
        case: case.clone(),
        division: case.division(),
        ..created
    };
    let submitted: FeedbackSubmitted = golden("dispatch.feedback_submitted.v1");
    let submitted = FeedbackSubmitted {
        occurred_at: now,
        work_order: order.clone(),
        text: Some(feedback.clone()),
        ..submitted
    };
    let events: [WorkOrderEvent; 2] = [created.into(), submitted.into()];
    world.suite.append(&subject::work_order(&order), &order.to_string(), &events).await;
    world.suite.settled().await;
    Played { case, person, text, contact, feedback }
}

async fn archive(world: &World, case: &CaseId) {
    let occurred_at = world.suite.clock().now();
    let case = case.clone();
    let event = CaseArchived { occurred_at, case: case.clone(), reason: ArchiveReason::Rated };
    on_case(world, &case, event).await;
    world.suite.settled().await;
}

fn erasure(request_id: &str, person: &PersonId) -> RequestErasureRequest {
    RequestErasureRequest {
        request_id: request_id.into(),
        person_id: person.to_string(),
        basis: RequestBasis::PersonsRequest.into(),
    }
}

async fn request_of(world: &World, person: &PersonId) -> DataRequest {
    let request = GetDataRequestRequest { person_id: person.to_string(), min_position: None };
    let answer = officer(world, "620821").get_data_request(request).await.unwrap();
    answer.into_inner().request.unwrap()
}

async fn until_erased(world: &World, person: &PersonId) -> DataRequest {
    testkit::until("all is erased", || async { request_of(world, person).await.completed_at > 0 })
        .await;
    request_of(world, person).await
}

async fn text(world: &World, record: &RecordId) -> Option<String> {
    world.suite.context().vault.text(record).await.unwrap()
}

pub(crate) async fn what_a_person_left_is_erased_when_their_case_is_over(world: World) {
    let one = played(&world, "one", 1).await;
    let other = played(&world, "other", 2).await;
    let mut officer = officer(&world, "620821");
    officer.request_erasure(erasure("e", &one.person)).await.unwrap();
    officer.request_erasure(erasure("e", &one.person)).await.unwrap();
    testkit::until("it is held", || async { request_of(&world, &one.person).await.held }).await;
    let held = request_of(&world, &one.person).await;
    assert_eq!(held.deadline - held.requested_at, 15 * 24 * 60 * 60 * 1_000);
    assert!(held.restricted && held.erased.is_empty(), "{held:?}");
    assert_eq!(text(&world, &one.text).await.unwrap(), RESTRICTED);
    let lift = LiftRestrictionRequest { request_id: "l".into(), person_id: one.person.to_string() };
    let refused = officer.lift_restriction(lift).await.unwrap_err();
    assert_eq!(platform::grpc::status::reason_of(&refused).unwrap(), "ERASURE_UNDER_WAY");

    archive(&world, &one.case).await;
    let done = until_erased(&world, &one.person).await;
    let erased: Vec<_> =
        done.erased.iter().map(|erased| (erased.holder.as_str(), erased.texts)).collect();
    assert_eq!(erased, [("dispatch", 1), ("intake", 2)]);
    let vault = &world.suite.context().vault;
    assert_eq!(vault.standing(&one.person.to_string()).await.unwrap(), Standing::Erased);
    for record in [&one.text, &one.contact, &one.feedback] {
        assert_eq!(text(&world, record).await, None, "{record}");
    }
    // Nobody else's is touched.
    assert_eq!(text(&world, &other.text).await.unwrap(), SAID);
    assert_eq!(text(&world, &other.feedback).await.unwrap(), FEEDBACK);
    let found = vault.index_find("phone", "+8613800138000").await.unwrap();
    assert_eq!(found, [other.person.to_string()]);
    // Asked again, nothing happens; there is nothing to hand out.
    let before = world.suite.head().await;
    officer.request_erasure(erasure("again", &one.person)).await.unwrap();
    assert_eq!(world.suite.head().await, before);
    let export = ExportPersonalDataRequest { request_id: "x".into(), ..Default::default() };
    let refused = resident(&world, 1).export_personal_data(export).await.map(|_| ()).unwrap_err();
    assert_eq!(platform::grpc::status::reason_of(&refused).unwrap(), "DATA_ERASED");
}

/// A member of staff has a right to it too: nobody goes on as somebody who is erased.
pub(crate) async fn who_is_erased_is_signed_out_and_has_no_account(world: World) {
    let (member, session) = world.operator("zhou.erased").await;
    let person: PersonId = member.person.parse().unwrap();
    let mut signed_in = world.holder(&session.token);
    let position = Some(world.suite.head().await.into());
    let list = || ListSessionsRequest { min_position: position.clone(), ..Default::default() };
    assert_eq!(signed_in.list_sessions(list()).await.unwrap().into_inner().sessions.len(), 1);

    officer(&world, "620821").request_erasure(erasure("e", &person)).await.unwrap();
    until_erased(&world, &person).await;
    testkit::until("the session is taken back", || async {
        let asked = signed_in.clone().list_sessions(list()).await;
        asked.is_err_and(|refused| refused.code() == tonic::Code::Unauthenticated)
    })
    .await;
    next_code(&world);
    let refused = world.anybody().sign_in(typed(&world, &member)).await.unwrap_err();
    assert_eq!(platform::grpc::status::reason_of(&refused).unwrap(), "SIGN_IN_REFUSED");
    // The login is free for somebody else.
    world.operator("zhou.erased").await;
}

pub(crate) async fn who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back(world: World) {
    let one = played(&world, "one", 1).await;
    archive(&world, &one.case).await;
    let copy = copied(&world, &one).await;
    officer(&world, "620821").request_erasure(erasure("e", &one.person)).await.unwrap();
    until_erased(&world, &one.person).await;
    put_back(&world, copy).await;
    let world = World { suite: world.suite.restart().await };
    // The moment that the suite is there, and not a moment later.
    let vault = &world.suite.context().vault;
    assert_eq!(vault.standing(&one.person.to_string()).await.unwrap(), Standing::Erased);
    assert_eq!(text(&world, &one.text).await, None);
    assert_eq!(vault.index_find("phone", "+8613800138000").await.unwrap(), [""; 0]);
    // What was written about their case under others' keys goes again too.
    testkit::until("the feedback is gone", || async {
        text(&world, &one.feedback).await.is_none()
    })
    .await;
}

/// Messages as they lie in the vault's streams: subject, headers, payload.
type Copied = Vec<(String, async_nats::HeaderMap, bytes::Bytes)>;

async fn copied(world: &World, one: &Played) -> Copied {
    let client = world.suite.nats().client(Account::Vault).await;
    let context = async_nats::jetstream::new(client);
    let mut copied = Copied::new();
    for (stream, subject) in [
        ("VAULT_KEYS_620821", format!("vault.keys.620821.{}", one.person)),
        ("VAULT_RECORDS_620821", format!("vault.records.620821.{}", one.feedback)),
        ("VAULT_RECORDS_620821", format!("vault.records.620821.{}", one.text)),
    ] {
        let stream = context.get_stream(stream).await.unwrap();
        let message = stream.get_last_raw_message_by_subject(&subject).await.unwrap();
        copied.push((subject, message.headers, message.payload));
    }
    copied
}

/// As a copy of the streams would: the tombstones never were.
async fn put_back(world: &World, copied: Copied) {
    let client = world.suite.nats().client(Account::Vault).await;
    let context = async_nats::jetstream::new(client);
    for (subject, mut headers, payload) in copied {
        let kind = subject.split('.').nth(1).unwrap().to_uppercase();
        let stream = context.get_stream(format!("VAULT_{kind}_620821")).await.unwrap();
        stream.purge().filter(&subject).await.unwrap();
        headers.insert("Nats-Expected-Last-Subject-Sequence", "0");
        #[expect(clippy::disallowed_methods, reason = "a restored copy goes past the platform")]
        let sent = context.publish_with_headers(subject, headers, payload).await;
        sent.unwrap().await.unwrap();
    }
}

pub(crate) async fn what_is_restricted_is_read_by_its_person_alone(world: World) {
    let one = played(&world, "one", 1).await;
    let mut officer = officer(&world, "620821");
    let restrict = RestrictProcessingRequest {
        request_id: "r".into(),
        person_id: one.person.to_string(),
        basis: RequestBasis::ConsentWithdrawn.into(),
    };
    officer.restrict_processing(restrict.clone()).await.unwrap();
    assert_eq!(text(&world, &one.text).await.unwrap(), RESTRICTED);
    let exported = exported(&mut resident(&world, 1), "x", "").await;
    let texts: Vec<String> = exported["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}", entry["kind"].as_str().unwrap(), entry["text"]))
        .collect();
    for expected in [
        format!("report {SAID:?}"),
        format!("feedback {FEEDBACK:?}"),
        r#"contact {"address":"","name":"张三","phone":"13800138000"}"#.to_owned(),
        "case null".to_owned(),
    ] {
        assert!(texts.contains(&expected), "{expected} in {texts:?}");
    }
    assert_eq!(exported["person_id"], one.person.to_string());

    let lift = LiftRestrictionRequest { request_id: "l".into(), person_id: one.person.to_string() };
    officer.lift_restriction(lift).await.unwrap();
    testkit::until("it is read again", || async { text(&world, &one.text).await.unwrap() == SAID })
        .await;
    // That it was handed out is in the log.
    let history =
        world.suite.context().log.load(&subject::data_request(&one.person), 1).await.unwrap();
    let types: Vec<&str> =
        history.iter().map(|event| event.ce_type.split('.').nth(2).unwrap()).collect();
    assert_eq!(types, ["processing_restricted", "personal_data_exported", "restriction_lifted"]);

    // Nobody asks for another's, and nobody but an officer of the place decides.
    let other = ExportPersonalDataRequest {
        request_id: "y".into(),
        person_id: one.person.to_string(),
        min_position: None,
    };
    let refused = resident(&world, 2).export_personal_data(other.clone()).await.map(|_| ());
    assert_eq!(platform::grpc::status::reason_of(&refused.unwrap_err()).unwrap(), "NOT_YOUR_DATA");
    let mut elsewhere = self::officer(&world, "620821102");
    let refused = elsewhere.export_personal_data(other).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(
        elsewhere.restrict_processing(restrict).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    assert_eq!(
        resident(&world, 1).request_erasure(erasure("e", &one.person)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let nothing =
        RequestErasureRequest { basis: 0, person_id: "who".into(), ..erasure("n", &one.person) };
    let refused = officer.request_erasure(nothing).await.unwrap_err();
    let fields: Vec<String> = platform::grpc::status::violations_of(&refused)
        .into_iter()
        .map(|violation| violation.field)
        .collect();
    assert_eq!(fields, ["basis", "person_id"]);
}

async fn exported(client: &mut Client, request_id: &str, person_id: &str) -> serde_json::Value {
    let request = ExportPersonalDataRequest {
        request_id: request_id.into(),
        person_id: person_id.into(),
        min_position: None,
    };
    let mut pieces = client.export_personal_data(request).await.unwrap().into_inner();
    let mut document = Vec::new();
    while let Some(piece) = pieces.message().await.unwrap() {
        document.extend(piece.piece);
    }
    serde_json::from_slice(&document).unwrap()
}

pub(crate) async fn a_cases_texts_are_kept_for_their_time(world: World) {
    let old = played(&world, "old", 1).await;
    let reopened = played(&world, "reopened", 1).await;
    archive(&world, &old.case).await;
    archive(&world, &reopened.case).await;
    let event: CaseReopened = golden("intake.case_reopened.v1");
    let event = CaseReopened {
        occurred_at: world.suite.clock().now(),
        case: reopened.case.clone(),
        ..event
    };
    on_case(&world, &reopened.case, event).await;
    let day = Duration::from_hours(24);
    world.suite.clock().advance(day * 1_094);
    world.suite.settled().await;
    let late = played(&world, "late", 1).await;
    archive(&world, &late.case).await;
    assert_eq!(text(&world, &old.text).await.unwrap(), SAID, "not yet");

    world.suite.clock().advance(day);
    let gone = subject::retention(&old.case);
    let log = &world.suite.context().log;
    testkit::until("it is noted", || async { !log.load(&gone, 1).await.unwrap().is_empty() }).await;
    let noted = log.load(&gone, 1).await.unwrap();
    assert_eq!(noted.len(), 1);
    let RetentionEvent::CaseTextsErased(event) =
        RetentionEvent::decode(&noted[0].ce_type, &noted[0].payload).unwrap();
    assert_eq!((event.texts, event.photos), (3, 0));
    for record in [&old.text, &old.contact, &old.feedback] {
        assert_eq!(text(&world, record).await, None);
    }
    for kept in [&reopened, &late] {
        assert_eq!(text(&world, &kept.text).await.unwrap(), SAID, "{}", kept.case);
    }
    // The person is not erased, and the request that brought the text brings it back to nobody.
    let vault = &world.suite.context().vault;
    vault.seal(&old.person.to_string(), &old.text, SAID.as_bytes()).await.unwrap();
    assert_eq!(text(&world, &old.text).await, None);
    // A copy of the vault from before is put back: it goes again, and is not noted again.
    let client = world.suite.nats().client(Account::Vault).await;
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("VAULT_RECORDS_620821").await.unwrap();
    for (record, other) in [(&old.text, &late.text), (&old.contact, &late.contact)] {
        let subject = format!("vault.records.620821.{record}");
        let like = format!("vault.records.620821.{other}");
        let message = stream.get_last_raw_message_by_subject(&like).await.unwrap();
        put_back(&world, vec![(subject, message.headers, message.payload)]).await;
        assert!(vault.has_record(record).await.unwrap());
    }
    let world = World { suite: world.suite.restart_without_databases().await };
    let vault = &world.suite.context().vault;
    for record in [&old.text, &old.contact] {
        assert!(!vault.has_record(record).await.unwrap(), "ready, and it is there");
    }
    assert!(vault.has_record(&late.text).await.unwrap());
    world.suite.settled().await;
    let history = world.suite.context().log.load(&gone, 1).await.unwrap();
    assert_eq!(history.len(), 1, "once");
    let every = "weft.620821.*.*.data_request.*";
    let requests = world.suite.context().log.load(every, 1).await.unwrap();
    assert!(
        requests
            .iter()
            .all(|event| DataRequestEvent::decode(&event.ce_type, &event.payload).is_err())
    );
}
