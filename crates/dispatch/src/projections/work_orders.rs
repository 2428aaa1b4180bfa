//! The orders: lists, deadlines, and how much is open with whom.
//!
//! | file | what |
//! |---|---|
//! | `work_orders/fold.rs` | what a row becomes by an event |
//! | `work_orders/queries.rs` | the statements |
//! | `work_orders/sweeps.rs` | the statements of the clocks and of routing |

mod fold;
mod queries;
mod sweeps;

pub use fold::{Clock, rung};
pub use queries::{Filter, OrderBy, Sight, WorkOrders, open_orders, page, some};
pub use sweeps::{due, emergencies, late, open_after, routed_since};

platform::row! {
    /// An order; the key is its id. Times are UTC milliseconds; a text is empty where there is
    /// nothing.
    pub struct WorkOrderRow in "work_orders" version 4 {
        /// The case that it serves.
        pub case_id: String,
        /// Which round of the case it serves, from 1.
        pub round: i64,
        /// Where it stands, in the words of `Status`.
        pub status: String,
        /// Whether it is not closed yet, 0 or 1.
        pub open: i64,
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
        /// The organisation to which it is assigned.
        pub org: String,
        /// The person to whom it is assigned.
        pub assignee: String,
        /// The person who reported the case.
        pub reporter: String,
        /// When it was created.
        pub created_at: i64,
        /// By when it must be accepted.
        pub accept_due: i64,
        /// By when it must be handled.
        pub due: i64,
        /// The next clock that may ring; the largest number where none runs.
        pub next_due: i64,
        /// Whether the clock of acceptance rang, 0 or 1.
        pub accept_overdue: i64,
        /// Whether the clock of handling rang, 0 or 1.
        pub handling_overdue: i64,
        /// Whether any clock rang, 0 or 1.
        pub overdue: i64,
        /// How long before its due time an order is at risk, in milliseconds.
        pub at_risk_before: i64,
        /// Whether the warning was given, 0 or 1.
        pub at_risk: i64,
        /// How long after its due time three times the limit is over, in milliseconds.
        pub threefold_after: i64,
        /// Whether the clock of three times the limit rang, 0 or 1.
        pub threefold_overdue: i64,
        /// The version of the working calendar that gave the deadlines.
        pub calendar_version: i64,
        /// By which list of rules it was routed last.
        pub rule_version: i64,
        /// How long handling may take, such as `3wd`.
        pub time_limit: String,
        /// A word of `Urgency`.
        pub urgency: String,
        /// Who said that it is done.
        pub handler: String,
        /// A word of `RoutingRule`.
        pub routing_rule: String,
        /// Where it stood before its clock stopped.
        pub before: String,
        /// Where it stood before it was withdrawn.
        pub withdrawn_from: String,
        /// The order of which it is a part.
        pub parent: String,
        /// A word of `OriginKind`, where it was made for more than its case.
        pub origin: String,
        /// How many parts it has.
        pub children: i64,
        /// How many of them have not ended.
        pub children_open: i64,
        /// How many of them were closed.
        pub children_closed: i64,
        /// The organisations that help, each between commas.
        pub assistants: String,
        /// How high it has climbed: 0 the village, 1 the township, 2 the county, 3 the prefecture.
        pub tier: i64,
        /// Since when the clock is late for which the ladder may raise it; the largest number where
        /// none is.
        pub late_since: i64,
        /// Which clock that is, a word of `DeadlineKind`.
        pub late_stage: String,
        /// How often it was given back.
        pub returns: i64,
        /// How often it was extended.
        pub extensions: i64,
        /// How often somebody asked where it stays.
        pub reminders: i64,
        /// What waits for a decision, `extension` or `suspension`; of a suspended order the reason.
        pub asks: String,
        /// The order's version.
        pub version: i64,
        /// When it last changed.
        pub updated_at: i64,
    }
    indexes [
        // The queues of each tier; what is closed lies apart from them.
        "county, due WHERE open = 1",
        "township, due WHERE open = 1",
        "village, due WHERE open = 1",
        "grid, due WHERE open = 1",
        "org, due WHERE open = 1",
        "assignee, due WHERE open = 1",
        // All there ever was.
        "county, created_at",
        "township, created_at",
        "grid, created_at",
        "org, created_at",
        "assignee, created_at",
        "case_id",
        "next_due WHERE open = 1",
        // The ladder.
        "urgency, late_stage, tier, late_since WHERE open = 1",
        "parent WHERE parent <> ''",
        // What others help with.
        "county, due WHERE open = 1 AND assistants <> ''",
        // What a new calendar goes over.
        "id WHERE open = 1",
    ]
}
