//! What leaves the house: letters that wait are sent, again after a while where that fails, and given
//! up in the end. What came of it is an event. A letter that was sent and not noted, because the
//! process ended in between, is sent again under the same id, by which the receiver knows it.
//!
//! How often a letter was tried is known to whoever tries; after a restart it is counted anew, from
//! the time at which the letter was queued on.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use contracts::{
    dispatch::notification::{NotificationChannel, SendFailure, Transition},
    subject,
};
use futures::{StreamExt as _, stream};
use kernel::{Timestamp, id::NotificationId};
use platform::{
    executor::{Executor, Target},
    http::schedule::Schedule,
    process::Cause,
    projection::View,
    service::Context,
};

use crate::{
    adapters::{Adapters, Outgoing},
    domain::notification::{Command, Outbox, Which},
    projections::{
        notification_readers::NotificationReaderRow,
        notifications::{self, NotificationRow},
    },
    wording::Wording,
};

const NAME: &str = "dispatch.send_notifications";

/// How often the table is read.
const TICK: Duration = Duration::from_millis(200);

/// How many letters are looked at together: those that are being tried again are among them.
const ROWS: u32 = 2_000;

/// How many are under way at once.
const IN_FLIGHT: usize = 8;

/// Whoever sends.
#[derive(Clone)]
pub struct SendNotifications {
    /// The suite.
    pub context: Context,
    /// The letters.
    pub rows: View<NotificationRow>,
    /// Where people can be reached.
    pub readers: View<NotificationReaderRow>,
    /// What letters say.
    pub wording: Wording,
    /// The ways.
    pub adapters: Adapters,
    /// How failures are met.
    pub schedule: Schedule,
    /// The outboxes.
    pub outboxes: Executor<Outbox>,
}

/// What is known of a letter that failed.
#[derive(Clone, Copy, Debug)]
struct Tried {
    failures: u32,
    next: Timestamp,
    since: i64,
}

/// What came of trying a letter.
enum Came {
    /// It is noted, and seen in the table from this place in the log on.
    Noted(u64),
    /// It is tried again then.
    Later(String, Tried),
}

impl SendNotifications {
    /// Sends wherever the lease is won.
    pub fn start(self) {
        let context = self.context.clone();
        self.context.lifecycle.clone().spawn(NAME, async move {
            let stop = context.lifecycle.soft_token();
            let work = || async {
                let mut tried = HashMap::new();
                loop {
                    self.round(&mut tried).await;
                    tokio::time::sleep(TICK).await;
                }
            };
            let _stopped: Option<Infallible> = context.leases.hold(NAME, &stop, work).await;
            Ok::<(), Infallible>(())
        });
    }

