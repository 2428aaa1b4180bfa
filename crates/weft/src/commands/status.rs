//! `weft status`: whether all is well, in the first line; then what runs and how far it is.

use std::process::ExitCode;

use api::admin::v1::{StatusRequest, StatusResponse, admin_service_client::AdminServiceClient};
use kernel::Timestamp;
use serde_json::json;

use super::findings::{self, Level, percent, thousands};
use crate::{
    cli::SuiteArgs,
    client::{administrator, refusal},
    output,
};

/// Exit 0 whenever the suite answered: what it answered is for whoever reads it, and `doctor` judges.
pub(super) async fn run(suite: &SuiteArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let status = ask(suite).await?;
    if as_json {
        output::line(&to_json(&status).to_string());
    } else {
        people(&status);
    }
    Ok(ExitCode::SUCCESS)
}

/// What a running suite says of itself.
pub(super) async fn ask(suite: &SuiteArgs) -> anyhow::Result<StatusResponse> {
    let (channel, bearer) = administrator(suite).await?;
    let answer = AdminServiceClient::with_interceptor(channel, bearer)
        .status(StatusRequest {})
        .await
        .map_err(|status| anyhow::anyhow!(refusal(&status)))?;
    Ok(answer.into_inner())
}

fn people(status: &StatusResponse) {
    let found = findings::of(status);
    if found.is_empty() {
        output::line("all is well");
    }
    for finding in &found {
        let mark = if finding.level == Level::Failed { "NOT WELL" } else { "look at this" };
        output::line(&format!("{mark}: {}; {}", finding.text, finding.advice));
    }
    let up = duration(status.uptime_seconds);
    output::line(&format!("weft {} · {} · up {up}", status.version, status.services.join(", ")));
    let head = status.head.clone().unwrap_or_default();
    let last = match status.last_event_at {
        0 => "nothing yet".to_owned(),
        at => format!("last at {}", Timestamp(at).to_rfc3339()),
    };
    output::line(&format!("log {} at {}, {last}", head.log, thousands(head.sequence)));
    for storage in &status.storage {
        let of = match percent(storage) {
            Some(used) => format!("{used} % of {}", megabytes(storage.max_bytes)),
            None => "no limit of its own".to_owned(),
        };
        output::line(&format!(
            "  stream  {:<38} {}, {of}",
            storage.stream,
            megabytes(storage.bytes)
        ));
    }
    for table in &status.tables {
        let name = format!("{}.{}", table.service, table.table);
        output::line(&format!("  table   {name:<38} {}", lag(table.lag)));
    }
    for process in &status.processes {
        let place = match (process.active, process.holder.as_str()) {
            (true, _) => format!("here, {}", lag(process.lag)),
            (false, "") => "NOBODY RUNS IT".to_owned(),
            (false, holder) => format!("run by {holder}"),
        };
        output::line(&format!("  process {:<38} {place}", process.name));
    }
    for note in &status.notes {
        output::line(&format!("  {:<7} {}", note.service, note.text));
    }
}

fn lag(lag: u64) -> String {
    if lag == 0 { "up to date".to_owned() } else { format!("{} behind", thousands(lag)) }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", thousands(bytes.div_ceil(1_000_000)))
}

/// The two largest units.
fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A contract: fields are added, never renamed.
fn to_json(status: &StatusResponse) -> serde_json::Value {
    let head = status.head.clone().unwrap_or_default();
    let found = findings::of(status);
    json!({
        "well": found.is_empty(),
        "findings": found.iter().map(|finding| json!({
            "level": if finding.level == Level::Failed { "failed" } else { "warning" },
            "about": finding.about,
            "text": finding.text,
            "advice": finding.advice,
        })).collect::<Vec<_>>(),
        "version": status.version,
        "services": status.services,
        "uptime_seconds": status.uptime_seconds,
        "log": head.log,
        "sequence": head.sequence,
        "last_event_at": status.last_event_at,
        "missing_events": status.missing_events,
        "clock_ahead_millis": status.clock_ahead_millis,
        "sync_always": status.sync_always,
        "storage": status.storage.iter().map(|storage| json!({
            "stream": storage.stream,
            "bytes": storage.bytes,
            "max_bytes": storage.max_bytes,
        })).collect::<Vec<_>>(),
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
            "holder": process.holder,
        })).collect::<Vec<_>>(),
        "notes": status.notes.iter().map(|note| json!({
            "service": note.service,
            "text": note.text,
            "advice": note.advice,
        })).collect::<Vec<_>>(),
        "not_ready": status.not_ready,
        "unencrypted": status.unencrypted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_largest_units() {
        let texts = [5, 125, 3_700, 200_000].map(duration);
        assert_eq!(texts, ["5 s", "2 min", "1 h 1 min", "2 d 7 h"]);
    }
}
