//! Runs one projection: open its table, find its checkpoint, apply batches.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use lru::LruCache;
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::{Cache, Changes, Projection, ProjectionError, View, touched::Touched};
use crate::{
    database::{
        Database, Dialect,
        statement::{self, Statement, Value},
        table::{self, Row},
    },
    log::{EventLog, LogError, Recorded, feed::Batch},
};

/// How many rows written lately are kept in memory: those of the cases that are being worked on.
const RECENT_ROWS: NonZeroUsize = NonZeroUsize::new(4_096).expect("it is not zero");

/// How many events are folded into one transaction at the most.
const EVENTS: usize = 5_000;

/// After so many events that do not concern the table its checkpoint is written all the same.
const IDLE_EVENTS: u64 = 20_000;

/// How often followers of a shared table are shown how far it is while nothing concerns it.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Applies the log to one table.
pub struct Runner<P: Projection> {
    pub(super) projection: Arc<P>,
    pub(super) database: Database,
    pub(super) log: EventLog,
    created: String,
    pub(super) checkpoint: Checkpoint,
    position: watch::Sender<u64>,
    changes: broadcast::Sender<Arc<Changes<P::Row>>>,
    cache: Option<Cache<P::Row>>,
    /// Rows of a large table that were written lately, so that they need not be read again. Only
    /// this runner writes them while it runs.
    recent: LruCache<String, P::Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The last sequence applied.
    pub(super) sequence: u64,
    /// What the database has, which lags while nothing concerns the table.
    stored: u64,
    event: String,
}

impl<P: Projection> Runner<P> {
    /// Opens the table, or makes it: a table of another version is left until this one has caught up.
    pub async fn open(
        projection: P,
        database: Database,
        log: EventLog,
    ) -> Result<(Self, View<P::Row>), ProjectionError> {
        let (position, watching) = watch::channel(0);
        let (changes, _) = broadcast::channel(1_024);
        let cache = P::CACHED.then(|| Arc::new(RwLock::new(HashMap::new())));
        let created = log.stream().state().await.map_err(LogError::from)?.created;
        let view = View {
            database: database.clone(),
            position: watching,
            changes: changes.clone(),
            cache: cache.clone(),
        };
        let mut runner = Self {
            projection: Arc::new(projection),
            database,
            log,
            created,
            checkpoint: Checkpoint::default(),
            position,
            changes,
            cache,
            recent: LruCache::new(RECENT_ROWS),
        };
        runner.prepare().await?;
        Ok((runner, view))
    }

    /// The last sequence that is applied.
    pub fn position(&self) -> u64 {
        self.checkpoint.sequence
    }

    async fn prepare(&mut self) -> Result<(), ProjectionError> {
        self.recent.clear();
        let table = table::name::<P::Row>();
        self.execute(
            "CREATE TABLE IF NOT EXISTS checkpoint (id TEXT NOT NULL PRIMARY KEY, log TEXT NOT NULL, \
             created TEXT NOT NULL, sequence BIGINT NOT NULL, event TEXT NOT NULL)",
        )
        .await?;
        for statement in table::create::<P::Row>(self.database.dialect()) {
            self.execute(&statement).await?;
        }
        self.checkpoint = loop {
            let found = self
                .database
                .fetch(
                    Statement::new("SELECT created, sequence, event FROM checkpoint WHERE id = ")
                        .with("?", table.as_str())
                        .with(" AND log = ?", self.log.name()),
                )
                .await
                .map_err(Self::failed)?;
            let Some(row) = found.first() else {
                self.begin(&table).await?;
                continue;
            };
            let created: String = row.try_get(0).map_err(Self::failed)?;
            if created != self.created {
                tracing::warn!(table, "the table is of another log; it is built anew");
                self.empty(&table, &created).await?;
                continue;
            }
            let sequence: i64 = row.try_get(1).map_err(Self::failed)?;
            let sequence = u64::try_from(sequence).unwrap_or_default();
            let event: String = row.try_get(2).map_err(Self::failed)?;
            self.check_event(sequence, &event).await?;
            break Checkpoint { sequence, stored: sequence, event };
        };
        self.fill_cache().await?;
        self.position.send_replace(self.checkpoint.sequence);
        Ok(())
    }

