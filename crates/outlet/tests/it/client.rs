//! An integrator's client.

#![expect(clippy::disallowed_methods, reason = "an integrator's client is not Weft's")]

use std::time::Duration;

use async_nats::Client;
use futures::StreamExt as _;
use platform::nats_server::{Account, ConnectError, Consumers, Running, connect};
use serde_json::{Value, json};
use testkit::{Suite, until};

use crate::ground::told;

pub(crate) const STREAM: &str = "WEFT_PUBLIC_620821";

/// As long as a refusal is waited for: it shows as silence.
pub(crate) const SILENCE: Duration = Duration::from_millis(300);

/// Makes a user and signs in.
pub(crate) async fn user(suite: &Suite, name: &str, division: &str) -> Client {
    let integrators = suite.nats().managed().integrators();
    let seed = integrators.add(name, division.parse().unwrap(), suite.clock_now()).unwrap();
    let running = integrators.tell(name, &seed).await.unwrap();
    assert_eq!(running, Running::Told(suite.nats().url()));
    sign_in(suite, name, &std::fs::read_to_string(seed).unwrap()).await.unwrap()
}

pub(crate) async fn sign_in(suite: &Suite, name: &str, seed: &str) -> Result<Client, ConnectError> {
    connect(&suite.nats().url(), seed.trim(), name).await
}

/// What Weft itself sees of the consumers.
pub(crate) async fn consumers(suite: &Suite) -> Consumers {
    Consumers::new(suite.nats().client(Account::Integrators).await, suite.county())
}

/// Asks the API for one's own consumer.
pub(crate) async fn ask(client: &Client, what: &str, name: &str, body: &Value) -> Option<Value> {
    let subject = format!("WEFT.API.{what}.{STREAM}.{name}");
    answer(client, &subject, &body.to_string()).await
}

/// The answer to any request; none where there is silence.
pub(crate) async fn answer(client: &Client, subject: &str, body: &str) -> Option<Value> {
    let asked = client.request(subject.to_owned(), body.to_owned().into());
    let answer = tokio::time::timeout(SILENCE, asked).await.ok()?.ok()?;
    Some(serde_json::from_slice(&answer.payload).unwrap_or(Value::Null))
}

/// Pulls until nothing comes: the subjects, in order.
pub(crate) async fn pull(client: &Client, name: &str) -> Vec<String> {
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    let request = json!({ "batch": 1000, "no_wait": true });
    let subject = format!("WEFT.API.CONSUMER.MSG.NEXT.{STREAM}.{name}");
    client.publish_with_reply(subject, inbox, request.to_string().into()).await.unwrap();
    let mut subjects = Vec::new();
    while let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(5), answers.next()).await
    {
        if message.status.is_some() {
            break;
        }
        let acknowledge = message.reply.clone().unwrap();
        client.request(acknowledge, "+ACK".into()).await.unwrap();
        subjects.push(message.subject.to_string());
    }
    subjects
}

/// Waits until the mirror has what is published.
pub(crate) async fn mirrored(suite: &Suite) {
    let expected = told(suite).await.len() as u64;
    let context = async_nats::jetstream::new(suite.nats().client(Account::Integrators).await);
    until("the mirror has everything", || async {
        let mut stream = context.get_stream(STREAM).await.unwrap();
        stream.info().await.unwrap().state.last_sequence == expected
    })
    .await;
}
