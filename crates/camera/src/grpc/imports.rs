//! The import of a whole file: checked, its texts kept, then one command a row, and one event at the
//! end.

use std::sync::Arc;

use api::camera::v1;
use contracts::subject;
use futures::{StreamExt as _, TryStreamExt as _};
use kernel::{
    Aggregate as _, Division, GbId, LogPosition, Rejection as _, Timestamp,
    hash::Sha256,
    id::{CameraId, ImportId, RecordId},
};
use platform::{
    auth::Placement,
    executor::{Request, Target, derived_key},
    grpc::{ServiceError, Violations, call::Call},
    log::hash_parts,
    projection::View,
};

use super::{Server, details};
use crate::{
    documents::{self, Texts},
    domain::{
        camera::{Camera, Command, Details, State},
        import,
    },
    imports::{
        Problem, Problems,
        rows::{self, Stated},
        table::Table,
    },
    places::Places,
    projections::cameras::CameraRow,
};

/// How many rows are under way at once: the log takes them in batches.
const ROWS_AT_ONCE: usize = 256;

const METHOD: &str = "ImportCameras";

pub(super) async fn import_cameras(
    server: &Server,
    request: tonic::Request<v1::ImportCamerasRequest>,
) -> Result<v1::ImportCamerasResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    v.request_id(&message.request_id);
    v.required("file", (!message.file.is_empty()).then_some(()));
    v.finish()?;
    call.principal.require(&Placement::of_division(county))?;

    server.caught_up().await?;
    let register =
        Register { county, places: Arc::clone(&server.places), cameras: server.cameras.clone() };
    // A large workbook takes seconds, during which others are served.
    let read = tokio::task::spawn_blocking(move || register.read(&message.file));
    let sheet = read.await.map_err(ServiceError::internal)?;
    let warnings = sheet.warnings.into_rows().into_iter().map(shown).collect();
    let rows = sheet.rows;
    let answer = v1::ImportCamerasResponse { rows, warnings, ..Default::default() };
    if message.dry_run || !sheet.problems.is_empty() {
        let errors = sheet.problems.into_rows().into_iter().map(shown).collect();
        let position = Some(server.context.position(&server.cameras).into());
        return Ok(v1::ImportCamerasResponse { errors, position, ..answer });
    }

    let file = File { server, call: &call, digest: sheet.digest };
    if !sheet.new.is_empty() {
        let document = documents::record_of(county, sheet.digest);
        server.documents.keep(&document, &documents::table(&sheet.texts)).await?;
    }
    let (written, end) = file.write(sheet.new).await?;
    let position = file.complete(rows, end).await?;
    Ok(v1::ImportCamerasResponse { written, position, ..answer })
}

fn shown(problem: Problem) -> v1::RowError {
    let Problem { row, column, en, zh } = problem;
    v1::RowError { row, column, reason_en: en, reason_zh: zh }
}

/// A file, read and checked.
#[derive(Default)]
struct Sheet {
    digest: Sha256,
    rows: u32,
    /// The texts of each row.
    texts: Vec<Texts>,
    /// The cameras that are not in the register yet.
    new: Vec<New>,
    problems: Problems,
    warnings: Problems,
}

/// A camera that a row adds.
struct New {
    camera: CameraId,
    gb_id: GbId,
    details: Details,
}

/// What a file is checked against.
struct Register {
    county: Division,
    places: Arc<Places>,
    cameras: View<CameraRow>,
}

impl Register {
    fn read(&self, bytes: &[u8]) -> Sheet {
        let digest = documents::digest_of(bytes);
        let document = documents::record_of(self.county, digest);
        let mut sheet = Sheet { digest, ..Default::default() };
        let Some(table) = Table::read(bytes, &mut sheet.problems) else { return sheet };
        sheet.rows = u32::try_from(table.lines.len()).unwrap_or(u32::MAX);
        for stated in rows::read(&table, &mut sheet.problems) {
            self.take(&mut sheet, &stated, &document);
        }
        sheet
    }

