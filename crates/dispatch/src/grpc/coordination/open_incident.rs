//! `OpenIncident`, and what teams do: they are called, answer, assemble, arrive.

use api::dispatch::v1::{
    CallTeamRequest, CallTeamResponse, CommandPost, OpenIncidentRequest, OpenIncidentResponse,
    TeamArriveRequest, TeamArriveResponse, TeamAssembleRequest, TeamAssembleResponse,
    TeamRespondRequest, TeamRespondResponse,
};
use contracts::dispatch::incident::{CommandFunction, IncidentKind, Post};
use kernel::{
    Division, GridCode,
    id::{IncidentId, TeamId},
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{
    Coordination,
    command::{cases, nothing_there, position, require},
};
use crate::{
    coordination::Addressed as _,
    domain::incident::{self, Command, Open},
    grpc::command::caller,
};

const TEXT_CHARS: usize = 2_000;
const MAX_TEAMS: usize = 50;

/// 1, the gravest, to 4.
pub(super) fn level(v: &mut Violations, level: u32) -> Option<u8> {
    let level = u8::try_from(level).ok().filter(|level| (1..=4).contains(level));
    if level.is_none() {
        v.push("level", "levels are 1, the gravest, to 4: write one", "级别为1（最高）至4");
    }
    level
}

/// A function of command and its person.
pub(super) fn post(v: &mut Violations, field: &str, post: &CommandPost) -> Option<Post> {
    let name = post.function().as_str_name();
    let function = api::word::<CommandFunction>(name, "COMMAND_FUNCTION_");
    let function = v.required(&format!("{field}.function"), function);
    let person = v.parse(&format!("{field}.person_id"), &post.person_id);
    Some(Post { function: function?, person: person? })
}

fn posts(v: &mut Violations, given: &[CommandPost]) -> Vec<Post> {
    let posts: Vec<Post> = given
        .iter()
        .enumerate()
        .filter_map(|(place, one)| post(v, &format!("posts[{place}]"), one))
        .collect();
    let twice = posts
        .iter()
        .enumerate()
        .any(|(place, one)| posts[..place].iter().any(|before| before.function == one.function));
    if twice {
        v.push("posts", "a function is here twice: name each once", "同一岗位只能有一人");
    }
    posts
}

impl Coordination {
    pub(super) async fn open_incident(
        &self,
        request: Request<OpenIncidentRequest>,
    ) -> Result<OpenIncidentResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let division = v.parse::<Division>("division", &message.division);
        let grid = v.parse_optional::<GridCode>("grid", &message.grid);
        let place = position(&mut v, "place", message.place.as_ref());
        let kind = api::word::<IncidentKind>(message.kind().as_str_name(), "INCIDENT_KIND_");
        let kind = v.required("kind", kind);
        let level = level(&mut v, message.level);
        let posts = posts(&mut v, &message.posts);
        let teams = v.parse_each::<TeamId>("team_ids", &message.team_ids, MAX_TEAMS);
        let cases = cases(&mut v, "case_ids", &message.case_ids);
        let text = v.text("text", &message.text, TEXT_CHARS);
        if let (Some(division), Some(grid)) = (division, grid)
            && !division.contains(grid.village())
        {
            v.push("grid", "this grid is elsewhere: name one in the division", "网格不在该区划内");
        }
        v.finish()?;
        let (
            (Some(request_id), Some(division)),
            (Some(kind), Some(level)),
            (Some(teams), Some(text)),
        ) = ((request_id, division), (kind, level), (teams, text))
        else {
            unreachable!("checked above")
        };
        let cases = cases.unwrap_or_default();
        require(&call.principal, division)?;
        for case in &cases {
            require(&call.principal, case.division())?;
        }
        let county_town = message.county_town;
        let mut calls = Vec::with_capacity(teams.len());
        for team in teams {
            calls.push(self.call_of(&call, team, division, county_town).await?);
        }
        let request = call.request(request_id, "OpenIncident", &message);
        let id = IncidentId::new(division, request.key("incident"));
        let text = self.seal(&call, division, &request, "text", &text).await?;
        let incident = id.clone();
        let at = (id.target(true), division);
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| {
                Command::OpenIncident(Box::new(Open {
                    at,
                    caller,
                    incident: incident.clone(),
                    division,
                    grid,
                    position: place,
                    kind,
                    level,
                    posts: posts.clone(),
                    calls: calls.clone(),
                    county_town,
                    cases: cases.clone(),
                    text: text.clone(),
                }))
            })
            .await?;
        Ok(OpenIncidentResponse { version, position, incident_id: id.to_string() })
    }

    /// A team with its clocks: one of the caller's division, or one that serves the place from above.
    async fn call_of(
        &self,
        call: &Call,
        team: TeamId,
        place: Division,
        county_town: bool,
    ) -> Result<incident::Call, ServiceError> {
        if !team.division().contains(place) {
            require(&call.principal, team.division())?;
        }
        let (state, _version) = self.executors.teams.load(&contracts::subject::team(&team)).await?;
        let asking = caller(&call.principal);
        let Some(registered) = state.registered.filter(|team| !team.disbanded) else {
            return Err(nothing_there(&asking, team.division()));
        };
        let limits = self.facts.rules.coordination;
        Ok(incident::Call {
            team,
            organisation: registered.organisation,
            respond_ms: limits.respond_ms,
            assemble_ms: limits.assemble_ms,
            arrive_ms: limits.arrive_ms(county_town),
        })
    }

    pub(super) async fn call_team(
        &self,
        request: Request<CallTeamRequest>,
    ) -> Result<CallTeamResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        let team = v.parse::<TeamId>("team_id", &message.team_id);
        v.finish()?;
        let (Some(request_id), Some(id), Some(team)) = (request_id, id, team) else {
            unreachable!("checked above")
        };
        require(&call.principal, id.division())?;
        let subject = contracts::subject::incident(&id);
        let (state, _version) = self.executors.incidents.load(&subject).await?;
        let county_town = state.opened.is_some_and(|opened| opened.county_town);
        let called = self.call_of(&call, team, id.division(), county_town).await?;
        let request = call.request(request_id, "CallTeam", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.incidents;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::CallTeam {
                at,
                caller,
                call: called.clone(),
            })
            .await?;
        Ok(CallTeamResponse { version, position })
    }
}

