//! What is refused of a webhook, and what a receiver who means ill achieves.

use std::{sync::Arc, time::Duration};

use api::outlet::v1::{
    ListDeliveriesRequest, ListWebhooksRequest, PauseWebhookRequest, RegisterWebhookRequest,
    ReplayWebhookRequest, RotateWebhookSecretRequest,
};
use kernel::Role;
use platform::grpc::status::{reason_of, violations_of};
use testkit::{Db, until};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tonic::Status;

use crate::{
    ground,
    receiver::{Receiver, status},
    world::{World, request},
};

fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    reason_of(&answer.unwrap_err()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_security_administrator_in_whose_scope_it_lies_says_where_to() {
    let world = World::new(Db::Sqlite).await;
    let id = world.register(&[]).await;
    let head = world.suite.head().await.sequence;
    let url = world.receiver.url();
    for role in [Role::Administrator, Role::AuditAdministrator, Role::Supervisor, Role::Integrator]
    {
        let mut client = world.client(role, "620821");
        assert_eq!(
            reason(client.register_webhook(request("x", &url, &[])).await),
            "ROLE_NOT_ALLOWED"
        );
        let lists = client.list_deliveries(ListDeliveriesRequest::default()).await;
        assert_eq!(lists.is_ok(), role == Role::AuditAdministrator, "{role}");
    }
    let mut other = world.client(Role::SecurityAdministrator, "620821102");
    assert_eq!(reason(other.register_webhook(request("x", &url, &[])).await), "OUT_OF_SCOPE");
    let pause = |id: &str| PauseWebhookRequest { request_id: "x".into(), webhook_id: id.into() };
    assert_eq!(reason(other.pause_webhook(pause(&id)).await), "OUT_OF_SCOPE");
    let listed = other.list_webhooks(ListWebhooksRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().webhooks, []);
    let asked = ListWebhooksRequest { division: "620821101".into(), ..Default::default() };
    assert_eq!(reason(other.list_webhooks(asked).await), "OUT_OF_SCOPE");
    let mut own = world.security();
    assert_eq!(reason(own.pause_webhook(pause("620822101000-w")).await), "WEBHOOK_NOT_FOUND");
    assert_eq!(reason(own.pause_webhook(pause("620821101000-w")).await), "UNKNOWN_WEBHOOK");
    assert_eq!(world.suite.head().await.sequence, head);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_named_and_nothing_is_written() {
    let world = World::new(Db::Sqlite).await;
    let id = world.register(&[]).await;
    let head = world.suite.head().await.sequence;
    let mut client = world.security();
    let fields = |status: Status| -> Vec<String> {
        violations_of(&status).into_iter().map(|violation| violation.field).collect()
    };
    let nothing = client.register_webhook(RegisterWebhookRequest::default()).await.unwrap_err();
    assert_eq!(fields(nothing), ["request_id", "url", "division", "secret"]);
    for url in [
        "http://example.cn/",
        "https://user:pw@example.cn/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://2130706433/",
        "https://127.0.0.2/",
        "file:///etc/passwd",
        "'; DROP TABLE webhooks__v1; --",
    ] {
        let refused = client.register_webhook(request("x", url, &[])).await.unwrap_err();
        assert!(!refused.message().contains(url), "{url} is repeated");
        assert_eq!(fields(refused), ["url"], "{url}");
    }
    let wrong = RegisterWebhookRequest {
        division: "620822".into(),
        secret: "whsec_short".into(),
        events: vec![1, 1],
        mode: 9,
        ..request("x", "https://example.cn/", &[])
    };
    let wrong = client.register_webhook(wrong).await.unwrap_err();
    assert_eq!(fields(wrong), ["division", "events", "secret", "mode"]);
    let replay = |from_position| ReplayWebhookRequest {
        request_id: "x".into(),
        webhook_id: id.clone(),
        from_position,
    };
    for from in [0, u64::MAX] {
        let refused = client.replay_webhook(replay(from)).await.unwrap_err();
        assert_eq!(fields(refused), ["from_position"]);
    }
    let rotate = RotateWebhookSecretRequest {
        request_id: "x".into(),
        webhook_id: "nobody".into(),
        secret: String::new(),
        overlap_seconds: u32::MAX,
    };
    let refused = client.rotate_webhook_secret(rotate).await.unwrap_err();
    assert_eq!(fields(refused), ["webhook_id", "secret", "overlap_seconds"]);
    assert_eq!(world.suite.head().await.sequence, head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_a_flood_and_silence_are_failures_of_one_webhook_alone() {
    let world = World::with(Db::Sqlite, &[("webhook_attempts", "1")]).await;
    let elsewhere = Receiver::start(None);
    let to = elsewhere.url();
    world.receiver.answers(move |got| match got.header("ce-subject").rsplit('-').next().unwrap() {
        "c0" => format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"),
        "c1" => {
            format!("HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n{}", "x".repeat(1 << 20))
        }
        "c2" => "nonsense\r\n\r\n".to_owned(),
        "c3" => format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1 << 20)),
        "c4" => {
            std::thread::sleep(Duration::from_secs(3));
            status("200 OK")
        }
        _ => status("200 OK"),
    });
    let id = world.register(&[]).await;
    world.report(0, 6).await;
    world.idle(&id).await;
    let dead = world.deliveries(true).await;
    let reasons: Vec<&str> = dead.iter().map(|entry| entry.reason.as_str()).collect();
    assert_eq!(reasons, ["refused", "refused", "unreachable", "unreachable", "unreachable"]);
    assert!(elsewhere.got().is_empty(), "a redirect was followed");
    assert_eq!(world.receiver.got().len(), 6);
}

fn certified() -> (Arc<ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), made.cert.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_known_by_its_certificate() {
    let (config, pem) = certified();
    let (stranger, _) = certified();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let file = format!("{:?}", file.display().to_string());
    let settings = [("webhook_ca_file", file.as_str()), ("webhook_attempts", "1")];
    let world = World::with(Db::Sqlite, &settings).await;
    let (good, bad) = (Receiver::start(Some(config)), Receiver::start(Some(stranger)));
    for (name, receiver) in [("good", &good), ("bad", &bad)] {
        let url = format!("https://127.0.0.1:{}/", receiver.port);
        world.security().register_webhook(request(name, &url, &[])).await.unwrap();
    }
    ground::report(&world.suite, "620821101203", 0, 1).await;
    until("one is given up", || async { world.deliveries(true).await.len() == 1 }).await;
    until("one is taken", || async { good.got().len() == 1 }).await;
    assert_eq!(world.deliveries(true).await[0].reason, "unreachable");
    assert!(bad.got().is_empty());
}
