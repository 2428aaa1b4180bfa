//! The campaigns with their progress, as the desks list them.

use contracts::dispatch::campaign::{CampaignEvent, CampaignTaskEvent};
use kernel::{DecodeError, GridCode, id::CampaignId};
use platform::{log::Recorded, projection::Projection};

use super::scoped::place;

platform::row! {
    /// A campaign; the key is its id. Times are UTC milliseconds.
    pub struct CampaignRow in "campaigns" version 1 {
        /// The code of the division over which it goes.
        pub division: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The category's code.
        pub category: String,
        /// Whether it takes answers, 0 or 1.
        pub open: i64,
        /// How many grids it goes to.
        pub grids: i64,
        /// How many have answered.
        pub answered: i64,
        /// How many cases come of it.
        pub findings: i64,
        /// By when they answer.
        pub due: i64,
        /// When it was launched.
        pub created_at: i64,
        /// The campaign's version.
        pub version: i64,
    }
    indexes ["county, created_at", "township, created_at", "village, created_at"]
}

/// The table.
#[derive(Debug)]
pub struct Campaigns;

/// What a campaign's row follows from: the campaign's own events, and those of its tasks.
#[derive(Debug)]
pub enum Fact {
    /// Of the campaign.
    Campaign(CampaignEvent),
    /// Of a task.
    Task(CampaignTaskEvent),
}

impl Fact {
    /// Reads an event of either set.
    pub fn read(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let task = super::read(CampaignTaskEvent::CATEGORY, event)?.map(Self::Task);
        match task {
            Some(task) => Ok(Some(task)),
            None => Ok(super::read(CampaignEvent::CATEGORY, event)?.map(Self::Campaign)),
        }
    }
}

/// Which campaign and grid an event of a task is about.
pub fn task_of(event: &CampaignTaskEvent) -> (&CampaignId, GridCode) {
    use CampaignTaskEvent as E;
    match event {
        E::CampaignTaskCreated(event) => (&event.campaign, event.grid),
        E::CampaignTaskAnswered(event) => (&event.campaign, event.grid),
        E::CampaignFinding(event) => (&event.campaign, event.grid),
        E::CampaignTaskReminded(event) => (&event.campaign, event.grid),
        E::CampaignTaskEnded(event) => (&event.campaign, event.grid),
    }
}

impl Projection for Campaigns {
    type Row = CampaignRow;
    type Event = Fact;

    fn read(&self, event: &Recorded) -> Result<Option<Fact>, DecodeError> {
        Fact::read(event)
    }

    fn keys(&self, event: &Fact) -> Vec<String> {
        vec![match event {
            Fact::Campaign(CampaignEvent::CampaignLaunched(event)) => event.campaign.to_string(),
            Fact::Campaign(CampaignEvent::CampaignClosed(event)) => event.campaign.to_string(),
            Fact::Task(event) => task_of(event).0.to_string(),
        }]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<CampaignRow>,
        event: &Fact,
        recorded: &Recorded,
    ) -> Option<CampaignRow> {
        use CampaignTaskEvent as T;
        let version = super::scoped::version(recorded);
        Some(match event {
            Fact::Campaign(CampaignEvent::CampaignLaunched(event)) => {
                let [county, township, village] = place(event.division);
                CampaignRow {
                    division: event.division.to_string(),
                    county,
                    township,
                    village,
                    category: event.category.to_string(),
                    open: 1,
                    grids: i64::try_from(event.grids.len()).unwrap_or(i64::MAX),
                    answered: 0,
                    findings: 0,
                    due: event.due.0,
                    created_at: event.occurred_at.0,
                    version,
                }
            }
            Fact::Campaign(CampaignEvent::CampaignClosed(_)) => {
                CampaignRow { open: 0, version, ..row? }
            }
            Fact::Task(T::CampaignTaskAnswered(_)) => {
                let row = row?;
                CampaignRow { answered: row.answered + 1, ..row }
            }
            Fact::Task(T::CampaignFinding(_)) => {
                let row = row?;
                CampaignRow { findings: row.findings + 1, ..row }
            }
            Fact::Task(
                T::CampaignTaskCreated(_) | T::CampaignTaskReminded(_) | T::CampaignTaskEnded(_),
            ) => row?,
        })
    }
}
