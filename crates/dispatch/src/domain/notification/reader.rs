//! What a person says of how they are told: where beside the suite, and how far they have read.

use std::convert::Infallible;

use contracts::dispatch::notification::{
    NotificationChannel, NotificationContactPut, NotificationContactRemoved,
    NotificationReaderEvent, NotificationsRead,
};
use kernel::{
    Aggregate, Timestamp,
    id::{PersonId, RecordId},
};

/// The aggregate.
#[derive(Debug)]
pub struct NotificationReader;

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    contact: Option<(RecordId, Vec<NotificationChannel>)>,
    read_up_to: u64,
}

/// What may be asked, always by the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Tell me by these ways, too.
    PutNotificationContact {
        /// Now.
        at: Timestamp,
        /// Who.
        person: PersonId,
        /// The record with the addresses.
        contact: RecordId,
        /// By which ways.
        channels: Vec<NotificationChannel>,
    },
    /// Tell me in the suite alone.
    RemoveNotificationContact {
        /// Now.
        at: Timestamp,
        /// Who.
        person: PersonId,
    },
    /// I have read up to here.
    MarkNotificationsRead {
        /// Now.
        at: Timestamp,
        /// Who.
        person: PersonId,
        /// The place in the log.
        up_to: u64,
    },
}

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Rejection(Infallible);

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self.0 {}
    }

    fn message_zh(&self) -> String {
        match self.0 {}
    }
}

impl Aggregate for NotificationReader {
    const CATEGORY: &'static str = NotificationReaderEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = NotificationReaderEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<NotificationReaderEvent>, Rejection> {
        use Command as C;
        Ok(match command {
            C::PutNotificationContact { contact, channels, .. }
                if state.contact.as_ref() == Some(&(contact.clone(), channels.clone())) =>
            {
                vec![]
            }
            C::PutNotificationContact { at, person, contact, channels } => {
                vec![NotificationContactPut { occurred_at: at, person, contact, channels }.into()]
            }
            C::RemoveNotificationContact { at, person } => match state.contact {
                Some(_) => vec![NotificationContactRemoved { occurred_at: at, person }.into()],
                None => vec![],
            },
            C::MarkNotificationsRead { up_to, .. } if up_to <= state.read_up_to => vec![],
            C::MarkNotificationsRead { at, person, up_to } => {
                vec![NotificationsRead { occurred_at: at, person, up_to }.into()]
            }
        })
    }

    fn evolve(mut state: State, event: &NotificationReaderEvent) -> State {
        use NotificationReaderEvent as E;
        match event {
            E::NotificationContactPut(put) => {
                state.contact = Some((put.contact.clone(), put.channels.clone()));
            }
            E::NotificationContactRemoved(_) => state.contact = None,
            E::NotificationsRead(read) => state.read_up_to = read.up_to,
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use testkit::rules::table;

    use super::*;

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let person: PersonId = "620821000000-p".parse().unwrap();
        let at = Timestamp(1);
        let put = |record: &str| Command::PutNotificationContact {
            at,
            person: person.clone(),
            contact: record.parse().unwrap(),
            channels: vec![NotificationChannel::Mail],
        };
        let read = |up_to| Command::MarkNotificationsRead { at, person: person.clone(), up_to };
        let mail = vec![NotificationChannel::Mail];
        let contact = Some(("620821000000-r".parse().unwrap(), mail));
        let states = [
            ("无 none", State::default()),
            ("已留联系方式且已读 with a contact, read up to 6", State { contact, read_up_to: 6 }),
        ];
        let remove = Command::RemoveNotificationContact { at, person: person.clone() };
        let commands = [
            ("同样方式 PutNotificationContact, the same", put("620821000000-r")),
            ("联系方式 PutNotificationContact", put("620821000000-s")),
            ("取消 RemoveNotificationContact", remove),
            ("读到5 MarkNotificationsRead, up to 5", read(5)),
            ("读到7 MarkNotificationsRead, up to 7", read(7)),
        ];
        let said: fn(&NotificationReaderEvent) -> _ = |event| match event {
            NotificationReaderEvent::NotificationContactPut(_) => "留下联系方式 a contact is put",
            NotificationReaderEvent::NotificationContactRemoved(_) => "取消 the contact is removed",
            NotificationReaderEvent::NotificationsRead(_) => "已读 is read",
        };
        let rules = table::<NotificationReader>("通知对象 Readers", &states, &commands, said);
        testkit::rules::check("src/domain/notification/reader.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties_and_never_reads_backwards() {
        let person: PersonId = "620821000000-p".parse().unwrap();
        let at = Timestamp(1);
        let read = |up_to| {
            let person = person.clone();
            Command::MarkNotificationsRead { at, person, up_to }
        };
        let commands = [
            Command::PutNotificationContact {
                at,
                person: person.clone(),
                contact: "620821000000-r".parse().unwrap(),
                channels: vec![NotificationChannel::Mail],
            },
            Command::RemoveNotificationContact { at, person: person.clone() },
            read(7),
            read(5),
        ];
        testkit::properties::deciding_twice_changes_nothing::<NotificationReader>(&commands);
        testkit::properties::folding_equals_one_by_one::<NotificationReader>(&commands);
        testkit::properties::accepted_histories_never_panic::<NotificationReader>(&commands);
        let state = State { contact: None, read_up_to: 6 };
        assert_eq!(NotificationReader::decide(&state, read(5)), Ok(vec![]));
        assert_eq!(NotificationReader::decide(&state, read(7)).unwrap().len(), 1);
    }
}