    /// Tries what is to be tried now.
    async fn round(&self, tried: &mut HashMap<String, Tried>) {
        let now = self.context.clock.now();
        let rows = match notifications::waiting(&self.rows, ROWS).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "the letters cannot be read; will try again");
                return;
            }
        };
        // What was sent or given up meanwhile, and asked for again, begins anew.
        let since: HashMap<&str, i64> = rows.iter().map(|(id, row)| (&**id, row.since)).collect();
        tried.retain(|id, known| since.get(&**id) == Some(&known.since));
        let due = rows.into_iter().filter_map(|(id, row)| {
            let known = tried.get(&id).copied();
            known.is_none_or(|known| known.next <= now).then_some((id, row, known))
        });
        let due: Vec<_> = due.collect();
        let came: Vec<Option<Came>> = stream::iter(due)
            .map(|(id, row, known)| self.attempt(id, row, known))
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        let mut last = 0;
        for came in came.into_iter().flatten() {
            match came {
                Came::Noted(sequence) => last = last.max(sequence),
                Came::Later(id, known) => {
                    tried.insert(id, known);
                }
            }
        }
        // What was noted is to be seen before the table is read again.
        if last > 0 {
            let _next_time = self.rows.wait(last, Duration::from_secs(5)).await;
        }
    }

    async fn attempt(
        &self,
        id: String,
        row: NotificationRow,
        known: Option<Tried>,
    ) -> Option<Came> {
        let which = which(&id)?;
        let sent = self.send(&id, &row).await;
        let now = self.context.clock.now();
        let attempts = known.map_or(0, |known| known.failures) + 1;
        let note = |make| self.note(&id, row.since, which.clone(), make);
        match sent {
            Ok(()) => {
                note(Box::new(move |at, which| Command::RecordSent { at, which, attempts })).await
            }
            Err(reason) => {
                let over = self.schedule.is_over(attempts, Timestamp(row.since), now)
                    || reason == SendFailure::NoAddress;
                if over {
                    return note(Box::new(move |at, which| Command::RecordFailed {
                        at,
                        which,
                        attempts,
                        reason,
                    }))
                    .await;
                }
                let place = u64::try_from(row.position).unwrap_or_default();
                let next = now.plus_millis(self.schedule.wait_ms(&id, place, attempts));
                Some(Came::Later(id, Tried { failures: attempts, next, since: row.since }))
            }
        }
    }

    /// Notes what came of a letter; none where that must be done another time.
    async fn note(
        &self,
        id: &str,
        since: i64,
        which: Which,
        make: Box<dyn Fn(Timestamp, Which) -> Command + Send + Sync>,
    ) -> Option<Came> {
        let outbox = which.notification.clone();
        let target = Target {
            subject: subject::notification(&outbox),
            id: outbox.to_string(),
            creates: false,
        };
        let request = Cause::moment(NAME, &format!("{id}/{since}")).request();
        let noted = self.outboxes.execute(target, request, move |at| make(at, which.clone())).await;
        match noted {
            Ok(outcome) => Some(Came::Noted(outcome.position.sequence)),
            Err(error) => {
                tracing::warn!(id, %error, "what came of a letter is not noted; will try again");
                None
            }
        }
    }

    async fn send(&self, id: &str, row: &NotificationRow) -> Result<(), SendFailure> {
        let channel: NotificationChannel =
            row.channel.parse().map_err(|_| SendFailure::Unreadable)?;
        let transition: Transition = row.transition.parse().map_err(|_| SendFailure::Unreadable)?;
        let person = row.recipient.strip_prefix("person:").ok_or(SendFailure::NoAddress)?;
        let reader = self.readers.get(person).await.map_err(|_| SendFailure::Unreadable)?;
        let reader = reader.filter(|reader| reader.ways().contains(&channel));
        let record = reader.and_then(|reader| reader.contact.parse().ok());
        let record = record.ok_or(SendFailure::NoAddress)?;
        let text = self.context.vault.text(&record).await;
        let text = text.map_err(|_| SendFailure::Unreadable)?.ok_or(SendFailure::NoAddress)?;
        let to = crate::adapters::address(&text, channel).ok_or(SendFailure::NoAddress)?;
        let template = self.wording.of(row, transition).await.ok_or(SendFailure::Unreadable)?;
        let values = row.values();
        let fill = |text: &str| crate::domain::notification::template::fill(text, &values);
        let letter = Outgoing {
            id: id.replace('/', "-"),
            transition,
            to,
            zh: fill(&template.zh),
            en: fill(&template.en),
            seconds: self.context.clock.now().0.div_euclid(1_000),
        };
        self.adapters.of(channel)?.send(&letter).await
    }
}

/// Which letter a key names.
fn which(id: &str) -> Option<Which> {
    let mut parts = id.split('/');
    let notification: NotificationId = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok()?;
    let letter = parts.next()?.parse().ok()?;
    Some(Which { notification, number, letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_letter() {
        let found = which("620821101203-order/000002/0013").unwrap();
        assert_eq!((found.number, found.letter), (2, 13));
        assert_eq!(found.notification.to_string(), "620821101203-order");
        for text in ["", "620821101203-order", "620821101203-order/x/1", "order/1/1"] {
            assert_eq!(which(text), None, "{text}");
        }
    }
}
