//! Sums kept beside a table, so that a question about many rows need not read them. Each event adds
//! what it changed; a batch's changes are summed first and written in the transaction of its rows.

use std::collections::{HashMap, hash_map::Entry};

use sqlx::Row as _;

use crate::database::{
    Dialect,
    statement::{Statement, Value},
    table::{self, Row},
};

/// The form of the sums beside a table.
#[derive(Clone, Copy, Debug)]
pub struct Tallies {
    /// Name and kind of each column by which is summed, in the order of the primary key.
    pub keys: &'static [(&'static str, Kind)],
    /// The name of each sum.
    pub counters: &'static [&'static str],
}

/// What a column of a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Int,
    /// Texts, which are compared byte by byte.
    Text,
}

/// What an event adds to the sums of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// A value for each column of the key.
    pub key: Vec<Value>,
    /// The places of sums, and what is added to each.
    pub adds: Vec<(usize, i64)>,
}

/// The name of the sums beside a row's table.
pub fn name<R: Row>() -> String {
    beside(&table::name::<R>())
}

/// The name of the sums beside a table that may have another name while it is being built.
pub(super) fn beside(table: &str) -> String {
    format!("{table}_tallies")
}

/// A key with what is added to its sums.
type Added<'a> = (&'a [Value], &'a [i64]);

/// What many events add up to.
#[derive(Clone, Debug, Default)]
pub struct Sums(HashMap<Vec<Value>, Vec<i64>>);

impl Sums {
    pub(super) fn add(&mut self, width: usize, tally: Tally) {
        let sums = match self.0.entry(tally.key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(vec![0; width]),
        };
        for (place, by) in tally.adds {
            if let Some(sum) = sums.get_mut(place) {
                *sum += by;
            }
        }
    }

    /// Each key of which a sum is not zero, with its sums.
    pub fn iter(&self) -> impl Iterator<Item = Added<'_>> {
        self.0
            .iter()
            .filter(|(_, sums)| sums.iter().any(|sum| *sum != 0))
            .map(|(key, sums)| (key.as_slice(), sums.as_slice()))
    }

    fn get(&self, key: &[Value]) -> Option<&[i64]> {
        self.0.get(key).map(Vec::as_slice)
    }
}

impl Tallies {
    /// What makes the table of the sums.
    pub(super) fn create(&self, table: &str, dialect: Dialect) -> String {
        let (collate, tail) = match dialect {
            Dialect::Sqlite => ("", " WITHOUT ROWID"),
            Dialect::Postgres => (" COLLATE \"C\"", ""),
        };
        let mut columns: Vec<String> = Vec::new();
        for (key, kind) in self.keys {
            columns.push(match kind {
                Kind::Int => format!("{key} BIGINT NOT NULL"),
                Kind::Text => format!("{key} TEXT{collate} NOT NULL"),
            });
        }
        let counters = self.counters.iter();
        columns.extend(counters.map(|counter| format!("{counter} BIGINT NOT NULL DEFAULT 0")));
        let (table, columns, key) = (beside(table), columns.join(", "), self.key_columns());
        format!("CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY ({key})){tail}")
    }

    fn key_columns(&self) -> String {
        self.keys.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", ")
    }

    /// What adds these sums to those that are there. Keys whose same sums change are written together,
    /// and no other sum is named.
    pub(super) fn add(&self, table: &str, sums: &Sums) -> Vec<Statement> {
        let mut alike: HashMap<Vec<usize>, Vec<Added<'_>>> = HashMap::new();
        for (key, adds) in sums.iter() {
            let places = (0..adds.len()).filter(|place| adds[*place] != 0).collect();
            alike.entry(places).or_default().push((key, adds));
        }
        let table = beside(table);
        let mut statements = Vec::new();
        for (places, rows) in &alike {
            let names: Vec<&str> = places.iter().map(|place| self.counters[*place]).collect();
            for some in table::portions(rows) {
                statements.push(self.upsert(&table, &names, places, some));
            }
        }
        statements
    }

    fn upsert(
        &self,
        table: &str,
        names: &[&str],
        places: &[usize],
        rows: &[Added<'_>],
    ) -> Statement {
        let (key, all) = (self.key_columns(), names.join(", "));
        let mut statement = Statement::new(&format!("INSERT INTO {table} ({key}, {all}) VALUES "));
        for (number, (key, adds)) in rows.iter().enumerate() {
            if number > 0 {
                statement = statement.and(", ");
            }
            let adds = places.iter().map(|place| Value::from(adds[*place]));
            statement = statement.list(key.iter().cloned().chain(adds));
        }
        let set: Vec<String> =
            names.iter().map(|name| format!("{name} = {table}.{name} + excluded.{name}")).collect();
        statement.and(&format!(" ON CONFLICT ({key}) DO UPDATE SET {}", set.join(", ")))
    }

    /// A statement that reads every key of which a sum is not zero.
    pub(super) fn all(&self, table: &str) -> Statement {
        let (key, sums) = (self.key_columns(), self.counters.join(", "));
        Statement::new(&format!("SELECT {key}, {sums} FROM {}", beside(table)))
    }

    /// How stored sums differ from those expected; a line a key.
    pub(super) fn differences(
        &self,
        table: &str,
        stored: &[sqlx::any::AnyRow],
        expected: &Sums,
    ) -> Result<Vec<String>, sqlx::Error> {
        let table = beside(table);
        let mut differences = Vec::new();
        let mut same = 0;
        for row in stored {
            let key = self.keys.iter().enumerate().map(|(column, (_, kind))| {
                Ok(match kind {
                    Kind::Int => Value::Int(Some(row.try_get(column)?)),
                    Kind::Text => Value::Text(Some(row.try_get(column)?)),
                })
            });
            let key = key.collect::<Result<Vec<Value>, sqlx::Error>>()?;
            let places = self.keys.len()..self.keys.len() + self.counters.len();
            let sums = places.map(|column| row.try_get(column));
            let sums = sums.collect::<Result<Vec<i64>, sqlx::Error>>()?;
            let nothing = vec![0; sums.len()];
            if expected.get(&key).unwrap_or(&nothing) == sums.as_slice() {
                same += usize::from(sums != nothing);
            } else {
                differences.push(format!("{table} {key:?} differs from the log"));
            }
        }
        let wanted = expected.iter().count();
        if differences.is_empty() && same != wanted {
            differences.push(format!("{table} lacks {} keys that the log has", wanted - same));
        }
        Ok(differences)
    }
}
