//! A table built anew beside the one that is read, and swapped for it in one transaction.
//!
//! Whoever fills the table goes on filling and showing the old one; the new one is filled from the
//! first event by whoever asked, and handed over when it has come as far as the log was. If the
//! asker goes away, nothing has changed; what is left is cleared at the next rebuild.

use std::sync::{Arc, Weak};

use futures::{FutureExt as _, future::BoxFuture};
use lru::LruCache;
use sqlx::{Connection as _, Row as _};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::{
    Changes, Projection, ProjectionError, Runner,
    runner::{Checkpoint, RECENT_ROWS},
    store::{run, signed},
    tally,
};
use crate::{
    database::{
        statement::Statement,
        table::{self, Row},
    },
    log::{
        LogError,
        feed::{Batch, Feed},
    },
};

/// What whoever fills a table can be asked between two batches. It drops what it cannot answer.
pub enum Request<P: Projection> {
    /// How the table differs from the fold of the log.
    Verify(oneshot::Sender<Result<Vec<String>, String>>),
    /// A table beside this one, to be filled; none while another is.
    Build(oneshot::Sender<Option<Beside<P>>>),
    /// The table beside is to be the table.
    Swap(Box<Built<P>>, oneshot::Sender<Result<u64, ProjectionError>>),
}

/// A table beside the one that is read.
pub struct Beside<P: Projection> {
    runner: Runner<P>,
    building: Arc<()>,
}

/// A table beside that has caught up, with what comes next.
pub struct Built<P: Projection> {
    runner: Runner<P>,
    batches: mpsc::Receiver<Batch>,
    _building: Arc<()>,
}

/// Why a table was not rebuilt; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Another process fills it.
    #[error("the table is filled by another process")]
    Elsewhere,
    /// It is being rebuilt.
    #[error("the table is being rebuilt already")]
    UnderWay,
    /// The suite is stopping.
    #[error("the suite stopped before the table was rebuilt")]
    Stopped,
    /// The log or the database.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

/// Builds a table anew, swaps it in and gives its position. `progress` is told how far the new table
/// is, and how far it has to go.
pub async fn rebuild<P: Projection>(
    requests: &mpsc::Sender<Request<P>>,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<u64, RebuildError> {
    let (answer, answered) = oneshot::channel();
    let asked = requests.send(Request::Build(answer)).await;
    asked.map_err(|_stopped| RebuildError::Stopped)?;
    let beside = answered.await.map_err(|_dropped| RebuildError::Elsewhere)?;
    let Beside { mut runner, building } = beside.ok_or(RebuildError::UnderWay)?;
    runner.start_over().await?;
    let state = runner.log.stream().state().await;
    let head = state.map_err(|error| ProjectionError::from(LogError::from(error)))?.last;
    let (feed, reading) = Feed::new(runner.log.clone());
    let mut batches = feed.subscribe(0);
    drop(feed);
    let work = async {
        while runner.position() < head {
            progress(runner.position(), head);
            let batch = batches.recv().await.ok_or(RebuildError::Stopped)?;
            runner.apply(&[batch]).await?;
        }
        progress(head, head);
        let built = Box::new(Built { runner, batches, _building: building });
        let (answer, answered) = oneshot::channel();
        let asked = requests.send(Request::Swap(built, answer)).await;
        asked.map_err(|_stopped| RebuildError::Stopped)?;
        Ok(answered.await.map_err(|_dropped| RebuildError::Elsewhere)??)
    };
    tokio::select! {
        done = work => done,
        Err(error) = reading => Err(ProjectionError::from(error).into()),
    }
}

/// How a table is asked without knowing its rows.
pub(crate) trait Ask: Send + Sync {
    /// How the table differs from the fold of the log; none if another process fills it.
    fn verify(&self) -> BoxFuture<'_, Result<Option<Vec<String>>, String>>;

    /// Builds it anew.
    fn rebuild<'a>(
        &'a self,
        progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    ) -> BoxFuture<'a, Result<u64, RebuildError>>;
}

impl<P: Projection> Ask for mpsc::Sender<Request<P>> {
    fn verify(&self) -> BoxFuture<'_, Result<Option<Vec<String>>, String>> {
        async {
            let (answer, answered) = oneshot::channel();
            if self.send(Request::Verify(answer)).await.is_err() {
                return Err(format!("{} has stopped", P::Row::TABLE));
            }
            answered.await.map_or(Ok(None), |found| found.map(Some))
        }
        .boxed()
    }

    fn rebuild<'a>(
        &'a self,
        progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    ) -> BoxFuture<'a, Result<u64, RebuildError>> {
        rebuild(self, progress).boxed()
    }
}

impl<P: Projection> Runner<P> {
    /// Answers a request. Whoever asked may have given up.
    pub(super) async fn answer(&mut self, request: Request<P>) -> Result<(), ProjectionError> {
        match request {
            Request::Verify(answer) => {
                let found = self.differences().await.map_err(|error| error.to_string());
                let _gone = answer.send(found);
            }
            Request::Build(answer) => {
                let _gone = answer.send(self.beside());
            }
            Request::Swap(mut built, answer) => {
                let swapped = self.swap(&mut built).await;
                if swapped.is_err() {
                    // Whether it was done is not known where the answer to a commit was lost.
                    self.reopen().await?;
                }
                let _gone = answer.send(swapped);
            }
        }
        Ok(())
    }

