//! A service as the binary sees it, and what a service is given to stand on. All services in one
//! process or each in its own: the same log, the same gRPC, no shortcut.

use std::{
    collections::{BTreeMap, HashMap},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use figment::Figment;
use futures::future::BoxFuture;
use kernel::{Aggregate, Clock, Division, ErrorCode, LogPosition, StoredEvent};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::RoutesBuilder;

use crate::{
    audit::Audit,
    auth::{Issuer, MethodRow, Verifier},
    config,
    database::{Database, DatabaseError, DatabaseSettings, Dialect, table::Row},
    executor::Executor,
    grpc::{PageTokens, ServiceError},
    http::Pages,
    invariant::{Check, Invariant},
    lease::Leases,
    lifecycle::Lifecycle,
    log::{EventLog, feed::Feed},
    media::MediaStore,
    nats_server::Reach,
    process::{self, Checkpoints, Process, ProcessError},
    projection::{Ask, Projection, ProjectionError, RebuildError, Request, Runner, View},
    telemetry::metrics::Metrics,
    vault::Vault,
    wires::Trust,
};

/// How long a query waits for the position that it asks for.
const WAIT_LIMIT: Duration = Duration::from_secs(5);

/// No answer carries a position so far beyond what this process has read: waiting for it would be in
/// vain.
const FAR_AHEAD: u64 = 100_000;

/// How often a table that another process fills is looked at.
const FOLLOW_EVERY: Duration = Duration::from_millis(100);

/// A service: a name, its configuration's defaults, who may call its methods, and its start.
pub struct Service {
    /// The name, as `--service` takes it.
    pub name: &'static str,
    /// The defaults of its section, which are also its reference.
    pub defaults: &'static str,
    /// Who may call each of its methods.
    pub methods: &'static [MethodRow],
    /// Adds its gRPC services to the routes and starts what runs beside them.
    pub start: Start,
}

/// How a service starts.
pub type Start =
    for<'a> fn(&'a Context, &'a mut RoutesBuilder) -> BoxFuture<'a, Result<(), StartError>>;

/// Why a service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// Its database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A table.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// Anything else, in words that say what to do.
    #[error("{0}")]
    Other(String),
}

/// What a service stands on.
#[derive(Clone)]
pub struct Context {
    /// The county that is governed.
    pub county: Division,
    /// Its log.
    pub log: EventLog,
    /// The one consumer of the log in this process.
    pub feed: Feed,
    /// The vault.
    pub vault: Vault,
    /// The photos.
    pub media: MediaStore,
    /// Who read what, and who was refused what.
    pub audit: Audit,
    /// How a service that needs an account of its own reaches nats-server.
    pub reach: Reach,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Start, readiness and stop.
    pub lifecycle: Lifecycle,
    /// Who of several processes does what only one should.
    pub leases: Leases,
    /// Where the processes are.
    pub checkpoints: Checkpoints,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// The configuration, of which each service reads its own section.
    pub figment: Figment,
    /// Where databases are.
    pub database: DatabaseSettings,
    /// Makes and reads page tokens.
    pub page_tokens: Arc<PageTokens>,
    /// The secret from which tracking codes are derived.
    pub tracking_secret: Arc<[u8; 32]>,
    /// Who may call which of the methods that are served here.
    pub methods: Arc<[MethodRow]>,
    /// Makes tokens for whoever signs in.
    pub issuer: Arc<Issuer>,
    /// Verifies them, and knows what was taken back.
    pub verifier: Arc<Verifier>,
    /// Where this process serves gRPC.
    pub grpc: SocketAddr,
    /// Whether it does so with TLS.
    pub grpc_secure: bool,
    /// What leaves this host and is not encrypted: `gRPC`, `NATS`.
    pub unencrypted: Arc<[&'static str]>,
    /// Whom this process believes when it calls another.
    pub trust: Trust,
    /// Where a service mounts its pages.
    pub pages: Pages,
    /// Commands under way, which a stop waits for.
    pub tasks: TaskTracker,
    /// Cancelled at a stop when every command is answered: tables follow the log until then.
    pub drained: CancellationToken,
    /// What runs here, for `weft status` and `weft verify`.
    pub running: Running,
}

/// The tables, processes and invariants of this process.
#[derive(Clone, Default)]
pub struct Running {
    inner: Arc<Mutex<RunningInner>>,
}

#[derive(Default)]
struct RunningInner {
    tables: Vec<RunningTable>,
    processes: HashMap<&'static str, ProcessState>,
    invariants: Vec<Invariant>,
    notes: BTreeMap<&'static str, Vec<Note>>,
}

/// What a service says of itself in `weft status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is so, in a line.
    pub text: String,
    /// What to do; none if all is well with it.
    pub advice: Option<String>,
}

/// A table that is filled or followed here.
#[derive(Clone)]
pub struct RunningTable {
    /// Whose it is.
    pub service: &'static str,
    /// Its name.
    pub table: &'static str,
    position: Arc<dyn Fn() -> u64 + Send + Sync>,
    ask: Arc<dyn Ask>,
}

