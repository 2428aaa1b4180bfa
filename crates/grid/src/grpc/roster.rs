//! `weft.grid.v1.RosterService`: who is on duty when, and who is away.

use api::grid::v1::{self, roster_service_server::RosterService};
use contracts::{grid::roster::Shift, subject};
use kernel::{
    ErrorCode, GridCode, Rejection as _, Timestamp,
    id::{LeaveId, OrganisationId, PersonId},
};
use platform::{
    auth::{MethodRow, Placement},
    executor::{ExecuteError, Executor, Target},
    grpc::{ServiceError, Violations, call::Call},
    projection::View,
    service::{Context, StartError},
};
use tonic::{Request, Response, Status};

use super::{KEEPERS, READ, checked, members::local_grid, reader_of_grids};
use crate::{
    domain::{
        leave::{self, Away, Leave},
        roster::{self, Roster},
    },
    projections::{
        grids::placement,
        members::{self, MemberRow},
        rosters::{self, LeaveRow, Leaves, RosterRow, Rosters},
    },
};

/// The most shifts of a roster; they fit one event.
const MAX_SHIFTS: usize = 300;

const DAY_MS: i64 = 24 * 60 * 60_000;

pub(super) const PUT: MethodRow = ("/weft.grid.v1.RosterService/PutRoster", KEEPERS);
pub(super) const GET: MethodRow = ("/weft.grid.v1.RosterService/GetRoster", READ);
pub(super) const SET: MethodRow = ("/weft.grid.v1.RosterService/SetLeave", KEEPERS);
pub(super) const END: MethodRow = ("/weft.grid.v1.RosterService/EndLeave", KEEPERS);

/// What the handlers stand on.
pub(crate) struct RosterServer {
    context: Context,
    roster: Executor<Roster>,
    leave: Executor<Leave>,
    members: View<MemberRow>,
    rosters: View<RosterRow>,
    leaves: View<LeaveRow>,
}

impl RosterServer {
    /// Opens the tables.
    pub(crate) async fn open(
        context: &Context,
        members: View<MemberRow>,
    ) -> Result<Self, StartError> {
        let database = context.database(crate::NAME).await?;
        Ok(Self {
            roster: context.executor(),
            leave: context.executor(),
            members,
            rosters: context.projection(crate::NAME, &database, Rosters).await?,
            leaves: context.projection(crate::NAME, &database, Leaves).await?,
            context: context.clone(),
        })
    }

