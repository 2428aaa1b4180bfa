//! The users of nats-server: that each has its consumer on the mirror and who was revoked has none, and
//! what each has read.
//!
//! What is entered is what nats-server delivered, which is what an integrator came to know; up to where
//! it is acknowledged stands beside it. The register of users is the file beside the seeds of this
//! process: one that runs elsewhere with an older copy notes less, and takes nothing away.

use std::time::Duration;

use contracts::{outlet::Receiver, subject};
use kernel::{Timestamp, id::IntegratorId};
use platform::{
    executor::{Executor, Target},
    nats_server::{self, ConsumersError, Reading},
    process::{CarryOutError, Cause},
    publication::{Publication, PublicationError},
    service::Context,
};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        deliveries::{self, Deliveries},
        integrator::{self, Integrator},
    },
    webhooks::{CursorError, Cursors},
};

/// Under which name the lease is held, and commands are caused.
pub(crate) const NAME: &str = "outlet.integrators";

/// How often it is looked, in real time; what is entered follows the suite's clock.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What reading integrators stands on.
#[derive(Clone)]
pub(crate) struct Readers {
    pub(crate) context: Context,
    pub(crate) publication: Publication,
    pub(crate) cursors: Cursors,
    pub(crate) record_every_ms: i64,
    pub(crate) integrator: Executor<Integrator>,
    pub(crate) deliveries: Executor<Deliveries>,
}

/// What is entered of an integrator so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Entered {
    /// The last sequence of the public stream.
    sequence: u64,
    /// The place in the log that it comes from.
    position: u64,
    /// The consumer's count of deliveries.
    deliveries: u64,
    /// When it was last looked, so that an entry says since when.
    at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Register(#[from] nats_server::Error),
    #[error(transparent)]
    Consumers(#[from] ConsumersError),
    #[error(transparent)]
    Publication(#[from] PublicationError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error(transparent)]
    Log(#[from] CarryOutError),
}

impl Readers {
    /// Looks whenever the lease is held, until the stop.
    pub(crate) async fn run(self) -> Result<(), std::convert::Infallible> {
        let stop = self.context.lifecycle.soft_token();
        let look = || async {
            loop {
                if let Err(error) = self.look().await {
                    let error = crate::chain(&error);
                    tracing::warn!(error, "what integrators have read will be entered later");
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        self.context.leases.hold::<_, _, ()>(NAME, &stop, look).await;
        Ok(())
    }

    async fn look(&self) -> Result<(), Error> {
        let everybody = self.context.reach.integrators()?;
        let consumers = self.publication.consumers();
        // Before the consumers of those who were revoked go, what they have read is entered.
        for reading in consumers.readings(&everybody).await? {
            if let Some(user) = everybody.iter().find(|user| user.name == reading.name) {
                self.enter(user, &reading).await?;
            }
        }
        consumers.remove_revoked(&everybody).await?;
        consumers.make(&everybody).await?;
        for user in &everybody {
            self.note(user).await?;
        }
        Ok(())
    }

    /// Notes in the log what the register of users says.
    async fn note(&self, user: &nats_server::Integrator) -> Result<(), Error> {
        let Some(id) = id_of(user) else { return Ok(()) };
        let nats_server::Integrator { created: since, rotated, revoked, .. } = user.clone();
        let (state, _) = self.integrator.load(&subject::integrator(&id)).await.map_err(later)?;
        let known = match state {
            integrator::State::Unknown => false,
            integrator::State::Active(noted) => revoked.is_none() && noted == rotated,
            integrator::State::Revoked => true,
        };
        if known {
            return Ok(());
        }
        let millis = |time: Option<Timestamp>| time.map_or(0, |time| time.0);
        let name = format!("{id}/{}/{}", millis(rotated), millis(revoked));
        let request = Cause::moment(NAME, &name).request();
        let target =
            Target { subject: subject::integrator(&id), id: id.to_string(), creates: false };
        let command = move |at| integrator::Command::NoteIntegrator {
            integrator: id.clone(),
            since,
            rotated,
            revoked,
            at,
        };
        self.integrator.execute(target, request, command).await.map_err(CarryOutError::from)?;
        Ok(())
    }

    /// Enters what was delivered since the last entry, if that is long enough ago.
    async fn enter(&self, user: &nats_server::Integrator, reading: &Reading) -> Result<(), Error> {
        let Some(id) = id_of(user) else { return Ok(()) };
        let now = self.context.clock.now();
        let entered: Option<Entered> = self.cursors.load(&format!("i_{id}")).await?;
        let before = entered.unwrap_or(Entered { at: user.created, ..Entered::default() });
        let again = reading.deliveries < before.deliveries || reading.delivered < before.sequence;
        let nothing =
            reading.deliveries == before.deliveries && reading.delivered == before.sequence;
        let soon = now.0 - before.at.0 < self.record_every_ms && user.is_active();
        if nothing || soon || reading.deliveries == 0 {
            return Ok(());
        }
        let to = self.publication.position_of(reading.delivered).await?;
        // Who goes back reads again: from where, the consumer does not say.
        let from = if again { 1 } else { before.position + 1 };
        let from = from.min(to);
        let count = if again { reading.deliveries } else { reading.deliveries - before.deliveries };
        let acknowledged = self.publication.position_of(reading.acknowledged).await?;
        let register = subject::integrator_deliveries(&id);
        let name = format!("{id}/{}/{}/{}", before.at.0, reading.delivered, reading.deliveries);
        let request = Cause::moment(NAME, &name).request();
        let target = Target {
            subject: subject::deliveries(&register),
            id: register.to_string(),
            creates: false,
        };
        let since = before.at;
        let command = move |at| deliveries::Command::RecordDeliveries {
            deliveries: register.clone(),
            receiver: Receiver::Integrator,
            from,
            to,
            count,
            acknowledged: Some(acknowledged),
            since,
            at,
        };
        self.deliveries.execute(target, request, command).await.map_err(CarryOutError::from)?;
        let (sequence, deliveries) = (reading.delivered, reading.deliveries);
        let entered = Entered { sequence, position: to, deliveries, at: now };
        Ok(self.cursors.save(&format!("i_{id}"), &entered).await?)
    }
}

fn later<R: std::error::Error>(error: platform::executor::ExecuteError<R>) -> CarryOutError {
    CarryOutError::from(error)
}

/// The id of a user: the division that the user reads, and the name.
fn id_of(user: &nats_server::Integrator) -> Option<IntegratorId> {
    Some(IntegratorId::new(user.division, user.name.parse().ok()?))
}
