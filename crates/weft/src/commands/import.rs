//! `weft import`: the whole file is checked first; what is wrong goes to a file beside it, a line
//! each with row, column and reason.

use std::{fs, path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use api::{
    camera::v1::{ImportCamerasRequest, camera_service_client::CameraServiceClient},
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

/// A row, its column, and what is to be said of it in English and Chinese.
type Remark = (u32, String, String, String);

/// What an import answered, whichever register it was.
struct Answer {
    rows: u32,
    written: u32,
    errors: Vec<Remark>,
    /// What was imported all the same.
    warnings: Vec<Remark>,
}

pub(super) async fn run(what: Import) -> anyhow::Result<ExitCode> {
    let (kind, options) = match &what {
        Import::Divisions(options) => ("divisions", options),
        Import::Grids(options) => ("grids", options),
        Import::Categories(options) => ("categories", options),
        Import::Cameras(options) => ("cameras", options),
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
        ($client:ident, $method:ident, $request:expr $(, $warnings:ident)?) => {{
            let mut client = $client::with_interceptor(channel, bearer)
                .max_encoding_message_size(MAX_BYTES + 1024)
                .max_decoding_message_size(MAX_BYTES);
            let answer = client
                .$method($request)
                .await
                .map_err(|status| anyhow::anyhow!(client::refusal(&status)))?
                .into_inner();
            // Each service has a message of its own for a row, with the same fields.
            macro_rules! remarks {
                ($list:expr) => {
                    $list.into_iter().map(|r| (r.row, r.column, r.reason_en, r.reason_zh)).collect()
                };
            }
            let warnings = <[Vec<Remark>]>::concat(&[$(remarks!(answer.$warnings))?]);
            Answer {
                rows: answer.rows,
                written: answer.written,
                errors: remarks!(answer.errors),
                warnings,
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
        Import::Cameras(_) => call!(
            CameraServiceClient,
            import_cameras,
            ImportCamerasRequest { request_id, file: bytes, dry_run },
            warnings
        ),
    })
}

fn report(kind: &str, options: &ImportFile, answer: &Answer) -> anyhow::Result<ExitCode> {
    if !answer.warnings.is_empty() {
        let path = options.file.with_added_extension("warnings.csv");
        write_remarks(&path, &answer.warnings)?;
        let count = answer.warnings.len();
        output::line(&format!("{kind}: {count} remarks to look at are in {}", path.display()));
    }
    if answer.errors.is_empty() {
        let done = if options.dry_run { "would be written" } else { "written" };
        output::line(&format!("{kind}: {} rows, {} {done}", answer.rows, answer.written));
        return Ok(ExitCode::SUCCESS);
    }
    let path = options.file.with_added_extension("errors.csv");
    write_remarks(&path, &answer.errors)?;
    output::error(&format!(
        "{} of {} rows cannot be imported, so nothing was; mend them as {} says and run this again",
        answer.errors.len(),
        answer.rows,
        path.display()
    ));
    Ok(ExitCode::FAILURE)
}

fn write_remarks(path: &Path, remarks: &[Remark]) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    let mut table = csv::Writer::from_path(path).with_context(failed)?;
    table.write_record(["row", "column", "reason", "原因"]).with_context(failed)?;
    for (row, column, en, zh) in remarks {
        table.write_record([&row.to_string(), column, en, zh]).with_context(failed)?;
    }
    table.flush().with_context(failed)
}
