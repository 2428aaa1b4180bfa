//! How a runner reads and writes its table: rows and checkpoint in one transaction.

use std::{collections::HashMap, sync::PoisonError};

use sqlx::{AnyConnection, Connection as _, Row as _};

use super::{
    Projection, ProjectionError, Runner, runner::Checkpoint, tally::Sums, touched::Touched,
};
use crate::database::{
    Dialect,
    statement::{self, Statement, Value},
    table::{self, Row},
};

impl<P: Projection> Runner<P> {
    /// Looks up what the rows are now, in memory first.
    pub(super) async fn fetch(
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
            let statement =
                table::select_from::<P::Row>(&self.table).and(" WHERE id IN ").list(some.to_vec());
            for row in &self.database.fetch(statement).await.map_err(Self::failed)? {
                let id: String = row.try_get(0).map_err(Self::failed)?;
                let found = P::Row::read(row, 1).map_err(Self::failed)?;
                rows.insert(id, Touched::found(Some(found)));
            }
        }
        Ok(())
    }

    /// Rows, sums and checkpoint in one transaction.
    pub(super) async fn store(
        &self,
        rows: &HashMap<String, Touched<P::Row>>,
        sums: &Sums,
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
                run(&mut transaction, dialect, table::upsert(&self.table, some, changed))
                    .await
                    .map_err(Self::failed)?;
            }
        }
        for some in table::portions(&gone) {
            let delete = Statement::new(&format!("DELETE FROM {}", self.table))
                .and(" WHERE id IN ")
                .list(some.to_vec());
            run(&mut transaction, dialect, delete).await.map_err(Self::failed)?;
        }
        if let Some(tallies) = P::TALLIES {
            for statement in tallies.add(&self.table, sums) {
                run(&mut transaction, dialect, statement).await.map_err(Self::failed)?;
            }
        }
        let moved = run(
            &mut transaction,
            dialect,
            Statement::new("UPDATE checkpoint SET sequence = ")
                .with("?", signed(next.sequence))
                .with(", event = ?", next.event.as_str())
                .with(" WHERE id = ?", self.table.as_str())
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

    pub(super) async fn write(&self, statement: Statement) -> Result<(), ProjectionError> {
        let mut connection = self.database.writer().acquire().await.map_err(Self::failed)?;
        run(&mut connection, self.database.dialect(), statement)
            .await
            .map(|_| ())
            .map_err(Self::failed)
    }

    pub(super) async fn execute(&self, sql: &str) -> Result<(), ProjectionError> {
        self.database.execute(sql).await.map_err(Self::failed)
    }

    pub(super) fn failed(source: sqlx::Error) -> ProjectionError {
        ProjectionError::Sql { table: P::Row::TABLE, source }
    }
}

pub(super) async fn run(
    connection: &mut AnyConnection,
    dialect: Dialect,
    statement: Statement,
) -> Result<u64, sqlx::Error> {
    let (sql, values) = statement.render(dialect);
    let query = statement::bind(sqlx::query(sqlx::AssertSqlSafe(sql)), values);
    Ok(query.execute(connection).await?.rows_affected())
}

pub(super) fn signed(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
