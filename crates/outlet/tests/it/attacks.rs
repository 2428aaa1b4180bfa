//! What an integrator who means ill tries on a real nats-server. Each is refused, and afterwards all is
//! as it was: the log, the public stream, the mirror, and what the neighbour has read.

#![expect(clippy::disallowed_methods, reason = "an attacker's client is not Weft's")]

use std::time::Duration;

use async_nats::{Client, jetstream};
use futures::StreamExt as _;
use platform::nats_server::Account;
use serde_json::{Value, json};
use testkit::{Suite, until};

use crate::{
    client::{SILENCE, STREAM, answer, ask, mirrored, pull, user},
    ground::{assert_once_and_in_order, report, suite, told},
};

/// A county with three cases in each of two townships, the attacker of one and the neighbour of the
/// other.
struct Scene {
    suite: Suite,
    portal: Client,
    neighbour: Client,
}

async fn scene() -> Scene {
    let suite = suite().await;
    report(&suite, "620821101203", 0, 3).await;
    report(&suite, "620821102201", 0, 3).await;
    suite.settled().await;
    mirrored(&suite).await;
    let neighbour = user(&suite, "neighbour", "620821102").await;
    let portal = user(&suite, "portal", "620821101").await;
    Scene { suite, portal, neighbour }
}

impl Scene {
    /// All that an attack could change.
    async fn standing(&self) -> Value {
        let mut all = Vec::new();
        for (account, stream) in
            [(Account::Core, "WEFT_620821"), (Account::Out, STREAM), (Account::Integrators, STREAM)]
        {
            let context = jetstream::new(self.suite.nats().client(account).await);
            let mut stream = context.get_stream(stream).await.unwrap();
            let info = stream.info().await.unwrap();
            let state = &info.state;
            // The log grows by itself: the outlet notes there who may read.
            let last = if account == Account::Core { 0 } else { state.last_sequence };
            all.push(json!([state.first_sequence, last, info.created.to_string()]));
            let mut names = Vec::new();
            let mut consumers = stream.consumer_names();
            while let Some(Ok(name)) = consumers.next().await {
                // Of the mirror and of those who read; the suite's own come and go.
                names.extend(
                    ["INTEGRATORS", "neighbour", "portal"].contains(&&*name).then_some(name),
                );
            }
            names.sort();
            all.push(json!(names));
        }
        let neighbour =
            ask(&self.neighbour, "CONSUMER.INFO", "neighbour", &json!({})).await.unwrap();
        for part in ["config", "created", "num_pending", "num_ack_pending"] {
            all.push(neighbour[part].clone());
        }
        all.push(neighbour["delivered"]["consumer_seq"].clone());
        all.push(neighbour["ack_floor"]["stream_seq"].clone());
        Value::Array(all)
    }

    /// After an attack the neighbour and the attacker still read what is theirs, old and new.
    async fn all_is_well(self, before: &Value) {
        assert_eq!(self.standing().await, *before);
        report(&self.suite, "620821102201", 20, 1).await;
        self.suite.settled().await;
        mirrored(&self.suite).await;
        let read = pull(&self.neighbour, "neighbour").await;
        assert_eq!(read.len(), 4, "{read:?}");
        assert!(read.iter().all(|subject| subject.starts_with("weft.pub.v1.620821.102.")));
        assert_once_and_in_order(&told(&self.suite).await);
    }
}

