//! Services on real infrastructure, in one process, put together as in production.

use std::{
    path::Path,
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::{
    Clock, Division, LogPosition, Role, StoredEvent, Timestamp,
    id::{Key, PersonId},
};
use platform::{
    auth::{
        Basis, Revocations, Scope,
        issuer::{Claims, Issuer},
        scope::ScopeParts,
    },
    config::{Config, LoadOptions},
    grpc::Bearer,
    log::{CommandStamp, Recorded, Tail, hash_parts, messages, writer::Run},
    service::{Context, Service},
    suite::{Suite as Platform, SuiteOptions},
};
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::{ManualClock, nats::TestNats, postgres::TestPostgres, until};

/// How long a token is valid: longer than any test moves its clock.
const TOKEN_LIFE: Duration = Duration::from_hours(20 * 366 * 24);

/// Which database the services have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Db {
    /// A file for each service.
    Sqlite,
    /// A new database on the PostgreSQL of this process.
    Postgres,
}

/// A running suite. Dropping it ends everything that it started.
pub struct Suite {
    // Dropped in this order: what runs, then what it runs on.
    // On the heap: a test moves its suite about.
    platform: Box<Platform>,
    channel: Channel,
    nats: TestNats,
    data: TempDir,
    clock: Arc<ManualClock>,
    db: Db,
    database: Option<TestPostgres>,
    services: Vec<Recipe>,
    /// Counts what must be new each time: persons and commits.
    fresh: Arc<AtomicU64>,
}

/// A second process beside a suite. Dropping it ends it; the suite that it stands beside must outlive
/// it.
pub struct Replica {
    platform: Box<Platform>,
    channel: Channel,
    _data: TempDir,
}

impl Replica {
    /// A connection to its gRPC port.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// What its services stand on.
    pub fn context(&self) -> &Context {
        self.platform.context()
    }
}

/// Copies the files of a folder into a new one, and those of the folders in it.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let copy = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_files(&path, &copy);
        } else {
            std::fs::copy(&path, &copy).expect("a file can be copied");
        }
    }
}

