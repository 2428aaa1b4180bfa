//! The public stream as an integrator has it: the whole loop is played, and the example of
//! `docs/examples` reads what came of it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use async_nats::{HeaderMap, jetstream, jetstream::consumer::pull};
use futures::StreamExt as _;
use platform::nats_server::{Account, connect, read_seed};
use serde_json::Value;

use crate::county::{County, free_address, resource, text, until, weft};

const CORE: &str = "WEFT_620821";
const PUBLIC: &str = "WEFT_PUBLIC_620821";

/// A county on a nats-server whose port is known.
fn county(services: &[&str]) -> (County, String) {
    let nats = free_address();
    let port = format!("nats.listen_port={}", nats.rsplit(':').next().unwrap());
    let county = if services.is_empty() {
        County::new(&[&port])
    } else {
        County::serving(services, &[&port])
    };
    (county, format!("nats://{nats}"))
}

/// Every message of a stream: sequence, headers, payload.
fn messages(
    county: &County,
    nats: &str,
    account: Account,
    stream: &str,
) -> Vec<(HeaderMap, String)> {
    let seed = read_seed(&county.data.path().join("keys/nats"), account).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let context = jetstream::new(connect(nats, &seed, "test").await.unwrap());
        let mut stream = context.get_stream(stream).await.unwrap();
        let count = usize::try_from(stream.info().await.unwrap().state.messages).unwrap();
        let consumer = stream.create_consumer(pull::Config::default()).await.unwrap();
        let messages = consumer.messages().await.unwrap().take(count);
        messages
            .map(|message| {
                let message = message.unwrap().message;
                let payload = String::from_utf8(message.payload.to_vec()).unwrap();
                (message.headers.unwrap_or_default(), payload)
            })
            .collect()
            .await
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", async_nats::HeaderValue::as_str)
}

/// Reads with the example, as its own user, until nothing more is there.
fn subscribe(nats: &str, user: &str, seed: &str, more: &[&str]) -> Vec<Value> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let packages = top.join(".tools/python");
    assert!(packages.is_dir(), "run `make tools`: the example needs its packages");
    let output = Command::new("python3")
        .env("PYTHONPATH", packages)
        .arg(top.join("docs/examples/subscriber.py"))
        .args(["--server", nats, "--user", user, "--seed", seed, "--county", "620821"])
        .arg("--until-idle")
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a private event says of persons, texts and exact places.
fn secrets(value: &Value, found: &mut BTreeSet<String>) {
    const KEPT: &[&str] = &[
        "by",
        "reporter",
        "person",
        "text",
        "contact",
        "tracking",
        "position",
        "document",
        "comment",
        "explanation",
        "profile",
        "boundary",
    ];
    fn leaves(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.values().for_each(|value| leaves(value, found)),
            Value::Array(items) => items.iter().for_each(|value| leaves(value, found)),
            Value::String(text) => found.extend((text.len() > 12).then(|| text.clone())),
            Value::Number(number) => {
                found.extend((number.to_string().len() > 7).then(|| number.to_string()));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if KEPT.contains(&name.as_str()) {
                    leaves(value, found);
                } else {
                    secrets(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|value| secrets(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The words of a text: runs of letters, digits and what ids are made of.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').collect()
}

#[test]
fn an_integrator_follows_a_played_county_and_meets_nobody() {
    let (mut county, nats) = county(&[]);
    county.up();
    county.import();
    let data = county.data.path().display().to_string();
    let add = |name: &str, division: &str| {
        let output = weft()
            .args(["nats", "users", "add", name, "--division", division, "--data", &data])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    };
    let seed = add("portal", "620821");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&seed).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let village = add("village", "620821101203");
    let listed = weft().args(["nats", "users", "list", "--data", &data]).output().unwrap();
    let listed = text(&listed.stdout);
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("portal\t620821\tweft.pub.v1.620821.>\tmade 2"), "{lines:?}");
    let village_prefix = "village\t620821101203\tweft.pub.v1.620821.101.203.>\tmade 2";
    assert!(lines[1].starts_with(village_prefix) && lines.len() == 2, "{lines:?}");
    let again = weft()
        .args(["nats", "users", "add", "portal", "--division", "620821", "--data", &data])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("portal already"), "{}", text(&again.stderr));

    county.run(&["simulate", "--cases", "40", "--concurrency", "8"]);
    county.settle();
    let published = messages(&county, &nats, Account::Out, PUBLIC);
    let mut read = Vec::new();
    until("the mirror has everything", || {
        read.extend(subscribe(&nats, "portal", &seed, &[]));
        read.len() >= published.len()
    });
    let sequences: Vec<u64> =
        read.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=published.len() as u64).collect::<Vec<_>>());
    for (event, (headers, payload)) in read.iter().zip(&published) {
        assert_eq!(event["headers"]["ce-id"], header(headers, "ce-id"));
        assert_eq!(event["data"], serde_json::from_str::<Value>(payload).unwrap());
    }
    let names: BTreeSet<&str> =
        read.iter().map(|event| event["headers"]["ce-type"].as_str().unwrap()).collect();
    for name in ["intake.case_reported", "dispatch.work_order_closed", "grid.grid_created"] {
        assert!(names.contains(format!("weft.public.{name}.v1").as_str()), "{names:?}");
    }
    // From a sequence on, and of one village only.
    let last = published.len().to_string();
    assert_eq!(subscribe(&nats, "portal", &seed, &["--from", &last]).len(), 1);
    let own = subscribe(&nats, "village", &village, &[]);
    let prefix = "weft.pub.v1.620821.101.203.";
    assert!(own.iter().all(|event| event["subject"].as_str().unwrap().starts_with(prefix)));
    let all = read.iter().filter(|event| event["subject"].as_str().unwrap().starts_with(prefix));
    assert_eq!(own.len(), all.count());
    assert!(!own.is_empty());

    let mut hidden = BTreeSet::new();
    let mut actors = BTreeSet::new();
    for (headers, payload) in messages(&county, &nats, Account::Core, CORE) {
        secrets(&serde_json::from_str(&payload).unwrap(), &mut hidden);
        actors.insert(header(&headers, "weft-actor").trim_start_matches("person:").to_owned());
        hidden.insert(header(&headers, "weft-commit").to_owned());
    }
    assert!(hidden.len() > 100 && actors.len() > 1, "{} {actors:?}", hidden.len());
    hidden.extend(actors);
    for (headers, payload) in &published {
        let raw = format!("{headers:?} {payload}");
        let words = words(&raw);
        for secret in &hidden {
            assert!(!words.contains(secret.as_str()), "{secret} is in {raw}");
        }
        assert!(raw.is_ascii(), "a text is in {raw}");
    }
}

