//! Substitutions: begun and ended by the holder of the role or by a security administrator.

use api::access::v1;
use contracts::{access::SessionEndReason, subject};
use kernel::{
    Role, Timestamp,
    id::{AssignmentId, PersonId, SubstitutionId},
};
use platform::{
    auth::ScopePredicate,
    executor::{ExecuteError, Target},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{Server, begin::alone, fields, roles::moment, sessions::may_end};
use crate::{
    domain::substitution::{Command, Found, Rejection, Standing},
    projections::substitutions::{self, SubstitutionRow},
};

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListSubstitutions";

pub(super) async fn begin_substitution(
    server: &Server,
    request: tonic::Request<v1::BeginSubstitutionRequest>,
) -> Result<v1::BeginSubstitutionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let assignment: Option<AssignmentId> =
        fields::local(&mut v, county, "assignment_id", &message.assignment_id);
    let holder: Option<PersonId> =
        fields::local_optional(&mut v, county, "holder_id", &message.holder_id);
    let substitute: Option<PersonId> =
        fields::local(&mut v, county, "substitute_id", &message.substitute_id);
    let from = moment(&mut v, "from", message.from);
    let until = moment(&mut v, "until", message.until);
    let until = v.required("until", until);
    let given = request_id.zip(assignment).zip(substitute.zip(until));
    let ((request_id, assignment), (substitute, until)) = fields::checked(v, given)?;
    let holder = holder.unwrap_or_else(|| call.principal.person.clone());
    if holder != call.principal.person {
        may_end(&call.principal, &holder)?;
    }

    let request = call.request(request_id, "BeginSubstitution", &message);
    let from = from.unwrap_or_else(|| server.context.clock.now());
    let standing = Standing { assignment, holder, substitute, from, until };
    let found = server.found(&standing).await?;
    let substitution = SubstitutionId::new(county, request.key("substitution"));
    let id = substitution.to_string();
    let subject = subject::substitution(&substitution);
    let target = Target { subject, id: id.clone(), creates: true };
    let by = call.principal.person.clone();
    let outcome = server
        .substitution
        .execute(target, request, move |at| Command::BeginSubstitution {
            substitution: substitution.clone(),
            standing: standing.clone(),
            found: found.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    Ok(v1::BeginSubstitutionResponse {
        substitution_id: id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn end_substitution(
    server: &Server,
    request: tonic::Request<v1::EndSubstitutionRequest>,
) -> Result<v1::EndSubstitutionResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let substitution: Option<SubstitutionId> =
        fields::local(&mut v, server.context.county, "substitution_id", &message.substitution_id);
    let (request_id, substitution) = fields::checked(v, request_id.zip(substitution))?;
    let subject = subject::substitution(&substitution);
    let (known, _) = server.substitution.load(&subject).await?;
    let unknown = || Rejection::SubstitutionUnknown(substitution.clone());
    let standing = known.standing().cloned();
    let standing = standing.ok_or_else(|| ExecuteError::Rejected(unknown()))?;
    if standing.holder != call.principal.person {
        may_end(&call.principal, &standing.holder)?;
    }
    let request = call.request(request_id, "EndSubstitution", &message);
    let by = call.principal.person.clone();
    let target = Target { subject, id: substitution.to_string(), creates: false };
    let outcome = server
        .substitution
        .execute(target, request, move |at| Command::EndSubstitution {
            substitution: substitution.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    let Standing { substitute, assignment, .. } = standing;
    let (of, why) = ((None, Some(&assignment)), SessionEndReason::RoleEnded);
    server.end_all(&substitute, of, why, &alone(&call.principal.person)?).await?;
    let position = Some(outcome.position.into());
    Ok(v1::EndSubstitutionResponse { version: outcome.version, position })
}

pub(super) async fn list_substitutions(
    server: &Server,
    request: tonic::Request<v1::ListSubstitutionsRequest>,
) -> Result<v1::ListSubstitutionsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let named: Option<PersonId> =
        fields::local_optional(&mut v, context.county, "holder_id", &message.holder_id);
    let own = &call.principal.person;
    let (holder, scope) = match named.filter(|person| person != own) {
        Some(person) => {
            may_end(&call.principal, &person)?;
            (person, call.principal.predicate(context.county))
        }
        None => (own.clone(), ScopePredicate::All),
    };
    let list = ListKey::new(LIST, &[&holder.to_string(), &format!("{scope:?}")]);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    context.wait(&server.substitutions, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.substitutions);
    let listed = substitutions::list(&server.substitutions, &scope, &holder, &page).await?;
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListSubstitutionsResponse {
        substitutions: listed.rows.into_iter().map(|(id, row)| shown(id, row)).collect(),
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    /// What the decision needs to know of the two persons.
    async fn found(&self, standing: &Standing) -> Result<Found, ServiceError> {
        let (holder, _) = self.person.load(&subject::person(&standing.holder)).await?;
        let lasts = |ends: Option<Timestamp>| ends.is_none_or(|ends| standing.until <= ends);
        let role = holder
            .role(&standing.assignment)
            .filter(|role| role.holds_at(standing.from) && lasts(role.ends()))
            .map(|role| role.duty.role);
        let (substitute, _) = self.person.load(&subject::person(&standing.substitute)).await?;
        let roles = substitute.roles_between(standing.from, standing.until);
        let substitute_roles: Vec<Role> = roles.map(|(_, role)| role.duty.role).collect();
        Ok(Found { role, substitute_registered: substitute.is_registered(), substitute_roles })
    }
}

fn shown(substitution_id: String, row: SubstitutionRow) -> v1::Substitution {
    v1::Substitution {
        substitution_id,
        assignment_id: row.assignment,
        holder_id: row.holder,
        substitute_id: row.substitute,
        from: row.begins,
        until: row.ends,
        ended: row.ended != 0,
    }
}
