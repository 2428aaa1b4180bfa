//! `weft verify`: whether all that was accepted is there, unchanged, and shown as it is.

use std::process::ExitCode;

use anyhow::Context as _;
use api::admin::v1::{VerifyRequest, admin_service_client::AdminServiceClient};
use serde_json::json;

use crate::{
    cli::SuiteArgs,
    client::{administrator, refusal},
    output,
};

pub(super) async fn run(suite: &SuiteArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let (channel, bearer) = administrator(suite).await?;
    let refused = |status: tonic::Status| anyhow::anyhow!(refusal(&status));
    let found = AdminServiceClient::with_interceptor(channel, bearer)
        .verify(VerifyRequest {})
        .await
        .map_err(refused)?
        .into_inner()
        .message()
        .await
        .map_err(refused)?
        .context("the suite ended before it had compared all; run this again")?;
    let holds = found.findings.is_empty();
    if as_json {
        output::line(
            &json!({
                "holds": holds,
                "events": found.events,
                "aggregates": found.aggregates,
                "audit_records": found.audit_records,
                "tables": found.tables,
                "invariants": found.invariants,
                "findings": found.findings,
            })
            .to_string(),
        );
    } else {
        output::line(&format!(
            "{} events of {} aggregates; tables compared with the log: {}",
            found.events,
            found.aggregates,
            found.tables.join(", ")
        ));
        output::line(&format!("{} records of the audit trail", found.audit_records));
        if !found.invariants.is_empty() {
            output::line(&format!("checked at every position: {}", found.invariants.join(", ")));
        }
        for finding in &found.findings {
            output::line(&format!("  WRONG: {finding}"));
        }
        output::line(if holds { "all holds" } else { "it does not hold; see docs/ERRORS.md" });
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
