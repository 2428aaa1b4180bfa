//! `FollowUpMediation`: an agreement is looked at again on one of its dates.

use api::dispatch::v1::{FollowUpMediationRequest, FollowUpMediationResponse};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Desk, TEXT_CHARS, named, word};
use crate::{domain::mediation::Command, grpc::command::caller};

impl Desk {
    pub(super) async fn follow_up_mediation(
        &self,
        request: Request<FollowUpMediationRequest>,
    ) -> Result<FollowUpMediationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let state = word(&mut v, "state", message.state().as_str_name(), "FOLLOW_UP_STATE_");
        let text = v.text("text", &message.text, TEXT_CHARS);
        v.finish()?;
        let (Some(request_id), Some(id), Some(state), Some(text)) = (request_id, id, state, text)
        else {
            unreachable!("checked above")
        };
        let order = self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "FollowUpMediation", &message);
        let notes = self.seal(&order, &request, &text).await?;
        let number = message.number;
        let make = move |by| Command::FollowUpMediation { by, number, state, notes: notes.clone() };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(FollowUpMediationResponse { version, position })
    }
}
