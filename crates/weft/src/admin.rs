//! The admin service: what the command line asks a running suite.

use std::time::Duration;

use api::admin::v1::{
    GetVaultRequest, GetVaultResponse, ProcessStatus, RebuildRequest, RebuildResponse,
    RotateVaultRequest, RotateVaultResponse, ServiceNote, StatusRequest, StatusResponse,
    StorageStatus, TableStatus, VerifyRequest, VerifyResponse,
    admin_service_server::{AdminService, AdminServiceServer},
};
use futures::{FutureExt as _, StreamExt as _, stream::BoxStream};
use kernel::{ErrorCode, Role, Timestamp};
use platform::{
    audit::{
        BLOCK, Seal, lines_of,
        verify::{Finding, Sealed, Trail},
    },
    auth::{Access, MethodRow, Placement},
    grpc::{ServiceError, call::Call},
    log::{feed::Feed, stream::StreamState, verify::Verifier},
    service::{Context, Note, RunningTable, Service},
};
use tonic::{Request, Response, Status};

mod rebuild;
mod vault;

/// Who looks after the keys.
const KEEPERS: Access = Access::Roles(&[Role::Administrator, Role::SecurityAdministrator]);

const METHODS: &[MethodRow] = &[
    (
        "/weft.admin.v1.AdminService/Status",
        Access::Roles(&[Role::Administrator, Role::Supervisor, Role::Operator]),
    ),
    ("/weft.admin.v1.AdminService/Verify", Access::Roles(&[Role::Administrator])),
    ("/weft.admin.v1.AdminService/Rebuild", Access::Roles(&[Role::Administrator])),
    ("/weft.admin.v1.AdminService/GetVault", KEEPERS),
    ("/weft.admin.v1.AdminService/RotateVault", KEEPERS),
];

/// Every process has it.
pub(crate) fn service() -> Service {
    Service {
        name: "admin",
        defaults: "",
        methods: METHODS,
        start: |context, routes| {
            let started = context.clock.now();
            let admin = Admin { context: context.clone(), started };
            routes.add_service(AdminServiceServer::new(admin));
            async { Ok(()) }.boxed()
        },
    }
}

struct Admin {
    context: Context,
    started: Timestamp,
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn status(
        &self,
        request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let context = &self.context;
        require_county(context, &Call::of(&request)?)?;
        let state = context.log.stream().state().await.map_err(unavailable)?;
        let lag = |position| state.last.saturating_sub(position);
        let tables = context.running.tables();
        let mut services: Vec<String> =
            tables.iter().map(|table| table.service.to_owned()).collect();
        services.dedup();
        let not_ready = context.lifecycle.closed_gates();
        let now = context.clock.now();
        let vault = context.vault.states().await.map_err(unavailable)?;
        let mut storage = vec![storage_of(context.log.name(), &state)];
        let trail = context.audit.stream().state().await.map_err(unavailable)?;
        storage.push(storage_of(context.audit.stream().name(), &trail));
        storage.extend(vault.iter().map(|(name, state)| storage_of(name, state)));
        let mut processes = Vec::new();
        for (name, process) in context.running.processes() {
            processes.push(ProcessStatus {
                name: name.to_owned(),
                position: process.position,
                lag: lag(process.position),
                active: process.active,
                holder: context.leases.holder(name).await.unwrap_or_default(),
            });
        }
        let note = |(service, note): (&str, Note)| ServiceNote {
            service: service.to_owned(),
            text: note.text,
            advice: note.advice.unwrap_or_default(),
        };
        let sync_gate = "nats-server syncs every write";
        Ok(Response::new(StatusResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            head: Some(api::common::v1::Position {
                log: context.log.name().to_owned(),
                sequence: state.last,
            }),
            tables: tables
                .iter()
                .map(|table| TableStatus {
                    service: table.service.to_owned(),
                    table: table.table.to_owned(),
                    position: table.position(),
                    lag: lag(table.position()),
                })
                .collect(),
            processes,
            uptime_seconds: u64::try_from((now.0 - self.started.0) / 1_000).unwrap_or_default(),
            storage,
            clock_ahead_millis: now.0 - state.at.0,
            missing_events: state.deleted,
            last_event_at: if state.last == 0 { 0 } else { state.last_at.0 },
            sync_always: !not_ready.iter().any(|gate| gate == sync_gate),
            not_ready,
            services,
            notes: context.running.notes().into_iter().map(note).collect(),
            unencrypted: context.unencrypted.iter().map(|what| (*what).to_owned()).collect(),
        }))
    }

    type VerifyStream = BoxStream<'static, Result<VerifyResponse, Status>>;

    async fn verify(
        &self,
        request: Request<VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        require_county(&self.context, &Call::of(&request)?)?;
        let context = self.context.clone();
        // A stream, so that no limit on the time of a call ends it.
        let verified = async move { verify(&context).await.map_err(Status::from) };
        Ok(Response::new(verified.into_stream().boxed()))
    }

    type RebuildStream = BoxStream<'static, Result<RebuildResponse, Status>>;

    async fn rebuild(
        &self,
        request: Request<RebuildRequest>,
    ) -> Result<Response<Self::RebuildStream>, Status> {
        require_county(&self.context, &Call::of(&request)?)?;
        let wanted = request.into_inner().table;
        let tables = self.context.running.tables();
        let Some(table) = tables.iter().find(|table| name_of(table) == wanted).cloned() else {
            return Err(rebuild::unknown(&tables.iter().map(name_of).collect::<Vec<_>>()).into());
        };
        Ok(Response::new(rebuild::run(table, self.context.log.name().to_owned())))
    }

    async fn get_vault(
        &self,
        request: Request<GetVaultRequest>,
    ) -> Result<Response<GetVaultResponse>, Status> {
        require_county(&self.context, &Call::of(&request)?)?;
        let keys = self.context.vault.rotation().await.map_err(ServiceError::from)?;
        Ok(Response::new(GetVaultResponse { keys: Some(vault::keys(keys)) }))
    }

    type RotateVaultStream = BoxStream<'static, Result<RotateVaultResponse, Status>>;

    async fn rotate_vault(
        &self,
        request: Request<RotateVaultRequest>,
    ) -> Result<Response<Self::RotateVaultStream>, Status> {
        require_county(&self.context, &Call::of(&request)?)?;
        Ok(Response::new(vault::rotate(self.context.vault.clone())))
    }
}

