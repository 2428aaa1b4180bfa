//! The mediations: lists, dates of follow-up, and figures. Nobody is named; the parties are a number.
//!
//! | file | what |
//! |---|---|
//! | `mediations/fold.rs` | what a row becomes by an event |
//! | `mediations/queries.rs` | the statements |

mod fold;
mod queries;

pub use fold::Event;
pub use queries::{Filter, Sight, due, figures, page};

/// The table.
#[derive(Debug)]
pub struct Mediations;

platform::row! {
    /// A mediation; the key is its order's id. Times are UTC milliseconds; a text is empty where there
    /// is nothing.
    pub struct MediationRow in "mediations" version 1 {
        /// The case.
        pub case_id: String,
        /// Where it stands, in the words of `Status`.
        pub status: String,
        /// The category's code.
        pub category: String,
        /// The code of the division where it is handled.
        pub division: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The 15 digits of the grid.
        pub grid: String,
        /// The organisation that has the order.
        pub org: String,
        /// The person who has the order.
        pub assignee: String,
        /// Always empty: who reported it is no part of it.
        pub reporter: String,
        /// A word of `MediationKind`.
        pub kind: String,
        /// A word of `Tier`.
        pub tier: String,
        /// A word of `DisputeLevel`.
        pub level: String,
        /// A word of `MediationOutcome`.
        pub outcome: String,
        /// Whether it was settled, 0 or 1.
        pub settled: i64,
        /// How many parties there are.
        pub parties: i64,
        /// How many of them have agreed.
        pub consents: i64,
        /// How many sessions were held.
        pub sessions: i64,
        /// When it was entered.
        pub opened_at: i64,
        /// When it ended; 0 while it has not.
        pub concluded_at: i64,
        /// The dates on which the agreement is looked at again that it was not looked at on yet, each
        /// as `<number>:<moment>`, with spaces between.
        pub follow_ups: String,
        /// The next of them that has not rung; the largest number where there is none.
        pub next_ring: i64,
        /// How many events it has.
        pub version: i64,
    }
    indexes [
        "township, opened_at",
        "village, opened_at",
        "org, opened_at",
        "assignee, opened_at",
        "opened_at",
        "next_ring WHERE status = 'settled'",
    ]
}

impl MediationRow {
    /// The dates that are still to come or to be looked at, with their numbers.
    pub fn dates(&self) -> Vec<(u32, i64)> {
        let read = |text: &str| {
            let (number, due) = text.split_once(':')?;
            Some((number.parse().ok()?, due.parse().ok()?))
        };
        self.follow_ups.split_whitespace().filter_map(read).collect()
    }
}
