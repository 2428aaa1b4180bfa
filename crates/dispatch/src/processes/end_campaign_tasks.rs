//! A closed campaign ends those of its tasks that were not answered.

use contracts::{dispatch::campaign::CampaignEvent, subject};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{DecodeError, StoredEvent as _, id::CampaignId};
use platform::{
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};

use super::give_out_campaign_tasks::task_id;
use crate::{
    coordination::{Addressed as _, Executors},
    domain::campaign_task::Command,
};

/// How many tasks are ended at once.
const IN_FLIGHT: usize = 32;

/// The process.
pub struct EndCampaignTasks {
    /// The campaigns and their tasks.
    pub executors: Executors,
}

impl Process for EndCampaignTasks {
    const NAME: &'static str = "dispatch.end_campaign_tasks";
    const START: Start = Start::Beginning;
    type Command = CampaignId;

    fn react(&self, event: &Recorded) -> Result<Vec<CampaignId>, DecodeError> {
        if event.category() != CampaignEvent::CATEGORY {
            return Ok(Vec::new());
        }
        Ok(match CampaignEvent::decode(&event.ce_type, &event.payload)? {
            CampaignEvent::CampaignClosed(event) => vec![event.campaign],
            CampaignEvent::CampaignLaunched(_) => Vec::new(),
        })
    }

    async fn carry_out(&self, campaign: CampaignId, cause: &Cause) -> Result<(), CarryOutError> {
        let (state, _version) =
            self.executors.campaigns.load(&subject::campaign(&campaign)).await?;
        let grids = state.launched.map(|launched| launched.grids).unwrap_or_default();
        stream::iter(grids)
            .map(|grid| {
                let target = task_id(&campaign, grid).target(false);
                let make = |at| Command::EndCampaignTask { at };
                self.executors.campaign_tasks.execute(target, cause.request(), make)
            })
            .buffer_unordered(IN_FLIGHT)
            .map(|ended| match ended.map_err(CarryOutError::from) {
                // Answered, or never given out.
                Ok(_) | Err(CarryOutError::Refused(_)) => Ok(()),
                Err(later) => Err(later),
            })
            .try_collect()
            .await
    }
}
