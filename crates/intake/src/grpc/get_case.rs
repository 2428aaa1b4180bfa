//! `GetCase`: one case with its history, as far as the caller may see it.

use api::intake::v1::{GetCaseRequest, GetCaseResponse};
use kernel::id::{CaseId, RecordId};
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, answer::Sight, facts};
use crate::{projections::cases, tracking::TrackingCode};

pub(super) async fn get_case(
    intake: &Intake,
    request: Request<GetCaseRequest>,
) -> Result<GetCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    v.finish()?;
    let Some(case) = case else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    intake.context.wait(&intake.cases, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let caller = &call.principal;
    let row = intake.cases.get(&case.to_string()).await?;
    let row = row.ok_or_else(|| facts::unknown(caller, &case))?;
    if caller.person.to_string() != row.reporter {
        let placement = row.placement().map_err(ServiceError::corrupt)?;
        if !caller.covers(&placement) {
            return Err(facts::unknown(caller, &case));
        }
    }
    let handles = intake.handles(caller, &case).await?;
    let sight = Sight::of(caller, &row, (intake.is_confidential_row(&row), handles));
    let text = match row.text.parse::<RecordId>() {
        Ok(record) if sight.reads_report() => {
            sight.shows(intake.context.vault.text(&record).await?.unwrap_or_default())
        }
        Ok(_) | Err(_) => String::new(),
    };
    let (form_answers, form_schema) = intake.form_of(&case, sight).await?;
    let staff = intake.found(&case).await?.filter(|_| sight.knows_of_contact());
    let (contact, reference) = match &staff {
        Some(report) => (intake.masked_contact(report).await?, intake.reference(report).await?),
        None => (None, String::new()),
    };
    let (leads_to, going_along) = match &staff {
        Some(_) => {
            let along = cases::that_lead_to(&intake.cases, &case.to_string()).await?;
            (row.leads_to.clone(), along.into_iter().map(|(id, _)| id).collect())
        }
        None => (String::new(), Vec::new()),
    };
    let timeline = intake.way(&case, sight).await?;
    let tracking_code = if caller.person.to_string() == row.reporter {
        TrackingCode::of(&intake.context.tracking_secret, &case).to_string()
    } else {
        String::new()
    };
    call.reads("read_case", Object::one("case", &case));
    Ok(GetCaseResponse {
        tracking_code,
        case: Some(intake.case(case.to_string(), row).await?),
        text,
        photos: timeline.first().map(|report| report.photos.clone()).unwrap_or_default(),
        timeline,
        position: Some(position.into()),
        contact,
        leads_to,
        going_along,
        reference,
        form_answers,
        form_schema,
    })
}
