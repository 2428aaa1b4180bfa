//! Dispatch on a real nats-server and both databases, called over gRPC as clients do. What intake,
//! grid and access publish is appended by the tests.

#[cfg(test)]
mod calendars;
#[cfg(test)]
mod campaigns;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod convocations;
#[cfg(test)]
mod county;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod mediation;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod receivers;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod takeover;
#[cfg(test)]
mod together;
#[cfg(test)]
mod waiting;
#[cfg(test)]
mod working;

/// Runs each test on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($test:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(testkit::Db::Sqlite).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(testkit::Db::Postgres).await;
            })*
        }
    };
}
pub(crate) use on_both_databases;
