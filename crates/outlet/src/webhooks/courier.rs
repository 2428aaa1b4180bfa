//! What one webhook does: the next event, sent until it is taken or given up.

use contracts::{
    outlet::{BodyMode, FailureReason, PauseReason, PublicName, Receiver},
    subject,
};
use http::StatusCode;
use kernel::{Timestamp, id::WebhookId};
use platform::{
    executor::Target,
    http::{post::PostError, signature},
    process::{CarryOutError, Cause},
    publication::Told,
};

use super::{
    couriers::{Couriers, Error},
    cursor::{Attempt, Cursor, Sent},
    envelope,
};
use crate::{
    domain::{deliveries, webhook},
    projections::webhooks::{ACTIVE, REMOVED, WebhookRow},
};

/// A webhook that has taken nothing for so long is paused.
const DAY_MS: i64 = 86_400_000;

/// What to do after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The next step, at once.
    Go,
    /// Wait a moment.
    Wait,
    /// It is over.
    End,
}

/// A webhook under way.
pub(super) struct Courier<'a> {
    pub(super) all: &'a Couriers,
    pub(super) id: WebhookId,
    pub(super) cursor: Cursor,
    /// Whether `cursor.sequence` was looked at since this began, and fits the public stream.
    pub(super) placed: bool,
    /// Whether `cursor` is ahead of what is written: by events that nobody asked for.
    pub(super) ahead: bool,
}

