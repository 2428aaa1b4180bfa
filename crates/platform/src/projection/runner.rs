//! Runs one projection: open its table, find its checkpoint, apply batches.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use lru::LruCache;
use sqlx::{Connection as _, Row as _};
use tokio::sync::{broadcast, mpsc, watch};

use super::{
    Cache, Changes, Projection, ProjectionError, Request, View, memory,
    store::run,
    tally::{self, Sums},
    touched::Touched,
};
use crate::{
    database::{
        Database, Dialect,
        statement::{Statement, Value},
        table::{self, Row},
    },
    log::{EventLog, LogError, Recorded, feed::Batch},
};

/// How many rows written lately are kept in memory: those of the cases that are being worked on.
pub(super) const RECENT_ROWS: NonZeroUsize = NonZeroUsize::new(4_096).expect("it is not zero");

/// How many events are folded into one transaction at the most.
const EVENTS: usize = 5_000;

/// After so many events that do not concern the table its checkpoint is written all the same.
const IDLE_EVENTS: u64 = 20_000;

/// How often followers of a shared table are shown how far it is while nothing concerns it.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Applies the log to one table.
pub struct Runner<P: Projection> {
    /// The table's name in the database, with its version.
    pub(super) table: String,
    pub(super) projection: Arc<P>,
    pub(super) database: Database,
    pub(super) log: EventLog,
    pub(super) created: String,
    pub(super) checkpoint: Checkpoint,
    pub(super) position: watch::Sender<u64>,
    pub(super) changes: broadcast::Sender<Arc<Changes<P::Row>>>,
    pub(super) cache: Option<Cache<P::Row>>,
    /// Rows of a large table that were written lately, so that they need not be read again. Only
    /// this runner writes them while it runs.
    pub(super) recent: LruCache<String, P::Row>,
    /// Lives as long as a table is being built beside this one.
    pub(super) building: Weak<()>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The last sequence applied.
    pub(super) sequence: u64,
    /// What the database has, which lags while nothing concerns the table.
    pub(super) stored: u64,
    pub(super) event: String,
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
            table: table::name::<P::Row>(),
            projection: Arc::new(projection),
            database,
            log,
            created,
            checkpoint: Checkpoint::default(),
            position,
            changes,
            cache,
            recent: LruCache::new(RECENT_ROWS),
            building: Weak::new(),
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
        let table = self.table.clone();
        self.execute(
            "CREATE TABLE IF NOT EXISTS checkpoint (id TEXT NOT NULL PRIMARY KEY, log TEXT NOT NULL, \
             created TEXT NOT NULL, sequence BIGINT NOT NULL, event TEXT NOT NULL)",
        )
        .await?;
        self.create(&table).await?;
        for index in table::indexes::<P::Row>(&table) {
            self.execute(&index).await?;
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

    /// Makes the table, and that of the sums beside it.
    pub(super) async fn create(&self, table: &str) -> Result<(), ProjectionError> {
        let dialect = self.database.dialect();
        self.execute(&table::create::<P::Row>(table, dialect)).await?;
        match P::TALLIES {
            Some(tallies) => self.execute(&tallies.create(table, dialect)).await,
            None => Ok(()),
        }
    }

    /// Writes the first checkpoint, unless another process has.
    pub(super) async fn begin(&self, table: &str) -> Result<(), ProjectionError> {
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
            let sums = P::TALLIES.map(|_| tally::beside(table));
            for table in std::iter::once(table).chain(sums.as_deref()) {
                let delete = Statement::new(&format!("DELETE FROM {table}"));
                run(&mut transaction, dialect, delete).await.map_err(Self::failed)?;
            }
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

    pub(super) async fn fill_cache(&self) -> Result<(), ProjectionError> {
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

    /// Applies batches until the feed ends. Between batches it answers requests.
    pub async fn run(
        &mut self,
        mut batches: mpsc::Receiver<Batch>,
        requests: &mut mpsc::Receiver<Request<P>>,
    ) -> Result<(), ProjectionError> {
        self.drop_older().await?;
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
                Some(request) = requests.recv() => {
                    self.answer(request).await?;
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
        self.store(&HashMap::new(), &Sums::default(), &next).await?;
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
                    .with("?", self.table.as_str())
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
            let _nobody = self.changes.send(Arc::new(Changes {
                rows: Vec::new(),
                before: Vec::new(),
                position: sequence,
            }));
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
        let (rows, sums) = self.fold(&concerned).await?;
        self.store(&rows, &sums, &next).await?;
        self.checkpoint = next;
        let changed = (self.changes.receiver_count() > 0).then(|| {
            let touched = &rows;
            let rows = touched
                .iter()
                .filter_map(|(key, touched)| Some((key.clone(), touched.now.clone()?)));
            let before = touched
                .iter()
                .filter_map(|(key, touched)| Some((key.clone(), touched.before.clone()?)));
            Changes {
                rows: rows.collect(),
                before: before.collect(),
                position: self.checkpoint.sequence,
            }
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

    /// What each touched row becomes, and what is added to the sums.
    async fn fold(
        &mut self,
        concerned: &[(P::Event, &Recorded)],
    ) -> Result<(HashMap<String, Touched<P::Row>>, Sums), ProjectionError> {
        let projection = Arc::clone(&self.projection);
        let mut rows: HashMap<String, Touched<P::Row>> = HashMap::new();
        for (event, _) in concerned {
            let keys = projection.keys(event).into_iter().chain(projection.guide(event));
            rows.extend(keys.map(|key| (key, Touched::default())));
        }
        self.fetch(&mut rows).await?;
        let mut guided: HashMap<String, Touched<P::Row>> = HashMap::new();
        for (event, _) in concerned {
            let guide = projection.guide(event).and_then(|key| rows.get(&key)?.now.as_ref());
            let keys = guide.map(|guide| projection.guided(event, guide)).unwrap_or_default();
            let keys = keys.into_iter().filter(|key| !rows.contains_key(key));
            guided.extend(keys.map(|key| (key, Touched::default())));
        }
        self.fetch(&mut guided).await?;
        rows.extend(guided);
        let mut sums = Sums::default();
        for (event, recorded) in concerned {
            let guide = projection.guide(event).and_then(|key| rows.get(&key)?.now.as_ref());
            for key in memory::keys(projection.as_ref(), event, guide) {
                // A guide that was made in this batch may lead to a row that nobody has looked up.
                if !rows.contains_key(&key) {
                    let mut one = HashMap::from([(key.clone(), Touched::default())]);
                    self.fetch(&mut one).await?;
                    rows.extend(one);
                }
                if let Some(touched) = rows.get_mut(&key) {
                    let by = (event, *recorded);
                    let row = touched.now.take();
                    touched.now = memory::step(projection.as_ref(), &key, row, by, &mut sums);
                }
            }
        }
        Ok((rows, sums))
    }
}
