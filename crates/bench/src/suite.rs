//! The suite as its users run it: the release binary, its own data folder, ports that are free.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail, ensure};
use kernel::{Role, Timestamp, id::PersonId};
use platform::{
    auth::{
        Basis, Scope,
        issuer::{Claims, Issuer},
        scope::ScopeParts,
    },
    grpc::Bearer,
};

pub(crate) struct Suite {
    child: Child,
    data: PathBuf,
    grpc: String,
    /// How long it took to be ready.
    pub(crate) ready_after: Duration,
}

impl Suite {
    /// Starts the suite on a data folder and waits until it is ready.
    pub(crate) fn start(data: &Path) -> anyhow::Result<Self> {
        Self::start_with(data, &[], Duration::from_mins(2))
    }

    /// Likewise with these settings, and with so much time to be ready.
    pub(crate) fn start_with(
        data: &Path,
        settings: &[&str],
        limit: Duration,
    ) -> anyhow::Result<Self> {
        let grpc = free_address()?;
        let begun = Instant::now();
        let child = Command::new(binary()?)
            .args(["up", "--http", "127.0.0.1:0", "--grpc", &grpc, "--data"])
            .arg(data)
            .args(["--set", "telemetry.log_filter=warn"])
            .args(settings.iter().flat_map(|setting| ["--set", setting]))
            .stdin(Stdio::null())
            .spawn()
            .context("weft cannot be started")?;
        let mut suite = Self { child, data: data.to_owned(), grpc, ready_after: Duration::ZERO };
        while !suite.is_ready()? {
            ensure!(begun.elapsed() < limit, "the suite is not ready after {limit:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        suite.ready_after = begun.elapsed();
        Ok(suite)
    }

    fn is_ready(&mut self) -> anyhow::Result<bool> {
        if let Some(status) = self.child.try_wait()? {
            bail!("weft ended with {status} before it was ready");
        }
        let checked = Command::new(binary()?)
            .args(["healthcheck", "--grpc", &self.grpc])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(checked.success())
    }

    /// Where gRPC is served.
    pub(crate) fn grpc(&self) -> &str {
        &self.grpc
    }

    /// The credentials of this person in this role, for an hour.
    pub(crate) fn bearer(
        &self,
        person: &PersonId,
        role: Role,
        parts: ScopeParts,
    ) -> anyhow::Result<Bearer> {
        let issuer = Issuer::load_or_create(&self.data.join("keys"))?;
        let claims = Claims {
            person: person.clone(),
            role,
            scope: Scope::for_role(role, parts)?,
            ttl: Duration::from_hours(1),
            basis: Basis::default(),
        };
        Ok(Bearer::new(&issuer.issue(&claims, now()?)?)?)
    }

    /// Runs a command of `weft` against the suite.
    pub(crate) fn weft(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let output = Command::new(binary()?)
            .args(arguments)
            .args(["--grpc", &self.grpc, "--data"])
            .arg(&self.data)
            .output()?;
        ensure!(
            output.status.success(),
            "weft {}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output)
    }

    /// Fills the registers: the real villages, synthetic grids, the shipped categories.
    pub(crate) fn import_county(&self) -> anyhow::Result<()> {
        let resources = resources();
        let divisions = resources.join("divisions/620821.csv").display().to_string();
        let grids = self.data.join("grids.geojson");
        let made = Command::new(binary()?)
            .args(["generate", "grids", "--divisions", &divisions])
            .output()?;
        std::fs::write(&grids, made.stdout)?;
        self.weft(&["import", "divisions", &divisions])?;
        self.weft(&["import", "grids", &grids.display().to_string()])?;
        let categories = resources.join("categories.csv").display().to_string();
        self.weft(&["import", "categories", &categories])?;
        Ok(())
    }

    /// The resident memory of the suite and of its nats-server, in MiB.
    pub(crate) fn memory_mib(&self) -> anyhow::Result<(f64, f64)> {
        let own = resident(self.child.id())?;
        let children =
            std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.child.id()))
                .unwrap_or_default();
        let mut nats = 0.0;
        for child in all_children(self.child.id(), &children)? {
            nats += resident(child)?;
        }
        Ok((own, nats))
    }

    /// Ends the suite in good order.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "weft ended with {status}");
        Ok(())
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Its nats-server ends with it.
            let _ended = self.child.kill();
            let _ended = self.child.wait();
        }
    }
}

/// The time.
#[expect(clippy::disallowed_methods, reason = "what is measured runs by the real clock")]
pub(crate) fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp(i64::try_from(since.as_millis())?))
}

/// The children of every thread of a process.
fn all_children(process: u32, of_main: &str) -> anyhow::Result<Vec<u32>> {
    let mut found: Vec<u32> =
        of_main.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let path = thread?.path().join("children");
        let children = std::fs::read_to_string(path).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn resident(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(kib / 1_024.0)
}

fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn resources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources")
}

/// `weft` beside this program: `make bench` builds both.
fn binary() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("weft");
    ensure!(path.exists(), "build weft first: cargo build --release -p weft");
    Ok(path)
}
