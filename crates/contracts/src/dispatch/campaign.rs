//! Campaigns (专项任务): one task over many grids, with a form of questions.

use kernel::{
    Division, GridCode, Timestamp,
    id::{CampaignId, CampaignTaskId, CategoryCode, PersonId, RecordId},
    limit::Limit,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Assignee;
use crate::codec::{event_set, payloads, words};

words! {
    /// What a question is answered with.
    pub enum QuestionKind {
        /// Yes or no.
        YesNo,
        /// A whole number, 0 or more.
        Number,
        /// One of the choices that the form names.
        Choice,
        /// A text.
        Text,
    }
}

/// A question of the form; its words are in the form's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignQuestion {
    /// Its number in the form, from 1.
    pub number: u32,
    /// What it is answered with.
    pub kind: QuestionKind,
    /// How many choices it offers; 0 where it is no choice.
    pub choices: u32,
    /// Whether an answer must be given.
    pub required: bool,
    /// The category of the case that a "yes" becomes, if it becomes one.
    pub finding: Option<CategoryCode>,
}

/// An answer to a question; one of the four is there, as the question's kind says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignAnswer {
    /// The question's number.
    pub question: u32,
    /// Yes or no.
    pub yes: Option<bool>,
    /// A number.
    pub number: Option<u32>,
    /// The place of the choice, from 1.
    pub choice: Option<u32>,
    /// A text; of a finding what was found.
    pub text: Option<RecordId>,
}

payloads! {
    /// A campaign goes out to its grids.
    pub struct CampaignLaunched {
        /// The campaign.
        pub campaign: CampaignId,
        /// The division over which it goes.
        pub division: Division,
        /// Who launched it.
        pub by: PersonId,
        /// The category on the admission list (准入清单) that lets it into the grids.
        pub category: CategoryCode,
        /// The version of the catalogue that says so.
        pub catalogue_version: u32,
        /// What is to be done.
        pub matter: RecordId,
        /// The words of the questions and choices.
        pub form: RecordId,
        /// The questions.
        pub questions: Vec<CampaignQuestion>,
        /// The grids, as they were when it was launched.
        pub grids: Vec<GridCode>,
        /// How long they have.
        pub limit: Limit,
        /// By when they answer.
        pub due: Timestamp,
        /// The version of the working calendar that gave it.
        pub calendar_version: u32,
    }

    /// A campaign takes no more answers.
    pub struct CampaignClosed {
        /// The campaign.
        pub campaign: CampaignId,
        /// Who closed it.
        pub by: PersonId,
    }

    /// A grid has its task of a campaign.
    pub struct CampaignTaskCreated {
        /// The task.
        pub task: CampaignTaskId,
        /// The campaign.
        pub campaign: CampaignId,
        /// The grid.
        pub grid: GridCode,
        /// Who is to do it.
        pub assignee: Assignee,
        /// By when.
        pub due: Timestamp,
    }

    /// A grid has answered.
    pub struct CampaignTaskAnswered {
        /// The task.
        pub task: CampaignTaskId,
        /// The campaign.
        pub campaign: CampaignId,
        /// The grid.
        pub grid: GridCode,
        /// Who answered.
        pub by: PersonId,
        /// The answers.
        pub answers: Vec<CampaignAnswer>,
        /// Whether it was late.
        pub late: bool,
    }

    /// A grid found what becomes a case.
    pub struct CampaignFinding {
        /// The task.
        pub task: CampaignTaskId,
        /// The campaign.
        pub campaign: CampaignId,
        /// The grid.
        pub grid: GridCode,
        /// Who found it.
        pub by: PersonId,
        /// The question that was answered with "yes".
        pub question: u32,
        /// The category of the case.
        pub category: CategoryCode,
        /// What was found.
        pub text: Option<RecordId>,
    }

    /// A grid had not answered in time. Once a task.
    pub struct CampaignTaskReminded {
        /// The task.
        pub task: CampaignTaskId,
        /// The campaign.
        pub campaign: CampaignId,
        /// The grid.
        pub grid: GridCode,
        /// When it was due.
        pub due: Timestamp,
    }

    /// The campaign closed before the grid answered.
    pub struct CampaignTaskEnded {
        /// The task.
        pub task: CampaignTaskId,
        /// The campaign.
        pub campaign: CampaignId,
        /// The grid.
        pub grid: GridCode,
    }
}

event_set! {
    /// What may happen to a campaign.
    "dispatch" "campaign"
    pub enum CampaignEvent {
        /// Launched.
        CampaignLaunched "campaign_launched" 1 [];
        /// Closed.
        CampaignClosed "campaign_closed" 1 [];
    }
}

event_set! {
    /// What may happen to a campaign's task in one grid.
    "dispatch" "campaign_task"
    pub enum CampaignTaskEvent {
        /// Created.
        CampaignTaskCreated "campaign_task_created" 1 [];
        /// Answered.
        CampaignTaskAnswered "campaign_task_answered" 1 [];
        /// Something was found.
        CampaignFinding "campaign_finding" 1 [];
        /// Reminded.
        CampaignTaskReminded "campaign_task_reminded" 1 [];
        /// Ended without an answer.
        CampaignTaskEnded "campaign_task_ended" 1 [];
    }
}
