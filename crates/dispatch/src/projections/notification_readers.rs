//! How people want to be told, and how far they have read.

use contracts::dispatch::notification::{NotificationChannel, NotificationReaderEvent};
use kernel::{DecodeError, id::PersonId};
use platform::{log::Recorded, projection::Projection};

platform::row! {
    /// A person; the key is the id.
    pub struct NotificationReaderRow in "notification_readers" version 1 {
        /// The record with the addresses; empty where there is none.
        pub contact: String,
        /// The words of the ways, with spaces between.
        pub channels: String,
        /// Up to which place in the log everything was read.
        pub read_up_to: i64,
    }
    indexes []
}

/// The table.
#[derive(Debug)]
pub struct NotificationReaders;

impl NotificationReaderRow {
    /// The ways by which the person agreed to be told.
    pub fn ways(&self) -> Vec<NotificationChannel> {
        self.channels.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    }
}

fn person_of(event: &NotificationReaderEvent) -> &PersonId {
    use NotificationReaderEvent as E;
    match event {
        E::NotificationContactPut(event) => &event.person,
        E::NotificationContactRemoved(event) => &event.person,
        E::NotificationsRead(event) => &event.person,
    }
}

impl Projection for NotificationReaders {
    type Row = NotificationReaderRow;
    type Event = NotificationReaderEvent;

    fn read(&self, event: &Recorded) -> Result<Option<NotificationReaderEvent>, DecodeError> {
        super::read(NotificationReaderEvent::CATEGORY, event)
    }

    fn keys(&self, event: &NotificationReaderEvent) -> Vec<String> {
        vec![person_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<NotificationReaderRow>,
        event: &NotificationReaderEvent,
        _recorded: &Recorded,
    ) -> Option<NotificationReaderRow> {
        use NotificationReaderEvent as E;
        let nothing = || NotificationReaderRow {
            contact: String::new(),
            channels: String::new(),
            read_up_to: 0,
        };
        let row = row.unwrap_or_else(nothing);
        Some(match event {
            E::NotificationContactPut(put) => {
                let words: Vec<String> = put.channels.iter().map(ToString::to_string).collect();
                NotificationReaderRow {
                    contact: put.contact.to_string(),
                    channels: words.join(" "),
                    ..row
                }
            }
            E::NotificationContactRemoved(_) => {
                NotificationReaderRow { read_up_to: row.read_up_to, ..nothing() }
            }
            E::NotificationsRead(read) => NotificationReaderRow {
                read_up_to: i64::try_from(read.up_to).unwrap_or(i64::MAX),
                ..row
            },
        })
    }
}
