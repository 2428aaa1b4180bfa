//! One camera: registered, updated, retired.

use api::camera::v1::{self, CameraDetails};
use contracts::{camera::RetireReason, subject};
use kernel::{GbId, gb28181::InvalidGbId, id::RecordId};
use platform::{
    auth::Placement,
    executor::{Request, Target},
    grpc::{ServiceError, Violations, call::Call},
};

use super::{
    Server, camera_id, checked,
    details::{self, Checked},
    not_found,
};
use crate::{
    documents,
    domain::camera::{Command, Details},
    projections::cameras::CameraRow,
};

pub(super) async fn register_camera(
    server: &Server,
    request: tonic::Request<v1::RegisterCameraRequest>,
) -> Result<v1::RegisterCameraResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    server.caught_up().await?;
    let request = call.request(message.request_id.clone(), "RegisterCamera", &message);
    let mut v = Violations::new();
    v.request_id(&message.request_id);
    let gb_id = read_gb_id(&mut v, &message.gb_id);
    let document = RecordId::new(county, request.record("texts"));
    let given = check(&mut v, server, message.details.as_ref(), gb_id, &document);
    let (gb_id, Checked { details, texts, warnings }) = checked(v, gb_id.zip(given))?;
    call.principal.require(&placement(&details))?;

    server.documents.keep(&document, &documents::table([&texts])).await?;
    let camera = subject::camera_id(county, gb_id);
    let target =
        Target { subject: subject::camera(&camera), id: camera.to_string(), creates: true };
    let id = camera.to_string();
    let outcome = server
        .camera
        .execute(target, request, move |at| Command::RegisterCamera {
            camera: camera.clone(),
            gb_id,
            details: details.clone(),
            at,
        })
        .await?;
    Ok(v1::RegisterCameraResponse {
        camera_id: id,
        version: outcome.version,
        position: Some(outcome.position.into()),
        warnings: details::shown(warnings),
    })
}

pub(super) async fn update_camera(
    server: &Server,
    request: tonic::Request<v1::UpdateCameraRequest>,
) -> Result<v1::UpdateCameraResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    server.caught_up().await?;
    let request = call.request(message.request_id.clone(), "UpdateCamera", &message);
    let mut v = Violations::new();
    v.request_id(&message.request_id);
    let camera = camera_id(&mut v, server, &message.camera_id);
    let gb_id = camera.as_ref().and_then(|camera| camera.key().as_str().parse().ok());
    let document = RecordId::new(server.context.county, request.record("texts"));
    let given = check(&mut v, server, message.details.as_ref(), gb_id, &document);
    let (camera, given) = checked(v, camera.zip(given))?;
    let row = known(server, &call, &camera.to_string()).await?;
    call.principal.require(&placement(&given.details))?;

    let Checked { mut details, texts, warnings } = given;
    if server.documents.texts(&row.document, row.document_row).await? == texts {
        stay_in_document(&mut details, &row)?;
    } else {
        server.documents.keep(&document, &documents::table([&texts])).await?;
    }
    let target =
        Target { subject: subject::camera(&camera), id: camera.to_string(), creates: false };
    let outcome = server
        .camera
        .execute(target, request, move |at| Command::UpdateCamera {
            camera: camera.clone(),
            details: details.clone(),
            at,
        })
        .await?;
    Ok(v1::UpdateCameraResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        warnings: details::shown(warnings),
    })
}

pub(super) async fn retire_camera(
    server: &Server,
    request: tonic::Request<v1::RetireCameraRequest>,
) -> Result<v1::RetireCameraResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let camera = camera_id(&mut v, server, &message.camera_id);
    let reason: Option<RetireReason> = v1::RetireReason::try_from(message.reason)
        .ok()
        .and_then(|reason| api::word(reason.as_str_name(), "RETIRE_REASON_"));
    if reason.is_none() {
        v.push("reason", "name one of the reasons", "请选择注销原因");
    }
    let (request_id, (camera, reason)) = checked(v, request_id.zip(camera.zip(reason)))?;
    server.caught_up().await?;
    known(server, &call, &camera.to_string()).await?;

    let request: Request = call.request(request_id, "RetireCamera", &message);
    let target =
        Target { subject: subject::camera(&camera), id: camera.to_string(), creates: false };
    let outcome = server
        .camera
        .execute(target, request, move |at| Command::RetireCamera {
            camera: camera.clone(),
            reason,
            at,
        })
        .await?;
    Ok(v1::RetireCameraResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

/// The id after GB/T 28181, or which of its digits are wrong.
fn read_gb_id(v: &mut Violations, text: &str) -> Option<GbId> {
    v.required("gb_id", (!text.is_empty()).then_some(()))?;
    let read: Result<GbId, InvalidGbId> = text.parse();
    read.map_err(|error| v.push("gb_id", error.to_string(), error.message_zh())).ok()
}

/// What is stated of one camera, the names of wrong fields beginning with `details.`.
fn check(
    v: &mut Violations,
    server: &Server,
    given: Option<&CameraDetails>,
    gb_id: Option<GbId>,
    document: &RecordId,
) -> Option<Checked> {
    let given = v.required("details", given)?;
    match details::check(given, gb_id, &server.places, (document, 1)) {
        Ok(checked) => Some(checked),
        Err(violations) => {
            for wrong in violations {
                v.push(&format!("details.{}", wrong.field), wrong.en, wrong.zh);
            }
            None
        }
    }
}

/// The camera, if the caller may know of it.
async fn known(server: &Server, call: &Call, id: &str) -> Result<CameraRow, ServiceError> {
    let row = server.cameras.get(id).await?.ok_or_else(not_found)?;
    let placement = row.placement().ok_or_else(not_found)?;
    call.principal.require(&placement).map_err(|_outside| not_found())?;
    Ok(row)
}

/// Texts that did not change stay where they are, so that an update to the same is none.
fn stay_in_document(details: &mut Details, row: &CameraRow) -> Result<(), ServiceError> {
    details.document = row.document.parse().map_err(ServiceError::corrupt)?;
    details.row = u32::try_from(row.document_row).map_err(ServiceError::corrupt)?;
    if details.consent.is_some() {
        details.consent = Some(details.document.clone());
    }
    Ok(())
}

fn placement(details: &Details) -> Placement {
    Placement {
        grid: details.grid,
        org: details.operator.clone(),
        ..Placement::of_division(details.division)
    }
}
