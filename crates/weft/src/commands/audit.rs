//! `weft audit export`: the trail as lines of JSON. `weft audit verify`: whether such a file is as it was
//! written; it needs nothing but the file.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use api::access::v1::{ExportAuditRequest, access_service_client::AccessServiceClient};
use kernel::{Role, Timestamp};
use platform::audit::export::check_file;

use crate::{
    cli::{Audit, SuiteArgs},
    client::{acting, refusal},
    output,
};

pub(super) async fn run(what: Audit) -> anyhow::Result<ExitCode> {
    match what {
        Audit::Export { from, until, out, suite } => {
            let term = (moment("--from", from.as_deref())?, moment("--until", until.as_deref())?);
            match out {
                Some(path) => {
                    let failed = || format!("{} cannot be written", path.display());
                    let file = File::create_new(&path).with_context(failed)?;
                    let mut file = BufWriter::new(file);
                    export(term, &suite, &mut file).await?;
                    file.into_inner().with_context(failed)?.sync_all().with_context(failed)?;
                }
                None => export(term, &suite, &mut std::io::stdout()).await?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Audit::Verify { file } => verify(&file),
    }
}

async fn export(
    (from, until): (i64, i64),
    suite: &SuiteArgs,
    out: &mut (impl Write + Send),
) -> anyhow::Result<()> {
    let refused = |status: tonic::Status| anyhow::anyhow!(refusal(&status));
    let (channel, bearer) = acting(suite, Role::AuditAdministrator).await?;
    let mut access = AccessServiceClient::with_interceptor(channel, bearer);
    let request = ExportAuditRequest { from, until };
    let mut parts = access.export_audit(request).await.map_err(refused)?.into_inner();
    while let Some(part) = parts.message().await.map_err(refused)? {
        out.write_all(&part.lines)?;
    }
    out.flush()?;
    Ok(())
}

fn verify(path: &Path) -> anyhow::Result<ExitCode> {
    let failed = || format!("{} cannot be read", path.display());
    let file = BufReader::new(File::open(path).with_context(failed)?);
    let report = check_file(file.split(b'\n')).with_context(failed)?;
    output::line(&format!(
        "{} lines: {} records of the trail, {} changes",
        report.lines, report.records, report.changes
    ));
    for finding in &report.findings {
        output::line(&format!("  WRONG: {finding}"));
    }
    let holds = report.findings.is_empty();
    output::line(if holds {
        "all holds"
    } else {
        "it does not hold: this is not what was written"
    });
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// UTC milliseconds; 0 where nothing is named.
fn moment(name: &str, text: Option<&str>) -> anyhow::Result<i64> {
    let Some(text) = text else { return Ok(0) };
    let moment = Timestamp::from_rfc3339(text)
        .with_context(|| format!("{name} is a time such as 2026-11-01T00:00:00Z"))?;
    Ok(moment.0)
}
