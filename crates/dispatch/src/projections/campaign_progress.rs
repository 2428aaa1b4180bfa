//! How far each campaign is in each township.

use std::collections::BTreeSet;

use contracts::dispatch::campaign::{CampaignEvent, CampaignTaskEvent};
use kernel::{DecodeError, GridCode, id::CampaignId};
use platform::{log::Recorded, projection::Projection};

use super::{
    campaigns::{Fact, task_of},
    scoped::shown,
};

platform::row! {
    /// A campaign in a township; the key is `<campaign>/<township>`.
    pub struct ProgressRow in "campaign_progress" version 1 {
        /// The campaign.
        pub campaign: String,
        /// The 9 digits of the township.
        pub township: String,
        /// How many grids it goes to here.
        pub grids: i64,
        /// How many have their task.
        pub given_out: i64,
        /// How many have answered.
        pub answered: i64,
        /// How many of them late.
        pub late: i64,
        /// How many were reminded.
        pub reminded: i64,
        /// How many cases come of it.
        pub findings: i64,
        /// How many ended without an answer.
        pub missed: i64,
    }
    indexes ["campaign"]
}

/// The table.
#[derive(Debug)]
pub struct CampaignProgress;

fn township(grid: GridCode) -> String {
    shown(grid.village().township())
}

fn key(campaign: &CampaignId, township: &str) -> String {
    format!("{campaign}/{township}")
}

impl Projection for CampaignProgress {
    type Row = ProgressRow;
    type Event = Fact;

    fn read(&self, event: &Recorded) -> Result<Option<Fact>, DecodeError> {
        Fact::read(event)
    }

    fn keys(&self, event: &Fact) -> Vec<String> {
        match event {
            Fact::Campaign(CampaignEvent::CampaignLaunched(event)) => {
                let townships: BTreeSet<String> =
                    event.grids.iter().map(|grid| township(*grid)).collect();
                townships.iter().map(|township| key(&event.campaign, township)).collect()
            }
            Fact::Campaign(CampaignEvent::CampaignClosed(_)) => Vec::new(),
            Fact::Task(event) => {
                let (campaign, grid) = task_of(event);
                vec![key(campaign, &township(grid))]
            }
        }
    }

    fn fold(
        &self,
        key: &str,
        row: Option<ProgressRow>,
        event: &Fact,
        _recorded: &Recorded,
    ) -> Option<ProgressRow> {
        use CampaignTaskEvent as T;
        let task = match event {
            Fact::Campaign(CampaignEvent::CampaignLaunched(event)) => {
                let here = key.split_once('/')?.1;
                let grids = event.grids.iter().filter(|grid| township(**grid) == here).count();
                return Some(ProgressRow {
                    campaign: event.campaign.to_string(),
                    township: here.to_owned(),
                    grids: i64::try_from(grids).unwrap_or(i64::MAX),
                    given_out: 0,
                    answered: 0,
                    late: 0,
                    reminded: 0,
                    findings: 0,
                    missed: 0,
                });
            }
            Fact::Campaign(CampaignEvent::CampaignClosed(_)) => return row,
            Fact::Task(task) => task,
        };
        let mut row = row?;
        match task {
            T::CampaignTaskCreated(_) => row.given_out += 1,
            T::CampaignTaskAnswered(event) => {
                row.answered += 1;
                row.late += i64::from(event.late);
            }
            T::CampaignFinding(_) => row.findings += 1,
            T::CampaignTaskReminded(_) => row.reminded += 1,
            T::CampaignTaskEnded(_) => row.missed += 1,
        }
        Some(row)
    }
}
