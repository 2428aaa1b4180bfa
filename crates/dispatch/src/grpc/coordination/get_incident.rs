//! `GetIncident`, with all that happened in it in order, and `ListIncidents`.

use api::{
    common::v1::TimelineEntry,
    dispatch::v1::{
        CalledTeam, CommandFunction, CommandPost, GetIncidentRequest, GetIncidentResponse,
        Incident, IncidentKind, ListIncidentsRequest, ListIncidentsResponse,
    },
};
use contracts::{
    dispatch::{incident::IncidentEvent, instruction::InstructionEvent},
    subject,
};
use kernel::id::{IncidentId, InstructionId};
use platform::{
    audit::Object,
    auth::Scope,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    Coordination,
    command::nothing_there,
    list::{Asked, Listed},
};
use crate::{
    domain::incident::{self, Opened},
    grpc::{command::caller, show},
    projections::{
        incidents::IncidentRow,
        scoped::{self, Condition},
    },
};

impl Coordination {
    pub(super) async fn get_incident(
        &self,
        request: Request<GetIncidentRequest>,
    ) -> Result<GetIncidentResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse::<IncidentId>("incident_id", &message.incident_id);
        v.finish()?;
        let Some(id) = id else { unreachable!("checked above") };
        let view = &self.tables.incidents;
        self.context.wait(view, message.min_position.map(Into::into)).await?;
        let position = self.context.position(view);
        let asking = caller(&call.principal);
        let (state, _version) = self.executors.incidents.load(&subject::incident(&id)).await?;
        let row = view.get(&id.to_string()).await?;
        let seen = state.opened.filter(|opened| opened.is_covered_by(&asking)).zip(row);
        let Some((opened, row)) = seen else {
            return Err(nothing_there(&asking, id.division()));
        };
        let timeline = self.story(&id, &opened).await?;
        call.reads("read_incident", Object::one("incident", &id));
        Ok(GetIncidentResponse {
            incident: Some(shown(id.to_string(), row)),
            posts: opened.posts.iter().map(shown_post).collect(),
            called_teams: opened.teams.iter().map(shown_team).collect(),
            work_order_ids: opened.orders.iter().map(ToString::to_string).collect(),
            case_ids: opened.cases.iter().map(ToString::to_string).collect(),
            timeline,
            position: Some(position.into()),
        })
    }

    /// What happened to the incident, to its orders (without what was typed with them, which is shown with
    /// each order), and by instructions about it: in the order of the log.
    async fn story(
        &self,
        id: &IncidentId,
        opened: &Opened,
    ) -> Result<Vec<TimelineEntry>, ServiceError> {
        let mut story = self.history::<IncidentEvent>(&subject::incident(id)).await?;
        let about = scoped::of(&self.tables.instructions, "about", &id.to_string()).await?;
        for instruction in about.iter().filter_map(|(id, _)| id.parse::<InstructionId>().ok()) {
            let subject = subject::instruction(&instruction);
            story.extend(self.history::<InstructionEvent>(&subject).await?);
        }
        for order in &opened.orders {
            let recorded = self.context.log.load(&subject::work_order(order), 1).await?;
            story.extend(recorded.iter().map(show::entry));
        }
        story.sort_by_key(|entry| entry.sequence);
        Ok(story)
    }

    pub(super) async fn list_incidents(
        &self,
        request: Request<ListIncidentsRequest>,
    ) -> Result<ListIncidentsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let open = message.open;
        let asked = Asked {
            method: "ListIncidents",
            page_size: message.page_size,
            page_token: &message.page_token,
            min_position: message.min_position,
            division: &message.division,
        };
        let listed = match &call.principal.scope {
            Scope::Organisation { .. } => self.with_our_teams(&call, asked).await?,
            Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => {
                let conditions: Vec<Condition> =
                    open.then(|| ("open = ?", 1.into())).into_iter().collect();
                let checked = (Violations::new(), conditions);
                let view = &self.tables.incidents;
                self.listed(&call, view, asked, checked, |row| row.created_at).await?
            }
        };
        let rows = listed.rows.into_iter().filter(|(_, row)| !open || row.open == 1);
        Ok(ListIncidentsResponse {
            incidents: rows.map(|(id, row)| shown(id, row)).collect(),
            next_page_token: listed.next,
            position: listed.position,
        })
    }

    /// A page of the incidents that called teams of the caller's organisation, each once.
    async fn with_our_teams(
        &self,
        call: &Call,
        asked: Asked<'_>,
    ) -> Result<Listed<IncidentRow>, ServiceError> {
        let wanted = asked.min_position.clone().map(Into::into);
        self.context.wait(&self.tables.incidents, wanted).await?;
        let view = &self.tables.incident_teams;
        let checked = (Violations::new(), Vec::new());
        let listed = self.listed(call, view, asked, checked, |row| row.created_at).await?;
        let mut ids: Vec<String> = Vec::new();
        for (_, row) in listed.rows {
            if !ids.contains(&row.incident) {
                ids.push(row.incident);
            }
        }
        let mut rows = scoped::some(&self.tables.incidents, &ids).await?;
        rows.sort_by_key(|(id, _)| ids.iter().position(|listed| listed == id));
        Ok(Listed { rows, next: listed.next, position: listed.position })
    }
}

fn function(word: &impl ToString) -> i32 {
    let name = api::name(word, "COMMAND_FUNCTION_");
    CommandFunction::from_str_name(&name).unwrap_or_default().into()
}

fn shown(id: String, row: IncidentRow) -> Incident {
    let number = |number: i64| u32::try_from(number).unwrap_or_default();
    let kind = api::name(&row.kind, "INCIDENT_KIND_");
    Incident {
        incident_id: id,
        division: row.division,
        grid: row.grid,
        kind: IncidentKind::from_str_name(&kind).unwrap_or_default().into(),
        level: number(row.level),
        open: row.open == 1,
        command: function(&row.command),
        teams: number(row.teams),
        teams_arrived: number(row.teams_arrived),
        orders: number(row.orders),
        opened_at: row.created_at,
        stood_down_at: row.stood_down_at,
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}

fn shown_post(post: &contracts::dispatch::incident::Post) -> CommandPost {
    CommandPost { function: function(&post.function), person_id: post.person.to_string() }
}

fn shown_team(called: &incident::CalledTeam) -> CalledTeam {
    let moment = |at: Option<kernel::Timestamp>| at.map(|at| at.0).unwrap_or_default();
    CalledTeam {
        team_id: called.team.to_string(),
        organisation_id: called.organisation.to_string(),
        respond_due: called.respond_due.0,
        responded_at: moment(called.responded_at),
        assemble_due: called.assemble_due.0,
        assembled_at: moment(called.assembled_at),
        arrive_due: called.arrive_due.0,
        arrived_at: moment(called.arrived_at),
        strength: called.strength,
        clocks_missed: u32::try_from(called.rung.len()).unwrap_or_default(),
    }
}
