//! The integration tests of the platform: one binary, so that it is linked once. (`cfg(test)` lets
//! clippy see helpers as tests, too.)

#[cfg(test)]
mod nats_server;
