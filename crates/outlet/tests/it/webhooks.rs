//! What is sent, in which order, signed how, and how often.

use std::time::Duration;

use api::outlet::v1::{
    BodyMode, ListDeliveriesRequest, PauseWebhookRequest, PublicName, RegisterWebhookRequest,
    RemoveWebhookRequest, ReplayWebhookRequest, ResumeWebhookRequest, RotateWebhookSecretRequest,
};
use contracts::{intake::CaseEvent, subject};
use kernel::Role;
use serde_json::Value;
use testkit::{Db, until};

use crate::{
    ground::{LAMP, QUARREL, case_id, report, reported, told},
    receiver::{Got, status},
    world::{OTHER_SECRET, SECRET, TOWNSHIP, VILLAGE, World, request},
};

fn positions(got: &[Got]) -> Vec<u64> {
    got.iter().map(Got::position).collect()
}

async fn is_sent(db: Db) {
    let world = World::new(db).await;
    world.report(0, 2).await;
    world.suite.settled().await;
    let id = world.register(&[PublicName::IntakeCaseReported]).await;
    // Of the township, of another, of another kind, and a confidential one.
    world.report(10, 3).await;
    report(&world.suite, "620821102201", 0, 2).await;
    crate::ground::define(&world.suite, "0102", false).await;
    let quarrel = case_id(VILLAGE, 99);
    let event = CaseEvent::from(reported(&quarrel, QUARREL));
    world.suite.append(&subject::case(&quarrel), &quarrel.to_string(), &[event]).await;
    world.idle(&id).await;

    let got = world.receiver.got();
    assert_eq!(got.len(), 3, "{got:?}");
    for (number, request) in (10..).zip(&got) {
        assert_eq!(request.path, "/hook?token=secret-token");
        assert_eq!(request.header("ce-subject"), format!("{VILLAGE}-c{number}"));
        assert_eq!(request.header("ce-type"), "weft.public.intake.case_reported.v1");
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("webhook-id"), request.header("ce-id"));
        assert_eq!(request.signatures(SECRET), (1, 1));
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["category"], LAMP);
    }
    // The same body as on NATS.
    let stream = told(&world.suite).await;
    let same = stream.iter().find(|told| told.header("ce-id") == got[0].header("ce-id")).unwrap();
    assert_eq!(same.body.as_bytes(), got[0].body);
    let shown = world.webhook(&id).await;
    assert_eq!(shown.host, format!("http://127.0.0.1:{}", world.receiver.port));
    assert_eq!((shown.status.as_str(), shown.division.as_str()), ("active", TOWNSHIP));
    assert_eq!(shown.events, [i32::from(PublicName::IntakeCaseReported)]);

    // What was sent is in the register after a while, as one entry.
    assert_eq!(world.deliveries(false).await, []);
    world.suite.clock().advance(Duration::from_mins(6));
    until("an entry", || async { !world.deliveries(false).await.is_empty() }).await;
    let entries = world.deliveries(false).await;
    let positions = positions(&got);
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].from_position, entries[0].to_position), (positions[0], positions[2]));
    assert_eq!((entries[0].count, entries[0].receiver_id.as_str()), (3, id.as_str()));
    assert_eq!(entries[0].receiver, "webhook");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_sent_signed_and_in_order_on_sqlite() {
    is_sent(Db::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_sent_signed_and_in_order_on_postgres() {
    is_sent(Db::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_an_event_can_stand_in_the_body() {
    let world = World::new(Db::Sqlite).await;
    let structured = RegisterWebhookRequest {
        mode: BodyMode::Structured.into(),
        ..request("r1", &world.receiver.url(), &[])
    };
    world.security().register_webhook(structured).await.unwrap();
    world.report(0, 1).await;
    world.arrived(1).await;
    let got = &world.receiver.got()[0];
    assert_eq!(got.header("content-type"), "application/cloudevents+json; charset=utf-8");
    assert_eq!(got.signatures(SECRET), (1, 1));
    let event: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(event["id"], got.header("webhook-id"));
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "weft.public.intake.case_reported.v1");
    assert_eq!(event["data"]["category"], LAMP);
    assert!(event.get("position").is_none(), "{event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_comes_again_until_it_is_given_up_and_can_be_sent_again() {
    let world = World::with(Db::Sqlite, &[("webhook_attempts", "4")]).await;
    let id = world.register(&[]).await;
    // The second is never taken; the first the second time.
    world.receiver.answers({
        let tried = std::sync::atomic::AtomicU32::new(0);
        move |got| {
            let first = got.header("ce-subject").ends_with("-c0");
            let again = tried.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0;
            let bad = got.header("ce-subject").ends_with("-c1") || (first && !again);
            status(if bad { "500 Internal Server Error" } else { "204 No Content" })
        }
    });
    world.report(0, 3).await;
    world.arrived(1).await;
    until("a failure is counted", || async { world.webhook(&id).await.attempts == 1 }).await;
    assert_eq!(world.receiver.got().len(), 1, "nothing overtakes what waits");
    let minute = Duration::from_secs(10);
    world.wait_out(minute, "the third", || async { world.receiver.got().len() >= 7 }).await;
    world.idle(&id).await;
    let subjects: Vec<String> = world
        .receiver
        .got()
        .iter()
        .map(|got| got.header("ce-subject").rsplit('-').next().unwrap().to_owned())
        .collect();
    assert_eq!(subjects, ["c0", "c0", "c1", "c1", "c1", "c1", "c2"]);
    let ids: Vec<_> = world.receiver.got().iter().map(Got::position).collect();
    assert_eq!(ids[0], ids[1]);

    let dead = world.deliveries(true).await;
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].outcome.as_str(), dead[0].reason.as_str()), ("abandoned", "refused"));
    assert_eq!((dead[0].from_position, dead[0].count), (ids[2], 4));
    // Sent again from there on.
    world.receiver.answers(|_| status("200 OK"));
    let again = ReplayWebhookRequest {
        request_id: "again".to_owned(),
        webhook_id: id.clone(),
        from_position: ids[2],
    };
    world.security().replay_webhook(again.clone()).await.unwrap();
    // Asked twice under one name is once.
    world.security().replay_webhook(again).await.unwrap();
    world.arrived(9).await;
    world.idle(&id).await;
    assert_eq!(positions(&world.receiver.got())[7..], [ids[2], ids[6]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_takes_nothing_for_a_day_is_paused_and_goes_on_where_it_was() {
    let world = World::with(Db::Sqlite, &[("webhook_attempts", "1000")]).await;
    let id = world.register(&[]).await;
    world.receiver.answers(|_| status("503 Service Unavailable"));
    world.report(0, 2).await;
    world.arrived(1).await;
    let hour = Duration::from_hours(1);
    let is_paused = || async { world.webhook(&id).await.status == "paused" };
    world.wait_out(hour, "a pause", is_paused).await;
    assert_eq!(world.webhook(&id).await.pause_reason, "failing");
    assert!(world.receiver.got().len() >= 10, "{}", world.receiver.got().len());
    assert_eq!(world.deliveries(true).await, [], "nothing is given up");

    world.receiver.answers(|_| status("200 OK"));
    let before = world.receiver.got().len();
    let (request_id, webhook_id) = ("on".to_owned(), id.clone());
    let resume = ResumeWebhookRequest { request_id, webhook_id };
    world.security().resume_webhook(resume).await.unwrap();
    world.wait_out(hour, "both", || async { world.receiver.got().len() >= before + 2 }).await;
    let got = world.receiver.got();
    let subjects: Vec<&str> = got[before..].iter().map(|got| got.header("ce-subject")).collect();
    assert_eq!(subjects, [format!("{VILLAGE}-c0"), format!("{VILLAGE}-c1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_says_it_is_gone_gets_nothing_more() {
    let world = World::new(Db::Sqlite).await;
    let id = world.register(&[]).await;
    world.receiver.answers(|_| status("410 Gone"));
    world.report(0, 2).await;
    until("a pause", || async { world.webhook(&id).await.status == "paused" }).await;
    assert_eq!(world.webhook(&id).await.pause_reason, "gone");
    world.suite.clock().advance(Duration::from_hours(2));
    world.suite.settled().await;
    assert_eq!(world.receiver.got().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_and_crashes_lose_nothing_and_keep_the_order() {
    let mut world = World::new(Db::Sqlite).await;
    let id = world.register(&[]).await;
    for round in 0..3 {
        world.report(round * 60, 60).await;
        world.suite = world.suite.restart().await;
    }
    world.suite.nats().crash().await;
    world.report(180, 20).await;
    world.suite = world.suite.restart_without_databases().await;
    world.idle(&id).await;
    let mut positions = positions(&world.receiver.got());
    // A restart may send again what it was about to note, and nothing else.
    positions.dedup();
    assert_eq!(positions.len(), 200);
    assert!(positions.is_sorted(), "{positions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_secrets_sign_for_a_while_and_then_the_new_one_alone() {
    let world = World::new(Db::Sqlite).await;
    let id = world.register(&[]).await;
    let rotate = RotateWebhookSecretRequest {
        request_id: "rotate".to_owned(),
        webhook_id: id.clone(),
        secret: OTHER_SECRET.to_owned(),
        overlap_seconds: 3_600,
    };
    let answer = world.security().rotate_webhook_secret(rotate).await.unwrap().into_inner();
    until("the table has it", || async { world.webhook(&id).await.version >= answer.version })
        .await;
    world.report(0, 1).await;
    world.arrived(1).await;
    let got = world.receiver.got();
    assert_eq!((got[0].signatures(SECRET), got[0].signatures(OTHER_SECRET)), ((1, 2), (1, 2)));
    world.suite.clock().advance(Duration::from_hours(1));
    world.report(1, 1).await;
    world.arrived(2).await;
    let got = world.receiver.got();
    assert_eq!((got[1].signatures(SECRET), got[1].signatures(OTHER_SECRET)), ((0, 1), (1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_webhook_sends_nothing_and_its_address_is_erased() {
    let world = World::new(Db::Sqlite).await;
    let id = world.register(&[]).await;
    world.report(0, 1).await;
    world.arrived(1).await;
    let pause = PauseWebhookRequest { request_id: "pause".to_owned(), webhook_id: id.clone() };
    world.security().pause_webhook(pause).await.unwrap();
    until("it is paused", || async { world.webhook(&id).await.status == "paused" }).await;
    world.report(1, 1).await;
    let remove = RemoveWebhookRequest { request_id: "remove".to_owned(), webhook_id: id.clone() };
    world.security().remove_webhook(remove).await.unwrap();
    until("it is removed", || async { world.webhook(&id).await.status == "removed" }).await;
    world.report(2, 1).await;
    world.suite.settled().await;
    assert!(world.suite.context().vault.is_erased(&id).await.unwrap());
    assert_eq!(world.webhook(&id).await.host, "");
    // What was sent before is entered all the same, at once.
    until("an entry", || async { world.deliveries(false).await.len() == 1 }).await;
    assert_eq!(world.receiver.got().len(), 1);
    let resume = ResumeWebhookRequest { request_id: "on".to_owned(), webhook_id: id.clone() };
    let refused = world.security().resume_webhook(resume).await.unwrap_err();
    assert_eq!(platform::grpc::status::reason_of(&refused).as_deref(), Some("WEBHOOK_REMOVED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_integrators_have_read_is_entered_too() {
    let world = World::new(Db::Sqlite).await;
    world.report(0, 3).await;
    report(&world.suite, "620821102201", 0, 2).await;
    world.suite.settled().await;
    crate::client::mirrored(&world.suite).await;
    let portal = crate::client::user(&world.suite, "portal", TOWNSHIP).await;
    crate::client::user(&world.suite, "idle", "620821102").await;
    assert_eq!(crate::client::pull(&portal, "portal").await.len(), 3);
    world.suite.clock().advance(Duration::from_mins(6));
    until("an entry", || async { !world.deliveries(false).await.is_empty() }).await;
    let entries = world.deliveries(false).await;
    assert_eq!(entries.len(), 1, "who has read nothing has no entry: {entries:?}");
    assert_eq!(entries[0].receiver_id, "620821101000-portal");
    assert_eq!((entries[0].receiver.as_str(), entries[0].count), ("integrator", 3));
    let stream = told(&world.suite).await;
    let mut own = stream.iter().filter(|told| told.subject.contains(".101."));
    let last = own.next_back().unwrap().position();
    assert_eq!((entries[0].to_position, entries[0].acknowledged_position), (last, last));
    // Taking the user out enters the rest before it goes.
    world.report(5, 1).await;
    world.suite.settled().await;
    crate::client::mirrored(&world.suite).await;
    assert_eq!(crate::client::pull(&portal, "portal").await.len(), 1);
    let integrators = world.suite.nats().managed().integrators();
    integrators.revoke("portal", world.suite.clock_now()).unwrap();
    integrators.reload("portal").await.unwrap();
    until("the rest", || async { world.deliveries(false).await.len() == 2 }).await;
    assert_eq!(world.deliveries(false).await[1].count, 1);
    let mut township = world.client(Role::AuditAdministrator, "620821102");
    let theirs = township.list_deliveries(ListDeliveriesRequest::default()).await.unwrap();
    assert_eq!(theirs.into_inner().deliveries, [], "of another township");
}
