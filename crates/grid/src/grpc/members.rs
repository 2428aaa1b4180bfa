//! Who serves a grid.

use api::grid::v1;
use contracts::{grid::MemberDuty, subject};
use kernel::{Division, GridCode, id::PersonId};
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};

use super::{Server, checked};
use crate::{domain::grid::Command, projections::grids::placement};

pub(super) async fn assign_member(
    server: &Server,
    request: tonic::Request<v1::AssignMemberRequest>,
) -> Result<v1::AssignMemberResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let grid = local_grid(&mut v, server.context.county, &message.grid);
    let person: Option<PersonId> = v.parse("person_id", &message.person_id);
    let duty: Option<MemberDuty> = v1::MemberDuty::try_from(message.duty)
        .ok()
        .and_then(|duty| api::word(duty.as_str_name(), "MEMBER_DUTY_"));
    if duty.is_none() {
        v.push("duty", "name one of the duties", "请选择一种岗位");
    }
    let given = request_id.zip(grid).zip(person.zip(duty));
    let ((request_id, grid), (person, duty)) = checked(v, given)?;
    call.principal.require(&placement(grid))?;

    let request = call.request(request_id, "AssignMember", &message);
    let outcome = server
        .grid
        .execute(existing(grid), request, move |at| Command::AssignMember {
            grid,
            person: person.clone(),
            duty,
            at,
        })
        .await?;
    Ok(v1::AssignMemberResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn relieve_member(
    server: &Server,
    request: tonic::Request<v1::RelieveMemberRequest>,
) -> Result<v1::RelieveMemberResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let grid = local_grid(&mut v, server.context.county, &message.grid);
    let person: Option<PersonId> = v.parse("person_id", &message.person_id);
    let given = request_id.zip(grid).zip(person);
    let ((request_id, grid), person) = checked(v, given)?;
    call.principal.require(&placement(grid))?;

    let request = call.request(request_id, "RelieveMember", &message);
    let outcome = server
        .grid
        .execute(existing(grid), request, move |at| Command::RelieveMember {
            grid,
            person: person.clone(),
            at,
        })
        .await?;
    Ok(v1::RelieveMemberResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

/// A grid's code that must be there and lie in the county.
pub(super) fn local_grid(v: &mut Violations, county: Division, text: &str) -> Option<GridCode> {
    let grid: GridCode = v.parse("grid", text)?;
    if county.contains(grid.village()) {
        return Some(grid);
    }
    v.push(
        "grid",
        format!("this lies outside of {county}: ask that county's suite"),
        format!("不属于本县（{county}），请核对"),
    );
    None
}

fn existing(grid: GridCode) -> Target {
    let id = subject::grid_id(grid);
    Target { subject: subject::grid(&id), id: id.to_string(), creates: false }
}
