//! Notifications: what is to be told of a case or order, and what left the house. One outbox for each
//! case and each order; a transition is one entry with all its letters. What is read in the suite
//! itself is told by being in it; what leaves the house is noted when it has left, so that it is not
//! sent again whatever is built anew.
//!
//! | file | what |
//! |---|---|
//! | `notification/letters.rs` | who is told of a transition, and by which way |
//! | `notification/shipped.rs` | the rules and templates that are shipped |
//! | `notification/template.rs` | a template with its places filled in |
//! | `notification/rules.rs` | the county's own rules, an aggregate |
//! | `notification/reader.rs` | what a person says of how they are told, an aggregate |
//! | `notification.rules.md` | the rules of the outbox as a table, written by a test |

pub mod letters;
pub mod reader;
pub mod rules;
pub mod shipped;
pub mod template;

use std::collections::{BTreeMap, BTreeSet};

use contracts::dispatch::notification::{
    Letter, NotificationChannel, NotificationEvent, NotificationFailed, NotificationQueued,
    NotificationRetried, NotificationSent, SendFailure, Transition,
};
use kernel::{
    Aggregate, Timestamp,
    id::{CaseId, CategoryCode, NotificationId, PersonId, WorkOrderId},
};

/// The outbox of a case or order.
#[derive(Debug)]
pub struct Outbox;

/// How a letter stands that leaves the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be sent.
    Waiting,
    /// It was sent.
    Sent,
    /// It was given up.
    Failed,
}

/// What is in an outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The number of the last entry.
    last: u32,
    /// The places in the log of the events that were told.
    told: BTreeSet<u64>,
    /// The letters that leave the house, by entry and place.
    letters: BTreeMap<(u32, u32), Standing>,
}

/// Which letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// The outbox.
    pub notification: NotificationId,
    /// The entry, from 1.
    pub number: u32,
    /// The letter, from 1.
    pub letter: u32,
}

/// What may be asked of an outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Tell of a transition.
    QueueNotification(Box<Queue>),
    /// Note that a letter left the house.
    RecordSent {
        /// Now.
        at: Timestamp,
        /// Which.
        which: Which,
        /// How often it was tried.
        attempts: u32,
    },
    /// Note that a letter was given up.
    RecordFailed {
        /// Now.
        at: Timestamp,
        /// Which.
        which: Which,
        /// How often it was tried.
        attempts: u32,
        /// Why it failed the last time.
        reason: SendFailure,
    },
    /// Send one again that was given up.
    RetryNotification {
        /// Now.
        at: Timestamp,
        /// Which.
        which: Which,
        /// Who asks.
        by: PersonId,
    },
}

/// A transition to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Now.
    pub at: Timestamp,
    /// The outbox.
    pub notification: NotificationId,
    /// Of what.
    pub transition: Transition,
    /// The place in the log of the event that is told.
    pub cause: u64,
    /// The case, where there is one.
    pub case: Option<CaseId>,
    /// The order, where there is one.
    pub work_order: Option<WorkOrderId>,
    /// The category.
    pub category: Option<CategoryCode>,
    /// By when something is to be done.
    pub due: Option<Timestamp>,
    /// By which version of the rules.
    pub rule_version: u32,
    /// To whom.
    pub letters: Vec<Letter>,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is none, or it does not leave the house.
    #[error("there is no such notification to send: look at the list of those that were given up")]
    NoSuchNotification,
    /// It was sent.
    #[error("this notification was sent: it is not sent twice")]
    AlreadySent,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchNotification => "NO_SUCH_NOTIFICATION",
            Self::AlreadySent => "NOTIFICATION_ALREADY_SENT",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NoSuchNotification => "没有这条待发通知，请查看未送达列表",
            Self::AlreadySent => "该通知已送达，不再重发",
        }
        .to_owned()
    }
}

impl Aggregate for Outbox {
    const CATEGORY: &'static str = NotificationEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = NotificationEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<NotificationEvent>, Rejection> {
        use Command as C;
        use Standing as S;
        let standing = |which: &Which| state.letters.get(&(which.number, which.letter)).copied();
        match command {
            // An event is told once, and to nobody is not at all.
            C::QueueNotification(queue)
                if queue.letters.is_empty() || state.told.contains(&queue.cause) =>
            {
                Ok(vec![])
            }
            C::QueueNotification(queue) => Ok(vec![queued(state.last + 1, *queue).into()]),
            C::RecordSent { at, which, attempts } => match standing(&which) {
                None => Err(Rejection::NoSuchNotification),
                Some(S::Sent | S::Failed) => Ok(vec![]),
                Some(S::Waiting) => {
                    let Which { notification, number, letter } = which;
                    let occurred_at = at;
                    Ok(vec![
                        NotificationSent { occurred_at, notification, number, letter, attempts }
                            .into(),
                    ])
                }
            },
            C::RecordFailed { at, which, attempts, reason } => match standing(&which) {
                None => Err(Rejection::NoSuchNotification),
                Some(S::Sent | S::Failed) => Ok(vec![]),
                Some(S::Waiting) => {
                    let Which { notification, number, letter } = which;
                    Ok(vec![
                        NotificationFailed {
                            occurred_at: at,
                            notification,
                            number,
                            letter,
                            attempts,
                            reason,
                        }
                        .into(),
                    ])
                }
            },
            C::RetryNotification { at, which, by } => match standing(&which) {
                None => Err(Rejection::NoSuchNotification),
                Some(S::Sent) => Err(Rejection::AlreadySent),
                Some(S::Waiting) => Ok(vec![]),
                Some(S::Failed) => {
                    let Which { notification, number, letter } = which;
                    let occurred_at = at;
                    Ok(vec![
                        NotificationRetried { occurred_at, notification, number, letter, by }
                            .into(),
                    ])
                }
            },
        }
    }

    fn evolve(mut state: State, event: &NotificationEvent) -> State {
        use NotificationEvent as E;
        match event {
            E::NotificationQueued(event) => {
                state.last = event.number;
                state.told.insert(event.cause);
                let leaving = (1..).zip(&event.letters).filter(|(_, letter)| leaves(letter));
                for (place, _) in leaving {
                    state.letters.insert((event.number, place), Standing::Waiting);
                }
            }
            E::NotificationSent(event) => {
                state.letters.insert((event.number, event.letter), Standing::Sent);
            }
            E::NotificationFailed(event) => {
                state.letters.insert((event.number, event.letter), Standing::Failed);
            }
            E::NotificationRetried(event) => {
                state.letters.insert((event.number, event.letter), Standing::Waiting);
            }
        }
        state
    }
}

/// Whether a letter leaves the house.
pub fn leaves(letter: &Letter) -> bool {
    letter.channel != NotificationChannel::Inbox
}

fn queued(number: u32, queue: Queue) -> NotificationQueued {
    let Queue {
        at,
        notification,
        transition,
        cause,
        case,
        work_order,
        category,
        due,
        rule_version,
        letters,
    } = queue;
    NotificationQueued {
        occurred_at: at,
        notification,
        number,
        transition,
        cause,
        case,
        work_order,
        category,
        due,
        rule_version,
        letters,
    }
}

#[cfg(test)]
mod tests;
