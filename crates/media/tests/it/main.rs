//! The integration tests of media: one binary, so that it is linked once. Each behaviour is played
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
mod cleaning;
#[cfg(test)]
mod forgetting;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod world;
