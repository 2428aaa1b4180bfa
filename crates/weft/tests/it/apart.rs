//! Services in processes of their own, on one nats-server: the same log, the same gRPC.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use api::{
    common::v1::Position,
    dispatch::v1::{ListWorkOrdersRequest, dispatch_service_client::DispatchServiceClient},
    intake::v1::{
        Channel, ReportCaseRequest, intake_service_client::IntakeServiceClient, report_case_request,
    },
};
use async_nats::jetstream;
use platform::{
    grpc::Bearer,
    nats_server::{Account, connect, read_seed},
};
use testkit::postgres::TestPostgres;

use crate::county::{County, LIMIT, free_address, resource, text, until, weft};

/// Dispatch by itself, with its own databases, on the nats-server of the first process.
struct Dispatch {
    child: Child,
    grpc: String,
    _data: tempfile::TempDir,
}

impl Dispatch {
    fn beside(county: &County, nats: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (grpc, keys) = (free_address(), county.data.path().join("keys"));
        // What replicas share: secrets, as a mount would give them.
        assert!(
            std::process::Command::new("cp")
                .arg("-r")
                .args([&keys, &data.path().join("keys")])
                .status()
                .unwrap()
                .success()
        );
        let child = weft()
            .args(["serve", "--service", "dispatch", "--nats", &format!("nats://{nats}")])
            .args(["--grpc", &grpc, "--http", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .args(["--set", "telemetry.log_filter=warn"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        until("dispatch is ready", || {
            weft().args(["healthcheck", "--grpc", &grpc]).output().unwrap().status.success()
        });
        Self { child, grpc, _data: data }
    }
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn a_case_reported_in_one_process_gets_its_order_in_another() {
    let nats = free_address();
    let port = format!("nats.listen_port={}", nats.rsplit(':').next().unwrap());
    let mut county = County::serving(&["access", "grid", "intake"], &[&port]);
    county.up();
    let dispatch = Dispatch::beside(&county, &nats);
    county.import();
    let resident = Bearer::new(&county.token(&["--role", "resident"])).unwrap();
    let operator = county.token(&["--role", "operator", "--division", "620821"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(gets_its_order(&county.grpc, &dispatch.grpc, resident, &operator));
}

/// Reports a case at one address and waits for its order at another.
async fn gets_its_order(intake: &str, dispatch: &str, resident: Bearer, operator: &str) {
    let channel = platform::grpc::connect(intake).await.unwrap();
    let reported = IntakeServiceClient::with_interceptor(channel, resident)
        .report_case(ReportCaseRequest {
            request_id: "r1".to_owned(),
            channel: Channel::QrPage.into(),
            category: "0102".to_owned(),
            place: Some(report_case_request::Place::Division("620821101203".to_owned())),
            text: "路灯杆倒了".to_owned(),
            ..ReportCaseRequest::default()
        })
        .await
        .unwrap()
        .into_inner();
    let channel = platform::grpc::connect(dispatch).await.unwrap();
    let bearer = Bearer::new(operator).unwrap();
    let mut client = DispatchServiceClient::with_interceptor(channel, bearer);
    let mut position: Option<Position> = reported.position;
    let found = loop {
        let request = ListWorkOrdersRequest {
            case_id: reported.case_id.clone(),
            min_position: position.clone(),
            ..ListWorkOrdersRequest::default()
        };
        let mut answer = client.list_work_orders(request).await.unwrap().into_inner();
        if let Some(order) = answer.work_orders.pop() {
            break order;
        }
        // Wait for the next event rather than for time to pass.
        position = answer.position.map(|at| Position { sequence: at.sequence + 1, ..at });
    };
    assert_eq!(found.division, "620821101203");
    assert_eq!(found.category, "0102");
}

/// What the compose file starts, without containers: a nats-server with the configuration that `weft
/// nats init` has written, PostgreSQL, and services that share the keys and nothing else.
struct Composed {
    data: tempfile::TempDir,
    nats: String,
    settings: Vec<String>,
    /// Where the process serves HTTP that was started last.
    http: String,
    running: Vec<Child>,
}

impl Composed {
    async fn new(database: &str) -> Self {
        let (data, nats, monitor) = (tempfile::tempdir().unwrap(), free_address(), free_address());
        let out = data.path().join("nats-config");
        let mut init = weft();
        init.args(["nats", "init", "--listen", &nats, "--monitor", &monitor])
            .args(["--set", "http.listen=0.0.0.0:8080", "--out"])
            .arg(&out)
            .arg("--store")
            .arg(data.path().join("store"))
            .arg("--data")
            .arg(data.path());
        let first = init.output().unwrap();
        assert!(first.status.success(), "{}", text(&first.stderr));
        let before = keys(data.path());
        assert_eq!(before.len(), 12, "{:?}", before.keys());
        assert!(init.output().unwrap().status.success());
        assert_eq!(keys(data.path()), before, "a second init changes no key");
        let server = platform::nats_server::find(None).await.unwrap();
        let server = std::process::Command::new(server.path)
            .arg("-c")
            .arg(out.join("nats-server.conf"))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let settings = vec![
            format!("nats.monitor_url=http://{monitor}"),
            format!("database.url={database:?}"),
            "telemetry.log_filter=warn".to_owned(),
        ];
        Self { data, nats, settings, http: String::new(), running: vec![server] }
    }

    /// Starts services as one container would, and gives their address when they are healthy.
    fn serve(&mut self, services: &str) -> String {
        let grpc = free_address();
        self.http = free_address();
        let http = self.http.replace("127.0.0.1", "0.0.0.0");
        let mut command = weft();
        command
            .args(["serve", "--service", services, "--nats", &format!("nats://{}", self.nats)])
            .args(["--grpc", &grpc, "--http", &http, "--data"])
            .arg(self.data.path());
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        self.running.push(child);
        until(services, || {
            weft().args(["healthcheck", "--grpc", &grpc]).output().unwrap().status.success()
        });
        grpc
    }

    /// Whether the process that was started last refuses plain HTTP.
    fn speaks_https(&self) -> bool {
        let mut stream = TcpStream::connect(&self.http).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: weft\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said.starts_with("HTTP/1.1 400 ") && said.contains("this port speaks https")
    }

    /// How many events are in the mirror of the public stream; none before the outlet has made it.
    async fn published(&self) -> u64 {
        let seed = read_seed(&self.data.path().join("keys/nats"), Account::Integrators).unwrap();
        let client = connect(&format!("nats://{}", self.nats), &seed, "test").await.unwrap();
        let mirror = jetstream::new(client).get_stream("WEFT_PUBLIC_620821").await;
        mirror.map_or(0, |stream| stream.cached_info().state.messages)
    }

    /// Makes a user as the operating page says, and signs in as that user.
    async fn lets_an_integrator_in(&self) {
        let out = self.data.path().join("nats-config").display().to_string();
        let add = ["nats", "users", "add", "portal", "--division", "620821", "--out", out.as_str()];
        let seed = std::fs::read_to_string(self.run("", &add)).unwrap();
        let pid = self.running[0].id().to_string();
        let told = || {
            let told = std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap();
            assert!(told.success());
        };
        told();
        let url = format!("nats://{}", self.nats);
        until_async("the integrator is let in", async || {
            connect(&url, seed.trim(), "portal").await.is_ok()
        })
        .await;
        // The second time: what the account imports.
        told();
        let portal = connect(&url, seed.trim(), "portal").await.unwrap();
        until_async("the outlet has made the consumer", async || {
            let asked =
                portal.request("WEFT.API.CONSUMER.INFO.WEFT_PUBLIC_620821.portal", "".into());
            asked.await.is_ok_and(|info| {
                info.payload.starts_with(b"{\"type\"")
                    && !info.payload.windows(7).any(|part| part == b"\"error\"")
            })
        })
        .await;
    }

    /// What a command says that must succeed.
    fn run(&self, grpc: &str, arguments: &[&str]) -> String {
        let mut command = weft();
        command.args(arguments).arg("--data").arg(self.data.path());
        if !grpc.is_empty() {
            command.args(["--grpc", grpc]);
        }
        let output = command.output().unwrap();
        let said = text(&output.stdout);
        assert!(output.status.success(), "{arguments:?}: {said}{}", text(&output.stderr));
        said.trim().to_owned()
    }
}

impl Drop for Composed {
    fn drop(&mut self) {
        for child in self.running.iter_mut().rev() {
            let _ended = child.kill();
            let _ended = child.wait();
        }
    }
}

/// Every key with its bytes.
fn keys(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    ["keys", "keys/nats", "keys/tls"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(data.join(folder)).unwrap().flatten())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.path(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

/// Waits for a condition of the server.
async fn until_async(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_compose_would_start_carries_a_case() {
    let postgres = TestPostgres::create().await;
    let mut composed = Composed::new(postgres.url()).await;
    let before = keys(composed.data.path());
    let registers = composed.serve("access,grid");
    let intake = composed.serve("intake");
    let dispatch = composed.serve("dispatch");
    composed.serve("gateway,outlet");
    assert!(composed.speaks_https(), "what leaves the host is encrypted");
    assert_eq!(keys(composed.data.path()), before, "services make no key of their own");
    let divisions = resource("divisions/620821.csv").display().to_string();
    composed.run(&registers, &["import", "divisions", &divisions]);
    let categories = resource("categories.csv").display().to_string();
    composed.run(&intake, &["import", "categories", &categories]);
    let resident = composed.run("", &["token", "issue", "--role", "resident"]);
    let operator = ["token", "issue", "--role", "operator", "--division", "620821"];
    let operator = composed.run("", &operator);
    gets_its_order(&intake, &dispatch, Bearer::new(&resident).unwrap(), &operator).await;
    until_async("the mirror is filled", async || composed.published().await > 200).await;
    composed.lets_an_integrator_in().await;
    let status = composed.run(&dispatch, &["status"]);
    assert!(status.contains("weft") && !status.contains("NOT WELL"), "{status}");
    let rebuilt = composed.run(&intake, &["rebuild", "intake.cases"]);
    assert!(rebuilt.starts_with("intake.cases is rebuilt from"), "{rebuilt}");
    let doctor = composed.run(
        &dispatch,
        &[
            "doctor",
            "--set",
            "http.listen=127.0.0.1:0",
            "--set",
            &composed.settings[0],
            "--set",
            &composed.settings[1],
            "--set",
            &format!("nats.url=nats://{}", composed.nats),
        ],
    );
    assert!(doctor.contains("syncs every write") && doctor.contains("PostgreSQL 1"), "{doctor}");
}