/// What a service is made of; the platform takes it apart when it starts it.
type Recipe =
    (&'static str, &'static str, &'static [platform::auth::MethodRow], platform::service::Start);

impl Suite {
    /// Starts these services on a nats-server and a database of their own, and returns when their
    /// tables have caught up and gRPC answers.
    pub async fn start(services: Vec<Service>, db: Db) -> Self {
        show_errors();
        let services = services.iter().map(|s| (s.name, s.defaults, s.methods, s.start)).collect();
        Box::pin(Self::begin(services, db)).await
    }

    async fn begin(services: Vec<Recipe>, db: Db) -> Self {
        let nats = TestNats::start().await;
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        let clock = Arc::new(ManualClock::default());
        let database = database(db).await;
        let platform =
            Box::pin(platform(&services, &nats, data.path(), database.as_ref(), &clock)).await;
        let channel = ready(&platform).await;
        let fresh = Arc::default();
        Self { platform, channel, nats, data, clock, db, database, services, fresh }
    }

    /// Stops the services as a signal would, and starts them again on the same data. The clock stays
    /// where it is, and tokens stay valid.
    pub async fn restart(self) -> Self {
        Box::pin(self.again(false)).await
    }

    /// Stops the services, deletes their databases, and starts them again.
    pub async fn restart_without_databases(self) -> Self {
        Box::pin(self.again(true)).await
    }

    async fn again(self, forget: bool) -> Self {
        let Self { platform: old, channel, nats, data, clock, db, mut database, services, fresh } =
            self;
        // A stop waits for open connections.
        drop(channel);
        old.context().lifecycle.stop();
        let ended = old.run_until_stopped().await;
        assert_eq!(ended.code(), 0, "the suite did not stop clean: {ended:?}");
        if forget {
            database = self::database(db).await;
            if db == Db::Sqlite {
                std::fs::remove_dir_all(data.path().join("db")).expect("the databases can go");
            }
        }
        let platform =
            Box::pin(platform(&services, &nats, data.path(), database.as_ref(), &clock)).await;
        let channel = ready(&platform).await;
        Self { platform, channel, nats, data, clock, db, database, services, fresh }
    }

    /// A second process with the same services on the same log, with the keys of the first: it waits
    /// for the leases that the first holds. On PostgreSQL it shares the database.
    pub async fn replica(&self) -> Replica {
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        copy_files(&self.data.path().join("keys"), &data.path().join("keys"));
        let database = self.database.as_ref();
        let started = platform(&self.services, &self.nats, data.path(), database, &self.clock);
        let platform = Box::pin(started).await;
        let channel = ready(&platform).await;
        Replica { platform, channel, _data: data }
    }

    /// A connection to the gRPC port.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The credentials of a new person in this role; the parts must be those of the role's scope.
    pub fn bearer(&self, role: Role, scope: ScopeParts) -> Bearer {
        let number = self.fresh.fetch_add(1, Ordering::Relaxed);
        self.bearer_for(&self.person(1_000_000 + u128::from(number)), role, scope)
    }

    /// The credentials of this person in this role.
    pub fn bearer_for(&self, person: &PersonId, role: Role, scope: ScopeParts) -> Bearer {
        let token = token(self.platform.issuer(), person, role, scope, self.clock());
        Bearer::new(&token).expect("a token can stand in a header")
    }

    /// The id of the person with this number: the same number, the same person.
    pub fn person(&self, number: u128) -> PersonId {
        PersonId::new(self.county(), Key::from_bits(number))
    }

    /// The time, which stands still until it is moved.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// The time now.
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the services stand on.
    pub fn context(&self) -> &Context {
        self.platform.context()
    }

    /// The nats-server underneath.
    pub fn nats(&self) -> &TestNats {
        &self.nats
    }

    /// The county that is governed.
    pub fn county(&self) -> Division {
        self.context().county
    }

    /// Where HTTP is served.
    pub fn http(&self) -> std::net::SocketAddr {
        self.platform.http()
    }

    /// Where the log ends now.
    pub async fn head(&self) -> LogPosition {
        let log = &self.context().log;
        let state = log.stream().state().await.expect("nats-server tells about the log");
        LogPosition { log: log.name().to_owned(), sequence: state.last }
    }

    /// Waits until every table and every process has reached the end of the log, and the log no
    /// longer grows.
    pub async fn settled(&self) {
        loop {
            let head = self.head().await;
            let what = format!("tables and processes at {head}");
            until(&what, || async {
                let life = &self.context().lifecycle;
                assert!(
                    !life.is_stopping(),
                    "a task has failed; run with RUST_LOG=error to see it"
                );
                self.laggard(head.sequence).is_none()
            })
            .await;
            if self.head().await == head {
                return;
            }
        }
    }

    /// A table or process that has not reached this sequence.
    fn laggard(&self, sequence: u64) -> Option<String> {
        let running = &self.context().running;
        let table = running.tables().into_iter().find(|table| table.position() < sequence);
        let process = running.processes().into_iter().find(|(_, state)| state.position < sequence);
        table
            .map(|table| format!("{}.{}", table.service, table.table))
            .or_else(|| process.map(|(name, _)| name.to_owned()))
    }

    /// Appends events to an aggregate, as a service that does not run here would have.
    pub async fn append<E: StoredEvent>(&self, subject: &str, id: &str, events: &[E]) {
        let log = &self.context().log;
        let history = log.load(subject, 1).await.expect("the log can be read");
        let mut tail = history.last().map(tail_of).unwrap_or_default();
        let expected = tail.sequence;
        let number = self.fresh.fetch_add(1, Ordering::Relaxed);
        let commit = hash_parts(&[b"testkit", subject.as_bytes(), &number.to_be_bytes()]);
        let stamp = CommandStamp {
            commit,
            request: commit,
            actor: "process:testkit".to_owned(),
            cause: None,
            traceparent: None,
        };
        let messages = messages(&mut tail, id, &stamp, events).expect("events are small");
        let run = Run { subject: subject.to_owned(), expected, messages };
        log.append(commit, vec![run]).await.expect("nobody else writes to this aggregate");
    }
}

fn tail_of(last: &Recorded) -> Tail {
    Tail { sequence: last.meta.sequence, version: last.meta.version, digest: last.digest() }
}

async fn database(db: Db) -> Option<TestPostgres> {
    match db {
        Db::Sqlite => None,
        Db::Postgres => Some(TestPostgres::create().await),
    }
}

async fn platform(
    services: &[Recipe],
    nats: &TestNats,
    data: &Path,
    database: Option<&TestPostgres>,
    clock: &Arc<ManualClock>,
) -> Box<Platform> {
    let mut set = vec![
        format!("data_dir={}", data.display()),
        "grpc.listen=127.0.0.1:0".to_owned(),
        "http.listen=127.0.0.1:0".to_owned(),
        format!("nats.url={}", nats.url()),
        format!("nats.monitor_url={}", nats.managed().monitor_url()),
        format!("nats.credentials={}", nats.credentials().display()),
        "nats.log_max_bytes=536870912".to_owned(),
        "nats.vault_max_bytes=268435456".to_owned(),
        "nats.media_max_bytes=268435456".to_owned(),
        "nats.audit_max_bytes=67108864".to_owned(),
    ];
    set.extend(database.map(|database| format!("database.url={}", database.url())));
    let defaults: Vec<_> = services.iter().map(|(name, defaults, ..)| (*name, *defaults)).collect();
    let options = LoadOptions { file: None, set, service_defaults: &defaults };
    let (config, figment) = Config::load(&options).expect("the test's configuration is good");
    let services = services
        .iter()
        .map(|&(name, defaults, methods, start)| Service { name, defaults, methods, start })
        .collect();
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let descriptors = api::DESCRIPTORS;
    let revocations = Revocations {
        categories: contracts::revocation::CATEGORIES,
        passing: contracts::revocation::PASSING,
        of: contracts::revocation::of,
    };
    let supervisor = None;
    let options =
        SuiteOptions { config, figment, services, descriptors, clock, supervisor, revocations };
    let started = Box::pin(Platform::start(options)).await;
    Box::new(started.unwrap_or_else(|error| unreachable!("the suite starts: {error:?}")))
}

/// Waits until the suite is ready, and connects.
async fn ready(platform: &Platform) -> Channel {
    let life = &platform.context().lifecycle;
    let ready = tokio::time::timeout(crate::wait::LIMIT, life.ready()).await;
    assert_eq!(ready, Ok(true), "the suite is not ready: {:?}", life.closed_gates());
    platform::grpc::connect(&platform.grpc().to_string()).await.expect("gRPC is served")
}

fn token(
    issuer: &Issuer,
    person: &PersonId,
    role: Role,
    scope: ScopeParts,
    clock: &ManualClock,
) -> String {
    let scope = Scope::for_role(role, scope).expect("the scope is one of the role's");
    let claims =
        Claims { person: person.clone(), role, scope, ttl: TOKEN_LIFE, basis: Basis::default() };
    issuer.issue(&claims, clock.now()).expect("a token can be signed")
}

/// Errors are shown beside a failing test; `RUST_LOG` shows more.
fn show_errors() {
    use tracing_subscriber::{EnvFilter, filter::LevelFilter};
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter =
            EnvFilter::builder().with_default_directive(LevelFilter::ERROR.into()).from_env_lossy();
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer();
        // A test may have its own.
        let _taken = subscriber.try_init();
    });
}
