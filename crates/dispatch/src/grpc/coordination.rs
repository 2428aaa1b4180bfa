//! Working together, as calls: convocations, campaigns, instructions, incidents and teams.

mod answer_campaign_task;
mod campaign_form;
mod campaigns;
mod command;
mod conclude_convocation;
mod convene_departments;
mod get_convocation;
mod get_incident;
mod incident_command;
mod instructions;
mod launch_campaign;
mod list;
mod open_incident;
mod read;
mod sign_convocation;
mod teams;

use api::dispatch::v1::{
    self as proto,
    coordination_service_server::{CoordinationService, CoordinationServiceServer},
};
use kernel::Role::{DepartmentClerk, GridMember, Operator, Supervisor};
use platform::{auth::Access, service::Context};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    coordination::{Executors, Tables},
    facts::Facts,
};

/// The largest request: a form of 50 questions with their choices, or 2,000 grids.
const MAX_REQUEST_BYTES: usize = 512 * 1024;

pub(super) const DESKS: Access = Access::Roles(&[Operator, Supervisor]);
pub(super) const BODIES: Access = Access::Roles(&[DepartmentClerk]);
pub(super) const BODIES_AND_DESKS: Access = Access::Roles(&[DepartmentClerk, Operator, Supervisor]);
pub(super) const ANSWERERS: Access = Access::Roles(&[GridMember, DepartmentClerk]);
pub(super) const GRIDS_TOO: Access =
    Access::Roles(&[GridMember, DepartmentClerk, Operator, Supervisor]);

/// What the methods stand on.
#[derive(Clone)]
struct Coordination {
    context: Context,
    facts: Facts,
    tables: Tables,
    executors: Executors,
}

/// Adds the service to the routes.
pub fn add(
    context: &Context,
    routes: &mut RoutesBuilder,
    facts: Facts,
    tables: Tables,
    executors: Executors,
) {
    let coordination = Coordination { context: context.clone(), facts, tables, executors };
    routes.add_service(
        CoordinationServiceServer::new(coordination).max_decoding_message_size(MAX_REQUEST_BYTES),
    );
}

/// One method of the trait a row.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl CoordinationService for Coordination {
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
    convene_departments(ConveneDepartmentsRequest) -> ConveneDepartmentsResponse;
    sign_convocation(SignConvocationRequest) -> SignConvocationResponse;
    report_in(ReportInRequest) -> ReportInResponse;
    allow_absence(AllowAbsenceRequest) -> AllowAbsenceResponse;
    decline_convocation(DeclineConvocationRequest) -> DeclineConvocationResponse;
    conclude_convocation(ConcludeConvocationRequest) -> ConcludeConvocationResponse;
    complete_task(CompleteTaskRequest) -> CompleteTaskResponse;
    rate_department(RateDepartmentRequest) -> RateDepartmentResponse;
    close_convocation(CloseConvocationRequest) -> CloseConvocationResponse;
    get_convocation(GetConvocationRequest) -> GetConvocationResponse;
    list_convocations(ListConvocationsRequest) -> ListConvocationsResponse;
    launch_campaign(LaunchCampaignRequest) -> LaunchCampaignResponse;
    answer_campaign_task(AnswerCampaignTaskRequest) -> AnswerCampaignTaskResponse;
    close_campaign(CloseCampaignRequest) -> CloseCampaignResponse;
    get_campaign(GetCampaignRequest) -> GetCampaignResponse;
    list_campaigns(ListCampaignsRequest) -> ListCampaignsResponse;
    list_campaign_tasks(ListCampaignTasksRequest) -> ListCampaignTasksResponse;
    give_instruction(GiveInstructionRequest) -> GiveInstructionResponse;
    acknowledge_instruction(AcknowledgeInstructionRequest) -> AcknowledgeInstructionResponse;
    report_instruction(ReportInstructionRequest) -> ReportInstructionResponse;
    close_instruction(CloseInstructionRequest) -> CloseInstructionResponse;
    list_instructions(ListInstructionsRequest) -> ListInstructionsResponse;
    open_incident(OpenIncidentRequest) -> OpenIncidentResponse;
    call_team(CallTeamRequest) -> CallTeamResponse;
    team_respond(TeamRespondRequest) -> TeamRespondResponse;
    team_assemble(TeamAssembleRequest) -> TeamAssembleResponse;
    team_arrive(TeamArriveRequest) -> TeamArriveResponse;
    raise_incident_level(RaiseIncidentLevelRequest) -> RaiseIncidentLevelResponse;
    lower_incident_level(LowerIncidentLevelRequest) -> LowerIncidentLevelResponse;
    pass_command(PassCommandRequest) -> PassCommandResponse;
    add_order_to_incident(AddOrderToIncidentRequest) -> AddOrderToIncidentResponse;
    stand_down(StandDownRequest) -> StandDownResponse;
    get_incident(GetIncidentRequest) -> GetIncidentResponse;
    list_incidents(ListIncidentsRequest) -> ListIncidentsResponse;
    register_team(RegisterTeamRequest) -> RegisterTeamResponse;
    put_team_on_duty(PutTeamOnDutyRequest) -> PutTeamOnDutyResponse;
    disband_team(DisbandTeamRequest) -> DisbandTeamResponse;
    list_teams(ListTeamsRequest) -> ListTeamsResponse;
}
