//! `RateMediation`: what a party says of it, each for itself.

use api::dispatch::v1::{RateMediationRequest, RateMediationResponse};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Desk, named, word};
use crate::{domain::mediation::Command, grpc::command::caller};

impl Desk {
    pub(super) async fn rate_mediation(
        &self,
        request: Request<RateMediationRequest>,
    ) -> Result<RateMediationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let satisfaction =
            word(&mut v, "satisfaction", message.satisfaction().as_str_name(), "SATISFACTION_");
        v.finish()?;
        let (Some(request_id), Some(id), Some(satisfaction)) = (request_id, id, satisfaction)
        else {
            unreachable!("checked above")
        };
        self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "RateMediation", &message);
        let (party, solved) = (message.party, message.solved);
        let make = move |by| Command::RateMediation { by, party, solved, satisfaction };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(RateMediationResponse { version, position })
    }
}
