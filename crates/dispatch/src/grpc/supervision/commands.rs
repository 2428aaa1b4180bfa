//! Opened, answered, raised, closed.

use api::dispatch::v1::{
    AnswerSupervisionRequest, AnswerSupervisionResponse, CloseSupervisionRequest,
    CloseSupervisionResponse, RaiseSupervisionRequest, RaiseSupervisionResponse,
    SuperviseWorkOrderRequest, SuperviseWorkOrderResponse,
};
use contracts::dispatch::supervision::{
    SupervisedKind, SupervisionFinding, SupervisionOrigin, SupervisionStep,
};
use kernel::id::{MatterId, OrganisationId, RecordId, SupervisionId, WorkOrderId};
use platform::{
    auth::Placement,
    executor::Request as Asked,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    super::command::{caller, no_such_order},
    Supervisions,
};
use crate::{
    domain::supervision::{Command, Open},
    projections::work_orders::Sight,
};

const DEMAND_CHARS: usize = 1_000;
const REASONS_CHARS: usize = 2_000;

/// The matter that is supervised, and who has it.
struct Matter {
    kind: SupervisedKind,
    id: MatterId,
    organisation: Option<OrganisationId>,
}

/// What a command on a supervision has in common with the others.
struct Named {
    request_id: String,
    id: SupervisionId,
    text: String,
}

fn named(
    mut v: Violations,
    request_id: &str,
    supervision_id: &str,
    text: Option<String>,
) -> Result<Named, ServiceError> {
    let request_id = v.request_id(request_id);
    let id = v.parse::<SupervisionId>("supervision_id", supervision_id);
    v.finish()?;
    let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
        unreachable!("checked above")
    };
    Ok(Named { request_id, id, text })
}