    /// Writes the first checkpoint, unless another process has.
    async fn begin(&self, table: &str) -> Result<(), ProjectionError> {
        self.write(
            Statement::new("INSERT INTO checkpoint (id, log, created, sequence, event) VALUES ")
                .list([
                    Value::from(table),
                    Value::from(self.log.name()),
                    Value::from(self.created.as_str()),
                    Value::from(0_i64),
                    Value::from(""),
                ])
                .and(" ON CONFLICT (id) DO NOTHING"),
        )
        .await
    }

    /// Empties the table of another log, unless another process has.
    async fn empty(&self, table: &str, created: &str) -> Result<(), ProjectionError> {
        let dialect = self.database.dialect();
        let mut connection = self.database.writer().acquire().await.map_err(Self::failed)?;
        let mut transaction = connection.begin().await.map_err(Self::failed)?;
        let taken_over = run(
            &mut transaction,
            dialect,
            Statement::new("UPDATE checkpoint SET sequence = 0, event = ''")
                .with(", created = ?", self.created.as_str())
                .with(" WHERE id = ?", table)
                .with(" AND created = ?", created),
        )
        .await
        .map_err(Self::failed)?;
        if taken_over == 1 {
            let delete = Statement::new(&format!("DELETE FROM {table}"));
            run(&mut transaction, dialect, delete).await.map_err(Self::failed)?;
        }
        transaction.commit().await.map_err(Self::failed)
    }

    /// Compares what was applied last with what the log has there now.
    async fn check_event(&self, sequence: u64, event: &str) -> Result<(), ProjectionError> {
        if sequence == 0 || event.is_empty() {
            return Ok(());
        }
        let there = self.log.stream().read_sequence(sequence).await.map_err(LogError::from)?;
        let id = there.as_ref().and_then(|message| message.headers.get(crate::log::header::ID));
        if id.map(async_nats::HeaderValue::as_str) == Some(event) {
            return Ok(());
        }
        Err(ProjectionError::Rewritten {
            log: self.log.name().to_owned(),
            table: P::Row::TABLE,
            sequence,
        })
    }

    async fn fill_cache(&self) -> Result<(), ProjectionError> {
        let Some(cache) = &self.cache else { return Ok(()) };
        let rows = self.database.fetch(table::select::<P::Row>()).await.map_err(Self::failed)?;
        let mut filled = HashMap::with_capacity(rows.len());
        for row in &rows {
            let id: String = row.try_get(0).map_err(Self::failed)?;
            filled.insert(id, P::Row::read(row, 1).map_err(Self::failed)?);
        }
        *cache.write().unwrap_or_else(PoisonError::into_inner) = filled;
        Ok(())
    }

    /// Applies batches until the feed ends. Between batches, whoever asks is told how the table
    /// differs from the fold of the log.
    pub async fn run(
        &mut self,
        mut batches: mpsc::Receiver<Batch>,
        requests: &mut mpsc::Receiver<oneshot::Sender<Result<Vec<String>, String>>>,
    ) -> Result<(), ProjectionError> {
        let mut beat = tokio::time::interval(SHOW_EVERY);
        loop {
            let batch = tokio::select! {
                _ = beat.tick(), if self.has_followers_behind() => {
                    self.show_position().await?;
                    continue;
                }
                batch = batches.recv() => match batch {
                    Some(batch) => batch,
                    None => return Ok(()),
                },
                Some(answer) = requests.recv() => {
                    let found = self.differences().await.map_err(|error| error.to_string());
                    // Whoever asked may have given up.
                    let _gone = answer.send(found);
                    continue;
                }
            };
            let mut events = batch.len();
            let mut group = vec![batch];
            while events < EVENTS {
                let Ok(batch) = batches.try_recv() else { break };
                events += batch.len();
                group.push(batch);
            }
            self.apply(&group).await?;
        }
    }

    /// Whether others read a position from the database that is not there yet.
    fn has_followers_behind(&self) -> bool {
        self.database.dialect() == Dialect::Postgres
            && self.checkpoint.stored < self.checkpoint.sequence
    }

    /// Writes a checkpoint that no row goes with.
    async fn show_position(&mut self) -> Result<(), ProjectionError> {
        let next = Checkpoint { stored: self.checkpoint.sequence, ..self.checkpoint.clone() };
        self.store(&HashMap::new(), &next).await?;
        self.checkpoint = next;
        Ok(())
    }

