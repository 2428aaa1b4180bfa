//! Who may read what: a user of one township, on the server that a suite runs on.

#![expect(clippy::disallowed_methods, reason = "an integrator's client is not Weft's")]

use std::time::Duration;

use async_nats::Client;
use futures::StreamExt as _;
use platform::nats_server::{Running, connect};
use serde_json::{Value, json};
use testkit::{Suite, until};

use crate::ground::{assert_once_and_in_order, report, suite, told};

const TOWNSHIP: &str = "620821101";
const STREAM: &str = "WEFT_PUBLIC_620821";
/// As long as a refusal is waited for: it shows as silence.
const SILENCE: Duration = Duration::from_millis(400);

/// Makes a user and signs in.
async fn user(suite: &Suite, name: &str, division: &str) -> Client {
    let integrators = suite.nats().managed().integrators();
    let seed = integrators.add(name, division.parse().unwrap()).unwrap();
    let running = integrators.tell(name, &seed).await.unwrap();
    assert_eq!(running, Running::Told(suite.nats().url()));
    let seed = std::fs::read_to_string(seed).unwrap();
    connect(&suite.nats().url(), seed.trim(), name).await.unwrap()
}

async fn ask(client: &Client, subject: &str, request: &Value) -> Option<Value> {
    let asked = client.request(subject.to_owned(), request.to_string().into());
    let answer = tokio::time::timeout(SILENCE, asked).await.ok()?.ok()?;
    serde_json::from_slice(&answer.payload).ok()
}

fn consumer(name: &str, filter: &str) -> Value {
    json!({ "stream_name": STREAM, "action": "", "config": {
        "name": name, "durable_name": name, "filter_subject": filter,
        "ack_policy": "explicit", "deliver_policy": "all",
    }})
}

fn create(name: &str, filter: &str) -> String {
    format!("$JS.API.CONSUMER.CREATE.{STREAM}.{name}.{filter}")
}

/// Pulls until nothing comes: the subjects, in order.
async fn pull(client: &Client, name: &str) -> Vec<String> {
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    let request = json!({ "batch": 1000, "no_wait": true });
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{name}");
    client.publish_with_reply(subject, inbox, request.to_string().into()).await.unwrap();
    let mut subjects = Vec::new();
    while let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(5), answers.next()).await
    {
        if message.status.is_some() {
            break;
        }
        let acknowledge = message.reply.clone().unwrap();
        client.publish(acknowledge, "+ACK".into()).await.unwrap();
        subjects.push(message.subject.to_string());
    }
    subjects
}

