//! `MediationService`: calls to commands and queries on mediations. Who may ask is who has the order,
//! and the offices of the divisions that it lies in; nobody else learns that there is one.

mod conclude_mediation;
mod figures;
mod follow_up_mediation;
mod get_mediation;
mod list_mediations;
mod open_mediation;
mod rate_mediation;
mod record_party_consent;
mod record_session;
mod turn_mediation_urgent;

use api::{
    common::v1::Position,
    dispatch::v1::{
        self as proto,
        mediation_service_server::{MediationService, MediationServiceServer},
    },
};
use contracts::{dispatch::mediation::Tier, subject};
use kernel::{
    Division, Level,
    id::{RecordId, WorkOrderId},
};
use platform::{
    executor::{Executor, Request as Asked, Target},
    grpc::{ServiceError, Violations, call::Call},
    projection::View,
    service::Context,
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use super::command::{caller, no_such_order};
use crate::{
    config::MediationSection,
    domain::{
        caller::{Caller, Within},
        mediation::{By, Command, Mediation},
        work_order::{Order, WorkOrder},
    },
    facts::Facts,
    projections::mediations::MediationRow,
};

/// The most characters of a text.
const TEXT_CHARS: usize = 4_000;

/// What the methods stand on.
#[derive(Clone)]
pub struct Desk {
    /// The suite.
    pub context: Context,
    /// The catalogue and the configuration.
    pub facts: Facts,
    /// The orders, whose mediations these are.
    pub orders: Executor<WorkOrder>,
    /// The mediations.
    pub mediations: Executor<Mediation>,
    /// Their table.
    pub rows: View<MediationRow>,
}

impl Desk {
    /// Adds the service to the routes.
    pub fn add(self, routes: &mut RoutesBuilder) {
        routes.add_service(
            MediationServiceServer::new(self).max_decoding_message_size(super::MAX_REQUEST_BYTES),
        );
    }

    /// The order, if the caller has it or is of an office over it. To others it is as if it were not
    /// there; a member of its grid is one of them.
    async fn order(&self, asking: &Caller, id: &WorkOrderId) -> Result<Order, ServiceError> {
        let (state, _version) = self.orders.load(&subject::work_order(id)).await?;
        state
            .order
            .filter(|order| asking.covers(order.division, None, &order.assignee))
            .ok_or_else(|| no_such_order(asking, id))
    }

    /// Carries out a command on a mediation and answers with its version and position.
    async fn carry_out(
        &self,
        call: &Call,
        id: &WorkOrderId,
        request: Asked,
        make: impl Fn(By) -> Command + Send + 'static,
    ) -> Result<(u64, Option<Position>), ServiceError> {
        let asking = caller(&call.principal);
        let by = move |at| By { at, person: asking.person.clone(), tier: tier(&asking) };
        let target = Target { subject: subject::mediation(id), id: id.to_string(), creates: false };
        let done = self.mediations.execute(target, request, move |at| make(by(at))).await?;
        Ok((done.version, Some(done.position.into())))
    }

    /// Seals what was typed, under the key of the case: it goes when the case's texts go.
    async fn seal(
        &self,
        order: &Order,
        request: &Asked,
        text: &str,
    ) -> Result<Option<RecordId>, ServiceError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let record = RecordId::new(order.id.division(), request.record("text"));
        self.context.vault.seal(&order.case.to_string(), &record, text.as_bytes()).await?;
        Ok(Some(record))
    }
}

/// For which tier somebody acts: their division's, or their body's.
fn tier(asking: &Caller) -> Tier {
    let of = |division: Division| match division.level() {
        Level::Province | Level::Prefecture | Level::County => Tier::County,
        Level::Township => Tier::Township,
        Level::Village => Tier::Village,
    };
    match &asking.within {
        Within::Division(division) => of(*division),
        Within::Organisation { organisation, .. } => of(organisation.division()),
        Within::Grid(_) | Within::Assigned => Tier::Village,
    }
}

/// A word that must be chosen.
fn word<T: std::str::FromStr>(
    v: &mut Violations,
    field: &str,
    name: &str,
    prefix: &str,
) -> Option<T> {
    v.required(field, api::word(name, prefix))
}

/// What every command names: the request and the order.
fn named(
    v: &mut Violations,
    request_id: &str,
    work_order_id: &str,
) -> (Option<String>, Option<WorkOrderId>) {
    (v.request_id(request_id), v.parse("work_order_id", work_order_id))
}

impl Desk {
    /// What the configuration says of mediation.
    fn terms(&self) -> &MediationSection {
        &self.facts.rules.mediation
    }
}

/// One method of the trait a row: its behaviour is in the file of its name.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl MediationService for Desk {
            $(async fn $method(
                &self,
                request: Request<proto::$request>,
            ) -> Result<Response<proto::$response>, Status> {
                Ok(Response::new(self.$method(request).await?))
            })*
        }
    };
}

methods! {
    open_mediation(OpenMediationRequest) -> OpenMediationResponse;
    record_party_consent(RecordPartyConsentRequest) -> RecordPartyConsentResponse;
    record_session(RecordSessionRequest) -> RecordSessionResponse;
    assess_mediation(AssessMediationRequest) -> AssessMediationResponse;
    conclude_mediation(ConcludeMediationRequest) -> ConcludeMediationResponse;
    follow_up_mediation(FollowUpMediationRequest) -> FollowUpMediationResponse;
    rate_mediation(RateMediationRequest) -> RateMediationResponse;
    turn_mediation_urgent(TurnMediationUrgentRequest) -> TurnMediationUrgentResponse;
    get_mediation(GetMediationRequest) -> GetMediationResponse;
    list_mediations(ListMediationsRequest) -> ListMediationsResponse;
    get_mediation_figures(GetMediationFiguresRequest) -> GetMediationFiguresResponse;
}
