//! `TrackCase`: what the holder of a tracking code may see. The code is the secret; what it does not
//! open is answered alike, whatever is wrong with it. No text, no photo and no person is answered,
//! unless the reporter's own token comes along.

use api::intake::v1::{TrackCaseRequest, TrackCaseResponse};
use kernel::id::CaseId;
use platform::{
    audit::Object,
    auth::{Called, caller_of},
    grpc::ServiceError,
};
use tonic::Request;

use super::{Intake, answer::Sight, facts::no_such_case};
use crate::{projections::cases, tracking::TrackingCode};

pub(super) async fn track_case(
    intake: &Intake,
    request: Request<TrackCaseRequest>,
) -> Result<TrackCaseResponse, ServiceError> {
    let principal = caller_of(&request).ok().cloned();
    let called = Called::of(&request);
    let message = request.into_inner();
    let code = TrackingCode::read(&message.tracking_code).ok_or_else(no_such_case)?;
    intake.context.wait(&intake.cases, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let found = cases::tracked(&intake.cases, code.hash()).await?;
    let (id, row) = found.ok_or_else(no_such_case)?;
    let case = id.parse::<CaseId>().map_err(ServiceError::corrupt)?;
    let sight = match &principal {
        Some(person) if person.person.to_string() == row.reporter => Sight::Own(person),
        Some(_) | None => Sight::Facts,
    };
    if matches!(sight, Sight::Own(_)) {
        called.reads("track_case", Object::one("case", &case));
    }
    let timeline = intake.timeline(&case, sight).await?;
    Ok(TrackCaseResponse {
        can_rate: row.can_be_rated(),
        can_reopen: row
            .can_be_reopened(intake.context.clock.now(), intake.config.reopen_window_ms()),
        case: Some(intake.case(id, row).await?),
        timeline,
        position: Some(position.into()),
    })
}
