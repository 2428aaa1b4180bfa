//! One file a command.

mod audit;
mod completions;
mod config;
mod doctor;
mod findings;
mod generate;
mod healthcheck;
mod import;
mod nats;
mod rebuild;
pub(crate) mod serve;
mod status;
pub(crate) mod token;
mod vault;
mod verify;

use std::process::ExitCode;

use platform::service::StartError;

use crate::{
    cli::{Cli, Command, ConfigCommand},
    demo, output, simulate,
};

/// Runs a command; what it answers is the exit code: 0 done, 1 failed, 78 configuration.
pub(crate) async fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Up(options) => Box::pin(serve::run(&[], &options)).await,
        Command::Serve { service, options } => Box::pin(serve::run(&service, &options)).await,
        Command::Demo(options) => Box::pin(demo::run(options)).await,
        Command::Import { what } => import::run(what).await,
        Command::Token { what } => token::run(what).await.map(|()| ExitCode::SUCCESS),
        Command::Audit { what } => audit::run(what).await,
        Command::Nats { what } => nats::run(what).await,
        Command::Vault { what } => vault::run(what).await,
        Command::Simulate(options) => simulate::run(options).await,
        Command::Status { suite, json } => status::run(&suite, json).await,
        Command::Verify { suite, json } => verify::run(&suite, json).await,
        Command::Doctor { suite, json } => Box::pin(doctor::run(&suite, json)).await,
        Command::Rebuild { table, suite } => rebuild::run(&table, &suite).await,
        Command::Completions { shell } => {
            completions::run(shell);
            Ok(ExitCode::SUCCESS)
        }
        Command::Config { what: ConfigCommand::Print(settings) } => config::print(&settings),
        Command::Config { what: ConfigCommand::Check(settings) } => config::check(&settings),
        Command::Healthcheck { grpc, settings } => healthcheck::run(&grpc, &settings).await,
        Command::Generate { what } => generate::run(what),
    };
    done.unwrap_or_else(|error| {
        output::error(&output::chain(&error));
        if is_of_configuration(&error) {
            ExitCode::from(platform::config::EXIT_CODE)
        } else {
            ExitCode::FAILURE
        }
    })
}

/// Whether the configuration is to blame: that of the suite, or a service's own section.
fn is_of_configuration(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<platform::config::Error>()
            || matches!(cause.downcast_ref::<StartError>(), Some(StartError::Config(_)))
    })
}
