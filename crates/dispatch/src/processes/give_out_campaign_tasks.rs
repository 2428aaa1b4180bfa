//! A launched campaign gives every one of its grids a task. The task's id follows from campaign and
//! grid, so that no grid gets two, whenever this is interrupted.

use contracts::{
    dispatch::{
        Assignee,
        campaign::{CampaignEvent, CampaignLaunched},
    },
    grid::MemberDuty,
};
use kernel::{
    DecodeError, GridCode, StoredEvent as _, Timestamp,
    id::{CampaignId, CampaignTaskId},
};
use platform::{
    executor::derived_key,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::behind;
use crate::{
    coordination::{Addressed as _, Executors},
    domain::campaign_task::Command,
    facts::Facts,
    projections::{routing_members, routing_organisations},
};

/// The process.
pub struct GiveOutCampaignTasks {
    /// Who serves the grids.
    pub facts: Facts,
    /// The tasks.
    pub executors: Executors,
}

/// A grid that is to have its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveOut {
    campaign: CampaignId,
    grid: GridCode,
    due: Timestamp,
}

/// The id of a campaign's task in a grid: there is one.
pub fn task_id(campaign: &CampaignId, grid: GridCode) -> CampaignTaskId {
    let parts = [campaign.to_string(), grid.to_string()];
    let key = derived_key(&[b"campaign_task", parts[0].as_bytes(), parts[1].as_bytes()]);
    CampaignTaskId::new(grid.village(), key)
}

fn launched(event: CampaignLaunched) -> Vec<GiveOut> {
    let CampaignLaunched { campaign, grids, due, .. } = event;
    let one = |grid| GiveOut { campaign: campaign.clone(), grid, due };
    grids.into_iter().map(one).collect()
}

impl Process for GiveOutCampaignTasks {
    const NAME: &'static str = "dispatch.give_out_campaign_tasks";
    const START: Start = Start::Beginning;
    type Command = GiveOut;

    fn react(&self, event: &Recorded) -> Result<Vec<GiveOut>, DecodeError> {
        if event.category() != CampaignEvent::CATEGORY {
            return Ok(Vec::new());
        }
        Ok(match CampaignEvent::decode(&event.ce_type, &event.payload)? {
            CampaignEvent::CampaignLaunched(event) => launched(event),
            CampaignEvent::CampaignClosed(_) => Vec::new(),
        })
    }

    async fn carry_out(&self, give: GiveOut, cause: &Cause) -> Result<(), CarryOutError> {
        self.facts.reach(cause.sequence).await.map_err(|error| behind(&error))?;
        let assignee = self.assignee(give.grid);
        let task = task_id(&give.campaign, give.grid);
        let target = task.target(true);
        let GiveOut { campaign, grid, due } = give;
        let make = move |at| Command::CreateCampaignTask {
            at,
            task: task.clone(),
            campaign: campaign.clone(),
            grid,
            assignee: assignee.clone(),
            due,
        };
        self.executors.campaign_tasks.execute(target, cause.request(), make).await?;
        Ok(())
    }
}

impl GiveOutCampaignTasks {
    /// The grid's member who serves it most, or the desk around it.
    fn assignee(&self, grid: GridCode) -> Assignee {
        let rank = |duty: MemberDuty| match duty {
            MemberDuty::FullTime => 0,
            MemberDuty::PartTime => 1,
            MemberDuty::Auxiliary => 2,
            MemberDuty::Chief => 3,
        };
        let members = routing_members::of_grid(&self.facts.members, grid);
        let member = members.into_iter().min_by_key(|(person, duty)| (rank(*duty), person.clone()));
        if let Some((person, _)) = member {
            return Assignee { organisation: None, person: Some(person) };
        }
        let kinds = &self.facts.rules.kinds;
        let desks = routing_organisations::around(
            &self.facts.organisations,
            grid.village(),
            &[&kinds.township_desk, &kinds.county_desk],
        );
        // The narrowest division has the longest code.
        let desk =
            desks.into_iter().max_by_key(|desk| (desk.division.to_string(), desk.id.clone()));
        Assignee { organisation: desk.map(|desk| desk.id), person: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_asks_for_one_task_a_grid_and_each_has_one_id() {
        let grids = ["620821101203001", "620821101203002"].map(|grid| grid.parse().unwrap());
        let campaign: CampaignId = "620821000000-c1".parse().unwrap();
        let asked = launched(CampaignLaunched {
            occurred_at: Timestamp(1),
            campaign: campaign.clone(),
            division: "620821".parse().unwrap(),
            by: "620821000000-p".parse().unwrap(),
            category: "0601".parse().unwrap(),
            catalogue_version: 1,
            matter: "620821000000-m".parse().unwrap(),
            form: "620821000000-f".parse().unwrap(),
            questions: Vec::new(),
            grids: grids.to_vec(),
            limit: "5wd".parse().unwrap(),
            due: Timestamp(9),
            calendar_version: 1,
        });
        assert_eq!(asked.iter().map(|give| give.grid).collect::<Vec<_>>(), grids);
        assert_eq!(task_id(&campaign, grids[0]), task_id(&campaign, grids[0]));
        assert_ne!(task_id(&campaign, grids[0]), task_id(&campaign, grids[1]));
        assert_eq!(task_id(&campaign, grids[0]).division(), grids[0].village());
    }
}
