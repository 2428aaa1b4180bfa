//! `weft rebuild SERVICE.TABLE`: a table built anew from the log, beside the one that is read.

use std::{io::IsTerminal as _, process::ExitCode};

use anyhow::Context as _;
use api::admin::v1::{RebuildRequest, RebuildResponse, admin_service_client::AdminServiceClient};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    cli::SuiteArgs,
    client::{administrator, refusal},
    output,
};

pub(super) async fn run(table: &str, suite: &SuiteArgs) -> anyhow::Result<ExitCode> {
    let (channel, bearer) = administrator(suite).await?;
    let refused = |status: tonic::Status| anyhow::anyhow!(refusal(&status));
    let mut answers = AdminServiceClient::with_interceptor(channel, bearer)
        .rebuild(RebuildRequest { table: table.to_owned() })
        .await
        .map_err(refused)?
        .into_inner();
    let bar = bar(table);
    let done = loop {
        let answer = answers.message().await.map_err(refused)?;
        let RebuildResponse { done, end, position } =
            answer.context("the suite ended before the table was rebuilt; it is as it was")?;
        bar.set_length(end);
        bar.set_position(done);
        if let Some(position) = position {
            break position;
        }
    };
    bar.finish_and_clear();
    output::line(&format!("{table} is rebuilt from {} events of {}", done.sequence, done.log));
    Ok(ExitCode::SUCCESS)
}

/// A bar on standard error; none where nobody watches.
fn bar(table: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} events {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.with_message(table.to_owned())
}
