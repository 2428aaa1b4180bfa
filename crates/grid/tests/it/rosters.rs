//! Rosters of grids, and leaves with those who stand in.

use api::grid::v1::{
    EndLeaveRequest, GetRosterRequest, GetRosterResponse, PutRosterRequest, RosterShift,
    SetLeaveRequest, roster_service_client::RosterServiceClient,
};
use contracts::{
    grid::{GridEvent, MemberAssigned, MemberDuty},
    subject,
};
use kernel::{GridCode, Role};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::world::{World, fields, reason};

const GRID: &str = "620821101203001";
const HOUR: i64 = 60 * 60_000;

type Client = RosterServiceClient<InterceptedService<Channel, Bearer>>;

fn caller(world: &World, role: Role, division: &str) -> Client {
    let division = Some(division.parse().unwrap());
    let bearer = world.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() });
    RosterServiceClient::with_interceptor(world.suite.channel(), bearer)
}

fn shift(world: &World, person: u128, from: i64, hours: i64) -> RosterShift {
    let from = world.suite.clock_now().0 + from * HOUR;
    let person_id = world.suite.person(person).to_string();
    RosterShift { person_id, from, to: from + hours * HOUR }
}

fn put(request_id: &str, shifts: Vec<RosterShift>) -> PutRosterRequest {
    PutRosterRequest { request_id: request_id.to_owned(), grid: GRID.to_owned(), shifts }
}

async fn read(world: &World, client: &mut Client) -> GetRosterResponse {
    let request = GetRosterRequest { grid: GRID.to_owned(), min_position: world.head().await };
    client.get_roster(request).await.unwrap().into_inner()
}

async fn serves(world: &World, person: u128) {
    let grid: GridCode = GRID.parse().unwrap();
    let id = subject::grid_id(grid);
    let assigned = GridEvent::from(MemberAssigned {
        occurred_at: world.suite.clock_now(),
        grid,
        person: world.suite.person(person),
        duty: MemberDuty::FullTime,
    });
    world.suite.append(&subject::grid(&id), &id.to_string(), &[assigned]).await;
}

pub(crate) async fn a_roster_is_put_and_read(world: World) {
    let mut operator = caller(&world, Role::Operator, "620821101");
    let (late, early) = (shift(&world, 2, 8, 8), shift(&world, 1, 0, 8));
    let first = put("r1", vec![late.clone(), early.clone()]);
    assert_eq!(operator.put_roster(first.clone()).await.unwrap().into_inner().version, 1);
    assert_eq!(read(&world, &mut operator).await.shifts, [early, late]);
    // Sent twice it is put once, and the same content again changes nothing.
    assert_eq!(operator.put_roster(first.clone()).await.unwrap().into_inner().version, 1);
    let same = PutRosterRequest { request_id: "r2".to_owned(), ..first };
    assert_eq!(operator.put_roster(same).await.unwrap().into_inner().version, 1);
    operator.put_roster(put("r3", Vec::new())).await.unwrap();
    assert_eq!(read(&world, &mut operator).await.shifts, []);

    let none = shift(&world, 1, 0, 0);
    let endless = shift(&world, 1, 0, 25);
    let nobody = RosterShift { person_id: "nobody".to_owned(), ..shift(&world, 1, 0, 8) };
    let wrong = fields(operator.put_roster(put("r4", vec![none, endless, nobody])).await);
    assert_eq!(wrong, ["shifts[0].to", "shifts[1].to", "shifts[2].person_id"]);
    let mut foreign = caller(&world, Role::Operator, "620821102");
    assert_eq!(reason(foreign.put_roster(put("r5", Vec::new())).await), "OUT_OF_SCOPE");
    let ask = GetRosterRequest { grid: GRID.to_owned(), min_position: None };
    assert_eq!(reason(foreign.get_roster(ask).await), "OUT_OF_SCOPE");
    let mut verifier = caller(&world, Role::Verifier, "620821");
    assert_eq!(reason(verifier.put_roster(put("r6", Vec::new())).await), "ROLE_NOT_ALLOWED");
}

pub(crate) async fn a_leave_is_entered_and_ended(world: World) {
    serves(&world, 1).await;
    world.suite.settled().await;
    let now = world.suite.clock_now().0;
    let leave = |request_id: &str, person: u128, substitute: u128| SetLeaveRequest {
        request_id: request_id.to_owned(),
        person_id: world.suite.person(person).to_string(),
        substitute_person_id: world.suite.person(substitute).to_string(),
        from: now,
        to: now + 72 * HOUR,
        ..SetLeaveRequest::default()
    };
    let mut operator = caller(&world, Role::Operator, "620821101");
    let set = operator.set_leave(leave("l1", 1, 2)).await.unwrap().into_inner();
    let again = operator.set_leave(leave("l1", 1, 2)).await.unwrap().into_inner();
    assert_eq!(set.leave_id, again.leave_id);
    let shown = read(&world, &mut operator).await.leaves;
    let [only] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!(only.substitute_person_id, world.suite.person(2).to_string());

    // Whoever covers not all that the person serves, and whoever is nobody's, is refused alike.
    let mut foreign = caller(&world, Role::Operator, "620821102");
    assert_eq!(reason(foreign.set_leave(leave("l2", 1, 2)).await), "OUT_OF_SCOPE");
    assert_eq!(reason(foreign.set_leave(leave("l3", 99, 2)).await), "OUT_OF_SCOPE");
    let end = |request_id: &str, leave_id: &str| EndLeaveRequest {
        request_id: request_id.to_owned(),
        leave_id: leave_id.to_owned(),
    };
    assert_eq!(reason(foreign.end_leave(end("e1", &set.leave_id)).await), "NO_SUCH_LEAVE");
    assert_eq!(reason(foreign.end_leave(end("e2", "620821000000-no")).await), "NO_SUCH_LEAVE");

    let own = fields(operator.set_leave(leave("l4", 1, 1)).await);
    assert_eq!(own, ["person_id"]);
    let backwards = SetLeaveRequest { to: now, ..leave("l5", 1, 2) };
    assert_eq!(fields(operator.set_leave(backwards).await), ["to"]);
    let both =
        SetLeaveRequest { organisation_id: "620821101000-team".to_owned(), ..leave("l6", 1, 2) };
    assert_eq!(fields(operator.set_leave(both).await), ["person_id"]);

    operator.end_leave(end("e3", &set.leave_id)).await.unwrap();
    operator.end_leave(end("e4", &set.leave_id)).await.unwrap();
    assert_eq!(read(&world, &mut operator).await.leaves, []);
    // A body is away as well.
    let closed = SetLeaveRequest {
        request_id: "l7".to_owned(),
        organisation_id: "620821101000-team".to_owned(),
        substitute_organisation_id: "620821101000-other".to_owned(),
        from: now,
        to: now + HOUR,
        ..SetLeaveRequest::default()
    };
    operator.set_leave(closed.clone()).await.unwrap();
    let elsewhere = SetLeaveRequest { request_id: "l8".to_owned(), ..closed };
    assert_eq!(reason(foreign.set_leave(elsewhere).await), "OUT_OF_SCOPE");
}
