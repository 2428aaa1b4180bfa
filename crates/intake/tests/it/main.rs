//! The integration tests of intake: one binary, so that it is linked once. Each behaviour is played
//! through gRPC on a real nats-server, on SQLite and on PostgreSQL. (`cfg(test)` lets clippy see
//! helpers as tests, too.)

/// Declares each of these behaviours as a test on either database.
#[cfg(test)]
macro_rules! on_both_databases {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(testkit::Db::Sqlite).await; })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(testkit::Db::Postgres).await; })*
        }
    };
}

#[cfg(test)]
mod admissions;
#[cfg(test)]
mod asking;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod categories;
#[cfg(test)]
mod disclosure;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hotspots;
#[cfg(test)]
mod lasting;
#[cfg(test)]
mod life;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod on_site;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod places;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod similar;
#[cfg(test)]
mod together;
#[cfg(test)]
mod urgent_disputes;
