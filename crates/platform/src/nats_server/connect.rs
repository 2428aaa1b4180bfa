//! Clients of the server.

use std::{path::Path, time::Duration};

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};

const FIRST_TRIES: u32 = 20;
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("can't connect to NATS at {url}: {}", advice(source))]
pub struct ConnectError {
    url: String,
    source: async_nats::ConnectError,
}

/// Connects as the user of a seed. A server that is not there yet is tried for some seconds; a
/// user that is refused is not. Once connected, the client reconnects for ever.
///
/// `name` shows in the server's list of connections, and in the inbox prefix `_INBOX_<name>`, so
/// that a user can be limited to the answers to his own requests.
pub async fn connect(url: &str, seed: &str, name: &str) -> Result<Client, ConnectError> {
    connect_with(url, None, seed, name).await
}

/// The same; where an authority is named, with TLS and only to a server whose certificate it signed.
pub async fn connect_with(
    url: &str,
    ca: Option<&Path>,
    seed: &str,
    name: &str,
) -> Result<Client, ConnectError> {
    let mut tries = 1;
    loop {
        let mut options = options(seed, name);
        if let Some(ca) = ca {
            options = options.require_tls(true).add_root_certificates(ca.to_owned());
        }
        match options.connect(url).await {
            Ok(client) => return Ok(client),
            Err(error) if tries < FIRST_TRIES && is_absence(error.kind()) => {
                tokio::time::sleep(delay(tries as usize)).await;
                tries += 1;
            }
            Err(source) => return Err(ConnectError { url: url.to_owned(), source }),
        }
    }
}

fn options(seed: &str, name: &str) -> ConnectOptions {
    let connection = name.to_owned();
    ConnectOptions::with_nkey(seed.to_owned())
        .name(name)
        .custom_inbox_prefix(format!("_INBOX_{}", token(name)))
        .connection_timeout(Duration::from_secs(5))
        .request_timeout(Some(Duration::from_secs(10)))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(delay)
        .event_callback(move |event| {
            report(&connection, &event);
            std::future::ready(())
        })
}

/// Letters that may stand in a subject's token.
fn token(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// 10 ms after the first failure, doubling up to 2 s.
fn delay(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(8);
    (Duration::from_millis(10) * (1 << doublings)).min(LONGEST_DELAY)
}

const fn is_absence(kind: ConnectErrorKind) -> bool {
    match kind {
        ConnectErrorKind::Dns | ConnectErrorKind::TimedOut | ConnectErrorKind::Io => true,
        ConnectErrorKind::ServerParse
        | ConnectErrorKind::Authentication
        | ConnectErrorKind::AuthorizationViolation
        | ConnectErrorKind::Tls
        | ConnectErrorKind::MaxReconnects => false,
    }
}

fn advice(error: &async_nats::ConnectError) -> &'static str {
    match error.kind() {
        ConnectErrorKind::ServerParse => "no address; write it like nats://host:4222",
        ConnectErrorKind::Dns => "the name is not known; check nats.url",
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            "the user is refused; check nats.credentials against the server's accounts"
        }
        ConnectErrorKind::Tls => "TLS failed; check the server's certificate",
        ConnectErrorKind::TimedOut | ConnectErrorKind::Io | ConnectErrorKind::MaxReconnects => {
            "it does not answer; start it, or check nats.url"
        }
    }
}

fn report(connection: &str, event: &Event) {
    match event {
        Event::Connected => tracing::info!(connection, "NATS connected"),
        Event::Disconnected => tracing::warn!(connection, "NATS disconnected, trying again"),
        Event::LameDuckMode | Event::Draining | Event::Closed => {
            tracing::info!(connection, %event, "NATS connection");
        }
        Event::SlowConsumer(_) | Event::ServerError(_) | Event::ClientError(_) => {
            tracing::warn!(connection, %event, "NATS connection");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_two_seconds() {
        let millis: Vec<_> = (1..=12).map(|n| delay(n).as_millis()).collect();
        assert_eq!(millis, [10, 20, 40, 80, 160, 320, 640, 1280, 2000, 2000, 2000, 2000]);
    }

    #[test]
    fn a_name_becomes_one_token() {
        assert_eq!(token("intake log.reader"), "intake_log_reader");
    }
}
