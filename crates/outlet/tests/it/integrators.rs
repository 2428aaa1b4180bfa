//! Who may read what: users of townships, on the server that a suite runs on; their keys changed, and
//! taken away.

use std::time::Duration;

use platform::nats_server::Running;
use serde_json::json;
use testkit::until;

use crate::{
    client::{ask, consumers, mirrored, pull, sign_in, user},
    ground::{report, suite},
};

const TOWNSHIP: &str = "620821101";

#[tokio::test(flavor = "multi_thread")]
async fn an_integrator_of_a_township_reads_exactly_its_own() {
    let suite = suite().await;
    report(&suite, "620821101203", 0, 3).await;
    report(&suite, "620821102201", 0, 3).await;
    report(&suite, "620821101205", 0, 2).await;
    suite.settled().await;
    mirrored(&suite).await;
    let client = user(&suite, "portal", TOWNSHIP).await;

    let subjects = pull(&client, "portal").await;
    assert_eq!(subjects.len(), 5);
    assert!(subjects.iter().all(|subject| subject.starts_with("weft.pub.v1.620821.101.")));
    // What was acknowledged does not come again; what is new comes.
    report(&suite, "620821101203", 10, 1).await;
    suite.settled().await;
    mirrored(&suite).await;
    assert_eq!(pull(&client, "portal").await.len(), 1);
    // Again from a sequence on, and still nothing else.
    let again = ask(&client, "CONSUMER.RESET", "portal", &json!({ "seq": 1 })).await.unwrap();
    assert!(again["error"].is_null(), "{again}");
    let subjects = pull(&client, "portal").await;
    assert_eq!(subjects.len(), 6);
    assert!(subjects.iter().all(|subject| subject.starts_with("weft.pub.v1.620821.101.")));
    let info = ask(&client, "CONSUMER.INFO", "portal", &json!({})).await.unwrap();
    assert_eq!(info["num_pending"], 0);
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
    until("the first user is let in again", || async {
        ask(&first, "CONSUMER.INFO", "portal", &json!({})).await.is_some()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_replaces_the_one_before_it_and_others_notice_nothing() {
    let suite = suite().await;
    report(&suite, "620821101203", 0, 2).await;
    suite.settled().await;
    mirrored(&suite).await;
    let integrators = suite.nats().managed().integrators();
    let neighbour = user(&suite, "neighbour", "620821102").await;
    let others = neighbour.server_info().client_id;
    let first = integrators.add("portal", TOWNSHIP.parse().unwrap(), suite.clock_now()).unwrap();
    let seed = std::fs::read_to_string(&first).unwrap();
    integrators.tell("portal", &first).await.unwrap();
    let client = sign_in(&suite, "portal", &seed).await.unwrap();
    assert_eq!(pull(&client, "portal").await.len(), 2);

    // Both keys let in, and the consumer goes on where it was.
    let hour = Duration::from_hours(1);
    let second = integrators.rotate("portal", hour, suite.clock_now()).unwrap();
    let later = std::fs::read_to_string(&second).unwrap();
    integrators.tell("portal", &second).await.unwrap();
    assert!(sign_in(&suite, "portal", &seed).await.is_ok());
    let newer = sign_in(&suite, "portal", &later).await.unwrap();
    assert_eq!(pull(&newer, "portal").await.len(), 0);
    // The overlap ends: who is still there with the old key is put out.
    assert!(integrators.lapse(suite.clock_now().plus_millis(3_600_000)).unwrap());
    integrators.reload("portal").await.unwrap();
    assert!(sign_in(&suite, "portal", &seed).await.is_err());
    until("the connection with the old key is closed", || async {
        client.connection_state() != async_nats::connection::State::Connected
    })
    .await;
    // Without an overlap the change is at once.
    let third = integrators.rotate("portal", Duration::ZERO, suite.clock_now()).unwrap();
    integrators.tell("portal", &third).await.unwrap();
    assert!(sign_in(&suite, "portal", &later).await.is_err());
    neighbour.flush().await.unwrap();
    assert_eq!(neighbour.server_info().client_id, others, "a change cut somebody else off");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_is_put_out_with_the_consumer_and_others_stay() {
    let suite = suite().await;
    let integrators = suite.nats().managed().integrators();
    let neighbour = user(&suite, "portal2", TOWNSHIP).await;
    let others = neighbour.server_info().client_id;
    let path = integrators.add("portal", TOWNSHIP.parse().unwrap(), suite.clock_now()).unwrap();
    let seed = std::fs::read_to_string(&path).unwrap();
    integrators.tell("portal", &path).await.unwrap();
    let client = sign_in(&suite, "portal", &seed).await.unwrap();
    let readings = || async {
        let found = consumers(&suite).await.readings(&integrators.list().unwrap()).await.unwrap();
        found.into_iter().map(|reading| reading.name).collect::<Vec<_>>()
    };
    assert_eq!(readings().await, ["portal", "portal2"]);

    integrators.revoke("portal", suite.clock_now()).unwrap();
    let told = integrators.reload("portal").await.unwrap();
    assert_eq!(told, Running::Told(suite.nats().url()));
    assert!(sign_in(&suite, "portal", &seed).await.is_err());
    until("the connection is closed", || async {
        client.connection_state() != async_nats::connection::State::Connected
    })
    .await;
    until("the consumer is gone", || async { readings().await == ["portal2"] }).await;
    assert!(ask(&neighbour, "CONSUMER.INFO", "portal2", &json!({})).await.is_some());
    assert_eq!(neighbour.server_info().client_id, others, "a revocation cut somebody else off");
}
