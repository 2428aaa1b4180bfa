//! What figures are computed from: a row a case, and sums beside the rows, so that an answer need not
//! read them. What each figure means stands in `docs/figures.md`.
//!
//! | file | what |
//! |---|---|
//! | `figures/stage.rs` | the stages of a case and of the work for it, as one line |
//! | `figures/fold.rs` | what a row becomes by an event |
//! | `figures/sums.rs` | what an event adds to the sums |
//! | `figures/queries.rs` | the statements |

mod fold;
mod queries;
mod stage;
mod sums;

use contracts::{dispatch::WorkOrderEvent, intake::CaseEvent};

pub use queries::{Ask, Grain, Line, Unanswerable, ask, open_before};
pub use stage::Stage;
pub use sums::{COUNTERS, Counts, Dimension};

/// The table.
#[derive(Debug)]
pub struct Figures;

/// What happened to a case, or to an order for it.
#[derive(Clone, Debug)]
pub enum Event {
    /// To a case.
    Case(CaseEvent),
    /// To an order.
    Order(WorkOrderEvent),
}

/// Days are those of China, which has one time, eight hours ahead, without summer time.
const AHEAD_MS: i64 = 8 * 3_600_000;

/// The day of a moment, counted from 1970-01-01.
pub const fn day_of(at_ms: i64) -> i64 {
    (at_ms + AHEAD_MS).div_euclid(86_400_000)
}

platform::row! {
    /// A case, by its id; or, by an order's id, which case that order serves, and nothing else. Times
    /// are UTC milliseconds, days are counted from 1970-01-01, a text is empty where there is nothing.
    /// From `reported` on each column is a figure: what this case adds to it.
    pub struct FigureRow in "figures" version 1 {
        /// Of an order: the case that it serves.
        pub case_id: String,
        /// Of a case: the order that serves it now.
        pub order_id: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The category's code.
        pub category: String,
        /// A word of `Channel`.
        pub channel: String,
        /// The organisation to which it went last.
        pub org: String,
        /// The person to whom it went last.
        pub assignee: String,
        /// The day on which it was reported.
        pub reported_day: i64,
        /// When it was reported.
        pub reported_at: i64,
        /// When it was accepted; 0 until then.
        pub accepted_at: i64,
        /// A word of `Stage`.
        pub stage: String,
        /// Since when it stands there.
        pub since: i64,
        /// Where it stood before it was suspended.
        pub paused: String,
        /// Where it stood before it was merged, or before its order was withdrawn.
        pub held: String,
        /// How often the order that serves it now was routed.
        pub routings: i64,
        /// Whether an order of it was routed a second time, 0 or 1.
        pub rerouted: i64,
        /// Whether it went last to a person who acts for no organisation, 0 or 1.
        pub with_member: i64,
        /// Whether the clock of handling of an order of it rang, 0 or 1.
        pub late: i64,
        /// Whether a clock of the order that serves it now rang, 0 or 1.
        pub rung: i64,
        /// One.
        pub reported: i64,
        /// Whether it was accepted.
        pub accepted: i64,
        /// Whether it was refused.
        pub refused: i64,
        /// Whether it was answered at once.
        pub answered: i64,
        /// Whether it was settled on the spot.
        pub on_site: i64,
        /// Whether it ended without being handled: merged, transferred, withdrawn, lapsed.
        pub ended: i64,
        /// Whether an order of it was routed.
        pub routed: i64,
        /// Whether it is done.
        pub closed: i64,
        /// Whether it is done and no clock of handling rang.
        pub on_time: i64,
        /// Whether it is done and no order of it was routed twice.
        pub first_assigned: i64,
        /// Whether an order of it was given back.
        pub returned: i64,
        /// Whether it was done once.
        pub closed_once: i64,
        /// Whether it was taken up again.
        pub reopened: i64,
        /// Whether the last round was rated.
        pub rated: i64,
        /// Whether its rating says that the handler got in touch.
        pub contacted: i64,
        /// Whether its rating says that the matter is solved.
        pub solved: i64,
        /// Whether its rating is fairly satisfied or better.
        pub satisfied: i64,
        /// Whether it was archived unrated.
        pub unrated: i64,
        /// Whether it was settled on the spot, or done by a grid's member.
        pub in_grid: i64,
        /// Whether it is open.
        pub open: i64,
        /// Whether it is open and little of its limit is left.
        pub at_risk: i64,
        /// Whether it is open and a clock of the order that serves it now rang.
        pub overdue: i64,
        /// From acceptance to done, milliseconds; 0 unless it is done.
        pub handling_ms: i64,
        /// Whether that took at most four hours.
        pub within_4h: i64,
        /// Longer, and at most a day of 24 hours.
        pub within_1d: i64,
        /// Longer, and at most three days.
        pub within_3d: i64,
        /// Longer, and at most seven days.
        pub within_7d: i64,
        /// Longer, and at most fifteen days.
        pub within_15d: i64,
        /// Longer, and at most thirty days.
        pub within_30d: i64,
    }
    indexes [
        "reported_day",
        "township, reported_day",
    ]
}
