//! `TurnMediationUrgent`: a sign of violence stops mediation; intake reports an urgent case.

use api::dispatch::v1::{TurnMediationUrgentRequest, TurnMediationUrgentResponse};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Desk, TEXT_CHARS, named};
use crate::{domain::mediation::Command, grpc::command::caller};

impl Desk {
    pub(super) async fn turn_mediation_urgent(
        &self,
        request: Request<TurnMediationUrgentRequest>,
    ) -> Result<TurnMediationUrgentResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let text = v.text("text", &message.text, TEXT_CHARS);
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        let order = self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "TurnMediationUrgent", &message);
        let text = self.seal(&order, &request, &text).await?;
        let category = self.terms().urgent_category.clone();
        let make = move |by| Command::TurnMediationUrgent {
            by,
            category: category.clone(),
            text: text.clone(),
        };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(TurnMediationUrgentResponse { version, position })
    }
}
