//! What every command's handler does: who asks, the sealed texts, and the answer.

use api::common::v1::{GeoPosition, Position};
use kernel::{
    Aggregate, Division, ErrorCode, Rejection as _, StoredEvent, Timestamp,
    id::{CaseId, OrganisationId, RecordId},
};
use platform::{
    auth::{Placement, Principal, Scope},
    executor::{ExecuteError, Executor, Request, Target},
    grpc::{ServiceError, Violations, call::Call},
};

use super::Coordination;
use crate::{
    domain::{caller::Caller, refusal::Refusal},
    grpc::command::{caller, out_of_scope},
};

/// What a command is answered with.
pub(super) type Done = (u64, Option<Position>);

/// The answer where there is nothing of this id in a division, or nothing that the caller's role covers:
/// it is the same, so that nobody learns by asking what there is.
pub(super) fn nothing_there(asking: &Caller, division: Division) -> ServiceError {
    if asking.knows(division) {
        let refusal = Refusal::NoSuchThing;
        let (en, zh) = (refusal.to_string(), refusal.message_zh());
        ServiceError::new(ErrorCode::NotFound, refusal.reason(), en, zh)
    } else {
        out_of_scope()
    }
}

/// A desk acts in its own division alone.
pub(super) fn require(principal: &Principal, division: Division) -> Result<(), ServiceError> {
    principal.require(&Placement::of_division(division))
}

/// What the role of a desk covers.
pub(super) fn division_of(principal: &Principal) -> Result<Division, ServiceError> {
    match &principal.scope {
        Scope::Division(division) => Ok(*division),
        Scope::Grid(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => {
            Err(out_of_scope())
        }
    }
}

/// A place on the ground, where one was given.
pub(super) fn position(
    v: &mut Violations,
    field: &str,
    place: Option<&GeoPosition>,
) -> Option<kernel::geo::Position> {
    match place?.to_kernel() {
        Ok(position) => Some(position),
        Err(error) => {
            v.push(field, error.to_string(), "位置不正确，请重新选取");
            None
        }
    }
}

/// The cases that led to something: at most 20.
pub(super) fn cases(v: &mut Violations, field: &str, ids: &[String]) -> Option<Vec<CaseId>> {
    v.parse_each(field, ids, 20)
}

/// A moment: UTC milliseconds, which are never 0.
pub(super) fn moment(v: &mut Violations, field: &str, ms: i64) -> Option<Timestamp> {
    v.required(field, (ms > 0).then_some(Timestamp(ms)))
}

impl Coordination {
    /// Carries out a command on what was born in this division and answers with its version and
    /// position.
    pub(super) async fn carry_out<A>(
        &self,
        executor: &Executor<A>,
        call: &Call,
        (target, division): (Target, Division),
        request: Request,
        make: impl Fn(Timestamp, Caller) -> A::Command + Send + 'static,
    ) -> Result<Done, ServiceError>
    where
        A: Aggregate<Rejection = Refusal>,
        A::Event: StoredEvent,
    {
        let asking = caller(&call.principal);
        let by = asking.clone();
        match executor.execute(target, request, move |now| make(now, by.clone())).await {
            Ok(outcome) => Ok((outcome.version, Some(outcome.position.into()))),
            Err(ExecuteError::Rejected(Refusal::NoSuchThing | Refusal::OutOfScope)) => {
                Err(nothing_there(&asking, division))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Seals what was typed with a command under its author's key; none where nothing was.
    pub(super) async fn seal(
        &self,
        call: &Call,
        division: Division,
        request: &Request,
        what: &str,
        text: &str,
    ) -> Result<Option<RecordId>, ServiceError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        self.seal_always(call, division, request, what, text).await.map(Some)
    }

    /// The same for a text that is there.
    pub(super) async fn seal_always(
        &self,
        call: &Call,
        division: Division,
        request: &Request,
        what: &str,
        text: &str,
    ) -> Result<RecordId, ServiceError> {
        let record = RecordId::new(division, request.record(what));
        let author = call.principal.person.to_string();
        self.context.vault.seal(&author, &record, text.as_bytes()).await?;
        Ok(record)
    }

    /// A sealed text; empty where there is none, or none any more.
    pub(super) async fn text(&self, record: Option<&RecordId>) -> Result<String, ServiceError> {
        match record {
            Some(record) => Ok(self.context.vault.text(record).await?.unwrap_or_default()),
            None => Ok(String::new()),
        }
    }

    /// Bodies that are called must be in the register.
    pub(super) fn require_known<'a>(
        &self,
        organisations: impl IntoIterator<Item = &'a OrganisationId>,
    ) -> Result<(), ServiceError> {
        let unknown =
            organisations.into_iter().find(|organisation| !self.facts.takes_orders(organisation));
        match unknown {
            None => Ok(()),
            Some(_) => Err(ServiceError::new(
                ErrorCode::Refused,
                "UNKNOWN_ORGANISATION",
                "no such organisation is registered: register it first",
                "没有登记该单位，请先登记",
            )),
        }
    }
}
