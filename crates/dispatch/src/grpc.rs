//! Calls to commands and queries, and nothing else: one behaviour a file.

mod accept_work_order;
mod assign_work_order;
mod close_work_order;
mod command;
mod explain_routing;
mod figures;
mod get_work_order;
mod list_work_orders;
mod return_work_order;
mod show;
mod submit_feedback;
mod verify_work_order;
mod watch_work_orders;

use api::dispatch::v1::{
    self as proto,
    dispatch_service_server::{DispatchService, DispatchServiceServer},
};
use kernel::Role::{DepartmentClerk, GridMember, Integrator, Operator, Supervisor, Verifier};
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
const COUNTERS: Access = Access::Roles(&[DepartmentClerk, Operator, Supervisor, Integrator]);
const DISPATCHERS: Access = Access::Roles(&[Operator, Supervisor]);
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
    get_figures(GetFiguresRequest) -> GetFiguresResponse;
    export_figures(ExportFiguresRequest) -> ExportFiguresResponse;
}
