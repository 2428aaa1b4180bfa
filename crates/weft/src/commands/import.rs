//! `weft import`: the whole file is checked first; what is wrong goes to a file beside it, a line
//! each with row, column and reason.

use std::{fs, path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use api::{
    grid::v1::{
        ImportDivisionsRequest, ImportGridsRequest, grid_service_client::GridServiceClient,
    },
    intake::v1::{ImportCategoriesRequest, intake_service_client::IntakeServiceClient},
};
use kernel::Clock as _;
use platform::executor::derived_key;

use crate::{
    cli::{Import, ImportFile},
    client::{self, administrator},
    clock::SystemClock,
    output,
};

/// The most bytes that a file may have.
const MAX_BYTES: usize = 20 * 1024 * 1024;

/// What an import answered, whichever register it was.
struct Answer {
    rows: u32,
    written: u32,
    errors: Vec<(u32, String, String, String)>,
}

pub(super) async fn run(what: Import) -> anyhow::Result<ExitCode> {
    let (kind, options) = match &what {
        Import::Divisions(options) => ("divisions", options),
        Import::Grids(options) => ("grids", options),
        Import::Categories(options) => ("categories", options),
    };
    let bytes = fs::read(&options.file)
        .with_context(|| format!("{} cannot be read", options.file.display()))?;
    anyhow::ensure!(bytes.len() <= MAX_BYTES, "a file has at most 20 MiB; split it");
    let bar = indicatif::ProgressBar::new_spinner()
        .with_message(format!("importing {kind} from {}", options.file.display()));
    bar.enable_steady_tick(Duration::from_millis(120));
    let answer = send(&what, options, bytes).await;
    bar.finish_and_clear();
    report(kind, options, &answer?)
}

async fn send(what: &Import, options: &ImportFile, bytes: Vec<u8>) -> anyhow::Result<Answer> {
    let (channel, bearer) = administrator(&options.suite).await?;
    // Each run is a request of its own. Killed midway and run again, it goes on where it was: the rows
    // have ids that follow from the file.
    let request_id = format!("import:{}:{}", derived_key(&[&bytes]), SystemClock.now().0);
    let dry_run = options.dry_run;
    macro_rules! call {
        ($client:ident, $method:ident, $request:expr) => {{
            let mut client = $client::with_interceptor(channel, bearer)
                .max_encoding_message_size(MAX_BYTES + 1024)
                .max_decoding_message_size(MAX_BYTES);
            let answer = client
                .$method($request)
                .await
                .map_err(|status| anyhow::anyhow!(client::refusal(&status)))?
                .into_inner();
            Answer {
                rows: answer.rows,
                written: answer.written,
                errors: answer
                    .errors
                    .into_iter()
                    .map(|error| (error.row, error.column, error.reason_en, error.reason_zh))
                    .collect(),
            }
        }};
    }
    Ok(match what {
        Import::Divisions(_) => call!(
            GridServiceClient,
            import_divisions,
            ImportDivisionsRequest { request_id, csv: bytes, dry_run }
        ),
        Import::Grids(_) => call!(
            GridServiceClient,
            import_grids,
            ImportGridsRequest { request_id, geojson: bytes, dry_run }
        ),
        Import::Categories(_) => call!(
            IntakeServiceClient,
            import_categories,
            ImportCategoriesRequest { request_id, csv: bytes, dry_run }
        ),
    })
}

fn report(kind: &str, options: &ImportFile, answer: &Answer) -> anyhow::Result<ExitCode> {
    if answer.errors.is_empty() {
        let done = if options.dry_run { "would be written" } else { "written" };
        output::line(&format!("{kind}: {} rows, {} {done}", answer.rows, answer.written));
        return Ok(ExitCode::SUCCESS);
    }
    let path = options.file.with_added_extension("errors.csv");
    write_errors(&path, answer)?;
    output::error(&format!(
        "{} of {} rows cannot be imported, so nothing was; mend them as {} says and run this again",
        answer.errors.len(),
        answer.rows,
        path.display()
    ));
    Ok(ExitCode::FAILURE)
}

fn write_errors(path: &Path, answer: &Answer) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    let mut table = csv::Writer::from_path(path).with_context(failed)?;
    table.write_record(["row", "column", "reason", "原因"]).with_context(failed)?;
    for (row, column, en, zh) in &answer.errors {
        table.write_record([&row.to_string(), column, en, zh]).with_context(failed)?;
    }
    table.flush().with_context(failed)
}
