//! The suite: chosen services in one process, on one log. `weft up` and `weft serve` start it, and so
//! do the tests: there is one way in which the parts are put together.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use figment::Figment;
use kernel::Clock;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::RoutesBuilder;

use crate::{
    auth::{
        Issuer, MethodRow, Policy, RevocationError, Revocations, key::KeyError, policy::PolicyError,
    },
    config::Config,
    database::DatabaseSettings,
    grpc::{GrpcFront, GrpcServer, Health, PageTokens, server},
    http,
    lease::{LeaseError, Leases},
    lifecycle::{ExitOutcome, Lifecycle},
    log::{
        EventLog, LogSettings,
        feed::Feed,
        stream::StreamError,
        writer::{WriterSettings, Written},
    },
    media::{MediaSettings, MediaStore},
    nats_server::{self, ManagedNats, Supervisor},
    process::{Checkpoints, ProcessError},
    secret::{self, SecretError},
    service::{Context, Running, Service, StartError},
    telemetry::metrics::Metrics,
    vault::{Keyring, Vault, VaultSettings},
    wires::Trust,
};

mod authority;
mod descriptors;
mod keys;
mod nats;
mod serving;

pub use descriptors::only as descriptors_of;
use nats::Nats;

pub use keys::make_keys;

/// How long a stop waits for what is under way.
const GRACE: Duration = Duration::from_secs(15);

/// What a suite is made of.
pub struct SuiteOptions {
    /// The configuration.
    pub config: Config,
    /// The same, for the services' own sections.
    pub figment: Figment,
    /// The services to run.
    pub services: Vec<Service>,
    /// The descriptors of every service.
    pub descriptors: &'static [u8],
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How the nats-server child is made to die with this process; none in tests, which end it.
    pub supervisor: Option<Supervisor>,
    /// Which events take tokens back.
    pub revocations: Revocations,
}

/// A running suite.
pub struct Suite {
    context: Context,
    grpc: SocketAddr,
    http: SocketAddr,
    /// Whether that is HTTPS.
    secure: bool,
    nats: Option<ManagedNats>,
}

