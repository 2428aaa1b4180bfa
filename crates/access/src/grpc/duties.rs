//! A role and what it covers, as requests ask for it and as events write it.

use api::access::v1;
use contracts::access::ScopeKind;
use kernel::{
    Division, GridCode, Role,
    id::{OrganisationId, PersonId},
};
use platform::{
    auth::{
        Placement, Scope,
        scope::{ScopeMisfit, ScopeParts},
    },
    grpc::Violations,
};

use super::fields;
use crate::domain::person::Duty;

/// The fields in which a request names a role and its scope.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) role: i32,
    pub(super) division: &'a str,
    pub(super) grid: &'a str,
    pub(super) organisation_id: &'a str,
}

/// The role with the scope that the three parts mean for it.
pub(super) fn asked_scope(
    v: &mut Violations,
    county: Division,
    asked: Asked<'_>,
) -> Option<(Role, Scope)> {
    let role = named_role(v, asked.role);
    let grid: Option<GridCode> = v.parse_optional("grid", asked.grid);
    let division: Option<Division> = fields::local_optional(v, county, "division", asked.division);
    let org: Option<OrganisationId> =
        fields::local_optional(v, county, "organisation_id", asked.organisation_id);
    if grid.is_some_and(|grid| !county.contains(grid.village())) {
        v.push("grid", format!("this lies outside of {county}"), "不属于本县，请核对");
    }
    // What is there but wrong is not missing as well.
    let unread = grid.is_none() && !asked.grid.is_empty()
        || division.is_none() && !asked.division.is_empty()
        || org.is_none() && !asked.organisation_id.is_empty();
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

/// A role by its number.
pub(super) fn named_role(v: &mut Violations, role: i32) -> Option<Role> {
    let role = v1::Role::try_from(role).ok();
    let word = role.and_then(|role| api::word(role.as_str_name(), "ROLE_"));
    if word.is_none() {
        v.push("role", "name one of the roles", "请选择一个角色");
    }
    word
}

/// A role with its scope, as events write it.
pub(super) fn duty(role: Role, scope: &Scope) -> Duty {
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
pub(super) fn concerned(duty: &Duty, person: &PersonId) -> Placement {
    let village = duty.grid.map(GridCode::village);
    let division = duty.division.or(village).unwrap_or(person.division());
    Placement { grid: duty.grid, ..Placement::of_division(division) }
}