    /// Checks a row as the call that registers one camera would, and lets the domain decide it.
    fn take(&self, sheet: &mut Sheet, stated: &Stated, document: &RecordId) {
        let row = u32::try_from(sheet.texts.len() + 1).unwrap_or(u32::MAX);
        let Stated { row: seen, gb_id, details } = stated;
        let place = (document, row);
        let given = match details::check(details, Some(*gb_id), &self.places, place) {
            Ok(given) => given,
            Err(violations) => {
                for wrong in violations {
                    sheet.problems.push(*seen, column(&wrong.field), wrong.en, wrong.zh);
                }
                return;
            }
        };
        for warning in given.warnings {
            sheet.warnings.push(*seen, column(warning.field), warning.en, warning.zh);
        }
        let camera = subject::camera_id(self.county, *gb_id);
        let command = Command::RegisterCamera {
            camera: camera.clone(),
            gb_id: *gb_id,
            details: given.details.clone(),
            at: Timestamp(0),
        };
        match Camera::decide(&self.state_of(&camera), command) {
            Ok(events) if events.is_empty() => {}
            Ok(_) => sheet.new.push(New { camera, gb_id: *gb_id, details: given.details }),
            Err(no) => {
                sheet.problems.push(*seen, no.field(), no.to_string(), no.message_zh());
            }
        }
        sheet.texts.push(given.texts);
    }

    fn state_of(&self, camera: &CameraId) -> State {
        self.cameras.cached(|rows| match rows.get(&camera.to_string()) {
            None => State::Unknown,
            Some(row) if row.is_retired() => State::Retired,
            Some(row) => {
                row.facts().map_or(State::Unknown, |facts| State::Registered(Box::new(facts)))
            }
        })
    }
}

/// The column in which a field of the call stands.
fn column(field: &str) -> &str {
    if field == "position" { "longitude" } else { field }
}

/// A file under import.
struct File<'a> {
    server: &'a Server,
    call: &'a Call,
    digest: Sha256,
}

impl File<'_> {
    /// The request of a row: the same file and row are the same request, whenever they come again.
    fn request(&self, place: &str) -> Request {
        Request {
            caller: self.call.principal.caller(),
            request_id: format!("{}/{place}", self.digest),
            body: hash_parts(&[METHOD.as_bytes(), &self.digest.0, place.as_bytes()]),
            actor: self.call.principal.actor(),
            cause: None,
            traceparent: self.call.traceparent.clone(),
        }
    }

    /// Registers the new cameras, many at a time: how many were written, and where the last is.
    async fn write(&self, new: Vec<New>) -> Result<(u32, Option<LogPosition>), ServiceError> {
        futures::stream::iter(new)
            .map(|New { camera, gb_id, details }| async move {
                let request = self.request(&details.row.to_string());
                let target = Target {
                    subject: subject::camera(&camera),
                    id: camera.to_string(),
                    creates: true,
                };
                let make = move |at| Command::RegisterCamera {
                    camera: camera.clone(),
                    gb_id,
                    details: details.clone(),
                    at,
                };
                Ok::<_, ServiceError>(self.server.camera.execute(target, request, make).await?)
            })
            .buffer_unordered(ROWS_AT_ONCE)
            .try_fold((0, None), |(written, end), outcome| async move {
                let wrote = !outcome.replayed && !outcome.events.is_empty();
                Ok((written + u32::from(wrote), end.max(Some(outcome.position))))
            })
            .await
    }

    /// Notes that the file is in, and gives the position of its last event.
    async fn complete(
        &self,
        rows: u32,
        end: Option<LogPosition>,
    ) -> Result<Option<api::common::v1::Position>, ServiceError> {
        let key = derived_key(&[b"import", METHOD.as_bytes(), &self.digest.0]);
        let import = ImportId::new(self.server.context.county, key);
        let target = Target {
            subject: subject::camera_import(&import),
            id: import.to_string(),
            creates: false,
        };
        let digest = self.digest;
        let make =
            move |at| import::Command::CompleteImport { import: import.clone(), digest, rows, at };
        let outcome = self.server.import.execute(target, self.request("completed"), make).await?;
        Ok(end.max(Some(outcome.position)).map(Into::into))
    }
}
