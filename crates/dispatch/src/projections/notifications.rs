//! The letters: the list of whoever is told, what waits to leave the house, and what was given up.
//! A letter is found by its recipient and nothing else, so that nobody reads another's.
//!
//! | file | what |
//! |---|---|
//! | `notifications/fold.rs` | what a row becomes by an event |
//! | `notifications/queries.rs` | the statements |

mod fold;
mod queries;

pub use queries::{failed, inbox, unread, waiting};

use contracts::dispatch::notification::Recipient;

use crate::domain::notification::template::Values;

/// The table.
#[derive(Debug)]
pub struct Notifications;

/// It stays in the house.
pub const INBOX: &str = "inbox";
/// It is to be sent.
pub const WAITING: &str = "waiting";
/// It was sent.
pub const SENT: &str = "sent";
/// It was given up.
pub const FAILED: &str = "failed";

platform::row! {
    /// A letter; the key is `<outbox>/<number>/<letter>`, each number with leading zeros. Times are UTC
    /// milliseconds; a text is empty where there is nothing.
    pub struct NotificationRow in "notifications" version 1 {
        /// To whom: `person:<id>`, `organisation:<id>` or `desk:<division>`.
        pub recipient: String,
        /// A word of `Audience`.
        pub audience: String,
        /// A word of `NotificationChannel`.
        pub channel: String,
        /// A word of `Transition`.
        pub transition: String,
        /// The case.
        pub case_id: String,
        /// The order.
        pub work_order_id: String,
        /// The category's code.
        pub category: String,
        /// By when something is to be done; 0 where there is no such time.
        pub due: i64,
        /// By which version of the rules.
        pub rule_version: i64,
        /// `inbox`, `waiting`, `sent` or `failed`.
        pub status: String,
        /// How often it was tried.
        pub attempts: i64,
        /// A word of `SendFailure`, where it was given up.
        pub failure: String,
        /// Since when it is to be sent.
        pub since: i64,
        /// When it was told.
        pub queued_at: i64,
        /// The place in the log where it was told.
        pub position: i64,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// Always empty.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes [
        "recipient, position WHERE status = 'inbox'",
        "since WHERE status = 'waiting'",
        "township, position WHERE status = 'failed'",
        "position WHERE status = 'failed'",
    ]
}

impl NotificationRow {
    /// What stands in the places of its template.
    pub fn values(&self) -> Values {
        Values {
            case: self.case_id.clone(),
            work_order: self.work_order_id.clone(),
            category: self.category.clone(),
            due: self.due,
        }
    }
}

/// A recipient as the table has it.
pub fn address(recipient: &Recipient) -> String {
    let Recipient { person, organisation, desk } = recipient;
    let person = person.as_ref().map(|id| format!("person:{id}"));
    let organisation = organisation.as_ref().map(|id| format!("organisation:{id}"));
    let desk = desk.map(|division| format!("desk:{division}"));
    person.or(organisation).or(desk).unwrap_or_default()
}
