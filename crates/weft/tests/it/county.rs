//! A county for one test: a data folder, ports, and the binary on them.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

/// How long a test waits for anything.
pub(crate) const LIMIT: Duration = Duration::from_mins(4);

pub(crate) struct County {
    pub(crate) data: tempfile::TempDir,
    pub(crate) grpc: String,
    pub(crate) http: String,
    /// Where gRPC listens, where that is not where it is reached.
    pub(crate) listen: Option<String>,
    /// Further settings of the suite.
    pub(crate) set: Vec<String>,
    /// The services to run; all where none is named.
    services: Vec<String>,
    suite: Option<Child>,
}

impl County {
    /// A folder and two free ports; nothing runs yet.
    pub(crate) fn new(set: &[&str]) -> Self {
        Self {
            data: tempfile::tempdir().unwrap(),
            grpc: free_address(),
            http: free_address(),
            listen: None,
            set: set.iter().map(|setting| (*setting).to_owned()).collect(),
            services: Vec::new(),
            suite: None,
        }
    }

    /// A folder and ports for some services only.
    pub(crate) fn serving(services: &[&str], set: &[&str]) -> Self {
        let mut county = Self::new(set);
        county.services = services.iter().map(|service| (*service).to_owned()).collect();
        county
    }

    /// A county whose suite runs and whose registers are filled.
    pub(crate) fn settled(set: &[&str]) -> Self {
        let mut county = Self::new(set);
        county.up();
        county.import();
        county
    }

    pub(crate) fn up_command(&self) -> Command {
        let mut command = weft();
        if self.services.is_empty() {
            command.arg("up");
        } else {
            command.args(["serve", "--service", &self.services.join(",")]);
        }
        command
            .args([
                "--grpc",
                self.listen.as_ref().unwrap_or(&self.grpc),
                "--http",
                &self.http,
                "--data",
            ])
            .arg(self.data.path())
            .args(["--set", "telemetry.log_filter=warn"]);
        for setting in &self.set {
            command.args(["--set", setting]);
        }
        command
    }

    /// Starts the suite and waits until it is ready.
    pub(crate) fn up(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let child = self
            .up_command()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.suite = Some(child);
        until("the suite is ready", || {
            let ended = self.suite.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "weft up ended: {}", fs::read_to_string(self.log()).unwrap());
            self.run_raw(&["healthcheck"], true).status.success()
        });
    }

    /// What the suite has said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.data.path().join("suite.log")
    }

    /// Imports the real villages of 泾川县, synthetic grids and the shipped categories.
    pub(crate) fn import(&self) {
        let divisions = resource("divisions/620821.csv");
        let grids = self.data.path().join("grids.geojson");
        let made = weft()
            .args(["generate", "grids", "--count", "317", "--seed", "7", "--divisions"])
            .arg(&divisions)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
        fs::write(&grids, made.stdout).unwrap();
        self.run(&["import", "divisions", &divisions.display().to_string()]);
        self.run(&["import", "grids", &grids.display().to_string()]);
        self.run(&["import", "categories", &resource("categories.csv").display().to_string()]);
    }

    /// Runs a command of `weft` against the suite; it must succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.run_raw(arguments, true);
        assert!(
            output.status.success(),
            "weft {arguments:?}: {}{}\n{}",
            text(&output.stdout),
            text(&output.stderr),
            fs::read_to_string(self.log()).unwrap_or_default()
        );
        text(&output.stdout)
    }

    /// Runs a command of `weft` against the suite, whatever comes of it.
    pub(crate) fn run_raw(&self, arguments: &[&str], with_data: bool) -> Output {
        self.command(arguments, with_data).output().unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str], with_data: bool) -> Command {
        let mut command = weft();
        command.args(arguments).args(["--grpc", &self.grpc]);
        if with_data {
            command.arg("--data").arg(self.data.path());
        }
        command
    }

    /// What `weft status --json` says.
    pub(crate) fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.run(&["status", "--json"])).unwrap()
    }

    /// Waits until every table and process has done all, and answers with the log's end.
    pub(crate) fn settle(&self) -> u64 {
        let mut last = 0;
        until("the suite has settled", || {
            let status = self.status();
            let done = |list: &str| {
                status[list].as_array().unwrap().iter().all(|one| one["lag"].as_u64() == Some(0))
            };
            let head = status["sequence"].as_u64().unwrap();
            let still = head == last;
            last = head;
            still && done("tables") && done("processes")
        });
        last
    }

    /// A token of the suite.
    pub(crate) fn token(&self, arguments: &[&str]) -> String {
        let output = weft()
            .args(["token", "issue"])
            .args(arguments)
            .arg("--data")
            .arg(self.data.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    /// Ends the suite at once, as a power cut would.
    pub(crate) fn kill_suite(&mut self) {
        let mut suite = self.suite.take().unwrap();
        suite.kill().unwrap();
        suite.wait().unwrap();
    }

    /// Ends the suite's nats-server at once.
    pub(crate) fn kill_nats(&self) {
        let pid = nats_of(self.suite.as_ref().unwrap().id());
        assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    }

    /// Ends the suite in good order.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let mut suite = self.suite.take().unwrap();
        assert!(Command::new("kill").arg(suite.id().to_string()).status().unwrap().success());
        suite.wait().unwrap()
    }
}

impl Drop for County {
    fn drop(&mut self) {
        if let Some(mut suite) = self.suite.take() {
            // nats-server ends with its parent.
            let _ended = suite.kill();
            let _ended = suite.wait();
        }
    }
}

pub(crate) fn weft() -> Command {
    Command::new(env!("CARGO_BIN_EXE_weft"))
}

pub(crate) fn resource(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources").join(name)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Waits for a condition.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn nats_of(suite: u32) -> u32 {
    let mut found = None;
    until("nats-server is a child of the suite", || {
        for thread in fs::read_dir(format!("/proc/{suite}/task")).unwrap().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace() {
                let name = fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
                if name.trim() == "nats-server" {
                    found = child.parse().ok();
                }
            }
        }
        found.is_some()
    });
    found.unwrap()
}