    async fn put(
        &self,
        request: Request<v1::PutRosterRequest>,
    ) -> Result<v1::PutRosterResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let grid = local_grid(&mut v, self.context.county, &message.grid);
        let shifts = shifts_of(&mut v, &message.shifts);
        let ((request_id, grid), shifts) = checked(v, request_id.zip(grid).zip(shifts))?;
        call.principal.require(&placement(grid))?;
        let id = subject::roster_id(grid);
        let target = Target { subject: subject::roster(&id), id: id.to_string(), creates: false };
        let request = call.request(request_id, "PutRoster", &message);
        let by = call.principal.person.clone();
        let outcome = self
            .roster
            .execute(target, request, move |at| roster::Command::PutRoster {
                roster: id.clone(),
                grid,
                shifts: shifts.clone(),
                by: by.clone(),
                at,
            })
            .await?;
        let position = Some(outcome.position.into());
        Ok(v1::PutRosterResponse { version: outcome.version, position })
    }

    async fn get(
        &self,
        request: Request<v1::GetRosterRequest>,
    ) -> Result<v1::GetRosterResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let grid: Option<GridCode> = v.parse("grid", &message.grid);
        let grid = checked(v, grid)?;
        reader_of_grids(&call.principal).require(&placement(grid))?;
        let wanted = message.min_position.map(kernel::LogPosition::from);
        self.context.wait(&self.rosters, wanted.clone()).await?;
        self.context.wait(&self.members, wanted.clone()).await?;
        self.context.wait(&self.leaves, wanted).await?;
        let code = grid.to_string();
        let row = self.rosters.get(&code).await?;
        let shifts: Vec<Shift> = match row {
            Some(row) => serde_json::from_str(&row.shifts).map_err(ServiceError::corrupt)?,
            None => Vec::new(),
        };
        let now = self.context.clock.now().0;
        let mut leaves = Vec::new();
        for member in
            members::of_grids(&self.members, &[&code]).await?.remove(&code).unwrap_or_default()
        {
            for (leave_id, row) in rosters::not_over(&self.leaves, &member.person, now).await? {
                leaves.push(v1::MemberLeave {
                    leave_id,
                    person_id: row.who,
                    substitute_person_id: row.substitute,
                    from: row.begins,
                    to: row.ends,
                });
            }
        }
        let shown = |shift: Shift| v1::RosterShift {
            person_id: shift.person.to_string(),
            from: shift.from.0,
            to: shift.to.0,
        };
        Ok(v1::GetRosterResponse {
            shifts: shifts.into_iter().map(shown).collect(),
            leaves,
            position: Some(self.context.position(&self.rosters).into()),
        })
    }

    async fn set(
        &self,
        request: Request<v1::SetLeaveRequest>,
    ) -> Result<v1::SetLeaveResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let away = away_of(&mut v, &message);
        let (from, to) = (Timestamp(message.from), Timestamp(message.to));
        if to <= from || to.0.saturating_sub(from.0) > 366 * DAY_MS {
            v.push(
                "to",
                "a leave ends after it begins, and within 366 days",
                "销假须晚于请假，且不超过366天",
            );
        }
        let (request_id, away) = checked(v, request_id.zip(away))?;
        self.require(&call, &away).await?;
        let request = call.request(request_id, "SetLeave", &message);
        let id = LeaveId::new(self.context.county, request.key("leave"));
        let target = Target { subject: subject::leave(&id), id: id.to_string(), creates: true };
        let (leave, by) = (id.clone(), call.principal.person.clone());
        let outcome = self
            .leave
            .execute(target, request, move |at| leave::Command::SetLeave {
                leave: leave.clone(),
                away: away.clone(),
                from,
                to,
                by: by.clone(),
                at,
            })
            .await?;
        Ok(v1::SetLeaveResponse {
            leave_id: id.to_string(),
            version: outcome.version,
            position: Some(outcome.position.into()),
        })
    }

    async fn end(
        &self,
        request: Request<v1::EndLeaveRequest>,
    ) -> Result<v1::EndLeaveResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let leave = v.parse::<LeaveId>("leave_id", &message.leave_id);
        let (request_id, leave) = checked(v, request_id.zip(leave))?;
        let target =
            Target { subject: subject::leave(&leave), id: leave.to_string(), creates: false };
        let (state, _version) = self.leave.load(&target.subject).await?;
        let entered = state.entered().ok_or_else(no_such_leave)?;
        let away = match (&entered.person, &entered.organisation) {
            (Some(person), _) => Away::Person(person.clone(), None),
            (None, Some(body)) => Away::Organisation(body.clone(), None),
            (None, None) => return Err(no_such_leave()),
        };
        // Whether there is one that is another's is not told.
        self.require(&call, &away).await.map_err(|_| no_such_leave())?;
        let request = call.request(request_id, "EndLeave", &message);
        let by = call.principal.person.clone();
        let make = move |at| leave::Command::EndLeave { leave: leave.clone(), by: by.clone(), at };
        match self.leave.execute(target, request, make).await {
            Ok(outcome) => Ok(v1::EndLeaveResponse {
                version: outcome.version,
                position: Some(outcome.position.into()),
            }),
            Err(ExecuteError::Rejected(leave::Rejection::NoSuchLeave)) => Err(no_such_leave()),
            Err(error) => Err(error.into()),
        }
    }

    /// Leave is entered by whoever's scope covers every grid that the person serves; of whom no grid is
    /// known, the county's staff does. An organisation's is entered where it was registered.
    async fn require(&self, call: &Call, away: &Away) -> Result<(), ServiceError> {
        let county = Placement::of_division(self.context.county);
        match away {
            Away::Organisation(body, _) => {
                Ok(call.principal.require(&Placement::of_division(body.division()))?)
            }
            Away::Person(person, _) => {
                let served = members::served_by(&self.members, person).await?;
                if served.is_empty() {
                    call.principal.require(&county)?;
                }
                for grid in served {
                    call.principal.require(&placement(grid))?;
                }
                Ok(())
            }
        }
    }
}