fn name_of(table: &RunningTable) -> String {
    format!("{}.{}", table.service, table.table)
}

fn storage_of(stream: &str, state: &StreamState) -> StorageStatus {
    StorageStatus {
        stream: stream.to_owned(),
        bytes: state.bytes,
        max_bytes: u64::try_from(state.max_bytes).unwrap_or_default(),
    }
}

fn require_county(context: &Context, call: &Call) -> Result<(), ServiceError> {
    call.principal.require(&Placement::of_division(context.county))
}

fn unavailable(error: impl std::error::Error) -> ServiceError {
    ServiceError::new(
        ErrorCode::Unavailable,
        "LOG_UNAVAILABLE",
        format!("the log cannot be read: {error}"),
        "日志暂时无法读取",
    )
    .retry_after(Duration::from_secs(1))
}

async fn verify(context: &Context) -> Result<VerifyResponse, ServiceError> {
    // The trail first: what is sealed there is in the log by then.
    let (trail_findings, seals, audit_records) = trail(context).await?;
    let state = context.log.stream().state().await.map_err(unavailable)?;
    let mut verifier = Verifier::default();
    let invariants = context.running.invariants();
    let mut checks: Vec<_> =
        invariants.iter().map(|invariant| (invariant, invariant.begin())).collect();
    let mut broken = Vec::new();
    let mut sealed = Sealed::new(seals);
    if state.last > 0 {
        let (feed, reading) = Feed::new(context.log.clone());
        let mut batches = feed.subscribe(0);
        drop(feed);
        let walk = async {
            while let Some(batch) = batches.recv().await {
                for event in batch.iter().filter(|event| event.meta.sequence <= state.last) {
                    verifier.check(event);
                    sealed.check(event.meta.sequence, &event.digest());
                    for (invariant, check) in &mut checks {
                        let wrong = check(event).into_iter();
                        broken.extend(wrong.map(|wrong| format!("{}: {wrong}", invariant.name)));
                    }
                }
                if batch.last().is_some_and(|last| last.meta.sequence >= state.last) {
                    break;
                }
            }
        };
        tokio::select! {
            () = walk => {}
            Err(error) = reading => return Err(unavailable(error)),
        }
    }
    let mut findings: Vec<String> = verifier.findings().iter().map(ToString::to_string).collect();
    if state.deleted > 0 || (state.last > 0 && state.first != 1) {
        findings.push(format!("nats-server says that {} events are missing", state.deleted));
    }
    findings.append(&mut broken);
    let trail = trail_findings.iter().map(ToString::to_string);
    findings.extend(trail.chain(sealed.finish(true).iter().map(ToString::to_string)));
    let mut tables = Vec::new();
    for table in context.running.tables() {
        let name = name_of(&table);
        match table.verify().await {
            Ok(Some(differences)) => {
                findings.extend(differences);
                tables.push(name);
            }
            Ok(None) => tables.push(format!("{name} (filled by another process)")),
            Err(error) => findings.push(format!("{name} cannot be compared: {error}")),
        }
    }
    Ok(VerifyResponse {
        events: verifier.events(),
        aggregates: verifier.aggregates() as u64,
        tables,
        invariants: invariants.iter().map(|invariant| invariant.name.to_owned()).collect(),
        findings,
        audit_records,
        position: Some(api::common::v1::Position {
            log: context.log.name().to_owned(),
            sequence: state.last,
        }),
    })
}

/// Walks the audit trail: what is wrong with it, the seals of the log, and how many records it has.
async fn trail(context: &Context) -> Result<(Vec<Finding>, Vec<Seal>, u64), ServiceError> {
    let mut trail = Trail::whole();
    let stored = context.audit.stream().state().await.map_err(unavailable)?;
    let subjects = format!("audit.{}.>", context.county);
    let mut next = 1;
    while next <= stored.last {
        let block = context.audit.stream().read_block(&subjects, next, BLOCK).await;
        let block = block.map_err(unavailable)?;
        let Some(last) = block.last().map(|line| line.sequence) else { break };
        // What was written since is for the next time: its seals are of events that are not walked.
        for message in block.iter().filter(|message| message.sequence <= stored.last) {
            lines_of(&message.payload).for_each(|line| trail.check(line));
        }
        next = last + 1;
    }
    let records = trail.lines();
    let (findings, seals) = trail.finish();
    Ok((findings, seals, records))
}

#[cfg(test)]
mod tests;
