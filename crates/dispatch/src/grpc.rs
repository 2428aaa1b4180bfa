//! Calls to commands and queries, and nothing else: one behaviour a file.

mod accept_work_order;
mod arrive_work_order;
mod assign_work_order;
mod assistance;
mod close_work_order;
mod command;
pub mod coordination;
mod ending;
mod explain_routing;
mod extension;
mod figures;
mod get_work_order;
mod list_work_orders;
pub mod mediation;
pub mod notification;
mod return_work_order;
mod returns;
mod rules;
mod show;
mod split_work_order;
mod submit_feedback;
pub mod supervision;
mod suspension;
mod upward;
mod verify_work_order;
mod watch_work_orders;

use api::dispatch::v1::{
    self as proto,
    dispatch_service_server::{DispatchService, DispatchServiceServer},
};
use kernel::Role::{
    Administrator, DepartmentClerk, GridMember, Integrator, Operator, Resident, Supervisor,
    Verifier,
};
use platform::{
    auth::{Access, MethodRow},
    executor::Executor,
    service::Context,
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{domain::work_order::WorkOrder, facts::Facts};
use watch_work_orders::Watch;

/// The largest request: a text of 2,000 characters and ids, with room.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

const HANDLERS: Access = Access::Roles(&[GridMember, DepartmentClerk]);
const VERIFIERS: Access = Access::Roles(&[Verifier, Operator, Supervisor, GridMember]);
const CLOSERS: Access = Access::Roles(&[Operator, Supervisor, Verifier]);
const MEDIATORS: Access = Access::Roles(&[GridMember, DepartmentClerk, Operator, Supervisor]);
const TOLD: Access =
    Access::Roles(&[Resident, GridMember, DepartmentClerk, Verifier, Operator, Supervisor]);
const RULERS: Access = Access::Roles(&[Supervisor, Administrator]);
const COUNTERS: Access = Access::Roles(&[DepartmentClerk, Operator, Supervisor, Integrator]);
const DISPATCHERS: Access = Access::Roles(&[Operator, Supervisor]);
const SUPERVISORS: Access = Access::Roles(&[Operator, Supervisor]);
const SUPERVISED: Access = Access::Roles(&[DepartmentClerk, Operator, Supervisor]);
const OVERSEERS: Access = Access::Roles(&[DepartmentClerk, Verifier, Operator, Supervisor]);
const HELPERS: Access = Access::Roles(&[DepartmentClerk]);
const ESCALATORS: Access = Access::Roles(&[GridMember, DepartmentClerk, Operator, Supervisor]);
const REMINDERS: Access = Access::Roles(&[Resident, GridMember, Operator, Supervisor]);
const READERS: Access =
    Access::Roles(&[GridMember, DepartmentClerk, Verifier, Operator, Supervisor, Integrator]);

/// Who may call which method.
pub const METHODS: &[MethodRow] = &[
    ("/weft.dispatch.v1.DispatchService/GetWorkOrder", READERS),
    ("/weft.dispatch.v1.DispatchService/ListWorkOrders", READERS),
    ("/weft.dispatch.v1.DispatchService/WatchWorkOrders", READERS),
    ("/weft.dispatch.v1.DispatchService/AssignWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/AcceptWorkOrder", HANDLERS),
    ("/weft.dispatch.v1.DispatchService/ReturnWorkOrder", HANDLERS),
    ("/weft.dispatch.v1.DispatchService/SubmitFeedback", HANDLERS),
    ("/weft.dispatch.v1.DispatchService/VerifyWorkOrder", VERIFIERS),
    ("/weft.dispatch.v1.DispatchService/CloseWorkOrder", CLOSERS),
    ("/weft.dispatch.v1.DispatchService/ExplainRouting", READERS),
    ("/weft.dispatch.v1.CoordinationService/ConveneDepartments", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/SignConvocation", coordination::BODIES),
    ("/weft.dispatch.v1.CoordinationService/ReportIn", coordination::BODIES),
    ("/weft.dispatch.v1.CoordinationService/AllowAbsence", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/DeclineConvocation", coordination::BODIES),
    ("/weft.dispatch.v1.CoordinationService/ConcludeConvocation", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/CompleteTask", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/RateDepartment", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/CloseConvocation", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/GetConvocation", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/ListConvocations", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/LaunchCampaign", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/AnswerCampaignTask", coordination::ANSWERERS),
    ("/weft.dispatch.v1.CoordinationService/CloseCampaign", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/GetCampaign", coordination::GRIDS_TOO),
    ("/weft.dispatch.v1.CoordinationService/ListCampaigns", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/ListCampaignTasks", coordination::GRIDS_TOO),
    ("/weft.dispatch.v1.CoordinationService/GiveInstruction", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/AcknowledgeInstruction", coordination::BODIES),
    ("/weft.dispatch.v1.CoordinationService/ReportInstruction", coordination::BODIES),
    ("/weft.dispatch.v1.CoordinationService/CloseInstruction", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/ListInstructions", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/OpenIncident", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/CallTeam", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/TeamRespond", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/TeamAssemble", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/TeamArrive", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/RaiseIncidentLevel", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/LowerIncidentLevel", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/PassCommand", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/AddOrderToIncident", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/StandDown", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/GetIncident", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/ListIncidents", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.CoordinationService/RegisterTeam", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/PutTeamOnDuty", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/DisbandTeam", coordination::DESKS),
    ("/weft.dispatch.v1.CoordinationService/ListTeams", coordination::BODIES_AND_DESKS),
    ("/weft.dispatch.v1.DispatchService/ArriveWorkOrder", HANDLERS),
    ("/weft.dispatch.v1.DispatchService/UpholdReturn", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/RejectReturn", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/ExtendWorkOrder", HANDLERS),
    ("/weft.dispatch.v1.DispatchService/DecideExtension", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/RequestSuspension", HANDLERS),
    ("/weft.dispatch.v1.DispatchService/RefuseSuspension", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/SuspendWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/ResumeWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/EscalateWorkOrder", ESCALATORS),
    ("/weft.dispatch.v1.DispatchService/RemindWorkOrder", REMINDERS),
    ("/weft.dispatch.v1.DispatchService/AssistWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/SubmitAssistance", HELPERS),
    ("/weft.dispatch.v1.DispatchService/SplitWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/WithdrawWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/ReinstateWorkOrder", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/CallBackWorkOrder", CLOSERS),
    ("/weft.dispatch.v1.SupervisionService/SuperviseWorkOrder", SUPERVISORS),
    ("/weft.dispatch.v1.SupervisionService/AnswerSupervision", SUPERVISED),
    ("/weft.dispatch.v1.SupervisionService/RaiseSupervision", SUPERVISORS),
    ("/weft.dispatch.v1.SupervisionService/CloseSupervision", SUPERVISORS),
    ("/weft.dispatch.v1.SupervisionService/GetSupervision", OVERSEERS),
    ("/weft.dispatch.v1.SupervisionService/ListSupervisions", OVERSEERS),
    ("/weft.dispatch.v1.SupervisionService/WatchSupervisions", OVERSEERS),
    rules::PUT_CALENDAR,
    rules::GET_CALENDAR,
    rules::PUT_RULES,
    rules::GET_RULES,
    rules::TRY_RULES,
    ("/weft.dispatch.v1.MediationService/OpenMediation", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/RecordPartyConsent", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/RecordSession", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/AssessMediation", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/ConcludeMediation", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/FollowUpMediation", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/RateMediation", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/TurnMediationUrgent", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/GetMediation", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/ListMediations", MEDIATORS),
    ("/weft.dispatch.v1.MediationService/GetMediationFigures", MEDIATORS),
    ("/weft.dispatch.v1.NotificationService/ListNotifications", TOLD),
    ("/weft.dispatch.v1.NotificationService/MarkNotificationsRead", TOLD),
    ("/weft.dispatch.v1.NotificationService/PutNotificationContact", TOLD),
    ("/weft.dispatch.v1.NotificationService/RemoveNotificationContact", TOLD),
    ("/weft.dispatch.v1.NotificationService/GetNotificationRules", RULERS),
    ("/weft.dispatch.v1.NotificationService/PutNotificationRules", RULERS),
    ("/weft.dispatch.v1.NotificationService/ListFailedNotifications", DISPATCHERS),
    ("/weft.dispatch.v1.NotificationService/RetryNotification", DISPATCHERS),
    ("/weft.dispatch.v1.DispatchService/GetFigures", COUNTERS),
    ("/weft.dispatch.v1.DispatchService/ExportFigures", COUNTERS),
];

/// What the methods stand on.
#[derive(Clone)]
struct Dispatch {
    context: Context,
    facts: Facts,
    executor: Executor<WorkOrder>,
}

/// Adds the service to the routes.
pub fn add(
    context: &Context,
    routes: &mut RoutesBuilder,
    facts: Facts,
    executor: Executor<WorkOrder>,
) {
    rules::add(context, routes, facts.clone());
    let dispatch = Dispatch { context: context.clone(), facts, executor };
    routes.add_service(
        DispatchServiceServer::new(dispatch).max_decoding_message_size(MAX_REQUEST_BYTES),
    );
}

/// One method of the trait a row: its behaviour is in the file of its name.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl DispatchService for Dispatch {
            type WatchWorkOrdersStream = Watch;

            async fn watch_work_orders(
                &self,
                request: Request<proto::WatchWorkOrdersRequest>,
            ) -> Result<Response<Watch>, Status> {
                Ok(Response::new(self.watch(&request)?))
            }

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
    get_work_order(GetWorkOrderRequest) -> GetWorkOrderResponse;
    list_work_orders(ListWorkOrdersRequest) -> ListWorkOrdersResponse;
    assign_work_order(AssignWorkOrderRequest) -> AssignWorkOrderResponse;
    accept_work_order(AcceptWorkOrderRequest) -> AcceptWorkOrderResponse;
    return_work_order(ReturnWorkOrderRequest) -> ReturnWorkOrderResponse;
    submit_feedback(SubmitFeedbackRequest) -> SubmitFeedbackResponse;
    verify_work_order(VerifyWorkOrderRequest) -> VerifyWorkOrderResponse;
    close_work_order(CloseWorkOrderRequest) -> CloseWorkOrderResponse;
    explain_routing(ExplainRoutingRequest) -> ExplainRoutingResponse;
    arrive_work_order(ArriveWorkOrderRequest) -> ArriveWorkOrderResponse;
    uphold_return(UpholdReturnRequest) -> UpholdReturnResponse;
    reject_return(RejectReturnRequest) -> RejectReturnResponse;
    extend_work_order(ExtendWorkOrderRequest) -> ExtendWorkOrderResponse;
    decide_extension(DecideExtensionRequest) -> DecideExtensionResponse;
    request_suspension(RequestSuspensionRequest) -> RequestSuspensionResponse;
    refuse_suspension(RefuseSuspensionRequest) -> RefuseSuspensionResponse;
    suspend_work_order(SuspendWorkOrderRequest) -> SuspendWorkOrderResponse;
    resume_work_order(ResumeWorkOrderRequest) -> ResumeWorkOrderResponse;
    escalate_work_order(EscalateWorkOrderRequest) -> EscalateWorkOrderResponse;
    remind_work_order(RemindWorkOrderRequest) -> RemindWorkOrderResponse;
    assist_work_order(AssistWorkOrderRequest) -> AssistWorkOrderResponse;
    submit_assistance(SubmitAssistanceRequest) -> SubmitAssistanceResponse;
    split_work_order(SplitWorkOrderRequest) -> SplitWorkOrderResponse;
    withdraw_work_order(WithdrawWorkOrderRequest) -> WithdrawWorkOrderResponse;
    reinstate_work_order(ReinstateWorkOrderRequest) -> ReinstateWorkOrderResponse;
    call_back_work_order(CallBackWorkOrderRequest) -> CallBackWorkOrderResponse;
    get_figures(GetFiguresRequest) -> GetFiguresResponse;
    export_figures(ExportFiguresRequest) -> ExportFiguresResponse;
}