fn no_such_leave() -> ServiceError {
    let no = leave::Rejection::NoSuchLeave;
    ServiceError::new(ErrorCode::NotFound, no.reason(), no.to_string(), no.message_zh())
}

fn shifts_of(v: &mut Violations, shifts: &[v1::RosterShift]) -> Option<Vec<Shift>> {
    if shifts.len() > MAX_SHIFTS {
        v.push(
            "shifts",
            "a roster has at most 300 shifts: plan fewer weeks",
            "最多300个班次，请缩短周期",
        );
        return None;
    }
    let mut read = Vec::with_capacity(shifts.len());
    for (place, shift) in shifts.iter().enumerate() {
        let person = v.parse::<PersonId>(&format!("shifts[{place}].person_id"), &shift.person_id);
        let (from, to) = (Timestamp(shift.from), Timestamp(shift.to));
        if to <= from || to.0.saturating_sub(from.0) > DAY_MS {
            v.push(
                &format!("shifts[{place}].to"),
                "a shift ends after it begins, and within 24 hours",
                "班次须先开始后结束，且不超过24小时",
            );
        }
        read.push(Shift { person: person?, from, to });
    }
    read.sort_by(|one, other| {
        (one.from, one.to, &one.person).cmp(&(other.from, other.to, &other.person))
    });
    Some(read)
}

/// A person or an organisation, and who stands in: of the same sort, and another.
fn away_of(v: &mut Violations, message: &v1::SetLeaveRequest) -> Option<Away> {
    let person = v.parse_optional::<PersonId>("person_id", &message.person_id);
    let body = v.parse_optional::<OrganisationId>("organisation_id", &message.organisation_id);
    let stand_in =
        v.parse_optional::<PersonId>("substitute_person_id", &message.substitute_person_id);
    let other = v.parse_optional::<OrganisationId>(
        "substitute_organisation_id",
        &message.substitute_organisation_id,
    );
    match (person, body) {
        (Some(person), None) if other.is_none() && stand_in.as_ref() != Some(&person) => {
            Some(Away::Person(person, stand_in))
        }
        (None, Some(body)) if stand_in.is_none() && other.as_ref() != Some(&body) => {
            Some(Away::Organisation(body, other))
        }
        (Some(_) | None, Some(_) | None) => {
            v.push(
                "person_id",
                "name a person or an organisation, and another of the same sort who stands in",
                "请填写请假人或单位之一，代理须为同类且非本人",
            );
            None
        }
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl RosterService for RosterServer {
    async fn put_roster(
        &self,
        request: Request<v1::PutRosterRequest>,
    ) -> Answer<v1::PutRosterResponse> {
        Ok(Response::new(self.put(request).await?))
    }

    async fn get_roster(
        &self,
        request: Request<v1::GetRosterRequest>,
    ) -> Answer<v1::GetRosterResponse> {
        Ok(Response::new(self.get(request).await?))
    }

    async fn set_leave(
        &self,
        request: Request<v1::SetLeaveRequest>,
    ) -> Answer<v1::SetLeaveResponse> {
        Ok(Response::new(self.set(request).await?))
    }

    async fn end_leave(
        &self,
        request: Request<v1::EndLeaveRequest>,
    ) -> Answer<v1::EndLeaveResponse> {
        Ok(Response::new(self.end(request).await?))
    }
}