/// A consumer as an integrator would like it.
fn consumer(name: &str, more: &Value) -> String {
    let mut config = json!({
        "name": name, "durable_name": name, "filter_subject": "weft.pub.v1.620821.101.>",
        "ack_policy": "explicit", "deliver_policy": "all",
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    json!({ "stream_name": STREAM, "action": "", "config": config }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_ones_own_consumer_is_answered() {
    let scene = scene().await;
    let before = scene.standing().await;
    let plain = consumer("portal", &json!({}));
    let mut tried: Vec<(String, String)> = Vec::new();
    // Consumers: of any form, under any name, by every way to make one.
    for filter in ["weft.pub.v1.620821.101.>", "weft.pub.v1.620821.102.>", "weft.pub.v1.>", ">"] {
        for name in ["portal", "neighbour", "other", "INTEGRATORS"] {
            tried.push((format!("CONSUMER.CREATE.{STREAM}.{name}.{filter}"), plain.clone()));
        }
    }
    for more in [
        json!({ "filter_subject": "weft.pub.v1.>" }),
        json!({ "filter_subject": null, "filter_subjects": ["weft.pub.v1.620821.101.>", ">"] }),
        json!({ "filter_subject": null }),
        json!({ "deliver_subject": "_INBOX_portal.push" }),
        json!({ "deliver_subject": format!("$JS.API.STREAM.DELETE.{STREAM}"), "idle_heartbeat": 100_000_000 }),
        json!({ "headers_only": true }),
        json!({ "max_ack_pending": -1 }),
        json!({ "inactive_threshold": 1_000_000_000_000_000_000_u64 }),
        json!({ "mem_storage": true, "ack_policy": "none" }),
    ] {
        let body = consumer("portal", &more);
        tried.push((
            format!("CONSUMER.CREATE.{STREAM}.portal.weft.pub.v1.620821.101.>"),
            body.clone(),
        ));
        tried.push((format!("CONSUMER.CREATE.{STREAM}.portal"), body.clone()));
        tried.push((format!("CONSUMER.CREATE.{STREAM}"), body.clone()));
        tried.push((format!("CONSUMER.DURABLE.CREATE.{STREAM}.portal"), body));
    }
    // The neighbour's consumer, and what is done to one's own by its owner only.
    for what in ["INFO", "MSG.NEXT", "DELETE", "PAUSE", "RESET", "UNPIN", "LEADER.STEPDOWN"] {
        tried
            .push((format!("CONSUMER.{what}.{STREAM}.neighbour"), json!({ "seq": 1 }).to_string()));
        tried.push((format!("CONSUMER.{what}.{STREAM}.INTEGRATORS"), "{}".to_owned()));
        tried.push((format!("CONSUMER.{what}.{STREAM}.*"), "{}".to_owned()));
        tried.push((format!("CONSUMER.{what}.{STREAM}.>"), "{}".to_owned()));
    }
    for what in ["DELETE", "PAUSE", "UNPIN"] {
        tried.push((format!("CONSUMER.{what}.{STREAM}.portal"), "{}".to_owned()));
    }
    tried
        .extend(["NAMES", "LIST"].map(|what| (format!("CONSUMER.{what}.{STREAM}"), String::new())));
    // The stream.
    let first = json!({ "seq": 1 }).to_string();
    let last =
        json!({ "last_by_subj": "weft.pub.v1.620821.102.201.intake.case_reported" }).to_string();
    for stream in [STREAM, "WEFT_620821", "VAULT_KEYS_620821"] {
        for what in ["INFO", "PURGE", "DELETE", "UPDATE", "SNAPSHOT", "CREATE"] {
            tried.push((format!("STREAM.{what}.{stream}"), "{}".to_owned()));
        }
        tried.push((format!("STREAM.MSG.GET.{stream}"), first.clone()));
        tried.push((format!("STREAM.MSG.GET.{stream}"), last.clone()));
        tried.push((format!("STREAM.MSG.DELETE.{stream}"), first.clone()));
        tried.push((format!("DIRECT.GET.{stream}"), first.clone()));
        tried.push((format!("DIRECT.GET.{stream}"), last.clone()));
        let subject = "weft.pub.v1.620821.102.201.intake.case_reported";
        tried.push((format!("DIRECT.GET.{stream}.{subject}"), String::new()));
    }
    tried.extend(
        ["STREAM.NAMES", "STREAM.LIST", "INFO", "SERVER.REMOVE"]
            .map(|what| (what.to_owned(), String::new())),
    );
    let mut answers = scene.portal.subscribe("_INBOX_portal.answers").await.unwrap();
    for (what, body) in &tried {
        // By the way that is given, by the usual one, and by that to the account OUT or CORE.
        for way in ["WEFT.API", "$JS.API", "OUT.API", "$JS.CORE.API"] {
            scene
                .portal
                .publish_with_reply(
                    format!("{way}.{what}"),
                    "_INBOX_portal.answers",
                    body.clone().into(),
                )
                .await
                .unwrap();
        }
    }
    for subject in [
        "weft.pub.v1.620821.101.203.intake.case_reported",
        "weft.pub.v1.620821.102.201.intake.case_reported",
        "weft.mirror.WEFT_PUBLIC_620821",
        "weft.620821.101.203.case.c0",
        "vault.keys.620821.master",
        "$SYS.REQ.SERVER.PING",
        "$SYS.REQ.ACCOUNT.PING.CONNZ",
        "$SYS.REQ.USER.INFO",
        "$JS.FC.WEFT_PUBLIC_620821.INTEGRATORS.x",
        "$KV.weft_outlet_620821.position",
        "_INBOX_neighbour.x",
        "_R_.x",
    ] {
        let sent = scene.portal.publish_with_reply(subject, "_INBOX_portal.answers", "{}".into());
        sent.await.unwrap();
    }
    assert!(ask(&scene.portal, "CONSUMER.INFO", "portal", &json!({})).await.is_some());
    let heard = tokio::time::timeout(SILENCE, answers.next()).await;
    assert!(heard.is_err(), "{heard:?}");
    scene.all_is_well(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_sent_elsewhere_reaches_nobody() {
    let scene = scene().await;
    // Nothing is left to read: the answer to a fetch is then empty, as many orders are.
    assert_eq!(pull(&scene.portal, "portal").await.len(), 3);
    let before = scene.standing().await;
    let mut ears = Vec::new();
    for account in [Account::Core, Account::Vault, Account::Out] {
        let client = scene.suite.nats().client(account).await;
        ears.push(client.subscribe("*.injected.>").await.unwrap());
        client.flush().await.unwrap();
    }
    let injected = [
        "_INBOX_neighbour.injected",
        "_INBOX_weft_users.injected",
        "_INBOX_test.injected",
        "weft.injected.x",
        "weft.pub.v1.620821.102.201.intake.case_reported",
        "weft.mirror.WEFT_PUBLIC_620821",
        "weft.620821.101.203.case.c0",
        "OUT.API.CONSUMER.RESET.WEFT_PUBLIC_620821.INTEGRATORS",
        "$JS.FC.WEFT_PUBLIC_620821.INTEGRATORS.x.y",
        "$JS.ACK.WEFT_PUBLIC_620821.neighbour.1.1.1.1.1",
        "$SYS.REQ.SERVER.PING",
        "_R_.abc.def",
    ];
    let orders =
        ["STREAM.DELETE", "STREAM.PURGE", "CONSUMER.DELETE", "CONSUMER.RESET", "CONSUMER.PAUSE"];
    let orders = orders.map(|order| {
        let whose = if order.starts_with("STREAM") { "" } else { ".neighbour" };
        format!("{order}.{STREAM}{whose}")
    });
    let mut targets: Vec<String> = injected.map(str::to_owned).to_vec();
    for way in ["$JS.API", "WEFT.API", "OUT.API"] {
        targets.extend(orders.iter().map(|order| format!("{way}.{order}")));
    }
    let mut inbox = scene.neighbour.subscribe("_INBOX_neighbour.>").await.unwrap();
    scene.neighbour.flush().await.unwrap();
    for target in targets {
        for (asked, body) in [
            ("CONSUMER.MSG.NEXT", json!({ "batch": 1, "no_wait": true })),
            (
                "CONSUMER.MSG.NEXT",
                json!({ "batch": 1, "expires": 50_000_000, "idle_heartbeat": 20_000_000 }),
            ),
            ("CONSUMER.INFO", json!({})),
            ("CONSUMER.RESET", json!({ "seq": 3 })),
        ] {
            let subject = format!("WEFT.API.{asked}.{STREAM}.portal");
            let body = body.to_string();
            scene.portal.publish_with_reply(subject, target.clone(), body.into()).await.unwrap();
        }
    }
    assert!(ask(&scene.portal, "CONSUMER.INFO", "portal", &json!({})).await.is_some());
    let heard = tokio::time::timeout(SILENCE, inbox.next()).await;
    assert!(heard.is_err(), "{heard:?}");
    for ear in &mut ears {
        let heard = tokio::time::timeout(Duration::from_millis(50), ear.next()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
    drop(inbox);
    scene.all_is_well(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_of_another_consumer_is_none() {
    let scene = scene().await;
    let before = scene.standing().await;
    let mut answers = scene.portal.subscribe("_INBOX_portal.next").await.unwrap();
    for subject in [
        format!("$JS.ACK.{STREAM}.neighbour.1.2.1.1.1"),
        format!("$JS.ACK.{STREAM}.neighbour.>"),
        // With the tokens of the newer form these read as the neighbour's in the older one.
        format!("$JS.ACK.{STREAM}.neighbour.{STREAM}.portal.1.2.3"),
        format!("$JS.ACK.{STREAM}.neighbour.{STREAM}.portal.1.1.1.1.1"),
        format!("$JS.ACK._.x.{STREAM}.neighbour.1.2.1.1.1"),
        format!("$JS.ACK._.x.{STREAM}.portal.1.2.1.1.1"),
        format!("$JS.ACK.{STREAM}.portal.1.2.1.1.1.1"),
        format!("$JS.ACK.{STREAM}.portal.1.99999999.1.1.1"),
        format!("$JS.ACK.{STREAM}.portal.x.x.x.x.x"),
        "$JS.ACK.WEFT_620821.neighbour.1.2.1.1.1".to_owned(),
    ] {
        for body in ["+ACK", "-NAK", "+TERM", "+WPI", "+NXT", "+NXT {\"batch\":5}", ""] {
            let sent =
                scene.portal.publish_with_reply(subject.clone(), "_INBOX_portal.next", body.into());
            sent.await.unwrap();
        }
    }
    assert!(ask(&scene.portal, "CONSUMER.INFO", "portal", &json!({})).await.is_some());
    while let Ok(Some(message)) = tokio::time::timeout(SILENCE, answers.next()).await {
        // One's own consumer may give its next: it is what one may read anyway.
        let own = message.subject.starts_with("weft.pub.v1.620821.101.");
        assert!(own || message.payload.is_empty(), "{message:?}");
    }
    scene.all_is_well(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_past_the_own_inbox() {
    let scene = scene().await;
    let before = scene.standing().await;
    let mut ears = Vec::new();
    for subject in [
        ">",
        "*",
        "weft.>",
        "weft.pub.>",
        "weft.mirror.>",
        "_INBOX.>",
        "_INBOX_neighbour.>",
        "_INBOX_neighbour.*",
        "_INBOX_portal",
        "_INBOX_*.>",
        "$JS.>",
        "$JS.EVENT.>",
        "$SYS.>",
        "_R_.>",
        "WEFT.>",
        "OUT.>",
    ] {
        ears.push(scene.portal.subscribe(subject).await.unwrap());
        let queue = scene.portal.queue_subscribe(subject, "q".to_owned()).await.unwrap();
        ears.push(queue);
    }
    scene.portal.flush().await.unwrap();
    let info = ask(&scene.neighbour, "CONSUMER.INFO", "neighbour", &json!({})).await;
    assert!(info.is_some());
    report(&scene.suite, "620821101203", 30, 1).await;
    scene.suite.settled().await;
    for ear in &mut ears {
        let heard = tokio::time::timeout(Duration::from_millis(20), ear.next()).await;
        assert!(!matches!(heard, Ok(Some(_))), "{heard:?}");
    }
    drop(ears);
    let mut before = before;
    // One more is published.
    for place in [2, 4] {
        before[place][1] = json!(before[place][1].as_u64().unwrap() + 1);
    }
    mirrored(&scene.suite).await;
    scene.all_is_well(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_and_odd_requests_concern_who_sends_them() {
    let scene = scene().await;
    let before = scene.standing().await;
    for number in 0..20_000_u32 {
        let subject = format!("$JS.ACK.{STREAM}.portal.1.{}.{number}.1.1", number % 9);
        scene.portal.publish(subject, "+ACK".into()).await.unwrap();
    }
    for body in [
        "",
        "x",
        "0",
        "-1",
        "{",
        "null",
        "[]",
        r#"{"batch":1000000000}"#,
        r#"{"batch":-1}"#,
        r#"{"expires":-5}"#,
        r#"{"expires":9223372036854775807}"#,
        r#"{"max_bytes":-1}"#,
        r#"{"group":"x","id":"y"}"#,
        r#"{"min_pending":99}"#,
        r#"{"batch":1,"idle_heartbeat":1}"#,
    ] {
        for _ in 0..20 {
            for asked in ["CONSUMER.MSG.NEXT", "CONSUMER.INFO"] {
                let subject = format!("WEFT.API.{asked}.{STREAM}.portal");
                scene
                    .portal
                    .publish_with_reply(subject, "_INBOX_portal.x", body.to_owned().into())
                    .await
                    .unwrap();
            }
        }
        answer(&scene.portal, &format!("WEFT.API.CONSUMER.RESET.{STREAM}.portal"), body).await;
    }
    scene.portal.flush().await.unwrap();
    // A reset that names no sequence, or one that is not there yet, is one's own affair too.
    ask(&scene.portal, "CONSUMER.RESET", "portal", &json!({ "seq": u64::MAX })).await;
    let again = ask(&scene.portal, "CONSUMER.RESET", "portal", &json!({ "seq": 1 })).await.unwrap();
    assert!(again["error"].is_null(), "{again}");
    until("the attacker reads its own again", || async {
        let info = ask(&scene.portal, "CONSUMER.INFO", "portal", &json!({})).await;
        info.is_some_and(|info| info["num_pending"] == 3)
    })
    .await;
    scene.all_is_well(&before).await;
}
