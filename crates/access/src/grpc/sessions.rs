//! Sessions: renewed, ended, listed; another role taken up.

use api::access::v1;
use contracts::{
    access::{SessionEndReason, SignInMethod},
    subject,
};
use kernel::{
    ErrorCode, Role,
    id::{AssignmentId, PersonId, SessionId},
};
use platform::{
    auth::{Placement, Principal, ScopePredicate},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{
    Server,
    begin::{Beginning, Begun, alone, no_role, over},
    fields,
    held::word,
};
use crate::{
    domain::session::Running,
    projections::sessions::{self, SessionRow},
};

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListSessions";

pub(super) async fn renew_session(
    server: &Server,
    request: tonic::Request<v1::RenewSessionRequest>,
) -> Result<v1::RenewSessionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let (session, running) = server.own_session(&call.principal).await?;
    if let Some(assignment) = &running.assignment {
        let now = server.context.clock.now();
        let by = running.substitution.as_ref();
        if !server.still_holds(&running.person, assignment, by, now).await? {
            let request = alone(&running.person)?;
            server.end(&session, SessionEndReason::RoleEnded, request).await?;
            return Err(over());
        }
    }
    let token = server.token_of(&session, &running, 1)?;
    Ok(v1::RenewSessionResponse { session: Some(token) })
}

pub(super) async fn switch_role(
    server: &Server,
    request: tonic::Request<v1::SwitchRoleRequest>,
) -> Result<v1::SwitchRoleResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let wanted: Option<AssignmentId> =
        fields::local(&mut v, server.context.county, "assignment_id", &message.assignment_id);
    let wanted = fields::checked(v, wanted)?;
    let (session, running) = server.own_session(&call.principal).await?;
    let person = running.person;
    let held = server.held_roles(&person, server.context.clock.now()).await?;
    let Some(chosen) = held.iter().find(|role| role.assignment == wanted) else {
        return Err(no_role());
    };
    let mut beginning =
        Beginning::in_role(person.clone(), chosen, held.len(), SignInMethod::Switch)?;
    // Who signed in this morning has to sign in tomorrow, whatever the role.
    let end = running.absolute_end;
    beginning.until = Some(beginning.until.map_or(end, |until| until.min(end)));
    let Begun { session: token, position } = server.begin(beginning).await?;
    server.end(&session, SessionEndReason::Switched, alone(&person)?).await?;
    Ok(v1::SwitchRoleResponse { session: Some(token), position: Some(position.into()) })
}

pub(super) async fn end_session(
    server: &Server,
    request: tonic::Request<v1::EndSessionRequest>,
) -> Result<v1::EndSessionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let named: Option<SessionId> =
        fields::local_optional(&mut v, server.context.county, "session_id", &message.session_id);
    let request_id = fields::checked(v, request_id)?;
    let own = call.principal.basis.session.clone();
    let session = named.or_else(|| own.clone()).ok_or_else(no_session)?;
    let (state, _) = server.session.load(&subject::session(&session)).await?;
    let why = match state.running() {
        Some(running) if running.person == call.principal.person => {
            if Some(&session) == own.as_ref() {
                SessionEndReason::SignedOut
            } else {
                SessionEndReason::Elsewhere
            }
        }
        Some(running) => {
            may_end(&call.principal, &running.person)?;
            SessionEndReason::Administrator
        }
        // What is not there and what is not one's own is answered alike to who may not know.
        None => {
            security(&call.principal)?;
            SessionEndReason::Administrator
        }
    };
    let request = call.request(request_id, "EndSession", &message);
    let (version, position) = server.end(&session, why, request).await?;
    Ok(v1::EndSessionResponse { version, position: Some(position.into()) })
}

