//! `LaunchCampaign` and `CloseCampaign`.

use api::dispatch::v1::{
    CloseCampaignRequest, CloseCampaignResponse, LaunchCampaignRequest, LaunchCampaignResponse,
};
use kernel::{
    Division, GridCode,
    id::{CampaignId, CategoryCode},
    limit::Limit,
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Coordination, campaign_form, command::require};
use crate::{
    coordination::Addressed as _,
    domain::campaign::{Command, Launch},
    projections::campaign_grids,
};

const MATTER_CHARS: usize = 2_000;
const MAX_GRIDS: usize = 2_000;

impl Coordination {
    pub(super) async fn launch_campaign(
        &self,
        request: Request<LaunchCampaignRequest>,
    ) -> Result<LaunchCampaignResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let division = v.parse::<Division>("division", &message.division);
        let grids = v.parse_each::<GridCode>("grids", &message.grids, MAX_GRIDS);
        let category = v.parse::<CategoryCode>("category", &message.category);
        let matter = v.required_text("matter", &message.matter, MATTER_CHARS);
        let limit = v.parse::<Limit>("due_within", &message.due_within);
        let form = campaign_form::questions(&mut v, &message.questions);
        if let (Some(division), Some(grids)) = (division, &grids)
            && let Some(grid) = grids.iter().find(|grid| !division.contains(grid.village()))
        {
            let en = format!("the grid {grid} is elsewhere: name grids of the division");
            v.push("grids", en, format!("网格{grid}不在该区划内"));
        }
        v.finish()?;
        let (
            (Some(request_id), Some(division), Some(grids)),
            (Some(category), Some(matter)),
            Some(limit),
        ) = ((request_id, division, grids), (category, matter), limit)
        else {
            unreachable!("checked above")
        };
        require(&call.principal, division)?;
        let grids = self.grids(division, grids);
        let admission =
            self.facts.category(&category).map(|rules| (rules.admission, rules.catalogue_version));
        let request = call.request(request_id, "LaunchCampaign", &message);
        let id = CampaignId::new(division, request.key("campaign"));
        let (questions, words): (Vec<_>, Vec<_>) = form.into_iter().unzip();
        let words = serde_json::to_string(&words).map_err(ServiceError::internal)?;
        let matter = self.seal_always(&call, division, &request, "matter", &matter).await?;
        let form = self.seal_always(&call, division, &request, "form", &words).await?;
        let (campaign, rules) = (id.clone(), self.facts.rules.clone());
        let grid_count = u32::try_from(grids.len()).unwrap_or(u32::MAX);
        let at = (id.target(true), division);
        let executor = &self.executors.campaigns;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| {
                Command::LaunchCampaign(Box::new(Launch {
                    at,
                    caller,
                    campaign: campaign.clone(),
                    division,
                    category: category.clone(),
                    admission,
                    matter: matter.clone(),
                    form: form.clone(),
                    questions: questions.clone(),
                    grids: grids.clone(),
                    limit,
                    due: rules.calendar.due(at, &limit),
                    calendar_version: rules.calendar.version(),
                }))
            })
            .await?;
        Ok(LaunchCampaignResponse { version, position, campaign_id: id.to_string(), grid_count })
    }

    /// Those of the named grids that there are, or all of the division.
    fn grids(&self, division: Division, named: Vec<GridCode>) -> Vec<GridCode> {
        let view = &self.tables.grids;
        if named.is_empty() {
            return campaign_grids::of_division(view, division);
        }
        named.into_iter().filter(|grid| campaign_grids::exists(view, *grid)).collect()
    }

    pub(super) async fn close_campaign(
        &self,
        request: Request<CloseCampaignRequest>,
    ) -> Result<CloseCampaignResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<CampaignId>("campaign_id", &message.campaign_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "CloseCampaign", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.campaigns;
        let make = |at, caller| Command::CloseCampaign { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(CloseCampaignResponse { version, position })
    }
}
