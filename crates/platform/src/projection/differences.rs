//! The check that a table is what the log folds to.

use std::collections::HashMap;

use sqlx::Row as _;

use super::{Projection, ProjectionError, Runner};
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
        for row in &rows {
            let id: String = row.try_get(0).map_err(Self::failed)?;
            let stored = P::Row::read(row, 1).map_err(Self::failed)?;
            match folded.get(&id) {
                Some(expected) if expected.values() == stored.values() => seen += 1,
                Some(_) => {
                    seen += 1;
                    differences.push(format!("{} {id} differs from the log", P::Row::TABLE));
                }
                None => differences.push(format!("{} {id} is not in the log", P::Row::TABLE)),
            }
        }
        if seen != folded.len() {
            differences.push(format!(
                "{} lacks {} rows that the log has",
                P::Row::TABLE,
                folded.len() - seen
            ));
        }
        differences.truncate(10);
        Ok(differences)
    }

    async fn fold_log(&self) -> Result<HashMap<String, P::Row>, ProjectionError> {
        let mut rows: HashMap<String, P::Row> = HashMap::new();
        let end = self.checkpoint.sequence;
        if end == 0 {
            return Ok(rows);
        }
        let (feed, reading) = Feed::new(self.log.clone());
        let mut batches = feed.subscribe(0);
        drop(feed);
        let fold = async {
            while let Some(batch) = batches.recv().await {
                for recorded in batch.iter().filter(|recorded| recorded.meta.sequence <= end) {
                    let Some(event) = self.projection.read(recorded)? else { continue };
                    for key in self.projection.keys(&event) {
                        let row = rows.remove(&key);
                        if let Some(row) = self.projection.fold(&key, row, &event, recorded) {
                            rows.insert(key, row);
                        }
                    }
                }
                if batch.last().is_some_and(|last| last.meta.sequence >= end) {
                    return Ok(());
                }
            }
            Ok(())
        };
        tokio::select! {
            folded = fold => folded.map(|()| rows),
            Err(error) = reading => Err(error.into()),
        }
    }
}