/// An outlet in a process of its own.
struct Outlet {
    child: Child,
    _data: tempfile::TempDir,
}

impl Outlet {
    fn beside(county: &County, nats: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let keys: PathBuf = county.data.path().join("keys");
        let copied = Command::new("cp").arg("-r").args([&keys, &data.path().join("keys")]).status();
        assert!(copied.unwrap().success());
        let grpc = free_address();
        let child = weft()
            .args(["serve", "--service", "outlet", "--nats", nats, "--grpc", &grpc])
            .args(["--http", "127.0.0.1:0", "--set", "telemetry.log_filter=warn", "--data"])
            .arg(data.path())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        until("the outlet is ready", || {
            weft().args(["healthcheck", "--grpc", &grpc]).output().unwrap().status.success()
        });
        Self { child, _data: data }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn of_two_outlets_one_is_killed_and_the_other_goes_on_without_a_gap_or_a_double() {
    let (mut county, nats) = county(&["grid"]);
    county.up();
    let first = Outlet::beside(&county, &nats);
    let second = Outlet::beside(&county, &nats);
    let divisions = resource("divisions/620821.csv").display().to_string();
    let mut import = county
        .command(&["import", "divisions", &divisions], true)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("something is published", || !messages(&county, &nats, Account::Out, PUBLIC).is_empty());
    drop(first);
    assert!(import.wait().unwrap().success());
    let log = messages(&county, &nats, Account::Core, CORE);
    let expected: Vec<String> = (1..)
        .zip(&log)
        .filter(|(_, (headers, _))| header(headers, "ce-type").contains(".division_registered."))
        .map(|(sequence, _): (u64, _)| sequence.to_string())
        .collect();
    assert!(expected.len() > 200, "{} divisions", expected.len());
    let mut positions = Vec::new();
    until("the other outlet has published the rest", || {
        positions = messages(&county, &nats, Account::Out, PUBLIC)
            .iter()
            .map(|(headers, _)| header(headers, "weft-position").to_owned())
            .collect();
        positions.len() >= expected.len()
    });
    assert_eq!(positions, expected);
    drop(second);
}
