//! Imports of whole files: checked, kept, then one command a row, and one event at the end.

use api::grid::v1;
use contracts::{grid::ImportKind, subject};
use futures::{StreamExt as _, TryStreamExt as _};
use kernel::{Aggregate, LogPosition, StoredEvent, Timestamp, hash::Sha256, id::ImportId};
use platform::{
    auth::Placement,
    executor::{Executor, Outcome, Request, Target, derived_key},
    grpc::{ServiceError, Violations, call::Call},
    log::hash_parts,
};

use super::Server;
use crate::{
    documents,
    domain::{division, grid, import},
    imports::{Problem, Problems, divisions as division_files, grids as grid_files},
    projections::{divisions::registered, grid_boundaries::existing},
};

/// How many rows are under way at once.
const ROWS_AT_ONCE: usize = 64;

pub(super) async fn import_divisions(
    server: &Server,
    request: tonic::Request<v1::ImportDivisionsRequest>,
) -> Result<v1::ImportDivisionsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    allow(server, &call, &message.request_id, ("csv", &message.csv))?;
    server.caught_up(&server.divisions).await?;
    let county = server.context.county;
    let mut problems = Problems::default();
    let known = |division| registered(&server.divisions, division);
    let (rows, lines) = division_files::read(&message.csv, county, known, &mut problems);
    let answer = v1::ImportDivisionsResponse { rows, ..Default::default() };
    if message.dry_run || !problems.is_empty() {
        let errors = problems.into_rows().into_iter().map(shown).collect();
        let position = Some(server.context.position(&server.divisions).into());
        return Ok(v1::ImportDivisionsResponse { errors, position, ..answer });
    }

    let file = File::of(server, &call, "ImportDivisions", &message.csv);
    server.documents.keep(&file.document(), &message.csv).await?;
    let commands = lines.into_iter().map(|line| {
        let id = subject::division_id(line.division);
        let target = Target {
            subject: subject::division(&id),
            id: id.to_string(),
            creates: !known(line.division),
        };
        let document = file.document();
        let make = move |at| division::Command::RegisterDivision {
            division: line.division,
            document: document.clone(),
            row: line.row,
            at,
        };
        (target, file.request(&line.row.to_string()), make)
    });
    let done = write_all(&server.division, commands.collect()).await?;
    let position = file.complete(ImportKind::Divisions, rows, done.end).await?;
    Ok(v1::ImportDivisionsResponse { written: done.written, position, ..answer })
}

pub(super) async fn import_grids(
    server: &Server,
    request: tonic::Request<v1::ImportGridsRequest>,
) -> Result<v1::ImportGridsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    allow(server, &call, &message.request_id, ("geojson", &message.geojson))?;
    server.caught_up(&server.divisions).await?;
    server.caught_up(&server.boundaries).await?;
    let county = server.context.county;
    let mut problems = Problems::default();
    let known = grid_files::Known {
        registered: |division| registered(&server.divisions, division),
        existing: |grid| existing(&server.boundaries, grid),
    };
    let (rows, lines) = grid_files::read(&message.geojson, county, &known, &mut problems);
    let answer = v1::ImportGridsResponse { rows, ..Default::default() };
    if message.dry_run || !problems.is_empty() {
        let errors = problems.into_rows().into_iter().map(shown).collect();
        let position = Some(server.context.position(&server.boundaries).into());
        return Ok(v1::ImportGridsResponse { errors, position, ..answer });
    }

    let file = File::of(server, &call, "ImportGrids", &message.geojson);
    server.documents.keep(&file.document(), &message.geojson).await?;
    let commands = lines.into_iter().map(|line| {
        let id = subject::grid_id(line.grid);
        let creates = (known.existing)(line.grid).is_none();
        let target = Target { subject: subject::grid(&id), id: id.to_string(), creates };
        let request = file.request(&line.row.to_string());
        let document = file.document();
        let make = move |at| grid::Command::CreateGrid {
            grid: line.grid,
            village_registered: true,
            kind: line.kind,
            boundary: line.boundary.clone(),
            source_crs: line.source_crs,
            document: document.clone(),
            row: line.row,
            at,
        };
        (target, request, make)
    });
    let done = write_all(&server.grid, commands.collect()).await?;
    let position = file.complete(ImportKind::Grids, rows, done.end).await?;
    Ok(v1::ImportGridsResponse { written: done.written, position, ..answer })
}

