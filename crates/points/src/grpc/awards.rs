//! Awards by hand, and their reversals: each with a reason, which is sealed under the key of the
//! resident whom it is about.

use std::num::NonZeroU32;

use api::points::v1;
use contracts::subject;
use kernel::id::{AwardId, CaseId, PersonId, ProgrammeId, RecordId};
use platform::{
    auth::Placement,
    grpc::{ServiceError, Violations, call::Call},
};

use super::{Server, fields, programmes::target};
use crate::domain::ledger::{AwardByHand, Command, ReversalByHand};

pub(super) async fn award(
    server: &Server,
    request: tonic::Request<v1::AwardRequest>,
) -> Result<v1::AwardResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let programme: Option<ProgrammeId> =
        fields::local(&mut v, county, "programme_id", &message.programme_id);
    let person: Option<PersonId> = fields::local(&mut v, county, "person_id", &message.person_id);
    let case: Option<CaseId> = fields::local_optional(&mut v, county, "case_id", &message.case_id);
    let points = points(&mut v, server.config.max_award_points, message.points);
    let reason = v.required_text("reason", &message.reason, server.config.max_reason_chars);
    let given = request_id.zip(programme).zip(person.zip(points)).zip(reason);
    let (((request_id, programme), (person, points)), text) = fields::checked(v, given)?;
    call.principal.require(&Placement::of_division(programme.division()))?;

    let request = call.request(request_id, "Award", &message);
    let division = programme.division();
    let award = AwardId::new(division, request.key("award"));
    let reason = RecordId::new(division, request.record("reason"));
    server.context.vault.seal(&person.to_string(), &reason, text.as_bytes()).await?;

    let (award_id, to, by) = (award.to_string(), target(&programme), call.principal.person);
    let make = move |at| {
        Command::AwardPoints(AwardByHand {
            programme: programme.clone(),
            award: award.clone(),
            person: person.clone(),
            points,
            case: case.clone(),
            by: by.clone(),
            reason: reason.clone(),
            at,
        })
    };
    let outcome = server.ledgers.execute(to, request, make).await?;
    Ok(v1::AwardResponse {
        award_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn reverse_award(
    server: &Server,
    request: tonic::Request<v1::ReverseAwardRequest>,
) -> Result<v1::ReverseAwardResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let programme: Option<ProgrammeId> =
        fields::local(&mut v, county, "programme_id", &message.programme_id);
    let award: Option<AwardId> = fields::local(&mut v, county, "award_id", &message.award_id);
    let reason = v.required_text("reason", &message.reason, server.config.max_reason_chars);
    let given = request_id.zip(programme).zip(award.zip(reason));
    let ((request_id, programme), (award, text)) = fields::checked(v, given)?;
    call.principal.require(&Placement::of_division(programme.division()))?;

    let request = call.request(request_id, "ReverseAward", &message);
    let reason = RecordId::new(programme.division(), request.record("reason"));
    // An award that does not exist is about nobody; the ledger refuses it below.
    let (ledger, _) = server.ledgers.load(&subject::programme(&programme)).await?;
    if let Some(given) = ledger.award(&award) {
        server.context.vault.seal(&given.person.to_string(), &reason, text.as_bytes()).await?;
    }

    let (to, by) = (target(&programme), call.principal.person);
    let make = move |at| {
        Command::ReverseAward(ReversalByHand {
            programme: programme.clone(),
            award: award.clone(),
            by: by.clone(),
            reason: reason.clone(),
            at,
        })
    };
    let outcome = server.ledgers.execute(to, request, make).await?;
    Ok(v1::ReverseAwardResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

fn points(v: &mut Violations, most: u32, points: u32) -> Option<NonZeroU32> {
    let points = NonZeroU32::new(points).filter(|points| points.get() <= most);
    if points.is_none() {
        v.push(
            "points",
            format!("an award has 1 to {most} points: mend it"),
            format!("每次记分须为1至{most}分, 请修改"),
        );
    }
    points
}
