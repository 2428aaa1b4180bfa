//! Who may call what, and the trail of it: the parts that the suite puts before its services.

use std::{convert::Infallible, sync::Arc, time::Duration};

use kernel::Clock;
use tokio_util::sync::CancellationToken;

use super::{SuiteError, done, keys, run_until};
use crate::{
    audit::{Audit, AuditSettings},
    auth::{
        AuthLayer, CallLimits, Issuer, Policy, RequestSecret, Revocations, Verifier, issuer,
        revocations::Follower,
    },
    config::Config,
    lifecycle::Lifecycle,
    log::EventLog,
    secret,
    service::{Context, Service},
};

/// The lease of whoever seals the log.
const SEALING: &str = "audit.seal";

/// Opens the trail; it is written until every command is answered, and what waits then.
pub(super) async fn audit(
    config: &Config,
    client: async_nats::Client,
    services: &[Service],
    clock: &Arc<dyn Clock>,
    (lifecycle, drained): (&Lifecycle, CancellationToken),
) -> Result<Audit, SuiteError> {
    // Every process has the admin service besides.
    let mut named = services.iter().map(|service| service.name).filter(|name| *name != "admin");
    let process = match (named.next(), named.next()) {
        (Some(only), None) => only,
        _ => "weft",
    };
    let settings = AuditSettings {
        county: config.county,
        process: process.to_owned(),
        max_bytes: config.nats.audit_max_bytes,
        replicas: 1,
    };
    let secret = secret::load_or_create(&config.data_dir.join("keys").join(keys::REQUESTS))?;
    let (audit, writing) =
        Audit::open(client, &settings, Arc::clone(clock), &secret, drained).await?;
    lifecycle.spawn("audit", done(writing));
    Ok(audit)
}

/// Seals the log wherever the lease is won.
pub(super) fn seal(context: &Context) {
    let context = context.clone();
    let lifecycle = context.lifecycle.clone();
    lifecycle.spawn(SEALING, async move {
        let stop = context.lifecycle.soft_token();
        while !stop.is_cancelled() {
            let work = || context.audit.seal(&context.feed);
            if let Some(Err(error)) = context.leases.hold(SEALING, &stop, work).await {
                tracing::warn!(%error, "sealing the log begins again");
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok::<(), Infallible>(())
    });
}

/// What verifies tokens. It knows what was taken back before anybody is let in.
pub(super) async fn verifier(
    config: &Config,
    issuer: &Issuer,
    log: &EventLog,
    clock: &Arc<dyn Clock>,
    revocations: Revocations,
    (lifecycle, drained): (&Lifecycle, CancellationToken),
) -> Result<Arc<Verifier>, SuiteError> {
    let verifier = Arc::new(Verifier::new(
        issuer.public_key(),
        named(&config.auth.issuer, issuer::ISSUER),
        named(&config.auth.audience, issuer::AUDIENCE),
        Duration::from_secs(config.auth.leeway_seconds),
    ));
    let follower = Follower::start(
        log.stream().clone(),
        config.county,
        Arc::clone(&verifier),
        Arc::clone(clock),
        revocations,
    )
    .await?;
    run_until(lifecycle, "revocations", follower.run(), drained);
    Ok(verifier)
}

/// The layer before every method.
pub(super) fn layer(
    config: &Config,
    context: &Context,
    policy: Policy,
) -> Result<AuthLayer, SuiteError> {
    let secret = secret::load_or_create(&config.data_dir.join("keys").join(keys::REQUESTS))?;
    let clock = Arc::clone(&context.clock);
    let verifier = Arc::clone(&context.verifier);
    let layer = AuthLayer::new(verifier, Arc::new(policy), clock, RequestSecret::new(secret));
    let limits =
        CallLimits { per_second: config.grpc.calls_per_second, burst: config.grpc.calls_burst };
    Ok(layer.with_audit(context.audit.clone()).with_limits(limits))
}

fn named<'a>(configured: &'a str, default: &'a str) -> &'a str {
    if configured.is_empty() { default } else { configured }
}