/// A register is filled by who covers the county.
fn allow(
    server: &Server,
    call: &Call,
    request_id: &str,
    (field, bytes): (&str, &[u8]),
) -> Result<(), ServiceError> {
    let mut v = Violations::new();
    v.request_id(request_id);
    v.required(field, (!bytes.is_empty()).then_some(()));
    v.finish()?;
    call.principal.require(&Placement::of_division(server.context.county))
}

fn shown(problem: Problem) -> v1::RowError {
    let Problem { row, column, en, zh } = problem;
    v1::RowError { row, column: column.to_owned(), reason_en: en, reason_zh: zh }
}

/// A file under import.
struct File<'a> {
    server: &'a Server,
    call: &'a Call,
    method: &'static str,
    digest: Sha256,
}

impl<'a> File<'a> {
    fn of(server: &'a Server, call: &'a Call, method: &'static str, bytes: &[u8]) -> Self {
        Self { server, call, method, digest: documents::digest_of(bytes) }
    }

    fn document(&self) -> kernel::id::RecordId {
        documents::record_of(self.server.context.county, self.digest)
    }

    /// The request of a row: the same file and row are the same request, whenever they come again.
    fn request(&self, place: &str) -> Request {
        Request {
            caller: self.call.principal.caller(),
            request_id: format!("{}/{place}", self.digest),
            body: hash_parts(&[self.method.as_bytes(), &self.digest.0, place.as_bytes()]),
            actor: self.call.principal.actor(),
            cause: None,
            traceparent: self.call.traceparent.clone(),
        }
    }

    /// Notes that the file is in, and gives the position of its last event.
    async fn complete(
        &self,
        kind: ImportKind,
        rows: u32,
        end: Option<LogPosition>,
    ) -> Result<Option<api::common::v1::Position>, ServiceError> {
        let key = derived_key(&[b"import", self.method.as_bytes(), &self.digest.0]);
        let import = ImportId::new(self.server.context.county, key);
        let target =
            Target { subject: subject::import(&import), id: import.to_string(), creates: false };
        let digest = self.digest;
        let outcome = self
            .server
            .import
            .execute(target, self.request("completed"), move |at| import::Command::CompleteImport {
                import: import.clone(),
                kind,
                digest,
                rows,
                at,
            })
            .await?;
        Ok(end.max(Some(outcome.position)).map(Into::into))
    }
}

/// What the rows of a file did.
#[derive(Default)]
struct Done {
    /// How many were new.
    written: u32,
    /// Where in the log the last of them is.
    end: Option<LogPosition>,
}

/// Executes the commands of a file, many at a time.
async fn write_all<A, M>(
    executor: &Executor<A>,
    commands: Vec<(Target, Request, M)>,
) -> Result<Done, ServiceError>
where
    A: Aggregate,
    A::Event: StoredEvent,
    M: Fn(Timestamp) -> A::Command + Send + 'static,
{
    futures::stream::iter(commands)
        .map(|(target, request, make)| async move {
            Ok::<_, ServiceError>(executor.execute(target, request, make).await?)
        })
        .buffer_unordered(ROWS_AT_ONCE)
        .try_fold(Done::default(), |done, outcome: Outcome<A>| async move {
            let wrote = !outcome.replayed && !outcome.events.is_empty();
            Ok(Done {
                written: done.written + u32::from(wrote),
                end: done.end.max(Some(outcome.position)),
            })
        })
        .await
}
