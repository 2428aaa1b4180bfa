//! What every command's handler does: who asks, the sealed text, and the answer.

use api::common::v1::Position;
use contracts::subject;
use kernel::{
    ErrorCode, Rejection as _, Role,
    id::{RecordId, WorkOrderId},
};
use platform::{
    auth::{Principal, Scope},
    executor::{ExecuteError, Request, Target},
    grpc::{ServiceError, Violations, call::Call},
};
use prost::Message;

use super::Dispatch;
use crate::domain::{
    caller::{Caller, Within},
    work_order::{By, Command, Rejection},
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

/// What a command names: which order, under which request, and what was typed with it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) request_id: String,
    pub(super) id: WorkOrderId,
    pub(super) expected: u64,
    pub(super) text: String,
}

impl Asked {
    /// Reads what commands have in common; `text` is the text as it was checked.
    pub(super) fn of(
        mut v: Violations,
        request_id: &str,
        work_order_id: &str,
        expected: u64,
        text: Option<String>,
    ) -> Result<Self, ServiceError> {
        let request_id = v.request_id(request_id);
        let id = v.parse::<WorkOrderId>("work_order_id", work_order_id);
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        Ok(Self { request_id, id, expected, text })
    }
}

impl Dispatch {
    /// Carries out a command on an order and answers with its version and position.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        id: &WorkOrderId,
        expected: u64,
        request: Request,
        make: impl Fn(By) -> Command + Send + 'static,
    ) -> Result<(u64, Option<Position>), ServiceError> {
        let asking = caller(&call.principal);
        let target =
            Target { subject: subject::work_order(id), id: id.to_string(), creates: false };
        let by = asking.clone();
        let make = move |at| {
            let command = make(By { at, caller: by.clone() });
            if expected == 0 { command } else { Command::Expecting(expected, Box::new(command)) }
        };
        match self.executor.execute(target, request, make).await {
            Ok(outcome) => Ok((outcome.version, Some(outcome.position.into()))),
            Err(ExecuteError::Rejected(Rejection::NoSuchOrder | Rejection::OutOfScope)) => {
                Err(no_such_order(&asking, id))
            }
            Err(ExecuteError::Rejected(Rejection::Changed)) => {
                Err(self.changed(id, expected).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out a command with which something was typed, or not.
    pub(super) async fn ask(
        &self,
        call: &Call,
        method: &str,
        message: &impl Message,
        asked: Asked,
        make: impl Fn(By, Option<RecordId>) -> Command + Send + 'static,
    ) -> Result<(u64, Option<Position>), ServiceError> {
        let Asked { request_id, id, expected, text } = asked;
        let request = call.request(request_id, method, message);
        let record = self.seal(call, &id, &request, "text", text).await?;
        let make = move |by| make(by, record.clone());
        self.carry_out(call, &id, expected, request, make).await
    }

    /// Carries out a command with which something was typed.
    pub(super) async fn ask_saying(
        &self,
        call: &Call,
        method: &str,
        message: &impl Message,
        asked: Asked,
        make: impl Fn(By, RecordId) -> Command + Send + 'static,
    ) -> Result<(u64, Option<Position>), ServiceError> {
        let Asked { request_id, id, expected, text } = asked;
        let request = call.request(request_id, method, message);
        let Some(record) = self.seal(call, &id, &request, "text", text).await? else {
            unreachable!("a text that is required was checked")
        };
        let make = move |by| make(by, record.clone());
        self.carry_out(call, &id, expected, request, make).await
    }

    /// The refusal where others were first: what they did, by whom, since the version that was known.
    async fn changed(&self, id: &WorkOrderId, known: u64) -> Result<ServiceError, ServiceError> {
        let rejection = Rejection::Changed;
        let history = self.context.log.load(&subject::work_order(id), 1).await?;
        let since = usize::try_from(known).unwrap_or(usize::MAX);
        let changes: Vec<String> = history
            .iter()
            .skip(since)
            .map(|recorded| {
                let entry = super::show::entry(recorded);
                format!("{} {} {}", recorded.meta.version, entry.event, entry.actor)
            })
            .collect();
        let (en, zh) = (rejection.to_string(), rejection.message_zh());
        Ok(ServiceError::new(ErrorCode::Conflict, rejection.reason(), en, zh)
            .with("version", history.len().to_string())
            .with("changes", changes.join("; ")))
    }

    /// Seals what was typed with a command under its author's key; none where nothing was.
    pub(super) async fn seal(
        &self,
        call: &Call,
        id: &WorkOrderId,
        request: &Request,
        what: &str,
        text: String,
    ) -> Result<Option<RecordId>, ServiceError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let record = RecordId::new(id.division(), request.record(what));
        let author = call.principal.person.to_string();
        self.context.vault.seal(&author, &record, text.as_bytes()).await?;
        Ok(Some(record))
    }
}
