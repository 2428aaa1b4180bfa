//! What every command's handler does: who asks, the sealed text, and the answer.

use api::common::v1::Position;
use contracts::subject;
use kernel::{
    ErrorCode, Rejection as _, Role, Timestamp,
    id::{RecordId, WorkOrderId},
};
use platform::{
    auth::{Principal, Scope},
    executor::{ExecuteError, Request, Target},
    grpc::{ServiceError, call::Call},
};

use super::Dispatch;
use crate::domain::{
    caller::{Caller, Within},
    work_order::{Command, Rejection},
};

/// Whom a call's token names, as decisions need it.
pub(super) fn caller(principal: &Principal) -> Caller {
    let within = match &principal.scope {
        Scope::Division(division) => Within::Division(*division),
        Scope::Grid(grid) => Within::Grid(*grid),
        Scope::Organisation { org, division } => {
            Within::Organisation { organisation: org.clone(), division: *division }
        }
        // Residents have no orders: what is theirs is the case.
        Scope::Own | Scope::Assigned => Within::Assigned,
    };
    Caller { person: principal.person.clone(), within }
}

/// Whether the caller acts for a grid.
pub(super) fn is_grid_member(principal: &Principal) -> bool {
    principal.role == Role::GridMember
}

/// The answer where there is no such order, or none that the caller's role covers: it is the same, so
/// that nobody learns by asking which orders there are.
pub(super) fn no_such_order(caller: &Caller, id: &WorkOrderId) -> ServiceError {
    if caller.knows(id.division()) {
        refusal(ErrorCode::NotFound, Rejection::NoSuchOrder)
    } else {
        out_of_scope()
    }
}

/// The answer where the caller's role does not cover what the call names.
pub(super) fn out_of_scope() -> ServiceError {
    refusal(ErrorCode::PermissionDenied, Rejection::OutOfScope)
}

fn refusal(code: ErrorCode, rejection: Rejection) -> ServiceError {
    ServiceError::new(code, rejection.reason(), rejection.to_string(), rejection.message_zh())
}

impl Dispatch {
    /// Carries out a command on an order and answers with its version and position.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        id: &WorkOrderId,
        request: Request,
        make: impl Fn(Timestamp, Caller) -> Command + Send + 'static,
    ) -> Result<(u64, Option<Position>), ServiceError> {
        let asking = caller(&call.principal);
        let target =
            Target { subject: subject::work_order(id), id: id.to_string(), creates: false };
        let by = asking.clone();
        match self.executor.execute(target, request, move |now| make(now, by.clone())).await {
            Ok(outcome) => Ok((outcome.version, Some(outcome.position.into()))),
            Err(ExecuteError::Rejected(Rejection::NoSuchOrder | Rejection::OutOfScope)) => {
                Err(no_such_order(&asking, id))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Seals what was typed with a command under its author's key; none where nothing was.
    pub(super) async fn seal(
        &self,
        call: &Call,
        id: &WorkOrderId,
        request: &Request,
        text: String,
    ) -> Result<Option<RecordId>, ServiceError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let record = RecordId::new(id.division(), request.record("text"));
        let author = call.principal.person.to_string();
        self.context.vault.seal(&author, &record, text.as_bytes()).await?;
        Ok(Some(record))
    }
}
