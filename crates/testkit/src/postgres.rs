//! One PostgreSQL for a process of tests, started when the first test asks, and a database of its own
//! for each. It ends and removes its files when the process ends, however that is: a shell beside it
//! waits for the other end of a pipe to close.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sqlx::{AnyConnection, Connection as _};

use crate::wait::LIMIT;

/// Durability is the log's; a test's database may lose everything.
const FORGETFUL: &[&str] = &["-cfsync=off", "-csynchronous_commit=off", "-cfull_page_writes=off"];

const SETTINGS: &[&str] =
    &["-cmax_connections=500", "-cshared_buffers=32MB", "-clisten_addresses="];

/// Runs the server until standard input ends, then removes the folder. A signal to the group of the
/// tests does not reach it.
const GUARD: &str = r#"
trap '' INT TERM HUP
dir="$1"; shift
"$@" </dev/null >"$dir/server.log" 2>&1 &
server=$!
read -r _
kill -QUIT "$server"
wait "$server"
cd / && rm -rf "$dir"
"#;

/// The server of this process.
static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// A database for one test, on the server of this process.
#[derive(Clone)]
pub struct TestPostgres {
    url: String,
    /// A server of its own, where it has one.
    _own: Option<Arc<Cluster>>,
}

struct Cluster {
    dir: PathBuf,
    databases: AtomicU32,
    /// Holds the pipe whose end is the server's end.
    _guard: Child,
}

/// The user that the server runs as, where this process may not be it: PostgreSQL refuses root.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl TestPostgres {
    /// Makes an empty database.
    pub async fn create() -> Self {
        sqlx::any::install_default_drivers();
        let cluster =
            tokio::task::spawn_blocking(|| CLUSTER.get_or_init(|| Cluster::start(FORGETFUL)))
                .await
                .expect("PostgreSQL starts; `make tools` installs it");
        let name = format!("test_{}", cluster.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = cluster.connect().await;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await
            .expect("a new database can be made");
        connection.close().await.expect("the connection closes");
        Self { url: cluster.url(&name), _own: None }
    }

    /// A server of its own that keeps what it commits, as shipped: for measurements.
    pub async fn durable() -> Self {
        sqlx::any::install_default_drivers();
        let cluster = tokio::task::spawn_blocking(|| Cluster::start(&[]))
            .await
            .expect("PostgreSQL starts; `make tools` installs it");
        let connection = cluster.connect().await;
        connection.close().await.expect("the connection closes");
        Self { url: cluster.url("postgres"), _own: Some(Arc::new(cluster)) }
    }

    /// The connection string.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Cluster {
    fn start(settings: &[&str]) -> Self {
        let bin = binaries();
        let dir = tempfile::tempdir().expect("a temporary folder can be made").keep();
        let user = other_user();
        if let Some(user) = user {
            chown(&dir, Some(user.uid), Some(user.gid)).expect("root may give a folder away");
        }
        let data = dir.join("data");
        let mut init = Command::new(bin.join("initdb"));
        init.args(["--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust"])
            .args(["--username=weft", "--pgdata"])
            .arg(&data);
        let made = run_as(&mut init, user).output().expect("initdb can be run");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut guard = Command::new("/bin/sh");
        guard
            .args(["-c", GUARD, "sh"])
            .arg(&dir)
            .arg(bin.join("postgres"))
            .args(SETTINGS)
            .args(settings);
        guard.arg("-k").arg(&dir).arg("-D").arg(&data);
        let guard = run_as(&mut guard, user)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell can be run");
        Self { dir, databases: AtomicU32::new(0), _guard: guard }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://weft@localhost/{database}?host={}", self.dir.display())
    }

    /// A connection, as soon as the server takes one.
    async fn connect(&self) -> AnyConnection {
        let url = self.url("postgres");
        let connecting = async {
            loop {
                match AnyConnection::connect(&url).await {
                    Ok(connection) => return connection,
                    Err(_not_yet) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        let connection = tokio::time::timeout(LIMIT, connecting).await;
        connection.unwrap_or_else(|_| {
            let said = fs::read_to_string(self.dir.join("server.log")).unwrap_or_default();
            unreachable!("PostgreSQL takes no connection: {said}")
        })
    }
}

/// The folder of the newest PostgreSQL, or that of the PATH.
fn binaries() -> PathBuf {
    let version = |path: &PathBuf| -> u32 {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().parse().unwrap_or_default()
    };
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    installed.sort_by_key(version);
    #[expect(clippy::disallowed_methods, reason = "the PATH is the system's, not Weft's")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    installed
        .iter()
        .rev()
        .map(|dir| dir.join("bin"))
        .chain(std::env::split_paths(&path))
        .find(|bin| bin.join("initdb").is_file())
        .expect("PostgreSQL is installed; `make tools` does it")
}

/// Whom to run the server as, if this is root: `postgres`, else `nobody`.
fn other_user() -> Option<User> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let table = fs::read_to_string(Path::new("/etc/passwd")).unwrap_or_default();
    let find = |name: &str| {
        table.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let &[user, _, uid, gid, ..] = fields.as_slice() else { return None };
            (user == name).then_some(User { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
        })
    };
    find("postgres").or_else(|| find("nobody"))
}

fn run_as(command: &mut Command, user: Option<User>) -> &mut Command {
    command.current_dir("/");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}
