//! Who is told of what, by which way, and once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use api::dispatch::v1::{
    Assignee, Audience, GetNotificationRulesRequest, ListFailedNotificationsRequest,
    ListNotificationsRequest, MarkNotificationsReadRequest, Notification, NotificationChannel,
    NotificationRoute, NotificationTemplate, PutNotificationContactRequest,
    PutNotificationRulesRequest, RemoveNotificationContactRequest, RetryNotificationRequest,
    notification_service_client::NotificationServiceClient,
};
use contracts::{
    intake::{CaseEvent, CaseResolved, CategoryKind},
    subject,
};
use kernel::{Clock as _, Role, id::PersonId};
use platform::{auth::scope::ScopeParts, grpc::Bearer, service::Service};
use testkit::{Db, until};
use tonic::{Code, service::interceptor::InterceptedService, transport::Channel};

use crate::{
    county::{
        CHIEF, County, FOR_MEMBERS, FOR_THE_TEAM, GRID, MEMBER, OTHER_TOWNSHIP, REPORTER, SECOND,
        TOWNSHIP, VILLAGE, refused, team,
    },
    orders::{accept, assign, close, feedback, verify},
    receivers::{Gateway, MailServer},
};

crate::on_both_databases! {
    an_assignee_is_told_whatever_the_rules_say
    a_clerk_is_told_for_the_body_and_a_desk_for_its_division
    what_is_read_is_read_and_nobody_reads_anothers
    a_gateway_is_called_signed_and_again_until_it_takes_it
    what_is_given_up_is_listed_and_sent_again_on_demand
    a_mail_goes_over_smtp_and_nothing_confidential_leaves
    what_was_sent_and_not_noted_comes_again_with_the_same_id
    rules_are_versions_and_a_template_names_nobody
    a_normal_life_adds_two_events
}

type Client = NotificationServiceClient<InterceptedService<Channel, Bearer>>;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PHONE: &str = "13900000077";
const MAIL: &str = "member77@example.org";

/// The service with other settings: `key = value` each, in place of the default.
fn service(settings: &[(&str, String)]) -> Service {
    let service = dispatch::service();
    let changed = service.defaults.lines().map(|line| {
        let key = line.split(" = ").next().unwrap_or_default();
        let found = settings.iter().find(|(name, _)| *name == key);
        found.map_or_else(|| line.to_owned(), |(name, value)| format!("{name} = {value}"))
    });
    let defaults = changed.collect::<Vec<_>>().join("\n").leak();
    Service { defaults, ..service }
}

/// A county with a gateway and a mail server beside it.
struct Told {
    county: County,
    gateway: Gateway,
    mails: MailServer,
    _secret: tempfile::NamedTempFile,
}

