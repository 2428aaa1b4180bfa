//! `GetCampaign`, `ListCampaigns` and `ListCampaignTasks`.

use api::dispatch::v1::{
    Assignee, Campaign, CampaignProgress, CampaignTask, CampaignTaskStatus, GetCampaignRequest,
    GetCampaignResponse, ListCampaignTasksRequest, ListCampaignTasksResponse, ListCampaignsRequest,
    ListCampaignsResponse,
};
use contracts::subject;
use kernel::id::CampaignId;
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    Coordination,
    campaign_form::{self, Words},
    command::nothing_there,
    list::Asked,
};
use crate::{
    domain::caller::Within,
    grpc::command::caller,
    projections::{
        campaign_progress::ProgressRow,
        campaign_tasks::CampaignTaskRow,
        campaigns::CampaignRow,
        scoped::{self, Condition},
    },
};

impl Coordination {
    pub(super) async fn get_campaign(
        &self,
        request: Request<GetCampaignRequest>,
    ) -> Result<GetCampaignResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse::<CampaignId>("campaign_id", &message.campaign_id);
        v.finish()?;
        let Some(id) = id else { unreachable!("checked above") };
        let (campaigns, progress) = (&self.tables.campaigns, &self.tables.progress);
        let wanted: Option<kernel::LogPosition> = message.min_position.map(Into::into);
        self.context.wait(campaigns, wanted.clone()).await?;
        self.context.wait(progress, wanted).await?;
        let position = self.context.position(progress);
        let asking = caller(&call.principal);
        let (state, _version) = self.executors.campaigns.load(&subject::campaign(&id)).await?;
        let row = campaigns.get(&id.to_string()).await?;
        let seen = state.launched.filter(|launched| launched.is_seen_by(&asking)).zip(row);
        let Some((launched, row)) = seen else {
            return Err(nothing_there(&asking, id.division()));
        };
        let words: Vec<Words> =
            serde_json::from_str(&self.text(Some(&launched.form)).await?).unwrap_or_default();
        // A township sees how far it is itself; a grid its own task.
        let own = match &asking.within {
            Within::Division(own) | Within::Organisation { division: own, .. } => own.to_string(),
            Within::Grid(grid) => grid.to_string(),
            Within::Assigned => String::new(),
        };
        let rows = scoped::of(progress, "campaign", &id.to_string()).await?;
        let rows = rows.into_iter().map(|(_, row)| row);
        let progress =
            rows.filter(|row| row.township.starts_with(&own)).map(shown_progress).collect();
        call.reads("read_campaign", Object::one("campaign", &id));
        Ok(GetCampaignResponse {
            campaign: Some(shown(id.to_string(), &row)),
            matter: self.text(Some(&launched.matter)).await?,
            questions: campaign_form::shown(&launched.questions, words),
            progress,
            position: Some(position.into()),
        })
    }

    pub(super) async fn list_campaigns(
        &self,
        request: Request<ListCampaignsRequest>,
    ) -> Result<ListCampaignsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let conditions: Vec<Condition> =
            message.open.then(|| ("open = ?", 1.into())).into_iter().collect();
        let asked = Asked {
            method: "ListCampaigns",
            page_size: message.page_size,
            page_token: &message.page_token,
            min_position: message.min_position,
            division: &message.division,
        };
        let view = &self.tables.campaigns;
        let checked = (Violations::new(), conditions);
        let listed = self.listed(&call, view, asked, checked, |row| row.created_at).await?;
        Ok(ListCampaignsResponse {
            campaigns: listed.rows.into_iter().map(|(id, row)| shown(id, &row)).collect(),
            next_page_token: listed.next,
            position: listed.position,
        })
    }

    pub(super) async fn list_campaign_tasks(
        &self,
        request: Request<ListCampaignTasksRequest>,
    ) -> Result<ListCampaignTasksResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let campaign = v.parse_optional::<CampaignId>("campaign_id", &message.campaign_id);
        let mut conditions: Vec<Condition> = Vec::new();
        conditions
            .extend(status(&mut v, message.status).map(|status| ("status = ?", status.into())));
        conditions.extend(campaign.map(|id| ("campaign = ?", id.to_string().into())));
        conditions.extend(message.late.then(|| ("late = ?", 1.into())));
        let asked = Asked {
            method: "ListCampaignTasks",
            page_size: message.page_size,
            page_token: &message.page_token,
            min_position: message.min_position,
            division: &message.division,
        };
        let view = &self.tables.campaign_tasks;
        let listed = self.listed(&call, view, asked, (v, conditions), |row| row.created_at).await?;
        Ok(ListCampaignTasksResponse {
            tasks: listed.rows.into_iter().map(|(id, row)| shown_task(id, row)).collect(),
            next_page_token: listed.next,
            position: listed.position,
        })
    }
}

fn status(v: &mut Violations, status: i32) -> Option<&'static str> {
    match CampaignTaskStatus::try_from(status) {
        Ok(CampaignTaskStatus::Unspecified) => None,
        Ok(CampaignTaskStatus::Open) => Some("open"),
        Ok(CampaignTaskStatus::Answered) => Some("answered"),
        Ok(CampaignTaskStatus::Ended) => Some("ended"),
        Err(_) => {
            v.push("status", "there is no such status: leave it out for all", "没有这个状态");
            None
        }
    }
}

fn number(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn shown(id: String, row: &CampaignRow) -> Campaign {
    Campaign {
        campaign_id: id,
        division: row.division.clone(),
        category: row.category.clone(),
        closed: row.open == 0,
        grids: number(row.grids),
        answered: number(row.answered),
        findings: number(row.findings),
        due: row.due,
        created_at: row.created_at,
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}

fn shown_progress(row: ProgressRow) -> CampaignProgress {
    CampaignProgress {
        township: row.township,
        grids: number(row.grids),
        answered: number(row.answered),
        late: number(row.late),
        reminded: number(row.reminded),
        findings: number(row.findings),
        missed: number(row.missed),
    }
}

fn shown_task(id: String, row: CampaignTaskRow) -> CampaignTask {
    let status = api::name(&row.status, "CAMPAIGN_TASK_STATUS_");
    CampaignTask {
        task_id: id,
        campaign_id: row.campaign,
        grid: row.grid,
        assignee: Some(Assignee { organisation_id: row.org, person_id: row.assignee }),
        status: CampaignTaskStatus::from_str_name(&status).unwrap_or_default().into(),
        due: row.due,
        answered_at: row.answered_at,
        late: row.late == 1,
        findings: number(row.findings),
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}
