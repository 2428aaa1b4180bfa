//! `weft healthcheck`: what a container's health check runs.

use std::process::ExitCode;

use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{cli::Settings, client, output};

pub(super) async fn run(grpc: &str, settings: &Settings) -> anyhow::Result<ExitCode> {
    let channel = client::connect(grpc, settings).await?;
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    match answer {
        Ok(answer) if answer.get_ref().status() == ServingStatus::Serving => {
            output::line("serving");
            Ok(ExitCode::SUCCESS)
        }
        Ok(_) => {
            output::error("not ready; `weft status` says what is missing");
            Ok(ExitCode::FAILURE)
        }
        Err(status) => {
            output::error(&client::refusal(&status));
            Ok(ExitCode::FAILURE)
        }
    }
}
