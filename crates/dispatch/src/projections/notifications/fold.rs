//! What a row becomes by an event.

use contracts::dispatch::notification::{Letter, NotificationEvent, NotificationQueued};
use kernel::{DecodeError, id::NotificationId};
use platform::{log::Recorded, projection::Projection};

use super::{FAILED, INBOX, NotificationRow, Notifications, SENT, WAITING, address};
use crate::domain::notification::leaves;

impl Projection for Notifications {
    type Row = NotificationRow;
    type Event = NotificationEvent;

    fn read(&self, event: &Recorded) -> Result<Option<NotificationEvent>, DecodeError> {
        super::super::read(NotificationEvent::CATEGORY, event)
    }

    fn keys(&self, event: &NotificationEvent) -> Vec<String> {
        use NotificationEvent as E;
        match event {
            E::NotificationQueued(queued) => (1..)
                .zip(&queued.letters)
                .map(|(letter, _)| key(&queued.notification, queued.number, letter))
                .collect(),
            E::NotificationSent(event) => {
                vec![key(&event.notification, event.number, event.letter)]
            }
            E::NotificationFailed(event) => {
                vec![key(&event.notification, event.number, event.letter)]
            }
            E::NotificationRetried(event) => {
                vec![key(&event.notification, event.number, event.letter)]
            }
        }
    }

    fn fold(
        &self,
        key: &str,
        row: Option<NotificationRow>,
        event: &NotificationEvent,
        recorded: &Recorded,
    ) -> Option<NotificationRow> {
        use NotificationEvent as E;
        match event {
            E::NotificationQueued(queued) => {
                let place: usize = key.rsplit('/').next()?.parse().ok()?;
                let letter = queued.letters.get(place.checked_sub(1)?)?;
                Some(NotificationRow::new(queued, letter, recorded.meta.sequence))
            }
            E::NotificationSent(event) => row.map(|row| NotificationRow {
                status: SENT.to_owned(),
                attempts: event.attempts.into(),
                ..row
            }),
            E::NotificationFailed(event) => row.map(|row| NotificationRow {
                status: FAILED.to_owned(),
                attempts: event.attempts.into(),
                failure: event.reason.to_string(),
                ..row
            }),
            E::NotificationRetried(event) => row.map(|row| NotificationRow {
                status: WAITING.to_owned(),
                failure: String::new(),
                since: event.occurred_at.0,
                ..row
            }),
        }
    }
}

fn key(notification: &NotificationId, number: u32, letter: u32) -> String {
    format!("{notification}/{number:06}/{letter:04}")
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl NotificationRow {
    fn new(queued: &NotificationQueued, letter: &Letter, sequence: u64) -> Self {
        let place = queued.notification.division();
        Self {
            recipient: address(&letter.recipient),
            audience: letter.audience.to_string(),
            channel: letter.channel.to_string(),
            transition: queued.transition.to_string(),
            case_id: shown(queued.case.as_ref()),
            work_order_id: shown(queued.work_order.as_ref()),
            category: shown(queued.category.as_ref()),
            due: queued.due.map_or(0, |due| due.0),
            rule_version: queued.rule_version.into(),
            status: if leaves(letter) { WAITING } else { INBOX }.to_owned(),
            attempts: 0,
            failure: String::new(),
            since: queued.occurred_at.0,
            queued_at: queued.occurred_at.0,
            position: i64::try_from(sequence).unwrap_or(i64::MAX),
            county: shown(place.county()),
            township: shown(place.township()),
            village: shown(place.village()),
            grid: String::new(),
            org: String::new(),
            assignee: String::new(),
            reporter: String::new(),
        }
    }
}