/// How far a process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessState {
    /// The last sequence all of whose commands are done.
    pub position: u64,
    /// Whether it runs here now.
    pub active: bool,
}

impl RunningTable {
    /// The last sequence that is applied.
    pub fn position(&self) -> u64 {
        (self.position)()
    }

    /// Compares the table with the fold of the log and answers with what differs; none if another
    /// process fills it.
    pub async fn verify(&self) -> Result<Option<Vec<String>>, String> {
        self.ask.verify().await
    }

    /// Builds the table anew from the log beside itself and swaps it in; reads go on from the old one
    /// until then. `progress` is told how far it is, and how far it has to go.
    pub async fn rebuild(
        &self,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<u64, RebuildError> {
        self.ask.rebuild(progress).await
    }
}

impl Running {
    /// The tables, in the order in which they started.
    pub fn tables(&self) -> Vec<RunningTable> {
        self.lock().tables.clone()
    }

    /// The processes by name.
    pub fn processes(&self) -> Vec<(&'static str, ProcessState)> {
        let mut processes: Vec<_> =
            self.lock().processes.iter().map(|(name, state)| (*name, *state)).collect();
        processes.sort_by_key(|(name, _)| *name);
        processes
    }

    /// What must hold at every position of the log.
    pub fn invariants(&self) -> Vec<Invariant> {
        self.lock().invariants.clone()
    }

    /// Says how far something is that follows the log in its own way: `weft status` shows it among the
    /// processes.
    pub fn report(&self, name: &'static str, state: ProcessState) {
        self.process(name, |known| *known = state);
    }

    /// Says what stands in `weft status` under a service's name, in place of what it said before.
    pub fn tell(&self, service: &'static str, notes: Vec<Note>) {
        self.lock().notes.insert(service, notes);
    }

    /// What services say of themselves, by their names.
    pub fn notes(&self) -> Vec<(&'static str, Note)> {
        let notes = &self.lock().notes;
        let of = |(service, notes): (&&'static str, &Vec<Note>)| {
            notes.iter().map(|note| (*service, note.clone())).collect::<Vec<_>>()
        };
        notes.iter().flat_map(of).collect()
    }