impl Supervisions {
    pub(super) async fn supervise_work_order(
        &self,
        request: Request<SuperviseWorkOrderRequest>,
    ) -> Result<SuperviseWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let order = v.parse_optional::<WorkOrderId>("work_order_id", &message.work_order_id);
        let convocation = v.parse_optional::<MatterId>("convocation_id", &message.convocation_id);
        if message.work_order_id.is_empty() == message.convocation_id.is_empty() {
            v.push("work_order_id", "name an order or a convocation", "请填写工单或吹哨事项之一");
        }
        let origin = message.origin().as_str_name();
        let origin = api::word::<SupervisionOrigin>(origin, "SUPERVISION_ORIGIN_");
        let origin = v.required("origin", origin);
        let step = api::word(message.step().as_str_name(), "SUPERVISION_STEP_");
        let step = step.unwrap_or(SupervisionStep::Reminder);
        let text = v.required_text("explanation", &message.explanation, DEMAND_CHARS);
        let organisation =
            v.parse_optional::<OrganisationId>("organisation_id", &message.organisation_id);
        if organisation.as_ref().is_some_and(|id| !self.facts.takes_orders(id)) {
            v.push(
                "organisation_id",
                "there is no such organisation: choose one of the register",
                "没有这个单位，请从名册中选择",
            );
        }
        v.finish()?;
        let (Some(request_id), Some(origin), Some(text)) = (request_id, origin, text) else {
            unreachable!("checked above")
        };
        let matter = self.matter(&call, order, convocation).await?;
        let Some(organisation) = organisation.or(matter.organisation) else {
            let mut v = Violations::new();
            v.push("organisation_id", "say who has to answer", "请填写被督办单位");
            v.finish()?;
            unreachable!("a violation was pushed")
        };
        let division = matter.id.division();
        call.principal.require(&Placement::of_division(division))?;
        let request = call.request(request_id, "SuperviseWorkOrder", &message);
        let id = SupervisionId::new(division, request.key("supervision"));
        let explanation = self.seal(&call, &id, &request, text).await?;
        let terms = self.facts.supervision_terms();
        let supervision = id.clone();
        let make = move |by| {
            Command::Open(Box::new(Open {
                by,
                supervision: supervision.clone(),
                kind: matter.kind,
                matter: matter.id.clone(),
                division,
                organisation: organisation.clone(),
                origin,
                step,
                explanation: explanation.clone(),
                terms: terms.clone(),
            }))
        };
        let (version, position) = self.carry_out(&call, &id, true, request, make).await?;
        Ok(SuperviseWorkOrderResponse { supervision_id: id.to_string(), version, position })
    }

    /// The order as the caller sees it, or the convocation by its id.
    async fn matter(
        &self,
        call: &Call,
        order: Option<WorkOrderId>,
        convocation: Option<MatterId>,
    ) -> Result<Matter, ServiceError> {
        let Some(order) = order else {
            let Some(id) = convocation else { unreachable!("one of them was named") };
            return Ok(Matter { kind: SupervisedKind::Convocation, id, organisation: None });
        };
        let sight = Sight::of(&call.principal, self.context.county);
        let row = self.facts.orders.get(&order.to_string()).await?;
        let row = row.filter(|row| sight.sees(row));
        let row = row.ok_or_else(|| no_such_order(&caller(&call.principal), &order))?;
        Ok(Matter {
            kind: SupervisedKind::WorkOrder,
            id: MatterId::new(order.division(), order.key().clone()),
            organisation: row.org.parse().ok(),
        })
    }

    pub(super) async fn answer_supervision(
        &self,
        request: Request<AnswerSupervisionRequest>,
    ) -> Result<AnswerSupervisionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.required_text("text", &message.text, REASONS_CHARS);
        let named = named(v, &message.request_id, &message.supervision_id, text)?;
        let request = call.request(named.request_id, "AnswerSupervision", &message);
        let text = self.seal(&call, &named.id, &request, named.text).await?;
        let make = move |by| Command::Answer(by, text.clone());
        let (version, position) = self.carry_out(&call, &named.id, false, request, make).await?;
        Ok(AnswerSupervisionResponse { version, position })
    }

    pub(super) async fn raise_supervision(
        &self,
        request: Request<RaiseSupervisionRequest>,
    ) -> Result<RaiseSupervisionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let text = v.required_text("explanation", &message.explanation, DEMAND_CHARS);
        let named = named(v, &message.request_id, &message.supervision_id, text)?;
        let request = call.request(named.request_id, "RaiseSupervision", &message);
        let text = self.seal(&call, &named.id, &request, named.text).await?;
        let terms = self.facts.supervision_terms();
        let make = move |by| Command::Raise(by, text.clone(), terms.clone());
        let (version, position) = self.carry_out(&call, &named.id, false, request, make).await?;
        Ok(RaiseSupervisionResponse { version, position })
    }

    pub(super) async fn close_supervision(
        &self,
        request: Request<CloseSupervisionRequest>,
    ) -> Result<CloseSupervisionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let finding = message.finding().as_str_name();
        let finding = api::word::<SupervisionFinding>(finding, "SUPERVISION_FINDING_");
        let finding = v.required("finding", finding);
        let text = v.required_text("text", &message.text, REASONS_CHARS);
        let named = named(v, &message.request_id, &message.supervision_id, text)?;
        let Some(finding) = finding else { unreachable!("checked above") };
        let request = call.request(named.request_id, "CloseSupervision", &message);
        let text = self.seal(&call, &named.id, &request, named.text).await?;
        let make = move |by| Command::Close(by, finding, text.clone());
        let (version, position) = self.carry_out(&call, &named.id, false, request, make).await?;
        Ok(CloseSupervisionResponse { version, position })
    }

    /// Seals what was typed under its author's key.
    async fn seal(
        &self,
        call: &Call,
        id: &SupervisionId,
        request: &Asked,
        text: String,
    ) -> Result<RecordId, ServiceError> {
        let record = RecordId::new(id.division(), request.record("text"));
        let author = call.principal.person.to_string();
        self.context.vault.seal(&author, &record, text.as_bytes()).await?;
        Ok(record)
    }
}
