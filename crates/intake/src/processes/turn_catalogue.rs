//! `intake.turn_catalogue`: a timer. On its day a planned definition comes into force, and what has a
//! last day ends after it. What changes at one moment is one version of the catalogue.

use contracts::subject;
use kernel::{Division, Timestamp, id::CategoryCode};
use platform::{
    database::SqlError,
    executor::{Executor, Target},
    process::Cause,
    projection::View,
};

use super::due::{CATCH_UP, Due};
use crate::{
    domain::category::{Category, Command},
    projections::categories::{self, CategoryRow},
};

/// The timer.
pub struct TurnCatalogue {
    /// Whose catalogue it is.
    pub county: Division,
    /// The catalogue.
    pub categories: View<CategoryRow>,
    /// Executes on categories.
    pub executor: Executor<Category>,
}

/// A change that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    code: CategoryCode,
    due: i64,
    begins: bool,
}

impl Due for TurnCatalogue {
    const NAME: &'static str = "intake.turn_catalogue";

    fn position(&self) -> u64 {
        self.categories.position()
    }

    async fn next(&self) -> Result<Option<Timestamp>, SqlError> {
        Ok(categories::next_change(&self.categories).map(|(at, _)| at))
    }

    async fn ring(&self, now: Timestamp) -> Result<(), SqlError> {
        let version = categories::catalogue_version(&self.categories) + 1;
        let changes = self.categories.cached(|rows| {
            let mut changes: Vec<Change> =
                rows.iter().flat_map(|(code, row)| due(code, row, now)).collect();
            changes.sort_by_key(|change| (change.due, change.code.to_string()));
            changes
        });
        let mut last = 0;
        for change in changes {
            let id = subject::category_id(self.county, &change.code);
            let target =
                Target { subject: subject::category(&id), id: id.to_string(), creates: false };
            let name = format!("{}@{}/{}", change.code, change.due, change.begins);
            let make = move |at| {
                if change.begins {
                    Command::PutInForce { at, catalogue_version: version }
                } else {
                    Command::EndDue { at, catalogue_version: version }
                }
            };
            match self
                .executor
                .execute(target, Cause::moment(Self::NAME, &name).request(), make)
                .await
            {
                Ok(outcome) => last = last.max(outcome.position.sequence),
                Err(error) => tracing::warn!(%error, name, "the catalogue is not turned now"),
            }
        }
        let _later = self.categories.wait(last, CATCH_UP).await;
        Ok(())
    }
}

/// What is due of a category: an end before what comes after it.
fn due(code: &str, row: &CategoryRow, now: Timestamp) -> Vec<Change> {
    let Ok(code) = code.parse::<CategoryCode>() else { return Vec::new() };
    let end = row.until.filter(|_| row.is_in_force()).map(|due| (due, false));
    let beginning = row.planned_from.map(|due| (due, true));
    let changes = end.into_iter().chain(beginning).filter(|(due, _)| *due <= now.0);
    changes.map(|(due, begins)| Change { code: code.clone(), due, begins }).collect()
}
