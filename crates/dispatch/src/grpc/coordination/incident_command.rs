//! Command of an incident: levels, functions, orders, the stand-down.

use api::dispatch::v1::{
    AddOrderToIncidentRequest, AddOrderToIncidentResponse, LowerIncidentLevelRequest,
    LowerIncidentLevelResponse, PassCommandRequest, PassCommandResponse, RaiseIncidentLevelRequest,
    RaiseIncidentLevelResponse, StandDownRequest, StandDownResponse,
};
use kernel::id::{IncidentId, WorkOrderId};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{
    Coordination,
    command::require,
    open_incident::{level, post},
};
use crate::{
    coordination::Addressed as _,
    domain::incident::Command,
    grpc::command::{caller, no_such_order},
};

const REASON_CHARS: usize = 1_000;
const TEXT_CHARS: usize = 2_000;

impl Coordination {
    pub(super) async fn raise_incident_level(
        &self,
        request: Request<RaiseIncidentLevelRequest>,
    ) -> Result<RaiseIncidentLevelResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        let level = level(&mut v, message.level);
        let reason = v.required_text("reason", &message.reason, REASON_CHARS);
        v.finish()?;
        let ((Some(request_id), Some(id)), (Some(level), Some(reason))) =
            ((request_id, id), (level, reason))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "RaiseIncidentLevel", &message);
        let text = self.seal_always(&call, id.division(), &request, "reason", &reason).await?;
        let at = (id.target(false), id.division());
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| {
                Command::RaiseIncidentLevel { at, caller, level, text: text.clone() }
            })
            .await?;
        Ok(RaiseIncidentLevelResponse { version, position })
    }

    pub(super) async fn lower_incident_level(
        &self,
        request: Request<LowerIncidentLevelRequest>,
    ) -> Result<LowerIncidentLevelResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        let level = level(&mut v, message.level);
        let reason = v.required_text("reason", &message.reason, REASON_CHARS);
        v.finish()?;
        let ((Some(request_id), Some(id)), (Some(level), Some(reason))) =
            ((request_id, id), (level, reason))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "LowerIncidentLevel", &message);
        let text = self.seal_always(&call, id.division(), &request, "reason", &reason).await?;
        let at = (id.target(false), id.division());
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| {
                Command::LowerIncidentLevel { at, caller, level, text: text.clone() }
            })
            .await?;
        Ok(LowerIncidentLevelResponse { version, position })
    }

    pub(super) async fn pass_command(
        &self,
        request: Request<PassCommandRequest>,
    ) -> Result<PassCommandResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        let given = v.required("post", message.post.as_ref());
        let post = given.and_then(|given| post(&mut v, "post", given));
        v.finish()?;
        let (Some(request_id), Some(id), Some(post)) = (request_id, id, post) else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "PassCommand", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::PassCommand {
                at,
                caller,
                post: post.clone(),
            })
            .await?;
        Ok(PassCommandResponse { version, position })
    }

    pub(super) async fn add_order_to_incident(
        &self,
        request: Request<AddOrderToIncidentRequest>,
    ) -> Result<AddOrderToIncidentResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        let order = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        v.finish()?;
        let (Some(request_id), Some(id), Some(order)) = (request_id, id, order) else {
            unreachable!("checked above")
        };
        require(&call.principal, id.division())?;
        require(&call.principal, order.division())?;
        if self.facts.orders.get(&order.to_string()).await?.is_none() {
            return Err(no_such_order(&caller(&call.principal), &order));
        }
        let request = call.request(request_id, "AddOrderToIncident", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| {
                Command::AddOrderToIncident { at, caller, work_order: order.clone() }
            })
            .await?;
        Ok(AddOrderToIncidentResponse { version, position })
    }

    pub(super) async fn stand_down(
        &self,
        request: Request<StandDownRequest>,
    ) -> Result<StandDownResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        let text = v.required_text("text", &message.text, TEXT_CHARS);
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "StandDown", &message);
        let text = self.seal_always(&call, id.division(), &request, "text", &text).await?;
        let at = (id.target(false), id.division());
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::StandDown {
                at,
                caller,
                text: text.clone(),
            })
            .await?;
        Ok(StandDownResponse { version, position })
    }
}
