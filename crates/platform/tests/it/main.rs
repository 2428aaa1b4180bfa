//! The integration tests of the platform: one binary, so that it is linked once. (`cfg(test)` lets
//! clippy see helpers as tests, too.)

#[cfg(test)]
mod audit;
#[cfg(test)]
mod counter;
#[cfg(test)]
mod event_log;
#[cfg(test)]
mod executor;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod lease;
#[cfg(test)]
mod media;
#[cfg(test)]
mod nats_server;
#[cfg(test)]
mod nats_tls;
#[cfg(test)]
mod process;
#[cfg(test)]
mod projection;
#[cfg(test)]
mod publication;
#[cfg(test)]
mod race;
#[cfg(test)]
mod vault;
#[cfg(test)]
mod vault_index;
#[cfg(test)]
mod vault_keys;
