//! The check that a table is what the log folds to.

use std::sync::Arc;

use sqlx::Row as _;

use super::{InMemory, Projection, ProjectionError, Runner};
use crate::{
    database::table::{self, Row},
    log::feed::Feed,
};

impl<P: Projection> Runner<P> {
    /// How the table differs from the fold of the log up to its position; at most ten lines.
    pub(super) async fn differences(&self) -> Result<Vec<String>, ProjectionError> {
        let folded = self.fold_log().await?;
        let mut differences = Vec::new();
        let mut seen = 0;
        let rows = self.database.fetch(table::select::<P::Row>()).await.map_err(Self::failed)?;
        let expected = folded.rows();
        for row in &rows {
            let id: String = row.try_get(0).map_err(Self::failed)?;
            let stored = P::Row::read(row, 1).map_err(Self::failed)?;
            match expected.get(&id) {
                Some(row) if row.values() == stored.values() => seen += 1,
                Some(_) => {
                    seen += 1;
                    differences.push(format!("{} {id} differs from the log", P::Row::TABLE));
                }
                None => differences.push(format!("{} {id} is not in the log", P::Row::TABLE)),
            }
        }
        if seen != expected.len() {
            differences.push(format!(
                "{} lacks {} rows that the log has",
                P::Row::TABLE,
                expected.len() - seen
            ));
        }
        if let Some(tallies) = P::TALLIES {
            let stored = self.database.fetch(tallies.all(&self.table)).await;
            let stored = stored.map_err(Self::failed)?;
            let found = tallies.differences(&self.table, &stored, folded.sums());
            differences.extend(found.map_err(Self::failed)?);
        }
        differences.truncate(10);
        Ok(differences)
    }

    async fn fold_log(&self) -> Result<InMemory<P>, ProjectionError> {
        let mut folded = InMemory::new(Arc::clone(&self.projection));
        let end = self.checkpoint.sequence;
        if end == 0 {
            return Ok(folded);
        }
        let (feed, reading) = Feed::new(self.log.clone());
        let mut batches = feed.subscribe(0);
        drop(feed);
        let fold = async {
            while let Some(batch) = batches.recv().await {
                for recorded in batch.iter().filter(|recorded| recorded.meta.sequence <= end) {
                    folded.apply(recorded)?;
                }
                if batch.last().is_some_and(|last| last.meta.sequence >= end) {
                    return Ok(());
                }
            }
            Ok(())
        };
        tokio::select! {
            done = fold => done.map(|()| folded),
            Err(error) = reading => Err(error.into()),
        }
    }
}