pub(super) async fn end_sessions(
    server: &Server,
    request: tonic::Request<v1::EndSessionsRequest>,
) -> Result<v1::EndSessionsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let named: Option<PersonId> =
        fields::local_optional(&mut v, server.context.county, "person_id", &message.person_id);
    let request_id = fields::checked(v, request_id)?;
    let own = &call.principal.person;
    let named = named.filter(|person| person != own);
    let (why, except) = match &named {
        Some(person) => {
            may_end(&call.principal, person)?;
            (SessionEndReason::Administrator, None)
        }
        None => (SessionEndReason::Elsewhere, call.principal.basis.session.as_ref()),
    };
    let request = call.request(request_id, "EndSessions", &message);
    let person = named.as_ref().unwrap_or(own);
    let (ended, position) = server.end_all(person, (except, None), why, &request).await?;
    Ok(v1::EndSessionsResponse { ended, position: Some(position.into()) })
}

pub(super) async fn list_sessions(
    server: &Server,
    request: tonic::Request<v1::ListSessionsRequest>,
) -> Result<v1::ListSessionsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let named: Option<PersonId> = v.parse_optional("person_id", &message.person_id);
    let own = &call.principal.person;
    let (person, scope) = match named.filter(|person| person != own) {
        Some(person) => {
            security(&call.principal)?;
            (person, call.principal.predicate(context.county))
        }
        None => (own.clone(), ScopePredicate::All),
    };
    let list = ListKey::new(LIST, &[&person.to_string(), &format!("{scope:?}")]);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    context.wait(&server.sessions, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.sessions);
    let listed = sessions::list(&server.sessions, &scope, &person, &page).await?;
    let now = context.clock.now();
    let current = call.principal.basis.session.as_ref().map(ToString::to_string);
    let mut shown = Vec::with_capacity(listed.rows.len());
    for (id, row) in listed.rows {
        if row.ends > now.0 {
            let is_current = current.as_ref() == Some(&id);
            shown.push(server.shown_session(id, row, is_current).await?);
        }
    }
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListSessionsResponse {
        sessions: shown,
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    /// The session that the caller's token is of, if it still goes on.
    async fn own_session(
        &self,
        principal: &Principal,
    ) -> Result<(SessionId, Running), ServiceError> {
        let session = principal.basis.session.clone().ok_or_else(no_session)?;
        let (state, _) = self.session.load(&subject::session(&session)).await?;
        let running = state.open_at(self.context.clock.now()).cloned();
        let running = running.filter(|running| running.person == principal.person);
        Ok((session, running.ok_or_else(over)?))
    }

    async fn shown_session(
        &self,
        session_id: String,
        row: SessionRow,
        current: bool,
    ) -> Result<v1::Session, ServiceError> {
        let substitution = match row.substitution.as_str() {
            "" => None,
            id => self.substitutions.get(id).await?,
        };
        let role: Role = row.role.parse().map_err(ServiceError::corrupt)?;
        Ok(v1::Session {
            session_id,
            person_id: row.person,
            role: word(role),
            division: row.division,
            grid: row.scope_grid,
            organisation_id: row.scope_org,
            how: row.how,
            started_at: row.begun,
            ends_at: row.ends,
            current,
            on_behalf_of: substitution.map(|standing| standing.holder).unwrap_or_default(),
        })
    }
}

/// Refuses all but security administrators whose scope covers the person.
pub(super) fn may_end(principal: &Principal, person: &PersonId) -> Result<(), ServiceError> {
    security(principal)?;
    principal.require(&Placement::of_division(person.division()))
}

/// Refuses all but security administrators: what is one's own is everybody's, what is another's is
/// theirs.
pub(super) fn security(principal: &Principal) -> Result<(), ServiceError> {
    if principal.role == Role::SecurityAdministrator {
        return Ok(());
    }
    Err(ServiceError::new(
        ErrorCode::PermissionDenied,
        "NOT_YOUR_OWN",
        "this is another person's: ask the security administrator",
        "这是他人的内容, 请联系安全管理员",
    ))
}

fn no_session() -> ServiceError {
    ServiceError::new(
        ErrorCode::Refused,
        "NO_SESSION",
        "this token is of no session: sign in",
        "该令牌不属于任何会话, 请先登录",
    )
}