    fn process(&self, name: &'static str, change: impl FnOnce(&mut ProcessState)) {
        change(self.lock().processes.entry(name).or_default());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, RunningInner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process that runs here, for as long as this lives.
struct Active<'a> {
    running: &'a Running,
    name: &'static str,
}

impl<'a> Active<'a> {
    fn here(running: &'a Running, name: &'static str) -> Self {
        running.process(name, |state| state.active = true);
        Self { running, name }
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.running.process(self.name, |state| state.active = false);
    }
}

/// Does something again as long as what ends it may pass.
async fn again_while<E: std::error::Error + 'static, F: Future<Output = Result<(), E>>>(
    may_pass: fn(&E) -> bool,
    name: &str,
    work: impl Fn() -> F,
) -> Result<(), E> {
    loop {
        match work().await {
            Err(error) if may_pass(&error) => {
                tracing::warn!(name, error = &error as &dyn std::error::Error, "will go on");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            ended => return ended,
        }
    }
}

impl Context {
    /// The address of this process's own gRPC, such as `http://127.0.0.1:7600`. One that means "all of
    /// this machine" is reached at its loopback.
    pub fn grpc_url(&self) -> String {
        let scheme = if self.grpc_secure { "https" } else { "http" };
        let mut own = self.grpc;
        if own.ip().is_unspecified() {
            own.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("{scheme}://{own}")
    }

    /// The database of a service.
    pub async fn database(&self, service: &str) -> Result<Database, DatabaseError> {
        Database::open(&self.database, service).await
    }

    /// A service's own section of the configuration.
    pub fn section<T: serde::de::DeserializeOwned>(&self, service: &str) -> Result<T, StartError> {
        Ok(config::section(&self.figment, service)?)
    }

    /// The executor of one kind of aggregate.
    pub fn executor<A: Aggregate>(&self) -> Executor<A>
    where
        A::Event: StoredEvent,
    {
        Executor::new(self.log.clone(), Arc::clone(&self.clock), self.tasks.clone())
    }

    /// Opens a table and keeps it up to date; the suite is ready only when it has caught up.
    pub async fn projection<P: Projection>(
        &self,
        service: &'static str,
        database: &Database,
        projection: P,
    ) -> Result<View<P::Row>, StartError> {
        let table = P::Row::TABLE;
        let (runner, view) = Runner::open(projection, database.clone(), self.log.clone()).await?;
        let name = format!("{service}.{table}");
        self.open_gate_when_caught_up(&name, view.clone());
        let (ask, requests) = mpsc::channel::<Request<P>>(1);
        let watched = view.clone();
        self.running.lock().tables.push(RunningTable {
            service,
            table,
            position: Arc::new(move || watched.position()),
            ask: Arc::new(ask),
        });
        match database.dialect() {
            // Its own file: nobody else writes it.
            Dialect::Sqlite => {
                let (feed, mut runner, mut requests) = (self.feed.clone(), runner, requests);
                let stop = self.drained.clone();
                self.lifecycle.spawn(name, async move {
                    let batches = feed.subscribe(runner.position());
                    tokio::select! {
                        ended = runner.run(batches, &mut requests) => ended,
                        () = stop.cancelled() => Ok(()),
                    }
                });
            }
            Dialect::Postgres => {
                let (context, lease) = (self.clone(), format!("projection.{name}"));
                self.lifecycle.spawn(name, async move {
                    Box::pin(context.project_by_lease(&lease, runner, requests)).await
                });
            }
        }
        Ok(view)
    }

    /// Fills a shared table while holding its lease, and follows it while another does.
    async fn project_by_lease<P: Projection>(
        self,
        lease: &str,
        runner: Runner<P>,
        requests: mpsc::Receiver<Request<P>>,
    ) -> Result<(), ProjectionError> {
        let stop = self.drained.clone();
        let both = AsyncMutex::new((runner, requests));
        let lead = || async {
            let (runner, requests) = &mut *both.lock().await;
            runner.reopen().await?;
            let batches = self.feed.subscribe(runner.position());
            runner.run(batches, requests).await
        };
        let follow = || async {
            loop {
                tokio::time::sleep(FOLLOW_EVERY).await;
                if let Ok(mut both) = both.try_lock() {
                    both.0.follow().await?;
                    // Whoever fills the table answers for it.
                    while both.1.try_recv().is_ok() {}
                }
            }
        };
        let work = || async {
            tokio::select! {
                ended = self.leases.hold(lease, &stop, lead) => ended.unwrap_or(Ok(())),
                followed = follow() => followed,
            }
        };
        again_while(ProjectionError::may_pass, lease, work).await
    }

    fn open_gate_when_caught_up<R: Row>(&self, name: &str, view: View<R>) {
        let gate = self.lifecycle.gate(name.to_owned());
        let stream = self.log.stream().clone();
        let stopping = self.lifecycle.soft_token();
        self.lifecycle.spawn(format!("{name} catching up"), async move {
            let head = loop {
                match stream.state().await {
                    Ok(state) => break state.last,
                    Err(_) if stopping.is_cancelled() => return Ok(()),
                    Err(_not_yet) => tokio::time::sleep(Duration::from_millis(200)).await,
                }
            };
            while !stopping.is_cancelled() {
                if view.wait(head, Duration::from_millis(500)).await.is_ok() {
                    gate.open();
                    break;
                }
            }
            Ok::<(), std::convert::Infallible>(())
        });
    }

    /// Runs a process wherever its lease is won.
    pub fn process<P: Process>(&self, process: P) {
        let context = self.clone();
        let process = Arc::new(process);
        self.running.process(P::NAME, |_| {});
        self.lifecycle.spawn(P::NAME, async move {
            let stop = context.lifecycle.soft_token();
            let work = || async {
                let active = Active::here(&context.running, P::NAME);
                let running = context.running.clone();
                let progress = move |position| {
                    running.process(P::NAME, |state| state.position = position);
                };
                let ended = process::run(
                    Arc::clone(&process),
                    context.log.clone(),
                    context.feed.clone(),
                    context.checkpoints.clone(),
                    progress,
                )
                .await;
                drop(active);
                ended
            };
            let held =
                || async { context.leases.hold(P::NAME, &stop, work).await.unwrap_or(Ok(())) };
            again_while(ProcessError::may_pass, P::NAME, held).await
        });
    }

    /// Says what must hold at every position of the log; `weft verify` checks it. `begin` makes a check
    /// that has seen nothing yet.
    pub fn invariant(
        &self,
        service: &'static str,
        name: &'static str,
        begin: impl Fn() -> Check + Send + Sync + 'static,
    ) {
        self.running.lock().invariants.push(Invariant::new(service, name, begin));
    }

    /// Waits until a table has what a query asks for. None asks for nothing.
    pub async fn wait<R: Row>(
        &self,
        view: &View<R>,
        min_position: Option<LogPosition>,
    ) -> Result<(), ServiceError> {
        let Some(wanted) = min_position.filter(|position| position.sequence > 0) else {
            return Ok(());
        };
        // What is asked for is never repeated in the answer: it may be anything.
        if wanted.log != self.log.name() {
            return Err(ServiceError::new(
                ErrorCode::InvalidArgument,
                "WRONG_LOG",
                format!("min_position names another log, this is {}", self.log.name()),
                format!("min_position 的日志应为 {}", self.log.name()),
            ));
        }
        if wanted.sequence > self.feed.head() + FAR_AHEAD {
            return Err(ServiceError::new(
                ErrorCode::InvalidArgument,
                "POSITION_UNKNOWN",
                "min_position is far beyond the log: take it from an answer",
                "min_position 远超日志末尾, 请使用应答中给出的位置",
            ));
        }
        Ok(view.wait(wanted.sequence, WAIT_LIMIT).await?)
    }

    /// A table's position, as answers carry it.
    pub fn position<R: Row>(&self, view: &View<R>) -> LogPosition {
        LogPosition { log: self.log.name().to_owned(), sequence: view.position() }
    }
}
