//! `weft.dispatch.v1.RulesService`: the working calendar and the routing rules, one behaviour a file.

mod calendar;
mod form;
mod routing_rules;
mod try_rules;

use api::dispatch::v1::{
    self as proto,
    rules_service_server::{RulesService, RulesServiceServer},
};
use kernel::Role::{Administrator, DepartmentClerk, GridMember, Operator, Supervisor, Verifier};
use platform::{
    auth::{Access, MethodRow, Placement},
    executor::Executor,
    grpc::{ServiceError, call::Call},
    service::Context,
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    domain::{calendar_register::CalendarRegister, rule_register::RuleRegister},
    facts::Facts,
};

/// The largest request: a thousand rules with some hundred bytes each.
const MAX_REQUEST_BYTES: usize = 2 * 1024 * 1024;

const KEEPERS: Access = Access::Roles(&[Administrator, Operator]);
const TRIERS: Access = Access::Roles(&[Administrator, Operator, Supervisor]);
const READERS: Access =
    Access::Roles(&[Administrator, Operator, Supervisor, Verifier, DepartmentClerk, GridMember]);

pub(super) const PUT_CALENDAR: MethodRow = ("/weft.dispatch.v1.RulesService/PutCalendar", KEEPERS);
pub(super) const GET_CALENDAR: MethodRow = ("/weft.dispatch.v1.RulesService/GetCalendar", READERS);
pub(super) const PUT_RULES: MethodRow = ("/weft.dispatch.v1.RulesService/PutRoutingRules", KEEPERS);
pub(super) const GET_RULES: MethodRow = ("/weft.dispatch.v1.RulesService/GetRoutingRules", READERS);
pub(super) const TRY_RULES: MethodRow = ("/weft.dispatch.v1.RulesService/TryRoutingRules", TRIERS);

/// What the methods stand on.
#[derive(Clone)]
#[expect(clippy::struct_field_names, reason = "the rules of the service are its rules")]
struct Rules {
    context: Context,
    facts: Facts,
    calendars: Executor<CalendarRegister>,
    rules: Executor<RuleRegister>,
}

/// Adds the service to the routes.
pub(super) fn add(context: &Context, routes: &mut RoutesBuilder, facts: Facts) {
    let rules = Rules {
        calendars: context.executor(),
        rules: context.executor(),
        context: context.clone(),
        facts,
    };
    routes.add_service(RulesServiceServer::new(rules).max_decoding_message_size(MAX_REQUEST_BYTES));
}

impl Rules {
    /// What holds for the whole county is put by those whose scope is the county.
    fn require_county(&self, call: &Call) -> Result<(), ServiceError> {
        call.principal.require(&Placement::of_division(self.context.county))
    }
}

/// One method of the trait a row.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl RulesService for Rules {
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
    put_calendar(PutCalendarRequest) -> PutCalendarResponse;
    get_calendar(GetCalendarRequest) -> GetCalendarResponse;
    put_routing_rules(PutRoutingRulesRequest) -> PutRoutingRulesResponse;
    get_routing_rules(GetRoutingRulesRequest) -> GetRoutingRulesResponse;
    try_routing_rules(TryRoutingRulesRequest) -> TryRoutingRulesResponse;
}
