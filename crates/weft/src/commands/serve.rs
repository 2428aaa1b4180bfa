//! `weft up` and `weft serve`: run services until a signal.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use platform::{
    nats_server::Supervisor,
    suite::{Suite, SuiteOptions},
    telemetry,
};

use crate::{cli::RunArgs, client::configuration, clock::SystemClock, output, services};

pub(super) async fn run(names: &[String], options: &RunArgs) -> anyhow::Result<ExitCode> {
    let services = services::chosen(names)?;
    let (config, figment) = configuration(
        &options.settings,
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
    });
    let suite = Box::pin(starting).await?;
    output::note(&format!(
        "weft serves gRPC on {} and HTTP on {}; everything that lasts is in {data}; Ctrl-C stops it",
        suite.grpc(),
        suite.http()
    ));
    let outcome = suite.run_until_stopped().await;
    guard.shutdown().await;
    Ok(ExitCode::from(outcome.code()))
}
