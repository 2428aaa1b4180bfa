//! Roles: given for a term, taken back, listed.

use api::access::v1;
use contracts::subject;
use kernel::{
    Timestamp,
    id::{AssignmentId, PersonId},
};
use platform::{
    audit::Object,
    auth::Placement,
    executor::Target,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{
    Server,
    duties::{Asked, asked_scope, concerned, duty, named_role},
    fields,
};
use crate::{
    domain::person::Command,
    projections::assignments::{self, AssignmentRow},
};

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListAssignments";

pub(super) async fn assign_role(
    server: &Server,
    request: tonic::Request<v1::AssignRoleRequest>,
) -> Result<v1::AssignRoleResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let person: Option<PersonId> = fields::local(&mut v, county, "person_id", &message.person_id);
    let asked = Asked {
        role: message.role,
        division: &message.division,
        grid: &message.grid,
        organisation_id: &message.organisation_id,
    };
    let scope = asked_scope(&mut v, county, asked);
    let from = moment(&mut v, "from", message.from);
    let until = moment(&mut v, "until", message.until);
    let given = request_id.zip(person).zip(scope);
    let ((request_id, person), (role, scope)) = fields::checked(v, given)?;
    let duty = duty(role, &scope);
    call.principal.require(&concerned(&duty, &person))?;

    let request = call.request(request_id, "AssignRole", &message);
    let organisation = server.named_organisation(duty.organisation.clone()).await?;
    let assignment =
        AssignmentId::new(person.division(), request.key(&format!("assignment of {person}")));
    let assignment_id = assignment.to_string();
    let by = call.principal.person.clone();
    let target =
        Target { subject: subject::person(&person), id: person.to_string(), creates: false };
    let outcome = server
        .person
        .execute(target, request, move |at| Command::AssignRole {
            person: person.clone(),
            assignment: assignment.clone(),
            duty: duty.clone(),
            organisation: organisation.clone(),
            from: from.unwrap_or(at),
            until,
            by: by.clone(),
            at,
        })
        .await?;
    Ok(v1::AssignRoleResponse {
        assignment_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn revoke_role(
    server: &Server,
    request: tonic::Request<v1::RevokeRoleRequest>,
) -> Result<v1::RevokeRoleResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let person: Option<PersonId> = fields::local(&mut v, county, "person_id", &message.person_id);
    let assignment: Option<AssignmentId> =
        fields::local(&mut v, county, "assignment_id", &message.assignment_id);
    let given = request_id.zip(person).zip(assignment);
    let ((request_id, person), assignment) = fields::checked(v, given)?;
    let (known, _) = server.person.load(&subject::person(&person)).await?;
    let concerned = known.role(&assignment).map_or_else(
        || Placement::of_division(person.division()),
        |held| concerned(&held.duty, &person),
    );
    call.principal.require(&concerned)?;

    let request = call.request(request_id, "RevokeRole", &message);
    let by = call.principal.person.clone();
    let target =
        Target { subject: subject::person(&person), id: person.to_string(), creates: false };
    let outcome = server
        .person
        .execute(target, request, move |at| Command::RevokeRole {
            person: person.clone(),
            assignment: assignment.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    Ok(v1::RevokeRoleResponse { version: outcome.version, position: Some(outcome.position.into()) })
}

pub(super) async fn list_assignments(
    server: &Server,
    request: tonic::Request<v1::ListAssignmentsRequest>,
) -> Result<v1::ListAssignmentsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let mut v = Violations::new();
    let _form: Option<PersonId> = v.parse_optional("person_id", &message.person_id);
    let role = (message.role != 0).then(|| named_role(&mut v, message.role)).flatten();
    let role = role.map(|role| role.to_string()).unwrap_or_default();
    let list = ListKey::new(LIST, &[&message.person_id, &role, &format!("{scope:?}")]);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    context.wait(&server.assignments, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.assignments);
    let listed =
        assignments::list(&server.assignments, &scope, message.person_id, role, &page).await?;
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    call.reads("list_assignments", Object::list("assignment", listed.rows.len()));
    Ok(v1::ListAssignmentsResponse {
        assignments: listed.rows.into_iter().map(|(id, row)| shown(id, row)).collect(),
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

/// UTC milliseconds; none for zero.
pub(super) fn moment(v: &mut Violations, field: &str, millis: i64) -> Option<Timestamp> {
    if millis < 0 {
        v.push(field, "a time is in UTC milliseconds, and not negative", "时间须为非负的UTC毫秒数");
    }
    (millis > 0).then_some(Timestamp(millis))
}

fn shown(assignment_id: String, row: AssignmentRow) -> v1::Assignment {
    let role = v1::Role::from_str_name(&api::name(&row.role, "ROLE_")).unwrap_or_default();
    v1::Assignment {
        assignment_id,
        person_id: row.person,
        role: role.into(),
        division: row.division,
        grid: row.grid,
        organisation_id: row.org,
        from: row.begins,
        until: row.ends.unwrap_or_default(),
        revoked: row.revoked != 0,
        given_by: row.given_by,
    }
}