async fn mirrored(suite: &Suite) {
    let expected = told(suite).await.len() as u64;
    let client = suite.nats().client(platform::nats_server::Account::Integrators).await;
    let context = async_nats::jetstream::new(client);
    until("the mirror has everything", || async {
        let mut stream = context.get_stream(STREAM).await.unwrap();
        stream.info().await.unwrap().state.last_sequence == expected
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integrator_of_a_township_reads_exactly_its_own() {
    let suite = suite().await;
    report(&suite, "620821101203", 0, 3).await;
    report(&suite, "620821102201", 0, 3).await;
    report(&suite, "620821101205", 0, 2).await;
    suite.settled().await;
    mirrored(&suite).await;
    let client = user(&suite, "portal", TOWNSHIP).await;

    let own = "weft.pub.v1.620821.101.>";
    let made = ask(&client, &create("portal", own), &consumer("portal", own)).await.unwrap();
    assert!(made["error"].is_null(), "{made}");
    let subjects = pull(&client, "portal").await;
    assert_eq!(subjects.len(), 5);
    assert!(subjects.iter().all(|subject| subject.starts_with("weft.pub.v1.620821.101.")));
    // What was acknowledged does not come again; what is new comes.
    report(&suite, "620821101203", 10, 1).await;
    suite.settled().await;
    mirrored(&suite).await;
    assert_eq!(pull(&client, "portal").await.len(), 1);
    // Narrower is allowed.
    let village = "weft.pub.v1.620821.101.205.>";
    ask(&client, &format!("$JS.API.CONSUMER.DELETE.{STREAM}.portal"), &json!({})).await.unwrap();
    ask(&client, &create("portal", village), &consumer("portal", village)).await.unwrap();
    assert_eq!(pull(&client, "portal").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integrator_cannot_widen_write_or_read_what_is_not_its_own() {
    let suite = suite().await;
    report(&suite, "620821101203", 0, 1).await;
    report(&suite, "620821102201", 0, 1).await;
    suite.settled().await;
    mirrored(&suite).await;
    let other = user(&suite, "neighbour", "620821102").await;
    let client = user(&suite, "portal", TOWNSHIP).await;
    let own = "weft.pub.v1.620821.101.>";
    let theirs = "weft.pub.v1.620821.102.>";

    // A wider filter in the body than in the subject is refused by the server itself.
    let wider = ask(&client, &create("portal", own), &consumer("portal", "weft.pub.v1.>")).await;
    assert_eq!(wider.unwrap()["error"]["err_code"], 10131);
    // The rest is not let through at all, and shows as silence.
    for (subject, request) in [
        (create("portal", theirs), consumer("portal", theirs)),
        (create("portal", "weft.pub.v1.>"), consumer("portal", "weft.pub.v1.>")),
        (create("portal", ">"), consumer("portal", ">")),
        (format!("$JS.API.CONSUMER.CREATE.{STREAM}.portal"), consumer("portal", theirs)),
        (format!("$JS.API.CONSUMER.CREATE.{STREAM}"), consumer("portal", theirs)),
        (format!("$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.portal"), consumer("portal", theirs)),
        (create("neighbour", own), consumer("neighbour", own)),
        (format!("$JS.API.CONSUMER.DELETE.{STREAM}.neighbour"), json!({})),
        (format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.neighbour"), json!({ "batch": 1 })),
        (format!("$JS.API.STREAM.INFO.{STREAM}"), json!({})),
        (format!("$JS.API.STREAM.DELETE.{STREAM}"), json!({})),
        (format!("$JS.API.STREAM.PURGE.{STREAM}"), json!({})),
        (format!("$JS.API.STREAM.MSG.GET.{STREAM}"), json!({ "seq": 1 })),
        (format!("$JS.API.DIRECT.GET.{STREAM}"), json!({ "seq": 1 })),
        ("$JS.API.STREAM.NAMES".to_owned(), json!({})),
        ("$JS.API.INFO".to_owned(), json!({})),
        (format!("OUT.API.CONSUMER.RESET.{STREAM}.INTEGRATORS"), json!({})),
        (format!("OUT.API.STREAM.INFO.{STREAM}"), json!({})),
        ("weft.pub.v1.620821.101.203.intake.case_reported".to_owned(), json!({ "forged": 1 })),
    ] {
        let answer = ask(&client, &subject, &request).await;
        assert_eq!(answer, None, "{subject}");
    }
    // Nor can it listen past its own inbox.
    let mut ears = Vec::new();
    for subject in ["weft.pub.>", "_INBOX_neighbour.>", "weft.mirror.>", ">"] {
        ears.push(client.subscribe(subject).await.unwrap());
    }
    client.flush().await.unwrap();
    ask(&other, &create("neighbour", theirs), &consumer("neighbour", theirs)).await.unwrap();
    assert_eq!(pull(&other, "neighbour").await.len(), 1);
    report(&suite, "620821101203", 10, 1).await;
    suite.settled().await;
    mirrored(&suite).await;
    for mut ear in ears {
        let heard = tokio::time::timeout(Duration::from_millis(50), ear.next()).await;
        assert!(!matches!(heard, Ok(Some(_))), "{heard:?}");
    }
    // What is published to a subject that the mirror would have holds nothing new.
    assert_once_and_in_order(&told(&suite).await);
    mirrored(&suite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_stays_through_a_restart_and_those_that_are_connected_stay() {
    let suite = suite().await;
    let first = user(&suite, "portal", TOWNSHIP).await;
    let before = first.server_info().client_id;
    user(&suite, "neighbour", "620821102").await;
    first.flush().await.unwrap();
    assert_eq!(first.server_info().client_id, before, "a reload cut a connection");
    suite.nats().crash().await;
    user(&suite, "third", "620821").await;
    let own = "weft.pub.v1.620821.101.>";
    until("the first user is let in again", || async {
        ask(&first, &create("portal", own), &consumer("portal", own)).await.is_some()
    })
    .await;
}