    fn beside(&mut self) -> Option<Beside<P>> {
        if self.building.upgrade().is_some() {
            return None;
        }
        let building = Arc::new(());
        self.building = Arc::downgrade(&building);
        let runner = Self {
            table: format!("{}__new", self.table),
            projection: Arc::clone(&self.projection),
            database: self.database.clone(),
            log: self.log.clone(),
            created: self.created.clone(),
            checkpoint: Checkpoint::default(),
            position: watch::Sender::new(0),
            changes: broadcast::Sender::new(1),
            cache: None,
            recent: LruCache::new(RECENT_ROWS),
            building: Weak::new(),
        };
        Some(Beside { runner, building })
    }

    /// An empty table, without indexes: they are made when it is full.
    async fn start_over(&mut self) -> Result<(), ProjectionError> {
        let table = self.table.clone();
        for old in [tally::beside(&table), table.clone()] {
            self.execute(&format!("DROP TABLE IF EXISTS {old}")).await?;
        }
        self.write(Statement::new("DELETE FROM checkpoint").with(" WHERE id = ?", table.as_str()))
            .await?;
        self.create(&table).await?;
        self.begin(&table).await
    }

    /// Puts the table beside in the place of this one.
    async fn swap(&mut self, built: &mut Built<P>) -> Result<u64, ProjectionError> {
        while built.runner.checkpoint.sequence < self.checkpoint.sequence {
            let Some(batch) = built.batches.recv().await else {
                return Err(ProjectionError::Overtaken(P::Row::TABLE));
            };
            built.runner.apply(&[batch]).await?;
        }
        let next = Checkpoint {
            stored: built.runner.checkpoint.sequence,
            ..built.runner.checkpoint.clone()
        };
        let older = self.older().await?;
        let (table, beside) = (self.table.as_str(), built.runner.table.as_str());
        let dialect = self.database.dialect();
        let mut connection = self.database.writer().acquire().await.map_err(Self::failed)?;
        let mut transaction = connection.begin().await.map_err(Self::failed)?;
        let moved = run(
            &mut transaction,
            dialect,
            Statement::new("UPDATE checkpoint SET sequence = ")
                .with("?", signed(next.sequence))
                .with(", event = ?", next.event.as_str())
                .with(" WHERE id = ?", table)
                .with(" AND log = ?", self.log.name())
                .with(" AND sequence = ?", signed(self.checkpoint.stored)),
        )
        .await
        .map_err(Self::failed)?;
        if moved != 1 {
            return Err(ProjectionError::Overtaken(P::Row::TABLE));
        }
        let mut statements = vec![
            Statement::new("DELETE FROM checkpoint").with(" WHERE id = ?", beside),
            Statement::new(&format!("DROP TABLE {table}")),
            Statement::new(&format!("ALTER TABLE {beside} RENAME TO {table}")),
        ];
        if P::TALLIES.is_some() {
            let (sums, new) = (tally::beside(table), tally::beside(beside));
            statements.push(Statement::new(&format!("DROP TABLE {sums}")));
            statements.push(Statement::new(&format!("ALTER TABLE {new} RENAME TO {sums}")));
        }
        statements.extend(table::indexes::<P::Row>(table).iter().map(|sql| Statement::new(sql)));
        statements.extend(older.iter().flat_map(|(older, _)| gone(older)));
        for statement in statements {
            run(&mut transaction, dialect, statement).await.map_err(Self::failed)?;
        }
        transaction.commit().await.map_err(Self::failed)?;
        drop(connection);
        self.checkpoint = next;
        self.recent.clear();
        self.fill_cache().await?;
        self.position.send_replace(self.checkpoint.sequence);
        // No rows: whatever was read before may have changed. Nobody may be listening.
        let changes =
            Changes { rows: Vec::new(), before: Vec::new(), position: self.checkpoint.sequence };
        let _nobody = self.changes.send(Arc::new(changes));
        tracing::info!(table, position = self.checkpoint.sequence, "the table was rebuilt");
        Ok(self.checkpoint.sequence)
    }

    /// Drops the tables of older versions that this one has come as far as. Right after an upgrade
    /// it has not: the old table stays until the next start or rebuild, so that one can go back.
    pub(super) async fn drop_older(&self) -> Result<(), ProjectionError> {
        for (table, sequence) in self.older().await? {
            if sequence > self.checkpoint.stored {
                continue;
            }
            for statement in gone(&table) {
                self.write(statement).await?;
            }
            tracing::info!(table, "dropped: a newer version has taken over");
        }
        Ok(())
    }

    /// The tables of older versions, and how far each is.
    async fn older(&self) -> Result<Vec<(String, u64)>, ProjectionError> {
        let prefix = format!("{}__v", P::Row::TABLE);
        let statement = Statement::new("SELECT id, sequence FROM checkpoint");
        let mut older = Vec::new();
        for row in self.database.fetch(statement).await.map_err(Self::failed)? {
            let id: String = row.try_get(0).map_err(Self::failed)?;
            let sequence: i64 = row.try_get(1).map_err(Self::failed)?;
            let version: Option<u32> = id.strip_prefix(&prefix).and_then(|text| text.parse().ok());
            if version.is_some_and(|version| version < P::Row::VERSION) {
                older.push((id, u64::try_from(sequence).unwrap_or_default()));
            }
        }
        Ok(older)
    }
}

/// What takes a table away. Its name is one of this program's own.
fn gone(table: &str) -> [Statement; 3] {
    [
        Statement::new(&format!("DROP TABLE IF EXISTS {}", tally::beside(table))),
        Statement::new(&format!("DROP TABLE IF EXISTS {table}")),
        Statement::new("DELETE FROM checkpoint").with(" WHERE id = ?", table),
    ]
}
