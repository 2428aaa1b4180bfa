//! A campaign's task in one grid: created once, answered once, reminded once.

use contracts::dispatch::{
    Assignee,
    campaign::{
        CampaignAnswer, CampaignFinding, CampaignTaskAnswered, CampaignTaskCreated,
        CampaignTaskEnded, CampaignTaskEvent, CampaignTaskReminded,
    },
};
use kernel::{
    Aggregate, GridCode, Timestamp,
    id::{CampaignId, CampaignTaskId, CategoryCode, RecordId},
};

use super::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// The task.
#[derive(Debug)]
pub struct CampaignTask;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// To be answered.
    Open,
    /// Answered.
    Answered,
    /// The campaign closed first.
    Ended,
}

impl Status {
    /// The status as tables and the API's words have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Ended => "ended",
        }
    }
}

/// The state: none before the creation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The task.
    pub task: Option<Task>,
}

/// What decisions about a task need of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: CampaignTaskId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The grid.
    pub grid: GridCode,
    /// Who is to do it.
    pub assignee: Assignee,
    /// By when.
    pub due: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// Whether its clock rang.
    pub reminded: bool,
}

/// Something found that becomes a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The question that was answered with "yes".
    pub question: u32,
    /// The category of the case.
    pub category: CategoryCode,
    /// What was found.
    pub text: Option<RecordId>,
}

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// A grid gets its task.
    CreateCampaignTask {
        /// Now.
        at: Timestamp,
        /// The task.
        task: CampaignTaskId,
        /// The campaign.
        campaign: CampaignId,
        /// The grid.
        grid: GridCode,
        /// Who is to do it.
        assignee: Assignee,
        /// By when.
        due: Timestamp,
    },
    /// A grid answers.
    AnswerCampaignTask {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The answers, which fit the form.
        answers: Vec<CampaignAnswer>,
        /// What of it becomes cases.
        findings: Vec<Finding>,
    },
    /// The time may be over.
    RemindCampaignTask {
        /// Now.
        at: Timestamp,
    },
    /// The campaign closed.
    EndCampaignTask {
        /// Now.
        at: Timestamp,
    },
}

type Decided = Result<Vec<CampaignTaskEvent>, Refusal>;

impl Aggregate for CampaignTask {
    const CATEGORY: &'static str = CampaignTaskEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CampaignTaskEvent;
    type Rejection = Refusal;

    fn decide(state: &State, command: Command) -> Decided {
        use Command as C;
        match (&state.task, command) {
            (None, C::CreateCampaignTask { at, task, campaign, grid, assignee, due }) => {
                let created =
                    CampaignTaskCreated { occurred_at: at, task, campaign, grid, assignee, due };
                Ok(vec![created.into()])
            }
            (
                None,
                C::AnswerCampaignTask { .. }
                | C::RemindCampaignTask { .. }
                | C::EndCampaignTask { .. },
            ) => Err(Refusal::NoSuchThing),
            (Some(is), command) => decide(is, command),
        }
    }

    fn evolve(state: State, event: &CampaignTaskEvent) -> State {
        use CampaignTaskEvent as E;
        let task = match (state.task, event) {
            (None, E::CampaignTaskCreated(event)) => Some(Task::new(event)),
            (is, E::CampaignTaskCreated(_) | E::CampaignFinding(_)) => is,
            (is, E::CampaignTaskAnswered(_)) => {
                is.map(|is| Task { status: Status::Answered, ..is })
            }
            (is, E::CampaignTaskReminded(_)) => is.map(|is| Task { reminded: true, ..is }),
            (is, E::CampaignTaskEnded(_)) => is.map(|is| Task { status: Status::Ended, ..is }),
        };
        State { task }
    }
}

fn decide(is: &Task, command: Command) -> Decided {
    use Command as C;
    use Status as S;
    let (task, campaign, grid) = (is.id.clone(), is.campaign.clone(), is.grid);
    match (is.status, command) {
        (S::Open | S::Answered | S::Ended, C::CreateCampaignTask { task: same, .. })
            if same == is.id =>
        {
            Ok(Vec::new())
        }
        (S::Open | S::Answered | S::Ended, C::CreateCampaignTask { .. }) => Err(Refusal::IdInUse),
        (S::Open | S::Answered | S::Ended, C::AnswerCampaignTask { caller, .. })
            if !is.is_covered_by(&caller) =>
        {
            Err(Refusal::OutOfScope)
        }
        (S::Open, C::AnswerCampaignTask { caller, .. }) if !is.may_answer(&caller) => {
            Err(Refusal::NotTheAssignee)
        }
        (S::Open, C::AnswerCampaignTask { at, caller, answers, findings }) => {
            Ok(is.answered(at, &caller, answers, findings))
        }
        (S::Answered, C::AnswerCampaignTask { .. }) => Err(Refusal::TaskAnswered),
        (S::Ended, C::AnswerCampaignTask { .. }) => Err(Refusal::CampaignClosed),
        (S::Open, C::RemindCampaignTask { at }) if at >= is.due && !is.reminded => {
            let due = is.due;
            let reminded = CampaignTaskReminded { occurred_at: at, task, campaign, grid, due };
            Ok(vec![reminded.into()])
        }
        (S::Open, C::EndCampaignTask { at }) => {
            Ok(vec![CampaignTaskEnded { occurred_at: at, task, campaign, grid }.into()])
        }
        (S::Open | S::Answered | S::Ended, C::RemindCampaignTask { .. })
        | (S::Answered | S::Ended, C::EndCampaignTask { .. }) => Ok(Vec::new()),
    }
}

impl Task {
    fn new(event: &CampaignTaskCreated) -> Self {
        Self {
            id: event.task.clone(),
            campaign: event.campaign.clone(),
            grid: event.grid,
            assignee: event.assignee.clone(),
            due: event.due,
            status: Status::Open,
            reminded: false,
        }
    }

    /// The grid's members, whoever it is assigned to, and the desks above.
    pub fn is_covered_by(&self, caller: &Caller) -> bool {
        caller.covers(self.grid.village(), Some(self.grid), &self.assignee)
    }

    /// Any member of the grid answers for it, so that nobody's leave holds it up; a desk does not.
    fn may_answer(&self, caller: &Caller) -> bool {
        match &caller.within {
            Within::Grid(_) => true,
            Within::Division(_) | Within::Organisation { .. } | Within::Assigned => {
                caller.is(&self.assignee)
            }
        }
    }

    fn answered(
        &self,
        at: Timestamp,
        caller: &Caller,
        answers: Vec<CampaignAnswer>,
        findings: Vec<Finding>,
    ) -> Vec<CampaignTaskEvent> {
        let answered = CampaignTaskAnswered {
            occurred_at: at,
            task: self.id.clone(),
            campaign: self.campaign.clone(),
            grid: self.grid,
            by: caller.person.clone(),
            answers,
            late: at > self.due,
        };
        let found = findings.into_iter().map(|finding| {
            CampaignFinding {
                occurred_at: at,
                task: self.id.clone(),
                campaign: self.campaign.clone(),
                grid: self.grid,
                by: caller.person.clone(),
                question: finding.question,
                category: finding.category,
                text: finding.text,
            }
            .into()
        });
        std::iter::once(answered.into()).chain(found).collect()
    }
}

#[cfg(test)]
mod tests;
