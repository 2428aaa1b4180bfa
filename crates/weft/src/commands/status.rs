//! `weft status`: what runs, how far it is, and what is not right.

use std::process::ExitCode;

use api::admin::v1::{StatusRequest, StatusResponse, admin_service_client::AdminServiceClient};
use serde_json::json;

use crate::{
    cli::SuiteArgs,
    client::{administrator, refusal},
    output,
};

pub(super) async fn run(suite: &SuiteArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let (channel, bearer) = administrator(suite).await?;
    let status = AdminServiceClient::with_interceptor(channel, bearer)
        .status(StatusRequest {})
        .await
        .map_err(|status| anyhow::anyhow!(refusal(&status)))?
        .into_inner();
    if as_json {
        output::line(&to_json(&status).to_string());
    } else {
        people(&status);
    }
    Ok(if status.not_ready.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn people(status: &StatusResponse) {
    let head = status.head.clone().unwrap_or_default();
    output::line(&format!("weft {} · {}", status.version, status.services.join(", ")));
    output::line(&format!("log {} at {}", head.log, head.sequence));
    let synced = if status.sync_always { "yes" } else { "NO: set sync_interval: always" };
    output::line(&format!("nats-server syncs every write: {synced}"));
    for table in &status.tables {
        let name = format!("{}.{}", table.service, table.table);
        output::line(&format!("  table   {name:<38} at {:>9}  {}", table.position, lag(table.lag)));
    }
    for process in &status.processes {
        let place = if process.active { "" } else { "  (runs elsewhere or waits for its lease)" };
        output::line(&format!(
            "  process {:<38} at {:>9}  {}{place}",
            process.name,
            process.position,
            lag(process.lag)
        ));
    }
    if status.not_ready.is_empty() {
        output::line("ready");
    } else {
        output::line(&format!("NOT READY, waiting for: {}", status.not_ready.join("; ")));
    }
}

fn lag(lag: u64) -> String {
    if lag == 0 { "up to date".to_owned() } else { format!("{lag} behind") }
}

fn to_json(status: &StatusResponse) -> serde_json::Value {
    let head = status.head.clone().unwrap_or_default();
    json!({
        "version": status.version,
        "services": status.services,
        "log": head.log,
        "sequence": head.sequence,
        "sync_always": status.sync_always,
        "tables": status.tables.iter().map(|table| json!({
            "service": table.service,
            "table": table.table,
            "position": table.position,
            "lag": table.lag,
        })).collect::<Vec<_>>(),
        "processes": status.processes.iter().map(|process| json!({
            "name": process.name,
            "position": process.position,
            "lag": process.lag,
            "active": process.active,
        })).collect::<Vec<_>>(),
        "not_ready": status.not_ready,
    })
}