impl Told {
    async fn start(db: Db) -> Self {
        let (gateway, mails) = (Gateway::start(), MailServer::start());
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), SECRET).unwrap();
        let settings = [
            ("mail", r#""smtp""#.to_owned()),
            ("gateway", r#""webhook""#.to_owned()),
            ("first_wait_ms", "1000".to_owned()),
            ("attempts", "3".to_owned()),
            ("host", r#""127.0.0.1""#.to_owned()),
            ("port", mails.port.to_string()),
            ("tls", r#""none""#.to_owned()),
            ("from", r#""weft@county.example""#.to_owned()),
            ("url", format!(r#""http://127.0.0.1:{}/told""#, gateway.port)),
            ("secret_file", format!("{:?}", secret.path())),
            ("allow", r#"["127.0.0.1"]"#.to_owned()),
            ("plain_http", "true".to_owned()),
        ];
        let county = County::with(service(&settings), db).await;
        Self { county, gateway, mails, _secret: secret }
    }

    /// The member agrees to be told by these ways.
    async fn agrees(&self, person: u128, channels: &[NotificationChannel]) {
        let contact = PutNotificationContactRequest {
            request_id: format!("contact-{}", channels.len()),
            mail: MAIL.to_owned(),
            phone: PHONE.to_owned(),
            channels: channels.iter().map(|channel| (*channel).into()).collect(),
        };
        member(&self.county, person).put_notification_contact(contact).await.unwrap();
        self.county.suite.settled().await;
    }

    /// Moves the clock until so many requests have come.
    async fn requests(&self, count: usize) {
        until("requests come", || async {
            self.county.suite.clock().advance(Duration::from_millis(500));
            self.gateway.got().len() >= count
        })
        .await;
    }
}

fn client(county: &County, bearer: Bearer) -> Client {
    NotificationServiceClient::with_interceptor(county.suite.channel(), bearer)
}

fn member(county: &County, number: u128) -> Client {
    let scope = ScopeParts { grid: Some(GRID.parse().unwrap()), ..ScopeParts::default() };
    client(county, county.suite.bearer_for(&county.person(number), Role::GridMember, scope))
}

fn office(county: &County, role: Role, division: &str) -> Client {
    let division = Some(division.parse().unwrap());
    let scope = ScopeParts { division, ..ScopeParts::default() };
    client(county, county.suite.bearer(role, scope))
}

fn clerk(county: &County) -> Client {
    let division = Some("620821".parse().unwrap());
    let scope = ScopeParts { division, grid: None, org: Some(team()) };
    client(county, county.suite.bearer(Role::DepartmentClerk, scope))
}

/// What somebody is told, the oldest first.
async fn told(county: &County, client: &mut Client) -> Vec<Notification> {
    county.suite.settled().await;
    let list = ListNotificationsRequest::default();
    let mut told = client.list_notifications(list).await.unwrap().into_inner().notifications;
    told.reverse();
    told
}

fn transitions(told: &[Notification]) -> Vec<&str> {
    told.iter().map(|one| one.transition.as_str()).collect()
}

fn route(
    transition: &str,
    audience: Audience,
    channels: &[NotificationChannel],
) -> NotificationRoute {
    NotificationRoute {
        transition: transition.to_owned(),
        audience: audience.into(),
        channels: channels.iter().map(|channel| (*channel).into()).collect(),
    }
}

fn put(request: &str, routes: Vec<NotificationRoute>) -> PutNotificationRulesRequest {
    PutNotificationRulesRequest { request_id: request.to_owned(), routes, templates: vec![] }
}

async fn an_assignee_is_told_whatever_the_rules_say(db: Db) {
    let county = County::start(db).await;
    // Nobody is told of anything.
    let mut ruler = office(&county, Role::Administrator, "620821");
    let answer = ruler.put_notification_rules(put("nothing", vec![])).await.unwrap().into_inner();
    assert_eq!(answer.rule_version, 1);
    county.suite.settled().await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let seen = told(&county, &mut member(&county, MEMBER)).await;
    assert_eq!(transitions(&seen), ["work_order_routed"]);
    assert_eq!(seen[0].work_order_id, order.work_order_id);
    assert_eq!((seen[0].audience(), seen[0].due), (Audience::Assignee, order.due));
    assert!(seen[0].text_zh.contains(&order.work_order_id), "{}", seen[0].text_zh);
    assert!(seen[0].text_en.starts_with("new work order"), "{}", seen[0].text_en);
    assert!(told(&county, &mut office(&county, Role::Operator, TOWNSHIP)).await.is_empty());

    // Another gets it: he is told too, and of what comes back to him.
    let id = order.work_order_id.as_str();
    let second = Assignee { person_id: county.person(SECOND).to_string(), ..Assignee::default() };
    county.operator(TOWNSHIP).assign_work_order(assign(id, "a", second)).await.unwrap();
    let mut handler = county.member(SECOND);
    handler.accept_work_order(accept(id, "b")).await.unwrap();
    handler.submit_feedback(feedback(id, "c")).await.unwrap();
    county.member(CHIEF).verify_work_order(verify(id, "d", false)).await.unwrap();
    let seen = told(&county, &mut member(&county, SECOND)).await;
    assert_eq!(transitions(&seen), ["work_order_routed", "work_order_sent_back"]);
    assert_eq!(told(&county, &mut member(&county, MEMBER)).await.len(), 1);
}

async fn a_clerk_is_told_for_the_body_and_a_desk_for_its_division(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    assert_eq!(transitions(&told(&county, &mut clerk(&county)).await), ["work_order_routed"]);
    // Three working days, and nobody has moved.
    county.suite.clock().advance(Duration::from_hours(24 * 10));
    until("both clocks ring", || async {
        county.get(&order.work_order_id).await.timeline.len() == 4
    })
    .await;
    let overdue = ["work_order_overdue"; 2];
    for division in [TOWNSHIP, "620821"] {
        let mut desk = office(&county, Role::Operator, division);
        assert_eq!(transitions(&told(&county, &mut desk).await), overdue, "{division}");
    }
    for (role, division) in
        [(Role::Operator, OTHER_TOWNSHIP), (Role::Operator, VILLAGE), (Role::Verifier, TOWNSHIP)]
    {
        let mut other = office(&county, role, division);
        assert!(told(&county, &mut other).await.is_empty(), "{role} of {division}");
    }
}

async fn what_is_read_is_read_and_nobody_reads_anothers(db: Db) {
    let county = County::start(db).await;
    for case in ["c1", "c2", "c3"] {
        let id = county.order(case, FOR_MEMBERS).await.work_order_id;
        let to = Assignee { person_id: county.person(MEMBER).to_string(), ..Assignee::default() };
        county.operator(TOWNSHIP).assign_work_order(assign(&id, "a", to)).await.unwrap();
    }
    let mut own = member(&county, MEMBER);
    let seen = told(&county, &mut own).await;
    assert_eq!(seen.len(), 3);
    let first = ListNotificationsRequest { page_size: 2, ..ListNotificationsRequest::default() };
    let page = own.list_notifications(first.clone()).await.unwrap().into_inner();
    assert_eq!((page.notifications.len(), page.unread), (2, 3));
    let next = ListNotificationsRequest { page_token: page.next_page_token, ..first };
    let page = own.list_notifications(next.clone()).await.unwrap().into_inner();
    assert_eq!((page.notifications.len(), page.next_page_token.as_str()), (1, ""));
    let mark =
        MarkNotificationsReadRequest { request_id: "read".to_owned(), up_to: seen[1].position };
    let read = own.mark_notifications_read(mark.clone()).await.unwrap().into_inner();
    let again = own.mark_notifications_read(mark).await.unwrap().into_inner();
    assert_eq!((read.version, again.version), (1, 1));
    let unread = ListNotificationsRequest {
        unread: true,
        min_position: read.position,
        ..ListNotificationsRequest::default()
    };
    let page = own.list_notifications(unread).await.unwrap().into_inner();
    assert_eq!((page.unread, page.notifications.len()), (1, 1));
    assert_eq!(page.notifications[0].position, seen[2].position);
    let flags: Vec<bool> = told(&county, &mut own).await.iter().map(|one| one.read).collect();
    assert_eq!(flags, [true, true, false]);
    // A page token of one is of no use to another.
    let stolen = member(&county, SECOND).list_notifications(next).await;
    refused(stolen, Code::InvalidArgument, "page_token");
    let beyond = MarkNotificationsReadRequest { request_id: "beyond".to_owned(), up_to: u64::MAX };
    refused(own.mark_notifications_read(beyond).await, Code::InvalidArgument, "up_to");
}

async fn a_gateway_is_called_signed_and_again_until_it_takes_it(db: Db) {
    let told = Told::start(db).await;
    told.agrees(MEMBER, &[NotificationChannel::Gateway]).await;
    told.gateway.answers(|| Some("503 Service Unavailable"));
    let order = told.county.order("c1", FOR_MEMBERS).await;
    told.requests(1).await;
    told.gateway.answers(|| None);
    told.requests(2).await;
    told.gateway.answers(|| Some("204 No Content"));
    told.requests(3).await;
    let got = told.gateway.got();
    assert!(got.iter().all(|request| request.is_signed(SECRET)));
    let id = got[0].header("webhook-id").to_owned();
    assert!(got.iter().all(|request| request.header("webhook-id") == id), "one id, each time");
    assert!(got[0].body.contains(PHONE) && got[0].body.contains(&order.work_order_id));
    // It is noted, and never goes again: not after a restart, and not when the tables are built anew.
    let history = outbox(&told.county, &order.work_order_id).await;
    assert_eq!(history, ["notification_queued", "notification_sent"]);
    let county = County { suite: told.county.suite.restart_without_databases().await };
    county.suite.settled().await;
    county.suite.clock().advance(Duration::from_mins(30));
    county.order("c2", FOR_THE_TEAM).await;
    assert_eq!(told.gateway.got().len(), 3);
    assert_eq!(outbox(&county, &order.work_order_id).await.len(), 2);
}

/// The names of the events of an order's outbox, when everything is settled.
async fn outbox(county: &County, order: &str) -> Vec<String> {
    county.suite.settled().await;
    let subject = subject::notification(&order.parse().unwrap());
    let history = county.suite.context().log.load(&subject, 1).await.unwrap();
    history.iter().map(|one| one.ce_type.split('.').nth(2).unwrap().to_owned()).collect()
}

async fn what_is_given_up_is_listed_and_sent_again_on_demand(db: Db) {
    let told = Told::start(db).await;
    told.agrees(MEMBER, &[NotificationChannel::Gateway]).await;
    told.gateway.answers(|| Some("400 Bad Request"));
    let order = told.county.order("c1", FOR_MEMBERS).await;
    told.requests(3).await;
    let county = &told.county;
    until("it is given up", || async { outbox(county, &order.work_order_id).await.len() == 2 })
        .await;
    county.suite.settled().await;
    let mut desk = office(county, Role::Operator, TOWNSHIP);
    let list = ListFailedNotificationsRequest::default();
    let failed = desk.list_failed_notifications(list.clone()).await.unwrap().into_inner();
    let [one] = failed.notifications.as_slice() else { unreachable!("one was given up") };
    assert_eq!((one.attempts, one.failure.as_str()), (3, "refused"));
    assert!(!format!("{one:?}").contains(PHONE), "where it was to go is not shown");
    let mut elsewhere = office(county, Role::Operator, OTHER_TOWNSHIP);
    let nothing = elsewhere.list_failed_notifications(list).await.unwrap().into_inner();
    assert!(nothing.notifications.is_empty());
    let retry = RetryNotificationRequest {
        request_id: "again".to_owned(),
        notification_id: one.notification_id.clone(),
        number: one.number,
        letter: one.letter,
    };
    let foreign = elsewhere.retry_notification(retry.clone()).await;
    refused(foreign, Code::PermissionDenied, "OUT_OF_SCOPE");
    let none =
        RetryNotificationRequest { request_id: "none".to_owned(), letter: 77, ..retry.clone() };
    refused(desk.retry_notification(none).await, Code::FailedPrecondition, "NO_SUCH_NOTIFICATION");
    told.gateway.answers(|| Some("200 OK"));
    desk.retry_notification(retry.clone()).await.unwrap();
    told.requests(4).await;
    until("it is sent", || async { outbox(county, &order.work_order_id).await.len() == 4 }).await;
    let expected =
        ["notification_queued", "notification_failed", "notification_retried", "notification_sent"];
    assert_eq!(outbox(county, &order.work_order_id).await, expected);
    let sent = RetryNotificationRequest { request_id: "once-more".to_owned(), ..retry };
    let refusal = desk.retry_notification(sent).await;
    refused(refusal, Code::FailedPrecondition, "NOTIFICATION_ALREADY_SENT");
}

async fn a_mail_goes_over_smtp_and_nothing_confidential_leaves(db: Db) {
    let told = Told::start(db).await;
    told.agrees(MEMBER, &[NotificationChannel::Mail]).await;
    told.agrees(MEMBER, &[NotificationChannel::Mail, NotificationChannel::Gateway]).await;
    let county = &told.county;
    let order = county.order("c1", FOR_MEMBERS).await;
    told.requests(1).await;
    until("the mail comes", || async { told.mails.mails().len() == 1 }).await;
    let (to, text) = told.mails.mails().remove(0);
    assert_eq!(to, MAIL);
    assert!(text.contains("From: <weft@county.example>"), "{text}");
    let id = format!("Message-ID: <{}-000001-", order.work_order_id);
    assert!(text.contains(&id), "{text}");
    // A confidential matter is told in the house alone.
    county.defines_as("0812", CategoryKind::Event, true).await;
    county.suite.settled().await;
    let urgent = county.order("c2", "0812").await;
    let to = Assignee { person_id: county.person(MEMBER).to_string(), ..Assignee::default() };
    let given = assign(&urgent.work_order_id, "to", to);
    county.operator(TOWNSHIP).assign_work_order(given).await.unwrap();
    let seen = super::notifications::told(county, &mut member(county, MEMBER)).await;
    assert!(seen.iter().any(|one| one.work_order_id == urgent.work_order_id));
    // Whoever takes it back is told no more outside.
    let mut own = member(county, MEMBER);
    let remove = RemoveNotificationContactRequest { request_id: "remove".to_owned() };
    own.remove_notification_contact(remove).await.unwrap();
    county.suite.settled().await;
    let id = county.order("c3", FOR_MEMBERS).await.work_order_id;
    assert_eq!(outbox(county, &id).await, ["notification_queued"]);
    assert_eq!((told.mails.mails().len(), told.gateway.got().len()), (1, 1));
}

async fn what_was_sent_and_not_noted_comes_again_with_the_same_id(db: Db) {
    let told = Told::start(db).await;
    told.agrees(MEMBER, &[NotificationChannel::Gateway]).await;
    // The gateway has the request, and the suite stops before it has the answer.
    let held = Arc::new(AtomicBool::new(true));
    let holds = held.clone();
    told.gateway.answers(move || {
        while holds.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        Some("200 OK")
    });
    let order = told.county.order("c1", FOR_MEMBERS).await;
    told.requests(1).await;
    let Told { county, gateway, .. } = told;
    let county = County { suite: county.suite.restart().await };
    held.store(false, Ordering::Release);
    until("it comes again", || async { gateway.got().len() >= 2 }).await;
    until("it is noted", || async { outbox(&county, &order.work_order_id).await.len() == 2 }).await;
    let ids: Vec<String> =
        gateway.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, vec![ids[0].clone(); 2], "by its id the receiver knows it");
}

async fn rules_are_versions_and_a_template_names_nobody(db: Db) {
    let county = County::start(db).await;
    let mut ruler = office(&county, Role::Supervisor, "620821");
    let get = GetNotificationRulesRequest::default();
    let shipped = ruler.get_notification_rules(get.clone()).await.unwrap().into_inner();
    assert_eq!(shipped.rule_version, 0);
    assert!(shipped.routes.len() > 20 && shipped.templates.len() >= shipped.routes.len() / 2);
    let inbox = &[NotificationChannel::Inbox][..];
    let routes = vec![route("work_order_accepted", Audience::Desk, inbox)];
    let template = |text: &str| NotificationTemplate {
        transition: "work_order_accepted".to_owned(),
        text_zh: text.to_owned(),
        text_en: "order {work_order} is in hand".to_owned(),
    };
    let own = |text: &str, request: &str| PutNotificationRulesRequest {
        templates: vec![template(text)],
        ..put(request, routes.clone())
    };
    for text in ["{name}", "{phone}已接", "{work_order", "", "一\n二", &"长".repeat(301)] {
        let refusal = ruler.put_notification_rules(own(text, "bad")).await;
        refused(refusal, Code::InvalidArgument, "templates.text_zh");
    }
    for routes in [
        vec![route("nothing_of_the_kind", Audience::Desk, inbox)],
        vec![route("work_order_routed", Audience::Unspecified, inbox)],
        vec![route("work_order_routed", Audience::Desk, &[NotificationChannel::Unspecified])],
        vec![route("work_order_routed", Audience::Desk, inbox); 2],
        vec![route("work_order_routed", Audience::Desk, inbox); 201],
    ] {
        let refusal = ruler.put_notification_rules(put("bad", routes)).await;
        refused(refusal, Code::InvalidArgument, "routes");
    }
    let mut below = office(&county, Role::Supervisor, TOWNSHIP);
    let refusal = below.put_notification_rules(own("工单{work_order}已接", "below")).await;
    refused(refusal, Code::PermissionDenied, "OUT_OF_SCOPE");

    let id = county.order("c1", FOR_MEMBERS).await.work_order_id;
    for (request, text, version) in [
        ("one", "工单{work_order}已接", 1),
        ("same", "工单{work_order}已接", 1),
        ("two", "已接", 2),
    ] {
        let answer = ruler.put_notification_rules(own(text, request)).await.unwrap().into_inner();
        assert_eq!(answer.rule_version, version, "{request}");
        if request == "one" {
            county.suite.settled().await;
            county.member(MEMBER).accept_work_order(accept(&id, "a")).await.unwrap();
            county.suite.settled().await;
        }
    }
    // What was told under a version says what it said then.
    let seen = told(&county, &mut office(&county, Role::Operator, TOWNSHIP)).await;
    assert_eq!(transitions(&seen), ["work_order_accepted"]);
    assert_eq!(seen[0].text_zh, format!("工单{id}已接"));
    let in_force = ruler.get_notification_rules(get).await.unwrap().into_inner();
    assert_eq!((in_force.rule_version, in_force.routes), (2, routes));
}

/// Told by default are the assignee, and the desk that has to verify: 2 events beside the 11 of the
/// case and the order. Of what only the case's page shows nothing is written.
async fn a_normal_life_adds_two_events(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_MEMBERS).await;
    let id = order.work_order_id.as_str();
    county.member(MEMBER).accept_work_order(accept(id, "a")).await.unwrap();
    county.member(MEMBER).submit_feedback(feedback(id, "b")).await.unwrap();
    county.member(CHIEF).verify_work_order(verify(id, "c", true)).await.unwrap();
    county.operator(TOWNSHIP).close_work_order(close(id, "d")).await.unwrap();
    let case: kernel::id::CaseId = order.case_id.parse().unwrap();
    let resolved = CaseEvent::from(CaseResolved {
        occurred_at: county.suite.clock().now(),
        case: case.clone(),
        work_order: id.parse().unwrap(),
        found_true: true,
    });
    county.suite.append(&subject::case(&case), &case.to_string(), &[resolved]).await;
    assert_eq!(outbox(&county, id).await, ["notification_queued"; 2]);
    let of_case = outbox(&county, &order.case_id).await;
    assert!(of_case.is_empty(), "{of_case:?}");
    // A reporter who agreed to be written to is: once for each status.
    let reporter: PersonId = county.person(REPORTER);
    let mut resident =
        client(&county, county.suite.bearer_for(&reporter, Role::Resident, ScopeParts::default()));
    let contact = PutNotificationContactRequest {
        request_id: "contact".to_owned(),
        mail: String::new(),
        phone: PHONE.to_owned(),
        channels: vec![NotificationChannel::Gateway.into()],
    };
    resident.put_notification_contact(contact.clone()).await.unwrap();
    let mailless = PutNotificationContactRequest {
        request_id: "mailless".to_owned(),
        channels: vec![NotificationChannel::Mail.into()],
        ..contact
    };
    refused(resident.put_notification_contact(mailless).await, Code::InvalidArgument, "channels");
    county.suite.settled().await;
    let second = county.accepts("c2", FOR_MEMBERS, VILLAGE, Some(GRID)).await;
    let expected = ["notification_queued", "notification_sent"];
    until("it is sent", || async { outbox(&county, &second.to_string()).await == expected }).await;
}
