//! Roles: given for a term, taken back, listed.

use api::access::v1;
use contracts::{access::ScopeKind, subject};
use kernel::{
    Division, GridCode, Role, Timestamp,
    id::{AssignmentId, OrganisationId, PersonId},
};
use platform::{
    auth::{
        Placement, Scope,
        scope::{ScopeMisfit, ScopeParts},
    },
    executor::Target,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{Server, fields};
use crate::{
    domain::person::{Command, Duty},
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
    let scope = asked_scope(&mut v, county, &message);
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
    let target =
        Target { subject: subject::person(&person), id: person.to_string(), creates: false };
    let outcome = server
        .person
        .execute(target, request, move |at| Command::RevokeRole {
            person: person.clone(),
            assignment: assignment.clone(),
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
    Ok(v1::ListAssignmentsResponse {
        assignments: listed.rows.into_iter().map(|(id, row)| shown(id, row)).collect(),
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

/// The role with the scope that the three parts mean for it.
fn asked_scope(
    v: &mut Violations,
    county: Division,
    message: &v1::AssignRoleRequest,
) -> Option<(Role, Scope)> {
    let role = named_role(v, message.role);
    let grid: Option<GridCode> = v.parse_optional("grid", &message.grid);
    let division: Option<Division> =
        fields::local_optional(v, county, "division", &message.division);
    let org: Option<OrganisationId> =
        fields::local_optional(v, county, "organisation_id", &message.organisation_id);
    if grid.is_some_and(|grid| !county.contains(grid.village())) {
        v.push("grid", format!("this lies outside of {county}"), "不属于本县，请核对");
    }
    // What is there but wrong is not missing as well.
    let unread = grid.is_none() && !message.grid.is_empty()
        || division.is_none() && !message.division.is_empty()
        || org.is_none() && !message.organisation_id.is_empty();
    let role = role.filter(|_| !unread)?;
    match Scope::for_role(role, ScopeParts { division, grid, org }) {
        Ok(scope) => Some((role, scope)),
        Err(misfit) => {
            let (field, zh) = described(&misfit);
            v.push(field, misfit.to_string(), zh);
            None
        }
    }
}

fn described(misfit: &ScopeMisfit) -> (&'static str, String) {
    let field = |part: &'static str| if part == "org" { "organisation_id" } else { part };
    match misfit {
        ScopeMisfit::Missing { role, part } => {
            (field(part), format!("角色 {role} 必须填写 {}", field(part)))
        }
        ScopeMisfit::Unwanted { role, part } => {
            (field(part), format!("角色 {role} 不能填写 {}", field(part)))
        }
        ScopeMisfit::GridElsewhere { grid, division } => {
            ("grid", format!("网格 {grid} 不在区划 {division} 内, 请核对"))
        }
    }
}

fn named_role(v: &mut Violations, role: i32) -> Option<Role> {
    let role = v1::Role::try_from(role).ok();
    let word = role.and_then(|role| api::word(role.as_str_name(), "ROLE_"));
    if word.is_none() {
        v.push("role", "name one of the roles", "请选择一个角色");
    }
    word
}

/// UTC milliseconds; none for zero.
fn moment(v: &mut Violations, field: &str, millis: i64) -> Option<Timestamp> {
    if millis < 0 {
        v.push(field, "a time is in UTC milliseconds, and not negative", "时间须为非负的UTC毫秒数");
    }
    (millis > 0).then_some(Timestamp(millis))
}

fn duty(role: Role, scope: &Scope) -> Duty {
    let kind = match scope {
        Scope::Division(_) => ScopeKind::Division,
        Scope::Grid(_) => ScopeKind::Grid,
        Scope::Organisation { .. } => ScopeKind::Organisation,
        Scope::Own => ScopeKind::Own,
        Scope::Assigned => ScopeKind::Assigned,
    };
    let ScopeParts { division, grid, org } = scope.parts();
    Duty { role, scope: kind, division, grid, organisation: org }
}

/// What part of the county a role concerns: whoever gives or takes it must cover that. A role
/// without a place concerns the place where its holder works.
fn concerned(duty: &Duty, person: &PersonId) -> Placement {
    let village = duty.grid.map(GridCode::village);
    let division = duty.division.or(village).unwrap_or(person.division());
    Placement { grid: duty.grid, ..Placement::of_division(division) }
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
    }
}
