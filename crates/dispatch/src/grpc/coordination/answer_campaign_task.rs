//! `AnswerCampaignTask`: a grid answers the form; what it found becomes cases in the same step.

use api::dispatch::v1::{AnswerCampaignTaskRequest, AnswerCampaignTaskResponse};
use contracts::{dispatch::campaign::CampaignQuestion, subject};
use kernel::id::CampaignTaskId;
use platform::{
    executor::ExecuteError,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Coordination, campaign_form, command::nothing_there};
use crate::{
    coordination::Addressed as _,
    domain::{
        campaign_task::{Command, Finding},
        refusal::Refusal,
    },
    grpc::command::caller,
};

impl Coordination {
    pub(super) async fn answer_campaign_task(
        &self,
        request: Request<AnswerCampaignTaskRequest>,
    ) -> Result<AnswerCampaignTaskResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<CampaignTaskId>("task_id", &message.task_id);
        let (Some(request_id), Some(id)) = (request_id, id) else {
            v.finish()?;
            unreachable!("something is wrong")
        };
        // What fits can be said to those only who may see the form.
        let questions = self.questions_for(&call, &id).await?;
        let typed = campaign_form::answers(&mut v, &questions, &message.answers);
        v.finish()?;
        let request = call.request(request_id, "AnswerCampaignTask", &message);
        let mut answers = Vec::with_capacity(typed.len());
        for (answer, text) in typed {
            let record = format!("answer{}", answer.question);
            let text = self.seal(&call, id.division(), &request, &record, &text).await?;
            answers.push(campaign_form::sealed(answer, text));
        }
        let found = |question: &CampaignQuestion| {
            let answer = answers.iter().find(|answer| answer.question == question.number)?;
            let category = question.finding.clone().filter(|_| answer.yes == Some(true))?;
            Some(Finding { question: question.number, category, text: answer.text.clone() })
        };
        let findings: Vec<Finding> = questions.iter().filter_map(found).collect();
        let at = (id.target(false), id.division());
        let executor = &self.executors.campaign_tasks;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| {
                let (answers, findings) = (answers.clone(), findings.clone());
                Command::AnswerCampaignTask { at, caller, answers, findings }
            })
            .await?;
        Ok(AnswerCampaignTaskResponse { version, position })
    }

    /// The questions of a task's campaign, if the caller may answer them and they may be answered.
    async fn questions_for(
        &self,
        call: &Call,
        id: &CampaignTaskId,
    ) -> Result<Vec<CampaignQuestion>, ServiceError> {
        let asking = caller(&call.principal);
        let (state, _version) =
            self.executors.campaign_tasks.load(&subject::campaign_task(id)).await?;
        let Some(task) = state.task.filter(|task| task.is_covered_by(&asking)) else {
            return Err(nothing_there(&asking, id.division()));
        };
        let (state, _version) =
            self.executors.campaigns.load(&subject::campaign(&task.campaign)).await?;
        match state.launched {
            Some(launched) if !launched.closed => Ok(launched.questions),
            Some(_) | None => Err(ExecuteError::Rejected(Refusal::CampaignClosed).into()),
        }
    }
}