impl Courier<'_> {
    /// One step: what it is depends on the row and the cursor alone.
    pub(super) async fn step(&mut self) -> Result<Next, Error> {
        let id = self.id.to_string();
        let Some(row) = self.all.row(&id) else { return Ok(Next::Wait) };
        if row.status == REMOVED {
            return self.end(&id).await;
        }
        if row.start_version != self.cursor.start_version {
            self.enter().await?;
            let position = u64::try_from(row.start).unwrap_or_default();
            let start_version = row.start_version;
            self.cursor = Cursor { start_version, position, ..Cursor::default() };
            self.placed = false;
            self.save().await?;
        }
        let now = self.all.context.clock.now();
        let due = |sent: &Sent| now.0 - sent.since.0 >= self.all.record_every_ms;
        if self.cursor.sent.as_ref().is_some_and(due) || row.status != ACTIVE {
            self.enter().await?;
        }
        if row.status != ACTIVE {
            return Ok(Next::Wait);
        }
        if self.cursor.attempt.as_ref().is_some_and(|attempt| attempt.next > now) {
            return Ok(Next::Wait);
        }
        let head = self.all.head();
        let Some(told) = self.next().await? else {
            // Nothing of it is for this webhook.
            if head > self.cursor.sequence {
                self.cursor.sequence = head;
                self.ahead = true;
            }
            if self.ahead {
                self.save().await?;
            }
            return Ok(Next::Wait);
        };
        if !is_wanted(&row, &told) {
            // Written with the next that is, or when there is none: it is passed over as quickly again.
            self.cursor.pass(told.position, told.sequence);
            self.ahead = true;
            return Ok(Next::Go);
        }
        match self.send(&row, &told, now).await? {
            Ok(()) => {
                self.cursor.deliver(told.position, told.sequence, self.all.context.clock.now());
                self.save().await?;
            }
            Err(reason) => self.failed(&told, reason).await?,
        }
        Ok(Next::Go)
    }

    /// The next event of the division.
    async fn next(&mut self) -> Result<Option<Told>, Error> {
        if !self.placed || self.all.head() < self.cursor.sequence {
            self.cursor.sequence = self.all.publication.before(self.cursor.position).await?;
            self.placed = true;
        }
        let subjects = platform::nats_server::prefix(self.id.division());
        Ok(self.all.publication.next(&subjects, self.cursor.sequence).await?)
    }

    /// Sends an event once; the inner error says why it was not taken.
    async fn send(
        &self,
        row: &WebhookRow,
        told: &Told,
        now: Timestamp,
    ) -> Result<Result<(), Refused>, Error> {
        let unreadable = Ok(Err(Refused::Failed(FailureReason::Unreadable)));
        let Some(url) = self.all.text(&row.target).await? else { return unreadable };
        let Ok(target) = self.all.poster.target(&url) else {
            return Ok(Err(Refused::Failed(FailureReason::Forbidden)));
        };
        let mut keys = Vec::new();
        let former = if now.0 < row.former_until { row.former.as_str() } else { "" };
        for record in [row.secret.as_str(), former].into_iter().filter(|text| !text.is_empty()) {
            let secret = self.all.text(record).await?.unwrap_or_default();
            keys.extend(signature::key(&secret));
        }
        if keys.is_empty() {
            return unreadable;
        }
        let mode = row.mode.parse().unwrap_or(BodyMode::Binary);
        let (headers, body) = envelope::request(told, mode, &keys, now.0.div_euclid(1_000));
        Ok(match self.all.poster.post(&target, headers, body).await {
            Ok(status) if status.is_success() => Ok(()),
            Ok(StatusCode::GONE) => Err(Refused::Gone),
            Ok(_) => Err(Refused::Failed(FailureReason::Refused)),
            Err(PostError::Forbidden) => Err(Refused::Failed(FailureReason::Forbidden)),
            Err(PostError::Unreachable(_)) => Err(Refused::Failed(FailureReason::Unreachable)),
        })
    }

    async fn failed(&mut self, told: &Told, refused: Refused) -> Result<(), Error> {
        let reason = match refused {
            Refused::Gone => return self.pause(PauseReason::Gone).await,
            Refused::Failed(reason) => reason,
        };
        let now = self.all.context.clock.now();
        let before = self.cursor.attempt.take().filter(|known| known.position == told.position);
        let (count, since) = before.map_or((1, now), |known| (known.count + 1, known.since));
        let id = self.id.to_string();
        let next = now.plus_millis(self.all.schedule.wait_ms(&id, told.position, count));
        let attempt = Attempt { position: told.position, count, since, next, reason };
        let failing_since = *self.cursor.failing_since.get_or_insert(now);
        if self.all.schedule.is_over(count, since, now) {
            self.abandon(&attempt).await?;
            self.cursor.pass(told.position, told.sequence);
        } else {
            self.cursor.attempt = Some(attempt);
        }
        self.save().await?;
        if now.0 - failing_since.0 >= DAY_MS {
            self.cursor.failing_since = None;
            self.save().await?;
            self.pause(PauseReason::Failing).await?;
        }
        Ok(())
    }

    async fn save(&mut self) -> Result<(), Error> {
        self.all.cursors.save(&self.id.to_string(), &self.cursor).await?;
        self.ahead = false;
        Ok(())
    }

    /// Enters what was sent into the register.
    async fn enter(&mut self) -> Result<(), Error> {
        let Some(Sent { from, to, count, since }) = self.cursor.sent else { return Ok(()) };
        let deliveries = subject::webhook_deliveries(&self.id);
        // A name of its own for each entry: entered twice is once.
        let cause = self.cause(&format!("{}/{from}/{to}", since.0));
        let target = register(&deliveries);
        let command = move |at| deliveries::Command::RecordDeliveries {
            deliveries: deliveries.clone(),
            receiver: Receiver::Webhook,
            from,
            to,
            count,
            acknowledged: None,
            since,
            at,
        };
        let entered = self.all.deliveries.execute(target, cause.request(), command).await;
        entered.map_err(CarryOutError::from)?;
        self.cursor.sent = None;
        self.save().await
    }

    async fn abandon(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let deliveries = subject::webhook_deliveries(&self.id);
        let Attempt { position, count, since, reason, .. } = *attempt;
        let cause = self.cause(&format!("{position}/{}/abandoned", since.0));
        let target = register(&deliveries);
        let command = move |at| deliveries::Command::AbandonDelivery {
            deliveries: deliveries.clone(),
            receiver: Receiver::Webhook,
            position,
            reason,
            attempts: count,
            since,
            at,
        };
        let entered = self.all.deliveries.execute(target, cause.request(), command).await;
        entered.map_err(CarryOutError::from)?;
        Ok(())
    }

    async fn pause(&mut self, reason: PauseReason) -> Result<(), Error> {
        let now = self.all.context.clock.now();
        let cause = self.cause(&format!("{}/{reason}", now.0));
        let subject = subject::webhook(&self.id);
        let target = Target { subject, id: self.id.to_string(), creates: false };
        let webhook = self.id.clone();
        let command =
            move |at| webhook::Command::PauseWebhook { webhook: webhook.clone(), reason, at };
        let paused = self.all.webhook.execute(target, cause.request(), command).await;
        let paused = paused.map_err(CarryOutError::from)?;
        // Nothing more is sent before the table says so too.
        self.all.reached(paused.position.sequence).await;
        Ok(())
    }

    async fn end(&mut self, id: &str) -> Result<Next, Error> {
        self.enter().await?;
        self.all.context.vault.erase(id).await?;
        self.all.cursors.forget(id).await?;
        Ok(Next::End)
    }

    fn cause(&self, what: &str) -> Cause {
        Cause::moment(super::NAME, &format!("{}/{what}", self.id))
    }
}

/// Why an event was not taken.
enum Refused {
    /// The receiver is gone for good.
    Gone,
    /// Another time it may be.
    Failed(FailureReason),
}

fn register(deliveries: &kernel::id::DeliveriesId) -> Target {
    let subject = subject::deliveries(deliveries);
    Target { subject, id: deliveries.to_string(), creates: false }
}

/// Whether a webhook asked for such events.
fn is_wanted(row: &WebhookRow, told: &Told) -> bool {
    let Some((stem, _)) = told.header("ce-type").rsplit_once('.') else { return false };
    let names = || row.events.split_whitespace().filter_map(|word| word.parse::<PublicName>().ok());
    row.events.is_empty() || names().any(|name| name.ce_stem() == stem)
}
