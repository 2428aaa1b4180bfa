//! What working together stands on: its tables and the executors of its aggregates.

use contracts::subject;
use kernel::id::{CampaignId, CampaignTaskId, ConvocationId, IncidentId, InstructionId, TeamId};
use platform::{
    database::Database,
    executor::{Executor, Target},
    projection::View,
    service::{Context, StartError},
};

use crate::{
    NAME,
    domain::{
        campaign::Campaign, campaign_task::CampaignTask, convocation::Convocation,
        incident::Incident, instruction::Instruction, team::Team,
    },
    projections::{
        campaign_grids::{CampaignGrids, GridRow},
        campaign_progress::{CampaignProgress, ProgressRow},
        campaign_tasks::{CampaignTaskRow, CampaignTasks},
        campaigns::{CampaignRow, Campaigns},
        convocation_bodies::{BodyRow, ConvocationBodies},
        convocation_tasks::{ConvocationTaskRow, ConvocationTasks},
        convocations::{ConvocationRow, Convocations},
        incident_teams::{IncidentTeamRow, IncidentTeams},
        incidents::{IncidentRow, Incidents},
        instructions::{InstructionRow, Instructions},
        teams::{TeamRow, Teams},
    },
};

/// The tables.
#[derive(Clone)]
pub struct Tables {
    /// The convocations.
    pub convocations: View<ConvocationRow>,
    /// The bodies that they called.
    pub bodies: View<BodyRow>,
    /// The tasks that they concluded with.
    pub tasks: View<ConvocationTaskRow>,
    /// The grids that there are.
    pub grids: View<GridRow>,
    /// The campaigns.
    pub campaigns: View<CampaignRow>,
    /// How far each is in each township.
    pub progress: View<ProgressRow>,
    /// Their tasks.
    pub campaign_tasks: View<CampaignTaskRow>,
    /// The instructions.
    pub instructions: View<InstructionRow>,
    /// The incidents.
    pub incidents: View<IncidentRow>,
    /// The teams that they called.
    pub incident_teams: View<IncidentTeamRow>,
    /// The teams.
    pub teams: View<TeamRow>,
}

/// The executors.
#[derive(Clone)]
pub struct Executors {
    /// Of convocations.
    pub convocations: Executor<Convocation>,
    /// Of campaigns.
    pub campaigns: Executor<Campaign>,
    /// Of their tasks.
    pub campaign_tasks: Executor<CampaignTask>,
    /// Of instructions.
    pub instructions: Executor<Instruction>,
    /// Of incidents.
    pub incidents: Executor<Incident>,
    /// Of teams.
    pub teams: Executor<Team>,
}

impl Tables {
    /// Opens the tables.
    pub async fn open(context: &Context, database: &Database) -> Result<Self, StartError> {
        Ok(Self {
            convocations: context.projection(NAME, database, Convocations).await?,
            bodies: context.projection(NAME, database, ConvocationBodies).await?,
            tasks: context.projection(NAME, database, ConvocationTasks).await?,
            grids: context.projection(NAME, database, CampaignGrids).await?,
            campaigns: context.projection(NAME, database, Campaigns).await?,
            progress: context.projection(NAME, database, CampaignProgress).await?,
            campaign_tasks: context.projection(NAME, database, CampaignTasks).await?,
            instructions: context.projection(NAME, database, Instructions).await?,
            incidents: context.projection(NAME, database, Incidents).await?,
            incident_teams: context.projection(NAME, database, IncidentTeams).await?,
            teams: context.projection(NAME, database, Teams).await?,
        })
    }
}

impl Executors {
    /// Makes the executors.
    pub fn new(context: &Context) -> Self {
        Self {
            convocations: context.executor(),
            campaigns: context.executor(),
            campaign_tasks: context.executor(),
            instructions: context.executor(),
            incidents: context.executor(),
            teams: context.executor(),
        }
    }
}

/// Where the history of something is; `creates` where the command begins it.
pub trait Addressed {
    /// Its target.
    fn target(&self, creates: bool) -> Target;
}

macro_rules! addressed {
    ($($id:ident $subject:ident;)*) => {$(
        impl Addressed for $id {
            fn target(&self, creates: bool) -> Target {
                Target { subject: subject::$subject(self), id: self.to_string(), creates }
            }
        }
    )*};
}

addressed! {
    ConvocationId convocation;
    CampaignId campaign;
    CampaignTaskId campaign_task;
    InstructionId instruction;
    IncidentId incident;
    TeamId team;
}
