//! The tasks of campaigns, one a grid, and their clocks.

use contracts::dispatch::campaign::CampaignTaskEvent;
use kernel::{DecodeError, id::CampaignTaskId};
use platform::{log::Recorded, projection::Projection};

use super::scoped::{place, shown, version};
use crate::domain::campaign_task::Status;

platform::row! {
    /// A task; the key is its id. Times are UTC milliseconds.
    pub struct CampaignTaskRow in "campaign_tasks" version 1 {
        /// The campaign.
        pub campaign: String,
        /// Where it stands, in the words of `Status`.
        pub status: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The 15 digits of the grid.
        pub grid: String,
        /// The organisation to which it goes, where no member serves the grid.
        pub org: String,
        /// The member to whom it goes.
        pub assignee: String,
        /// By when.
        pub due: i64,
        /// When it was given out.
        pub created_at: i64,
        /// When it was answered; 0 until then.
        pub answered_at: i64,
        /// Whether it was answered late or was reminded, 0 or 1.
        pub late: i64,
        /// How many cases come of it.
        pub findings: i64,
        /// The next clock that rings; the largest number where none runs.
        pub next_due: i64,
        /// The task's version.
        pub version: i64,
    }
    indexes [
        "county, created_at",
        "township, created_at",
        "village, created_at",
        "grid, created_at",
        "org, created_at",
        "campaign",
        "next_due",
    ]
}

/// The table.
#[derive(Debug)]
pub struct CampaignTasks;

fn task_of(event: &CampaignTaskEvent) -> &CampaignTaskId {
    use CampaignTaskEvent as E;
    match event {
        E::CampaignTaskCreated(event) => &event.task,
        E::CampaignTaskAnswered(event) => &event.task,
        E::CampaignFinding(event) => &event.task,
        E::CampaignTaskReminded(event) => &event.task,
        E::CampaignTaskEnded(event) => &event.task,
    }
}

impl Projection for CampaignTasks {
    type Row = CampaignTaskRow;
    type Event = CampaignTaskEvent;

    fn read(&self, event: &Recorded) -> Result<Option<CampaignTaskEvent>, DecodeError> {
        super::read(CampaignTaskEvent::CATEGORY, event)
    }

    fn keys(&self, event: &CampaignTaskEvent) -> Vec<String> {
        vec![task_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<CampaignTaskRow>,
        event: &CampaignTaskEvent,
        recorded: &Recorded,
    ) -> Option<CampaignTaskRow> {
        use CampaignTaskEvent as E;
        let stands = |status: Status| status.as_str().to_owned();
        let row = match event {
            E::CampaignTaskCreated(event) => {
                let [county, township, village] = place(event.grid.village());
                CampaignTaskRow {
                    campaign: event.campaign.to_string(),
                    status: stands(Status::Open),
                    county,
                    township,
                    village,
                    grid: event.grid.to_string(),
                    org: shown(event.assignee.organisation.as_ref()),
                    assignee: shown(event.assignee.person.as_ref()),
                    due: event.due.0,
                    created_at: event.occurred_at.0,
                    answered_at: 0,
                    late: 0,
                    findings: 0,
                    next_due: event.due.0,
                    version: 0,
                }
            }
            E::CampaignTaskAnswered(event) => CampaignTaskRow {
                status: stands(Status::Answered),
                answered_at: event.occurred_at.0,
                late: i64::from(event.late),
                next_due: i64::MAX,
                ..row?
            },
            E::CampaignFinding(_) => {
                let row = row?;
                CampaignTaskRow { findings: row.findings + 1, ..row }
            }
            E::CampaignTaskReminded(_) => CampaignTaskRow { late: 1, next_due: i64::MAX, ..row? },
            E::CampaignTaskEnded(_) => {
                CampaignTaskRow { status: stands(Status::Ended), next_due: i64::MAX, ..row? }
            }
        };
        Some(CampaignTaskRow { version: version(recorded), ..row })
    }
}
