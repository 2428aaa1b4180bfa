//! The examples of `docs/examples` do what integrators would copy them for.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use api::outlet::v1::{RegisterWebhookRequest, outlet_service_client::OutletServiceClient};
use platform::grpc::Bearer;
use serde_json::Value;

use crate::county::{County, free_address, text, until, weft};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples").join(name)
}

/// A program that runs until the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// The events of a page of lines, by their id.
fn by_id(lines: &str, id: fn(&Value) -> &Value) -> BTreeMap<String, Value> {
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.map(|event| (id(&event).as_str().unwrap().to_owned(), event["data"].clone())).collect()
}

/// Reads all that a user may with the example in JavaScript.
fn javascript(nats: &str, seed: &str, more: &[&str]) -> String {
    let packages =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/javascript/node_modules");
    assert!(packages.is_dir(), "run `make tools`: the example needs its packages");
    let output = Command::new("node")
        .env("NODE_PATH", packages)
        .arg(example("subscriber.mjs"))
        .args(["--server", nats, "--user", "script", "--seed", seed, "--county", "620821"])
        .arg("--until-idle")
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn events_arrive_at_the_examples_in_javascript_and_at_a_webhook() {
    let (nats, hook) = (free_address(), free_address());
    let port = format!("nats.listen_port={}", nats.rsplit(':').next().unwrap());
    let here = "outlet.webhook_allow=[\"127.0.0.1\"]";
    let mut county = County::new(&[&port, here, "outlet.webhook_plain_http=true"]);
    county.up();
    let data = county.data.path().display().to_string();
    let add = ["nats", "users", "add", "script", "--division", "620821", "--data", &data];
    let made = weft().args(add).output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    let seed = text(&made.stdout).trim().to_owned();

    let secret = county.data.path().join("secret.txt");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let out = county.data.path().join("webhook.out");
    let listening = Command::new("python3")
        .arg(example("webhook.py"))
        .args(["--listen", &hook, "--secret-file"])
        .arg(&secret)
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .spawn()
        .unwrap();
    let _listening = Running(listening);
    until("the webhook listens", || std::net::TcpStream::connect(&hook).is_ok());
    let token = county.token(&["--role", "security_administrator", "--division", "620821"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let channel = platform::grpc::connect(&county.grpc).await.unwrap();
        let bearer = Bearer::new(&token).unwrap();
        let request = RegisterWebhookRequest {
            request_id: "r1".to_owned(),
            url: format!("http://{hook}/"),
            division: "620821".to_owned(),
            events: Vec::new(),
            secret: SECRET.to_owned(),
            mode: 0,
        };
        let mut client = OutletServiceClient::with_interceptor(channel, bearer);
        client.register_webhook(request).await.unwrap();
    });
    county.import();

    let lines = javascript(&format!("nats://{nats}"), &seed, &[]);
    let mut events = by_id(&lines, |event| &event["headers"]["ce-id"]);
    until("both have everything", || {
        let more = javascript(&format!("nats://{nats}"), &seed, &[]);
        events.extend(by_id(&more, |event| &event["headers"]["ce-id"]));
        let written = fs::read_to_string(&out).unwrap();
        let whole = &written[..=written.rfind('\n').unwrap_or(0)];
        let arrived = by_id(whole.trim(), |event| &event["id"]);
        arrived.len() > 600 && arrived == events
    });
    let status = county.run(&["status"]);
    assert!(status.contains("webhooks: 1 active, 0 paused"), "{status}");
    assert!(status.contains("public stream WEFT_PUBLIC_620821 at "), "{status}");
    // Again from a sequence on.
    let last = events.len().to_string();
    assert_eq!(javascript(&format!("nats://{nats}"), &seed, &["--from", &last]).lines().count(), 1);

    // What is not signed, or was signed long ago, is refused.
    let post_signed = |signature: &str| {
        let output =
            Command::new("python3").args(["-c", FORGED, &hook, signature]).output().unwrap();
        text(&output.stdout).trim().to_owned()
    };
    assert_eq!(post_signed("v1,Zm9yZ2Vk"), "401");
    assert_eq!(post_signed(""), "401");
}

/// Sends a body with a signature that somebody made up.
const FORGED: &str = r#"
import sys, time, http.client
to = http.client.HTTPConnection(sys.argv[1], timeout=5)
headers = {"webhook-id": "620821-1", "webhook-timestamp": str(int(time.time())),
           "webhook-signature": sys.argv[2], "content-type": "application/json"}
to.request("POST", "/", b"{}", headers)
print(to.getresponse().status)
"#;