/// Why a suite cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// nats-server.
    #[error(transparent)]
    Nats(#[from] nats_server::Error),
    /// The connection to it.
    #[error(transparent)]
    Connect(#[from] nats_server::ConnectError),
    /// A stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The leases.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The processes' checkpoints.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The issuer's key.
    #[error(transparent)]
    Issuer(#[from] KeyError),
    /// What takes tokens back.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    /// The method table.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The gRPC port.
    #[error(transparent)]
    Bind(#[from] server::BindError),
    /// The HTTP port.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// A service.
    #[error("{service} cannot start: {source}")]
    Service {
        /// Which.
        service: &'static str,
        /// Why.
        #[source]
        source: StartError,
    },
}

impl Suite {
    /// Starts nats-server if it is ours, opens the log and the vault, starts the services and serves
    /// gRPC and HTTP. Returns before the tables have caught up; readiness tells when they have.
    pub async fn start(options: SuiteOptions) -> Result<Self, SuiteError> {
        let SuiteOptions { config, figment, services, descriptors, clock, supervisor, revocations } =
            options;
        // The ports first: what is in the way is said before anything is begun.
        let listener = server::bind(config.grpc.listen).await?;
        let grpc = listener.local_addr().unwrap_or(config.grpc.listen);
        let lifecycle = Lifecycle::new(GRACE);
        let metrics = Arc::new(Metrics::new());
        let pages = http::Pages::default();
        let face = http::router(lifecycle.clone(), Arc::clone(&metrics), pages.clone());
        let keys = config.data_dir.join("keys");
        let front = http::Front::of(&config.http, &keys, clock.now()).map_err(http::Error::from)?;
        let secure = front.is_secure();
        let http = http::serve(config.http.listen, front, face, &lifecycle).await?;
        let grpc_front =
            GrpcFront::of(&config.grpc, &keys, clock.now()).map_err(http::Error::from)?;
        let grpc_secure = grpc_front.is_secure();
        let mut unencrypted = Vec::new();
        if !grpc_secure && !grpc.ip().is_loopback() {
            unencrypted.push("gRPC");
            warn_of_plain_grpc(&lifecycle, grpc);
        }
        if config.nats_is_plain() {
            unencrypted.push("NATS");
        }

        let issuer = Arc::new(Issuer::load_or_create(&keys)?);
        let nats = Nats::reach(&config, supervisor).await?;
        let drained = CancellationToken::new();
        let rows: Vec<MethodRow> = services.iter().flat_map(|s| s.methods).copied().collect();
        let audit = authority::audit(
            &config,
            nats.core.clone(),
            &services,
            &clock,
            (&lifecycle, drained.clone()),
        )
        .await?;
        let (log, vault, media) = stores(&config, &nats, &lifecycle, &metrics, &drained).await?;
        let (feed, feeding) = Feed::new(log.clone());
        run_until(&lifecycle, "feed", feeding, drained.clone());
        let living = (&lifecycle, drained.clone());
        let verifier =
            authority::verifier(&config, &issuer, &log, &clock, revocations, living).await?;
        watch_nats(&lifecycle, &nats, config.nats.allow_unsynced, &clock);

        let tracking = secret::load_or_create(&keys.join(keys::TRACKING))?;
        let context = Context {
            county: config.county,
            log,
            feed,
            vault,
            media,
            audit,
            reach: nats.reach.clone(),
            clock: Arc::clone(&clock),
            lifecycle: lifecycle.clone(),
            leases: Leases::open(nats.core.clone(), config.county, &serving::holder(grpc)).await?,
            checkpoints: Checkpoints::open(nats.core.clone()).await?,
            metrics: Arc::clone(&metrics),
            figment,
            database: match &config.database.url {
                Some(url) => DatabaseSettings::Postgres(url.clone()),
                None => DatabaseSettings::Sqlite(config.data_dir.join("db")),
            },
            page_tokens: Arc::new(PageTokens::new(&secret::load_or_create(
                &keys.join(keys::PAGES),
            )?)),
            tracking_secret: Arc::new(tracking),
            methods: rows.clone().into(),
            issuer,
            verifier,
            grpc,
            grpc_secure,
            unencrypted: unencrypted.into(),
            trust: Trust::of(&config),
            pages,
            tasks: TaskTracker::new(),
            drained: drained.clone(),
            running: Running::default(),
        };

        let mut routes = RoutesBuilder::default();
        for service in &services {
            (service.start)(&context, &mut routes)
                .await
                .map_err(|source| SuiteError::Service { service: service.name, source })?;
        }
        context.pages.complete();
        let descriptors = descriptors::only(descriptors, &rows);
        let policy = Policy::new(&rows, &[descriptors])?;
        let auth = authority::layer(&config, &context, policy)?;
        authority::seal(&context);
        let limits = serving::limits(&config);
        let server = GrpcServer::new(limits, routes.routes(), vec![descriptors]);
        report_health(&lifecycle, server.health());
        serving::begin(&context, server, (listener, grpc_front), auth);
        report_figures(&context);
        Ok(Self { context, grpc, http, secure, nats: nats.managed })
    }

    /// What the services stand on.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Where gRPC is served.
    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// The address of gRPC for clients on this host, such as `http://127.0.0.1:7600`.
    pub fn grpc_url(&self) -> String {
        self.context.grpc_url()
    }

    /// Where HTTP is served.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// The address of the pages for a browser on this host, such as `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        if self.http.ip().is_unspecified() {
            format!("{scheme}://localhost:{}", self.http.port())
        } else {
            format!("{scheme}://{}", self.http)
        }
    }

    /// The issuer of tokens.
    pub fn issuer(&self) -> &Issuer {
        &self.context.issuer
    }

    /// The nats-server child, if there is one.
    pub fn nats(&self) -> Option<&ManagedNats> {
        self.nats.as_ref()
    }

    /// Runs until a signal, a crash or [`Lifecycle::stop`]; then ends everything in order:
    /// calls, commands under way, tables, nats-server.
    pub async fn run_until_stopped(self) -> ExitOutcome {
        let Self { context, nats, .. } = self;
        let lifecycle = context.lifecycle.clone();
        drop(context);
        let outcome = lifecycle.run_until_stopped().await;
        if let Some(nats) = nats {
            nats.stop().await;
        }
        outcome
    }
}

/// Opens the log, the vault and the media; their writers run until what is under way is answered.
async fn stores(
    config: &Config,
    nats: &Nats,
    lifecycle: &Lifecycle,
    metrics: &Arc<Metrics>,
    drained: &CancellationToken,
) -> Result<(EventLog, Vault, MediaStore), SuiteError> {
    let settings =
        LogSettings { county: config.county, max_bytes: config.nats.log_max_bytes, replicas: 1 };
    let writer = WriterSettings {
        max_batch: config.log.max_batch,
        plain_in_flight: config.log.plain_in_flight,
        batch_from: config.log.batch_from,
        batches_in_flight: config.log.batches_in_flight,
        queue: config.log.queue,
    };
    let observed = Arc::clone(metrics);
    let observe = move |written: Written| {
        observed.appended(if written.stored { "stored" } else { "not_stored" }, written.elapsed);
        observed.append_batch(written.messages);
    };
    let (log, writing) = EventLog::open(nats.core.clone(), &settings, writer, observe).await?;
    run_until(lifecycle, "log writer", done(writing), drained.clone());
    let keyring = Keyring::load_or_create(&config.data_dir.join("keys"))?;
    let settings = VaultSettings {
        county: config.county,
        max_bytes: config.nats.vault_max_bytes,
        replicas: 1,
        cipher: config.vault.cipher,
    };
    let (vault, writing) = Vault::open(nats.vault.clone(), &settings, keyring, |_| {}).await?;
    run_until(lifecycle, "vault writer", done(writing), drained.clone());
    let settings = MediaSettings {
        county: config.county,
        max_bytes: config.nats.media_max_bytes,
        replicas: 1,
    };
    let (media, writing) = MediaStore::open(nats.vault.clone(), &settings, vault.clone()).await?;
    run_until(lifecycle, "media writer", done(writing), drained.clone());
    Ok((log, vault, media))
}

async fn done(task: impl Future<Output = ()>) -> Result<(), std::convert::Infallible> {
    task.await;
    Ok(())
}

/// Runs a task that has no end of its own until a token is cancelled.
fn run_until<E: Into<crate::lifecycle::TaskError> + Send + 'static>(
    lifecycle: &Lifecycle,
    name: &str,
    task: impl Future<Output = Result<(), E>> + Send + 'static,
    token: CancellationToken,
) {
    lifecycle.spawn(name, async move {
        tokio::select! {
            ended = task => ended,
            () = token.cancelled() => Ok(()),
        }
    });
}

