//! `RecordPartyConsent`: a party agrees to mediation, or does not want it any more.

use api::dispatch::v1::{RecordPartyConsentRequest, RecordPartyConsentResponse};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Desk, named};
use crate::{domain::mediation::Command, grpc::command::caller};

impl Desk {
    pub(super) async fn record_party_consent(
        &self,
        request: Request<RecordPartyConsentRequest>,
    ) -> Result<RecordPartyConsentResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "RecordPartyConsent", &message);
        let (party, agrees) = (message.party, message.agrees);
        let make = move |by| Command::RecordPartyConsent { by, party, agrees };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(RecordPartyConsentResponse { version, position })
    }
}
