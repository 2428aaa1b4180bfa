//! `AssessMediation` and `ConcludeMediation`: how a dispute stands, and how its mediation ended.

use api::dispatch::v1::{
    AssessMediationRequest, AssessMediationResponse, ConcludeMediationRequest,
    ConcludeMediationResponse,
};
use contracts::dispatch::mediation::MediationOutcome;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Desk, TEXT_CHARS, named, word};
use crate::{domain::mediation::Command, grpc::command::caller};

impl Desk {
    pub(super) async fn assess_mediation(
        &self,
        request: Request<AssessMediationRequest>,
    ) -> Result<AssessMediationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let level = word(&mut v, "level", message.level().as_str_name(), "DISPUTE_LEVEL_");
        v.finish()?;
        let (Some(request_id), Some(id), Some(level)) = (request_id, id, level) else {
            unreachable!("checked above")
        };
        self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "AssessMediation", &message);
        let make = move |by| Command::AssessMediation { by, level };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(AssessMediationResponse { version, position })
    }

    pub(super) async fn conclude_mediation(
        &self,
        request: Request<ConcludeMediationRequest>,
    ) -> Result<ConcludeMediationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let outcome: Option<MediationOutcome> =
            word(&mut v, "outcome", message.outcome().as_str_name(), "MEDIATION_OUTCOME_");
        let text = if outcome == Some(MediationOutcome::SettledInWriting) {
            v.required_text("text", &message.text, TEXT_CHARS)
        } else {
            v.text("text", &message.text, TEXT_CHARS)
        };
        v.finish()?;
        let (Some(request_id), Some(id), Some(outcome), Some(text)) =
            (request_id, id, outcome, text)
        else {
            unreachable!("checked above")
        };
        let order = self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "ConcludeMediation", &message);
        let agreement = self.seal(&order, &request, &text).await?;
        let days = self.terms().follow_up_days.clone();
        let make = move |by| Command::ConcludeMediation {
            by,
            outcome,
            agreement: agreement.clone(),
            follow_up_days: days.clone(),
        };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(ConcludeMediationResponse { version, position })
    }
}
