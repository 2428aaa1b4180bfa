//! `TrackCase`: what the holder of a tracking code may see. The code is the secret; what it does not
//! open is answered alike, whatever is wrong with it. No text, no photo and no person is answered,
//! unless the reporter's own token comes along. A code leads past a transfer to where the case goes on,
//! and of a merged case it shows how the one stands that it goes with.

use api::intake::v1::{TrackCaseRequest, TrackCaseResponse};
use kernel::{hash::Sha256, id::CaseId};
use platform::{
    audit::Object,
    auth::{Called, caller_of},
    grpc::ServiceError,
};
use tonic::Request;

use super::{Intake, answer, answer::Sight, facts::no_such_case};
use crate::{
    domain::case::Rater,
    projections::{
        case_joins,
        cases::{self, CaseRow},
    },
    tracking::TrackingCode,
};

/// How many cases one after the other are followed.
const MOST: usize = 16;

/// What a code leads to.
pub(super) struct Tracked {
    /// The case's id.
    pub(super) id: String,
    /// The case.
    pub(super) row: CaseRow,
    /// Who joined, where the code is a joiner's.
    pub(super) joiner: Option<String>,
}

pub(super) async fn track_case(
    intake: &Intake,
    request: Request<TrackCaseRequest>,
) -> Result<TrackCaseResponse, ServiceError> {
    let principal = caller_of(&request).ok().cloned();
    let called = Called::of(&request);
    let message = request.into_inner();
    let code = TrackingCode::read(&message.tracking_code).ok_or_else(no_such_case)?;
    intake.context.wait(&intake.cases, message.min_position.clone().map(Into::into)).await?;
    intake.context.wait(&intake.case_joins, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.cases);
    let found = intake.tracked(code.hash()).await?;
    let Tracked { id, row, joiner } = found.ok_or_else(no_such_case)?;
    let case = id.parse::<CaseId>().map_err(ServiceError::corrupt)?;
    let reporter = joiner.as_ref().unwrap_or(&row.reporter);
    let sight = match &principal {
        Some(person) if person.person.to_string() == *reporter => Sight::Own(person),
        Some(_) | None => Sight::Facts,
    };
    if matches!(sight, Sight::Own(_)) {
        called.reads("track_case", Object::one("case", &case));
    }
    let timeline = intake.way(&case, sight).await?;
    let merged = row.status == "merged";
    let stands = if merged { intake.leads_to(&row).await? } else { None };
    let (can_rate, can_reopen) = match joiner {
        Some(_) => (intake.joiner_can_rate(&case, code.hash()).await?, false),
        None => (
            row.can_be_rated(),
            row.can_be_reopened(intake.context.clock.now(), intake.config.reopen_window_ms()),
        ),
    };
    let mut shown = intake.case(id, row).await?;
    if let Some(primary) = stands {
        shown.status = answer::status(&primary.status).into();
    }
    Ok(TrackCaseResponse {
        can_rate,
        can_reopen,
        case: Some(shown),
        timeline,
        position: Some(position.into()),
        merged,
    })
}

impl Intake {
    /// What a tracking code of this hash leads to: a report's or a joiner's, past all transfers.
    pub(super) async fn tracked(&self, hash: Sha256) -> Result<Option<Tracked>, ServiceError> {
        let reported = cases::tracked(&self.cases, hash).await?;
        let mut found = if let Some((id, row)) = reported {
            Tracked { id, row, joiner: None }
        } else {
            let Some(join) = case_joins::tracked(&self.case_joins, hash).await? else {
                return Ok(None);
            };
            let Some(row) = self.cases.get(&join.case_id).await? else { return Ok(None) };
            Tracked { id: join.case_id, row, joiner: Some(join.joiner) }
        };
        for _ in 0..MOST {
            if found.row.status != "transferred" {
                break;
            }
            // The successor may not be there yet.
            let Some(row) = self.cases.get(&found.row.leads_to).await? else { break };
            found.id = found.row.leads_to;
            found.row = row;
        }
        Ok(Some(found))
    }

    /// The case that a merged one goes with in the end; none where it is not there.
    async fn leads_to(&self, row: &CaseRow) -> Result<Option<CaseRow>, ServiceError> {
        let mut last = None;
        let mut next = row.leads_to.clone();
        for _ in 0..MOST {
            let Some(row) = self.cases.get(&next).await? else { break };
            let over = !matches!(row.status.as_str(), "merged" | "transferred");
            next.clone_from(&row.leads_to);
            last = Some(row);
            if over {
                break;
            }
        }
        Ok(last)
    }

    async fn joiner_can_rate(&self, case: &CaseId, hash: Sha256) -> Result<bool, ServiceError> {
        let subject = contracts::subject::case(case);
        let (state, _) = self.case_executor.load(&subject).await?;
        let waits = state.awaits_ratings();
        let rated =
            state.report().is_some_and(|report| report.raters.contains(&Rater::Joiner(hash)));
        Ok(waits && !rated)
    }
}
