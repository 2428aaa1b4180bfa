//! The campaign (专项任务): one task over many grids. The tasks are aggregates of their own, one a grid
//! (`campaign_task.rs`); they follow from the launch, and their ids from campaign and grid.

use contracts::{
    dispatch::campaign::{CampaignClosed, CampaignEvent, CampaignLaunched, CampaignQuestion},
    intake::Admission,
};
use kernel::{
    Aggregate, Division, GridCode, Timestamp,
    id::{CampaignId, CategoryCode, RecordId},
    limit::Limit,
};

use super::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// The campaign.
#[derive(Debug)]
pub struct Campaign;

/// The state: none before the launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The campaign.
    pub launched: Option<Launched>,
}

/// What decisions about a campaign and its tasks need of its history, and what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// Its id.
    pub id: CampaignId,
    /// The division over which it goes.
    pub division: Division,
    /// What is to be done.
    pub matter: RecordId,
    /// The words of the form.
    pub form: RecordId,
    /// The questions.
    pub questions: Vec<CampaignQuestion>,
    /// The grids.
    pub grids: Vec<GridCode>,
    /// By when they answer.
    pub due: Timestamp,
    /// Whether it takes no more answers.
    pub closed: bool,
}

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// Goes out to its grids.
    LaunchCampaign(Box<Launch>),
    /// Takes no more answers.
    CloseCampaign {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
}

/// What a campaign is launched with.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub caller: Caller,
    /// The campaign.
    pub campaign: CampaignId,
    /// The division over which it goes.
    pub division: Division,
    /// The category that lets it into the grids.
    pub category: CategoryCode,
    /// What the catalogue says of it, with its version; none where it is not there.
    pub admission: Option<(Admission, u32)>,
    /// What is to be done.
    pub matter: RecordId,
    /// The words of the form.
    pub form: RecordId,
    /// The questions.
    pub questions: Vec<CampaignQuestion>,
    /// The grids.
    pub grids: Vec<GridCode>,
    /// How long they have.
    pub limit: Limit,
    /// By when they answer.
    pub due: Timestamp,
    /// The version of the calendar.
    pub calendar_version: u32,
}

impl Aggregate for Campaign {
    const CATEGORY: &'static str = CampaignEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CampaignEvent;
    type Rejection = Refusal;

    fn decide(state: &State, command: Command) -> Result<Vec<CampaignEvent>, Refusal> {
        use Command as C;
        match (&state.launched, command) {
            (None, C::LaunchCampaign(launch)) => launch.events(),
            (None, C::CloseCampaign { .. }) => Err(Refusal::NoSuchThing),
            (Some(is), C::LaunchCampaign(launch)) if launch.campaign == is.id => Ok(Vec::new()),
            (Some(_), C::LaunchCampaign(_)) => Err(Refusal::IdInUse),
            (Some(is), C::CloseCampaign { caller, .. }) if !is.is_covered_by(&caller) => {
                Err(Refusal::OutOfScope)
            }
            (Some(is), C::CloseCampaign { .. }) if is.closed => Ok(Vec::new()),
            (Some(is), C::CloseCampaign { at, caller }) => {
                let campaign = is.id.clone();
                Ok(vec![CampaignClosed { occurred_at: at, campaign, by: caller.person }.into()])
            }
        }
    }

    fn evolve(state: State, event: &CampaignEvent) -> State {
        let launched = match (state.launched, event) {
            (None, CampaignEvent::CampaignLaunched(event)) => Some(Launched::new(event)),
            (Some(is), CampaignEvent::CampaignLaunched(_)) => Some(is),
            (is, CampaignEvent::CampaignClosed(_)) => is.map(|is| Launched { closed: true, ..is }),
        };
        State { launched }
    }
}

impl Launched {
    fn new(event: &CampaignLaunched) -> Self {
        Self {
            id: event.campaign.clone(),
            division: event.division,
            matter: event.matter.clone(),
            form: event.form.clone(),
            questions: event.questions.clone(),
            grids: event.grids.clone(),
            due: event.due,
            closed: false,
        }
    }

    /// Whether somebody may read what is asked: whose scope holds the campaign, or a grid of it.
    pub fn is_seen_by(&self, caller: &Caller) -> bool {
        let any_in = |own: Division| self.grids.iter().any(|grid| own.contains(grid.village()));
        match &caller.within {
            Within::Division(own) => own.contains(self.division) || any_in(*own),
            Within::Grid(own) => self.grids.contains(own),
            Within::Organisation { division, .. } => any_in(*division),
            Within::Assigned => false,
        }
    }

    fn is_covered_by(&self, caller: &Caller) -> bool {
        match &caller.within {
            Within::Division(own) => own.contains(self.division),
            Within::Grid(_) | Within::Organisation { .. } | Within::Assigned => false,
        }
    }
}

impl Launch {
    fn events(self) -> Result<Vec<CampaignEvent>, Refusal> {
        let catalogue_version = match self.admission {
            Some((Admission::Grid, version)) => version,
            Some((Admission::Direct, _)) | None => return Err(Refusal::NotAdmitted),
        };
        if self.grids.is_empty() {
            return Err(Refusal::NoGrids);
        }
        let launched = CampaignLaunched {
            occurred_at: self.at,
            campaign: self.campaign,
            division: self.division,
            by: self.caller.person,
            category: self.category,
            catalogue_version,
            matter: self.matter,
            form: self.form,
            questions: self.questions,
            grids: self.grids,
            limit: self.limit,
            due: self.due,
            calendar_version: self.calendar_version,
        };
        Ok(vec![launched.into()])
    }
}

#[cfg(test)]
mod tests;
