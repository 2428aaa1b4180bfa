//! Supervision (督办) over gRPC.

mod commands;
mod queries;
mod watch;

use api::dispatch::v1::{
    self as proto,
    supervision_service_server::{SupervisionService, SupervisionServiceServer},
};
use contracts::subject;
use kernel::{ErrorCode, Rejection as _, id::SupervisionId};
use platform::{
    executor::{ExecuteError, Executor, Request as Asked, Target},
    grpc::{ServiceError, call::Call},
    projection::View,
    service::Context,
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use super::command::{caller, out_of_scope};
use crate::{
    domain::{
        supervision::{Command, Rejection, Supervision},
        work_order::By,
    },
    facts::Facts,
    projections::supervisions::SupervisionRow,
};
use watch::Watch;

/// The largest request: a text of 2,000 characters and ids, with room.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// What the methods stand on.
#[derive(Clone)]
pub(super) struct Supervisions {
    context: Context,
    facts: Facts,
    rows: View<SupervisionRow>,
    executor: Executor<Supervision>,
}

/// Adds the service to the routes.
pub fn add(
    context: &Context,
    routes: &mut RoutesBuilder,
    facts: Facts,
    rows: View<SupervisionRow>,
    executor: Executor<Supervision>,
) {
    let service = Supervisions { context: context.clone(), facts, rows, executor };
    routes.add_service(
        SupervisionServiceServer::new(service).max_decoding_message_size(MAX_REQUEST_BYTES),
    );
}

/// One method of the trait a row.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl SupervisionService for Supervisions {
            type WatchSupervisionsStream = Watch;

            async fn watch_supervisions(
                &self,
                request: Request<proto::WatchSupervisionsRequest>,
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
    supervise_work_order(SuperviseWorkOrderRequest) -> SuperviseWorkOrderResponse;
    answer_supervision(AnswerSupervisionRequest) -> AnswerSupervisionResponse;
    raise_supervision(RaiseSupervisionRequest) -> RaiseSupervisionResponse;
    close_supervision(CloseSupervisionRequest) -> CloseSupervisionResponse;
    get_supervision(GetSupervisionRequest) -> GetSupervisionResponse;
    list_supervisions(ListSupervisionsRequest) -> ListSupervisionsResponse;
}

/// The answer where there is no such supervision, or none that the caller's role covers: the same, so
/// that nobody learns by asking which there are.
fn no_such(call: &Call, id: &SupervisionId) -> ServiceError {
    if caller(&call.principal).knows(id.division()) {
        let rejection = Rejection::NoSuchSupervision;
        let (en, zh) = (rejection.to_string(), rejection.message_zh());
        ServiceError::new(ErrorCode::NotFound, rejection.reason(), en, zh)
    } else {
        out_of_scope()
    }
}

impl Supervisions {
    /// Carries out a command and answers with the version and position.
    async fn carry_out(
        &self,
        call: &Call,
        id: &SupervisionId,
        creates: bool,
        request: Asked,
        make: impl Fn(By) -> Command + Send + 'static,
    ) -> Result<(u64, Option<api::common::v1::Position>), ServiceError> {
        let target = Target { subject: subject::supervision(id), id: id.to_string(), creates };
        let by = caller(&call.principal);
        let make = move |at| make(By { at, caller: by.clone() });
        match self.executor.execute(target, request, make).await {
            Ok(outcome) => Ok((outcome.version, Some(outcome.position.into()))),
            Err(ExecuteError::Rejected(Rejection::NoSuchSupervision | Rejection::OutOfScope)) => {
                Err(no_such(call, id))
            }
            Err(error) => Err(error.into()),
        }
    }
}
