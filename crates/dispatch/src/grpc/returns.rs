//! `UpholdReturn` and `RejectReturn`: the desk decides about a return (退单审定).

use api::dispatch::v1::{
    Assignee, RejectReturnRequest, RejectReturnResponse, UpholdReturnRequest, UpholdReturnResponse,
};
use kernel::id::WorkOrderId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{
    Dispatch,
    command::{Asked, caller, no_such_order},
};
use crate::domain::{
    routing::Decision,
    work_order::{Returns, Status},
};

const EXPLANATION_CHARS: usize = 1_000;

impl Dispatch {
    pub(super) async fn uphold_return(
        &self,
        request: Request<UpholdReturnRequest>,
    ) -> Result<UpholdReturnResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.text("explanation", &message.explanation, EXPLANATION_CHARS);
        let named = message.assignee.as_ref().filter(|named| **named != Assignee::default());
        let named = named.map(|named| self.assignee(&mut v, "assignee", Some(named)));
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let routing = match named {
            Some(assignee) => Decision::by_hand(assignee),
            None => self.past_whoever_returned(&call, &asked.id).await?,
        };
        let (version, position) = self
            .ask(&call, "UpholdReturn", &message, asked, move |by, why| {
                Returns::UpholdReturn(by, routing.clone(), why).into()
            })
            .await?;
        Ok(UpholdReturnResponse { version, position })
    }

    pub(super) async fn reject_return(
        &self,
        request: Request<RejectReturnRequest>,
    ) -> Result<RejectReturnResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.required_text("explanation", &message.explanation, EXPLANATION_CHARS);
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            text,
        )?;
        let (version, position) = self
            .ask_saying(&call, "RejectReturn", &message, asked, move |by, why| {
                Returns::RejectReturn(by, why).into()
            })
            .await?;
        Ok(RejectReturnResponse { version, position })
    }

    /// Where the rules send a returned order now; to nobody what is not returned, which the order then
    /// refuses.
    async fn past_whoever_returned(
        &self,
        call: &Call,
        id: &WorkOrderId,
    ) -> Result<Decision, ServiceError> {
        let asking = caller(&call.principal);
        let (state, _version) = self.executor.load(&contracts::subject::work_order(id)).await?;
        let Some(order) = state.order.filter(|order| order.is_covered_by(&asking)) else {
            return Err(no_such_order(&asking, id));
        };
        let nobody = contracts::dispatch::Assignee { organisation: None, person: None };
        match self.facts.category(&order.category) {
            Some(category) if order.status == Status::Returned => {
                Ok(self.facts.route(order.matter(&category)).await?)
            }
            Some(_) | None => Ok(Decision::by_hand(nobody)),
        }
    }
}
