//! `weft up` and `weft serve`: run services until a signal.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use platform::{
    auth::Revocations,
    nats_server::Supervisor,
    suite::{Suite, SuiteOptions},
    telemetry,
};

use crate::{cli::RunArgs, client::configuration, clock::SystemClock, first, output, services};

/// A suite that was just started.
pub(crate) struct Started {
    /// The suite.
    pub(crate) suite: Suite,
    /// Sends what is left of the traces when it is shut down.
    pub(crate) guard: telemetry::Guard,
}

pub(super) async fn run(names: &[String], options: &RunArgs) -> anyhow::Result<ExitCode> {
    let Started { suite, guard } = Box::pin(start(names, options)).await?;
    // Who runs everything must get in somehow, and there is no password.
    if names.is_empty() {
        first::greet(&suite);
    }
    let outcome = suite.run_until_stopped().await;
    guard.shutdown().await;
    Ok(ExitCode::from(outcome.code()))
}

/// Starts the services of these names, or all, and says where they serve.
pub(crate) async fn start(names: &[String], options: &RunArgs) -> anyhow::Result<Started> {
    let services = services::chosen(names)?;
    let mut settings = options.settings.clone();
    if !options.behind_proxy.is_empty() {
        settings.set.push(format!("http.behind_proxy={:?}", options.behind_proxy));
    }
    let (config, figment) = configuration(
        &settings,
        &[
            ("http.listen", options.http.as_deref()),
            ("grpc.listen", options.grpc.as_deref()),
            ("nats.url", options.nats.as_deref()),
        ],
    )?;
    let guard = telemetry::init(&config.telemetry)?;
    let supervisor = Supervisor {
        exe: std::env::current_exe().context("the path of this program is not known")?,
        args: vec!["nats-child".to_owned()],
    };
    let data = config.data_dir.display().to_string();
    let starting = Suite::start(SuiteOptions {
        config,
        figment,
        services,
        descriptors: api::DESCRIPTORS,
        clock: Arc::new(SystemClock),
        supervisor: Some(supervisor),
        revocations: Revocations {
            categories: contracts::revocation::CATEGORIES,
            passing: contracts::revocation::PASSING,
            of: contracts::revocation::of,
        },
    });
    let suite = Box::pin(starting).await?;
    output::note(&format!(
        "weft serves gRPC on {} and {}; everything that lasts is in {data}; Ctrl-C stops it",
        suite.grpc(),
        suite.url()
    ));
    Ok(Started { suite, guard })
}
