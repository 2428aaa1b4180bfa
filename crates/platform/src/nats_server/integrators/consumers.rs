//! The integrators' consumers on the mirror, one each, under the user's name. Weft makes them: a user
//! who could would choose where the server delivers to, and what it remembers.

use std::time::Duration;

use async_nats::{
    Client,
    jetstream::{
        self, ErrorCode,
        consumer::{AckPolicy, DeliverPolicy, pull},
        context::{ConsumerInfoErrorKind, GetStreamErrorKind},
        stream::{ConsumerErrorKind, Stream},
    },
};
use kernel::Division;

use super::Integrator;
use crate::nats_server::accounts::public_stream;

/// How many messages an integrator may leave unacknowledged.
const UNACKNOWLEDGED: i64 = 10_000;

/// How many requests of an integrator may wait at once.
const WAITING: i64 = 64;

/// After how long without an acknowledgement a message comes again.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// The server did not make, show or remove a consumer.
#[derive(Debug, thiserror::Error)]
#[error("nats-server does not answer about the consumers of integrators; see its log")]
pub struct ConsumersError(#[source] Box<dyn std::error::Error + Send + Sync>);

fn failed<E: std::error::Error + Send + Sync + 'static>(error: E) -> ConsumersError {
    ConsumersError(Box::new(error))
}

/// How far an integrator's consumer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The user's name.
    pub name: String,
    /// The last sequence of the public stream that was delivered.
    pub delivered: u64,
    /// How many deliveries that were, those done again among them.
    pub deliveries: u64,
    /// The sequence up to which everything is acknowledged.
    pub acknowledged: u64,
    /// How many messages wait.
    pub pending: u64,
}

/// The consumers on the mirror of a county.
#[derive(Clone)]
pub struct Consumers {
    context: jetstream::Context,
    stream: String,
}

impl Consumers {
    /// Over a connection of Weft's own user of INTEGRATORS.
    pub fn new(client: Client, county: Division) -> Self {
        Self { context: jetstream::new(client), stream: public_stream(county) }
    }

    async fn stream(&self) -> Result<Option<Stream>, ConsumersError> {
        match self.context.get_stream(&self.stream).await {
            Ok(stream) => Ok(Some(stream)),
            Err(error) => {
                let absent = matches!(error.kind(), GetStreamErrorKind::JetStream(code)
                    if code.error_code() == ErrorCode::STREAM_NOT_FOUND);
                if absent { Ok(None) } else { Err(failed(error)) }
            }
        }
    }

    /// Makes the consumers of those who are in; says whether there is a mirror yet. One that is there as
    /// it should be goes on where it is.
    pub async fn make(&self, everybody: &[Integrator]) -> Result<bool, ConsumersError> {
        let Some(stream) = self.stream().await? else { return Ok(false) };
        for user in everybody.iter().filter(|user| user.is_active()) {
            make(&stream, user).await?;
        }
        Ok(true)
    }

    /// Removes the consumers of those who were revoked. They are of no use to anybody by then, but say
    /// what was read.
    pub async fn remove_revoked(&self, everybody: &[Integrator]) -> Result<(), ConsumersError> {
        let Some(stream) = self.stream().await? else { return Ok(()) };
        for user in everybody.iter().filter(|user| !user.is_active()) {
            remove(&stream, user).await?;
        }
        Ok(())
    }

    /// How far each of these is; who has no consumer is left out.
    pub async fn readings(&self, everybody: &[Integrator]) -> Result<Vec<Reading>, ConsumersError> {
        let Some(stream) = self.stream().await? else { return Ok(Vec::new()) };
        let mut readings = Vec::new();
        for user in everybody {
            match stream.consumer_info(&user.name).await {
                Ok(info) => readings.push(Reading {
                    name: user.name.clone(),
                    delivered: info.delivered.stream_sequence,
                    deliveries: info.delivered.consumer_sequence,
                    acknowledged: info.ack_floor.stream_sequence,
                    pending: info.num_pending,
                }),
                Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(readings)
    }
}

async fn make(stream: &Stream, user: &Integrator) -> Result<(), ConsumersError> {
    let config = pull::Config {
        name: Some(user.name.clone()),
        durable_name: Some(user.name.clone()),
        filter_subject: user.prefix(),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: UNACKNOWLEDGED,
        max_waiting: WAITING,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await.map(|_| ()).map_err(failed)
}

async fn remove(stream: &Stream, user: &Integrator) -> Result<(), ConsumersError> {
    let Err(error) = stream.delete_consumer(&user.name).await else { return Ok(()) };
    let absent = matches!(error.kind(), ConsumerErrorKind::JetStream(code)
        if code.error_code() == ErrorCode::CONSUMER_NOT_FOUND);
    if absent { Ok(()) } else { Err(failed(error)) }
}
