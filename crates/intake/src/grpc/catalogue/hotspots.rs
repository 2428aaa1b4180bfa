//! `AcknowledgeHotspot` and `ConcludeHotspot`: somebody sees to what comes up often.

use api::intake::v1::{
    AcknowledgeHotspotRequest, AcknowledgeHotspotResponse, ConcludeHotspotRequest,
    ConcludeHotspotResponse,
};
use contracts::subject;
use kernel::{
    ErrorCode, GridCode,
    id::{HotspotId, RecordId},
};
use platform::{
    auth::Placement,
    executor::{Outcome, Target},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Catalogue;
use crate::domain::hotspot::Command;

/// What both commands have.
struct Valid {
    request_id: String,
    hotspot: HotspotId,
    measure: String,
}

pub(super) async fn acknowledge_hotspot(
    catalogue: &Catalogue,
    request: Request<AcknowledgeHotspotRequest>,
) -> Result<AcknowledgeHotspotResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let fields =
        (message.request_id.as_str(), message.hotspot_id.as_str(), message.measure.as_str());
    let valid = validate(catalogue, fields)?;
    let request = call.request(valid.request_id.clone(), "AcknowledgeHotspot", &message);
    let make = |at, by, measure| Command::AcknowledgeHotspot { at, by, measure };
    let Outcome { version, position, .. } =
        carry_out(catalogue, &call, valid, request, make).await?;
    Ok(AcknowledgeHotspotResponse { version, position: Some(position.into()) })
}

pub(super) async fn conclude_hotspot(
    catalogue: &Catalogue,
    request: Request<ConcludeHotspotRequest>,
) -> Result<ConcludeHotspotResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let fields =
        (message.request_id.as_str(), message.hotspot_id.as_str(), message.measure.as_str());
    let valid = validate(catalogue, fields)?;
    let request = call.request(valid.request_id.clone(), "ConcludeHotspot", &message);
    let make = |at, by, measure| Command::ConcludeHotspot { at, by, measure };
    let Outcome { version, position, .. } =
        carry_out(catalogue, &call, valid, request, make).await?;
    Ok(ConcludeHotspotResponse { version, position: Some(position.into()) })
}

fn validate(
    catalogue: &Catalogue,
    (request_id, hotspot, measure): (&str, &str, &str),
) -> Result<Valid, ServiceError> {
    let mut v = Violations::new();
    let request_id = v.request_id(request_id);
    let hotspot = v.parse::<HotspotId>("hotspot_id", hotspot);
    let measure = v.text("measure", measure, catalogue.intake.config.max_catalogue_chars);
    v.finish()?;
    let (Some(request_id), Some(hotspot), Some(measure)) = (request_id, hotspot, measure) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    Ok(Valid { request_id, hotspot, measure })
}

type Make = fn(kernel::Timestamp, kernel::id::PersonId, Option<RecordId>) -> Command;

async fn carry_out(
    catalogue: &Catalogue,
    call: &Call,
    valid: Valid,
    request: platform::executor::Request,
    make: Make,
) -> Result<Outcome<crate::domain::hotspot::Hotspot>, ServiceError> {
    let Catalogue { intake, neighbours } = catalogue;
    let hotspot = valid.hotspot;
    call.principal.require(&placement(&hotspot))?;
    if !intake.context.county.contains(hotspot.division()) {
        return Err(not_there());
    }
    let subject = subject::hotspot(&hotspot);
    let (_, version) = neighbours.hotspot_executor.load(&subject).await?;
    if version == 0 {
        return Err(not_there());
    }
    let by = call.principal.person.clone();
    let measure = intake.seal(&by.to_string(), &request, "text", &valid.measure).await?;
    let target = Target { subject, id: hotspot.to_string(), creates: false };
    let command = move |at| make(at, by.clone(), measure.clone());
    Ok(neighbours.hotspot_executor.execute(target, request, command).await?)
}

/// Where a hot spot is, which its id says by itself.
fn placement(hotspot: &HotspotId) -> Placement {
    let serial = hotspot.key().as_str().trim_start_matches('h').split('_').next();
    let code = serial.filter(|serial| !serial.is_empty());
    let grid = code.and_then(|serial| {
        format!("{}{serial}", hotspot.division().padded()).parse::<GridCode>().ok()
    });
    Placement { grid, ..Placement::of_division(hotspot.division()) }
}

fn not_there() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "HOTSPOT_NOT_FOUND",
        "there is no such hot spot: check the id",
        "没有该预警，请核对编号",
    )
}