    /// Reads the checkpoint again, after another process may have moved it.
    pub async fn reopen(&mut self) -> Result<(), ProjectionError> {
        self.prepare().await
    }

    /// Takes over what another process has applied.
    pub async fn follow(&mut self) -> Result<(), ProjectionError> {
        let found = self
            .database
            .fetch(
                Statement::new("SELECT sequence FROM checkpoint WHERE id = ")
                    .with("?", table::name::<P::Row>())
                    .with(" AND log = ?", self.log.name()),
            )
            .await
            .map_err(Self::failed)?;
        let sequence: i64 = match found.first() {
            Some(row) => row.try_get(0).map_err(Self::failed)?,
            None => 0,
        };
        let sequence = u64::try_from(sequence).unwrap_or_default();
        if sequence != self.checkpoint.stored {
            self.fill_cache().await?;
            self.checkpoint.stored = sequence;
            self.checkpoint.sequence = sequence;
            self.position.send_replace(sequence);
            // Nobody may be listening.
            let _nobody =
                self.changes.send(Arc::new(Changes { rows: Vec::new(), position: sequence }));
        }
        Ok(())
    }

    /// Applies batches in one transaction. What is applied already is skipped.
    pub async fn apply(&mut self, group: &[Batch]) -> Result<(), ProjectionError> {
        let mut concerned: Vec<(P::Event, &Recorded)> = Vec::new();
        let mut last = None;
        for recorded in group.iter().flat_map(|batch| batch.iter()) {
            if recorded.meta.sequence <= self.checkpoint.sequence {
                continue;
            }
            if let Some(event) = self.projection.read(recorded)? {
                concerned.push((event, recorded));
            }
            last = Some(recorded);
        }
        let Some(last) = last else { return Ok(()) };
        let next = Checkpoint {
            sequence: last.meta.sequence,
            stored: last.meta.sequence,
            event: last.meta.id.clone(),
        };
        if concerned.is_empty() && next.sequence - self.checkpoint.stored < IDLE_EVENTS {
            self.checkpoint = Checkpoint { stored: self.checkpoint.stored, ..next };
            self.position.send_replace(self.checkpoint.sequence);
            return Ok(());
        }
        let rows = self.fold(&concerned).await?;
        self.store(&rows, &next).await?;
        self.checkpoint = next;
        let changed = (self.changes.receiver_count() > 0).then(|| {
            let rows =
                rows.iter().filter_map(|(key, touched)| Some((key.clone(), touched.now.clone()?)));
            Changes { rows: rows.collect(), position: self.checkpoint.sequence }
        });
        self.remember(rows);
        self.position.send_replace(self.checkpoint.sequence);
        if let Some(changed) = changed {
            // The last listener may just have left.
            let _nobody = self.changes.send(Arc::new(changed));
        }
        Ok(())
    }

    /// Keeps what was written: all of a small table, of another what will be touched again soon.
    fn remember(&mut self, rows: HashMap<String, Touched<P::Row>>) {
        match &self.cache {
            Some(cache) => {
                let mut cache = cache.write().unwrap_or_else(PoisonError::into_inner);
                for (key, touched) in rows {
                    match touched.now {
                        Some(row) => cache.insert(key, row),
                        None => cache.remove(&key),
                    };
                }
            }
            None => {
                for (key, touched) in rows {
                    match touched.now {
                        Some(row) => self.recent.put(key, row),
                        None => self.recent.pop(&key),
                    };
                }
            }
        }
    }

    /// What each touched row becomes.
    async fn fold(
        &mut self,
        concerned: &[(P::Event, &Recorded)],
    ) -> Result<HashMap<String, Touched<P::Row>>, ProjectionError> {
        let keys: Vec<Vec<String>> =
            concerned.iter().map(|(event, _)| self.projection.keys(event)).collect();
        let mut rows: HashMap<String, Touched<P::Row>> =
            keys.iter().flatten().map(|key| (key.clone(), Touched::default())).collect();
        self.fetch(&mut rows).await?;
        for ((event, recorded), keys) in concerned.iter().zip(&keys) {
            for key in keys {
                if let Some(touched) = rows.get_mut(key) {
                    let row = touched.now.take();
                    touched.now = self.projection.fold(key, row, event, recorded);
                }
            }
        }
        Ok(rows)
    }