/// The steps of a team: one method each, which differ in their command alone.
macro_rules! steps {
    ($($method:ident($request:ident) -> $response:ident, $name:literal, $make:expr;)*) => {
        impl Coordination {
            $(pub(super) async fn $method(
                &self,
                request: Request<$request>,
            ) -> Result<$response, ServiceError> {
                let call = Call::of(&request)?;
                let message = request.into_inner();
                let mut v = Violations::new();
                let request_id = v.request_id(&message.request_id);
                let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
                let team = v.parse::<TeamId>("team_id", &message.team_id);
                v.finish()?;
                let (Some(request_id), Some(id), Some(team)) = (request_id, id, team) else {
                    unreachable!("checked above")
                };
                let request = call.request(request_id, $name, &message);
                let at = (id.target(false), id.division());
                let executor = &self.executors.incidents;
                let (version, position) = self
                    .carry_out(executor, &call, at, request, move |at, caller| {
                        $make(at, caller, team.clone(), &message)
                    })
                    .await?;
                Ok($response { version, position })
            })*
        }
    };
}

steps! {
    team_respond(TeamRespondRequest) -> TeamRespondResponse, "TeamRespond",
        |at, caller, team, _: &TeamRespondRequest| Command::TeamRespond { at, caller, team };
    team_assemble(TeamAssembleRequest) -> TeamAssembleResponse, "TeamAssemble",
        |at, caller, team, message: &TeamAssembleRequest| {
            Command::TeamAssemble { at, caller, team, strength: message.strength }
        };
    team_arrive(TeamArriveRequest) -> TeamArriveResponse, "TeamArrive",
        |at, caller, team, _: &TeamArriveRequest| Command::TeamArrive { at, caller, team };
}