/// Says each minute that what leaves this host can be read on its way, where the operator wants it so.
fn warn_of_plain_grpc(lifecycle: &Lifecycle, listening: SocketAddr) {
    let warn = async move {
        loop {
            tracing::warn!(
                %listening,
                "gRPC is in plain text and leaves this host: take out grpc.plaintext, or let only a private network reach it"
            );
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
    };
    let stop = lifecycle.soft_token();
    run_until::<std::convert::Infallible>(lifecycle, "plain text warning", warn, stop);
}

/// Watches whether nats-server syncs, and ends the keys of integrators when their overlap ends, where it
/// is ours.
fn watch_nats(life: &Lifecycle, nats: &Nats, allow_unsynced: bool, clock: &Arc<dyn Clock>) {
    watch_sync(life, nats.monitor.clone(), allow_unsynced);
    if let Some(managed) = &nats.managed {
        let watch = managed.integrators().clone().watch(Arc::clone(clock));
        run_until(life, "integrators' keys", watch, life.soft_token());
    }
}

/// Keeps the suite from being ready while nats-server may lose what it acknowledges.
fn watch_sync(lifecycle: &Lifecycle, monitor: Option<String>, allow_unsynced: bool) {
    let Some(monitor) = monitor.filter(|_| !allow_unsynced) else {
        if !allow_unsynced {
            tracing::warn!("nats.monitor_url is not set: whether nats-server syncs is not checked");
        }
        return;
    };
    let gate = lifecycle.gate("nats-server syncs every write");
    let watch = async move {
        let mut synced_before = true;
        loop {
            let synced = nats_server::sync_always(&monitor).await;
            if synced {
                gate.open();
            } else {
                gate.close();
                if synced_before {
                    tracing::error!(
                        "nats-server does not sync every write: set sync_interval: always in its \
                         configuration, or nats.allow_unsynced if its replicas stand in for it"
                    );
                }
            }
            synced_before = synced;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    };
    run_until::<std::convert::Infallible>(lifecycle, "sync watch", watch, lifecycle.soft_token());
}

/// Tells health checks whether the suite is ready: when all tables have caught up, and not while
/// nats-server does not keep its promise, nor when the stop begins.
fn report_health(lifecycle: &Lifecycle, health: Health) {
    let life = lifecycle.clone();
    let services = health.not_serving();
    let watch = async move {
        let mut was_ready = false;
        loop {
            let ready = life.is_ready();
            if ready != was_ready {
                for service in &services {
                    if ready {
                        health.set_serving(service).await;
                    } else {
                        health.set_not_serving(service).await;
                    }
                }
                tracing::info!(ready, "readiness changed");
                was_ready = ready;
            }
            if life.is_stopping() {
                health.shut_down().await;
                return Ok::<(), std::convert::Infallible>(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    lifecycle.spawn("health", watch);
}

/// Keeps the figures of tables and processes up to date.
fn report_figures(context: &Context) {
    let context_for_task = context.clone();
    let figures = async move {
        let context = context_for_task;
        loop {
            let end = context.feed.head();
            for table in context.running.tables() {
                context.metrics.projection(table.service, table.table, table.position(), end);
            }
            for (name, state) in context.running.processes() {
                let service = name.split('.').next().unwrap_or_default();
                context.metrics.process(service, name, state.position, end);
            }
            context.metrics.append_queue(context.log.waiting());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let lifecycle = &context.lifecycle;
    run_until::<std::convert::Infallible>(lifecycle, "figures", figures, lifecycle.soft_token());
}