    /// Looks up what the rows are now, in memory first.
    async fn fetch(
        &mut self,
        rows: &mut HashMap<String, Touched<P::Row>>,
    ) -> Result<(), ProjectionError> {
        if let Some(cache) = &self.cache {
            let cache = cache.read().unwrap_or_else(PoisonError::into_inner);
            for (key, touched) in rows.iter_mut() {
                *touched = Touched::found(cache.get(key).cloned());
            }
            return Ok(());
        }
        // A table that has nothing yet is not asked.
        if self.checkpoint.stored == 0 {
            return Ok(());
        }
        let mut unknown = Vec::new();
        for (key, touched) in rows.iter_mut() {
            match self.recent.get(key) {
                Some(row) => *touched = Touched::found(Some(row.clone())),
                None => unknown.push(Value::from(key.as_str())),
            }
        }
        for some in table::portions(&unknown) {
            let statement = table::select::<P::Row>().and(" WHERE id IN ").list(some.to_vec());
            for row in &self.database.fetch(statement).await.map_err(Self::failed)? {
                let id: String = row.try_get(0).map_err(Self::failed)?;
                let found = P::Row::read(row, 1).map_err(Self::failed)?;
                rows.insert(id, Touched::found(Some(found)));
            }
        }
        Ok(())
    }

    /// Rows and checkpoint in one transaction.
    async fn store(
        &self,
        rows: &HashMap<String, Touched<P::Row>>,
        next: &Checkpoint,
    ) -> Result<(), ProjectionError> {
        let dialect = self.database.dialect();
        let mut connection = self.database.writer().acquire().await.map_err(Self::failed)?;
        let mut transaction = connection.begin().await.map_err(Self::failed)?;
        // Rows whose same columns changed are written together, and no other column is: an index
        // whose columns stay as they are costs nothing.
        let mut kept: HashMap<Vec<usize>, Vec<(&str, &P::Row)>> = HashMap::new();
        let mut gone = Vec::new();
        for (key, touched) in rows {
            match &touched.now {
                Some(row) => {
                    let changed = touched.changed_columns(row);
                    if !changed.is_empty() {
                        kept.entry(changed).or_default().push((key, row));
                    }
                }
                None if touched.before.is_some() => gone.push(Value::from(key.as_str())),
                None => {}
            }
        }
        for (changed, rows) in &kept {
            for some in table::portions(rows) {
                run(&mut transaction, dialect, table::upsert(some, changed))
                    .await
                    .map_err(Self::failed)?;
            }
        }
        for some in table::portions(&gone) {
            let delete = Statement::new(&format!("DELETE FROM {}", table::name::<P::Row>()))
                .and(" WHERE id IN ")
                .list(some.to_vec());
            run(&mut transaction, dialect, delete).await.map_err(Self::failed)?;
        }
        let moved = run(
            &mut transaction,
            dialect,
            Statement::new("UPDATE checkpoint SET sequence = ")
                .with("?", signed(next.sequence))
                .with(", event = ?", next.event.as_str())
                .with(" WHERE id = ?", table::name::<P::Row>())
                .with(" AND log = ?", self.log.name())
                .with(" AND sequence = ?", signed(self.checkpoint.stored)),
        )
        .await
        .map_err(Self::failed)?;
        if moved != 1 {
            return Err(ProjectionError::Overtaken(P::Row::TABLE));
        }
        transaction.commit().await.map_err(Self::failed)
    }

    async fn write(&self, statement: Statement) -> Result<(), ProjectionError> {
        let mut connection = self.database.writer().acquire().await.map_err(Self::failed)?;
        run(&mut connection, self.database.dialect(), statement)
            .await
            .map(|_| ())
            .map_err(Self::failed)
    }

    async fn execute(&self, sql: &str) -> Result<(), ProjectionError> {
        self.database.execute(sql).await.map_err(Self::failed)
    }

    pub(super) fn failed(source: sqlx::Error) -> ProjectionError {
        ProjectionError::Sql { table: P::Row::TABLE, source }
    }
}

async fn run(
    connection: &mut AnyConnection,
    dialect: crate::database::Dialect,
    statement: Statement,
) -> Result<u64, sqlx::Error> {
    let (sql, values) = statement.render(dialect);
    let query = statement::bind(sqlx::query(sqlx::AssertSqlSafe(sql)), values);
    Ok(query.execute(connection).await?.rows_affected())
}

fn signed(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
