//! Teams (队伍): registered, put on duty, disbanded, listed.

use api::dispatch::v1::{
    DisbandTeamRequest, DisbandTeamResponse, ListTeamsRequest, ListTeamsResponse,
    PutTeamOnDutyRequest, PutTeamOnDutyResponse, RegisterTeamRequest, RegisterTeamResponse, Team,
};
use kernel::{
    Division,
    id::{OrganisationId, PersonId, TeamId},
};
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    Coordination,
    command::{moment, require},
    list::Asked,
};
use crate::{
    coordination::Addressed as _,
    domain::team::Command,
    projections::{scoped::Condition, teams::TeamRow},
};

const NAME_CHARS: usize = 100;
const MAX_MEMBERS: usize = 200;

impl Coordination {
    pub(super) async fn register_team(
        &self,
        request: Request<RegisterTeamRequest>,
    ) -> Result<RegisterTeamResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let division = v.parse::<Division>("division", &message.division);
        let organisation = v.parse::<OrganisationId>("organisation_id", &message.organisation_id);
        let name = v.required_text("name", &message.name, NAME_CHARS);
        let members = v.parse_each::<PersonId>("person_ids", &message.person_ids, MAX_MEMBERS);
        v.finish()?;
        let ((Some(request_id), Some(division)), (Some(organisation), Some(name)), Some(members)) =
            ((request_id, division), (organisation, name), members)
        else {
            unreachable!("checked above")
        };
        require(&call.principal, division)?;
        self.require_known([&organisation])?;
        let request = call.request(request_id, "RegisterTeam", &message);
        let id = TeamId::new(division, request.key("team"));
        let name = self.seal_always(&call, division, &request, "name", &name).await?;
        let team = id.clone();
        let (full_time, auxiliary) = (message.full_time, message.auxiliary);
        let at = (id.target(true), division);
        let executor = &self.executors.teams;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, _caller| Command::RegisterTeam {
                at,
                team: team.clone(),
                division,
                organisation: organisation.clone(),
                name: name.clone(),
                full_time,
                auxiliary,
                members: members.clone(),
            })
            .await?;
        Ok(RegisterTeamResponse { version, position, team_id: id.to_string() })
    }

    pub(super) async fn put_team_on_duty(
        &self,
        request: Request<PutTeamOnDutyRequest>,
    ) -> Result<PutTeamOnDutyResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<TeamId>("team_id", &message.team_id);
        let from = moment(&mut v, "from", message.from);
        let until = moment(&mut v, "until", message.until);
        let leader = v.parse_optional::<PersonId>("leader_id", &message.leader_id);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            v.push("until", "the term ends before it begins: mend it", "结束时间须晚于开始时间");
        }
        v.finish()?;
        let ((Some(request_id), Some(id)), (Some(from), Some(until))) =
            ((request_id, id), (from, until))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "PutTeamOnDuty", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.teams;
        let (version, position) =
            self.carry_out(executor, &call, at, request, move |at, caller| {
                Command::PutTeamOnDuty { at, caller, from, until, leader: leader.clone() }
            })
            .await?;
        Ok(PutTeamOnDutyResponse { version, position })
    }

    pub(super) async fn disband_team(
        &self,
        request: Request<DisbandTeamRequest>,
    ) -> Result<DisbandTeamResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<TeamId>("team_id", &message.team_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "DisbandTeam", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.teams;
        let make = |at, caller| Command::DisbandTeam { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(DisbandTeamResponse { version, position })
    }

    pub(super) async fn list_teams(
        &self,
        request: Request<ListTeamsRequest>,
    ) -> Result<ListTeamsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let now = self.context.clock.now().0;
        let mut conditions: Vec<Condition> = vec![("disbanded = ?", 0.into())];
        if message.on_duty {
            conditions.push(("duty_from <= ?", now.into()));
            conditions.push(("duty_until > ?", now.into()));
        }
        let asked = Asked {
            method: "ListTeams",
            page_size: message.page_size,
            page_token: &message.page_token,
            min_position: message.min_position,
            division: &message.division,
        };
        let view = &self.tables.teams;
        let checked = (Violations::new(), conditions);
        let listed = self.listed(&call, view, asked, checked, |row| row.created_at).await?;
        let mut teams = Vec::with_capacity(listed.rows.len());
        for (id, row) in listed.rows {
            let name = self.text(row.label.parse().ok().as_ref()).await?;
            teams.push(shown(id, row, name, now));
        }
        call.reads("list_teams", Object::list("team", teams.len()));
        Ok(ListTeamsResponse { teams, next_page_token: listed.next, position: listed.position })
    }
}

fn shown(id: String, row: TeamRow, name: String, now: i64) -> Team {
    let on_duty = row.is_on_duty(now);
    Team {
        team_id: id,
        division: row.division,
        organisation_id: row.org,
        name,
        full_time: u32::try_from(row.full_time).unwrap_or_default(),
        auxiliary: u32::try_from(row.auxiliary).unwrap_or_default(),
        on_duty,
        on_duty_until: if on_duty { row.duty_until } else { 0 },
        leader_id: if on_duty { row.leader } else { String::new() },
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}
